//! P. Consumers.

use std::ffi::c_char;

use kstreams::Consumer;

use crate::batch::{BatchObject, Rows, ks_batch_t};
use crate::config::ks_config_t;
use crate::error::ks_error_t;
use crate::future::{FutureObject, Outcome, ks_future_t};
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow};
use crate::text::{texts, timeout};

/// Reads records of topics, as a member of a group.
pub struct ks_consumer_t {
    _opaque: [u8; 0],
}

impl Handle for ks_consumer_t {
    type Object = Consumer;
    const TAG: u8 = 16;
    const NAME: &'static str = "consumer";
}

/// Starts a consumer. It connects in the background: a broker that cannot be reached is no error here.
///
/// @param config        its settings, copied; group.id must be among them
/// @param out_consumer  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_consumer_new(
    config: *const ks_config_t,
    out_consumer: *mut *mut ks_consumer_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_consumer, "out_consumer")?;
        let config = borrow(config, "config")?.settings();
        out.give(Consumer::new(&config)?);
        Ok(())
    })
}

/// Joins the group for topics, instead of those before.
///
/// @param consumer     the consumer
/// @param topics       their names; one that begins with ^ is a regular expression
/// @param topic_count  how many
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: one at a time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_consumer_subscribe(
    consumer: *mut ks_consumer_t,
    topics: *const *const c_char,
    topic_count: usize,
) -> *mut ks_error_t {
    guard(|| {
        let consumer = borrow(consumer, "consumer")?;
        consumer.subscribe(texts(topics, topic_count, "topics")?)
    })
}

/// Waits for records, then takes what is there. Poll at least every max.poll.interval.ms, or the group gives the
/// partitions to others.
///
/// @param consumer     the consumer
/// @param timeout_ms   how long to wait; negative waits until ks_consumer_wakeup()
/// @param max_records  at most so many; 0 leaves it to max.poll.records
/// @param out_batch    owned; may be empty
/// @return NULL, or an error of kind cancelled (after a wakeup), retriable, invalid (also a second thread, or a topic
///         that does not exist), denied, abortable, fenced, fatal or closed
///
/// Threads: one at a time.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_consumer_poll(
    consumer: *mut ks_consumer_t,
    timeout_ms: i64,
    max_records: usize,
    out_batch: *mut *mut ks_batch_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_batch, "out_batch")?;
        let consumer = borrow(consumer, "consumer")?;
        let max = if max_records == 0 { usize::MAX } else { max_records };
        out.give(BatchObject::new(Rows::Consumed(consumer.poll(timeout(timeout_ms), max)?)));
        Ok(())
    })
}

/// Commits everything that polls have given so far, and waits for the answer.
///
/// @param consumer    the consumer
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL, or an error of kind abortable (the group gave the partitions to others: their records come again),
///         retriable (poll, then commit), timeout, invalid or closed
///
/// Threads: one at a time.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_consumer_commit(consumer: *mut ks_consumer_t, timeout_ms: i64) -> *mut ks_error_t {
    guard(|| borrow(consumer, "consumer")?.commit(timeout(timeout_ms)))
}

/// Commits everything that polls have given so far; the answer is in the future.
///
/// @param consumer    the consumer
/// @param out_future  owned; see ks_future_take()
/// @return NULL, or an error of kind invalid, resource or closed
///
/// Threads: one at a time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_consumer_commit_async(
    consumer: *mut ks_consumer_t,
    out_future: *mut *mut ks_future_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_future, "out_future")?;
        let commit = borrow(consumer, "consumer")?.commit_async()?;
        out.give(FutureObject::new(Outcome::Unit(commit)));
        Ok(())
    })
}

/// Lets the poll that waits now, or else the next one, return an error of kind cancelled.
///
/// @param consumer  the consumer; a wrong handle is logged
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_consumer_wakeup(consumer: *mut ks_consumer_t) {
    guard_or((), || {
        borrow(consumer, "consumer")?.wakeup();
        Ok(())
    });
}

/// Leaves the group and ends the consumer, without a commit. A call in another thread is woken. May be called again;
/// later calls answer closed.
///
/// @param consumer    the consumer
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL, or an error of kind timeout, invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_consumer_close(consumer: *mut ks_consumer_t, timeout_ms: i64) -> *mut ks_error_t {
    guard(|| borrow(consumer, "consumer")?.close(timeout(timeout_ms)))
}

/// Destroys a consumer. One that was not closed leaves the group in the background.
///
/// @param consumer  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_consumer_destroy(consumer: *mut ks_consumer_t) {
    guard_or((), || {
        handle::destroy(consumer);
        Ok(())
    });
}
