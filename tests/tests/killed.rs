//! The word count is killed, again and again, at any moment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kstreams_tests::instance::lines_split;
use kstreams_tests::wordcount::{last_counts, plain_count};
use kstreams_tests::{Instance, KafkaCluster, topics, wait_until};

const DEADLINE: Duration = Duration::from_secs(90);
const PARTITIONS: i32 = 2;
const KILLS: usize = 20;
const WORDS_PER_LINE: i64 = 5;
const INPUT: &str = "killed-input";
const OUTPUT: &str = "killed-output";
const ID: &str = "killed";
const CHANGELOG: &str = "killed-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog";
const REPARTITION: &str = "killed-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition";

/// What a killed run was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Start,
    Rebalance,
    Restore,
    Processing,
    Commit,
}

const PHASES: [Phase; 5] = [Phase::Start, Phase::Rebalance, Phase::Restore, Phase::Processing, Phase::Commit];

impl Phase {
    /// What a run is doing, by what it has logged.
    fn of(instance: &Instance) -> Phase {
        let log = instance.log();
        let last = |text: &str| log.rfind(text);
        if last("joins the group").is_none() {
            return Phase::Start;
        }
        if last("to RUNNING") <= last("to REBALANCING") {
            let begun = instance.restores().iter().filter(|(_, from, end)| from < end).count();
            return if begun > log.matches(" restored ").count() { Phase::Restore } else { Phase::Rebalance };
        }
        if last("commit begins") > last("commit ends") { Phase::Commit } else { Phase::Processing }
    }
}

/// Random numbers from a seed (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Between 10 ms and 10 s, each power of ten as likely as the next.
    fn delay(&mut self) -> Duration {
        let exponent = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        Duration::from_secs_f64(0.01 * 1000_f64.powf(exponent))
    }

    fn line(&mut self) -> String {
        (0..WORDS_PER_LINE).map(|_| format!("w{}", self.next() % 5000)).collect::<Vec<_>>().join(" ")
    }
}

/// Keeps some lines of input ahead of the program, until it is told to stop.
struct Feeder {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Vec<String>>,
}

impl Feeder {
    fn start(servers: &'static str, marks: PathBuf, mut random: Random) -> Feeder {
        const AHEAD: u64 = 3_000;
        let is_over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            let mut lines: Vec<String> = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let more: Vec<String> = (0..1_000).map(|_| random.line()).collect();
                topics::write_lines(servers, INPUT, more.iter().map(String::as_str));
                lines.extend(more);
                let needs_more = || lines.len() as u64 <= lines_split(&marks) + AHEAD || stop.load(Ordering::Relaxed);
                wait_until("the program to read on", DEADLINE, needs_more);
            }
            lines
        });
        Feeder { is_over, thread }
    }

    fn stop(self) -> Vec<String> {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the feeder can write")
    }
}

/// How far everything is, seen from the broker.
#[derive(Clone, Debug, Default)]
struct Progress {
    input: BTreeMap<i32, i64>,
    repartition: BTreeMap<i32, i64>,
    changelog: i64,
    split: i64,
}

impl Progress {
    fn now(servers: &str, instance: &Instance) -> Progress {
        Progress {
            input: topics::committed(servers, ID, INPUT),
            repartition: topics::committed(servers, ID, REPARTITION),
            changelog: end(servers, CHANGELOG),
            split: instance.lines_split() as i64,
        }
    }

    /// How many counts may come twice because of what happened between `before` and now: what was processed and not committed.
    fn uncommitted_since(&self, before: &Progress) -> i64 {
        let sum = |offsets: &BTreeMap<i32, i64>| offsets.values().sum::<i64>();
        let lines = (self.split - before.split) - (sum(&self.input) - sum(&before.input));
        let words = (self.changelog - before.changelog) - (sum(&self.repartition) - sum(&before.repartition));
        assert!(lines >= 0 && words >= 0, "more was committed than processed: {before:?} {self:?}");
        lines * WORDS_PER_LINE + words
    }

    fn committed(&self, partition: &str) -> i64 {
        let (topic, number) = partition.rsplit_once('-').expect("a partition has a number");
        let offsets = if topic == INPUT { &self.input } else { &self.repartition };
        offsets.get(&number.parse().expect("a number")).copied().unwrap_or(-1)
    }
}

fn end(servers: &str, topic: &str) -> i64 {
    topics::end_offsets(servers, topic).map_or(0, |ends| ends.iter().sum())
}

/// What one kill found.
struct Kill {
    phase: Phase,
    uncommitted: i64,
    after: Progress,
}

/// Ends a run by a kill, and checks where it began.
fn kill(servers: &str, instance: &mut Instance, before: &Progress) -> Kill {
    instance.check();
    instance.kill();
    let phase = Phase::of(instance);
    assert_began_at(instance, before);
    let after = Progress::now(servers, instance);
    Kill { phase, uncommitted: after.uncommitted_since(before), after }
}

/// Reading goes on at the committed offsets, and the stores at theirs.
fn assert_began_at(instance: &Instance, before: &Progress) {
    for (partition, offset) in instance.reads() {
        assert_eq!(offset, before.committed(&partition), "{partition} in\n{}", instance.log());
    }
}

#[test]
fn nothing_is_lost_and_little_is_counted_twice() {
    let seed: u64 = std::env::var("KS_SEED").map_or(0x5eed_0007, |text| text.parse().expect("a number"));
    println!("seed {seed} (KS_SEED sets another)");
    let mut random = Random(seed);
    let servers = KafkaCluster::shared().bootstrap_servers();
    topics::create(servers, &[(INPUT, PARTITIONS), (OUTPUT, 1)]);
    let mut instance = Instance::new(env!("CARGO_BIN_EXE_word_count"), servers, ID, INPUT, OUTPUT)
        .set("commit.interval.ms", "20")
        .set("session.timeout.ms", "1500");
    let feeder = Feeder::start(servers, instance.mark_file(), Random(seed ^ 0xfeed));

    let (mut kills, mut before): (Vec<Kill>, Progress) = (Vec::new(), Progress::default());
    for _ in 0..KILLS {
        let delay = random.delay();
        instance.start();
        thread::sleep(delay);
        let kill = kill(servers, &mut instance, &before);
        println!("killed after {delay:?} in {:?}, {} counts uncommitted", kill.phase, kill.uncommitted);
        before = kill.after.clone();
        kills.push(kill);
    }
    // Chance may have missed a phase that is short.
    for phase in PHASES {
        for _ in 0..10 {
            if kills.iter().any(|kill| kill.phase == phase) {
                break;
            }
            instance.start();
            let begin = Instant::now();
            while Phase::of(&instance) != phase && begin.elapsed() < DEADLINE {
                thread::yield_now();
            }
            let kill = kill(servers, &mut instance, &before);
            println!("killed in {:?} after waiting for {phase:?}, {} counts uncommitted", kill.phase, kill.uncommitted);
            before = kill.after.clone();
            kills.push(kill);
        }
        assert!(kills.iter().any(|kill| kill.phase == phase), "no kill in phase {phase:?}");
    }

    let lines = feeder.stop();
    instance.start();
    instance.wait_until_running(DEADLINE);
    for (partition, from, end) in instance.restores() {
        assert!(from > 0, "{partition} is restored as a whole, up to {end}");
    }
    let changelog = instance.restores().iter().map(|(_, _, end)| end).sum();
    assert!(instance.restored() < changelog, "{} records restored of {changelog}", instance.restored());
    instance.wait_until("everything to be committed", DEADLINE, |_| {
        let committed = |topic| topics::committed(servers, ID, topic).values().sum::<i64>();
        committed(INPUT) == lines.len() as i64 && committed(REPARTITION) == end(servers, REPARTITION)
    });
    instance.close();
    assert_began_at(&instance, &before);
    check_counts(servers, &lines, &kills);
}

fn check_counts(servers: &str, lines: &[String], kills: &[Kill]) {
    let expected = plain_count(lines.iter().map(String::as_str));
    let counts = last_counts(&topics::dump(servers, OUTPUT));
    assert_eq!(counts, last_counts(&topics::dump(servers, CHANGELOG)));
    let missing: Vec<_> = expected.iter().filter(|(word, count)| counts.get(*word) < Some(count)).collect();
    assert!(missing.is_empty(), "input is lost: {missing:?}");
    let sum = |counts: &BTreeMap<String, i64>| counts.values().sum::<i64>();
    assert_eq!(sum(&counts), end(servers, CHANGELOG), "each change of a count is in the changelog once");
    let twice = sum(&counts) - sum(&expected);
    let uncommitted = kills.iter().map(|kill| kill.uncommitted).sum();
    println!("{} words, {twice} counted twice, {uncommitted} were not committed before a kill", sum(&expected));
    assert!(twice <= uncommitted, "{twice} words were counted twice, {uncommitted} were not committed before a kill");
}
