//! Brokers in this process.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use crate::clock::Deadline;
use crate::error::{Error, Result};
use crate::native::kafka::admin::{RawAdmin, TopicMetadata};
use crate::native::kafka::mock::Mock;
use crate::runtime::internal_topics::{self, PartitionCounts, TopicNames};
use crate::topology::Topology;

/// A small Kafka cluster inside this process, for tests and demonstrations. It lives as long as this value.
///
/// It is librdkafka's mock: records and consumer groups work as on a real cluster, with limits. It keeps 5 MiB or
/// 100,000 batches of each partition and forgets the oldest silently; it has no topic settings, no compaction and no
/// transactions, and topics are created here, not by an admin client.
///
/// # Examples
/// ```
/// use kstreams::testing::EmbeddedCluster;
///
/// let cluster = EmbeddedCluster::start(1)?;
/// cluster.create_topic("words", 4)?;
/// assert!(cluster.bootstrap_servers().starts_with("127.0.0.1:"));
/// # Ok::<(), kstreams::Error>(())
/// ```
pub struct EmbeddedCluster {
    mock: Mock,
    bootstrap_servers: String,
}

impl EmbeddedCluster {
    /// Starts this many brokers on loopback.
    ///
    /// # Errors
    /// *Invalid* for no brokers or more than 64; *resource* without threads or sockets.
    pub fn start(brokers: u16) -> Result<Self> {
        if !(1..=64).contains(&brokers) {
            return Err(Error::invalid("an embedded cluster has between 1 and 64 brokers").with("brokers", brokers));
        }
        let mock = Mock::start(brokers)?;
        let bootstrap_servers = mock.bootstrap_servers();
        Ok(Self { mock, bootstrap_servers })
    }

    /// What clients take as `bootstrap.servers`.
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// Creates a topic.
    ///
    /// # Errors
    /// *Invalid* for a topic that exists, an impossible name, or less than one partition.
    pub fn create_topic(&self, name: &str, partitions: i32) -> Result<()> {
        if partitions < 1 {
            return Err(Error::invalid("a topic needs at least one partition").with("topic", name));
        }
        self.mock.create_topic(name, partitions)
    }

    /// Creates what an application needs and does not exist: the topics that it reads and writes, with one partition
    /// each, and its internal topics, with as many as follow from those that it reads.
    ///
    /// # Errors
    /// *Invalid* when the partition counts of existing topics contradict each other; *retriable* or *timeout* when the
    /// cluster does not answer.
    pub fn prepare(&self, topology: &Topology, application_id: &str) -> Result<()> {
        let mut counts = self.partition_counts()?;
        for topic in topology.source_topics().into_iter().chain(topology.sink_topics()) {
            if let Entry::Vacant(missing) = counts.entry(topic) {
                self.create_topic(missing.key(), 1)?;
                missing.insert(1);
            }
        }
        let names = TopicNames { application_id, defaults: &BTreeMap::new() };
        for topic in internal_topics::wanted(topology.plan(), &names, &counts)? {
            if !counts.contains_key(&topic.name) {
                self.create_topic(&topic.name, topic.partitions)?;
            }
        }
        Ok(())
    }

    fn partition_counts(&self) -> Result<PartitionCounts> {
        let deadline = Deadline::after(Duration::from_secs(10));
        let admin = RawAdmin::new([("bootstrap.servers", self.bootstrap_servers())])?;
        let topics = admin.topics(deadline)?;
        let count = |topic: &TopicMetadata| i32::try_from(topic.partitions.len()).expect("fewer partitions than 2^31");
        Ok(topics.into_iter().map(|topic| (topic.name.clone(), count(&topic))).collect())
    }

    /// Cuts all connections of a broker, by its number from 1, and refuses new ones.
    ///
    /// # Errors
    /// *Invalid* for a broker that does not exist.
    pub fn stop_broker(&self, broker: i32) -> Result<()> {
        self.mock.set_down(broker)
    }

    /// Lets a stopped broker go on.
    ///
    /// # Errors
    /// *Invalid* for a broker that does not exist.
    pub fn start_broker(&self, broker: i32) -> Result<()> {
        self.mock.set_up(broker)
    }
}

impl std::fmt::Debug for EmbeddedCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedCluster").field("bootstrap_servers", &self.bootstrap_servers).finish()
    }
}
