//! A task in a stream thread: with its partitions, how far they were polled, and where it sends.

use std::time::Duration;

use super::application::Application;
use super::queue;
use super::task::{Task, TaskId};
use crate::error::Result;
use crate::host;
use crate::native::kafka::consumer::RawConsumer;
use crate::native::kafka::message::RawRecord;
use crate::offset::Offset;
use crate::topic::TopicPartition;

use super::sender::Output;

/// What a task of a thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is not made yet: another thread still has its stores, or the group's offsets are not known.
    Waiting,
    /// Its stores are being restored.
    Restoring,
    /// It processes.
    Running,
    /// A rebalance took its partitions away; it may get them back.
    Suspended,
}

/// One input partition.
pub(super) struct Input {
    pub(super) partition: TopicPartition,
    /// Its number within the task.
    pub(super) index: usize,
    /// The offset after the last record that was polled.
    pub(super) position: Option<i64>,
    /// What the group has committed.
    pub(super) committed: Option<Offset>,
    /// Records that came before the task was made.
    pub(super) early: Vec<queue::RawRecord>,
    pub(super) is_paused: bool,
    /// When something was last polled, as monotonic milliseconds.
    pub(super) arrived_ms: i64,
}

impl Input {
    pub(super) fn new(partition: TopicPartition) -> Self {
        Self {
            partition,
            index: 0,
            position: None,
            committed: None,
            early: Vec::new(),
            is_paused: false,
            arrived_ms: 0,
        }
    }
}

/// One task of a thread.
pub(super) struct Slot {
    pub(super) id: TaskId,
    pub(super) stage: Stage,
    pub(super) inputs: Vec<Input>,
    /// `None` while it waits, and while a session has it.
    pub(super) task: Option<Box<Task>>,
    /// Where the task's topics go, by the task's numbers.
    pub(super) outputs: Vec<Output>,
    /// How many changelog records were acknowledged since the stores were last made durable.
    pub(super) moved: i64,
    /// When the stores were last made durable, as monotonic milliseconds.
    pub(super) durable_ms: i64,
    /// Whether this thread has the right to the task's stores.
    pub(super) is_claimed: bool,
    /// Since when the brokers do not know its changelog.
    pub(super) unknown_since: Option<Duration>,
    /// What it did before it was suspended.
    before: Stage,
    /// How many dropped records were counted.
    dropped: u64,
}

impl Slot {
    pub(super) fn new(id: TaskId, partitions: Vec<TopicPartition>) -> Self {
        let inputs = partitions.into_iter().map(Input::new).collect();
        Self {
            id,
            stage: Stage::Waiting,
            inputs,
            task: None,
            outputs: Vec::new(),
            moved: 0,
            durable_ms: 0,
            is_claimed: false,
            unknown_since: None,
            before: Stage::Waiting,
            dropped: 0,
        }
    }

    pub(super) fn partitions(&self) -> Vec<TopicPartition> {
        self.inputs.iter().map(|input| input.partition.clone()).collect()
    }

    /// Takes the task into the slot, with the times of the committed offsets and the records that came early.
    pub(super) fn install(&mut self, mut task: Box<Task>) {
        for input in &mut self.inputs {
            let index = task.input(&input.partition.topic, input.partition.partition);
            input.index = index.expect("a task has an input for each of its partitions");
            if let Some(committed) = &input.committed {
                task.restore_time(input.index, &committed.metadata);
            }
            task.inputs_mut()[input.index].raw.extend(input.early.drain(..));
        }
        self.task = Some(task);
        self.outputs.clear();
        self.dropped = 0;
    }

    /// Takes a task out that has not processed anything yet; what is queued waits for the next one.
    pub(super) fn uninstall(&mut self) -> Option<Box<Task>> {
        let mut task = self.task.take()?;
        for input in &mut self.inputs {
            input.early.extend(task.inputs_mut()[input.index].raw.drain(..));
        }
        self.stage = Stage::Waiting;
        Some(task)
    }

    /// Counts what the task dropped since the last call.
    pub(super) fn note_dropped(&mut self, application: &Application) {
        let Some(task) = &self.task else { return };
        let dropped = task.context.dropped();
        application.metrics.dropped.add(usize::try_from(dropped - self.dropped).unwrap_or(0));
        self.dropped = dropped;
    }

    /// Queues a record, without reading it yet.
    pub(super) fn add(&mut self, input: usize, record: RawRecord, now_ms: i64) {
        let input = &mut self.inputs[input];
        input.position = Some(record.offset + 1);
        input.arrived_ms = now_ms;
        let RawRecord { offset, timestamp, key, value, headers, .. } = record;
        let record = queue::RawRecord { offset, timestamp, key, value, headers };
        match &mut self.task {
            Some(task) => task.inputs_mut()[input.index].raw.push_back(record),
            None => input.early.push(record),
        }
    }

    /// How many records of an input wait.
    fn buffered_of(&self, input: &Input) -> usize {
        self.task.as_ref().map_or(input.early.len(), |task| task.inputs()[input.index].buffered())
    }

    /// How many records wait.
    pub(super) fn buffered(&self) -> usize {
        self.inputs.iter().map(|input| self.buffered_of(input)).sum()
    }

    /// Stops partitions of which more than `limit` records wait, and resumes the others.
    pub(super) fn balance(&mut self, consumer: &mut RawConsumer, limit: usize) -> Result<()> {
        for index in 0..self.inputs.len() {
            let is_full = self.buffered_of(&self.inputs[index]) > limit;
            let input = &mut self.inputs[index];
            if is_full == input.is_paused {
                continue;
            }
            let partition = std::slice::from_ref(&input.partition);
            if is_full {
                consumer.pause(partition)?
            } else {
                consumer.resume(partition)
            }
            input.is_paused = is_full;
        }
        Ok(())
    }

    /// Tells the task how much of its empty partitions is on the broker, which only matters where several are read.
    pub(super) fn note_lags(&mut self, consumer: &RawConsumer, now_ms: i64) {
        /// A partition that should have records and gives none for so long has only transaction markers.
        const PATIENCE_MS: i64 = 1000;
        let Some(task) = self.task.as_mut().filter(|_| self.inputs.len() > 1) else { return };
        for input in &self.inputs {
            if task.inputs()[input.index].buffered() > 0 {
                continue;
            }
            let end = consumer.known_end(&input.partition);
            let position = input.position.or_else(|| input.committed.as_ref().map(|at| at.offset)).unwrap_or(0);
            let lag = end.map(|end| (end - position).max(0));
            let is_silent = now_ms - input.arrived_ms > PATIENCE_MS;
            task.inputs_mut()[input.index].lag = lag.map(|lag| if is_silent { 0 } else { lag });
        }
    }

    /// Runs work on the task inside its host. The task is gone if the host lost it.
    ///
    /// # Errors
    /// What the work returned; *cancelled* when the host is gone.
    pub(super) fn enter(
        &mut self,
        application: &Application,
        work: impl FnOnce(&mut Task) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let Some(task) = self.task.take() else { return Ok(()) };
        let (task, outcome) = host::enter(&**application.topology.host(), task, work);
        self.task = task;
        outcome
    }

    /// Where the partitions go on when they come back: nothing before it is needed any more.
    pub(super) fn next_offsets(&self) -> Vec<Offset> {
        let task = self.task.as_ref();
        let next = |input: &Input| {
            let done = task.and_then(|task| task.inputs()[input.index].committable());
            let committed = || input.committed.as_ref().map(|at| at.offset);
            Offset::new(input.partition.clone(), done.or_else(committed).unwrap_or(Offset::COMMITTED))
        };
        self.inputs.iter().map(next).collect()
    }

    /// Holds the task while a rebalance decides about it: what is queued is read again.
    pub(super) fn suspend(&mut self) {
        for (input, at) in self.next_offsets().into_iter().enumerate() {
            let input = &mut self.inputs[input];
            if at.offset >= 0 {
                input.committed = Some(at);
            }
            input.early.clear();
            input.position = None;
            input.is_paused = false;
        }
        if let Some(task) = &mut self.task {
            task.forget_queued();
        }
        if self.stage != Stage::Suspended {
            self.before = self.stage;
        }
        self.stage = Stage::Suspended;
    }

    /// Goes on after a rebalance. What was not restored yet begins again where it was.
    pub(super) fn wake_up(&mut self) {
        if self.stage == Stage::Suspended {
            self.stage = if self.before == Stage::Running { Stage::Running } else { Stage::Waiting };
        }
    }

    /// Closes the task. What is not committed is lost; `true` makes what is committed durable first.
    pub(super) fn close(mut self, application: &Application, is_clean: bool) {
        self.note_dropped(application);
        if let Some(task) = self.task.take() {
            application.metrics.tasks_closed.add(1);
            if is_clean && let Err(error) = task.context.stores().flush_to_disk() {
                log::error!("cannot make the stores of task {} durable: {}", self.id, error.chain());
            }
        }
        if self.is_claimed {
            application.release(self.id);
        }
        log::info!("task {} closed process=`{}`", self.id, std::process::id());
    }
}
