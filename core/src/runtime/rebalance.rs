//! What the group decides: tasks come, stay and go.

use std::time::Duration;

use super::assign::Difference;
use super::board::Phase;
use super::membership::TaskPartitions;
use super::restore::{Begun, Restorer, is_unknown};
use super::routes::Routes;
use super::sender::Sender;
use super::slot::{Slot, Stage};
use super::task::{Task, TaskId, TaskSpec};
use super::thread::StreamThread;
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::consumer::Rebalance;
use crate::offset::Offset;
use crate::topic::TopicPartition;
use crate::topology::plan::{NodeKind, OffsetReset};

/// How long committed offsets are asked for before reading begins without their times.
const OFFSETS_PATIENCE: Duration = Duration::from_secs(30);
/// How long brokers may say that they do not know a changelog.
const UNKNOWN_PATIENCE: Duration = Duration::from_secs(30);
/// How long one answer may take. It is short, and asked for again, because nothing stops a wait for it.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);

impl StreamThread {
    /// Does what the group decided, and answers it.
    ///
    /// # Errors
    /// What ends the thread: a failed commit, an assignment that cannot be worked on.
    pub(super) fn rebalance(&mut self, rebalance: Rebalance) -> Result<()> {
        self.application.metrics.rebalances.add(1);
        match rebalance {
            Rebalance::Assigned(partitions) => self.assigned(&partitions),
            Rebalance::Revoked(_) => self.revoked(),
            Rebalance::Lost(_) => self.lost(),
        }
    }

    /// Takes the tasks of an assignment. Those that were here before stay open.
    fn assigned(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let wanted = self.knowledge.membership.tasks(partitions)?;
        let owned: Vec<(TaskId, Vec<TopicPartition>)> =
            self.slots.iter().map(|slot| (slot.id, slot.partitions())).collect();
        let difference = Difference::between(owned.iter().map(|(id, parts)| (*id, parts.as_slice())), &wanted);
        self.close_tasks(&difference.go, true);
        for slot in &mut self.slots {
            slot.wake_up();
            log::info!("task {} assigned again process=`{}`", slot.id, std::process::id());
        }
        self.open_slots(&difference.come, &wanted)?;
        let mut offsets = Vec::new();
        for slot in &self.slots {
            for at in slot.next_offsets() {
                let at = self.begin_at(at)?;
                log::info!("task {} reads {} from {}", slot.id, at.partition, place(at.offset));
                offsets.push(at);
            }
        }
        self.consumer.assign(&offsets)?;
        self.routes = Routes::of(&self.slots, &mut self.consumer);
        self.set_phase(Phase::Rebalancing);
        Ok(())
    }

    fn open_slots(&mut self, ids: &[TaskId], wanted: &TaskPartitions) -> Result<()> {
        let mut slots: Vec<Slot> = ids.iter().map(|id| Slot::new(*id, wanted[id].clone())).collect();
        let partitions: Vec<TopicPartition> = slots.iter().flat_map(Slot::partitions).collect();
        let mut committed = self.committed(&partitions)?.into_iter();
        for slot in &mut slots {
            slot.inputs.iter_mut().for_each(|input| input.committed = committed.next().flatten());
            log::info!("task {} assigned process=`{}`", slot.id, std::process::id());
        }
        self.slots.extend(slots);
        self.slots.sort_by_key(|slot| slot.id);
        Ok(())
    }

    /// What the group has committed. Without an answer for long, reading begins there all the same, but partitions have
    /// no time.
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Offset>>> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let end = Deadline::after(OFFSETS_PATIENCE);
        loop {
            match self.consumer.committed(partitions, end.at_most(ANSWER_PATIENCE)) {
                Ok(offsets) => return Ok(offsets),
                Err(error) if !matches!(error.kind(), ErrorKind::Retriable | ErrorKind::Timeout) => return Err(error),
                Err(error) => self.warn("asks for committed offsets", &error),
            }
            if end.is_over() || self.application.is_stopping() {
                return Ok(vec![None; partitions.len()]);
            }
        }
    }

    /// Where reading begins without a committed offset: as the source says, else as the settings do.
    fn begin_at(&self, at: Offset) -> Result<Offset> {
        if at.offset != Offset::COMMITTED {
            return Ok(at);
        }
        let offset = match self.reset_of(&at.partition.topic) {
            None => Offset::COMMITTED,
            Some(OffsetReset::Earliest) => Offset::BEGINNING,
            Some(OffsetReset::Latest) => Offset::END,
            Some(OffsetReset::None) => {
                return Err(Error::invalid("no offset is committed and the source does not say where to begin")
                    .with("topic", &at.partition.topic)
                    .with("partition", at.partition.partition));
            }
        };
        Ok(Offset { offset, ..at })
    }

    fn reset_of(&self, topic: &str) -> Option<OffsetReset> {
        let plan = self.application.topology.plan();
        let application_id = self.settings.application_id();
        plan.nodes.iter().find_map(|node| match &node.kind {
            NodeKind::Source { topics, reset, .. }
                if topics.iter().any(|name| plan.real_topic(name, application_id) == topic) =>
            {
                *reset
            }
            _ => None,
        })
    }

    /// Commits and holds all tasks: the next assignment says which of them stay.
    fn revoked(&mut self) -> Result<()> {
        self.commit()?;
        for slot in &mut self.slots {
            if let Some(restorer) = &mut self.restorer {
                restorer.forget(slot.id)?;
            }
            slot.suspend();
            log::info!("task {} suspended process=`{}`", slot.id, std::process::id());
        }
        self.consumer.unassign()?;
        self.routes = Routes::default();
        self.set_phase(Phase::Rebalancing);
        Ok(())
    }

    /// Closes all tasks without committing: somebody else has them already.
    fn lost(&mut self) -> Result<()> {
        log::warn!("{} lost its partitions: what is not committed is processed again elsewhere", self.name);
        let ids: Vec<TaskId> = self.slots.iter().map(|slot| slot.id).collect();
        self.close_tasks(&ids, false);
        self.consumer.unassign()?;
        self.routes = Routes::default();
        self.set_phase(Phase::Rebalancing);
        Ok(())
    }

    /// Begins all tasks again from the last commit, with a new producer: the old one could not deliver everything.
    ///
    /// # Errors
    /// As [`rebalance`](Self::rebalance).
    pub(super) fn revive(&mut self, error: &Error) -> Result<()> {
        log::error!("{} begins its tasks again from the last commit: {}", self.name, error.chain());
        let partitions: Vec<TopicPartition> = self.slots.iter().flat_map(Slot::partitions).collect();
        let ids: Vec<TaskId> = self.slots.iter().map(|slot| slot.id).collect();
        self.close_tasks(&ids, false);
        let old = std::mem::replace(&mut self.sender, Sender::new(&self.settings, &self.name)?);
        old.close(Deadline::after(Duration::ZERO));
        self.assigned(&partitions)
    }

    fn close_tasks(&mut self, ids: &[TaskId], is_clean: bool) {
        let (gone, stay) = std::mem::take(&mut self.slots).into_iter().partition(|slot| ids.contains(&slot.id));
        self.slots = stay;
        let gone: Vec<Slot> = gone;
        for slot in gone {
            if let Some(restorer) = &mut self.restorer
                && let Err(error) = restorer.forget(slot.id)
            {
                log::warn!("{}", error.chain());
            }
            self.sender.forget(slot.id);
            slot.close(&self.application, is_clean);
        }
    }

    /// Makes the tasks that wait, and begins to restore them.
    ///
    /// # Errors
    /// What opening the stores gives, or *invalid* for a missing serde.
    pub(super) fn make_tasks(&mut self) -> Result<()> {
        for index in 0..self.slots.len() {
            if self.slots[index].stage == Stage::Waiting {
                self.make_task(index)?;
            }
        }
        Ok(())
    }

    fn make_task(&mut self, index: usize) -> Result<()> {
        if self.slots[index].task.is_none() {
            let slot = &self.slots[index];
            if !slot.is_claimed && !self.application.claim(slot.id) {
                return Ok(());
            }
            self.slots[index].is_claimed = true;
            let task = self.build(&self.slots[index])?;
            self.application.metrics.tasks_created.add(1);
            self.slots[index].install(Box::new(task));
        }
        if self.slots[index].task.as_ref().is_some_and(|task| !task.context.stores().has_source()) {
            self.slots[index].stage = Stage::Running;
            return Ok(());
        }
        let mut restorer = match self.restorer.take() {
            Some(restorer) => restorer,
            None => Restorer::new(&self.settings, &self.name)?,
        };
        let begun = restorer.begin(&mut self.slots[index]);
        self.restorer = Some(restorer);
        match begun {
            Ok(Begun::Yes) => Ok(()),
            Ok(Begun::Stale) => self.wipe(self.slots[index].id),
            Err(error) if matches!(error.kind(), ErrorKind::Retriable | ErrorKind::Timeout) => {
                self.slots[index].unknown_since = None;
                self.warn("cannot restore yet", &error);
                Ok(())
            }
            Err(error) if is_unknown(&error) && self.has_patience(index) => {
                self.warn("cannot restore yet", &error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a task's changelog may still turn up: it was there when the application began.
    fn has_patience(&mut self, index: usize) -> bool {
        let now = self.application.clock.elapsed();
        now < *self.slots[index].unknown_since.get_or_insert(now) + UNKNOWN_PATIENCE
    }

    fn build(&self, slot: &Slot) -> Result<Task> {
        let plan = self.application.topology.plan();
        let subtopology = plan.subtopologies.iter().find(|subtopology| subtopology.id == slot.id.subtopology);
        let subtopology = subtopology.ok_or_else(|| Error::internal("no such subtopology").with("task", slot.id))?;
        let directory = self.application.directory();
        let path = directory.map(|directory| directory.task_path(slot.id.subtopology, slot.id.partition));
        let spec = TaskSpec {
            id: slot.id,
            plan,
            nodes: &subtopology.nodes,
            stores: &subtopology.stores,
            settings: &self.settings.task,
            cache: self.cache.as_ref(),
            directory: path.as_deref(),
            reads: &|topic| slot.inputs.iter().any(|input| *input.partition.topic == *topic),
        };
        let mut task = spec.build()?;
        for (topic, count) in &self.knowledge.counts {
            task.context.set_partitions_by_name(topic, *count);
        }
        Ok(task)
    }

    /// Deletes what a task keeps and makes it again: it is restored from the beginning.
    ///
    /// # Errors
    /// *Denied* or *resource* when the operating system refuses.
    pub(super) fn wipe(&mut self, id: TaskId) -> Result<()> {
        if let Some(restorer) = &mut self.restorer {
            restorer.forget(id)?;
        }
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.id == id) else { return Ok(()) };
        drop(slot.uninstall());
        if let Some(directory) = self.application.directory() {
            directory.remove_task(id.subtopology, id.partition)?;
        }
        log::info!("task {id} deleted its stores");
        Ok(())
    }
}

/// An offset as one says it.
fn place(offset: i64) -> String {
    match offset {
        Offset::BEGINNING => "the beginning".to_owned(),
        Offset::END => "the end".to_owned(),
        Offset::COMMITTED => "where the settings say".to_owned(),
        offset => offset.to_string(),
    }
}
