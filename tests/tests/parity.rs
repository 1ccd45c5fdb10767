//! The languages stay in step: `tests/conformance/api.toml` lists what each of them exports, and nothing else.

use std::collections::BTreeSet;

use kstreams_tests::parity::{ApiList, Item, LANGUAGES, Presence, TestPlace, exports};

/// How an item begins, for whoever adds one.
const SKELETON: &str = "add it to tests/conformance/api.toml, to the item of its concept or as a new one:
[[item]]
concept = \"Type.method\"        # Kafka's word
rust = \"…\"                     # or  rust.absent = \"not-applicable\" | \"language-has-it\"
c = \"…\"
python = \"…\"
node = \"…\"
tests.rust = \"file::test\"      # a test that calls it, for each language that has it";

fn list() -> ApiList {
    ApiList::read().unwrap_or_else(|mistakes| panic!("{} mistakes:\n{}", mistakes.len(), mistakes.join("\n")))
}

fn expect_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what} ({}):\n{}\n", found.len(), found.join("\n"));
}

/// A package that is not in the repository cannot be compared.
fn skip(language: &str) {
    println!("{language}: there is no package here, nothing was compared");
}

/// Both directions for one language.
fn compare(language: &str) {
    let Some(exports) = exports(language) else { return skip(language) };
    let list = list();
    let is_unsaid = |item: &&Item| matches!(item.presence(language), Presence::Unsaid);
    let unsaid: Vec<String> = list.items.iter().filter(is_unsaid).map(|item| format!("  {}", item.concept)).collect();
    // There is no word for "later": what is not there yet is left out, and said here.
    if !unsaid.is_empty() {
        println!("{language}: the list says nothing of {} items:\n{}", unsaid.len(), unsaid.join("\n"));
    }
    let mut listed = BTreeSet::new();
    let twice: Vec<String> = list
        .names(language)
        .filter(|(name, _)| !listed.insert((*name).to_owned()))
        .map(|(name, item)| format!("  {name}: again in {}", item.concept))
        .collect();
    expect_none(&format!("names of {language} that are in the list twice"), &twice);
    let unlisted: Vec<String> = exports.difference(&listed).map(|name| format!("  {name}")).collect();
    expect_none(&format!("exports of {language} that are not in the list; {SKELETON}\nnot listed"), &unlisted);
    let missing: Vec<String> = list
        .names(language)
        .filter(|(name, _)| !exports.contains(*name))
        .map(|(name, item)| format!("  {name}, of {}", item.concept))
        .collect();
    expect_none(&format!("names in the list that {language} does not export"), &missing);
}

#[test]
fn rust_exports_what_is_listed() {
    compare("rust");
}

#[test]
fn c_exports_what_is_listed() {
    compare("c");
}

#[test]
fn python_exports_what_is_listed() {
    compare("python");
}

#[test]
fn node_exports_what_is_listed() {
    compare("node");
}

#[test]
fn every_item_is_called_by_a_test_in_each_language() {
    let list = list();
    let mut missing = Vec::new();
    for language in LANGUAGES {
        if exports(language).is_none() {
            skip(language);
            continue;
        }
        for item in &list.items {
            if let Presence::Here { names, tests } = item.presence(language) {
                let found = uncalled(names, tests);
                missing.extend(found.iter().map(|what| format!("  {}, {language}: {what}", item.concept)));
            }
        }
    }
    expect_none("items whose tests do not call them", &missing);
}

/// What is wrong with an item's tests: they are not there, or none of them calls a name.
fn uncalled(names: &[String], tests: &[TestPlace]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut left: Vec<&str> = names.iter().map(String::as_str).collect();
    for test in tests {
        match test.uncalled(&left) {
            Ok(uncalled) => left = uncalled,
            Err(what) => wrong.push(what),
        }
    }
    wrong.extend(left.iter().map(|name| format!("no test of the item calls {name}")));
    wrong
}

/// Every concept is known to more than one language, or there is a reason that only one has it.
#[test]
fn every_item_is_somewhere() {
    let nowhere =
        |item: &&Item| !LANGUAGES.iter().any(|language| matches!(item.presence(language), Presence::Here { .. }));
    let list = list();
    let nowhere: Vec<String> = list.items.iter().filter(nowhere).map(|item| format!("  {}", item.concept)).collect();
    expect_none("items that no language has", &nowhere);
}
