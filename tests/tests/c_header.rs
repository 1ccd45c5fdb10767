//! The C interface: the header compiles everywhere, the library exports what is listed, and for every rule that a program
//! can break there is a program in `tests/c` that breaks it, run under the address and undefined-behaviour sanitizers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use kstreams_tests::KafkaCluster;

/// A test for each program: its name is the file's.
macro_rules! programs {
    ($($name:ident)*) => {
        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                run_program(stringify!($name));
            }
        )*
    };
}

programs! {
    abi_version
    admin_clients
    applications
    bad_input_applications
    close_and_destroy
    consumers
    destroy_in_any_order
    destructors_run_once
    emitters_end_with_their_call
    errors_are_objects
    futures_are_read_once
    inputs_are_copied
    interface
    null_arguments
    one_at_a_time
    operators
    outputs_are_null_on_failure
    panics_are_internal
    partial_failures_are_results
    sessions_run_on_any_thread
    sized_structs
    stale_handles
    topics_on_kafka
    user_errors_come_back
    word_count
    wrong_order_and_wrong_data
}

#[test]
fn every_program_is_a_test() {
    let files = fs::read_dir(project().join("tests/c")).unwrap().map(|entry| entry.unwrap().path());
    let programs = files.filter(|path| path.extension().is_some_and(|extension| extension == "c"));
    let programs: BTreeSet<String> =
        programs.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(programs, PROGRAMS.iter().map(|&name| name.to_owned()).collect());
}

#[test]
fn the_header_is_c99_c11_and_cpp17() {
    let folder = project().join("include");
    for (compiler, language, standard) in [("gcc", "c", "c99"), ("gcc", "c", "c11"), ("g++", "c++", "c++17")] {
        for testing in [&[][..], &["-DKS_TESTING"]] {
            let mut compile = Command::new(compiler);
            compile.args(["-x", language, &format!("-std={standard}"), "-fsyntax-only"]).args(WARNINGS).args(testing);
            // A header on its own has no includes of others to lean on.
            succeed(compile.arg("-include").arg(folder.join("kstreams.h")).arg("/dev/null"));
        }
    }
}

#[test]
fn the_library_exports_what_is_listed() {
    let exports = succeed(Command::new("nm").args(["-D", "--defined-only"]).arg(library()));
    let exports = String::from_utf8(exports.stdout).unwrap();
    let mut exports: Vec<&str> = exports.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    exports.sort_unstable();
    let listed = fs::read_to_string(project().join("ffi-c/abi/symbols.txt")).unwrap();
    assert_eq!(exports, listed.lines().collect::<Vec<_>>());
}

#[test]
fn the_header_declares_what_the_library_exports() {
    let header = fs::read_to_string(project().join("include/kstreams.h")).unwrap();
    let listed = fs::read_to_string(project().join("ffi-c/abi/symbols.txt")).unwrap();
    for symbol in listed.lines() {
        assert_eq!(header.matches(&format!("{symbol}(")).count() - mentions(&header, symbol), 1, "{symbol}");
    }
}

/// How often a comment speaks of a function.
fn mentions(header: &str, symbol: &str) -> usize {
    header.matches(&format!("{symbol}()")).count()
}

#[test]
fn the_library_has_the_name_of_its_interface() {
    let dynamic = succeed(Command::new("readelf").arg("-d").arg(library()));
    let dynamic = String::from_utf8(dynamic.stdout).unwrap();
    assert!(dynamic.contains("soname: [libkstreams.so.0]"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
}

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// Compiles and runs `tests/c/<name>.c`.
fn run_program(name: &str) {
    let folder = programs_folder();
    let program = folder.join(name);
    let mut compile = Command::new("gcc");
    compile.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-DKS_TESTING", "-g"]).args(WARNINGS);
    compile.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    compile.arg("-I").arg(project().join("include")).arg(project().join(format!("tests/c/{name}.c")));
    compile.arg("-o").arg(&program).arg("-L").arg(folder).args(["-lkstreams", "-lpthread"]);
    compile.arg(format!("-Wl,-rpath,{}", folder.display()));
    succeed(&mut compile);
    let mut run = Command::new("timeout");
    run.arg("60").arg(&program);
    if name.ends_with("_on_kafka") {
        run.env("KS_BOOTSTRAP_SERVERS", KafkaCluster::shared().bootstrap_servers());
    }
    succeed(&mut run);
}

/// Where the library stands under the names that the linker and the loader look for.
fn programs_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = library().with_file_name("c-programs");
        fs::create_dir_all(&folder).unwrap();
        for name in ["libkstreams.so.0", "libkstreams.so"] {
            let link = folder.join(name);
            if !link.exists() {
                std::os::unix::fs::symlink(library(), link).unwrap();
            }
        }
        folder
    })
}

/// The library, built once: cargo does not build a library of another package for a test.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        succeed(Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "kstreams-ffi"]));
        let test = std::env::current_exe().unwrap();
        let library = test.parent().and_then(Path::parent).expect("tests stand in `deps`").join("libkstreams.so");
        assert!(library.exists(), "{} is not there", library.display());
        library
    })
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{text}", output.status);
    output
}
