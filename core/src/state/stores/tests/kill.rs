//! After `kill -9` a store is exactly at the offset that it says.

#![allow(clippy::print_stdout, reason = "the parent reads what the child says")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::*;
use crate::state::Environment;
use crate::state::fixture::text;

const CHILD: &str = "KSTREAMS_TEST_KILL";
const KEYS: i64 = 500;
/// Large enough rows that memtables are flushed all the time.
const PADDING: usize = 200;

fn open(directory: &Path) -> Stores {
    let settings = Settings { memtable_bytes: 256 << 10 };
    let setups = vec![setup("s", StoreBottom::Rocks, None), setup("t", StoreBottom::Rocks, None)];
    Stores::open_with(Some(directory), setups, &settings).unwrap()
}

/// Number n goes to key n modulo [`KEYS`], in both stores; the offset is the next number.
fn write_for_ever(directory: &Path) -> ! {
    let mut bench = Bench::over(open(directory));
    let mut number = bench.stores.offsets().get(CHANGELOG).copied().unwrap_or(0);
    let padding = "x".repeat(PADDING);
    loop {
        for _ in 0..50 {
            let (key, value) = (text(&(number % KEYS).to_string()), text(&format!("{number} {padding}")));
            let mut env = Environment { context: &bench.context, outbox: &mut bench.outbox };
            for id in bench.stores.ids() {
                bench.stores.get_mut(id).put(&mut env, &key, &value, number).unwrap();
            }
            number += 1;
        }
        bench.outbox.clear();
        let topics = [CHANGELOG, "t-changelog"].map(|topic| (topic.into(), number));
        bench.stores.commit(&BTreeMap::from(topics)).unwrap();
        // The test harness may have begun a line.
        println!("\ncommitted {number}");
    }
}

fn start(directory: &Path) -> Child {
    let test = "state::stores::tests::kill::a_killed_process_leaves_data_and_offset_at_one_point";
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CHILD, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets the child commit so many times, then kills it.
fn run_and_kill(directory: &Path, commits: usize) {
    let mut child = start(directory);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(std::result::Result::ok);
    let seen = lines.by_ref().filter(|line| line.starts_with("committed")).take(commits).count();
    // The pipe is still open: on a closed one the child would panic and close its files in good order.
    child.kill().unwrap();
    drop(lines);
    child.wait().unwrap();
    assert_eq!(seen, commits, "the child ended early");
}

/// The last number of each key before an offset.
fn expected(offset: i64) -> BTreeMap<String, i64> {
    let first = (offset - KEYS).max(0);
    (first..offset).map(|number| ((number % KEYS).to_string(), number)).collect()
}

fn check(directory: &Path) -> i64 {
    let mut stores = open(directory);
    let offset = stores.offsets().get(CHANGELOG).copied().unwrap_or(0);
    assert_eq!(stores.offsets().get("t-changelog").copied().unwrap_or(0), offset);
    for id in stores.ids() {
        let rows = stores.get_mut(id).raw_rows().map(Result::unwrap);
        let key = |row: &crate::state::RawRow| String::from_utf8(row.key.to_vec()).unwrap();
        let found: BTreeMap<_, _> = rows.map(|row| (key(&row), row.timestamp)).collect();
        assert_eq!(found, expected(offset));
    }
    offset
}

#[test]
fn a_killed_process_leaves_data_and_offset_at_one_point() {
    if let Some(directory) = std::env::var_os(CHILD) {
        write_for_ever(Path::new(&directory));
    }
    let directory = Temporary::new();
    let mut offset = 0;
    for commits in [20, 300, 37, 411, 150, 523] {
        run_and_kill(directory.path(), commits);
        let reached = check(directory.path());
        assert!(reached >= offset, "durable state was lost");
        offset = reached;
    }
    assert!(offset > 0, "nothing was ever flushed, so nothing was tested");
}
