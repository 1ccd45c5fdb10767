//! Topics: create, describe, delete.

use std::time::Duration;

use super::{Admin, Outcomes};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::admin::{NewTopic as RawTopic, TopicMetadata};
use crate::native::kafka::error::Status;
use crate::thread::Signal;

/// A topic to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// The name.
    pub name: String,
    /// How many partitions, at least one.
    pub partitions: i32,
    /// How many brokers keep each partition; by default what the broker says.
    pub replication_factor: Option<i32>,
    /// Topic settings, such as `cleanup.policy`.
    pub configs: Vec<(String, String)>,
}

impl NewTopic {
    /// A topic with the broker's replication factor and settings.
    pub fn new(name: impl Into<String>, partitions: i32) -> Self {
        Self { name: name.into(), partitions, replication_factor: None, configs: Vec::new() }
    }

    /// The same with this replication factor.
    #[must_use]
    pub fn replication_factor(mut self, factor: i32) -> Self {
        self.replication_factor = Some(factor);
        self
    }

    /// The same with one more setting.
    #[must_use]
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.configs.push((name.into(), value.into()));
        self
    }
}

/// A topic as the cluster knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDescription {
    /// The name.
    pub name: String,
    /// The partitions, by number.
    pub partitions: Vec<PartitionDescription>,
}

/// A partition as the cluster knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDescription {
    /// The number, from 0.
    pub partition: i32,
    /// The broker that leads it; `None` while there is none.
    pub leader: Option<i32>,
    /// How many brokers keep it.
    pub replicas: usize,
}

impl From<TopicMetadata> for TopicDescription {
    fn from(topic: TopicMetadata) -> Self {
        let mut partitions: Vec<_> = topic
            .partitions
            .into_iter()
            .map(|part| PartitionDescription { partition: part.id, leader: part.leader, replicas: part.replicas })
            .collect();
        partitions.sort_unstable_by_key(|partition| partition.partition);
        Self { name: topic.name, partitions }
    }
}

impl Admin {
    /// Creates topics. Each has its own outcome: one that exists already is *invalid* with Kafka's code 36.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when the cluster did not answer: look what was created. *Invalid* for less than one
    /// partition; *closed*.
    pub fn create_topics(&self, topics: &[NewTopic], timeout: Duration) -> Result<Outcomes> {
        let raw: Vec<RawTopic<'_>> = topics
            .iter()
            .map(|topic| RawTopic {
                name: &topic.name,
                partitions: topic.partitions,
                replication_factor: topic.replication_factor,
                configs: topic.configs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            })
            .collect();
        self.raw()?.create_topics(&raw, Deadline::after(timeout)).map(Outcomes::from_results)
    }

    /// Deletes topics. Each has its own outcome.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when the cluster did not answer; *closed*.
    pub fn delete_topics<'a>(&self, names: impl IntoIterator<Item = &'a str>, timeout: Duration) -> Result<Outcomes> {
        let names: Vec<&str> = names.into_iter().collect();
        self.raw()?.delete_topics(&names, Deadline::after(timeout)).map(Outcomes::from_results)
    }

    /// All topics of the cluster that this principal may see, by name.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when no broker answered; *closed*.
    pub fn topics(&self, timeout: Duration) -> Result<Vec<TopicDescription>> {
        let topics = self.raw()?.topics(Deadline::after(timeout))?;
        let mut topics: Vec<_> = topics.into_iter().map(TopicDescription::from).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Describes topics, in the order of their names here.
    ///
    /// # Errors
    /// *Invalid* with the first topic that does not exist; *timeout* or *retriable* when no broker answered; *closed*.
    pub fn describe_topics<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        timeout: Duration,
    ) -> Result<Vec<TopicDescription>> {
        let topics = self.topics(timeout)?;
        let describe = |name: &str| {
            let known = topics.iter().find(|topic| topic.name == name).cloned();
            known.ok_or_else(|| Status::UNKNOWN_TOPIC.error("cannot describe a topic").with("topic", name))
        };
        names.into_iter().map(describe).collect()
    }

    /// Waits until these topics exist and each of their partitions has a leader, so that they can be used.
    ///
    /// # Errors
    /// *Timeout* with the first topic that is not ready; *closed*.
    pub fn wait_for_leaders<'a>(&self, names: impl IntoIterator<Item = &'a str>, timeout: Duration) -> Result<()> {
        let deadline = Deadline::after(timeout);
        let names: Vec<&str> = names.into_iter().collect();
        let mut late = None;
        loop {
            match self.topics(deadline.remaining()) {
                Ok(topics) => late = names.iter().find(|name| !is_ready(&topics, name)),
                // The last question was cut short: what is known from the one before says more.
                Err(error) if error.kind() == ErrorKind::Timeout && late.is_some() => {}
                Err(error) => return Err(error),
            }
            let Some(late) = late else { return Ok(()) };
            if deadline.is_over() {
                let text = "a topic has no leader for all its partitions yet; check its name and the brokers";
                return Err(Error::new(ErrorKind::Timeout, text).with("topic", late));
            }
            // Nothing tells when a leader was chosen: ask again in a while.
            let pause = deadline.at_most(Duration::from_millis(50));
            Signal::new(()).wait(pause, |()| None::<()>);
        }
    }
}

fn is_ready(topics: &[TopicDescription], name: &str) -> bool {
    let topic = topics.iter().find(|topic| topic.name == name);
    topic.is_some_and(|topic| {
        !topic.partitions.is_empty() && topic.partitions.iter().all(|partition| partition.leader.is_some())
    })
}
