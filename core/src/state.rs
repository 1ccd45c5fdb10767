//! State stores: layers over bytes. They know records' contexts and an outbox for changelogs, but no tasks.

use std::sync::Arc;

use crate::header::Headers;
use crate::operator::outbox::{Outbox, TopicId};
use crate::value::Value;

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
