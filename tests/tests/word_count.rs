//! The word count on a real Kafka: counts, restarts, restores, states.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kstreams::{Config, ErrorKind, KafkaStreams, State, Topology};
use kstreams_tests::wordcount::{self, last_counts, plain_count};
use kstreams_tests::{KafkaCluster, logs, topics, wait_until};
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_secs(60);
const LINES: [&str; 4] =
    ["all streams lead to kafka", "hello kafka streams", "join kafka summit", "Hello again, hello"];

/// Topics, an application id and a state directory that no other test uses.
struct Stage {
    servers: &'static str,
    id: String,
    input: String,
    output: String,
    state: TempDir,
}

impl Stage {
    fn new(id: &str, partitions: i32) -> Self {
        logs::show();
        let servers = KafkaCluster::shared().bootstrap_servers();
        let (input, output) = (format!("{id}-input"), format!("{id}-output"));
        topics::create(servers, &[(&input, partitions), (&output, 1)]);
        Self { servers, id: id.to_owned(), input, output, state: tempfile::tempdir().unwrap() }
    }

    fn topology(&self) -> Topology {
        wordcount::topology(&self.input, &self.output)
    }

    fn config(&self) -> Config {
        wordcount::config(self.servers, &self.id)
            .set("state.dir", self.state.path().display())
            .set("commit.interval.ms", 200)
            .set("session.timeout.ms", 6000)
    }

    fn start(&self) -> KafkaStreams {
        let streams = KafkaStreams::new(&self.topology(), &self.config()).unwrap();
        streams.start().unwrap();
        streams.wait_for(State::Running, DEADLINE).unwrap();
        streams
    }

    fn write(&self, lines: &[&str]) {
        topics::write_lines(self.servers, &self.input, lines.iter().copied());
    }

    fn changelog(&self) -> String {
        format!("{}-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog", self.id)
    }

    fn end(&self, topic: &str) -> i64 {
        topics::end_offsets(self.servers, topic).map_or(0, |ends| ends.iter().sum())
    }

    fn wait_for_outputs(&self, count: i64) {
        wait_until(&format!("{count} outputs"), DEADLINE, || self.end(&self.output) >= count);
    }

    fn assert_counts(&self, lines: &[&str]) {
        let counts = last_counts(&topics::dump(self.servers, &self.output));
        assert_eq!(counts, plain_count(lines.iter().copied()));
    }
}

fn metric(streams: &KafkaStreams, name: &str) -> u64 {
    streams.metrics()[name] as u64
}

fn words_of(lines: &[&str]) -> i64 {
    lines.iter().map(|line| wordcount::words(line).len() as i64).sum()
}

#[test]
fn words_are_counted_and_offsets_committed() {
    let stage = Stage::new("counted", 2);
    stage.write(&LINES);
    let streams = stage.start();
    stage.wait_for_outputs(words_of(&LINES));
    let tasks: Vec<String> = streams.local_tasks().iter().map(|task| task.id.to_string()).collect();
    assert_eq!(tasks, ["0_0", "0_1", "1_0", "1_1"]);
    streams.close(DEADLINE).unwrap();
    assert_eq!(streams.state(), State::NotRunning);
    stage.assert_counts(&LINES);
    assert_eq!(stage.end(&stage.output), words_of(&LINES));
    assert_eq!(metric(&streams, "process-total") as i64, LINES.len() as i64 + words_of(&LINES));
    let committed = topics::committed(stage.servers, &stage.id, &stage.input);
    assert_eq!(committed.values().sum::<i64>(), LINES.len() as i64);
}

#[test]
fn a_restart_goes_on_at_the_committed_offset_with_its_stores() {
    let stage = Stage::new("restarted", 1);
    stage.write(&LINES[..2]);
    let first = stage.start();
    stage.wait_for_outputs(words_of(&LINES[..2]));
    first.close(DEADLINE).unwrap();
    stage.write(&LINES[2..]);
    let second = stage.start();
    stage.wait_for_outputs(words_of(&LINES));
    second.close(DEADLINE).unwrap();
    stage.assert_counts(&LINES);
    assert_eq!(metric(&second, "restore-total"), 0, "the stores were at the end of their changelogs");
    assert_eq!(metric(&second, "process-total") as i64, 2 + words_of(&LINES[2..]), "nothing was read again");
}

#[test]
fn deleted_state_is_restored_from_the_changelog_and_no_input_is_read_again() {
    let stage = Stage::new("restored", 2);
    stage.write(&LINES[..3]);
    let first = stage.start();
    stage.wait_for_outputs(words_of(&LINES[..3]));
    first.close(DEADLINE).unwrap();
    first.clean_up().unwrap();
    assert!(!has_stores(stage.state.path()));
    stage.write(&LINES[3..]);
    let changelog = stage.end(&stage.changelog());
    let second = stage.start();
    stage.wait_for_outputs(words_of(&LINES));
    second.close(DEADLINE).unwrap();
    assert_eq!(metric(&second, "restore-total") as i64, changelog);
    assert_eq!(metric(&second, "process-total") as i64, 1 + words_of(&LINES[3..]));
    stage.assert_counts(&LINES);
}

fn has_stores(directory: &Path) -> bool {
    let applications = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    applications.filter(|path| path.is_dir()).any(|application| {
        std::fs::read_dir(application).unwrap().any(|entry| entry.unwrap().file_name().to_string_lossy().contains('_'))
    })
}

#[test]
fn the_listener_hears_every_state_in_its_order() {
    let stage = Stage::new("listened", 1);
    let streams = KafkaStreams::new(&stage.topology(), &stage.config()).unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&heard);
    streams.set_state_listener(Arc::new(move |new, old| listener.lock().unwrap().push((new, old)))).unwrap();
    assert_eq!(streams.state(), State::Created);
    streams.start().unwrap();
    streams.wait_for(State::Running, DEADLINE).unwrap();
    assert_eq!(streams.set_state_listener(Arc::new(|_, _| {})).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(streams.start().unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(streams.clean_up().unwrap_err().kind(), ErrorKind::Invalid);
    streams.close(DEADLINE).unwrap();
    streams.close(DEADLINE).unwrap();
    let heard = heard.lock().unwrap().clone();
    assert_eq!(
        heard,
        [
            (State::Rebalancing, State::Created),
            (State::Running, State::Rebalancing),
            (State::PendingShutdown, State::Running),
            (State::NotRunning, State::PendingShutdown),
        ]
    );
}

#[test]
fn several_threads_share_the_tasks() {
    let stage = Stage::new("threaded", 4);
    stage.write(&LINES);
    let config = stage.config().set("num.stream.threads", 2);
    let streams = KafkaStreams::new(&stage.topology(), &config).unwrap();
    streams.start().unwrap();
    stage.wait_for_outputs(words_of(&LINES));
    wait_until("both threads to have tasks", DEADLINE, || {
        let threads: Vec<usize> = streams.local_tasks().iter().map(|task| task.thread).collect();
        threads.len() == 8 && threads.iter().filter(|thread| **thread == 1).count() == 4
    });
    streams.close(DEADLINE).unwrap();
    stage.assert_counts(&LINES);
}
