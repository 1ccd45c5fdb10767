//! A producer: records by topic handle, delivery reports in one buffer that whoever polls takes.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use rdkafka::bindings as rd;

use super::client::{Callbacks, Client};
use super::conf::{Conf, PRODUCER_DEFAULTS};
use super::error::Status;
use super::message::{status, timestamp_of};
use super::{c_text, error, millis, text_from};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::header::Header;
use crate::thread::lock;

mod vector;

use vector::Vector;

/// A topic of one [`RawProducer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TopicHandle(u32);

/// A record to send. Bytes are copied.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Message<'a> {
    /// `None` leaves it to the partitioner.
    pub(crate) partition: Option<i32>,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    /// Milliseconds since the epoch; `None` is now.
    pub(crate) timestamp: Option<i64>,
    pub(crate) headers: &'a [Header],
    /// Comes back with the delivery report.
    pub(crate) tag: u64,
}

/// Whether a record was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Admission {
    /// It is in the queue, and a delivery report will come.
    Queued,
    /// The queue is full: poll for deliveries, then send the record again.
    Full,
}

/// What became of one record.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) tag: u64,
    pub(crate) partition: i32,
    /// Its place in the partition, or −1 if it failed (or nobody asked the broker: `acks=0`).
    pub(crate) offset: i64,
    /// Milliseconds since the epoch.
    pub(crate) timestamp: i64,
    /// Why it was not delivered.
    pub(crate) error: Option<Error>,
}

/// A producer. Any thread may send; polls and flushes take turns.
pub(crate) struct RawProducer {
    topics: RwLock<Topics>,
    serving: Mutex<Vec<Delivery>>,
    wake: super::queue::Waker,
    client: Client,
}

#[derive(Default)]
struct Topics {
    by_name: BTreeMap<String, TopicHandle>,
    handles: Vec<Topic>,
}

struct Topic(NonNull<rd::rd_kafka_topic_t>);

// SAFETY: librdkafka's topic handles are counted references with locks of their own.
unsafe impl Send for Topic {}
// SAFETY: as above.
unsafe impl Sync for Topic {}

impl Drop for Topic {
    fn drop(&mut self) {
        // SAFETY: the reference belongs to this value, and its client still lives.
        unsafe { rd::rd_kafka_topic_destroy(self.0.as_ptr()) };
    }
}

impl RawProducer {
    /// A producer with these settings over the library's defaults.
    ///
    /// # Errors
    /// *Invalid* for unknown or wrong settings.
    pub(crate) fn new<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let conf = Conf::with(PRODUCER_DEFAULTS, settings)?;
        let client = Client::new(rd::rd_kafka_type_t::RD_KAFKA_PRODUCER, conf)?;
        // SAFETY: the client is live; the reference goes to the new owner.
        let queue = unsafe { super::queue::Queue::take(rd::rd_kafka_queue_get_main(client.raw()))? };
        let wake = super::queue::Waker::new(queue);
        Ok(Self { topics: RwLock::default(), serving: Mutex::default(), wake, client })
    }

    /// The handle of a topic, which need not exist yet.
    ///
    /// # Errors
    /// *Invalid* for an impossible name.
    pub(crate) fn topic(&self, name: &str) -> Result<TopicHandle> {
        if let Some(handle) = self.read_topics().by_name.get(name) {
            return Ok(*handle);
        }
        let c_name = c_text(name)?;
        let mut topics = self.topics.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(handle) = topics.by_name.get(name) {
            return Ok(*handle);
        }
        // SAFETY: the client is live, the name is NUL-terminated, and NULL means the client's own topic settings.
        let raw = unsafe { rd::rd_kafka_topic_new(self.client.raw(), c_name.as_ptr(), ptr::null_mut()) };
        let raw = NonNull::new(raw).ok_or_else(|| Status(17).error("cannot send").with("topic", name))?;
        let handle = TopicHandle(u32::try_from(topics.handles.len()).expect("fewer topics than 2^32"));
        topics.handles.push(Topic(raw));
        topics.by_name.insert(name.to_owned(), handle);
        Ok(handle)
    }

    fn read_topics(&self) -> std::sync::RwLockReadGuard<'_, Topics> {
        self.topics.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Queues one record. Never waits.
    ///
    /// # Errors
    /// *Invalid* for a record that is too large or a partition that does not exist; *fatal* or *fenced* when the
    /// producer is unusable.
    pub(crate) fn send(&self, topic: TopicHandle, message: &Message<'_>) -> Result<Admission> {
        let topics = self.read_topics();
        self.send_to(topics.handles[topic.0 as usize].0, message)
    }

    fn send_to(&self, topic: NonNull<rd::rd_kafka_topic_t>, message: &Message<'_>) -> Result<Admission> {
        let mut vector = Vector::new(topic.as_ptr(), message);
        vector.add_headers(message.headers)?;
        // SAFETY: the client is live, and the vector's pointers live as long as `message`.
        let error = unsafe { rd::rd_kafka_produceva(self.client.raw(), vector.as_ptr(), vector.len()) };
        if error.is_null() {
            vector.headers_were_taken();
            return Ok(Admission::Queued);
        }
        // SAFETY: the error is live; it is destroyed by `take` below.
        if Status::from(unsafe { rd::rd_kafka_error_code(error) }) == Status::QUEUE_FULL {
            // SAFETY: the error belongs to us.
            unsafe { rd::rd_kafka_error_destroy(error) };
            return Ok(Admission::Full);
        }
        // SAFETY: the error belongs to us.
        let refused = unsafe { error::take(error, "cannot send") };
        // SAFETY: the topic is live and keeps its name.
        let name = unsafe { text_from(rd::rd_kafka_topic_name(topic.as_ptr())) }.unwrap_or_default();
        Err(refused.err().unwrap_or_else(|| Error::internal("an error without a code")).with("topic", name))
    }

    /// Waits at most `timeout` for delivery reports, then hands over those that are there.
    /// Nothing is handed over while another thread polls or flushes.
    pub(crate) fn poll(&self, timeout: Duration, mut each: impl FnMut(Delivery)) {
        let mut serving = lock(&self.serving);
        // SAFETY: the client is live; its callbacks run inside of this call.
        unsafe { rd::rd_kafka_poll(self.client.raw(), millis(timeout)) };
        self.hand_over(&mut serving, &mut each);
    }

    /// Sends what is queued at once, whatever `linger.ms` says, and waits for all delivery reports.
    ///
    /// # Errors
    /// *Timeout* with the number of records that have none yet: they are still being sent. *Fatal* or *fenced* when
    /// the producer is unusable.
    pub(crate) fn flush(&self, deadline: Deadline, mut each: impl FnMut(Delivery)) -> Result<()> {
        let mut serving = lock(&self.serving);
        loop {
            // Slices, because reports wait in the buffer until they are handed over.
            let slice = deadline.remaining().min(Duration::from_millis(50));
            // SAFETY: the client is live; its callbacks run inside of this call.
            let status = Status::from(unsafe { rd::rd_kafka_flush(self.client.raw(), millis(slice)) });
            self.hand_over(&mut serving, &mut each);
            if status.is_ok() {
                return self.client.fatal().map_or(Ok(()), Err);
            }
            if status != Status::TIMED_OUT {
                return Err(status.error("cannot flush"));
            }
            if deadline.is_over() {
                return Err(self.unfinished());
            }
        }
    }

    fn unfinished(&self) -> Error {
        let error = Error::new(
            ErrorKind::Timeout,
            "records were not acknowledged before the deadline; they are still being sent: flush again",
        );
        self.client.explain(error.with("records", self.outstanding()))
    }

    fn hand_over(&self, buffer: &mut Vec<Delivery>, each: &mut impl FnMut(Delivery)) {
        // No callback runs now: they run only inside of calls made under the `serving` lock.
        std::mem::swap(&mut *lock(&self.client.callbacks().deliveries), buffer);
        buffer.drain(..).for_each(each);
    }

    /// How many records have no delivery report yet.
    pub(crate) fn outstanding(&self) -> usize {
        // SAFETY: the client is live.
        usize::try_from(unsafe { rd::rd_kafka_outq_len(self.client.raw()) }).unwrap_or(0)
    }

    /// Gives up everything that is queued or on its way; their delivery reports say so.
    pub(crate) fn purge(&self, mut each: impl FnMut(Delivery)) {
        let flags = rd::RD_KAFKA_PURGE_F_QUEUE | rd::RD_KAFKA_PURGE_F_INFLIGHT;
        // SAFETY: the client is live.
        unsafe { rd::rd_kafka_purge(self.client.raw(), flags) };
        // The reports are there already, this only serves them.
        let deadline = Deadline::after(Duration::from_secs(1));
        while self.outstanding() > 0 && !deadline.is_over() {
            self.poll(Duration::from_millis(10), &mut each);
        }
        self.poll(Duration::ZERO, &mut each);
    }

    /// Wakes the poll that waits now, or else the next one.
    pub(crate) fn wake(&self) {
        self.wake.wake();
    }

    /// The client below, for admin calls and its state.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Ends the client. What is still queued is lost: flush before, or purge to learn what.
    ///
    /// # Errors
    /// *Timeout* when the client's threads were still busy; they end in the background.
    pub(crate) fn close(self, deadline: Deadline) -> Result<()> {
        let Self { topics, client, wake, .. } = self;
        wake.retire();
        drop(topics);
        client.destroy(deadline)
    }
}

/// Notes a delivery. Runs inside of polls and flushes.
pub(super) unsafe extern "C" fn on_delivery(
    _: *mut rd::rd_kafka_t,
    message: *const rd::rd_kafka_message_t,
    opaque: *mut c_void,
) {
    // SAFETY: librdkafka passes the opaque pointer of `Client::new` while the client lives.
    let callbacks = unsafe { Callbacks::of(opaque) };
    let pointer = message;
    // SAFETY: the message lives through the call.
    let message = unsafe { &*pointer };
    let status = status(message);
    let delivery = Delivery {
        tag: message._private as u64,
        partition: message.partition,
        offset: if status.is_ok() { message.offset } else { -1 },
        // SAFETY: as above.
        timestamp: unsafe { timestamp_of(pointer) },
        // SAFETY: as above.
        error: (!status.is_ok()).then(|| unsafe { failure(pointer, status) }),
    };
    lock(&callbacks.deliveries).push(delivery);
}

/// # Safety
/// The message is live and carries an error.
unsafe fn failure(message: *const rd::rd_kafka_message_t, status: Status) -> Error {
    // SAFETY: the message is live, and its topic with it.
    let (topic, partition) =
        unsafe { (text_from(rd::rd_kafka_topic_name((*message).rkt)).unwrap_or_default(), (*message).partition) };
    let error = status.error("cannot deliver").with("topic", topic);
    if partition >= 0 { error.with("partition", partition) } else { error }
}

#[cfg(test)]
mod tests;
