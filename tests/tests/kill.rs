//! An application that is killed again and again loses nothing, and counts twice only what it had not committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kstreams_tests::process::Process;
use kstreams_tests::wordcount::{last_counts, plain_count};
use kstreams_tests::{KafkaCluster, topics, wait_until};

const DEADLINE: Duration = Duration::from_secs(120);
const SEED: u64 = 0x5eed_0001;
const ID: &str = "killed";
const INPUT: &str = "killed-input";
const OUTPUT: &str = "killed-output";
const REPARTITION: &str = "killed-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition";
const CHANGELOG: &str = "killed-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog";

/// What an application is doing, as far as its log tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Start,
    Rebalance,
    Restore,
    Processing,
    Commit,
}

const ALL: [Moment; 5] = [Moment::Start, Moment::Rebalance, Moment::Restore, Moment::Processing, Moment::Commit];

fn moment(log: &str) -> Moment {
    let mut now = Moment::Start;
    let mut behind = BTreeSet::new();
    for line in log.lines() {
        if line.contains("from CREATED to REBALANCING") {
            now = Moment::Rebalance;
        } else if line.contains(" restores ") {
            let word =
                |after: &str| line.split(after).nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
            if word(" from ") != word(" to ") {
                behind.insert(word(" task ").to_owned());
                now = Moment::Restore;
            }
        } else if line.contains("to RUNNING") || line.contains("commit ends") {
            now = Moment::Processing;
        } else if line.contains("commit begins") {
            now = Moment::Commit;
        }
    }
    now
}

/// A small generator whose numbers follow from its seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Between 10 ms and 10 s, each power of ten as often as the other.
    fn delay(&mut self) -> Duration {
        let fraction = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        Duration::from_secs_f64(0.01 * 1000_f64.powf(fraction))
    }

    fn line(&mut self) -> String {
        let word = |number: u64| format!("w{}", number % 500);
        (0..5).map(|_| word(self.next())).collect::<Vec<_>>().join(" ")
    }
}

fn command(folder: &Path, servers: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_word_count"));
    command.arg(folder).args([servers, ID, INPUT, OUTPUT]);
    command.args(["commit.interval.ms=100", "session.timeout.ms=600", "heartbeat.interval.ms=150", "linger.ms=20"]);
    command.env("KS_TEST_LOG", "debug");
    command
}

/// How many records of a topic the group has not committed.
fn uncommitted(servers: &str, topic: &str) -> i64 {
    let committed = topics::committed(servers, ID, topic);
    let ends = topics::end_offsets(servers, topic).unwrap_or_default();
    ends.iter().zip(0..).map(|(end, partition)| end - committed.get(&partition).copied().unwrap_or(0)).sum()
}

#[test]
fn twenty_kills_lose_nothing_and_repeat_only_what_was_not_committed() {
    let kafka = KafkaCluster::start();
    let servers = kafka.bootstrap_servers();
    topics::create(servers, &[(INPUT, 2), (OUTPUT, 1)]);
    let mut process = Process::in_new_folder("killed");
    let folder = process.folder().to_owned();
    let mut chance = Chance(SEED);
    let is_over = AtomicBool::new(false);
    let mut hits: BTreeMap<Moment, usize> = BTreeMap::new();
    let mut repeatable = 0;
    let lines = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let (mut chance, mut lines) = (Chance(SEED + 1), Vec::new());
            while !is_over.load(Ordering::SeqCst) {
                let batch: Vec<String> = (0..100).map(|_| chance.line()).collect();
                topics::write_lines(servers, INPUT, batch.iter().map(String::as_str));
                lines.extend(batch);
            }
            lines
        });
        for kill in 0..20 {
            let begin = process.log().len();
            process.start(command(&folder, servers));
            let log = |process: &Process| process.log()[begin..].to_owned();
            // The first fifteen are chance; the others look for what chance has missed.
            let missed = ALL.into_iter().find(|moment| !hits.contains_key(moment)).filter(|_| kill >= 15);
            match missed {
                None => thread::sleep(chance.delay()),
                Some(wanted) => {
                    let start = Instant::now();
                    while moment(&log(&process)) != wanted && start.elapsed() < DEADLINE {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            }
            assert!(process.is_running(), "it ended by itself:\n{}", log(&process));
            process.kill();
            *hits.entry(moment(&log(&process))).or_default() += 1;
            // What was processed is in the logs of the topics by now, or never will be.
            let words = 5 * uncommitted(servers, INPUT);
            repeatable += words
                + if topics::partitions(servers, REPARTITION) > 0 { uncommitted(servers, REPARTITION) } else { 0 };
        }
        is_over.store(true, Ordering::SeqCst);
        writer.join().expect("the broker takes everything")
    });
    for moment in ALL {
        assert!(hits.contains_key(&moment), "no kill hit {moment:?}: {hits:?}");
    }

    // The last run finishes, and goes on where the group and the stores were.
    let committed: i64 = topics::committed(servers, ID, INPUT).values().sum();
    let changelog: i64 = topics::end_offsets(servers, CHANGELOG).unwrap().iter().sum();
    let begin = process.log().len();
    process.start(command(&folder, servers));
    wait_until("everything to be committed", DEADLINE, || {
        assert!(process.is_running(), "{}", &process.log()[begin..]);
        uncommitted(servers, INPUT) == 0 && uncommitted(servers, REPARTITION) == 0
    });
    std::fs::write(folder.join("stop"), "").unwrap();
    wait_until("the end", DEADLINE, || !process.is_running());
    let log = process.log();
    let metric = |name: &str| -> i64 {
        let line = log.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {name}:\n{}", &log[begin..])).parse().unwrap()
    };
    assert!(metric("restore-total") < changelog, "{} of {changelog} were restored", metric("restore-total"));
    assert!(committed > 0, "reading goes on at the committed offset");

    let truth = plain_count(lines.iter().map(String::as_str));
    let counts = last_counts(&topics::dump(servers, OUTPUT));
    let lost: Vec<_> =
        truth.iter().filter(|(word, count)| counts.get(*word).is_none_or(|found| found < count)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let repeated = counts.values().sum::<i64>() - truth.values().sum::<i64>();
    assert!(repeated <= repeatable, "{repeated} words were counted twice, {repeatable} could have been");
}
