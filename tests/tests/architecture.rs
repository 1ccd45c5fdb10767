//! The eight invariants of the layout, checked by reading the sources. A failure names the file, the line and the rule.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping")]

use std::collections::BTreeMap;
use std::fs;

use kstreams::tables::{self, Scope};

use kstreams_tests::source::{Source, has_path, root, sources};

/// Rooms of the core, and the rooms that they must not see. The folder says who may rely on whom.
const ROOMS: [(&str, &[&str]); 17] = [
    ("dsl", &["runtime", "client", "native", "thread", "clock", "testing"]),
    ("topology", &["dsl", "runtime", "client", "native", "thread", "clock", "testing"]),
    ("operator", &["dsl", "runtime", "client", "native", "thread", "clock", "testing"]),
    ("state", &["dsl", "runtime", "client", "thread", "testing"]),
    ("client", &["dsl", "topology", "operator", "state", "runtime", "testing"]),
    ("config", &["dsl", "topology", "operator", "state", "runtime", "client", "thread", "clock", "testing"]),
    ("serde", &["dsl", "topology", "operator", "state", "runtime", "client", "native", "thread", "clock", "testing"]),
    ("error", NOUNS),
    ("value", NOUNS),
    ("record", NOUNS),
    ("header", NOUNS),
    ("clock", NOUNS),
    ("thread", NOUNS),
    ("future", NOUNS),
    ("log", NOUNS),
    ("host", &["dsl", "topology", "state", "client", "native", "testing"]),
    ("native", &["dsl", "topology", "operator", "runtime", "testing"]),
];

const NOUNS: &[&str] = &["dsl", "topology", "operator", "state", "runtime", "client", "config", "testing"];

/// Fails with all the places where a rule is broken.
fn expect_none(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// The places outside `allowed` where one of `words` stands in code.
fn words_outside(sources: &[Source], words: &[&str], allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let checked = sources.iter().filter(|source| !allowed(&source.path));
    checked.flat_map(|source| words.iter().flat_map(|word| source.places(word))).collect()
}

fn is_native(path: &str) -> bool {
    path == "core/src/native.rs" || path.starts_with("core/src/native/")
}

#[test]
fn the_sources_are_found() {
    let sources = sources(&["core/src", "ffi-c/src"]);
    for path in ["core/src/lib.rs", "core/src/error.rs", "core/src/native/thread.rs", "ffi-c/src/lib.rs"] {
        assert!(sources.iter().any(|source| source.path == path), "{path}");
    }
}

#[test]
fn invariant_1_unsafe_and_the_native_libraries_stay_in_their_rooms() {
    let all = sources(&["core/src", "ffi-c/src", "bindings-python/src", "bindings-node/src"]);
    let is_raw = |path: &str| path.starts_with("bindings-") && path.ends_with("/src/raw.rs");
    let may_be_unsafe = |path: &str| is_native(path) || is_raw(path) || path.starts_with("ffi-c/src");
    let unsafe_places = words_outside(&all, &["unsafe"], may_be_unsafe);
    expect_none("`unsafe` belongs to core/src/native, ffi-c and one raw.rs per binding", unsafe_places);
    let libraries = words_outside(&all, &["rdkafka", "rdkafka_sys", "rocksdb", "libc"], |path| {
        is_native(path) || is_raw(path) || path.starts_with("ffi-c/src")
    });
    expect_none("librdkafka, RocksDB and libc belong to core/src/native", libraries);
}

#[test]
fn invariants_2_to_4_rooms_see_only_what_they_may() {
    let mut broken = Vec::new();
    for source in sources(&["core/src"]) {
        let Some((_, forbidden)) = ROOMS.iter().find(|(room, _)| source.room() == *room) else { continue };
        for (line, room) in source.rooms_seen() {
            if forbidden.contains(&room.as_str()) {
                broken.push(format!("{}:{line}: `{}` must not see `{room}`", source.path, source.room()));
            }
        }
    }
    expect_none("the layout says who may rely on whom", broken);
}

#[test]
fn invariant_3_operators_do_no_input_or_output() {
    let operators: Vec<Source> =
        sources(&["core/src"]).into_iter().filter(|source| source.room() == "operator").collect();
    assert!(!operators.is_empty());
    let broken = words_outside(&operators, &["std::fs", "std::net", "std::io", "std::process", "std::env"], |_| false);
    expect_none("operators see records, stores and a context", broken);
}

#[test]
fn invariant_4_only_one_file_starts_threads() {
    let words = ["thread::spawn", "thread::Builder", "thread::scope"];
    // `crate::thread::spawn` is that file's own.
    let broken = words_outside(&sources(&["core/src", "ffi-c/src"]), &words, |path| path == "core/src/thread.rs");
    let broken = broken.into_iter().filter(|place| place.contains("std::thread") || !place.contains("thread::spawn"));
    expect_none("threads are started by core/src/thread.rs", broken.collect());
}

#[test]
fn invariant_5_only_one_file_asks_for_time_and_chance() {
    let words = ["SystemTime::now", "Instant::now", "thread::sleep", "RandomState", "rand::"];
    let allowed = |path: &str| path == "core/src/clock.rs" || path.starts_with("core/src/testing");
    let broken = words_outside(
        &sources(&["core/src", "ffi-c/src", "bindings-python/src", "bindings-node/src"]),
        &words,
        allowed,
    );
    expect_none("time and chance come from core/src/clock.rs; wait for a condition instead of sleeping", broken);
}

#[test]
fn invariant_6_bindings_rest_on_what_the_core_exports() {
    let mut broken = Vec::new();
    for package in ["ffi-c", "bindings-python", "bindings-node"] {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let dependencies = manifest["dependencies"].as_table().unwrap();
        for name in ["rdkafka", "rdkafka-sys", "rocksdb"].into_iter().filter(|name| dependencies.contains_key(*name)) {
            broken.push(format!("{package}/Cargo.toml: `{name}`"));
        }
        assert!(dependencies.contains_key("kstreams"), "{package}");
    }
    expect_none("bindings reach Kafka and stores through the core alone", broken);
}

#[test]
fn invariant_7_no_dependency_is_in_the_public_api() {
    let manifest: toml::Table = fs::read_to_string(root().join("core/Cargo.toml")).unwrap().parse().unwrap();
    let dependencies: Vec<String> =
        manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect();
    assert!(dependencies.iter().any(|name| name == "rdkafka"));
    let mut broken = Vec::new();
    for source in sources(&["core/src"]).iter().filter(|source| !is_native(&source.path)) {
        for (line, text) in source.lines() {
            let text = text.trim_start();
            // The library's root exports its own modules, one of which has the name of a crate.
            let is_root = source.path == "core/src/lib.rs";
            let is_public =
                !is_root && (text.starts_with("pub ") || text.starts_with("impl") && text.contains("From<"));
            if is_public && dependencies.iter().any(|name| has_path(text, name)) {
                broken.push(format!("{}:{line}: {text}", source.path));
            }
        }
    }
    expect_none("no public signature and no `From` names a dependency's type", broken);
}

#[test]
fn invariant_8_a_setting_is_named_in_one_place() {
    let keys = tables::settings().iter().filter(|key| key.scope == Scope::Streams).map(|key| key.name.as_ref());
    // One word without a dot is too little to tell a setting by.
    let keys: Vec<&str> = keys.filter(|name| name.contains('.')).collect();
    assert!(keys.contains(&"num.stream.threads"));
    let mut broken = Vec::new();
    // A binding may give a setting a place in its own language; what the setting means is the core's.
    for source in sources(&["core/src", "ffi-c/src"]) {
        let may_name = source.path.starts_with("core/src/config") || source.path.starts_with("core/src/testing");
        for (line, text) in source.strings().filter(|_| !may_name) {
            if keys.contains(&text) {
                broken.push(format!("{}:{line}: `{text}`", source.path));
            }
        }
    }
    expect_none("settings are named in core/src/config; use its constants", broken);
}

#[test]
fn invariant_8_an_error_kind_is_numbered_in_one_place() {
    let mut numbers: BTreeMap<i32, &str> = BTreeMap::new();
    for kind in kstreams::ErrorKind::ALL {
        assert_eq!(numbers.insert(kind as i32, kind.name()), None, "{kind}");
    }
    let others = sources(&["core/src", "ffi-c/src", "bindings-python/src", "bindings-node/src"]);
    let mut broken = Vec::new();
    for source in others.iter().filter(|source| source.path != "core/src/error.rs") {
        // A table of kinds is what must not exist twice; one kind's name in a message is fine.
        let named: Vec<_> = source.strings().filter(|(_, text)| numbers.values().any(|name| name == text)).collect();
        if named.len() > 3 {
            broken.push(format!("{}:{}: names {} kinds", source.path, named[0].0, named.len()));
        }
    }
    expect_none("error kinds are named in core/src/error.rs; use `ErrorKind::name`", broken);
}

#[test]
fn no_file_is_longer_than_one_can_read() {
    let long =
        |source: &Source| (source.code_lines() > 600).then(|| format!("{}: {}", source.path, source.code_lines()));
    expect_none(
        "a file has at most 600 lines of code: split it",
        sources(&["core/src", "ffi-c/src"]).iter().filter_map(long).collect(),
    );
}
