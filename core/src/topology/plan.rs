//! The plan: nodes, stores, topics and subtopologies, as Java's `InternalTopologyBuilder` has them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::operator::OperatorFactory;
use crate::serde::SerdeRef;

/// A whole topology. Nodes are in the order in which they were added; children in the order of attachment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) nodes: Vec<PlanNode>,
    pub(crate) stores: Vec<StoreSpec>,
    /// Repartition topics by undecorated name.
    pub(crate) repartitions: BTreeMap<String, RepartitionSpec>,
    /// Groups of topics that must have equally many partitions.
    pub(crate) copartitioned: Vec<Vec<String>>,
    pub(crate) subtopologies: Vec<Subtopology>,
}

impl Plan {
    /// A topic's real name: internal ones have the application's id in front.
    pub(crate) fn real_topic(&self, topic: &str, application_id: &str) -> String {
        match self.repartitions.contains_key(topic) {
            true => format!("{application_id}-{topic}"),
            false => topic.to_owned(),
        }
    }
}

/// One node.
#[derive(Clone, Debug)]
pub(crate) struct PlanNode {
    pub(crate) name: String,
    pub(crate) kind: NodeKind,
    pub(crate) parents: Vec<usize>,
    pub(crate) children: Vec<usize>,
    /// The stores it is connected to, as indices into [`Plan::stores`], in the order that `describe` prints.
    pub(crate) stores: Vec<usize>,
}

/// What a node is. Topic names are undecorated: those in [`Plan::repartitions`] get the application's id in front.
#[derive(Clone)]
pub(crate) enum NodeKind {
    Source {
        topics: Vec<String>,
        key: Option<SerdeRef>,
        value: Option<SerdeRef>,
        timestamps: Option<Extractor>,
        reset: Option<OffsetReset>,
    },
    Processor(OperatorFactory),
    Sink {
        topic: String,
        key: Option<SerdeRef>,
        value: Option<SerdeRef>,
        partitioner: Option<Partitioner>,
    },
}

impl fmt::Debug for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source { topics, .. } => write!(f, "Source({topics:?})"),
            Self::Processor(_) => f.write_str("Processor"),
            Self::Sink { topic, .. } => write!(f, "Sink({topic})"),
        }
    }
}

/// Decides the partitions of a sink's record from topic, key, value and the number of partitions: `None` leaves it to
/// the producer, an empty list drops the record, several multicast it.
pub(crate) type Partitioner =
    Arc<dyn Fn(&str, &crate::value::Value, &crate::value::Value, i32) -> Result<Option<Vec<i32>>> + Send + Sync>;

/// Takes a record's timestamp: from the record and the partition's time so far. Negative drops the record.
pub(crate) type Extractor = Arc<dyn Fn(&crate::record::Record, i64) -> Result<i64> + Send + Sync>;

/// Where a source begins when its group has no offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    /// At the beginning of the topic.
    Earliest,
    /// At its end.
    Latest,
    /// Nowhere: that is an error.
    None,
}

/// A repartition topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RepartitionSpec {
    /// How many partitions the user asked for.
    pub(crate) partitions: Option<i32>,
}

/// A state store.
#[derive(Clone, Debug)]
pub(crate) struct StoreSpec {
    pub(crate) name: String,
    pub(crate) kind: StoreKind,
    pub(crate) bottom: StoreBottom,
    pub(crate) key: Option<SerdeRef>,
    pub(crate) value: Option<SerdeRef>,
    /// Whether a record cache stands in front, when there is a budget for it.
    pub(crate) caching: bool,
    /// The changelog's own topic settings; `None` switches the changelog off.
    pub(crate) logging: Option<BTreeMap<String, String>>,
    /// The node that brought the store, whose children get the changes when a cache is flushed.
    pub(crate) owner: usize,
    /// Whether those changes need their old values.
    pub(crate) old_values: bool,
}

/// What a store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreKind {
    /// Key → value and timestamp.
    TimestampedKeyValue,
}

/// Where a store's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreBottom {
    Rocks,
    Memory,
}

/// Nodes that run together in one task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subtopology {
    pub(crate) id: i32,
    /// Indices into [`Plan::nodes`], ascending.
    pub(crate) nodes: Vec<usize>,
    /// Indices into [`Plan::stores`], in the order in which they were added.
    pub(crate) stores: Vec<usize>,
}
