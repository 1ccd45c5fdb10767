//! Restores stores from their changelogs: from the offset that is kept with the data to the end as it was at the start.

use std::time::Duration;

use super::application::Application;
use super::settings::{Settings, named};
use super::slot::{Slot, Stage};
use super::task::TaskId;
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::consumer::{RawBatch, RawConsumer};
use crate::native::kafka::message::{RawRecord, TopicIndex};
use crate::offset::Offset;
use crate::operator::StoreId;
use crate::state::Restored;
use crate::topic::TopicPartition;

/// How long the brokers may take to tell the ends of a changelog. It is short, and asked for again, because nothing stops
/// a wait for it.
const ENDS_PATIENCE: Duration = Duration::from_secs(1);
/// How many records are restored at a time.
const BATCH: usize = 10_000;

/// What became of the start of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// It goes on, or there was nothing to do.
    Yes,
    /// What is kept does not belong to the changelog as it is now: the task's state has to be deleted first.
    Stale,
}

/// One changelog that is being restored.
struct Changelog {
    task: TaskId,
    store: StoreId,
    partition: TopicPartition,
    topic: TopicIndex,
    /// The next offset to apply.
    position: i64,
    /// Where the changelog ended when the restore began.
    end: i64,
    restored: usize,
}

/// The restore consumer of a stream thread, with what it restores.
pub(super) struct Restorer {
    consumer: RawConsumer,
    active: Vec<Changelog>,
    batch: RawBatch,
}

impl Restorer {
    pub(super) fn new(settings: &Settings, thread: &str) -> Result<Self> {
        let mut settings = named(settings.streams.restore_consumer()?, thread, "restore-consumer");
        // A changelog may end with transaction markers, which only the end of the partition tells.
        settings.set("enable.partition.eof", "true");
        let consumer = RawConsumer::new(settings.pairs())?;
        Ok(Self { consumer, active: Vec::new(), batch: RawBatch::default() })
    }

    pub(super) fn is_idle(&self) -> bool {
        self.active.is_empty()
    }

    /// Begins to restore a task. It runs at once if it is not behind.
    ///
    /// # Errors
    /// *Retriable* or *timeout* when the brokers do not tell the ends of a changelog: try again.
    pub(super) fn begin(&mut self, slot: &mut Slot) -> Result<Begun> {
        let task = slot.task.as_ref().expect("a task is made before it is restored");
        let stores = task.context.stores();
        let mut found = Vec::new();
        for store in stores.ids() {
            let Some(topic) = stores.source(store) else { continue };
            let partition = TopicPartition::new(topic.clone(), slot.id.partition);
            let (low, end) = self.consumer.watermarks(&partition, Deadline::after(ENDS_PATIENCE))?;
            let kept = stores.offsets().get(topic).copied();
            if kept.is_some_and(|kept| kept < low || kept > end) {
                log::warn!(
                    "changelog {partition} goes from {low} to {end}, the stores of task {} are at {}: deleting them",
                    slot.id,
                    kept.unwrap_or(-1)
                );
                return Ok(Begun::Stale);
            }
            let position = kept.unwrap_or(low);
            log::info!("task {} restores {partition} from {position} to {end}", slot.id);
            if position < end {
                let topic = self.consumer.topic_index(topic);
                found.push(Changelog { task: slot.id, store, partition, topic, position, end, restored: 0 });
            }
        }
        slot.stage = if found.is_empty() { Stage::Running } else { Stage::Restoring };
        self.active.extend(found);
        self.reassign()?;
        Ok(Begun::Yes)
    }

    /// Stops restoring a task.
    pub(super) fn forget(&mut self, task: TaskId) -> Result<()> {
        let before = self.active.len();
        self.active.retain(|changelog| changelog.task != task);
        if self.active.len() < before { self.reassign() } else { Ok(()) }
    }

    /// Restores what comes within `timeout`. Gives the tasks whose stores must be deleted, because their changelog was
    /// cut off meanwhile.
    ///
    /// # Errors
    /// What the stores or the brokers answer.
    pub(super) fn step(
        &mut self,
        slots: &mut [Slot],
        timeout: Duration,
        application: &Application,
    ) -> Result<Vec<TaskId>> {
        if self.active.is_empty() {
            return Ok(Vec::new());
        }
        let mut batch = std::mem::take(&mut self.batch);
        self.consumer.poll_into(timeout, BATCH, &mut batch)?;
        let applied = self.apply(slots, &batch, application);
        let stale = self.look_at(&batch.errors);
        self.batch = batch;
        applied?;
        self.finish(slots)?;
        stale
    }

    fn apply(&mut self, slots: &mut [Slot], batch: &RawBatch, application: &Application) -> Result<()> {
        for records in batch.records.chunk_by(|a, b| (a.topic, a.partition) == (b.topic, b.partition)) {
            let (topic, partition) = (records[0].topic, records[0].partition);
            let of = |log: &&mut Changelog| log.topic == topic && log.partition.partition == partition;
            let Some(changelog) = self.active.iter_mut().find(of) else { continue };
            let Some(slot) = slots.iter_mut().find(|slot| slot.id == changelog.task) else { continue };
            let Some(task) = &mut slot.task else { continue };
            // What came after the end belongs to another run of the task, and is read by nobody.
            let (from, end) = (changelog.position, changelog.end);
            let records = records.iter().filter(|record| (from..end).contains(&record.offset));
            let last = records.clone().next_back().map(|record| record.offset);
            let Some(last) = last else { continue };
            let count = records.clone().count();
            task.context.stores_mut().restore_batch(changelog.store, records.filter_map(restored), last + 1)?;
            changelog.position = last + 1;
            changelog.restored += count;
            application.metrics.restored.add(count);
        }
        for (topic, partition, offset) in &batch.ends {
            let of = |log: &&mut Changelog| log.topic == *topic && log.partition.partition == *partition;
            if let Some(changelog) = self.active.iter_mut().find(of) {
                changelog.position = changelog.position.max(*offset);
            }
        }
        Ok(())
    }

    /// Lets the tasks run that are restored.
    fn finish(&mut self, slots: &mut [Slot]) -> Result<()> {
        let before = self.active.len();
        self.active.retain(|changelog| {
            let is_done = changelog.position >= changelog.end;
            if is_done {
                log::info!(
                    "task {} restored {} records of {}",
                    changelog.task,
                    changelog.restored,
                    changelog.partition
                );
            }
            !is_done
        });
        if self.active.len() == before {
            return Ok(());
        }
        let is_restored = |slot: &&mut Slot| {
            slot.stage == Stage::Restoring && !self.active.iter().any(|changelog| changelog.task == slot.id)
        };
        for slot in slots.iter_mut().filter(is_restored) {
            // A crash right after this must not cost the same restore again.
            slot.task.as_ref().map_or(Ok(()), |task| task.context.stores().flush_to_disk())?;
            slot.stage = Stage::Running;
        }
        self.reassign()
    }

    fn look_at(&self, errors: &[Error]) -> Result<Vec<TaskId>> {
        let mut stale = Vec::new();
        for error in errors {
            match error.kind() {
                ErrorKind::Retriable | ErrorKind::Timeout => log::warn!("restoring waits: {}", error.chain()),
                _ if is_unknown(error) => log::warn!("restoring waits: {}", error.chain()),
                // The offset is not in the changelog any more: there is no reset for this consumer.
                ErrorKind::Invalid => stale.extend(self.task_of(error)),
                _ => return Err(error.clone()),
            }
        }
        Ok(stale)
    }

    fn task_of(&self, error: &Error) -> Option<TaskId> {
        let topic = error.fact("topic")?;
        let partition: i32 = error.fact("partition")?.parse().ok()?;
        let of = |log: &&Changelog| &*log.partition.topic == topic && log.partition.partition == partition;
        Some(self.active.iter().find(of)?.task)
    }

    fn reassign(&mut self) -> Result<()> {
        let offsets: Vec<Offset> =
            self.active.iter().map(|changelog| Offset::new(changelog.partition.clone(), changelog.position)).collect();
        if offsets.is_empty() { self.consumer.unassign() } else { self.consumer.assign(&offsets) }
    }

    pub(super) fn close(self, deadline: Deadline) {
        if let Err(error) = self.consumer.close(deadline) {
            log::warn!("{}", error.chain());
        }
    }
}

/// Whether the brokers said that they have no such topic or partition. Those that are about to stop, or have just started,
/// say so of topics that exist.
pub(super) fn is_unknown(error: &Error) -> bool {
    const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
    const LOCAL_UNKNOWN_TOPIC: i16 = -188;
    const LOCAL_UNKNOWN_PARTITION: i16 = -190;
    [UNKNOWN_TOPIC_OR_PARTITION, LOCAL_UNKNOWN_TOPIC, LOCAL_UNKNOWN_PARTITION].contains(&error.kafka_code())
}

/// A record without a key cannot be in a store.
fn restored(record: &RawRecord) -> Option<Restored<'_>> {
    Some(Restored { key: record.key.as_deref()?, value: record.value.as_deref(), timestamp: record.timestamp })
}
