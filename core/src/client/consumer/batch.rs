//! Records on their way in.

use std::sync::Arc;
use std::time::Duration;

use super::Consumer;
use crate::error::{ErrorKind, Result};
use crate::header::Headers;
use crate::value::Payload;

/// A record that was read.
#[derive(Clone, Debug)]
pub struct ConsumerRecord {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The place in the partition.
    pub offset: i64,
    /// Milliseconds since the epoch, if the record has a time.
    pub timestamp: Option<i64>,
    /// The key, or null.
    pub key: Option<Payload>,
    /// The value, or null.
    pub value: Option<Payload>,
    /// The headers.
    pub headers: Headers,
}

/// The records of one poll: those of one partition in the order of their offsets. May be empty.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(super) records: Vec<ConsumerRecord>,
}

impl std::ops::Deref for Batch {
    type Target = [ConsumerRecord];

    fn deref(&self) -> &[ConsumerRecord] {
        &self.records
    }
}

impl IntoIterator for Batch {
    type Item = ConsumerRecord;
    type IntoIter = std::vec::IntoIter<ConsumerRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}

impl<'a> IntoIterator for &'a Batch {
    type Item = &'a ConsumerRecord;
    type IntoIter = std::slice::Iter<'a, ConsumerRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}

/// The records of a consumer, one by one: see [`Consumer::records`].
pub struct Records<'a> {
    consumer: &'a Consumer,
    idle: Duration,
    batch: std::vec::IntoIter<ConsumerRecord>,
}

impl Consumer {
    /// Iterates over records until none came for `idle`, or until [`wakeup`](Consumer::wakeup) or
    /// [`close`](Consumer::close). With [`Duration::MAX`] silence does not end it.
    ///
    /// A commit covers the whole batch that the iterator is in, also records that it has not given yet: commit after
    /// the loop, or poll by hand.
    pub fn records(&self, idle: Duration) -> Records<'_> {
        Records { consumer: self, idle, batch: Vec::new().into_iter() }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<ConsumerRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.batch.next() {
            return Some(Ok(record));
        }
        match self.consumer.poll(self.idle, usize::MAX) {
            Ok(batch) => {
                self.batch = batch.into_iter();
                self.batch.next().map(Ok)
            }
            Err(error) if matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed) => None,
            Err(error) => Some(Err(error)),
        }
    }
}
