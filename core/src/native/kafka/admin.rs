//! Requests to the cluster: topics, groups, offsets. They work on any live client.

use std::ffi::c_char;
use std::ptr::NonNull;

use rdkafka::bindings as rd;

use super::client::Client;
use super::conf::Conf;
use super::error::Status;
use super::queue::{Event, Queue};
use super::text_in;
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};

mod groups;
mod offsets;
mod topics;

pub(crate) use topics::{NewTopic, TopicMetadata};

type Operation = rd::rd_kafka_admin_op_t;

/// A client that only asks. Any thread may use it.
pub(crate) struct RawAdmin {
    client: Client,
}

impl RawAdmin {
    /// A client with these settings over the library's defaults.
    ///
    /// # Errors
    /// *Invalid* for unknown or wrong settings.
    pub(crate) fn new<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let conf = Conf::with(&[], settings)?;
        Ok(Self { client: Client::new(rd::rd_kafka_type_t::RD_KAFKA_PRODUCER, conf)? })
    }

    /// The client below.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Ends the client.
    ///
    /// # Errors
    /// *Timeout* when the client's threads were still busy; they end in the background.
    pub(crate) fn close(self, deadline: Deadline) -> Result<()> {
        self.client.destroy(deadline)
    }

    /// Sends a request and waits for its answer.
    fn request(
        &self,
        operation: Operation,
        doing: &str,
        deadline: Deadline,
        send: impl FnOnce(&Options, &Queue),
    ) -> Result<Event> {
        let options = Options::new(&self.client, operation, deadline)?;
        let queue = self.client.queue()?;
        send(&options, &queue);
        // Connection errors wait on the main queue until somebody serves it.
        // SAFETY: the client is live.
        let serve = || unsafe { rd::rd_kafka_poll(self.client.raw(), 0) };
        let event = loop {
            let slice = deadline.remaining().min(std::time::Duration::from_millis(100));
            if let Some(event) = queue.event(slice) {
                break Some(event);
            }
            serve();
            if deadline.is_over() {
                break None;
            }
        };
        serve();
        let event = event.ok_or_else(|| {
            let error = Error::new(ErrorKind::Timeout, format!("{doing}: no answer before the deadline"));
            self.client.explain(error)
        })?;
        event.result(doing).map_err(|error| self.client.explain(error))?;
        Ok(event)
    }
}

/// `rd_kafka_AdminOptions_t` with a time limit.
struct Options(NonNull<rd::rd_kafka_AdminOptions_t>);

impl Options {
    fn new(client: &Client, operation: Operation, deadline: Deadline) -> Result<Self> {
        // SAFETY: the client is live; the options belong to this value.
        let raw = unsafe { rd::rd_kafka_AdminOptions_new(client.raw(), operation) };
        let options = Self(NonNull::new(raw).ok_or_else(|| Error::internal("librdkafka gave no options"))?);
        const LONGEST: i32 = 3_600_000;
        let timeout = if deadline.is_never() { LONGEST } else { deadline.remaining_ms().clamp(1, LONGEST) };
        let mut reason: [c_char; 256] = [0; 256];
        // SAFETY: the options are live, and the buffer has the size that is said.
        let status = Status::from(unsafe {
            rd::rd_kafka_AdminOptions_set_request_timeout(options.raw(), timeout, reason.as_mut_ptr(), reason.len())
        });
        if !status.is_ok() {
            return Err(status.error_because("cannot limit a request", &text_in(&reason)));
        }
        let waits = matches!(
            operation,
            Operation::RD_KAFKA_ADMIN_OP_CREATETOPICS
                | Operation::RD_KAFKA_ADMIN_OP_DELETETOPICS
                | Operation::RD_KAFKA_ADMIN_OP_DELETERECORDS
        );
        if waits {
            // The broker is to answer a little before we stop waiting.
            let broker = (timeout - timeout / 4).max(1);
            // SAFETY: as above.
            let status = Status::from(unsafe {
                rd::rd_kafka_AdminOptions_set_operation_timeout(
                    options.raw(),
                    broker,
                    reason.as_mut_ptr(),
                    reason.len(),
                )
            });
            status.result("cannot limit a request")?;
        }
        Ok(options)
    }

    fn raw(&self) -> *mut rd::rd_kafka_AdminOptions_t {
        self.0.as_ptr()
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: the options belong to this value.
        unsafe { rd::rd_kafka_AdminOptions_destroy(self.raw()) };
    }
}

/// The array of pointers that many results have.
///
/// # Safety
/// `array` has `count` pointers to live values of `T`, or `count` is 0.
unsafe fn array<'a, T>(array: *const *const T, count: usize) -> &'a [*const T] {
    if array.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: the caller vouches for pointer and count.
    unsafe { std::slice::from_raw_parts(array, count) }
}

#[cfg(test)]
mod tests;
