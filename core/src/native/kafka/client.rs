//! A librdkafka client, its callbacks, and its end within a deadline.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::Mutex;

use rdkafka::bindings as rd;

use super::conf::Conf;
use super::consumer::Rebalance;
use super::error::Status;
use super::producer::Delivery;
use super::queue::Queue;
use super::{list, log, producer, text_from, text_in};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::thread::{self, lock};

/// What callbacks leave behind for the thread that polls. Its address is the client's opaque pointer.
#[derive(Default)]
pub(super) struct Callbacks {
    trouble: Mutex<Option<Error>>,
    pub(super) deliveries: Mutex<Vec<Delivery>>,
    pub(super) rebalance: Mutex<Option<Rebalance>>,
    /// The queue to wake when a rebalance is waiting.
    pub(super) poll: Mutex<Option<Queue>>,
}

impl Callbacks {
    /// The callbacks' state behind an opaque pointer.
    ///
    /// # Safety
    /// `opaque` is what [`Client::new`] gave to a client that still lives.
    pub(super) unsafe fn of<'a>(opaque: *mut c_void) -> &'a Self {
        // SAFETY: the state is only freed after its client was destroyed, and is only borrowed as shared.
        unsafe { &*opaque.cast::<Self>() }
    }
}

/// A live `rd_kafka_t`.
pub(crate) struct Client {
    raw: NonNull<rd::rd_kafka_t>,
    callbacks: NonNull<Callbacks>,
    process: u32,
}

// SAFETY: librdkafka's clients are made to be used by several threads; `Callbacks` is behind locks.
unsafe impl Send for Client {}
// SAFETY: as above.
unsafe impl Sync for Client {}

/// A client that nobody uses any more, on its way to its end on a thread of its own.
struct Remains {
    raw: NonNull<rd::rd_kafka_t>,
    callbacks: NonNull<Callbacks>,
}

// SAFETY: the remains are moved, never shared, and librdkafka lets any thread destroy a client.
unsafe impl Send for Remains {}

impl Remains {
    fn destroy(self) {
        // Without the flag, librdkafka 2.12 leaves the group during its shutdown, which waits without a limit and
        // can run into a null pointer while no coordinator is known. Consumers leave before; see `consumer::close`.
        // SAFETY: the client is live, and the last handle on it was given up.
        unsafe { rd::rd_kafka_destroy_flags(self.raw.as_ptr(), rd::RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE) };
        // SAFETY: the pointer came from `Box::into_raw`, and no callback runs after the client's end.
        drop(unsafe { Box::from_raw(self.callbacks.as_ptr()) });
    }
}

impl Client {
    /// Starts a consumer or a producer.
    ///
    /// # Errors
    /// *Invalid* when settings contradict each other; *Resource* when threads or sockets cannot be made.
    pub(super) fn new(kind: rd::rd_kafka_type_t, conf: Conf) -> Result<Self> {
        let callbacks = NonNull::from(Box::leak(Box::<Callbacks>::default()));
        let raw_conf = conf.raw();
        // SAFETY: the conf is live, and the functions have the types that the calls want.
        unsafe {
            rd::rd_kafka_conf_set_opaque(raw_conf, callbacks.as_ptr().cast());
            rd::rd_kafka_conf_set_log_cb(raw_conf, Some(log::forward));
            rd::rd_kafka_conf_set_error_cb(raw_conf, Some(on_error));
        }
        if kind == rd::rd_kafka_type_t::RD_KAFKA_PRODUCER {
            // SAFETY: as above.
            unsafe { rd::rd_kafka_conf_set_dr_msg_cb(raw_conf, Some(producer::on_delivery)) };
        } else {
            // SAFETY: as above.
            unsafe { rd::rd_kafka_conf_set_rebalance_cb(raw_conf, Some(on_rebalance)) };
        }
        let raw_conf = conf.give();
        let mut reason: [c_char; 512] = [0; 512];
        // SAFETY: the conf is live, and the buffer has the size that is said.
        let raw = thread::shielded(|| unsafe { rd::rd_kafka_new(kind, raw_conf, reason.as_mut_ptr(), reason.len()) });
        let Some(raw) = NonNull::new(raw) else {
            // SAFETY: a client that could not start leaves the conf to its caller, and calls back no more.
            unsafe {
                drop(Conf::take_back(raw_conf));
                drop(Box::from_raw(callbacks.as_ptr()));
            }
            return Err(Error::invalid("cannot start a Kafka client").with("reason", text_in(&reason)));
        };
        Ok(Self { raw, callbacks, process: std::process::id() })
    }

    pub(super) fn raw(&self) -> *mut rd::rd_kafka_t {
        self.raw.as_ptr()
    }

    pub(super) fn callbacks(&self) -> &Callbacks {
        // SAFETY: the state lives as long as the client, and is only borrowed as shared.
        unsafe { self.callbacks.as_ref() }
    }

    /// The client's name in logs.
    pub(crate) fn name(&self) -> String {
        // SAFETY: the client is live and keeps its name.
        unsafe { text_from(rd::rd_kafka_name(self.raw())) }.unwrap_or_default()
    }

    /// A new queue for answers.
    pub(super) fn queue(&self) -> Result<Queue> {
        // SAFETY: the client is live; the reference goes to the new owner.
        unsafe { Queue::take(rd::rd_kafka_queue_new(self.raw())) }
    }

    /// The newest trouble that librdkafka reported, such as a refused connection: context for a timeout.
    pub(crate) fn trouble(&self) -> Option<Error> {
        lock(&self.callbacks().trouble).clone()
    }

    /// Adds the newest trouble as the cause, where an error says only that time passed.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let vague = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Retriable);
        match self.trouble() {
            Some(trouble) if vague => {
                let error = match trouble.fact("broker") {
                    Some(broker) => error.with("broker", broker),
                    None => error,
                };
                error.caused_by(trouble)
            }
            _ => error,
        }
    }

    /// The error that made this client unusable, if there is one.
    pub(crate) fn fatal(&self) -> Option<Error> {
        let mut reason: [c_char; 512] = [0; 512];
        // SAFETY: the client is live, and the buffer has the size that is said.
        let status = Status::from(unsafe { rd::rd_kafka_fatal_error(self.raw(), reason.as_mut_ptr(), reason.len()) });
        (!status.is_ok()).then(|| {
            let error = status.error_because("the Kafka client failed for good", &text_in(&reason));
            if error.kind() == ErrorKind::Fenced { error } else { error.with_kind(ErrorKind::Fatal) }
        })
    }

    /// Refuses work in a process that was forked from the one that started this client: its threads are not here.
    pub(crate) fn check_process(&self) -> Result<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        Err(Error::invalid("this Kafka client belongs to the parent process; make a new one after fork"))
    }

    /// Ends the client. Whatever it still waits for goes on in the background when the time is over.
    ///
    /// # Errors
    /// *Timeout* when threads of the client were still busy at the deadline.
    pub(crate) fn destroy(self, deadline: Deadline) -> Result<()> {
        let Some(remains) = self.into_remains() else { return Ok(()) };
        let end = thread::spawn("kafka-close", move || {
            remains.destroy();
            Ok(())
        })?;
        end.join(deadline).map_err(|cause| match cause.kind() {
            ErrorKind::Timeout => {
                Error::new(ErrorKind::Timeout, "the Kafka client is still closing; it ends in the background")
            }
            _ => cause,
        })
    }

    fn into_remains(self) -> Option<Remains> {
        let client = std::mem::ManuallyDrop::new(self);
        lock(&client.callbacks().poll).take();
        // A forked child has the memory but not the threads: destroying would wait for them for ever.
        (client.process == std::process::id()).then_some(Remains { raw: client.raw, callbacks: client.callbacks })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let client = Self { raw: self.raw, callbacks: self.callbacks, process: self.process };
        if let Some(remains) = client.into_remains() {
            // Without a thread the client is left to the operating system: dropping must not wait.
            let _ = thread::spawn("kafka-close", move || {
                remains.destroy();
                Ok(())
            });
        }
    }
}

/// Remembers what librdkafka reports about connections and brokers.
unsafe extern "C" fn on_error(_: *mut rd::rd_kafka_t, code: c_int, reason: *const c_char, opaque: *mut c_void) {
    // SAFETY: librdkafka passes the opaque pointer of `Client::new` while the client lives.
    let callbacks = unsafe { Callbacks::of(opaque) };
    // SAFETY: the text is NUL-terminated and lives through the call.
    let reason = unsafe { CStr::from_ptr(reason) }.to_string_lossy();
    // `host:port/bootstrap: Connect to … failed`
    let (broker, reason) = match reason.split_once(": ") {
        Some((broker, rest)) if broker.contains('/') => (Some(broker.split('/').next().unwrap_or(broker)), rest),
        _ => (None, &*reason),
    };
    let mut error = Status(code).error_because("trouble with a broker", reason);
    if let Some(broker) = broker.or_else(|| reason.split_once("://").and_then(|(_, rest)| rest.split('/').next())) {
        error = error.with("broker", broker);
    }
    let mut trouble = lock(&callbacks.trouble);
    // "All brokers are down" says less than the refused connection before it.
    if trouble.is_none() || code != -187 {
        *trouble = Some(error);
    }
}

/// Notes an assignment; the polling thread answers it. The group waits for the answer.
unsafe extern "C" fn on_rebalance(
    client: *mut rd::rd_kafka_t,
    code: rd::rd_kafka_resp_err_t,
    partitions: *mut rd::rd_kafka_topic_partition_list_t,
    opaque: *mut c_void,
) {
    // SAFETY: librdkafka passes the opaque pointer of `Client::new` while the client lives.
    let callbacks = unsafe { Callbacks::of(opaque) };
    // SAFETY: librdkafka passes a list that lives through the call.
    let partitions = unsafe { list::elements(partitions) };
    let partitions = partitions.into_iter().map(|element| element.offset.partition).collect();
    let event = match code {
        rd::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => Rebalance::Assigned(partitions),
        // SAFETY: the client is the one that calls back.
        _ if unsafe { rd::rd_kafka_assignment_lost(client) } != 0 => Rebalance::Lost(partitions),
        _ => Rebalance::Revoked(partitions),
    };
    *lock(&callbacks.rebalance) = Some(event);
    if let Some(queue) = &*lock(&callbacks.poll) {
        queue.wake();
    }
}
