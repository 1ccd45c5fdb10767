//! Queues of a client, and the way to wake whoever waits on one.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdkafka::bindings as rd;

use super::millis;
use crate::error::{Error, Result};
use crate::thread::lock;

/// A reference to one of a client's queues. It must go before the client does.
pub(crate) struct Queue(NonNull<rd::rd_kafka_queue_t>);

// SAFETY: librdkafka's queues have locks of their own and are made to be used by several threads.
unsafe impl Send for Queue {}
// SAFETY: as above; no method here needs exclusive access.
unsafe impl Sync for Queue {}

impl Queue {
    /// Takes a reference that a C function returned.
    ///
    /// # Safety
    /// `raw` is NULL or a queue reference that nobody else releases.
    pub(super) unsafe fn take(raw: *mut rd::rd_kafka_queue_t) -> Result<Self> {
        NonNull::new(raw).map(Self).ok_or_else(|| Error::internal("the client has no such queue"))
    }

    pub(super) fn raw(&self) -> *mut rd::rd_kafka_queue_t {
        self.0.as_ptr()
    }

    /// Wakes whoever waits on this queue, or the next one who does.
    pub(crate) fn wake(&self) {
        // SAFETY: the queue is live as long as this reference.
        unsafe { rd::rd_kafka_queue_yield(self.raw()) };
    }

    /// Lets everything that arrives here go to `target` instead, or stay here for `None`.
    pub(super) fn forward(&self, target: Option<&Self>) {
        let target = target.map_or(std::ptr::null_mut(), Self::raw);
        // SAFETY: both queues are live, and NULL ends the forwarding.
        unsafe { rd::rd_kafka_queue_forward(self.raw(), target) };
    }

    /// Waits for the next event.
    pub(super) fn event(&self, timeout: Duration) -> Option<Event> {
        // SAFETY: the queue is live; the event returned belongs to the caller.
        NonNull::new(unsafe { rd::rd_kafka_queue_poll(self.raw(), millis(timeout)) }).map(Event)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: the reference belongs to this value.
        unsafe { rd::rd_kafka_queue_destroy(self.raw()) };
    }
}

/// An answer that came by a queue.
pub(super) struct Event(NonNull<rd::rd_kafka_event_t>);

impl Event {
    pub(super) fn raw(&self) -> *mut rd::rd_kafka_event_t {
        self.0.as_ptr()
    }

    /// What became of the request as a whole.
    pub(super) fn result(&self, doing: &str) -> Result<()> {
        // SAFETY: the event is live, and the text belongs to it.
        let (status, text) = unsafe {
            let text = super::text_from(rd::rd_kafka_event_error_string(self.raw()));
            (super::error::Status::from(rd::rd_kafka_event_error(self.raw())), text)
        };
        if status.is_ok() { Ok(()) } else { Err(status.error_because(doing, &text.unwrap_or_default())) }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the event belongs to this value.
        unsafe { rd::rd_kafka_event_destroy(self.raw()) };
    }
}

/// Wakes a poll from any thread; does nothing once the client is closed.
#[derive(Clone)]
pub(crate) struct Waker(Arc<Wake>);

struct Wake {
    queue: Mutex<Option<Queue>>,
    /// Set until a poll has seen it: a look at the queue without waiting takes librdkafka's own mark away.
    is_asked: AtomicBool,
}

impl Waker {
    pub(super) fn new(queue: Queue) -> Self {
        Self(Arc::new(Wake { queue: Mutex::new(Some(queue)), is_asked: AtomicBool::new(false) }))
    }

    /// Lets the poll that waits now, or else the next one, return at once.
    pub(crate) fn wake(&self) {
        self.0.is_asked.store(true, Ordering::Release);
        if let Some(queue) = &*lock(&self.0.queue) {
            queue.wake();
        }
    }

    /// Whether somebody asked since the last look.
    pub(super) fn was_asked(&self) -> bool {
        self.0.is_asked.swap(false, Ordering::AcqRel)
    }

    /// Releases the queue: the client can go.
    pub(super) fn retire(&self) {
        *lock(&self.0.queue) = None;
    }
}
