//! Polling, and what a rebalance means for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Batch, Consumer, ConsumerRecord, Inside};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::consumer::{RawBatch, Rebalance};
use crate::offset::Offset;
use crate::topic::TopicPartition;

impl Consumer {
    /// Waits at most `timeout` for records, then takes what is there: up to `max`, and up to `max.poll.records`.
    ///
    /// Poll at least every `max.poll.interval.ms`, or the group gives the partitions to others.
    ///
    /// # Errors
    /// *Cancelled* after a [`wakeup`](Self::wakeup); *retriable* when no broker could be reached yet; *invalid* for
    /// a subscribed topic that does not exist, an offset that is gone (see `auto.offset.reset`), a second thread, or without a subscription;
    /// *denied*; *abortable* when the group gave the partitions away meanwhile; *fatal* or *fenced* when the consumer is
    /// unusable; *closed*. After all but the last three, polling goes on.
    pub fn poll(&self, timeout: Duration, max: usize) -> Result<Batch> {
        let deadline = Deadline::after(timeout);
        let max = max.min(self.max_poll_records);
        self.with(|inside| {
            if !inside.is_subscribed {
                return Err(Error::invalid("the consumer reads no topics: subscribe before the first poll"));
            }
            loop {
                if self.woken.swap(false, Ordering::AcqRel) {
                    return Err(Error::new(ErrorKind::Cancelled, "the poll was woken up"));
                }
                let batch = inside.poll(deadline.remaining(), max)?;
                if !batch.is_empty() {
                    return Ok(batch);
                }
                if deadline.is_over() {
                    return inside.unreachable().map_or(Ok(batch), Err);
                }
            }
        })
    }
}

impl Inside {
    fn poll(&mut self, timeout: Duration, max: usize) -> Result<Batch> {
        if !self.errors.is_empty() {
            return Err(self.errors.remove(0));
        }
        let RawBatch { records, mut errors, rebalance, .. } = self.raw.poll(timeout, max)?;
        let records: Vec<ConsumerRecord> = records
            .into_iter()
            .map(|record| ConsumerRecord {
                topic: Arc::clone(self.raw.topic(record.topic)),
                partition: record.partition,
                offset: record.offset,
                timestamp: Some(record.timestamp).filter(|time| *time >= 0),
                key: record.key,
                value: record.value,
                headers: record.headers,
            })
            .collect();
        self.advance(&records);
        if let Some(rebalance) = rebalance {
            self.answer(rebalance)?;
        }
        if records.is_empty() && !errors.is_empty() {
            let first = errors.remove(0);
            self.errors = errors;
            return Err(first);
        }
        self.errors.append(&mut errors);
        Ok(Batch { records })
    }

    /// Moves the positions behind these records.
    fn advance(&mut self, records: &[ConsumerRecord]) {
        for run in records.chunk_by(|a, b| a.partition == b.partition && Arc::ptr_eq(&a.topic, &b.topic)) {
            let Some(last) = run.last() else { continue };
            let partition = TopicPartition { topic: Arc::clone(&last.topic), partition: last.partition };
            self.positions.insert(partition, last.offset + 1);
        }
    }

    fn answer(&mut self, rebalance: Rebalance) -> Result<()> {
        let is_cooperative = self.raw.is_cooperative();
        match rebalance {
            Rebalance::Assigned(partitions) => {
                self.was_assigned = true;
                let offsets: Vec<Offset> =
                    partitions.into_iter().map(|partition| Offset::new(partition, Offset::COMMITTED)).collect();
                if is_cooperative { self.raw.assign_more(&offsets) } else { self.raw.assign(&offsets) }
            }
            Rebalance::Revoked(partitions) | Rebalance::Lost(partitions) => {
                self.positions.retain(|partition, _| !partitions.contains(partition));
                if is_cooperative { self.raw.unassign_some(&partitions) } else { self.raw.unassign() }
            }
        }
    }

    /// The reason for silence, as long as no broker was ever reached.
    fn unreachable(&self) -> Option<Error> {
        let trouble = self.raw.client().trouble().filter(|_| !self.was_assigned)?;
        let error = Error::new(ErrorKind::Retriable, "no broker could be reached yet; check bootstrap.servers");
        let error = match trouble.fact("broker") {
            Some(broker) => error.with("broker", broker),
            None => error,
        };
        Some(error.caused_by(trouble))
    }
}
