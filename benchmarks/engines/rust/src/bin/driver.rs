//! How fast one core is without a broker: the test driver's `pipe_batch`, serdes included.
//!
//! Prints a line per workload: records (words) a second of CPU time, and what they cost.

#![allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "this is a program for the terminal, with numbers of its own choice"
)]

use std::time::Duration;

use kstreams::testing::{TestDriver, TestRecord};
use kstreams::{Config, Materialized, Payload, Result, Topology};
use kstreams_bench::{topology, word_count};
use rustix::time::{ClockId, clock_gettime};

/// Records between two commits.
const BATCH: usize = 10_000;
const EVENTS: usize = 1_000_000;
const LINES: usize = 100_000;
const WORDS_A_LINE: usize = 8;
const VOCABULARY: u64 = 10_000;

fn main() -> Result<()> {
    measure("map_values + filter", &topology("stateless", "out")?, events(), EVENTS)?;
    measure("count by key, RocksDB and cache", &topology("count", "out")?, events(), EVENTS)?;
    let words = LINES * WORDS_A_LINE;
    measure("word count, memory, in words", &word_count("out", Materialized::new().in_memory())?, lines(), words)?;
    measure("word count, RocksDB and cache, in words", &word_count("out", Materialized::new())?, lines(), words)
}

fn measure(what: &str, topology: &Topology, records: Vec<TestRecord>, units: usize) -> Result<()> {
    let config = Config::new().set("application.id", "bench").set("bootstrap.servers", "none:9092");
    let mut driver = TestDriver::new(topology, &config)?;
    let mut records = records.into_iter();
    let begin = cpu_time();
    let mut sent = 0;
    loop {
        let batch: Vec<_> = records.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        driver.pipe_batch(batch)?;
        sent += driver.outputs().len();
    }
    let spent = cpu_time() - begin;
    let each = spent / u32::try_from(units).expect("a few millions");
    println!("{what}: {:.2} million/s, {each:?} each ({sent} records sent)", units as f64 / spent.as_secs_f64() / 1e6);
    driver.close()
}

fn events() -> Vec<TestRecord> {
    let mut random = Random(7);
    let event = |i| {
        let (user, kind) = (random.below(100_000), ["view", "view", "click", "buy"][random.below(4) as usize]);
        let (cents, page) = (random.below(100_000), random.below(10_000));
        let value = format!(
            r#"{{"user":{user},"type":"{kind}","cents":{cents},"page":"/p/{page}","agent":"Mozilla/5.0 (X11; Linux)","at":{i}}}"#
        );
        record("events", Some(&user.to_be_bytes()), &value, i)
    };
    (0..EVENTS as i64).map(event).collect()
}

/// Word ranks follow Zipf's law, roughly: a power of a uniform number.
fn lines() -> Vec<TestRecord> {
    let mut random = Random(7);
    let mut word =
        || format!("w{:05}", (VOCABULARY as f64).powf(random.below(1 << 30) as f64 / f64::from(1 << 30)) as u64);
    let mut line = || (0..WORDS_A_LINE).map(|_| word()).collect::<Vec<_>>().join(" ");
    (0..LINES as i64).map(|i| record("words", None, &line(), i)).collect()
}

fn record(topic: &str, key: Option<&[u8]>, value: &str, timestamp: i64) -> TestRecord {
    let value = Some(Payload::from(value.as_bytes()));
    TestRecord { topic: topic.to_owned(), key: key.map(Payload::from), value, timestamp, ..TestRecord::default() }
}

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).expect("below a billion"))
}

/// A small generator (xorshift), so that every run has the same input.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}
