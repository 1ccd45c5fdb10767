//! `tests/bad_input.md` is complete: a row for each thing that a program can do wrong, and in each language a test that does
//! it, or the reason why it cannot be done there.

use std::fs;

use kstreams_tests::parity::{LANGUAGES, TestPlace};
use kstreams_tests::source::root;

/// What must be in the table.
const CASES: [&str; 19] = [
    "wrong broker address",
    "unknown topic",
    "unknown setting",
    "setting out of range",
    "record that a serde cannot read",
    "function that throws",
    "function that panics",
    "function that returns the wrong type",
    "function that never returns before close",
    "no right to the state directory",
    "state directory in use",
    "foreign state layout",
    "null handle",
    "handle after close",
    "handle destroyed twice",
    "forged handle",
    "calls in the wrong order",
    "two threads in one consumer",
    "fork",
];

struct Row {
    case: String,
    /// The cells, one for each language.
    cells: Vec<String>,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("tests/bad_input.md")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with('|'));
    let rows = lines.skip(2).map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        Row { case: cells.next().unwrap(), cells: cells.collect() }
    });
    rows.collect()
}

#[test]
fn the_table_has_every_case_and_every_language() {
    let rows = rows();
    let cases: Vec<&str> = rows.iter().map(|row| row.case.as_str()).collect();
    assert_eq!(cases, CASES);
    for row in &rows {
        assert_eq!(row.cells.len(), LANGUAGES.len(), "{}", row.case);
    }
}

/// What is wrong with a cell: it names tests, or says `– ` and why there is none.
fn mistake(cell: &str) -> Option<String> {
    if let Some(reason) = cell.strip_prefix("– ") {
        return (reason.len() < 10).then(|| "a reason is a sentence".to_owned());
    }
    let places: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
    if places.is_empty() {
        return Some("no test, and no reason for it".to_owned());
    }
    places.into_iter().find_map(|place| TestPlace::parse(place).code().err())
}

#[test]
fn every_cell_names_a_test_that_is_there() {
    let mut mistakes = Vec::new();
    for row in rows() {
        for (language, cell) in LANGUAGES.iter().zip(&row.cells) {
            mistakes.extend(mistake(cell).map(|what| format!("  {}, {language}: {what}", row.case)));
        }
    }
    assert!(mistakes.is_empty(), "cells of tests/bad_input.md ({}):\n{}", mistakes.len(), mistakes.join("\n"));
}
