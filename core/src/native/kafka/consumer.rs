//! A consumer for one thread: batches out of librdkafka's queue, rebalances as events, pauses that lose nothing.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::bindings as rd;

use super::client::Client;
use super::conf::{CONSUMER_DEFAULTS, Conf};
use super::error::Status;
use super::list::List;
use super::message::{Messages, RawRecord, TopicIndex, TopicTable};
use super::queue::{Queue, Waker};
use super::{error, millis, text_from};
use crate::clock::Deadline;
use crate::error::{Error, Result};
use crate::offset::Offset;
use crate::thread::lock;
use crate::topic::TopicPartition;

mod commit;
mod pause;

pub(crate) use commit::PendingCommit;
use pause::Paused;

/// What the group decided. The group waits until it is answered by [`RawConsumer::assign`] or
/// [`RawConsumer::unassign`] (or the incremental forms, when [`RawConsumer::is_cooperative`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rebalance {
    /// These partitions are ours now: all of them, or more of them when cooperative.
    Assigned(Vec<TopicPartition>),
    /// These partitions go to somebody else. Committing their offsets is still possible.
    Revoked(Vec<TopicPartition>),
    /// These partitions went to somebody else already: their offsets can no longer be committed.
    Lost(Vec<TopicPartition>),
}

/// What one poll brought.
#[derive(Debug, Default)]
pub(crate) struct RawBatch {
    /// The records: those of one partition in the order of their offsets.
    pub(crate) records: Vec<RawRecord>,
    /// Partitions that were read to their end, with the offset of the end: only with `enable.partition.eof`. An end does
    /// not wait for what a pause holds back: use one or the other.
    pub(crate) ends: Vec<(TopicIndex, i32, i64)>,
    /// Failures of single partitions or of the group; reading goes on unless one is fatal.
    pub(crate) errors: Vec<Error>,
    /// A rebalance to answer. The records of this batch still belong to the assignment before it.
    pub(crate) rebalance: Option<Rebalance>,
}

/// A consumer that belongs to one thread at a time.
pub(crate) struct RawConsumer {
    // Queues go before the client: fields are dropped in this order.
    paused: Paused,
    queue: Queue,
    waker: Waker,
    messages: Messages,
    topics: TopicTable,
    is_member: bool,
    client: Client,
}

impl RawConsumer {
    /// A consumer with these settings over the library's defaults.
    ///
    /// # Errors
    /// *Invalid* for unknown or wrong settings.
    pub(crate) fn new<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let conf = Conf::with(CONSUMER_DEFAULTS, settings)?;
        let client = Client::new(rd::rd_kafka_type_t::RD_KAFKA_CONSUMER, conf)?;
        // SAFETY: the client is live and a consumer.
        let status = Status::from(unsafe { rd::rd_kafka_poll_set_consumer(client.raw()) });
        status.result("cannot start a consumer").map_err(|error| error.with("setting", "group.id"))?;
        let queue = || {
            // SAFETY: the client is live; the reference goes to the new owner.
            unsafe { Queue::take(rd::rd_kafka_queue_get_consumer(client.raw())) }
        };
        let (own, waker) = (queue()?, Waker::new(queue()?));
        *lock(&client.callbacks().poll) = Some(queue()?);
        Ok(Self {
            paused: Paused::default(),
            queue: own,
            waker,
            messages: Messages::new(),
            topics: TopicTable::default(),
            is_member: false,
            client,
        })
    }

    /// Joins the group for these topics, or leaves it for none. A name that begins with `^` is a regular expression.
    pub(crate) fn subscribe<'a>(&mut self, topics: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let list = List::of_topics(topics)?;
        // SAFETY: client and list are live; the list is copied.
        let status = Status::from(unsafe { rd::rd_kafka_subscribe(self.client.raw(), list.raw()) });
        self.is_member = true;
        status.result("cannot subscribe").map_err(|error| self.client.explain(error))
    }

    /// Waits at most `timeout` for records, then takes what is there, up to `max`.
    ///
    /// Returns earlier, perhaps with nothing, for a rebalance, an error, or a wake-up.
    ///
    /// # Errors
    /// *Fatal* or *fenced* when the consumer is unusable. Other failures stand in the batch.
    pub(crate) fn poll(&mut self, timeout: Duration, max: usize) -> Result<RawBatch> {
        let mut batch = RawBatch::default();
        self.poll_into(timeout, max, &mut batch)?;
        Ok(batch)
    }

    /// As [`poll`](Self::poll), into a batch whose memory is used again. What was in it is forgotten.
    pub(crate) fn poll_into(&mut self, timeout: Duration, max: usize, batch: &mut RawBatch) -> Result<()> {
        batch.records.clear();
        batch.ends.clear();
        batch.errors.clear();
        batch.rebalance = None;
        let max = max.max(1);
        if !self.paused.release(max, &mut batch.records) || batch.records.len() == max {
            return Ok(());
        }
        let max = max - batch.records.len();
        let timeout = if batch.records.is_empty() { timeout } else { Duration::ZERO };
        // The batch call waits for a *full* batch: take what is there, else wait for one message and take the rest.
        let queue = self.queue.raw();
        if self.messages.fill(queue, 0, max) == 0 && self.may_wait(timeout) {
            let first = self.messages.fill(queue, millis(timeout), 1);
            self.waker.was_asked();
            if first == 1 && max > 1 {
                self.messages.fill(queue, 0, max - 1);
            }
        }
        self.messages.take(&mut self.topics, batch);
        self.paused.hold(&mut batch.records);
        batch.rebalance = lock(&self.client.callbacks().rebalance).take();
        if batch.errors.is_empty() {
            return Ok(());
        }
        self.client.fatal().map_or(Ok(()), Err)
    }

    fn may_wait(&self, timeout: Duration) -> bool {
        !timeout.is_zero() && !self.has_rebalance() && !self.waker.was_asked()
    }

    fn has_rebalance(&self) -> bool {
        lock(&self.client.callbacks().rebalance).is_some()
    }

    /// Wakes a poll from another thread.
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// The topic that a record's number stands for.
    pub(crate) fn topic(&self, index: TopicIndex) -> &Arc<str> {
        self.topics.name(index)
    }

    /// The number that records of this topic carry.
    pub(crate) fn topic_index(&mut self, name: &str) -> TopicIndex {
        self.topics.index(name)
    }

    /// Reads exactly these partitions, from these places; answers an eager [`Rebalance::Assigned`].
    /// [`Offset::COMMITTED`] begins at the committed offset.
    pub(crate) fn assign(&mut self, offsets: &[Offset]) -> Result<()> {
        let list = List::of_offsets(offsets)?;
        self.topics.forget_handles();
        // SAFETY: client and list are live; the list is copied.
        let status = Status::from(unsafe { rd::rd_kafka_assign(self.client.raw(), list.raw()) });
        status.result("cannot take an assignment")?;
        self.paused.reconnect(&self.queue);
        Ok(())
    }

    /// Reads nothing any more; answers an eager [`Rebalance::Revoked`] or [`Rebalance::Lost`].
    pub(crate) fn unassign(&mut self) -> Result<()> {
        self.topics.forget_handles();
        // SAFETY: the client is live, and NULL means no partitions.
        let status = Status::from(unsafe { rd::rd_kafka_assign(self.client.raw(), std::ptr::null()) });
        status.result("cannot give up an assignment")?;
        self.paused.reconnect(&self.queue);
        Ok(())
    }

    /// Reads these partitions too; answers a cooperative [`Rebalance::Assigned`].
    pub(crate) fn assign_more(&mut self, offsets: &[Offset]) -> Result<()> {
        let list = List::of_offsets(offsets)?;
        self.topics.forget_handles();
        // SAFETY: client and list are live; the error belongs to us.
        unsafe {
            let answer = rd::rd_kafka_incremental_assign(self.client.raw(), list.raw());
            error::take(answer, "cannot take partitions")?;
        }
        self.paused.reconnect(&self.queue);
        Ok(())
    }

    /// Stops reading these partitions; answers a cooperative [`Rebalance::Revoked`] or [`Rebalance::Lost`].
    pub(crate) fn unassign_some(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let list = List::of_partitions(partitions)?;
        self.topics.forget_handles();
        for partition in partitions {
            let place = self.place(partition);
            self.paused.forget(partition, place, &self.queue);
        }
        // SAFETY: client and list are live; the error belongs to us.
        unsafe {
            let answer = rd::rd_kafka_incremental_unassign(self.client.raw(), list.raw());
            error::take(answer, "cannot give up partitions")
        }
    }

    /// Whether the group hands partitions over one by one.
    pub(crate) fn is_cooperative(&self) -> bool {
        // SAFETY: the client is live, and the text is static.
        unsafe { text_from(rd::rd_kafka_rebalance_protocol(self.client.raw())) }
            .is_some_and(|name| name == "COOPERATIVE")
    }

    /// What is being read.
    pub(crate) fn assignment(&self) -> Result<Vec<TopicPartition>> {
        let mut list = std::ptr::null_mut();
        // SAFETY: the client is live, and the list goes to a new owner.
        let (status, list) = unsafe {
            let status = rd::rd_kafka_assignment(self.client.raw(), &raw mut list);
            (Status::from(status), List::take(list))
        };
        status.result("cannot ask for the assignment")?;
        let elements = list.map(|list| list.elements()).unwrap_or_default();
        Ok(elements.into_iter().map(|element| element.offset.partition).collect())
    }

    /// Stops delivering these partitions at once. What is fetched already stays here and is delivered after
    /// [`resume`](Self::resume), in order. An assignment ends all pauses.
    pub(crate) fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        for partition in partitions {
            let place = self.place(partition);
            self.paused.pause(&self.client, partition, place)?;
        }
        Ok(())
    }

    /// Delivers these partitions again, where they stopped.
    pub(crate) fn resume(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            let place = self.place(partition);
            self.paused.resume(partition, place, &self.queue);
        }
    }

    /// A partition as records name it.
    fn place(&mut self, partition: &TopicPartition) -> (TopicIndex, i32) {
        (self.topics.index(&partition.topic), partition.partition)
    }

    /// Reads on at another place. What was fetched before is dropped.
    ///
    /// # Errors
    /// *Timeout*; *invalid* for a partition that is not assigned.
    pub(crate) fn seek(&mut self, offsets: &[Offset], deadline: Deadline) -> Result<()> {
        let list = List::of_offsets(offsets)?;
        for at in offsets {
            let place = self.place(&at.partition);
            self.paused.rewind(place);
        }
        // Without a limit librdkafka would not wait at all.
        let timeout = if deadline.is_never() { i32::MAX } else { deadline.remaining_ms().max(1) };
        // SAFETY: client and list are live; the error belongs to us.
        unsafe {
            let answer = rd::rd_kafka_seek_partitions(self.client.raw(), list.raw(), timeout);
            error::take(answer, "cannot seek").map_err(|error| self.client.explain(error))?;
        }
        list.check("cannot seek")
    }

    /// The next offset that poll will deliver for each partition; `None` before the first record.
    pub(crate) fn position(&self, partitions: &[TopicPartition]) -> Result<Vec<Option<i64>>> {
        let list = List::of_partitions(partitions)?;
        // SAFETY: client and list are live.
        let status = Status::from(unsafe { rd::rd_kafka_position(self.client.raw(), list.raw()) });
        status.result("cannot ask for positions")?;
        Ok(list.elements().into_iter().map(|element| Some(element.offset.offset).filter(|at| *at >= 0)).collect())
    }

    /// The lowest offset and the end of a partition.
    ///
    /// # Errors
    /// *Timeout*, *retriable*, or *invalid* for an unknown partition.
    pub(crate) fn watermarks(&self, partition: &TopicPartition, deadline: Deadline) -> Result<(i64, i64)> {
        let topic = super::c_text(&partition.topic)?;
        let (mut low, mut high) = (0, 0);
        // SAFETY: the client is live, the name is NUL-terminated, the outputs are local variables.
        let status = Status::from(unsafe {
            rd::rd_kafka_query_watermark_offsets(
                self.client.raw(),
                topic.as_ptr(),
                partition.partition,
                &raw mut low,
                &raw mut high,
                deadline.remaining_ms(),
            )
        });
        let answer = status.result("cannot ask for the ends of a partition");
        let facts = |error: Error| error.with("topic", &partition.topic).with("partition", partition.partition);
        answer.map(|()| (low, high)).map_err(|error| self.client.explain(facts(error)))
    }

    /// The end of a partition as the last fetch told it, without asking; `None` before the first.
    pub(crate) fn known_end(&self, partition: &TopicPartition) -> Option<i64> {
        let topic = super::c_text(&partition.topic).ok()?;
        let (mut low, mut high) = (-1, -1);
        // SAFETY: the client is live, the name is NUL-terminated, the outputs are local variables.
        let status = Status::from(unsafe {
            rd::rd_kafka_get_watermark_offsets(
                self.client.raw(),
                topic.as_ptr(),
                partition.partition,
                &raw mut low,
                &raw mut high,
            )
        });
        (status.is_ok() && high >= 0).then_some(high)
    }

    /// The client below, for admin calls and its state.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The member's name in the group; `None` while it has none.
    pub(crate) fn member_id(&self) -> Option<String> {
        // SAFETY: the client is live; the text returned is ours to free.
        unsafe {
            let raw = rd::rd_kafka_memberid(self.client.raw());
            let text = text_from(raw);
            if !raw.is_null() {
                rd::rd_kafka_mem_free(self.client.raw(), raw.cast());
            }
            text.filter(|id| !id.is_empty())
        }
    }

    /// Leaves the group and ends the client. Nothing is committed.
    ///
    /// # Errors
    /// *Timeout* when the client's threads were still busy; they end in the background.
    pub(crate) fn close(mut self, deadline: Deadline) -> Result<()> {
        if self.is_member && self.client.check_process().is_ok() {
            self.leave(deadline);
        }
        let Self { paused, queue, waker, messages, client, .. } = self;
        waker.retire();
        drop((paused, queue, messages));
        client.destroy(deadline)
    }

    /// Leaves the group as long as the client is alive, and best effort: a broker that is down is not waited for.
    ///
    /// librdkafka could do this while it shuts down, but 2.12 then waits without a limit, and can run into a null
    /// pointer when the coordinator is gone. While the client lives it always has a coordinator object.
    fn leave(&mut self, deadline: Deadline) {
        const PATIENCE: Duration = Duration::from_secs(3);
        let deadline = deadline.at_most(PATIENCE);
        if self.member_id().is_none() {
            return;
        }
        // SAFETY: the client is live.
        unsafe { rd::rd_kafka_unsubscribe(self.client.raw()) };
        // Answers the revocation that follows, and an assignment that the program did not get round to answer.
        if self.unassign().is_err() {
            return;
        }
        // Leaving takes the member's name away, after the assignment was given up and the request was queued.
        while self.member_id().is_some() && !deadline.is_over() {
            let timeout = deadline.remaining().min(Duration::from_millis(5));
            let Ok(batch) = self.poll(timeout, 1000) else { break };
            if batch.rebalance.is_some() && self.unassign().is_err() {
                break;
            }
        }
        self.await_coordinator(deadline.at_most(Duration::from_secs(1)));
    }

    /// Asks the coordinator anything: its answer means that it has read the request before, too.
    fn await_coordinator(&self, deadline: Deadline) {
        let probe = [TopicPartition::new("kstreams", 0)];
        if let Err(error) = self.committed(&probe, deadline) {
            log::debug!("left a consumer group without an answer of its coordinator: {}", error.chain());
        }
    }
}

#[cfg(test)]
mod tests;
