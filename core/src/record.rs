//! A record inside a topology.

use crate::header::Headers;
use crate::value::Value;

/// A record between two nodes of a topology.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The key, or null.
    pub key: Value,
    /// The value, or null.
    pub value: Value,
    /// Milliseconds since the epoch, not negative.
    pub timestamp: i64,
    /// The headers: a handle that the record's copies share.
    pub headers: Headers,
}

/// What travels between nodes of a table: the new value of a key and, where somebody asked for it, the old one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// The value from now on; null for a deletion.
    pub new: Value,
    /// The value until now; null if there was none or nobody asked for old values.
    pub old: Value,
    /// Whether this is the newest version of the key. Only versioned tables send others.
    pub is_latest: bool,
}

/// A change of one key of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Update {
    /// The key, never null.
    pub key: Value,
    /// What changed.
    pub change: Change,
    /// Milliseconds since the epoch, not negative.
    pub timestamp: i64,
    /// The headers of the record that caused it.
    pub headers: Headers,
}
