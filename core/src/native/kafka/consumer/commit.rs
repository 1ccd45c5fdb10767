//! Committed offsets.

use rdkafka::bindings as rd;

use super::RawConsumer;
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::error::Status;
use crate::native::kafka::list::{self, List};
use crate::native::kafka::queue::Queue;
use crate::offset::Offset;
use crate::topic::TopicPartition;

const DOING: &str = "cannot commit offsets";

/// A commit that is on its way. Its answer is read once. It must go before its consumer does.
pub(crate) struct PendingCommit(Queue);

impl PendingCommit {
    /// Waits for the answer.
    ///
    /// # Errors
    /// *Abortable* when the group has given the partitions to others; *retriable* during a rebalance or without a
    /// coordinator; *timeout* when there is no answer yet: the outcome is not known then.
    pub(crate) fn wait(&self, deadline: Deadline) -> Result<()> {
        let Some(event) = self.0.event(deadline.remaining()) else {
            return Err(Error::new(
                ErrorKind::Timeout,
                "no answer to a commit before the deadline, the outcome is not known; commit again",
            ));
        };
        event.result(DOING)?;
        // SAFETY: the event is live and owns the list.
        let elements = unsafe { list::elements(rd::rd_kafka_event_topic_partition_list(event.raw())) };
        let failed = elements.into_iter().find(|element| !element.status.is_ok());
        failed.map_or(Ok(()), |element| {
            let at = element.offset.partition;
            Err(element.status.error(DOING).with("topic", at.topic).with("partition", at.partition))
        })
    }
}

impl RawConsumer {
    /// Sends a commit of these offsets and notes.
    pub(crate) fn commit_async(&self, offsets: &[Offset]) -> Result<PendingCommit> {
        let list = List::of_offsets(offsets)?;
        let queue = self.client.queue()?;
        // SAFETY: client, list and queue are live; the list is copied; without a callback the answer is an event.
        let status = Status::from(unsafe {
            rd::rd_kafka_commit_queue(self.client.raw(), list.raw(), queue.raw(), None, std::ptr::null_mut())
        });
        status.result(DOING)?;
        Ok(PendingCommit(queue))
    }

    /// Commits these offsets and notes; nothing to do for none.
    ///
    /// # Errors
    /// As [`PendingCommit::wait`].
    pub(crate) fn commit(&self, offsets: &[Offset], deadline: Deadline) -> Result<()> {
        if offsets.is_empty() {
            return Ok(());
        }
        self.commit_async(offsets)?.wait(deadline).map_err(|error| self.client.explain(error))
    }

    /// What the group has committed for each partition, in the same order; `None` for nothing.
    ///
    /// # Errors
    /// *Timeout*, or *retriable* without a coordinator.
    pub(crate) fn committed(&self, partitions: &[TopicPartition], deadline: Deadline) -> Result<Vec<Option<Offset>>> {
        let list = List::of_partitions(partitions)?;
        // Without a limit librdkafka would take the answer -1 for a time in the past.
        let timeout = if deadline.is_never() { i32::MAX } else { deadline.remaining_ms() };
        // SAFETY: client and list are live.
        let status = Status::from(unsafe { rd::rd_kafka_committed(self.client.raw(), list.raw(), timeout) });
        let doing = "cannot ask for committed offsets";
        status.result(doing).map_err(|error| self.client.explain(error))?;
        list.check(doing)?;
        Ok(list.elements().into_iter().map(|element| Some(element.offset).filter(|at| at.offset >= 0)).collect())
    }
}
