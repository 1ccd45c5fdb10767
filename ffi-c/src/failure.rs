//! Failed records: what a handler sees of one, and what it decides.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use kstreams::{Config, Error, ExceptionHandler, FailureContext, HandlerResponse, Handlers, Result};

use crate::callback::UserData;
use crate::error::{child, from_callback, ks_error_t};
use crate::text::Plain;

/// A record's bytes cannot be read.
pub const KS_HANDLER_DESERIALIZATION: i32 = 0;
/// A node fails on a record.
pub const KS_HANDLER_PROCESSING: i32 = 1;
/// A record cannot be serialised for, or sent to, a topic.
pub const KS_HANDLER_PRODUCTION: i32 = 2;

/// What an exception handler decides: one of KS_RESPONSE_…
pub type ks_response_t = i32;

/// Stop: the task ends and the uncaught exception handler gets the error.
pub const KS_RESPONSE_FAIL: ks_response_t = 0;
/// Go on without the record. It is counted in dropped-records-total.
pub const KS_RESPONSE_CONTINUE: ks_response_t = 1;

/// Where a record was when it failed. The texts are not NUL-terminated.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_failure_view_t {
    /// The topic it came from; NULL if it came from none.
    pub topic: *const c_char,
    /// How many bytes.
    pub topic_size: usize,
    /// The node that failed.
    pub node: *const c_char,
    /// How many bytes.
    pub node_size: usize,
    /// The task, such as "0_1".
    pub task: *const c_char,
    /// How many bytes.
    pub task_size: usize,
    /// The offset, or -1.
    pub offset: i64,
    /// Milliseconds since the epoch, or -1 if the time is not known yet.
    pub timestamp_ms: i64,
    /// The partition, or -1.
    pub partition: i32,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_failure_view_t {
    const DEFAULT: Self = Self {
        topic: std::ptr::null(),
        topic_size: 0,
        node: std::ptr::null(),
        node_size: 0,
        task: std::ptr::null(),
        task_size: 0,
        offset: -1,
        timestamp_ms: -1,
        partition: -1,
    };
}

/// Decides about a failed record. It runs on the thread that processes.
///
/// @param user_data     what was registered with the function
/// @param failure       borrowed until the function returns
/// @param error         borrowed until the function returns
/// @param out_response  one of KS_RESPONSE_…; KS_RESPONSE_FAIL when the function does not say
/// @return NULL, or an error, which is the library's from then on; it is logged, and the record's task fails
pub type ks_handler_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        failure: *const ks_failure_view_t,
        error: *const ks_error_t,
        out_response: *mut ks_response_t,
    ) -> *mut ks_error_t,
>;

type Decide = unsafe extern "C" fn(
    *mut c_void,
    *const ks_failure_view_t,
    *const ks_error_t,
    *mut ks_response_t,
) -> *mut ks_error_t;

/// The handlers that the settings name.
///
/// # Errors
/// *Invalid* for a name that no handler has.
pub(crate) fn handlers_of(config: &Config) -> Result<Handlers> {
    Handlers::from_config(config)
}

/// Puts a handler in the place of that stage's.
///
/// # Errors
/// *Invalid* for an unknown stage.
pub(crate) fn replace(handlers: &mut Handlers, stage: i32, handler: ExceptionHandler) -> Result<()> {
    match stage {
        KS_HANDLER_DESERIALIZATION => handlers.deserialization = handler,
        KS_HANDLER_PROCESSING => handlers.processing = handler,
        KS_HANDLER_PRODUCTION => handlers.production = handler,
        other => return Err(Error::invalid("unknown stage").with("argument", "stage").with("got", other)),
    }
    Ok(())
}

/// A handler that asks the program.
pub(crate) fn handler(decide: Decide, user_data: UserData) -> ExceptionHandler {
    Arc::new(move |failure, error| {
        let shown = child(error.clone());
        let view = look(failure);
        let mut response = KS_RESPONSE_FAIL;
        // SAFETY: the program registered this function with these data; the pointers are good until it returns.
        let failed = unsafe { decide(user_data.as_ptr(), &raw const view, shown.as_ptr(), &raw mut response) };
        from_callback(failed).and_then(|()| response_of(response)).unwrap_or_else(|error| {
            log::error!("an exception handler failed: {} {failure}", error.chain());
            HandlerResponse::Fail
        })
    })
}

fn look(failure: &FailureContext) -> ks_failure_view_t {
    let topic = failure.topic.as_deref();
    ks_failure_view_t {
        topic: topic.map_or(std::ptr::null(), |topic| topic.as_ptr().cast()),
        topic_size: topic.map_or(0, str::len),
        node: failure.node.as_ptr().cast(),
        node_size: failure.node.len(),
        task: failure.task.as_ptr().cast(),
        task_size: failure.task.len(),
        offset: failure.offset,
        timestamp_ms: failure.timestamp,
        partition: failure.partition,
    }
}

fn response_of(number: ks_response_t) -> Result<HandlerResponse> {
    match number {
        KS_RESPONSE_FAIL => Ok(HandlerResponse::Fail),
        KS_RESPONSE_CONTINUE => Ok(HandlerResponse::Continue),
        other => Err(Error::invalid("unknown response").with("got", other)),
    }
}
