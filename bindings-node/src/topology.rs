//! The finished topology.

use std::sync::Arc;

use kstreams::Result;
use napi::Env;
use napi_derive::napi;

use crate::config::{Pairs, config};
use crate::error::export;
use crate::host::{Link, NodeHost};

/// A topic that an application makes for itself.
#[napi(object)]
pub struct InternalTopic {
    pub name: String,
    pub kind: String,
    pub partitions: Option<i32>,
    /// Pairs of names and values.
    pub config: Pairs,
}

impl From<kstreams::InternalTopic> for InternalTopic {
    fn from(topic: kstreams::InternalTopic) -> Self {
        let config = topic.config.into_iter().map(|(name, value)| vec![name, value]).collect();
        Self { name: topic.name, kind: topic.kind.name().to_owned(), partitions: topic.partitions, config }
    }
}

/// The native half of `Topology`.
#[napi]
pub struct Topology(pub(crate) kstreams::Topology);

impl Topology {
    /// A topology whose functions are JavaScript's, if it has any.
    pub(crate) fn new(topology: kstreams::Topology, has_functions: bool) -> Result<Self> {
        // Without functions of the program there is no reason ever to wait for JavaScript's thread.
        Ok(Self(if has_functions { topology.with_host(Arc::new(NodeHost(Link::here()?))) } else { topology }))
    }
}

#[napi]
impl Topology {
    /// The text that Kafka Streams prints for the same topology.
    #[napi(catch_unwind)]
    pub fn describe(&self, env: Env) -> napi::Result<String> {
        export(&env, |_| Ok(self.0.describe()))
    }

    /// The topics that are read and were not made by this topology, sorted.
    #[napi(catch_unwind)]
    pub fn source_topics(&self, env: Env) -> napi::Result<Vec<String>> {
        export(&env, |_| Ok(self.0.source_topics()))
    }

    /// The topics that are written and are not internal, sorted.
    #[napi(catch_unwind)]
    pub fn sink_topics(&self, env: Env) -> napi::Result<Vec<String>> {
        export(&env, |_| Ok(self.0.sink_topics()))
    }

    /// The topics that an application with these settings makes for itself, by name.
    #[napi(catch_unwind)]
    pub fn internal_topics(&self, env: Env, settings: Pairs) -> napi::Result<Vec<InternalTopic>> {
        export(&env, |_| {
            let topics = self.0.internal_topics(&config(settings))?;
            Ok(topics.into_iter().map(InternalTopic::from).collect())
        })
    }

    /// The names of the stores, in the order in which they were added.
    #[napi(catch_unwind)]
    pub fn store_names(&self, env: Env) -> napi::Result<Vec<String>> {
        export(&env, |_| Ok(self.0.store_names()))
    }
}
