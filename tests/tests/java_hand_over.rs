//! Kafka's own word count and ours go on where the other stopped, and leave the same bytes in Kafka.

use std::collections::BTreeMap;
use std::time::Duration;

use kstreams_tests::instance::tail;
use kstreams_tests::topics::Dumped;
use kstreams_tests::wordcount::{last_counts, plain_count, words};
use kstreams_tests::{Instance, KafkaCluster, WordCountDemo, topics, wait_until};

const DEADLINE: Duration = Duration::from_secs(90);
const INPUT: &str = "streams-plaintext-input";
const OUTPUT: &str = "streams-wordcount-output";
const PARTITIONS: i32 = 2;
/// English, with empty lines, lines that begin with spaces, and punctuation.
const TEXT: &str = include_str!("../../LICENSE");

fn halves() -> (Vec<&'static str>, Vec<&'static str>) {
    let lines: Vec<&str> = TEXT.lines().collect();
    let (first, second) = lines.split_at(lines.len() / 2);
    (first.to_vec(), second.to_vec())
}

fn words_of(lines: &[&str]) -> i64 {
    lines.iter().map(|line| words(line).len() as i64).sum()
}

fn end(servers: &str, topic: &str) -> i64 {
    topics::end_offsets(servers, topic).map_or(0, |ends| ends.iter().sum())
}

fn changelog(id: &str) -> String {
    format!("{id}-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog")
}

fn repartition(id: &str) -> String {
    format!("{id}-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition")
}

fn cluster() -> KafkaCluster {
    let kafka = KafkaCluster::start();
    topics::create(kafka.bootstrap_servers(), &[(INPUT, PARTITIONS), (OUTPUT, 1)]);
    kafka
}

fn ours(servers: &str, id: &str, output: &str) -> Instance {
    Instance::new(env!("CARGO_BIN_EXE_word_count"), servers, id, INPUT, output)
        .set("session.timeout.ms", "1000")
        .set("commit.interval.ms", "100")
}

/// Runs Java until it has written so many counts in all.
fn run_java(servers: &str, id: &str, outputs: i64) {
    // Java would delete from its repartition topic what it has processed.
    let keep = ("repartition.purge.interval.ms", "9000000000000");
    // Ours comes before this is over.
    let session = ("session.timeout.ms", "5000");
    let mut demo = WordCountDemo::start(servers, &[("application.id", id), keep, session]);
    wait_until(&format!("{outputs} counts by Java"), DEADLINE, || {
        assert!(demo.is_running(), "{}", demo.log());
        end(servers, OUTPUT) >= outputs
    });
    demo.stop();
}

/// Runs ours until it has written so many counts in all; answers what it has logged.
fn run_ours(instance: &mut Instance, servers: &str, output: &str, outputs: i64) -> String {
    instance.start();
    instance.wait_until(&format!("{outputs} counts"), DEADLINE, |_| end(servers, output) >= outputs);
    instance.close();
    instance.log()
}

/// Both halves are counted once, the second on top of the first.
fn assert_counts(servers: &str, id: &str) {
    let expected = plain_count(TEXT.lines());
    assert_eq!(end(servers, OUTPUT), words_of(&TEXT.lines().collect::<Vec<_>>()));
    for topic in [OUTPUT, &changelog(id)] {
        let records = topics::dump(servers, topic);
        assert_eq!(last_counts(&records), expected, "{topic}");
        // Without a cache each word has all its counts, one after the other.
        for (word, counts) in by_key(&records) {
            let expected: Vec<Vec<u8>> = (1..=counts.len() as i64).map(|count| count.to_be_bytes().to_vec()).collect();
            assert_eq!(counts, expected, "{word} in {topic}");
        }
    }
}

fn by_key(records: &[Dumped]) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut values: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for record in records {
        let word = String::from_utf8(record.key.clone().expect("a word")).expect("text");
        values.entry(word).or_default().push(record.value.clone().expect("no tombstones"));
    }
    values
}

#[test]
fn ours_goes_on_where_java_stopped() {
    let (kafka, id) = (cluster(), "java-first");
    let servers = kafka.bootstrap_servers();
    let (first, second) = halves();
    topics::write_lines(servers, INPUT, first.iter().copied());
    run_java(servers, id, words_of(&first));
    let kept = end(servers, &changelog(id));
    assert_eq!(kept, words_of(&first));

    topics::write_lines(servers, INPUT, second.iter().copied());
    let mut instance = ours(servers, id, OUTPUT);
    let log = run_ours(&mut instance, servers, OUTPUT, words_of(&first) + words_of(&second));
    assert_eq!(instance.restored(), kept, "{}", tail(&log));
    assert_eq!(instance.lines_split(), second.len() as u64, "Java's committed offsets count");
    assert!(log.contains("waiting until they are gone"), "Java is still a member at first:\n{log}");
    assert_counts(servers, id);
}

#[test]
fn java_goes_on_where_ours_stopped() {
    let (kafka, id) = (cluster(), "ours-first");
    let servers = kafka.bootstrap_servers();
    let (first, second) = halves();
    topics::write_lines(servers, INPUT, first.iter().copied());
    run_ours(&mut ours(servers, id, OUTPUT), servers, OUTPUT, words_of(&first));
    topics::write_lines(servers, INPUT, second.iter().copied());
    run_java(servers, id, words_of(&first) + words_of(&second));
    let committed = topics::committed(servers, id, INPUT);
    assert_eq!(committed.values().sum::<i64>(), (first.len() + second.len()) as i64);
    assert_counts(servers, id);
}

/// What must be the same in both: where a record is and all of its bytes.
type Bytes = (i32, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Option<Vec<u8>>)>);

fn bytes(records: &[Dumped]) -> Vec<Bytes> {
    let of = |r: &Dumped| (r.partition, r.key.clone(), r.value.clone(), r.headers.clone());
    let mut bytes: Vec<Bytes> = records.iter().map(of).collect();
    bytes.sort();
    bytes
}

fn with_times(records: &[Dumped]) -> Vec<(Bytes, Option<i64>)> {
    let mut bytes: Vec<_> =
        records.iter().flat_map(|r| bytes(std::slice::from_ref(r)).into_iter().map(|b| (b, r.timestamp))).collect();
    bytes.sort();
    bytes
}

/// The timestamp of each key's last record.
fn last_times(records: &[Dumped]) -> BTreeMap<Option<Vec<u8>>, Option<i64>> {
    records.iter().map(|r| (r.key.clone(), r.timestamp)).collect()
}

#[test]
fn both_leave_the_same_bytes_in_kafka() {
    let kafka = cluster();
    let servers = kafka.bootstrap_servers();
    let lines: Vec<&str> = TEXT.lines().collect();
    topics::create(servers, &[("our-output", 1)]);
    topics::write_lines(servers, INPUT, lines.iter().copied());
    run_java(servers, "java", words_of(&lines));
    run_ours(&mut ours(servers, "ours", "our-output"), servers, "our-output", words_of(&lines));

    for topic in [changelog("ours"), repartition("ours")] {
        assert!(topics::names(servers).contains(&topic), "{topic}");
    }
    let dump = |topic: &str| topics::dump(servers, topic);
    let (java, ours) = (dump(&repartition("java")), dump(&repartition("ours")));
    assert_eq!(with_times(&ours), with_times(&java), "repartition topics");
    // In which order two tasks write is chance, so a count that is not a word's last may have another time.
    for (java, ours) in [(changelog("java"), changelog("ours")), (OUTPUT.to_owned(), "our-output".to_owned())] {
        let (java, ours) = (dump(&java), dump(&ours));
        assert_eq!(java.len() as i64, words_of(&lines));
        assert_eq!(bytes(&ours), bytes(&java));
        assert_eq!(last_times(&ours), last_times(&java));
    }
}
