//! Our engine in Rust: one run of a workload against a broker, as benchmarks/README.md ("An engine") asks.
#![expect(clippy::print_stdout, reason = "the protocol is lines on standard output")]

use std::env;
use std::time::Duration;

use kstreams::{Config, KafkaStreams, Result, State};
use kstreams_bench::topology;

/// How often we look whether the work is done.
const GLANCE: Duration = Duration::from_millis(2);

fn main() -> Result<()> {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let workload = variable("BENCH_WORKLOAD");
    let work: u64 = variable("BENCH_PROCESS").parse().expect("BENCH_PROCESS is a number");
    let mut config = Config::new()
        .set("application.id", variable("BENCH_APP"))
        .set("bootstrap.servers", variable("BENCH_BOOTSTRAP"))
        .set("state.dir", variable("BENCH_STATE"))
        .set("num.stream.threads", variable("BENCH_THREADS"));
    if workload.ends_with("-nocache") {
        config = config.set("statestore.cache.max.bytes", 0);
    }
    println!("START");
    let streams = KafkaStreams::new(&topology(&workload, &variable("BENCH_OUT"))?, &config)?;
    streams.start()?;
    println!("HALF {}", wait_for(&streams, work / 2)?);
    wait_for(&streams, work)?;
    streams.close(Duration::from_secs(60))?;
    println!("DONE");
    Ok(())
}

/// Waits until so many records are processed, and says how many are.
fn wait_for(streams: &KafkaStreams, records: u64) -> Result<u64> {
    loop {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of records")]
        let done = streams.metrics()["process-total"] as u64;
        if done >= records {
            return Ok(done);
        }
        if streams.wait_for(State::Error, GLANCE).is_ok() {
            return Err(streams.error().expect("an error has a reason"));
        }
    }
}
