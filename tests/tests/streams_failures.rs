//! What an application does when something is wrong: topics, records, functions, brokers, directories.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use kstreams::{
    Consumed, Error, ErrorKind, Handlers, KafkaStreams, Produced, State, StreamsBuilder, Topology, UncaughtResponse,
    log_and_continue, serde,
};
use kstreams_tests::stage::{metric, words_of};
use kstreams_tests::{KafkaCluster, Stage, topics, wait_until};

const DEADLINE: Duration = Duration::from_secs(60);

/// Copies texts from the input to the output through a function.
fn copy(stage: &Stage, function: impl Fn(&str) -> kstreams::Result<String> + Send + Sync + 'static) -> Topology {
    let builder = StreamsBuilder::new();
    builder
        .stream::<Option<String>, String>(stage.input.as_str(), Consumed::with(serde::utf8(), serde::utf8()))
        .map_values(move |_, text| function(text))
        .to(stage.output.as_str(), Produced::with(serde::utf8(), serde::utf8()));
    builder.build().unwrap()
}

/// Copies numbers; the input may have what is none.
fn copy_numbers(stage: &Stage) -> Topology {
    let builder = StreamsBuilder::new();
    builder
        .stream::<Option<String>, i64>(stage.input.as_str(), Consumed::with(serde::utf8(), serde::long()))
        .to(stage.output.as_str(), Produced::with(serde::utf8(), serde::long()));
    builder.build().unwrap()
}

fn write_numbers_with_a_bad_one(stage: &Stage) {
    let good = 7_i64.to_be_bytes();
    let values: [&[u8]; 3] = [&good, b"bad", &good];
    topics::write(&stage.servers, &stage.input, values.map(|value| (0, None, Some(value))));
}

#[test]
fn a_missing_source_topic_ends_the_application_with_its_name() {
    let stage = Stage::without_topics(KafkaCluster::shared().bootstrap_servers(), "missing");
    let streams = stage.start(&stage.word_count());
    let error = streams.wait_until_stopped(DEADLINE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.fact("topic"), Some("missing-input"));
    assert!(error.to_string().contains("create it"), "{error}");
    assert_eq!(streams.state(), State::Error);
    streams.close(DEADLINE).unwrap();
    assert_eq!(streams.state(), State::Error);
}

#[test]
fn a_record_that_cannot_be_read_ends_the_application_and_nothing_after_it_is_committed() {
    let stage = Stage::new("unreadable", 1);
    write_numbers_with_a_bad_one(&stage);
    let streams = stage.start(&copy_numbers(&stage));
    let error = streams.wait_until_stopped(DEADLINE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    let place = (error.fact("topic"), error.fact("partition"), error.fact("offset"));
    assert_eq!(place, (Some("unreadable-input"), Some("0"), Some("1")));
    let committed = topics::committed(&stage.servers, &stage.id, &stage.input);
    assert!(committed.get(&0).is_none_or(|offset| *offset <= 1), "{committed:?}");
}

#[test]
fn a_handler_that_continues_skips_the_record() {
    let stage = Stage::new("skipped", 1);
    write_numbers_with_a_bad_one(&stage);
    let streams = KafkaStreams::new(&copy_numbers(&stage), &stage.config()).unwrap();
    streams.set_handlers(Handlers { deserialization: log_and_continue(), ..Handlers::default() }).unwrap();
    streams.start().unwrap();
    stage.wait_for_outputs(&streams, 2);
    streams.close(DEADLINE).unwrap();
    assert_eq!(metric(&streams, "dropped-records-total"), 1);
    assert_eq!(topics::committed(&stage.servers, &stage.id, &stage.input)[&0], 3);
}

#[test]
fn the_uncaught_handler_gets_the_function_s_own_error() {
    let stage = Stage::new("uncaught", 1);
    stage.write(&["fine", "boom"]);
    let object: Arc<dyn std::any::Any + Send + Sync> = Arc::new("the program's exception");
    let thrown = Arc::clone(&object);
    let topology = copy(&stage, move |text| match text {
        "boom" => Err(Error::from_user("boom", Arc::clone(&thrown))),
        text => Ok(text.to_owned()),
    });
    let streams = KafkaStreams::new(&topology, &stage.config()).unwrap();
    let caught = Arc::new(Mutex::new(Vec::new()));
    let handler = Arc::clone(&caught);
    streams
        .set_uncaught_exception_handler(Arc::new(move |error| {
            handler.lock().unwrap().push(error.clone());
            UncaughtResponse::ShutdownClient
        }))
        .unwrap();
    streams.start().unwrap();
    let error = streams.wait_until_stopped(DEADLINE).unwrap_err();
    let caught = caught.lock().unwrap();
    assert_eq!(caught.len(), 1);
    for error in [&caught[0], &error] {
        assert_eq!(error.kind(), ErrorKind::User);
        assert!(Arc::ptr_eq(error.user_data().unwrap(), &object));
    }
    assert_eq!(streams.state(), State::Error);
}

#[test]
fn a_replaced_thread_goes_on_from_the_last_commit() {
    let stage = Stage::new("replaced", 1);
    stage.write(&["one", "two", "three"]);
    let failed = Arc::new(AtomicBool::new(false));
    let topology = copy(&stage, move |text| {
        if text == "two" && !failed.swap(true, Ordering::SeqCst) {
            return Err(Error::invalid("only once"));
        }
        Ok(text.to_owned())
    });
    let streams = KafkaStreams::new(&topology, &stage.config()).unwrap();
    streams.set_uncaught_exception_handler(Arc::new(|_| UncaughtResponse::ReplaceThread)).unwrap();
    streams.start().unwrap();
    wait_until("the last record", DEADLINE, || {
        topics::dump(&stage.servers, &stage.output).iter().any(|record| record.value.as_deref() == Some(b"three"))
    });
    assert_eq!(metric(&streams, "failed-stream-threads"), 1);
    streams.wait_for(State::Running, DEADLINE).unwrap();
    streams.close(DEADLINE).unwrap();
    assert_eq!(streams.state(), State::NotRunning);
}

#[test]
fn closing_from_inside_of_a_function_does_not_hang() {
    let stage = Stage::new("inside", 1);
    stage.write(&["stop"]);
    let streams: Arc<OnceLock<KafkaStreams>> = Arc::default();
    let own = Arc::clone(&streams);
    let topology = copy(&stage, move |text| {
        own.get().expect("it was started from there").close(DEADLINE)?;
        Ok(text.to_owned())
    });
    assert!(streams.set(KafkaStreams::new(&topology, &stage.config()).unwrap()).is_ok());
    let running = streams.get().unwrap();
    running.start().unwrap();
    running.wait_until_stopped(DEADLINE).unwrap();
    assert_eq!(running.state(), State::NotRunning);
    assert_eq!(topics::committed(&stage.servers, &stage.id, &stage.input)[&0], 1);
}

#[test]
fn a_cluster_that_cannot_be_reached_is_waited_for_and_named() {
    let stage = Stage::without_topics("127.0.0.1:1", "unreachable");
    let streams = stage.start(&stage.word_count());
    let error = streams.wait_for(State::Running, Duration::from_secs(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(format!("{error:?}").contains("127.0.0.1:1"), "{error:?}");
    assert_eq!(streams.state(), State::Rebalancing);
    let begin = Instant::now();
    streams.close(Duration::from_secs(5)).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[test]
fn closing_ends_within_its_deadline_while_the_broker_is_down() {
    let kafka = KafkaCluster::start();
    let stage = Stage::on(&kafka, "down", 1);
    stage.write(&["hello kafka"]);
    let streams = stage.run_word_count();
    stage.wait_for_outputs(&streams, 2);
    kafka.kill();
    let begin = Instant::now();
    let closed = streams.close(Duration::from_secs(4));
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    if let Err(error) = closed {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    }
    streams.close(DEADLINE).ok();
    assert_eq!(streams.state(), State::NotRunning);
}

#[test]
fn a_broker_that_comes_back_is_used_again() {
    let kafka = KafkaCluster::start();
    let stage = Stage::on(&kafka, "back", 2);
    let lines = ["hello kafka", "hello streams", "kafka again"];
    stage.write(&lines[..2]);
    let streams = stage.run_word_count();
    stage.wait_for_outputs(&streams, 4);
    kafka.stop();
    kafka.start_again();
    stage.write(&lines[2..]);
    stage.wait_for_outputs(&streams, words_of(&lines));
    streams.close(DEADLINE).unwrap();
    stage.assert_counts(&lines);
}

#[test]
fn a_state_directory_belongs_to_one_application() {
    let stage = Stage::without_topics("127.0.0.1:1", "occupied");
    let first = KafkaStreams::new(&stage.word_count(), &stage.config()).unwrap();
    let error = KafkaStreams::new(&stage.word_count(), &stage.config()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resource);
    assert!(error.fact("path").is_some_and(|path| path.ends_with("occupied")), "{error}");
    first.close(DEADLINE).unwrap();
    assert_eq!(first.state(), State::NotRunning);
    KafkaStreams::new(&stage.word_count(), &stage.config()).unwrap();
}

#[test]
fn wrong_settings_are_refused_by_name() {
    let stage = Stage::without_topics("127.0.0.1:1", "settings");
    let refused = |setting: &str, value: &str| {
        let error = KafkaStreams::new(&stage.word_count(), &stage.config().set(setting, value)).unwrap_err();
        (error.kind(), error.fact("setting").map(str::to_owned))
    };
    for (setting, value) in
        [("num.stream.threads", "0"), ("num.stream.thread", "1"), ("processing.guarantee", "exactly_once_v2")]
    {
        assert_eq!(refused(setting, value), (ErrorKind::Invalid, Some(setting.to_owned())));
    }
}
