//! What a task sends: records in an arena, produced by the stream thread after the host's session has ended.

use std::ops::Range;
use std::sync::Arc;

use crate::header::Headers;
use crate::value::Payload;

/// The number of a topic within a task's [`Topics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TopicId(pub(crate) u32);

/// The topics a task reads and writes, by number. The names are the real ones, with the application's id.
#[derive(Debug, Default)]
pub(crate) struct Topics(Vec<Arc<str>>);

impl Topics {
    /// The number of a topic, which is new if it was not known.
    pub(crate) fn intern(&mut self, name: &str) -> TopicId {
        let known = self.0.iter().position(|topic| **topic == *name);
        let index = known.unwrap_or_else(|| {
            self.0.push(name.into());
            self.0.len() - 1
        });
        TopicId(u32::try_from(index).expect("fewer topics than 2^32"))
    }

    /// The number of a topic, if it is known.
    pub(crate) fn find(&self, name: &str) -> Option<TopicId> {
        let index = self.0.iter().position(|topic| **topic == *name)?;
        u32::try_from(index).ok().map(TopicId)
    }

    pub(crate) fn name(&self, id: TopicId) -> &Arc<str> {
        &self.0[id.0 as usize]
    }
}

/// One record to send. Ranges are in the outbox's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) topic: TopicId,
    /// `None` leaves it to the producer's partitioner.
    pub(crate) partition: Option<i32>,
    pub(crate) key: Option<Range<usize>>,
    pub(crate) value: Option<Range<usize>>,
    pub(crate) timestamp: Option<i64>,
    pub(crate) headers: Headers,
}

/// Records in the order in which the topology sent them.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: Vec<Outgoing>,
}

impl Outbox {
    /// Appends bytes and says where they are.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    /// A copy of the bytes in a range.
    pub(crate) fn payload(&self, range: Option<&Range<usize>>) -> Option<Payload> {
        range.map(|range| Payload::from(&self.bytes[range.clone()]))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Forgets everything, keeping the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.records.clear();
    }
}
