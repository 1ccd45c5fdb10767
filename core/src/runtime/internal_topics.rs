//! Makes the topics that an application needs for itself: looks first, creates only what is missing, waits for leaders.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorKind, Result};
use crate::topology::Topology;
use crate::topology::internal_topics::{InternalTopic, InternalTopicKind, internal_topics};
use crate::topology::plan::{NodeKind, Plan, Subtopology};
use crate::topology::repartition::partition_counts;

/// Kafka's number for a topic that exists already.
const TOPIC_ALREADY_EXISTS: i16 = 36;

/// How many partitions topics have, by real name.
pub(crate) type PartitionCounts = BTreeMap<String, i32>;

/// A topic to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedTopic {
    pub(crate) name: String,
    pub(crate) partitions: i32,
    pub(crate) config: BTreeMap<String, String>,
}

/// What is asked of the brokers.
pub(crate) trait Cluster {
    /// The partition counts of those topics that exist. *Retriable* while one of them has a partition without a leader.
    fn partitions(&self, topics: &[String]) -> Result<PartitionCounts>;

    /// Creates a topic.
    fn create(&self, topic: &WantedTopic) -> Result<()>;
}

/// What the topics of an application are called and how they are made.
pub(crate) struct TopicNames<'a> {
    pub(crate) application_id: &'a str,
    /// The settings under `topic.`.
    pub(crate) defaults: &'a BTreeMap<String, String>,
}

/// Makes the internal topics that are missing. Several instances may do so at a time. Gives the partition counts of all
/// topics that the application reads or keeps its changes in; until all of them can be used it answers *retriable*.
///
/// # Errors
/// *Invalid* when a source topic does not exist or an internal topic has the wrong number of partitions; *retriable*
/// while a topic that was created has no leaders yet; what the brokers answer.
pub(crate) fn prepare(cluster: &dyn Cluster, topology: &Topology, names: &TopicNames<'_>) -> Result<PartitionCounts> {
    let sources = topology.source_topics();
    let mut counts = cluster.partitions(&sources)?;
    if let Some(missing) = sources.iter().find(|topic| !counts.contains_key(*topic)) {
        return Err(missing_source(missing));
    }
    let wanted = wanted(topology.plan(), names, &counts)?;
    let wanted_names: Vec<String> = wanted.iter().map(|topic| topic.name.clone()).collect();
    let mut existing = cluster.partitions(&wanted_names)?;
    for topic in wanted.iter().filter(|topic| !existing.contains_key(&topic.name)) {
        create(cluster, topic)?;
    }
    if existing.len() < wanted.len() {
        existing = cluster.partitions(&wanted_names)?;
    }
    for topic in &wanted {
        match existing.get(&topic.name) {
            Some(count) => check_count(topic, *count)?,
            None => return Err(no_leader_yet(&topic.name)),
        }
    }
    counts.extend(existing);
    Ok(counts)
}

fn create(cluster: &dyn Cluster, topic: &WantedTopic) -> Result<()> {
    match cluster.create(topic) {
        Ok(()) => log::info!("created topic {} with {} partitions", topic.name, topic.partitions),
        // Another instance was quicker.
        Err(error) if error.kafka_code() == TOPIC_ALREADY_EXISTS => {}
        Err(error) => return Err(error.with("topic", &topic.name)),
    }
    Ok(())
}

fn check_count(topic: &WantedTopic, count: i32) -> Result<()> {
    if topic.partitions == count {
        return Ok(());
    }
    Err(Error::invalid("internal topic has another number of partitions: delete it, or use another application.id")
        .with("topic", &topic.name)
        .with("expected", topic.partitions)
        .with("got", count))
}

fn missing_source(topic: &str) -> Error {
    Error::invalid("source topic does not exist: create it before the application starts").with("topic", topic)
}

/// What is answered while a topic cannot be used yet.
pub(super) fn no_leader_yet(topic: &str) -> Error {
    Error::new(ErrorKind::Retriable, "topic has no leaders yet").with("topic", topic)
}

/// The internal topics with their numbers of partitions. `known` are those of the topics that are not internal.
///
/// # Errors
/// *Invalid* when a source topic is not known, or the numbers contradict each other.
pub(crate) fn wanted(plan: &Plan, names: &TopicNames<'_>, known: &PartitionCounts) -> Result<Vec<WantedTopic>> {
    let repartitions = partition_counts(plan, &|topic| known.get(topic).copied())?;
    let count_of = |topic: &str| repartitions.get(topic).or_else(|| known.get(topic)).copied();
    let changelogs = changelog_counts(plan, names.application_id, &count_of);
    let topics = internal_topics(plan, names.application_id, names.defaults);
    topics
        .into_iter()
        .map(|topic| {
            let partitions = match topic.kind {
                InternalTopicKind::Repartition => repartition_count(&topic, names, &repartitions),
                InternalTopicKind::Changelog => changelogs.get(&topic.name).copied(),
            };
            let partitions = partitions.ok_or_else(|| {
                Error::invalid("internal topic has no source to take its number of partitions from")
                    .with("topic", &topic.name)
            })?;
            Ok(WantedTopic { name: topic.name, partitions, config: topic.config })
        })
        .collect()
}

fn repartition_count(topic: &InternalTopic, names: &TopicNames<'_>, counts: &BTreeMap<String, i32>) -> Option<i32> {
    let undecorated = topic.name.strip_prefix(names.application_id)?.strip_prefix('-')?;
    counts.get(undecorated).copied()
}

/// A changelog has as many partitions as its subtopology has tasks.
fn changelog_counts(
    plan: &Plan,
    application_id: &str,
    count_of: &dyn Fn(&str) -> Option<i32>,
) -> BTreeMap<String, i32> {
    let mut counts = BTreeMap::new();
    for subtopology in &plan.subtopologies {
        let tasks = source_topics(plan, subtopology).into_iter().filter_map(count_of).max();
        for &store in &subtopology.stores {
            let name = format!("{application_id}-{}-changelog", plan.stores[store].name);
            counts.extend(tasks.map(|tasks| (name, tasks)));
        }
    }
    counts
}

/// The topics that a subtopology reads, undecorated.
pub(crate) fn source_topics<'a>(plan: &'a Plan, subtopology: &Subtopology) -> BTreeSet<&'a str> {
    let nodes = subtopology.nodes.iter().map(|&node| &plan.nodes[node].kind);
    let topics = nodes.filter_map(|kind| match kind {
        NodeKind::Source { topics, .. } => Some(topics),
        _ => None,
    });
    topics.flatten().map(String::as_str).collect()
}

#[cfg(test)]
mod tests;
