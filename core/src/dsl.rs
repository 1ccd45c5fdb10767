//! What a user writes: streams, tables and their operators. It builds a graph and nothing else.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::serde::SerdeRef;
use crate::topology::graph::{Graph, GraphNode, NodeId};

mod builder;
mod closure;
mod grouped;
mod options;
mod stream;
mod table;

pub use builder::{StreamsBuilder, TopicNames};
pub use closure::{IntoEffect, IntoPair};
pub use grouped::KGroupedStream;
pub use options::{Consumed, Grouped, Materialized, Produced, Repartitioned};
pub use stream::KStream;
pub use table::KTable;

/// The types of a stream's keys and values, without being one.
type Types<K, V> = PhantomData<fn() -> (K, V)>;

/// The graph that a builder and everything made from it share.
#[derive(Clone, Debug, Default)]
struct SharedGraph(Arc<Mutex<Graph>>);

impl SharedGraph {
    fn lock(&self) -> MutexGuard<'_, Graph> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What a stream or table is, apart from its types: a place in the graph and what is known there.
#[derive(Clone, Debug)]
struct Handle {
    graph: SharedGraph,
    node: NodeId,
    key: Option<SerdeRef>,
    value: Option<SerdeRef>,
    /// The names of the source nodes that its records come from.
    sources: BTreeSet<String>,
    /// Whether keys may have changed since the records were read, so that grouping has to repartition.
    is_rekeyed: bool,
    /// The name for the next operator.
    name: Option<String>,
}

impl Handle {
    fn named(&self, name: String) -> Self {
        Self { name: Some(name), ..self.clone() }
    }

    /// A handle on a new node below this one, with everything else as here.
    fn below(&self, graph: &mut Graph, node: GraphNode) -> Self {
        let node = graph.add(&[self.node], node);
        Self { node, name: None, ..self.clone() }
    }

    /// Refuses a name that was meant for an operator which takes its name elsewhere.
    fn refuse_name(&self, operator: &'static str) {
        if let Some(name) = &self.name {
            let error = Error::invalid("this operator takes its name from its options").with("operator", operator);
            self.graph.lock().note::<()>(Err(error.with("name", name)));
        }
    }
}
