//! Operators, their options and the test driver.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kstreams::testing::{SentRecord, StoreRow, TestDriver, TestRecord};
use kstreams::{
    Config, Consumed, DirectHost, Error, ErrorKind, ExceptionHandler, FailureContext, Grouped, HandlerResponse,
    Handlers, Host, InternalTopic, InternalTopicKind, KGroupedStream, KStream, KTable, Materialized, OffsetReset,
    Produced, Repartitioned, Result, Session, StreamsBuilder, Topology, Value, log_and_continue, log_and_fail, serde,
};

fn config() -> Config {
    Config::new()
        .set("application.id", "app")
        .set("bootstrap.servers", "localhost:1")
        .set("statestore.cache.max.bytes", 0)
}

fn texts() -> Consumed {
    Consumed::new().key_serde(serde::utf8()).value_serde(serde::utf8())
}

fn record(topic: &str, key: &str, value: &str) -> TestRecord {
    TestRecord { topic: topic.to_owned(), key: Some(key.into()), value: Some(value.into()), ..TestRecord::default() }
}

/// What was sent to a topic, as texts.
fn sent(driver: &mut TestDriver, topic: &str) -> Vec<(String, String)> {
    let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or(b"null").to_vec()).unwrap();
    let sent: Vec<SentRecord> = driver.read(topic);
    sent.iter().map(|record| (text(record.key.as_deref()), text(record.value.as_deref()))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// `in` through one function to `out`.
fn copied(function: impl Fn(&str) -> Result<String> + Send + Sync + 'static) -> Topology {
    let builder = StreamsBuilder::new();
    builder
        .stream::<String, String>("in", texts())
        .named("copy")
        .map_values(move |_, value| function(value))
        .to("out", Produced::new().key_serde(serde::utf8()).value_serde(serde::utf8()));
    builder.build().unwrap()
}

#[test]
fn streams_and_tables_have_a_dynamic_form() -> Result<()> {
    let builder = StreamsBuilder::new();
    let stream: KStream<String, String> = builder.stream("in", texts());
    let dynamic: KStream<Value, Value> = stream.filter_not(|_, value| value.is_empty()).dynamic();
    dynamic.to("copies", Produced::with(serde::utf8(), serde::utf8()));
    let grouped: KGroupedStream<String, String> =
        stream.group_by_key(Grouped::new().key_serde(serde::utf8()).value_serde(serde::utf8()));
    let longest: KTable<String, String> = grouped.aggregate(
        String::new,
        |_, value, longest: &str| if value.len() > longest.len() { value.to_owned() } else { longest.to_owned() },
        Materialized::new().named("longest").in_memory().key_serde(serde::utf8()).value_serde(serde::utf8()),
    );
    longest.dynamic().to_stream().to("changes", Produced::with(serde::utf8(), serde::utf8()));
    longest.to_nullable_stream().filter(|_, value| value.is_some()).to("present", None);
    longest.to_stream_by(|_, value| value.to_uppercase()).to("upper", Produced::with(serde::utf8(), serde::utf8()));
    let mut driver = TestDriver::new(&builder.build()?, &config())?;
    for value in ["bb", "", "a"] {
        driver.pipe(record("in", "k", value))?;
    }
    assert_eq!(sent(&mut driver, "copies"), pairs(&[("k", "bb"), ("k", "a")]));
    assert_eq!(sent(&mut driver, "changes"), pairs(&[("k", "bb"), ("k", "bb"), ("k", "bb")]));
    assert_eq!(sent(&mut driver, "present").len(), 3);
    assert_eq!(sent(&mut driver, "upper")[0], ("BB".to_owned(), "bb".to_owned()));
    let rows: Vec<StoreRow> = driver.store_rows("longest")?;
    assert_eq!(
        (rows.len(), &*rows[0].key, &*rows[0].value, rows[0].timestamp),
        (1, b"k".as_slice(), b"bb".as_slice(), 0)
    );
    assert_eq!(driver.store_names(), ["longest"]);
    driver.close()
}

#[test]
fn stores_are_kept_as_materialized_says() -> Result<()> {
    let builder = StreamsBuilder::new();
    let grouped =
        builder.stream::<String, String>("in", texts()).group_by_key(Grouped::with(serde::utf8(), serde::utf8()));
    let options = || Materialized::with(serde::utf8(), serde::long());
    let retention = BTreeMap::from([("min.compaction.lag.ms".to_owned(), "5".to_owned())]);
    grouped.count(options().named("kept").on_disk().caching_enabled().logging_enabled(retention));
    grouped.count(options().named("lost").in_memory().caching_disabled().logging_disabled());
    let topology = builder.build()?;
    let topics: Vec<InternalTopic> = topology.internal_topics(&config())?;
    assert_eq!(topics.len(), 1);
    let changelog = &topics[0];
    assert_eq!((changelog.name.as_str(), changelog.kind), ("app-kept-changelog", InternalTopicKind::Changelog));
    assert_eq!(changelog.config["min.compaction.lag.ms"], "5");
    // With a cache, changes leave at the commit: one for both records.
    let mut driver = TestDriver::new(&topology, &config().set("statestore.cache.max.bytes", 1_000_000))?;
    driver.pipe_batch(vec![record("in", "k", "a"), record("in", "k", "b")])?;
    assert_eq!(driver.read("app-kept-changelog").len(), 1);
    assert_eq!(driver.store_rows("lost")?.len(), 1);
    driver.pipe_each(vec![record("in", "k", "a"), record("in", "k", "b")])?;
    assert_eq!(driver.read("app-kept-changelog").len(), 2);
    driver.close()
}

#[test]
fn options_name_topics_and_choose_partitions() -> Result<()> {
    let builder = StreamsBuilder::new();
    let by_length = |_: &str, _: &Value, value: &Value, count: i32| match value {
        Value::Text(text) => Ok(Some(vec![i32::try_from(text.as_bytes().len()).unwrap() % count])),
        other => Err(other.mismatch("text")),
    };
    let source = texts().named("source").offset_reset(OffsetReset::Earliest).timestamp_extractor(|record, _| {
        assert!(record.headers.is_empty());
        Ok(record.timestamp + 100)
    });
    let through = Repartitioned::new().named("through").partitions(3).partitioner(by_length);
    builder
        .stream::<String, String>("in", source)
        .repartition(through.key_serde(serde::utf8()).value_serde(serde::utf8()))
        .to("out", Produced::with(serde::utf8(), serde::utf8()).named("sink").partitioner(by_length));
    let topology = builder.build_with(&config())?;
    assert!(topology.describe().contains("Source: source (topics: [in])"));
    let internal = &topology.internal_topics(&config())?[0];
    assert_eq!((internal.name.as_str(), internal.partitions), ("app-through-repartition", Some(3)));
    assert!(topology.copartition_groups(&config())?.is_empty());
    let mut driver = TestDriver::with_clock(&topology, &config(), 5_000)?;
    driver.set_partitions("out", 4)?;
    driver.pipe(TestRecord { timestamp: 7, ..record("in", "k", "aaaaa") })?;
    let sent = driver.read("out");
    assert_eq!((sent[0].partition, sent[0].timestamp), (Some(1), Some(107)));
    driver.advance_wall_clock(Duration::from_secs(1))?;
    driver.close()
}

#[test]
fn handlers_see_where_a_record_failed() -> Result<()> {
    let seen: Arc<Mutex<Vec<(FailureContext, ErrorKind)>>> = Arc::default();
    let handler: ExceptionHandler = {
        let seen = Arc::clone(&seen);
        Arc::new(move |context, error| {
            seen.lock().unwrap().push((context.clone(), error.kind()));
            HandlerResponse::Continue
        })
    };
    let topology = copied(|value| if value == "bad" { Err(Error::invalid("no")) } else { Ok(value.to_owned()) });
    let handlers = Handlers { processing: handler, production: log_and_fail(), ..Handlers::default() };
    let mut driver = TestDriver::with_handlers(&topology, &config(), 0, handlers)?;
    driver.pipe_batch(vec![record("in", "k", "bad"), record("in", "k", "good")])?;
    assert_eq!(sent(&mut driver, "out"), pairs(&[("k", "good")]));
    assert_eq!(driver.dropped(), 1);
    let seen = seen.lock().unwrap();
    let (FailureContext { topic, partition, offset, node, task, timestamp }, kind) = &seen[0];
    assert_eq!((topic.as_deref(), *partition, *offset, node.as_str()), (Some("in"), 0, 0, "copy"));
    assert_eq!((task.as_str(), *timestamp, *kind, seen.len()), ("0_0", 0, ErrorKind::Invalid, 1));
    Ok(())
}

#[test]
fn settings_name_handlers() -> Result<()> {
    let settings = config()
        .set("deserialization.exception.handler", "continue")
        .set("processing.exception.handler", "LogAndFailProcessingExceptionHandler");
    let handlers = Handlers::from_config(&settings)?;
    let context = FailureContext {
        topic: None,
        partition: -1,
        offset: -1,
        node: "n".to_owned(),
        task: "0_0".to_owned(),
        timestamp: -1,
    };
    let error = Error::data("x");
    let answers = [&handlers.deserialization, &handlers.processing, &handlers.production].map(|h| h(&context, &error));
    assert_eq!(answers, [HandlerResponse::Continue, HandlerResponse::Fail, HandlerResponse::Fail]);
    assert_eq!(log_and_continue()(&context, &error), HandlerResponse::Continue);
    let error = Handlers::from_config(&config().set("production.exception.handler", "ignore")).unwrap_err();
    assert_eq!((error.kind(), error.fact("setting")), (ErrorKind::Invalid, Some("production.exception.handler")));
    Ok(())
}

/// Runs sessions where it is entered, and counts them.
#[derive(Default)]
struct CountingHost(AtomicUsize);

impl Host for CountingHost {
    fn enter(&self, mut session: Session) {
        self.0.fetch_add(1, Ordering::SeqCst);
        session.run();
    }
}

#[test]
fn a_batch_enters_its_host_once() -> Result<()> {
    let host = Arc::new(CountingHost::default());
    let topology = copied(|value| Ok(value.to_owned())).with_host(Arc::clone(&host) as Arc<dyn Host>);
    let mut driver = TestDriver::new(&topology, &config())?;
    let before = host.0.load(Ordering::SeqCst);
    driver.pipe_batch((0..100).map(|_| record("in", "k", "v")).collect())?;
    assert_eq!((host.0.load(Ordering::SeqCst) - before, sent(&mut driver, "out").len()), (1, 100));
    let mut direct = TestDriver::new(&topology.with_host(Arc::new(DirectHost)), &config())?;
    direct.pipe(record("in", "k", "v"))?;
    assert_eq!(sent(&mut direct, "out").len(), 1);
    Ok(())
}
