//! From what the user wrote to what runs: the graph of the DSL, its names, its plan and its description.

use std::sync::Arc;

use crate::config::Config;
use crate::error::Result;
use crate::host::{DirectHost, Host};
use internal_topics::InternalTopic;
use plan::{NodeKind, Plan};

pub(crate) mod graph;
pub(crate) mod internal_topics;
pub(crate) mod naming;
pub(crate) mod optimize;
pub(crate) mod order;
pub(crate) mod plan;
pub(crate) mod repartition;
pub(crate) mod write;

mod copartition;
mod describe;
mod subtopology;

#[cfg(test)]
mod tests;

/// What an application does with its records: sources, operators, stores and sinks, checked and ready to run. Cheap to
/// clone.
///
/// Made by [`StreamsBuilder::build`](crate::StreamsBuilder::build).
#[derive(Clone)]
pub struct Topology {
    plan: Arc<Plan>,
    host: Arc<dyn Host>,
}

impl Topology {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan: Arc::new(plan), host: Arc::new(DirectHost) }
    }

    /// The same topology with its functions called inside `host`. One host a topology.
    #[must_use]
    pub fn with_host(mut self, host: Arc<dyn Host>) -> Self {
        self.host = host;
        self
    }

    pub(crate) fn host(&self) -> &Arc<dyn Host> {
        &self.host
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The text that Kafka Streams prints for the same topology: subtopologies with their nodes, topics and stores.
    /// Internal topics are without the application's id.
    pub fn describe(&self) -> String {
        describe::describe(&self.plan)
    }

    /// The topics that are read and were not made by this topology, sorted.
    pub fn source_topics(&self) -> Vec<String> {
        let topics = self.plan.nodes.iter().flat_map(|node| match &node.kind {
            NodeKind::Source { topics, .. } => topics.as_slice(),
            _ => &[],
        });
        self.sorted_external(topics)
    }

    /// The topics that are written and are not read back as internal ones, sorted.
    pub fn sink_topics(&self) -> Vec<String> {
        let topics = self.plan.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Sink { topic, .. } => Some(topic),
            _ => None,
        });
        self.sorted_external(topics)
    }

    /// The names of the state stores, in the order in which they were added.
    pub fn store_names(&self) -> Vec<String> {
        self.plan.stores.iter().map(|store| store.name.clone()).collect()
    }

    /// The topics that an application with this configuration makes for itself, by name.
    ///
    /// # Errors
    /// *Invalid* for settings that are missing or wrong.
    pub fn internal_topics(&self, config: &Config) -> Result<Vec<InternalTopic>> {
        let settings = config.streams_settings()?;
        let overrides = settings.topic_overrides().into_iter().collect();
        Ok(internal_topics::internal_topics(&self.plan, settings.application_id(), &overrides))
    }

    /// Groups of topics that must have equally many partitions, because what they hold is brought together by key.
    /// Internal topics are under their real names.
    ///
    /// # Errors
    /// *Invalid* for settings that are missing or wrong.
    pub fn copartition_groups(&self, config: &Config) -> Result<Vec<Vec<String>>> {
        let settings = config.streams_settings()?;
        let real = |topic: &String| self.plan.real_topic(topic, settings.application_id());
        let sorted = |group: &Vec<String>| {
            let mut topics: Vec<String> = group.iter().map(real).collect();
            topics.sort();
            topics
        };
        let mut groups: Vec<Vec<String>> = self.plan.copartitioned.iter().map(sorted).collect();
        groups.sort();
        Ok(groups)
    }

    fn sorted_external<'a>(&self, topics: impl Iterator<Item = &'a String>) -> Vec<String> {
        let mut topics: Vec<String> =
            topics.filter(|topic| !self.plan.repartitions.contains_key(*topic)).cloned().collect();
        topics.sort();
        topics.dedup();
        topics
    }
}

impl std::fmt::Debug for Topology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Topology").field(&self.plan).finish()
    }
}
