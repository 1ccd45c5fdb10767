//! A place in a partition.

use crate::topic::TopicPartition;

/// A place in a partition, and a note that is committed with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// The partition.
    pub partition: TopicPartition,
    /// The next offset to read.
    pub offset: i64,
    /// What is stored with the offset in the group, such as Kafka Streams' partition time. Often empty.
    pub metadata: String,
}

impl Offset {
    /// The place before the first record, wherever it is.
    pub const BEGINNING: i64 = -2;
    /// The place after the last record.
    pub const END: i64 = -1;
    /// The offset that the group has committed, or else what `auto.offset.reset` says.
    pub const COMMITTED: i64 = -1000;

    /// A place without a note.
    pub fn new(partition: TopicPartition, offset: i64) -> Self {
        Self { partition, offset, metadata: String::new() }
    }
}
