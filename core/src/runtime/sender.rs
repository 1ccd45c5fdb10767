//! Takes what tasks send to the producer, and learns from the acknowledgements how far changelogs are.

use std::sync::Arc;
use std::time::Duration;

use super::application::Application;
use super::settings::{Settings, named};
use super::slot::Slot;
use super::task::TaskId;
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::producer::{Admission, Delivery, Message, RawProducer, TopicHandle};
use crate::operator::outbox::{Outbox, Outgoing};

/// How long a full queue is waited for at a time.
const SLICE: Duration = Duration::from_millis(50);
/// How often it is said that the brokers do not acknowledge.
const WARNING_PAUSE: Duration = Duration::from_secs(5);

/// Where one topic of one task goes.
#[derive(Clone, Copy)]
pub(super) struct Output {
    handle: TopicHandle,
    track: usize,
}

/// What was acknowledged of one topic of one task.
struct Track {
    task: TaskId,
    topic: Arc<str>,
    /// The offset after the last acknowledged record. It has a meaning for changelogs, which have one partition a task.
    next: Option<i64>,
    records: i64,
}

/// A record that was not delivered.
pub(super) struct Undelivered {
    pub(super) task: TaskId,
    pub(super) topic: Arc<str>,
    pub(super) error: Error,
}

/// The producer of a stream thread.
pub(super) struct Sender {
    producer: RawProducer,
    tracks: Vec<Track>,
    failures: Vec<Undelivered>,
}

impl Sender {
    pub(super) fn new(settings: &Settings, thread: &str) -> Result<Self> {
        let settings = named(settings.streams.producer()?, thread, "producer");
        Ok(Self { producer: RawProducer::new(settings.pairs())?, tracks: Vec::new(), failures: Vec::new() })
    }

    /// Sends everything in a task's outbox. Waits for room in the producer's queue.
    ///
    /// # Errors
    /// *Timeout* when the application stops before there was room; what the producer answers.
    pub(super) fn send(&mut self, slot: &mut Slot, application: &Application) -> Result<()> {
        let Some(task) = &mut slot.task else { return Ok(()) };
        if task.context.outbox().is_empty() {
            return Ok(());
        }
        let mut outbox = std::mem::take(task.context.outbox());
        application.metrics.sent.add(outbox.records.len());
        let sent = self.send_all(slot, &outbox, application);
        outbox.clear();
        if let Some(task) = &mut slot.task {
            task.context.reuse_outbox(outbox);
        }
        sent
    }

    fn send_all(&mut self, slot: &mut Slot, outbox: &Outbox, application: &Application) -> Result<()> {
        for outgoing in &outbox.records {
            let output = match slot.outputs.get(outgoing.topic.0 as usize) {
                Some(output) => *output,
                None => self.resolve(slot, outgoing)?,
            };
            let bytes = |range: &Option<std::ops::Range<usize>>| range.clone().map(|range| &outbox.bytes[range]);
            let (key, value) = (bytes(&outgoing.key), bytes(&outgoing.value));
            outgoing.headers.with(|headers| {
                let message = Message {
                    partition: outgoing.partition,
                    key,
                    value,
                    timestamp: outgoing.timestamp,
                    headers,
                    tag: output.track as u64,
                };
                self.send_one(output.handle, &message, application)
            })?;
        }
        Ok(())
    }

    fn send_one(&mut self, topic: TopicHandle, message: &Message<'_>, application: &Application) -> Result<()> {
        while self.producer.send(topic, message)? == Admission::Full {
            self.serve(SLICE);
            if application.stop_by().is_some_and(Deadline::is_over) {
                return Err(Error::new(ErrorKind::Timeout, "the queue of the producer was full until the end"));
            }
        }
        Ok(())
    }

    /// Finds where all topics of a task go, up to the one that is new.
    fn resolve(&mut self, slot: &mut Slot, outgoing: &Outgoing) -> Result<Output> {
        let task = slot.task.as_ref().expect("only a task that is here sends");
        while slot.outputs.len() <= outgoing.topic.0 as usize {
            let number = u32::try_from(slot.outputs.len()).expect("fewer topics than 2^32");
            let topic = Arc::clone(task.context.topic_name(crate::operator::outbox::TopicId(number)));
            slot.outputs.push(Output { handle: self.producer.topic(&topic)?, track: self.track(slot.id, &topic) });
        }
        Ok(slot.outputs[outgoing.topic.0 as usize])
    }

    fn track(&mut self, task: TaskId, topic: &Arc<str>) -> usize {
        let known = self.tracks.iter().position(|track| track.task == task && track.topic == *topic);
        known.unwrap_or_else(|| {
            self.tracks.push(Track { task, topic: Arc::clone(topic), next: None, records: 0 });
            self.tracks.len() - 1
        })
    }

    /// Takes delivery reports.
    pub(super) fn serve(&mut self, timeout: Duration) {
        let (producer, tracks, failures) = (&self.producer, &mut self.tracks, &mut self.failures);
        producer.poll(timeout, |delivery| note(tracks, failures, delivery));
    }

    /// Waits until everything is acknowledged, or until the application has to stop.
    ///
    /// # Errors
    /// *Timeout* with the number of records that are not; *fatal* or *fenced* when the producer is unusable.
    pub(super) fn flush(&mut self, application: &Application) -> Result<()> {
        let mut next_warning = application.clock.elapsed() + WARNING_PAUSE;
        loop {
            let deadline = application.stop_by();
            let slice = deadline.unwrap_or(Deadline::NEVER).at_most(Duration::from_millis(200));
            let (producer, tracks, failures) = (&self.producer, &mut self.tracks, &mut self.failures);
            match producer.flush(slice, |delivery| note(tracks, failures, delivery)) {
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    if deadline.is_some_and(Deadline::is_over) {
                        return Err(error);
                    }
                    if application.clock.elapsed() >= next_warning {
                        next_warning += WARNING_PAUSE;
                        log::warn!("waiting for the brokers: {}", error.chain());
                    }
                }
                outcome => return outcome,
            }
        }
    }

    /// What was not delivered since the last call.
    pub(super) fn take_failures(&mut self) -> Vec<Undelivered> {
        std::mem::take(&mut self.failures)
    }

    pub(super) fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    /// The changelogs of a task that moved since the last call: topic, next offset, records.
    pub(super) fn take_progress(&mut self, task: TaskId) -> Vec<(Arc<str>, i64, i64)> {
        let moved = self.tracks.iter_mut().filter(|track| track.task == task);
        let take = |track: &mut Track| {
            let next = track.next.take()?;
            Some((Arc::clone(&track.topic), next, std::mem::take(&mut track.records)))
        };
        moved.filter_map(take).collect()
    }

    /// Forgets what a task sent: it was closed.
    pub(super) fn forget(&mut self, task: TaskId) {
        let tracks = self.tracks.iter_mut().filter(|track| track.task == task);
        tracks.for_each(|track| (track.next, track.records) = (None, 0));
    }

    /// Ends the producer. What it has not sent is lost, and logged.
    pub(super) fn close(self, deadline: Deadline) {
        let lost = self.producer.outstanding();
        if lost > 0 {
            log::warn!("closing a producer with {lost} records that are not acknowledged");
        }
        if let Err(error) = self.producer.close(deadline) {
            log::warn!("{}", error.chain());
        }
    }
}

fn note(tracks: &mut [Track], failures: &mut Vec<Undelivered>, delivery: Delivery) {
    let Some(track) = usize::try_from(delivery.tag).ok().and_then(|tag| tracks.get_mut(tag)) else { return };
    match delivery.error {
        None => {
            track.next = track.next.max(Some(delivery.offset + 1));
            track.records += 1;
        }
        Some(error) => failures.push(Undelivered { task: track.task, topic: Arc::clone(&track.topic), error }),
    }
}
