//! The word count loses its state directory, or its broker for a while.

use std::fs;
use std::time::Duration;

use kstreams_tests::wordcount::{last_counts, plain_count, words};
use kstreams_tests::{Instance, KafkaCluster, topics};

const DEADLINE: Duration = Duration::from_secs(90);
const PARTITIONS: i32 = 2;

/// Lines of five words from a small vocabulary.
fn lines(from: usize, count: usize) -> Vec<String> {
    let line = |i: usize| (0..5).map(|j| format!("w{}", (i * 7 + j * 131) % 997)).collect::<Vec<_>>().join(" ");
    (from..from + count).map(line).collect()
}

fn all(lines: &[String]) -> impl Iterator<Item = &str> {
    lines.iter().map(String::as_str)
}

fn words_of(lines: &[String]) -> i64 {
    all(lines).map(|line| words(line).len() as i64).sum()
}

fn end(servers: &str, topic: &str) -> i64 {
    topics::end_offsets(servers, topic).map_or(0, |ends| ends.iter().sum())
}

fn wait_for_outputs(instance: &mut Instance, servers: &str, output: &str, count: i64) {
    instance.wait_until(&format!("{count} outputs"), DEADLINE, |_| end(servers, output) >= count);
}

fn instance(servers: &str, id: &str) -> Instance {
    let (input, output) = (format!("{id}-input"), format!("{id}-output"));
    topics::create(servers, &[(&input, PARTITIONS), (&output, 1)]);
    Instance::new(env!("CARGO_BIN_EXE_word_count"), servers, id, &input, &output).set("commit.interval.ms", "100")
}

#[test]
fn a_deleted_state_directory_is_restored_from_the_changelog() {
    let (servers, id) = (KafkaCluster::shared().bootstrap_servers(), "deleted");
    let (input, output) = (format!("{id}-input"), format!("{id}-output"));
    let changelog = format!("{id}-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog");
    let mut instance = instance(servers, id);
    let mut text = lines(0, 4_000);
    topics::write_lines(servers, &input, all(&text));
    instance.start();
    wait_for_outputs(&mut instance, servers, &output, words_of(&text));
    instance.close();
    assert_eq!(instance.lines_split(), text.len() as u64);
    assert_eq!(end(servers, &changelog), words_of(&text));

    fs::remove_dir_all(instance.state_dir()).unwrap();
    instance.start();
    instance.wait_until_running(DEADLINE);
    assert_eq!(instance.restored(), words_of(&text), "{}", instance.log());
    for (partition, from, _) in instance.restores() {
        assert_eq!(from, 0, "{partition}");
    }
    let committed = topics::committed(servers, id, &input);
    for (partition, at) in instance.reads().into_iter().filter(|(partition, _)| partition.starts_with(&input)) {
        let number = partition.rsplit_once('-').unwrap().1.parse().unwrap();
        assert_eq!(Some(&at), committed.get(&number), "{partition}");
    }
    let more = lines(4_000, 500);
    topics::write_lines(servers, &input, all(&more));
    text.extend(more);
    wait_for_outputs(&mut instance, servers, &output, words_of(&text));
    instance.close();
    assert_eq!(instance.lines_split(), text.len() as u64, "no input is read again");
    assert_eq!(end(servers, &output), words_of(&text));
    assert_eq!(last_counts(&topics::dump(servers, &output)), plain_count(all(&text)));
    assert_eq!(last_counts(&topics::dump(servers, &changelog)), plain_count(all(&text)));
}

#[test]
fn a_broker_that_stops_and_starts_again_is_waited_for() {
    let kafka = KafkaCluster::start();
    let (servers, id) = (kafka.bootstrap_servers(), "outage");
    let (input, output) = (format!("{id}-input"), format!("{id}-output"));
    let mut instance = instance(servers, id);
    let text = lines(0, 60_000);
    topics::write_lines(servers, &input, all(&text));
    instance.start();
    wait_for_outputs(&mut instance, servers, &output, 5_000);
    kafka.stop();
    instance.wait_for_log("waiting for the brokers", DEADLINE);
    kafka.start_again();
    let written = end(servers, &output);
    assert!(written < words_of(&text), "the broker was stopped in the middle, not after {written} outputs");
    wait_for_outputs(&mut instance, servers, &output, words_of(&text));
    instance.close();
    assert_eq!(end(servers, &output), words_of(&text), "nothing is written twice");
    assert_eq!(instance.lines_split(), text.len() as u64, "nothing is processed twice");
    assert_eq!(last_counts(&topics::dump(servers, &output)), plain_count(all(&text)));
}
