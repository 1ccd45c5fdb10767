//! The commit, at least once.
//!
//! 1. Caches are flushed, in the host: what they hold goes to stores, changelogs and further nodes.
//! 2. Everything sent is acknowledged; the acknowledgements tell how far the changelogs are.
//! 3. Data and changelog offsets reach each task's stores in one write.
//! 4. The group gets the input offsets.
//!
//! A crash between two steps leaves stores that know their place in the changelog, and input that is read again.

use std::collections::BTreeMap;
use std::time::Duration;

use super::slot::{Slot, Stage};
use super::thread::StreamThread;
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::offset::Offset;
use crate::topic::TopicPartition;

/// How long the group may take to answer.
const GROUP_PATIENCE: Duration = Duration::from_secs(30);
/// Stores become durable after so many changelog records: what a crash loses is restored.
const DURABLE_RECORDS: i64 = 10_000;
/// Or after this time.
const DURABLE_MS: i64 = 10_000;

impl StreamThread {
    /// Commits if it is time, or if the stores hold back too much.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub(super) fn commit_if_due(&mut self) -> Result<()> {
        if self.is_commit_due() || self.holds_back_too_much() { self.commit() } else { Ok(()) }
    }

    pub(super) fn is_commit_due(&self) -> bool {
        self.application.clock.elapsed() >= self.next_commit
    }

    fn holds_back_too_much(&self) -> bool {
        let tasks = self.slots.iter().filter_map(|slot| slot.task.as_ref());
        let bytes: usize = tasks.map(|task| task.context.stores().uncommitted_bytes()).sum();
        bytes > self.settings.uncommitted_bytes
    }

    /// Commits all tasks that processed something.
    ///
    /// # Errors
    /// What an exception handler decided to fail with; what the producer or the stores answer. An answer of the group
    /// is logged and the commit repeated later: the records are processed again if that fails, too.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.next_commit = self.application.clock.elapsed().saturating_add(self.settings.commit_interval);
        let due: Vec<usize> = (0..self.slots.len()).filter(|&index| is_due(&self.slots[index])).collect();
        if due.is_empty() {
            return Ok(());
        }
        log::debug!("{} commit begins", self.name);
        for &index in &due {
            self.slots[index].enter(&self.application, |task| task.prepare_commit())?;
            self.sender.send(&mut self.slots[index], &self.application)?;
        }
        self.sender.flush(&self.application)?;
        self.judge_failures()?;
        if self.undeliverable.is_some() {
            return Ok(());
        }
        for &index in &due {
            self.commit_stores(index)?;
        }
        self.commit_offsets(&due)?;
        self.application.metrics.commits.add(1);
        log::debug!("{} commit ends", self.name);
        Ok(())
    }

    fn commit_stores(&mut self, index: usize) -> Result<()> {
        let now_ms = self.now_ms();
        let slot = &mut self.slots[index];
        let Some(task) = &mut slot.task else { return Ok(()) };
        let mut offsets = BTreeMap::new();
        for (topic, next, records) in self.sender.take_progress(slot.id) {
            if task.context.stores().is_source(&topic) {
                slot.moved += records;
                offsets.insert(topic, next);
            }
        }
        task.context.stores_mut().commit(&offsets)?;
        if slot.moved > DURABLE_RECORDS || (slot.moved > 0 && now_ms - slot.durable_ms > DURABLE_MS) {
            task.context.stores_mut().flush_to_disk()?;
            (slot.moved, slot.durable_ms) = (0, now_ms);
        }
        Ok(())
    }

    fn commit_offsets(&mut self, due: &[usize]) -> Result<()> {
        let mut offsets = Vec::new();
        for &index in due {
            let Some(task) = &self.slots[index].task else { continue };
            let next = task.committable().into_iter();
            offsets.extend(next.map(|(topic, partition, offset, metadata)| Offset {
                partition: TopicPartition::new(topic, partition),
                offset,
                metadata,
            }));
        }
        let deadline = self.application.stop_by().unwrap_or(Deadline::NEVER).at_most(GROUP_PATIENCE);
        match self.consumer.commit(&offsets, deadline) {
            Ok(()) => {
                for &index in due {
                    if let Some(task) = &mut self.slots[index].task {
                        task.committed();
                    }
                }
                Ok(())
            }
            Err(error) if may_fail(&error) => {
                log::warn!("the group did not take a commit, it is repeated: {}", error.chain());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the last commit was complete.
    ///
    /// # Errors
    /// *Timeout* when it was not.
    pub(super) fn check_committed(&self) -> Result<()> {
        match self.slots.iter().find(|slot| is_due(slot)) {
            None => Ok(()),
            Some(slot) => {
                Err(Error::new(ErrorKind::Timeout, "not everything was committed in time").with("task", slot.id))
            }
        }
    }

    /// Asks the production handler about records that were not delivered. A changelog has to be complete.
    pub(super) fn judge_failures(&mut self) -> Result<()> {
        for failure in self.sender.take_failures() {
            let slot = self.slots.iter_mut().find(|slot| slot.id == failure.task);
            let Some(slot) = slot else { continue };
            let error = failure.error.with("task", failure.task);
            if matches!(error.kind(), ErrorKind::Retriable | ErrorKind::Timeout) {
                self.undeliverable = Some(error);
                continue;
            }
            let is_changelog = slot.task.as_ref().is_some_and(|task| task.context.stores().is_source(&failure.topic));
            if is_changelog {
                return Err(error);
            }
            slot.enter(&self.application, move |task| task.context.not_delivered(&failure.topic, error))?;
        }
        Ok(())
    }
}

fn is_due(slot: &Slot) -> bool {
    slot.stage == Stage::Running && slot.task.as_ref().is_some_and(|task| task.needs_commit())
}

/// Whether a commit can be given up without stopping: it is repeated, or somebody else has the partitions.
fn may_fail(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Retriable | ErrorKind::Timeout | ErrorKind::Abortable)
}
