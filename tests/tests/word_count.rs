//! The word count on a real Kafka: counts, restarts, restores, states.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping")]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kstreams::{ErrorKind, KafkaStreams, State};
use kstreams_tests::stage::{metric, words_of};
use kstreams_tests::{Stage, topics, wait_until};

const DEADLINE: Duration = Duration::from_secs(60);
const LINES: [&str; 4] =
    ["all streams lead to kafka", "hello kafka streams", "join kafka summit", "Hello again, hello"];

#[test]
fn words_are_counted_and_offsets_committed() {
    let stage = Stage::new("counted", 2);
    stage.write(&LINES);
    let streams = stage.run_word_count();
    stage.wait_for_outputs(&streams, words_of(&LINES));
    let tasks: Vec<String> = streams.local_tasks().iter().map(|task| task.id.to_string()).collect();
    assert_eq!(tasks, ["0_0", "0_1", "1_0", "1_1"]);
    streams.close(DEADLINE).unwrap();
    assert_eq!(streams.state(), State::NotRunning);
    stage.assert_counts(&LINES);
    assert_eq!(stage.end(&stage.output), words_of(&LINES));
    assert_eq!(metric(&streams, "process-total"), LINES.len() as i64 + words_of(&LINES));
    let committed = topics::committed(&stage.servers, &stage.id, &stage.input);
    assert_eq!(committed.values().sum::<i64>(), LINES.len() as i64);
}

#[test]
fn a_restart_goes_on_at_the_committed_offset_with_its_stores() {
    let stage = Stage::new("restarted", 1);
    stage.write(&LINES[..2]);
    let first = stage.run_word_count();
    stage.wait_for_outputs(&first, words_of(&LINES[..2]));
    first.close(DEADLINE).unwrap();
    stage.write(&LINES[2..]);
    let second = stage.run_word_count();
    stage.wait_for_outputs(&second, words_of(&LINES));
    second.close(DEADLINE).unwrap();
    stage.assert_counts(&LINES);
    assert_eq!(metric(&second, "restore-total"), 0, "the stores were at the end of their changelogs");
    assert_eq!(metric(&second, "process-total"), 2 + words_of(&LINES[2..]), "nothing was read again");
}

#[test]
fn deleted_state_is_restored_from_the_changelog_and_no_input_is_read_again() {
    let stage = Stage::new("restored", 2);
    stage.write(&LINES[..3]);
    let first = stage.run_word_count();
    stage.wait_for_outputs(&first, words_of(&LINES[..3]));
    first.close(DEADLINE).unwrap();
    first.clean_up().unwrap();
    assert!(!has_stores(stage.state.path()));
    stage.write(&LINES[3..]);
    let changelog = stage.end(&stage.changelog());
    let second = stage.run_word_count();
    stage.wait_for_outputs(&second, words_of(&LINES));
    second.close(DEADLINE).unwrap();
    assert_eq!(metric(&second, "restore-total"), changelog);
    assert_eq!(metric(&second, "process-total"), 1 + words_of(&LINES[3..]));
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
    let streams = KafkaStreams::new(&stage.word_count(), &stage.config()).unwrap();
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
    let streams = KafkaStreams::new(&stage.word_count(), &config).unwrap();
    streams.start().unwrap();
    stage.wait_for_outputs(&streams, words_of(&LINES));
    wait_until("both threads to have tasks", DEADLINE, || {
        let threads: Vec<usize> = streams.local_tasks().iter().map(|task| task.thread).collect();
        threads.len() == 8 && threads.iter().filter(|thread| **thread == 1).count() == 4
    });
    streams.close(DEADLINE).unwrap();
    stage.assert_counts(&LINES);
}
