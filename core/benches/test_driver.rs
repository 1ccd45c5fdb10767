//! What the engine costs without a broker: records per second through the test driver, serdes included, one thread.
//!
//! `cargo bench -p kstreams --bench test_driver --profile dev`

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "this is a program for the terminal that measures")]

use std::time::Instant;

use kstreams::testing::{TestDriver, TestRecord};
use kstreams::{Config, Consumed, Grouped, Materialized, Produced, Result, StreamsBuilder, Topology, serde};

const RECORDS: usize = 512_000;
const BATCH: usize = 1000;
const WORDS_PER_LINE: usize = 8;

/// One thing to measure.
struct Workload {
    name: &'static str,
    topology: Topology,
    cache_bytes: usize,
    lines: usize,
    /// What is counted in a line.
    units: usize,
    line: fn(usize) -> String,
}

fn main() -> Result<()> {
    let lines = RECORDS / WORDS_PER_LINE;
    let memory = word_count(Materialized::new().in_memory().caching_disabled())?;
    let counted = |name, topology, cache_bytes| Workload {
        name,
        topology,
        cache_bytes,
        lines,
        units: WORDS_PER_LINE,
        line: words,
    };
    measure(&Workload {
        name: "map_values + filter, records",
        topology: stateless()?,
        cache_bytes: 0,
        lines: RECORDS,
        units: 1,
        line: json,
    })?;
    measure(&counted("word count in memory, words", memory, 0))?;
    measure(&counted("word count in RocksDB with cache, words", word_count(Materialized::new())?, 10 << 20))
}

fn json(i: usize) -> String {
    format!("{{\"user\":{i},\"type\":\"view\"}}")
}

fn words(i: usize) -> String {
    let word = |n: usize| format!("word{}", (i * 7919 + n * 104_729) % 10_000 / (n + 1));
    (0..WORDS_PER_LINE).map(word).collect::<Vec<_>>().join(" ")
}

fn stateless() -> Result<Topology> {
    let builder = StreamsBuilder::new();
    builder
        .stream::<(), String>("in", Consumed::with(serde::utf8(), serde::utf8()))
        .map_values(|(), text| text.replace("view", "seen"))
        .filter(|(), text| text.len() > 5)
        .to("out", Produced::with(serde::utf8(), serde::utf8()));
    builder.build()
}

fn word_count(materialized: Materialized) -> Result<Topology> {
    let builder = StreamsBuilder::new();
    builder
        .stream::<(), String>("in", Consumed::with(serde::utf8(), serde::utf8()))
        .flat_map_values(|(), line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .group_by(|(), word| word.to_owned(), Grouped::with(serde::utf8(), serde::utf8()))
        .count(materialized.key_serde(serde::utf8()))
        .to_stream()
        .to("out", Produced::with(serde::utf8(), serde::long()));
    builder.build()
}

fn measure(workload: &Workload) -> Result<()> {
    let config = Config::new().set("application.id", "bench").set("statestore.cache.max.bytes", workload.cache_bytes);
    let mut driver = TestDriver::new(&workload.topology, &config)?;
    let batches: Vec<_> = (0..workload.lines / BATCH).map(|batch| batch_of(batch, workload.line)).collect();
    let count = batches.len() * BATCH * workload.units;
    let start = Instant::now();
    let mut sent = 0;
    for batch in batches {
        driver.pipe_batch(batch)?;
        sent += driver.outputs().len();
    }
    let seconds = start.elapsed().as_secs_f64();
    let each = 1e9 * seconds / count as f64;
    println!("{}: {:.2} million/s, {each:.0} ns each, {sent} sent", workload.name, 1e3 / each);
    driver.close()
}

fn batch_of(batch: usize, line: fn(usize) -> String) -> Vec<TestRecord> {
    let record = |i: usize| TestRecord {
        topic: "in".into(),
        value: Some(line(i).into_bytes().into()),
        timestamp: i as i64,
        ..TestRecord::default()
    };
    (batch * BATCH..(batch + 1) * BATCH).map(record).collect()
}
