//! Kafka's own word count and ours go on where the other stopped, and leave the same bytes behind.

use std::time::Duration;

use kstreams::{KafkaStreams, State};
use kstreams_tests::stage::words_of;
use kstreams_tests::topics::Dumped;
use kstreams_tests::wordcount::{self, last_counts, plain_count};
use kstreams_tests::{KafkaCluster, WordCountDemo, topics, wait_until};
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_secs(60);
const ID: &str = "streams-wordcount";
const INPUT: &str = "streams-plaintext-input";
const OUTPUT: &str = "streams-wordcount-output";
const STORE: &str = "streams-wordcount-KSTREAM-AGGREGATE-STATE-STORE-0000000003";
const LINES: [&str; 6] = [
    "It was the best of times, it was the worst of times,",
    "it was the age of wisdom, it was the age of foolishness,",
    "",
    "  it was the epoch of belief -- it was the epoch of incredulity,",
    "It was the season of Light; it was the season of Darkness!",
    "It was the spring of hope, it was the winter of despair...",
];

struct Town {
    kafka: KafkaCluster,
    state: TempDir,
}

impl Town {
    fn new() -> Self {
        kstreams_tests::logs::show();
        let kafka = KafkaCluster::start();
        topics::create(kafka.bootstrap_servers(), &[(INPUT, 1), (OUTPUT, 1)]);
        Self { kafka, state: tempfile::tempdir().unwrap() }
    }

    fn servers(&self) -> &str {
        self.kafka.bootstrap_servers()
    }

    fn write(&self, lines: &[&str]) {
        topics::write_lines(self.servers(), INPUT, lines.iter().copied());
    }

    fn ours(&self) -> KafkaStreams {
        let config = wordcount::config(self.servers(), ID).set("state.dir", self.state.path().display());
        let streams = KafkaStreams::new(&wordcount::topology(INPUT, OUTPUT), &config).unwrap();
        streams.start().unwrap();
        streams
    }

    fn java(&self) -> WordCountDemo {
        WordCountDemo::start(self.servers(), &[])
    }

    fn wait_for_outputs(&self, lines: &[&str]) {
        let count = words_of(lines);
        wait_until(&format!("{count} counts"), DEADLINE, || {
            topics::end_offsets(self.servers(), OUTPUT).is_some_and(|ends| ends[0] >= count)
        });
    }

    /// Every word was counted once, by whoever it was.
    fn assert_counts(&self) {
        let counts = topics::dump(self.servers(), OUTPUT);
        assert_eq!(counts.len() as i64, words_of(&LINES), "nothing was processed twice");
        assert_eq!(last_counts(&counts), plain_count(LINES));
        let committed = topics::committed(self.servers(), ID, INPUT);
        assert_eq!(committed[&0], LINES.len() as i64);
    }

    /// What lies in an internal topic, without its times.
    fn bytes_of(&self, topic: &str) -> Vec<(Option<Vec<u8>>, Option<Vec<u8>>)> {
        let records = topics::dump(self.servers(), &format!("{STORE}-{topic}"));
        records.into_iter().map(|Dumped { key, value, .. }| (key, value)).collect()
    }
}

#[test]
fn ours_goes_on_where_java_stopped() {
    let town = Town::new();
    town.write(&LINES[..3]);
    let java = town.java();
    town.wait_for_outputs(&LINES[..3]);
    // Java is still a member, with a protocol that is not ours: that is waited for.
    let ours = town.ours();
    assert_eq!(ours.wait_for(State::Running, Duration::from_secs(3)).unwrap_err().kind(), kstreams::ErrorKind::Timeout);
    assert!(ours.error().is_none(), "{:?}", ours.error());
    java.stop();
    town.write(&LINES[3..]);
    town.wait_for_outputs(&LINES);
    ours.close(DEADLINE).unwrap();
    assert_eq!(ours.metrics()["restore-total"] as i64, words_of(&LINES[..3]));
    town.assert_counts();
}

#[test]
fn java_goes_on_where_ours_stopped() {
    let town = Town::new();
    town.write(&LINES[..3]);
    let ours = town.ours();
    town.wait_for_outputs(&LINES[..3]);
    ours.close(DEADLINE).unwrap();
    town.write(&LINES[3..]);
    let java = town.java();
    town.wait_for_outputs(&LINES);
    java.stop();
    town.assert_counts();
}

#[test]
fn both_write_the_same_bytes() {
    let (first, second) = (Town::new(), Town::new());
    let java = first.java();
    first.write(&LINES);
    first.wait_for_outputs(&LINES);
    java.stop();
    let ours = second.ours();
    second.write(&LINES);
    second.wait_for_outputs(&LINES);
    ours.close(DEADLINE).unwrap();
    assert_eq!(topics::names(first.servers()), topics::names(second.servers()));
    let changelog = first.bytes_of("changelog");
    assert_eq!(changelog.len() as i64, words_of(&LINES));
    assert_eq!(second.bytes_of("changelog"), changelog);
    // Java deletes what was processed from its repartition topic.
    let repartition = second.bytes_of("repartition");
    assert!(repartition.ends_with(&first.bytes_of("repartition")));
    assert_eq!(second.bytes_of("repartition").len() as i64, words_of(&LINES));
    let output = |town: &Town| {
        let records = topics::dump(town.servers(), OUTPUT).into_iter();
        records.map(|record| (record.key, record.value)).collect::<Vec<_>>()
    };
    assert_eq!(output(&second), output(&first));
}
