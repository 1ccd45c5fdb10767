//! A stream thread: one loop of poll, restore, process and commit, with clients of its own.

use std::sync::Arc;
use std::time::Duration;

use super::application::Application;
use super::board::Phase;
use super::internal_topics::PartitionCounts;
use super::local_task::LocalTask;
use super::membership::Membership;
use super::metrics::Counter;
use super::process::whole_ms;
use super::restore::Restorer;
use super::routes::Routes;
use super::sender::Sender;
use super::settings::{Settings, named};
use super::slot::{Slot, Stage};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::consumer::{RawBatch, RawConsumer};
use crate::state::CacheBudget;

/// How long a thread that is busy goes without looking at the group.
const LONGEST_ABSENCE: Duration = Duration::from_millis(20);
/// How long it waits for records while something else has to be looked at again soon.
const SHORT_WAIT: Duration = Duration::from_millis(10);
/// How long it waits for changelog records while its tasks are restored.
const RESTORE_WAIT: Duration = Duration::from_millis(50);
/// Kafka's number for a group in which this member has no common assignment strategy.
const INCONSISTENT_GROUP_PROTOCOL: i16 = 23;
/// Kafka's number for a topic that a broker does not know.
const UNKNOWN_TOPIC: i16 = 3;
/// How long brokers may take to tell each other about topics that were just created.
const TOPIC_PATIENCE: Duration = Duration::from_secs(30);

/// What a thread needs to know of the application's topics.
pub(super) struct Knowledge {
    pub(super) membership: Box<dyn Membership>,
    /// Of all topics that are read or written.
    pub(super) counts: PartitionCounts,
}

/// A running stream thread.
pub(super) struct StreamThread {
    pub(super) application: Arc<Application>,
    pub(super) settings: Arc<Settings>,
    pub(super) knowledge: Arc<Knowledge>,
    pub(super) name: String,
    pub(super) index: usize,
    pub(super) consumer: RawConsumer,
    pub(super) sender: Sender,
    pub(super) restorer: Option<Restorer>,
    pub(super) slots: Vec<Slot>,
    pub(super) routes: Routes,
    pub(super) cache: Option<Arc<CacheBudget>>,
    pub(super) processed: Arc<Counter>,
    /// By the application's clock.
    pub(super) next_commit: Duration,
    /// Why the tasks have to begin again.
    pub(super) undeliverable: Option<Error>,
    started: Duration,
    last_poll: Duration,
    is_busy: bool,
    phase: Phase,
    last_warning: Option<Duration>,
}

impl StreamThread {
    /// Runs until the application stops.
    ///
    /// # Errors
    /// What ended the thread early. Its tasks are closed without committing then.
    pub(super) fn run(application: &Arc<Application>, knowledge: Arc<Knowledge>, index: usize) -> Result<()> {
        let mut thread = Self::new(application, knowledge, index)?;
        let outcome = crate::thread::catch(|| thread.work());
        thread.stop(outcome.is_ok());
        outcome
    }

    fn new(application: &Arc<Application>, knowledge: Arc<Knowledge>, index: usize) -> Result<Self> {
        let settings = application.settings();
        let name = settings.thread_name(index);
        let mut consumer = named(settings.streams.main_consumer()?, &name, "consumer");
        knowledge.membership.settings().iter().for_each(|(key, value)| consumer.set(key, value));
        let consumer = RawConsumer::new(consumer.pairs())?;
        let waker = consumer.waker();
        application.board.update(|board| board.thread(index).waker = Some(waker));
        Ok(Self {
            sender: Sender::new(&settings, &name)?,
            cache: (settings.cache_bytes > 0).then(|| CacheBudget::new(settings.cache_bytes)),
            next_commit: application.clock.elapsed().saturating_add(settings.commit_interval),
            application: Arc::clone(application),
            settings,
            knowledge,
            name,
            index,
            consumer,
            restorer: None,
            slots: Vec::new(),
            routes: Routes::default(),
            processed: Arc::default(),
            undeliverable: None,
            started: Duration::ZERO,
            last_poll: Duration::ZERO,
            is_busy: false,
            phase: Phase::Rebalancing,
            last_warning: None,
        })
    }

    fn work(&mut self) -> Result<()> {
        self.started = self.application.clock.elapsed();
        log::info!("{} joins the group process=`{}`", self.name, std::process::id());
        self.consumer.subscribe(self.knowledge.membership.topics())?;
        let mut batch = RawBatch::default();
        while !self.application.is_stopping() {
            self.poll(&mut batch)?;
            self.make_tasks()?;
            self.restore()?;
            self.is_busy = self.process()?;
            self.sender.serve(Duration::ZERO);
            if self.sender.has_failures() {
                self.judge_failures()?;
            }
            self.commit_if_due()?;
            if let Some(error) = self.undeliverable.take() {
                self.revive(&error)?;
            }
            for slot in &mut self.slots {
                slot.balance(&mut self.consumer, self.settings.buffered)?;
            }
            self.report();
        }
        Ok(())
    }

    pub(super) fn now_ms(&self) -> i64 {
        whole_ms(self.application.clock.elapsed())
    }

    /// Takes records and what the group decided.
    fn poll(&mut self, batch: &mut RawBatch) -> Result<()> {
        let now = self.application.clock.elapsed();
        let buffered = self.slots.iter().map(Slot::buffered).sum::<usize>();
        if self.is_busy && buffered > self.settings.buffered / 2 && now < self.last_poll + LONGEST_ABSENCE {
            return Ok(());
        }
        self.last_poll = now;
        self.consumer.poll_into(self.poll_timeout(now, buffered), self.settings.poll_records, batch)?;
        self.application.metrics.polled.add(batch.records.len());
        let now_ms = self.now_ms();
        for record in batch.records.drain(..) {
            if let Some((slot, input)) = self.routes.find(record.topic, record.partition) {
                self.slots[slot].add(input, record, now_ms);
            }
        }
        for error in &batch.errors {
            self.look_at(error)?;
        }
        batch.rebalance.take().map_or(Ok(()), |rebalance| self.rebalance(rebalance))
    }

    fn poll_timeout(&self, now: Duration, buffered: usize) -> Duration {
        let restores = self.restorer.as_ref().is_some_and(|restorer| !restorer.is_idle());
        if self.is_busy || restores {
            return Duration::ZERO;
        }
        let is_waiting = self.slots.iter().any(|slot| slot.stage == Stage::Waiting);
        let timeout = if buffered > 0 || is_waiting { self.settings.poll.min(SHORT_WAIT) } else { self.settings.poll };
        timeout.min(self.next_commit.saturating_sub(now))
    }

    /// Decides about a failure of the group or of one partition.
    fn look_at(&mut self, error: &Error) -> Result<()> {
        if error.kafka_code() == INCONSISTENT_GROUP_PROTOCOL {
            self.warn(
                "other members hold the group with another assignment strategy, waiting until they are gone",
                error,
            );
            return Ok(());
        }
        let is_young = self.application.clock.elapsed() < self.started + TOPIC_PATIENCE;
        match error.kind() {
            _ if error.kafka_code() == UNKNOWN_TOPIC && is_young => {
                self.warn("a topic is not known to every broker yet", error);
                Ok(())
            }
            ErrorKind::Retriable | ErrorKind::Timeout | ErrorKind::Abortable => {
                self.warn("waiting for the brokers", error);
                Ok(())
            }
            _ => Err(error.clone()),
        }
    }

    /// Logs what makes the thread wait, but not with every try.
    pub(super) fn warn(&mut self, what: &str, error: &Error) {
        const PAUSE: Duration = Duration::from_secs(5);
        self.application.board.lock().trouble = Some(error.clone());
        let now = self.application.clock.elapsed();
        if self.last_warning.is_none_or(|last| now > last + PAUSE) {
            self.last_warning = Some(now);
            log::warn!("{} {what}: {}", self.name, error.chain());
        }
    }

    fn restore(&mut self) -> Result<()> {
        let Some(restorer) = self.restorer.as_mut().filter(|restorer| !restorer.is_idle()) else { return Ok(()) };
        let timeout = if self.is_busy { Duration::ZERO } else { RESTORE_WAIT };
        let stale = restorer.step(&mut self.slots, timeout, &self.application)?;
        stale.into_iter().try_for_each(|id| self.wipe(id))
    }

    /// Tells how far this thread is, if that changed.
    fn report(&mut self) {
        let is_member = self.routes.is_assigned();
        let is_running = is_member && self.slots.iter().all(|slot| slot.stage == Stage::Running);
        let phase = if is_running { Phase::Running } else { Phase::Rebalancing };
        if phase != self.phase {
            self.set_phase(phase);
        }
    }

    pub(super) fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
        let tasks = self.slots.iter().map(|slot| LocalTask {
            id: slot.id,
            thread: self.index,
            partitions: slot.partitions(),
            is_running: slot.stage == Stage::Running,
        });
        let tasks = tasks.collect();
        self.application.board.update(|board| {
            board.thread(self.index).tasks = tasks;
            board.report(self.index, phase);
        });
    }

    /// Commits if nothing failed before, closes the tasks, leaves the group and ends the clients.
    fn stop(mut self, is_clean: bool) {
        let committed = if is_clean { self.commit().and_then(|()| self.check_committed()) } else { Ok(()) };
        if let Err(error) = &committed {
            log::error!("{} closes without a commit: {}", self.name, error.chain());
            let undone = Error::new(ErrorKind::Timeout, "closed without a commit: records are processed again")
                .with("thread", &self.name)
                .caused_by(error.clone());
            self.application.board.update(|board| board.undone = Some(undone));
        }
        let Self { application, consumer, sender, restorer, slots, .. } = self;
        slots.into_iter().for_each(|slot| slot.close(&application, is_clean && committed.is_ok()));
        let deadline = application.stop_by().unwrap_or_else(|| Deadline::after(Duration::from_secs(10)));
        if let Err(error) = consumer.close(deadline) {
            log::warn!("{}", error.chain());
        }
        if let Some(restorer) = restorer {
            restorer.close(deadline);
        }
        sender.close(deadline);
    }
}
