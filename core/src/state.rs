//! State stores: layers over bytes. They know records' contexts and an outbox for changelogs, but no tasks.

#![allow(
    dead_code,
    reason = "stores are whole; the Processor API and queries, which use the rest of them, are not there yet"
)]

use std::sync::Arc;

use crate::header::Headers;
use crate::operator::outbox::{Outbox, TopicId};
use crate::serde::SerdeRef;
use crate::topology::plan::{StoreBottom, StoreKind};
use crate::value::Value;

pub(crate) mod bytes;
pub(crate) mod cache;
pub(crate) mod directory;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod key_value;
mod layer;
#[cfg(feature = "measure")]
pub(crate) mod measure;
mod rows;
mod stamp;
pub(crate) mod stores;

pub(crate) use cache::CacheBudget;
pub(crate) use directory::StateDirectory;
pub(crate) use key_value::{Flushed, RawRow};
pub(crate) use layer::cached::{FlushListener, Pass};
pub(crate) use stores::{Restored, Stores};

/// Where the record came from that a store is written for, and the time and headers in force.
#[derive(Clone, Debug)]
pub(crate) struct RecordContext {
    pub(crate) topic: Option<Arc<str>>,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) headers: Headers,
}

/// What a store needs besides its own bytes when it is written.
pub(crate) struct Environment<'a> {
    /// The context in force at the operator that writes.
    pub(crate) context: &'a RecordContext,
    /// Where changelog records go.
    pub(crate) outbox: &'a mut Outbox,
}

/// The changelog of a store: its topic and the task's partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChangelogTarget {
    pub(crate) topic: TopicId,
    pub(crate) partition: i32,
}

/// A value and the time it was written for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stamped {
    pub(crate) value: Value,
    pub(crate) timestamp: i64,
}

/// A store as a task opens it: the plan's [`StoreSpec`](crate::topology::plan::StoreSpec) with everything resolved.
#[derive(Clone, Debug)]
pub(crate) struct StoreSetup {
    pub(crate) name: Arc<str>,
    pub(crate) kind: StoreKind,
    pub(crate) bottom: StoreBottom,
    pub(crate) key: SerdeRef,
    pub(crate) value: SerdeRef,
    /// Where writes are logged; `None` without logging, and for a table whose source topic is its changelog.
    pub(crate) changelog: Option<ChangelogTarget>,
    /// The topic that the store is restored from: its changelog or its table's source; `None` if it cannot be.
    pub(crate) source: Option<Arc<str>>,
    /// The thread's budget, if a cache stands in front; `None` also when the budget is zero.
    pub(crate) cache: Option<Arc<CacheBudget>>,
}
