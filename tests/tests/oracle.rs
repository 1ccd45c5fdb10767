//! Every recorded case that the engine can build gives what Kafka Streams gave.

use kstreams_tests::oracle::{Report, fixtures, try_file};

#[test]
fn recorded_cases_pass() {
    let mut all = Report::default();
    for file in fixtures().expect("the fixtures are there") {
        all.merge(try_file(&file, "").expect("the file can be read"));
    }
    let failures: Vec<String> =
        all.failed.iter().map(|(name, differences)| format!("{name}\n{differences}\n")).collect();
    assert!(failures.is_empty(), "{all}\n\n{}", failures.join("\n"));
    assert!(all.passed >= 200, "only {all}; not built yet: {:?}", all.wanted());
}
