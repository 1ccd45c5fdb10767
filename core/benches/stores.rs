//! What a store costs per operation, in nanoseconds of this thread's processor time (of wall time where the system does
//! not tell). Run: `cargo bench --profile dev -p kstreams --features measure --bench stores`.

use std::path::Path;
use std::time::Instant;

use kstreams::{Result, StoreMeasure};

const RECORDS: usize = 1_000_000;

/// Nanoseconds that this thread has run, or that have passed.
fn now(start: Instant) -> u64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split(' ').next()?.parse().ok());
    spent.unwrap_or_else(|| u64::try_from(start.elapsed().as_nanos()).expect("a bench is short"))
}

fn report(what: &str, operations: usize, run: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    let before = now(start);
    run()?;
    println!("  {what:<28} {:>8} ns", (now(start) - before) / operations as u64);
    Ok(())
}

fn measure(name: &str, directory: Option<&Path>, cache: usize, keys: usize) -> Result<()> {
    println!("{name}, {keys} keys");
    let mut store = StoreMeasure::open(directory, cache, keys)?;
    store.count(keys * 2)?;
    report("count: get and put", RECORDS, || store.count(RECORDS))?;
    let mut changes = 0;
    report("flush of the whole cache", 1, || store.flush().map(|count| changes = count))?;
    println!("  {:<28} {changes:>8}", "changes flushed");
    report("commit, per key", keys, || store.commit())?;
    report("get", RECORDS, || store.read(RECORDS))?;
    report("scan, per row", keys, || store.scan().map(drop))?;
    report("restore, per record", RECORDS, || store.restore(RECORDS, 20_000))?;
    report("close", 1, || store.close())
}

fn main() -> Result<()> {
    let directory = std::env::temp_dir().join(format!("kstreams-bench-{}", std::process::id()));
    for keys in [500, 10_000, 300_000] {
        for (name, cache) in [("memory", 0), ("memory, cached", 256 << 20)] {
            measure(name, None, cache, keys)?;
        }
        for (name, cache) in [("rocks", 0), ("rocks, cached", 256 << 20), ("rocks, cache too small", 1 << 20)] {
            let task = directory.join(format!("{name} {keys}"));
            measure(name, Some(&task), cache, keys)?;
        }
    }
    std::fs::remove_dir_all(&directory).expect("the directory is ours");
    Ok(())
}
