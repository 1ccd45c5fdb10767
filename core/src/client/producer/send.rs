//! Sending.

use std::sync::Arc;
use std::time::Duration;

use super::delivery::{Deliveries, RecordMetadata, Waiter, Whole};
use super::{Core, Producer, ProducerRecord};
use crate::clock::Deadline;
use crate::error::{Error, Result};
use crate::future::{Future, Promise};
use crate::native::kafka::error::Status;
use crate::native::kafka::producer::{Admission, Message};

impl Producer {
    /// Buffers a record; the future says where it was written. Waits for room up to `max.block.ms`.
    ///
    /// # Errors
    /// *Retriable* when the buffer stayed full; *invalid* for a record that is too large; *fatal* or *fenced* when the
    /// producer is unusable; *closed*. Everything else is in the future: *timeout* after `delivery.timeout.ms`,
    /// *invalid* for a topic that does not exist, *denied*.
    ///
    /// # Cancel safety
    /// Dropping the future does not take the record back.
    pub fn send(&self, record: ProducerRecord) -> Result<Future<RecordMetadata>> {
        self.send_within(record, self.core.max_block)
    }

    /// As [`send`](Self::send), but a full buffer is an error at once: *retriable* with Kafka's code −184.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn try_send(&self, record: ProducerRecord) -> Result<Future<RecordMetadata>> {
        self.send_within(record, Duration::ZERO)
    }

    /// Waits until something was acknowledged, or nothing is outstanding, so that a full buffer has room again.
    /// Says whether that happened before the timeout.
    pub fn wait_for_room(&self, timeout: Duration) -> bool {
        let before = self.core.pending.lock().len();
        let room = self
            .core
            .pending
            .wait(Deadline::after(timeout), |pending| (pending.len() < before || pending.len() == 0).then_some(()));
        room.is_some()
    }

    /// Buffers many records, waiting for room as [`send`](Self::send) does. One future has the outcome of each.
    ///
    /// # Errors
    /// *Closed*. Records that were refused are in the future's failed half.
    pub fn send_batch(&self, records: impl IntoIterator<Item = ProducerRecord>) -> Result<Future<Deliveries>> {
        self.core.check_open()?;
        let (whole, future) = Whole::new();
        for (index, record) in records.into_iter().enumerate() {
            let waiter = || Waiter::Part(Arc::clone(&whole), index);
            if let Err(error) = self.core.send(&record, waiter, Deadline::after(self.core.max_block)) {
                waiter().answer(Err(error));
            }
        }
        Ok(future)
    }

    fn send_within(&self, record: ProducerRecord, patience: Duration) -> Result<Future<RecordMetadata>> {
        let (promise, future) = Promise::new();
        let mut promise = Some(promise);
        let waiter = || Waiter::One(promise.take().expect("a waiter is made once"));
        self.core.send(&record, waiter, Deadline::after(patience))?;
        Ok(future)
    }
}

impl Core {
    pub(super) fn check_open(&self) -> Result<()> {
        if self.phase.lock().is_open { Ok(()) } else { Err(crate::client::closed("producer")) }
    }

    fn send(&self, record: &ProducerRecord, waiter: impl FnOnce() -> Waiter, deadline: Deadline) -> Result<()> {
        self.check_open()?;
        let tag = self.pending.lock().add(Arc::clone(&record.topic), waiter());
        let sent = self.queue(record, tag, deadline);
        if sent.is_err() {
            // The caller has the error. The waiter goes after the lock does.
            let waiter = self.pending.lock().take(tag);
            drop(waiter);
        }
        sent
    }

    fn queue(&self, record: &ProducerRecord, tag: u64, deadline: Deadline) -> Result<()> {
        loop {
            let full = record.headers.with(|headers| {
                let raw = self.raw.read().unwrap_or_else(std::sync::PoisonError::into_inner);
                let raw = raw.as_ref().ok_or_else(|| crate::client::closed("producer"))?;
                let topic = raw.topic(&record.topic)?;
                let (key, value) = (record.key.as_deref(), record.value.as_deref());
                let (partition, timestamp) = (record.partition, record.timestamp);
                raw.send(topic, &Message { partition, key, value, timestamp, headers, tag })
            })?;
            if full == Admission::Queued {
                return Ok(());
            }
            let before = self.pending.lock().len();
            let room = self.pending.wait(deadline, |pending| (pending.len() < before).then_some(()));
            if room.is_none() || !self.phase.lock().is_open {
                return Err(self.no_room(record));
            }
        }
    }

    fn no_room(&self, record: &ProducerRecord) -> Error {
        let error = Status::QUEUE_FULL.error("cannot send").with("topic", &record.topic);
        let raw = self.raw.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        raw.as_ref().map_or_else(|| crate::client::closed("producer"), |raw| raw.client().explain(error))
    }
}
