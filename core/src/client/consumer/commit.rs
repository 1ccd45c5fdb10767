//! Committing what was processed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Consumer, Inside};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::future::{Future, Promise};
use crate::native::kafka::consumer::PendingCommit;
use crate::offset::Offset;
use crate::thread::{self, Signal};
use crate::topic::TopicPartition;

/// The commits that are on their way. The client must not end before them.
#[derive(Default)]
pub(super) struct Commits {
    is_ending: AtomicBool,
    count: Signal<usize>,
}

impl Commits {
    /// Cancels what has no answer yet and waits until nobody holds a part of the client.
    pub(super) fn end(&self, deadline: Deadline) -> Result<()> {
        self.is_ending.store(true, Ordering::Release);
        let deadline = deadline.max(Deadline::after(Duration::from_millis(500)));
        let ended = self.count.wait(deadline, |count| (*count == 0).then_some(()));
        ended.ok_or_else(|| Error::new(ErrorKind::Timeout, "a commit is still on its way"))
    }

    fn wait(&self, commit: &PendingCommit) -> Result<()> {
        loop {
            let slice = Deadline::after(Duration::from_millis(50));
            match commit.wait(slice) {
                Err(error) if error.kind() == ErrorKind::Timeout && error.kafka_code() == 0 => {}
                answer => return answer,
            }
            if self.is_ending.load(Ordering::Acquire) {
                let text = "the consumer was closed before the commit was answered; its outcome is not known";
                return Err(Error::new(ErrorKind::Cancelled, text));
            }
        }
    }
}

impl Consumer {
    /// Commits everything that polls have given so far, and waits for the answer.
    ///
    /// # Errors
    /// *Abortable* when the group gave the partitions to others: their records are delivered again. *Retriable* during
    /// a rebalance: poll, then commit. *Timeout*: the outcome is not known. *Closed*.
    pub fn commit(&self, timeout: Duration) -> Result<()> {
        let deadline = Deadline::after(timeout);
        self.with(|inside| inside.raw.commit(&inside.processed(), deadline))
    }

    /// Commits these offsets and notes, and waits for the answer.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn commit_offsets(&self, offsets: &[Offset], timeout: Duration) -> Result<()> {
        let deadline = Deadline::after(timeout);
        self.with(|inside| inside.raw.commit(offsets, deadline))
    }

    /// As [`commit`](Self::commit), but the answer is in the future.
    ///
    /// # Errors
    /// *Closed*; *resource* without a thread to wait for the answer.
    pub fn commit_async(&self) -> Result<Future<()>> {
        self.with(|inside| {
            let offsets = inside.processed();
            if offsets.is_empty() {
                return Ok(Future::ready(Ok(())));
            }
            let commit = inside.raw.commit_async(&offsets)?;
            inside.watch(commit)
        })
    }

    /// What the group has committed for each partition, in the same order; `None` for nothing.
    ///
    /// # Errors
    /// *Timeout*; *retriable* without a coordinator; *closed*.
    pub fn committed(&self, partitions: &[TopicPartition], timeout: Duration) -> Result<Vec<Option<Offset>>> {
        let deadline = Deadline::after(timeout);
        self.with(|inside| inside.raw.committed(partitions, deadline))
    }
}

impl Inside {
    fn processed(&self) -> Vec<Offset> {
        self.positions.iter().map(|(partition, offset)| Offset::new(partition.clone(), *offset)).collect()
    }

    fn watch(&self, commit: PendingCommit) -> Result<Future<()>> {
        let (promise, future) = Promise::new();
        let commits = Arc::clone(&self.commits);
        *commits.count.lock() += 1;
        let watching = thread::spawn("kafka-commit", move || {
            let answer = commits.wait(&commit);
            // The queue goes first: closing waits for the count.
            drop(commit);
            commits.count.update(|count| *count -= 1);
            promise.complete(answer);
            Ok(())
        });
        if let Err(error) = watching {
            self.commits.count.update(|count| *count -= 1);
            return Err(error);
        }
        Ok(future)
    }
}
