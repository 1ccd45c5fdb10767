//! The last line of `make test` is honest: what `tests/summary` makes of runners that fail, crash, or say nothing.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping")]

use std::fs;
use std::process::Command;

use kstreams_tests::process::Process;

const CARGO: &str = "running 3 tests\ntest result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
const PYTEST: &str = "==== \u{1b}[31m1 failed\u{1b}[0m, 4 passed, 2 skipped, 1 error in 0.12s ====\n";
const NODE: &str = "ℹ tests 7\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n";

/// The last line and the exit status for suites `(name, log, status)`.
fn summary(suites: &[(&str, &str, &str)]) -> (String, bool) {
    let folder = Process::in_new_folder("summary");
    for (name, log, status) in suites {
        fs::write(folder.folder().join(format!("{name}.log")), log).unwrap();
        fs::write(folder.folder().join(format!("{name}.status")), status).unwrap();
    }
    let mut command = Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/summary")).arg(folder.folder());
    let output = command.args(suites.iter().map(|s| s.0)).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text.lines().last().unwrap().to_owned(), output.status.success())
}

#[test]
fn every_runner_is_understood_and_added() {
    let c = "tests/c: 3 passed, 0 failed\n";
    let (line, good) = summary(&[("rust", CARGO, "101"), ("python", PYTEST, "1"), ("node", NODE, "1"), ("c", c, "0")]);
    assert_eq!((line.as_str(), good), ("14 passed, 5 failed", false));
}

#[test]
fn nothing_failed_only_if_nothing_failed() {
    assert_eq!(summary(&[("c", "12 passed, 0 failed\n", "0")]), ("12 passed, 0 failed".to_owned(), true));
}

#[test]
fn a_test_program_that_dies_counts_as_failed() {
    let log = format!(
        "running 9 tests\nerror: test failed, to rerun pass `--test x`\n{}",
        CARGO.replace("1 failed", "0 failed")
    );
    assert_eq!(summary(&[("rust", &log, "101")]), ("2 passed, 1 failed".to_owned(), false));
}

#[test]
fn a_runner_that_ends_badly_counts_as_failed() {
    assert_eq!(summary(&[("c", "5 passed, 0 failed\n", "139")]), ("5 passed, 1 failed".to_owned(), false));
}

#[test]
fn a_runner_without_a_summary_counts_as_failed() {
    assert_eq!(summary(&[("node", "all is well\n", "0")]), ("0 passed, 1 failed".to_owned(), false));
}
