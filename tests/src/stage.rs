//! Topics, an application id and a state directory that no other test uses.

use std::time::Duration;

use kstreams::{Config, KafkaStreams, State, Topology};
use tempfile::TempDir;

use crate::wordcount::{self, last_counts, plain_count};
use crate::{KafkaCluster, logs, topics, wait_until};

const DEADLINE: Duration = Duration::from_secs(60);

/// Where one application of a test lives.
pub struct Stage {
    pub servers: String,
    pub id: String,
    pub input: String,
    pub output: String,
    pub state: TempDir,
}

impl Stage {
    /// On the broker that all tests of the process share. The input has so many partitions, the output one.
    pub fn new(id: &str, partitions: i32) -> Self {
        Self::on(KafkaCluster::shared(), id, partitions)
    }

    /// On a broker of the test's own.
    pub fn on(kafka: &KafkaCluster, id: &str, partitions: i32) -> Self {
        let stage = Self::without_topics(kafka.bootstrap_servers(), id);
        topics::create(&stage.servers, &[(&stage.input, partitions), (&stage.output, 1)]);
        stage
    }

    /// Names only.
    pub fn without_topics(servers: &str, id: &str) -> Self {
        logs::show();
        let (input, output) = (format!("{id}-input"), format!("{id}-output"));
        let state = tempfile::tempdir().expect("there is a folder for temporary files");
        Self { servers: servers.to_owned(), id: id.to_owned(), input, output, state }
    }

    /// The word count between the stage's topics.
    pub fn word_count(&self) -> Topology {
        wordcount::topology(&self.input, &self.output)
    }

    /// The demo's settings, with quick commits and a short session.
    pub fn config(&self) -> Config {
        wordcount::config(&self.servers, &self.id)
            .set("state.dir", self.state.path().display())
            .set("commit.interval.ms", 200)
            .set("session.timeout.ms", 6000)
    }

    /// An application that is started.
    ///
    /// # Panics
    /// When it cannot be.
    pub fn start(&self, topology: &Topology) -> KafkaStreams {
        let streams = KafkaStreams::new(topology, &self.config()).expect("the settings are valid");
        streams.start().expect("it was just made");
        streams
    }

    /// A word count that runs.
    ///
    /// # Panics
    /// When it does not run in time.
    pub fn run_word_count(&self) -> KafkaStreams {
        let streams = self.start(&self.word_count());
        streams.wait_for(State::Running, DEADLINE).expect("it runs");
        streams
    }

    /// Writes lines to the input.
    pub fn write(&self, lines: &[&str]) {
        topics::write_lines(&self.servers, &self.input, lines.iter().copied());
    }

    /// The changelog of the word count's store.
    pub fn changelog(&self) -> String {
        format!("{}-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog", self.id)
    }

    /// How many records a topic has had.
    pub fn end(&self, topic: &str) -> i64 {
        topics::end_offsets(&self.servers, topic).map_or(0, |ends| ends.iter().sum())
    }

    /// Waits for so many outputs, as long as the application does not fail.
    ///
    /// # Panics
    /// When they do not come in time.
    pub fn wait_for_outputs(&self, streams: &KafkaStreams, count: i64) {
        wait_until(&format!("{count} outputs"), DEADLINE, || {
            assert!(streams.error().is_none(), "{:?}", streams.error());
            self.end(&self.output) >= count
        });
    }

    /// Compares the last count of each word with a plain count.
    ///
    /// # Panics
    /// When they differ.
    pub fn assert_counts(&self, lines: &[&str]) {
        let counts = last_counts(&topics::dump(&self.servers, &self.output));
        assert_eq!(counts, plain_count(lines.iter().copied()));
    }
}

/// A counter of an application.
///
/// # Panics
/// When there is no such counter.
pub fn metric(streams: &KafkaStreams, name: &str) -> i64 {
    streams.metrics()[name] as i64
}

/// How many words the lines have together.
pub fn words_of(lines: &[&str]) -> i64 {
    lines.iter().map(|line| wordcount::words(line).len() as i64).sum()
}
