//! From what the user wrote to what runs: the graph of the DSL, its names, its plan and its description.

use std::sync::Arc;

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
#[derive(Clone, Debug)]
pub struct Topology(Arc<Plan>);

impl Topology {
    pub(crate) fn new(plan: Plan) -> Self {
        Self(Arc::new(plan))
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.0
    }

    /// The text that Kafka Streams prints for the same topology: subtopologies with their nodes, topics and stores.
    /// Internal topics are without the application's id.
    pub fn describe(&self) -> String {
        describe::describe(&self.0)
    }

    /// The topics that are read and were not made by this topology, sorted.
    pub fn source_topics(&self) -> Vec<String> {
        let topics = self.0.nodes.iter().flat_map(|node| match &node.kind {
            NodeKind::Source { topics, .. } => topics.as_slice(),
            _ => &[],
        });
        self.sorted_external(topics)
    }

    /// The topics that are written and are not read back as internal ones, sorted.
    pub fn sink_topics(&self) -> Vec<String> {
        let topics = self.0.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Sink { topic, .. } => Some(topic),
            _ => None,
        });
        self.sorted_external(topics)
    }

    /// The names of the state stores, in the order in which they were added.
    pub fn store_names(&self) -> Vec<String> {
        self.0.stores.iter().map(|store| store.name.clone()).collect()
    }

    fn sorted_external<'a>(&self, topics: impl Iterator<Item = &'a String>) -> Vec<String> {
        let mut topics: Vec<String> =
            topics.filter(|topic| !self.0.repartitions.contains_key(*topic)).cloned().collect();
        topics.sort();
        topics.dedup();
        topics
    }
}
