//! Word count without a broker: repartition topic, changelog and output as Kafka Streams makes them.

use kstreams::testing::{TestDriver, TestRecord};
use kstreams::{Config, Consumed, Produced, Result, StreamsBuilder, Topology, serde};

fn topology() -> Result<Topology> {
    let builder = StreamsBuilder::new();
    builder
        .stream::<(), String>("lines", Consumed::with(serde::utf8(), serde::utf8()))
        .flat_map_values(|_, line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .group_by(|_, word| word.to_owned(), None)
        .count(None)
        .to_stream()
        .to("counts", Produced::with(serde::utf8(), serde::long()));
    builder.build()
}

fn config() -> Config {
    Config::new().set("application.id", "app").set("default.key.serde", "string").set("default.value.serde", "string")
}

#[test]
fn every_word_is_counted_and_logged() -> Result<()> {
    let mut driver = TestDriver::new(&topology()?, &config())?;
    driver.pipe(TestRecord {
        topic: "lines".into(),
        value: Some(b"to be or not to be".as_slice().into()),
        timestamp: 5,
        ..TestRecord::default()
    })?;
    let repartition = driver.read("app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition");
    assert_eq!(repartition.len(), 6);
    let changelog = driver.read("app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog");
    assert_eq!(changelog.len(), 6);
    let counts = driver.outputs();
    assert_eq!(counts.len(), 6);
    let last = counts.last().expect("six counts");
    assert_eq!(last.key.as_deref(), Some(b"be".as_slice()));
    assert_eq!(last.value.as_deref(), Some(2_i64.to_be_bytes().as_slice()));
    assert_eq!(last.timestamp, Some(5));
    driver.close()
}

#[test]
fn a_topic_that_nobody_reads_is_refused() -> Result<()> {
    let mut driver = TestDriver::new(&topology()?, &config())?;
    let error = driver.pipe(TestRecord { topic: "other".into(), ..TestRecord::default() }).expect_err("not read");
    assert_eq!(error.kind(), kstreams::ErrorKind::Invalid);
    assert_eq!(error.fact("topic"), Some("other"));
    Ok(())
}
