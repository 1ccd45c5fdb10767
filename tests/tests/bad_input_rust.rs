//! What a program in Rust may do wrong with settings, functions, state directories and the order of calls: the kind, the
//! name of the object and what to do about it. `tests/bad_input.md` has the whole table.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kstreams::testing::{EmbeddedCluster, TestDriver, TestRecord};
use kstreams::{
    Config, Consumed, Consumer, Error, ErrorKind, KafkaStreams, Produced, Producer, ProducerRecord, State,
    StateListener, StreamsBuilder, Topology, Value, serde,
};
use kstreams_tests::wait_until;

const SOON: Duration = Duration::from_secs(30);
const NOWHERE: &str = "127.0.0.1:1";

fn config(servers: &str, id: &str, state: &Path) -> Config {
    Config::new()
        .set("application.id", id)
        .set("bootstrap.servers", servers)
        .set("state.dir", state.display())
        .set("auto.offset.reset", "earliest")
}

/// `in` through a function to `out`, in the dynamic form that bindings use.
fn through(function: impl Fn(&Value) -> kstreams::Result<Value> + Send + Sync + 'static) -> Topology {
    let builder = StreamsBuilder::new();
    builder
        .stream::<Value, Value>("in", Consumed::with(serde::utf8(), serde::utf8()))
        .named("function")
        .map_values(move |_, value| function(value))
        .to("out", Produced::with(serde::utf8(), serde::utf8()).named("sink"));
    builder.build().unwrap()
}

fn copy() -> Topology {
    through(|value| Ok(value.clone()))
}

fn counts() -> Topology {
    let builder = StreamsBuilder::new();
    builder.stream::<String, String>("in", Consumed::with(serde::utf8(), serde::utf8())).group_by_key(None).count(None);
    builder.build().unwrap()
}

fn piped(topology: &Topology) -> Error {
    let mut driver = TestDriver::new(topology, &Config::new().set("application.id", "piped")).unwrap();
    let record = TestRecord { topic: "in".to_owned(), value: Some("v".into()), ..TestRecord::default() };
    driver.pipe(record).unwrap_err()
}

/// The text of an error with all its causes.
fn chain(error: &Error) -> String {
    error.chain()
}

#[test]
fn an_unknown_setting_is_refused_with_the_nearest_known_one() {
    for wrong in ["bootstrap.server", "num.stream.thread", "statestore.cache.max.byte"] {
        let error = Config::new().try_set(wrong, "1").unwrap_err();
        assert_eq!((error.kind(), error.fact("setting")), (ErrorKind::Invalid, Some(wrong)));
        assert_eq!(error.fact("nearest"), Some(format!("{wrong}s").as_str()), "{error}");
        let error = Producer::new(&Config::new().set("bootstrap.servers", NOWHERE).set(wrong, "1")).unwrap_err();
        assert_eq!(error.fact("setting"), Some(wrong), "{error}");
    }
}

#[test]
fn a_setting_that_is_out_of_range_is_refused_with_the_range() {
    for (setting, value) in [("num.stream.threads", "0"), ("linger.ms", "-5"), ("fetch.min.bytes", "0")] {
        let error = Config::new().try_set(setting, value).unwrap_err();
        let facts = (error.kind(), error.fact("setting"), error.fact("value"));
        assert_eq!(facts, (ErrorKind::Invalid, Some(setting), Some(value)));
        assert!(error.fact("allowed").is_some(), "{error}");
    }
}

#[test]
fn a_value_of_the_wrong_type_names_the_sink_and_both_types() {
    let error = piped(&through(|_| Ok(Value::Bool(true))));
    assert_eq!(error.kind(), ErrorKind::Data, "{error:?}");
    let text = chain(&error);
    for part in ["sink", "string", "boolean"] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
}

#[test]
fn a_panic_in_a_function_is_an_internal_error_that_names_it() {
    let error = piped(&through(|_| panic!("no such customer")));
    assert_eq!((error.kind(), error.fact("panic")), (ErrorKind::Internal, Some("no such customer")));
}

#[test]
fn a_function_that_never_returns_does_not_keep_close() {
    let cluster = EmbeddedCluster::start(1).unwrap();
    for topic in ["in", "out"] {
        cluster.create_topic(topic, 1).unwrap();
    }
    let (entered, is_inside) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let topology = through(move |value| {
        entered.send(()).map_err(|_| Error::invalid("the test has ended"))?;
        // Ends when the test lets go of the other half.
        assert!(released.lock().unwrap().recv().is_err());
        Ok(value.clone())
    });
    let state = tempfile::tempdir().unwrap();
    let streams = KafkaStreams::new(&topology, &config(cluster.bootstrap_servers(), "stuck", state.path())).unwrap();
    streams.start().unwrap();
    let producer = Producer::new(&Config::new().set("bootstrap.servers", cluster.bootstrap_servers())).unwrap();
    producer.send(ProducerRecord::new("in").value("v")).unwrap().wait(SOON).unwrap();
    is_inside.recv_timeout(SOON).expect("the function is called");
    let begin = Instant::now();
    let error = streams.close(Duration::from_millis(500)).unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    assert_eq!((error.kind(), error.fact("state")), (ErrorKind::Timeout, Some("PENDING_SHUTDOWN")));
    assert!(error.message().contains("still closing") && error.fact("threads").is_some(), "{error}");
    drop(release);
    streams.close(SOON).unwrap();
    assert_eq!(streams.state(), State::NotRunning);
    producer.close(SOON).unwrap();
}

/// Set for the copy of this program that runs as another user.
const OTHER_USER: &str = "KS_TEST_AS_OTHER_USER";

#[test]
fn without_the_right_to_the_state_directory_it_is_denied_with_its_path() {
    if let Ok(state) = env::var(OTHER_USER) {
        return refused_as_other_user(Path::new(&state));
    }
    // Root may do everything: a copy of this program tries it as nobody.
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let program = folder.path().join("program");
    fs::create_dir(&state).unwrap();
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    for (path, mode) in [(folder.path(), 0o755), (&program, 0o755), (&state, 0o555)] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let is_root = fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own)).unwrap() == 0;
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        Command::new(&program)
    };
    command.args(["--exact", "without_the_right_to_the_state_directory_it_is_denied_with_its_path"]);
    let output = command.env(OTHER_USER, &state).current_dir("/").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

fn refused_as_other_user(state: &Path) {
    let error = KafkaStreams::new(&counts(), &config(NOWHERE, "denied", state)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error:?}");
    assert!(error.fact("path").is_some_and(|path| Path::new(path).starts_with(state)), "{error}");
    assert!(error.fact("remedy").is_some_and(|remedy| remedy.contains("state.dir")), "{error}");
}

#[test]
fn a_state_directory_in_use_names_its_user() {
    let state = tempfile::tempdir().unwrap();
    let config = config(NOWHERE, "occupied", state.path());
    let first = KafkaStreams::new(&counts(), &config).unwrap();
    let error = KafkaStreams::new(&counts(), &config).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Resource, "state directory is in use"));
    assert_eq!(error.fact("process"), Some(std::process::id().to_string().as_str()));
    assert!(error.fact("path").is_some_and(|path| path.ends_with("occupied")), "{error}");
    assert!(error.fact("remedy").is_some_and(|remedy| remedy.contains("state.dir")), "{error}");
    first.close(SOON).unwrap();
}

#[test]
fn a_foreign_state_layout_is_refused_and_left_alone() {
    let state = tempfile::tempdir().unwrap();
    let foreign = state.path().join("foreign/kafka-streams-process-metadata");
    fs::create_dir(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "{}").unwrap();
    let error = KafkaStreams::new(&counts(), &config(NOWHERE, "foreign", state.path())).unwrap_err();
    assert_eq!((error.kind(), error.fact("found")), (ErrorKind::Data, Some("kafka-streams-process-metadata")));
    assert!(error.fact("path").is_some_and(|path| path.ends_with("foreign")), "{error}");
    assert!(error.fact("remedy").is_some_and(|remedy| remedy.contains("state.dir")), "{error}");
    assert_eq!(fs::read_to_string(foreign).unwrap(), "{}");
}

#[test]
fn calls_in_the_wrong_order_say_what_comes_first() {
    let state = tempfile::tempdir().unwrap();
    let streams = KafkaStreams::new(&copy(), &config(NOWHERE, "order", state.path())).unwrap();
    streams.start().unwrap();
    let refused = |error: Error, text: &str, state: Option<&str>| {
        assert_eq!((error.kind(), error.fact("state")), (ErrorKind::Invalid, state), "{error}");
        assert!(error.message().contains(text), "{error}");
    };
    wait_until("the start", SOON, || streams.state() == State::Rebalancing);
    let listener: StateListener = Arc::new(|_, _| ());
    refused(streams.set_state_listener(listener).unwrap_err(), "before the start", Some("REBALANCING"));
    refused(streams.clean_up().unwrap_err(), "close the application", Some("REBALANCING"));
    refused(streams.start().unwrap_err(), "make a new one", Some("REBALANCING"));
    streams.close(SOON).unwrap();
    refused(streams.start().unwrap_err(), "make a new one", Some("NOT_RUNNING"));

    let consumer = Consumer::new(&Config::new().set("bootstrap.servers", NOWHERE).set("group.id", "g")).unwrap();
    refused(consumer.poll(Duration::ZERO, 1).unwrap_err(), "subscribe", None);
    consumer.close(SOON).unwrap();
    let error = consumer.poll(Duration::ZERO, 1).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Closed, "the consumer is closed; make a new one"));
}
