//! The consumer: batches of records, as a member of a group.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::clock::Deadline;
use crate::config::{Config, MAX_POLL_RECORDS};
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::consumer::RawConsumer;
use crate::native::kafka::queue::Waker;
use crate::thread::Signal;
use crate::topic::TopicPartition;

mod batch;
mod commit;
mod poll;

pub use batch::{Batch, ConsumerRecord, Records};

/// Reads topics as a member of a group.
///
/// The program says what was processed: [`commit`](Self::commit) commits everything that polls have given so far, and
/// a new member goes on there. Nothing is committed by itself.
///
/// # Threads
/// One call at a time: a second thread that calls meanwhile gets an error of kind *invalid*. Only
/// [`wakeup`](Self::wakeup) and [`close`](Self::close) may be called at any time.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kstreams::testing::EmbeddedCluster;
/// use kstreams::{Config, Consumer, Producer, ProducerRecord};
///
/// let timeout = Duration::from_secs(10);
/// let cluster = EmbeddedCluster::start(1)?;
/// cluster.create_topic("greetings", 1)?;
/// let config = Config::new()
///     .set("bootstrap.servers", cluster.bootstrap_servers())
///     .set("group.id", "readers")
///     .set("auto.offset.reset", "earliest");
/// let producer = Producer::new(&config)?;
/// producer.send(ProducerRecord::new("greetings").value("hello"))?.wait(timeout)?;
///
/// let consumer = Consumer::new(&config)?;
/// consumer.subscribe(["greetings"])?;
/// let batch = consumer.poll(timeout, 100)?;
/// assert_eq!(batch[0].value.as_deref(), Some(&b"hello"[..]));
/// consumer.commit(timeout)?;
/// consumer.close(timeout)?;
/// # Ok::<(), kstreams::Error>(())
/// ```
pub struct Consumer {
    slot: Arc<Signal<Slot>>,
    waker: Waker,
    woken: AtomicBool,
    max_poll_records: usize,
}

/// The consumer's inside, or where it is.
enum Slot {
    Idle(Box<Inside>),
    /// A thread works with it.
    Busy,
    Closed,
}

struct Inside {
    raw: RawConsumer,
    /// The offset behind the last record given to the program, for each partition that we hold.
    positions: BTreeMap<TopicPartition, i64>,
    /// Failures that came together with records, for the next poll.
    errors: Vec<Error>,
    /// Whether topics were subscribed to: without, a poll would wait for nothing.
    is_subscribed: bool,
    /// Whether the group ever gave an assignment: a broker was reached.
    was_assigned: bool,
    commits: Arc<commit::Commits>,
}

impl Consumer {
    /// Starts a consumer. It connects in the background: a broker that cannot be reached is no error here.
    ///
    /// # Errors
    /// *Invalid* for unknown or wrong settings, or without `group.id`.
    pub fn new(config: &Config) -> Result<Self> {
        let settings = config.consumer_settings()?;
        let max_poll_records = usize::try_from(settings.integer(MAX_POLL_RECORDS)?).unwrap_or(usize::MAX);
        let raw = RawConsumer::new(settings.pairs())?;
        let waker = raw.waker();
        let (positions, commits) = (BTreeMap::new(), Arc::default());
        let inside = Inside { raw, positions, errors: Vec::new(), is_subscribed: false, was_assigned: false, commits };
        let slot = Arc::new(Signal::new(Slot::Idle(Box::new(inside))));
        Ok(Self { slot, waker, woken: AtomicBool::new(false), max_poll_records })
    }

    /// Joins the group for these topics, instead of those before. A name that begins with `^` is a regular expression.
    ///
    /// # Errors
    /// *Invalid* for an impossible name or no topics; *closed*.
    pub fn subscribe<'a>(&self, topics: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let topics: Vec<&str> = topics.into_iter().collect();
        if topics.is_empty() {
            return Err(Error::invalid("name at least one topic to subscribe to"));
        }
        self.with(|inside| {
            inside.raw.subscribe(topics)?;
            inside.is_subscribed = true;
            Ok(())
        })
    }

    /// The partitions that the group gave to this member.
    ///
    /// # Errors
    /// *Closed*.
    pub fn assignment(&self) -> Result<Vec<TopicPartition>> {
        self.with(|inside| inside.raw.assignment())
    }

    /// Lets the poll that waits now, or else the next one, return an error of kind *cancelled*. From any thread.
    pub fn wakeup(&self) {
        self.woken.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Leaves the group and ends the consumer, without a commit. A call in another thread is woken. May be called
    /// again.
    ///
    /// # Errors
    /// *Timeout* when another thread did not give the consumer back, or the client is still ending in the background;
    /// *closed* for every later call.
    pub fn close(&self, timeout: Duration) -> Result<()> {
        let deadline = Deadline::after(timeout);
        self.wakeup();
        let taken = self.slot.wait(deadline, |slot| match slot {
            Slot::Busy => None,
            Slot::Idle(_) => Some(Ok(std::mem::replace(slot, Slot::Closed))),
            Slot::Closed => Some(Err(super::closed("consumer"))),
        });
        match taken {
            Some(Ok(Slot::Idle(inside))) => inside.close(deadline),
            Some(Err(error)) => Err(error),
            _ => Err(Error::new(ErrorKind::Timeout, "another thread still uses the consumer; close again")),
        }
    }

    /// Works with the consumer, which nobody else can meanwhile.
    fn with<T>(&self, work: impl FnOnce(&mut Inside) -> Result<T>) -> Result<T> {
        let inside = {
            let mut slot = self.slot.lock();
            match std::mem::replace(&mut *slot, Slot::Busy) {
                Slot::Idle(inside) => inside,
                Slot::Busy => return Err(two_threads()),
                Slot::Closed => {
                    *slot = Slot::Closed;
                    return Err(super::closed("consumer"));
                }
            }
        };
        // Gives it back also if the work panics.
        let mut lease = Lease { slot: &self.slot, inside: Some(inside) };
        let inside = lease.inside.as_mut().expect("the lease has it until it is dropped");
        inside.raw.client().check_process()?;
        work(inside)
    }
}

struct Lease<'a> {
    slot: &'a Signal<Slot>,
    inside: Option<Box<Inside>>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(inside) = self.inside.take() {
            self.slot.update(|slot| *slot = Slot::Idle(inside));
        }
    }
}

impl Inside {
    fn close(self, deadline: Deadline) -> Result<()> {
        self.commits.end(deadline)?;
        self.raw.close(deadline)
    }
}

impl Drop for Consumer {
    /// Leaves the group in the background. Use [`close`](Consumer::close).
    fn drop(&mut self) {
        let slot = std::mem::replace(&mut *self.slot.lock(), Slot::Closed);
        let Slot::Idle(inside) = slot else { return };
        let closing =
            crate::thread::spawn("kafka-consumer-end", move || inside.close(Deadline::after(Duration::from_secs(5))));
        if let Err(error) = closing {
            log::warn!("a consumer could not be closed: {}", error.chain());
        }
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match *self.slot.lock() {
            Slot::Idle(_) => "idle",
            Slot::Busy => "busy",
            Slot::Closed => "closed",
        };
        f.debug_struct("Consumer").field("state", &state).finish()
    }
}

fn two_threads() -> Error {
    Error::invalid("the consumer is used by another thread; use one consumer for each thread, or wakeup and close only")
}
