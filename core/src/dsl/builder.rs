//! The builder: where streams begin and the topology ends.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use super::{Consumed, Handle, KStream, SharedGraph};
use crate::config::Config;
use crate::error::Result;
use crate::topology::Topology;
use crate::topology::graph::{Body, GraphNode, ROOT, Role, Source};
use crate::topology::naming::prefix;
use crate::topology::order::hash_order_copied;
use crate::topology::write::{self, Settings};
use crate::value::Data;

/// Builds a [`Topology`] from streams and tables.
///
/// Its methods and those of streams never fail: the first mistake is kept and returned by [`check`](Self::check) and
/// [`build`](Self::build). A clone builds the same topology further.
///
/// # Examples
/// ```
/// use kstreams::{Consumed, Produced, StreamsBuilder, serde};
///
/// let builder = StreamsBuilder::new();
/// builder
///     .stream::<String, String>("orders", Consumed::with(serde::utf8(), serde::utf8()))
///     .filter(|_, order| order.contains("paid"))
///     .to("paid-orders", Produced::with(serde::utf8(), serde::utf8()));
/// let topology = builder.build()?;
/// assert!(topology.describe().contains("Source: KSTREAM-SOURCE-0000000000 (topics: [orders])"));
/// # Ok::<(), kstreams::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StreamsBuilder {
    graph: SharedGraph,
}

impl StreamsBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stream of the records of one or several topics.
    pub fn stream<K: Data, V: Data>(
        &self,
        topics: impl TopicNames,
        consumed: impl Into<Option<Consumed>>,
    ) -> KStream<K, V> {
        let Consumed { name, key, value, timestamps, reset } = consumed.into().unwrap_or_default();
        let topics = topics.into_names();
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        let topics = hash_order_copied(&topics).into_iter().map(str::to_owned).collect();
        let mut graph = self.graph.lock();
        let name = graph.name(name, prefix::SOURCE);
        let source = Source { topics, key: key.clone(), value: value.clone(), timestamps, reset };
        let node = graph.add(&[ROOT], GraphNode::new(name.clone(), Body::Source(source), Role::Neutral));
        let handle = Handle {
            graph: self.graph.clone(),
            node,
            key,
            value,
            sources: BTreeSet::from([name]),
            is_rekeyed: false,
            name: None,
        };
        KStream(handle, PhantomData)
    }

    /// Whether everything so far was in order.
    ///
    /// # Errors
    /// *Invalid*: the first mistake, such as a name that cannot be.
    pub fn check(&self) -> Result<()> {
        self.graph.lock().check()
    }

    /// The topology, not optimised.
    ///
    /// # Errors
    /// *Invalid*: the first mistake; a node, store or topic that occurs twice.
    pub fn build(&self) -> Result<Topology> {
        self.build_for(Settings::default())
    }

    /// The topology as the configuration wants it: optimised by `topology.optimization`, with stores where `dsl.store`
    /// says, and without generated names of topics and stores if `ensure.explicit.internal.resource.naming` is set.
    ///
    /// # Errors
    /// *Invalid*: as [`build`](Self::build); a setting that cannot be; an optimisation that is impossible.
    pub fn build_with(&self, config: &Config) -> Result<Topology> {
        self.build_for(Settings::read(config)?)
    }

    pub(crate) fn build_for(&self, settings: Settings) -> Result<Topology> {
        write::plan(&self.graph.lock(), settings).map(Topology::new)
    }
}

/// One topic or several.
pub trait TopicNames {
    /// The names.
    fn into_names(self) -> Vec<String>;
}

impl TopicNames for &str {
    fn into_names(self) -> Vec<String> {
        vec![self.to_owned()]
    }
}

impl TopicNames for String {
    fn into_names(self) -> Vec<String> {
        vec![self]
    }
}

impl<T: Into<String>> TopicNames for Vec<T> {
    fn into_names(self) -> Vec<String> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<String>, const N: usize> TopicNames for [T; N] {
    fn into_names(self) -> Vec<String> {
        self.into_iter().map(Into::into).collect()
    }
}

impl TopicNames for &[&str] {
    fn into_names(self) -> Vec<String> {
        self.iter().map(|&name| name.to_owned()).collect()
    }
}
