//! S. Running applications.

use std::ffi::{CString, c_char, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use kstreams::{Error, Handlers, KafkaStreams, Result, State, ThreadHooks, UncaughtResponse};

use crate::builder::ks_topology_t;
use crate::callback::{UserData, ks_destroy_fn};
use crate::config::ks_config_t;
use crate::error::{child, from_callback, ks_error_t};
use crate::failure::{handler, handlers_of, ks_handler_fn, replace};
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow};
use crate::text::{Plain, c_string, fill_view, null, timeout};

/// A topology that runs on a Kafka cluster. It shares the work with all other instances that have the same
/// application.id.
pub struct ks_streams_t {
    _opaque: [u8; 0],
}

pub(crate) struct StreamsObject {
    streams: KafkaStreams,
    handlers: Mutex<Handlers>,
}

impl Handle for ks_streams_t {
    type Object = StreamsObject;
    const TAG: u8 = 20;
    const NAME: &'static str = "streams";
}

/// What an application is doing: one of KS_STATE_…, which are Kafka Streams' own.
pub type ks_state_t = i32;

/// Made, and not started yet.
pub const KS_STATE_CREATED: ks_state_t = 0;
/// Its topics, its partitions or its stores are not all there yet.
pub const KS_STATE_REBALANCING: ks_state_t = 1;
/// All threads process records.
pub const KS_STATE_RUNNING: ks_state_t = 2;
/// It was asked to close and is committing.
pub const KS_STATE_PENDING_SHUTDOWN: ks_state_t = 3;
/// Closed. It cannot be started again.
pub const KS_STATE_NOT_RUNNING: ks_state_t = 4;
/// A failure ends it; what still runs is being stopped.
pub const KS_STATE_PENDING_ERROR: ks_state_t = 5;
/// A failure has ended it. It cannot be started again.
pub const KS_STATE_ERROR: ks_state_t = 6;

/// What happens after a failure that no exception handler took: one of KS_UNCAUGHT_…
pub type ks_uncaught_t = i32;

/// The application stops: its state becomes KS_STATE_ERROR.
pub const KS_UNCAUGHT_SHUTDOWN_CLIENT: ks_uncaught_t = 0;
/// A new thread takes the place of the failed one. Its tasks go on from the last commit.
pub const KS_UNCAUGHT_REPLACE_THREAD: ks_uncaught_t = 1;

/// Is told about a change of state.
///
/// @param user_data  what was registered with the function
/// @param state      the state now
/// @param before     the state until now
pub type ks_state_fn = Option<unsafe extern "C" fn(user_data: *mut c_void, state: ks_state_t, before: ks_state_t)>;

/// Decides after a failure that no exception handler took. It runs on the thread that failed.
///
/// @param user_data     what was registered with the function
/// @param error         borrowed until the function returns
/// @param out_response  one of KS_UNCAUGHT_…; KS_UNCAUGHT_SHUTDOWN_CLIENT when the function does not say
/// @return NULL, or an error, which is the library's from then on; it is logged, and the application stops
pub type ks_uncaught_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        error: *const ks_error_t,
        out_response: *mut ks_uncaught_t,
    ) -> *mut ks_error_t,
>;

/// Runs at one of the two ends of a thread.
///
/// @param user_data  what was registered with the function
pub type ks_thread_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// What was counted.
pub struct ks_metric_list_t {
    _opaque: [u8; 0],
}

impl Handle for ks_metric_list_t {
    type Object = Vec<(CString, f64)>;
    const TAG: u8 = 21;
    const NAME: &'static str = "metric list";
}

/// Something that was counted.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_metric_view_t {
    /// Its name, such as "process-total".
    pub name: *const c_char,
    /// How much.
    pub value: f64,
}

// SAFETY: a number and a pointer.
unsafe impl Plain for ks_metric_view_t {
    const DEFAULT: Self = Self { name: std::ptr::null(), value: 0.0 };
}

/// Checks the settings and takes the state directory, if the topology has stores on disk. Nothing runs yet.
///
/// @param topology     the topology
/// @param config       the settings, copied
/// @param out_streams  owned
/// @return NULL, or an error of kind invalid (a setting), denied (no right to the state directory), resource (another
///         process uses it), data (it has a foreign layout) or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_new(
    topology: *const ks_topology_t,
    config: *const ks_config_t,
    out_streams: *mut *mut ks_streams_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_streams, "out_streams")?;
        let topology = borrow(topology, "topology")?;
        let config = borrow(config, "config")?.settings();
        let streams = KafkaStreams::new(&topology.topology, &config)?;
        out.give(StreamsObject { streams, handlers: Mutex::new(handlers_of(&config)?) });
        Ok(())
    })
}

/// Sets who is told about changes of the state, one after the other.
///
/// @param streams    the application, not started yet
/// @param listener   the function
/// @param user_data  for the function
/// @param destroy    destroys user_data; NULL is fine
/// @return NULL, or an error of kind invalid (also after the start) or closed
///
/// Threads: any.  Callbacks: on a thread of the library.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_set_state_listener(
    streams: *mut ks_streams_t,
    listener: ks_state_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let object = borrow(streams, "streams")?;
        let listener = listener.ok_or_else(|| null("listener"))?;
        object.streams.set_state_listener(Arc::new(move |state, before| {
            // SAFETY: the program registered this function with these data.
            unsafe { listener(user_data.as_ptr(), state as ks_state_t, before as ks_state_t) };
        }))
    })
}

/// Sets who decides after a failure that no exception handler took. Without one the application stops.
///
/// @param streams    the application, not started yet
/// @param uncaught   the function
/// @param user_data  for the function
/// @param destroy    destroys user_data; NULL is fine
/// @return NULL, or an error of kind invalid (also after the start) or closed
///
/// Threads: any.  Callbacks: on the thread that failed.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_set_uncaught_exception_handler(
    streams: *mut ks_streams_t,
    uncaught: ks_uncaught_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let object = borrow(streams, "streams")?;
        let uncaught = uncaught.ok_or_else(|| null("uncaught"))?;
        object.streams.set_uncaught_exception_handler(Arc::new(move |error| {
            let shown = child(error.clone());
            let mut response = KS_UNCAUGHT_SHUTDOWN_CLIENT;
            // SAFETY: the program registered this function with these data; the pointers are good until it returns.
            let failed = unsafe { uncaught(user_data.as_ptr(), shown.as_ptr(), &raw mut response) };
            from_callback(failed).and_then(|()| uncaught_response(response)).unwrap_or_else(|error| {
                log::error!("the uncaught exception handler failed: {}", error.chain());
                UncaughtResponse::ShutdownClient
            })
        }))
    })
}

/// Sets who decides about records that fail in one way, in place of the handler that the settings name.
///
/// @param streams    the application, not started yet
/// @param stage      one of KS_HANDLER_DESERIALIZATION, KS_HANDLER_PROCESSING, KS_HANDLER_PRODUCTION
/// @param decide     the function
/// @param user_data  for the function
/// @param destroy    destroys user_data; NULL is fine
/// @return NULL, or an error of kind invalid (also after the start) or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_set_exception_handler(
    streams: *mut ks_streams_t,
    stage: i32,
    decide: ks_handler_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let object = borrow(streams, "streams")?;
        let decide = decide.ok_or_else(|| null("decide"))?;
        let mut handlers = object.handlers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut replaced = handlers.clone();
        replace(&mut replaced, stage, handler(decide, user_data))?;
        object.streams.set_handlers(replaced.clone())?;
        *handlers = replaced;
        Ok(())
    })
}

/// Sets what runs at the two ends of every thread that calls functions of the program, so that a language can be attached
/// once for each thread instead of once for each call.
///
/// @param streams    the application, not started yet
/// @param started    runs before anything else on the thread; NULL: nothing
/// @param stopping   runs as the last thing on the thread; NULL: nothing
/// @param user_data  for both functions
/// @param destroy    destroys user_data; NULL is fine
/// @return NULL, or an error of kind invalid (also after the start) or closed
///
/// Threads: any.  Callbacks: on the threads that process.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_on_threads(
    streams: *mut ks_streams_t,
    started: ks_thread_fn,
    stopping: ks_thread_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let user_data = Arc::new(UserData::new(user_data, destroy));
    guard(move || {
        let object = borrow(streams, "streams")?;
        let hook = |function: ks_thread_fn| {
            let user_data = Arc::clone(&user_data);
            move || {
                if let Some(function) = function {
                    // SAFETY: the program registered this function with these data.
                    unsafe { function(user_data.as_ptr()) };
                }
            }
        };
        object.streams.on_threads(ThreadHooks::new(hook(started), hook(stopping)))
    })
}

/// Starts the threads and returns at once. A cluster that cannot be reached is waited for.
///
/// @param streams  the application
/// @return NULL, or an error of kind invalid (it was started or closed before), resource or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_start(streams: *mut ks_streams_t) -> *mut ks_error_t {
    guard(|| borrow(streams, "streams")?.streams.start())
}

/// What the application is doing.
///
/// @param streams  the application
/// @return one of KS_STATE_…; -1 for a wrong handle
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_streams_state(streams: *const ks_streams_t) -> ks_state_t {
    guard_or(-1, || Ok(borrow(streams, "streams")?.streams.state() as ks_state_t))
}

/// The name of a state, as Java prints it.
///
/// @param state  one of KS_STATE_…
/// @return borrowed, for ever; NULL for another number
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn ks_state_name(state: ks_state_t) -> *const c_char {
    match state {
        KS_STATE_CREATED => c"CREATED".as_ptr(),
        KS_STATE_REBALANCING => c"REBALANCING".as_ptr(),
        KS_STATE_RUNNING => c"RUNNING".as_ptr(),
        KS_STATE_PENDING_SHUTDOWN => c"PENDING_SHUTDOWN".as_ptr(),
        KS_STATE_NOT_RUNNING => c"NOT_RUNNING".as_ptr(),
        KS_STATE_PENDING_ERROR => c"PENDING_ERROR".as_ptr(),
        KS_STATE_ERROR => c"ERROR".as_ptr(),
        _ => std::ptr::null(),
    }
}

/// Why the application failed, or is failing.
///
/// @param streams  the application
/// @return owned; NULL when nothing failed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_error(streams: *const ks_streams_t) -> *mut ks_error_t {
    guard(|| borrow(streams, "streams")?.streams.error().map_or(Ok(()), Err))
}

/// Waits until the application is in a state.
///
/// @param streams     the application
/// @param state       one of KS_STATE_…
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL; an error of kind timeout (its cause is what the application waits for), invalid or closed; or what the
///         application failed with
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_wait_for(
    streams: *const ks_streams_t,
    state: ks_state_t,
    timeout_ms: i64,
) -> *mut ks_error_t {
    guard(|| borrow(streams, "streams")?.streams.wait_for(state_of(state)?, timeout(timeout_ms)))
}

/// Waits until the application has come to its end.
///
/// @param streams     the application
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL; an error of kind timeout (it still runs), invalid or closed; or what the application failed with
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_wait(streams: *const ks_streams_t, timeout_ms: i64) -> *mut ks_error_t {
    guard(|| borrow(streams, "streams")?.streams.wait_until_stopped(timeout(timeout_ms)))
}

/// Stops processing, commits, closes the stores and leaves the group. May be called again, to wait longer. Inside of a
/// callback it only asks for all that and returns.
///
/// @param streams     the application
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL, or an error of kind timeout (what is not done goes on in the background; or it ended without a commit:
///         nothing is lost, but records are processed again), invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_close(streams: *mut ks_streams_t, timeout_ms: i64) -> *mut ks_error_t {
    guard(|| borrow(streams, "streams")?.streams.close(timeout(timeout_ms)))
}

/// Deletes everything that the application keeps on disk, so that its stores are restored from their changelogs.
///
/// @param streams  the application, not running
/// @return NULL, or an error of kind invalid (it runs), denied, resource or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_clean_up(streams: *mut ks_streams_t) -> *mut ks_error_t {
    guard(|| borrow(streams, "streams")?.streams.clean_up())
}

/// What was counted so far, under Kafka Streams' names where it has them: process-total, commit-total,
/// dropped-records-total, restore-total …
///
/// @param streams   the application
/// @param out_list  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_streams_metrics(
    streams: *const ks_streams_t,
    out_list: *mut *mut ks_metric_list_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_list, "out_list")?;
        let metrics = borrow(streams, "streams")?.streams.metrics();
        out.give(metrics.into_iter().map(|(name, value)| (c_string(&name), value)).collect());
        Ok(())
    })
}

/// How many metrics there are.
///
/// @param list  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_metric_list_count(list: *const ks_metric_list_t) -> usize {
    if list.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(list, "list")?.len()))
}

/// Shows a metric. They are in the order of their names.
///
/// @param list       the list
/// @param index      from 0
/// @param out_view   its name is borrowed from the list
/// @param view_size  sizeof *out_view
/// @return false past the end
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_metric_list_view(
    list: *const ks_metric_list_t,
    index: usize,
    out_view: *mut ks_metric_view_t,
    view_size: usize,
) -> bool {
    guard_or(false, || {
        let list = borrow(list, "list")?;
        let Some((name, value)) = list.get(index) else { return Ok(false) };
        let view = ks_metric_view_t { name: name.as_ptr(), value: *value };
        fill_view(&view, out_view, view_size, "out_view").map(|()| true)
    })
}

/// Destroys a list of metrics.
///
/// @param list  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_metric_list_destroy(list: *mut ks_metric_list_t) {
    guard_or((), || {
        handle::destroy(list);
        Ok(())
    });
}

/// Destroys an application. One that runs is stopped in the background: close it first, to know what was not finished.
///
/// @param streams  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_streams_destroy(streams: *mut ks_streams_t) {
    guard_or((), || {
        handle::destroy(streams);
        Ok(())
    });
}

fn state_of(number: ks_state_t) -> Result<State> {
    let state = State::ALL.into_iter().find(|state| *state as ks_state_t == number);
    state.ok_or_else(|| Error::invalid("unknown state").with("argument", "state").with("got", number))
}

fn uncaught_response(number: ks_uncaught_t) -> Result<UncaughtResponse> {
    match number {
        KS_UNCAUGHT_SHUTDOWN_CLIENT => Ok(UncaughtResponse::ShutdownClient),
        KS_UNCAUGHT_REPLACE_THREAD => Ok(UncaughtResponse::ReplaceThread),
        other => Err(Error::invalid("unknown response").with("got", other)),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn the_constants_are_the_states_of_the_core() {
        for state in State::ALL {
            // SAFETY: the text lives for ever.
            let name = unsafe { CStr::from_ptr(ks_state_name(state as ks_state_t)) };
            assert_eq!(name.to_str().unwrap(), state.name());
            assert_eq!(state_of(state as ks_state_t).unwrap(), state);
        }
        assert!(ks_state_name(7).is_null() && state_of(7).is_err());
    }
}
