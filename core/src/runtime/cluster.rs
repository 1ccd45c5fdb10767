//! What the preparation of topics asks of the brokers.

use std::time::Duration;

use super::internal_topics::{Cluster, PartitionCounts, WantedTopic, no_leader_yet};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::admin::{NewTopic, RawAdmin, TopicMetadata};

/// How long one answer may take. It is short, and asked for again, because nothing stops a wait for it.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the creation of a topic may take.
const CREATE_PATIENCE: Duration = Duration::from_secs(10);

/// Brokers by way of an admin client.
pub(super) struct Brokers<'a> {
    pub(super) admin: &'a RawAdmin,
    /// Negative leaves it to the brokers.
    pub(super) replication_factor: i32,
}

impl Cluster for Brokers<'_> {
    fn partitions(&self, topics: &[String]) -> Result<PartitionCounts> {
        if topics.is_empty() {
            return Ok(PartitionCounts::new());
        }
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        let known = self.admin.describe_topics(&names, Deadline::after(PATIENCE))?;
        // A topic without leaders, as while a broker stops, is not a topic that is missing.
        known
            .into_iter()
            .map(|topic| count(&topic).ok_or_else(|| no_leader_yet(&topic.name)).map(|n| (topic.name, n)))
            .collect()
    }

    fn create(&self, topic: &WantedTopic) -> Result<()> {
        let new = NewTopic {
            name: &topic.name,
            partitions: topic.partitions,
            replication_factor: Some(self.replication_factor).filter(|factor| *factor > 0),
            configs: topic.config.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        };
        let outcomes = self.admin.create_topics(&[new], Deadline::after(CREATE_PATIENCE))?;
        outcomes.into_iter().try_for_each(|(_, outcome)| outcome).map_err(|error| self.explain(error))
    }
}

impl Brokers<'_> {
    /// One replica is too many only for a cluster without a broker in service, as while the last one stops.
    fn explain(&self, error: Error) -> Error {
        const INVALID_REPLICATION_FACTOR: i16 = 38;
        if error.kafka_code() != INVALID_REPLICATION_FACTOR || self.replication_factor > 1 {
            return error;
        }
        Error::new(ErrorKind::Retriable, "the brokers do not take a new topic yet").caused_by(error)
    }
}

/// The number of partitions of a topic that can be used: all of them have a leader.
fn count(topic: &TopicMetadata) -> Option<i32> {
    let is_led = !topic.partitions.is_empty() && topic.partitions.iter().all(|partition| partition.leader.is_some());
    i32::try_from(topic.partitions.len()).ok().filter(|_| is_led)
}
