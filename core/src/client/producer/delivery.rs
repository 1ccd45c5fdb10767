//! What became of records, and who waits to hear it.

use std::sync::{Arc, Mutex};

use crate::error::{Error, ErrorKind, Result};
use crate::future::{Future, Promise};
use crate::native::kafka::producer::Delivery;
use crate::thread::lock;

use super::Core;

/// Where a record was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMetadata {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The place in the partition; −1 with `acks=0`, where nobody knows.
    pub offset: i64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
}

/// What became of the records of one call, by their position in it.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    /// The records that were written.
    pub succeeded: Vec<(usize, RecordMetadata)>,
    /// The records that were not, and why.
    pub failed: Vec<(usize, Error)>,
}

impl Deliveries {
    /// All places in order, if every record was written.
    ///
    /// # Errors
    /// The first failure.
    pub fn all(self) -> Result<Vec<RecordMetadata>> {
        match self.failed.into_iter().next() {
            Some((index, error)) => Err(error.with("index", index)),
            None => Ok(self.succeeded.into_iter().map(|(_, place)| place).collect()),
        }
    }
}

/// Who waits for a record's answer.
pub(super) enum Waiter {
    One(Promise<RecordMetadata>),
    Part(Arc<Whole>, usize),
}

/// The answers of a whole call. Completes when the last waiter has gone.
pub(super) struct Whole(Mutex<(Deliveries, Option<Promise<Deliveries>>)>);

impl Whole {
    pub(super) fn new() -> (Arc<Self>, Future<Deliveries>) {
        let (promise, future) = Promise::new();
        (Arc::new(Self(Mutex::new((Deliveries::default(), Some(promise))))), future)
    }

    fn add(&self, index: usize, result: Result<RecordMetadata>) {
        let deliveries = &mut lock(&self.0).0;
        match result {
            Ok(place) => deliveries.succeeded.push((index, place)),
            Err(error) => deliveries.failed.push((index, error)),
        }
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        let (deliveries, promise) = &mut *lock(&self.0);
        deliveries.succeeded.sort_unstable_by_key(|(index, _)| *index);
        deliveries.failed.sort_by_key(|(index, _)| *index);
        if let Some(promise) = promise.take() {
            promise.complete(Ok(std::mem::take(deliveries)));
        }
    }
}

impl Waiter {
    pub(super) fn answer(self, result: Result<RecordMetadata>) {
        match self {
            Self::One(promise) => promise.complete(result),
            Self::Part(whole, index) => whole.add(index, result),
        }
    }
}

/// The records without an answer, by tag. Free places are used again.
#[derive(Default)]
pub(super) struct Pending {
    places: Vec<Option<(Arc<str>, Waiter)>>,
    free: Vec<usize>,
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    pub(super) fn add(&mut self, topic: Arc<str>, waiter: Waiter) -> u64 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.places[index] = Some((topic, waiter));
        index as u64
    }

    pub(super) fn take(&mut self, tag: u64) -> Option<(Arc<str>, Waiter)> {
        let index = usize::try_from(tag).ok()?;
        let waiter = self.places.get_mut(index)?.take()?;
        self.free.push(index);
        Some(waiter)
    }

    /// Answers everybody who will never hear from librdkafka any more.
    pub(super) fn abandon(self) {
        for (topic, waiter) in self.places.into_iter().flatten() {
            let error = Error::new(ErrorKind::Cancelled, "the producer was closed before the record was acknowledged");
            waiter.answer(Err(error.with("topic", topic)));
        }
    }
}

impl Core {
    /// Hands reports to those who wait.
    pub(super) fn answer(&self, deliveries: Vec<Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        let trouble = || self.raw.read().ok().and_then(|raw| raw.as_ref().and_then(|raw| raw.client().trouble()));
        let waiters: Vec<_> = {
            let mut pending = self.pending.lock();
            deliveries.into_iter().filter_map(|delivery| Some((pending.take(delivery.tag)?, delivery))).collect()
        };
        for ((topic, waiter), delivery) in waiters {
            let result = match delivery.error {
                None => {
                    let Delivery { partition, offset, timestamp, .. } = delivery;
                    Ok(RecordMetadata { topic, partition, offset, timestamp })
                }
                Some(error) if error.kind() == ErrorKind::Timeout => Err(match trouble() {
                    Some(cause) => error.caused_by(cause),
                    None => error,
                }),
                Some(error) => Err(error),
            };
            waiter.answer(result);
        }
        self.pending.wake();
    }
}
