//! The graph that the DSL builds: what the user wrote, before it is optimised and written into a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::naming::{self, Counter, RepartitionNames};
use super::plan::{Extractor, OffsetReset, Partitioner, StoreBottom, StoreKind};
use crate::error::{Error, Result};
use crate::operator::OperatorFactory;
use crate::serde::SerdeRef;

/// The number of a node within its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(super) usize);

/// The node above all sources.
pub(crate) const ROOT: NodeId = NodeId(0);

/// What the DSL has built so far.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(super) nodes: Vec<GraphNode>,
    pub(crate) counter: Counter,
    next_priority: usize,
    /// Key-changing nodes (later also merges), each with the repartitions below it that can be merged.
    pub(super) key_changers: Vec<(NodeId, Vec<NodeId>)>,
    pub(super) merges: Vec<NodeId>,
    /// Sets of source nodes, by name, whose topics must have equally many partitions.
    pub(super) copartitioned: Vec<BTreeSet<String>>,
    error: Option<Error>,
}

/// A node of the graph; one repartition is one node here and four in the plan.
#[derive(Clone, Debug)]
pub(crate) struct GraphNode {
    pub(super) name: String,
    pub(super) body: Body,
    pub(super) role: Role,
    pub(super) parents: Vec<NodeId>,
    pub(super) children: Vec<NodeId>,
    /// Nodes are written in this order, as far as their parents allow.
    pub(super) priority: usize,
    /// Whether somebody below needs the old value of each change.
    pub(super) old_values: bool,
}

/// What an operator does to records, as far as the optimiser cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    Neutral,
    /// May change keys: partitions are no longer by key.
    ChangesKeys,
    /// Changes values: a repartition must not move above it.
    ChangesValues,
    /// Joins several streams into one.
    Merges,
}

/// What a node of the graph becomes.
#[derive(Clone)]
pub(crate) enum Body {
    Root,
    Source(Source),
    Processor { maker: Maker, stores: Vec<StoreRequest> },
    Sink(Sink),
    Repartition(Repartition),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "Root",
            Self::Source(_) => "Source",
            Self::Processor { .. } => "Processor",
            Self::Sink(_) => "Sink",
            Self::Repartition(_) => "Repartition",
        })
    }
}

/// A source node.
#[derive(Clone)]
pub(crate) struct Source {
    /// In Java's hash order.
    pub(crate) topics: Vec<String>,
    pub(crate) key: Option<SerdeRef>,
    pub(crate) value: Option<SerdeRef>,
    pub(crate) timestamps: Option<Extractor>,
    pub(crate) reset: Option<OffsetReset>,
}

/// A sink node.
#[derive(Clone)]
pub(crate) struct Sink {
    pub(crate) topic: String,
    pub(crate) key: Option<SerdeRef>,
    pub(crate) value: Option<SerdeRef>,
    pub(crate) partitioner: Option<Partitioner>,
}

/// A repartition: a filter, a sink, and the source that reads what the sink wrote.
#[derive(Clone)]
pub(crate) struct Repartition {
    pub(crate) names: RepartitionNames,
    pub(crate) key: Option<SerdeRef>,
    pub(crate) value: Option<SerdeRef>,
    pub(crate) partitioner: Option<Partitioner>,
    pub(crate) partitions: Option<i32>,
    /// Whether the optimiser may merge it with others: automatic ones only.
    pub(crate) is_automatic: bool,
}

/// A store that a processor brings. Its place is only settled with the configuration.
#[derive(Clone, Debug)]
pub(crate) struct StoreRequest {
    pub(crate) name: String,
    pub(crate) kind: StoreKind,
    /// `None` takes the configured kind.
    pub(crate) bottom: Option<StoreBottom>,
    pub(crate) key: Option<SerdeRef>,
    pub(crate) value: Option<SerdeRef>,
    pub(crate) caching: bool,
    pub(crate) logging: Option<BTreeMap<String, String>>,
}

/// What is known about a node only when the whole graph is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// Whether the changes that it forwards need their old value.
    pub(crate) old_values: bool,
}

/// Makes the factory of a processor once its graph is complete.
pub(crate) type Maker = Arc<dyn Fn(Facts) -> OperatorFactory + Send + Sync>;

impl Default for Graph {
    fn default() -> Self {
        let root = GraphNode::new("root".to_owned(), Body::Root, Role::Neutral);
        Self {
            nodes: vec![root],
            counter: Counter::default(),
            next_priority: 0,
            key_changers: Vec::new(),
            merges: Vec::new(),
            copartitioned: Vec::new(),
            error: None,
        }
    }
}

impl GraphNode {
    pub(crate) fn new(name: String, body: Body, role: Role) -> Self {
        Self { name, body, role, parents: Vec::new(), children: Vec::new(), priority: 0, old_values: false }
    }
}

impl Graph {
    /// Keeps the first mistake for [`check`](Self::check).
    pub(crate) fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.error.get_or_insert(error)).ok()
    }

    /// The first mistake.
    pub(crate) fn check(&self) -> Result<()> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// A node's name: the user's, which is checked, or a generated one.
    pub(crate) fn name(&mut self, user: Option<String>, prefix: &str) -> String {
        self.check_name(user.as_deref());
        self.counter.node_or(user, prefix)
    }

    /// Notes a mistake in a user's name.
    pub(crate) fn check_name(&mut self, user: Option<&str>) {
        self.note(user.map_or(Ok(()), naming::check));
    }

    /// Adds a node below its parents, of which there may be two.
    pub(crate) fn add(&mut self, parents: &[NodeId], node: GraphNode) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(node);
        parents.iter().for_each(|&parent| self.attach(parent, id));
        id
    }

    /// Attaches a node that exists below a parent. It is then written as late as a node attached now.
    pub(crate) fn attach(&mut self, parent: NodeId, child: NodeId) {
        self.connect(parent, child);
        self.nodes[child.0].priority = self.next_priority;
        self.next_priority += 1;
        self.note_for_optimizer(child);
    }

    /// Demands equally many partitions of all topics that these source nodes read.
    #[allow(dead_code, reason = "only joins, which are not there yet, call it; tests do")]
    pub(crate) fn copartition(&mut self, sources: BTreeSet<String>) {
        self.copartitioned.push(sources);
    }

    fn note_for_optimizer(&mut self, id: NodeId) {
        match self.nodes[id.0].role {
            Role::ChangesKeys => self.track_key_changer(id, Vec::new()),
            _ if self.is_automatic_repartition(id) => self.track_repartition(id),
            Role::Merges if !self.merges.contains(&id) => self.merges.push(id),
            _ => {}
        }
    }

    /// Sets the repartitions of a key changer; one that is known keeps its place.
    pub(super) fn track_key_changer(&mut self, id: NodeId, repartitions: Vec<NodeId>) {
        match self.key_changers.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = repartitions,
            None => self.key_changers.push((id, repartitions)),
        }
    }

    fn track_repartition(&mut self, id: NodeId) {
        let nearest = self.find_above(id, &|node| matches!(node.role, Role::ChangesKeys | Role::ChangesValues));
        let changer = self.find_above(id, &|node| node.role == Role::ChangesKeys);
        if changer.is_none() || nearest != changer {
            return;
        }
        let entry = self.key_changers.iter_mut().find(|(known, _)| Some(*known) == changer);
        if let Some((_, repartitions)) = entry.filter(|(_, repartitions)| !repartitions.contains(&id)) {
            repartitions.push(id);
        }
    }

    fn is_automatic_repartition(&self, id: NodeId) -> bool {
        matches!(&self.nodes[id.0].body, Body::Repartition(repartition) if repartition.is_automatic)
    }

    /// Adds an edge, unless it is there.
    pub(super) fn connect(&mut self, parent: NodeId, child: NodeId) {
        if !self.nodes[parent.0].children.contains(&child) {
            self.nodes[parent.0].children.push(child);
        }
        if !self.nodes[child.0].parents.contains(&parent) {
            self.nodes[child.0].parents.push(parent);
        }
    }

    /// Removes an edge.
    pub(super) fn disconnect(&mut self, parent: NodeId, child: NodeId) {
        self.nodes[parent.0].children.retain(|&other| other != child);
        self.nodes[child.0].parents.retain(|&other| other != parent);
    }

    /// The node itself or one above it. With several parents it is Java's choice: a match among the direct parents
    /// ends the search, else what the last parent's search gave counts.
    pub(super) fn find_above(&self, start: NodeId, wanted: &dyn Fn(&GraphNode) -> bool) -> Option<NodeId> {
        if wanted(&self.nodes[start.0]) {
            return Some(start);
        }
        let mut found = None;
        for &parent in &self.nodes[start.0].parents {
            if wanted(&self.nodes[parent.0]) {
                return Some(parent);
            }
            found = self.find_above(parent, wanted);
        }
        found
    }
}
