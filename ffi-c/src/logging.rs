//! Logs: what the library has to say while it runs.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use kstreams::{Error, LogLevel, LogRecord, Result};

use crate::callback::{UserData, ks_destroy_fn};
use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::text::{Plain, timeout};

/// How serious a log record is: one of KS_LOG_…; higher numbers are less serious.
pub type ks_log_level_t = i32;

/// Something failed.
pub const KS_LOG_ERROR: ks_log_level_t = 1;
/// Something needs attention.
pub const KS_LOG_WARN: ks_log_level_t = 2;
/// What happened, for people who run the program.
pub const KS_LOG_INFO: ks_log_level_t = 3;
/// What happened, for people who look for a mistake.
pub const KS_LOG_DEBUG: ks_log_level_t = 4;
/// Everything.
pub const KS_LOG_TRACE: ks_log_level_t = 5;

/// A log record. Its texts are not NUL-terminated.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_log_view_t {
    /// What happened, in one line.
    pub message: *const c_char,
    /// How many bytes.
    pub message_size: usize,
    /// Which part of the library it comes from, such as "kstreams::runtime".
    pub target: *const c_char,
    /// How many bytes.
    pub target_size: usize,
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// One of KS_LOG_…
    pub level: ks_log_level_t,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_log_view_t {
    const DEFAULT: Self = Self {
        message: std::ptr::null(),
        message_size: 0,
        target: std::ptr::null(),
        target_size: 0,
        timestamp_ms: 0,
        level: KS_LOG_ERROR,
    };
}

/// Takes a log record. It runs on the library's one log thread.
///
/// @param user_data  what was registered with the function
/// @param record     borrowed until the function returns
pub type ks_log_fn = Option<unsafe extern "C" fn(user_data: *mut c_void, record: *const ks_log_view_t)>;

/// Delivers log records to a function of the program, instead of an earlier one. Without one nothing is shown.
///
/// Records wait in a bounded ring, so a slow function costs the library nothing; what does not fit is dropped and
/// counted: see ks_log_dropped().
///
/// @param level      records of this level and more serious ones
/// @param log        the function; NULL: nothing is delivered from now on
/// @param user_data  for the function
/// @param destroy    destroys user_data; NULL is fine
/// @return NULL, or an error of kind invalid or resource
///
/// Threads: any.  Waits: until an earlier function is not running any more.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_log_set(
    level: ks_log_level_t,
    log: ks_log_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let level = level_of(level)?;
        kstreams::clear_logger();
        let Some(log) = log else { return Ok(()) };
        kstreams::set_logger(
            level,
            Arc::new(move |record| {
                let view = look(record);
                // SAFETY: the program registered this function with these data; the view is good until it returns.
                unsafe { log(user_data.as_ptr(), &raw const view) };
            }),
        )
    })
}

/// Waits until what was logged so far has been delivered.
///
/// @param timeout_ms  how long; negative: for ever
/// @return NULL, or an error of kind timeout
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_log_flush(timeout_ms: i64) -> *mut ks_error_t {
    guard(|| kstreams::flush_logger(timeout(timeout_ms)))
}

/// How many log records were dropped because the function was too slow, since the process began.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_log_dropped() -> u64 {
    guard_or(0, || Ok(kstreams::dropped_log_records()))
}

fn look(record: &LogRecord) -> ks_log_view_t {
    ks_log_view_t {
        message: record.message.as_ptr().cast(),
        message_size: record.message.len(),
        target: record.target.as_ptr().cast(),
        target_size: record.target.len(),
        timestamp_ms: record.timestamp_ms,
        level: number(record.level),
    }
}

const LEVELS: [(ks_log_level_t, LogLevel); 5] = [
    (KS_LOG_ERROR, LogLevel::Error),
    (KS_LOG_WARN, LogLevel::Warn),
    (KS_LOG_INFO, LogLevel::Info),
    (KS_LOG_DEBUG, LogLevel::Debug),
    (KS_LOG_TRACE, LogLevel::Trace),
];

fn level_of(number: ks_log_level_t) -> Result<LogLevel> {
    let level = LEVELS.iter().find(|(known, _)| *known == number).map(|(_, level)| *level);
    level.ok_or_else(|| Error::invalid("unknown log level").with("argument", "level").with("got", number))
}

fn number(level: LogLevel) -> ks_log_level_t {
    LEVELS.iter().find(|(_, known)| *known == level).map_or(KS_LOG_TRACE, |(number, _)| *number)
}
