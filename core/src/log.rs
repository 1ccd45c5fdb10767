//! Logs for hosts that have no logger of Rust's: a bounded ring behind the `log` facade, emptied by one thread.
//!
//! The library logs through the `log` crate. A Rust program installs the logger of its choice and never comes here.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{Clock, Deadline};
use crate::error::{Error, ErrorKind, Result};
use crate::thread::{self, Signal};

/// How many records wait for a slow host at most: a few seconds of a busy library, below a megabyte or two.
const CAPACITY: usize = 8192;

/// How serious a log record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum LogLevel {
    /// Something failed.
    Error = 1,
    /// Something is not as it should be.
    Warn = 2,
    /// Something that happens once in a while.
    Info = 3,
    /// What one wants to know while looking for a fault.
    Debug = 4,
    /// Everything.
    Trace = 5,
}

impl LogLevel {
    /// The level's name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    const fn filter(self) -> log::LevelFilter {
        match self {
            Self::Error => log::LevelFilter::Error,
            Self::Warn => log::LevelFilter::Warn,
            Self::Info => log::LevelFilter::Info,
            Self::Debug => log::LevelFilter::Debug,
            Self::Trace => log::LevelFilter::Trace,
        }
    }

    const fn of(level: log::Level) -> Self {
        match level {
            log::Level::Error => Self::Error,
            log::Level::Warn => Self::Warn,
            log::Level::Info => Self::Info,
            log::Level::Debug => Self::Debug,
            log::Level::Trace => Self::Trace,
        }
    }
}

impl std::fmt::Display for LogLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for LogLevel {
    type Err = Error;

    /// Reads a level's name, in any case of letters.
    fn from_str(text: &str) -> Result<Self> {
        let levels = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];
        let found = levels.into_iter().find(|level| level.name().eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| {
            Error::invalid("unknown log level").with("value", text).with("allowed", levels.map(Self::name).join(", "))
        })
    }
}

/// Something that the library or one of its dependencies logged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogRecord {
    /// How serious it is.
    pub level: LogLevel,
    /// Which part of the library it comes from, such as `kstreams::runtime`.
    pub target: String,
    /// What happened, in one line.
    pub message: String,
    /// When, in milliseconds since 1970.
    pub timestamp_ms: i64,
}

/// What takes a host's log records.
pub type LogSink = Arc<dyn Fn(&LogRecord) + Send + Sync>;

/// Delivers log records of `level` and more serious ones to `sink`, instead of an earlier one.
///
/// Records wait in a ring for the library's log thread, which calls the sink with one after the other: logging never
/// waits for the host. A full ring drops records, counts them ([`dropped_log_records`]) and says so with a warning. What
/// the sink itself logs is not delivered.
///
/// # Errors
/// *Invalid* when the program has installed a logger of its own for the `log` crate: it gets the records already.
/// *Resource* when the log thread cannot be started.
pub fn set_logger(level: LogLevel, sink: LogSink) -> Result<()> {
    install()?;
    // The old sink goes after the lock: a host's destructor may log.
    let before = LOGGER.ring.lock().sink.replace(sink);
    drop(before);
    log::set_max_level(level.filter());
    Ok(())
}

/// Stops the delivery of log records. Waits until the sink is not running any more, unless it is the sink that calls.
pub fn clear_logger() {
    let before = LOGGER.ring.update(|ring| {
        ring.records.clear();
        ring.sink.take()
    });
    if before.is_none() {
        return;
    }
    log::set_max_level(log::LevelFilter::Off);
    wait_until_idle(Deadline::NEVER);
    drop(before);
}

/// Waits until the records that were logged so far have been delivered.
///
/// # Errors
/// *Timeout* when the sink needs longer.
pub fn flush_logger(timeout: Duration) -> Result<()> {
    if wait_until_idle(Deadline::after(timeout)) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Timeout, "log records still wait for the program's logger"))
}

/// How many log records were dropped because the sink was too slow, since the process began.
pub fn dropped_log_records() -> u64 {
    LOGGER.dropped.load(Ordering::Relaxed)
}

static LOGGER: RingLogger = RingLogger {
    ring: Signal::new(Ring {
        records: VecDeque::new(),
        sink: None,
        missed: 0,
        is_delivering: false,
        is_started: false,
    }),
    dropped: AtomicU64::new(0),
};

thread_local! {
    static IS_LOG_THREAD: Cell<bool> = const { Cell::new(false) };
}

struct RingLogger {
    ring: Signal<Ring>,
    dropped: AtomicU64,
}

struct Ring {
    records: VecDeque<LogRecord>,
    sink: Option<LogSink>,
    /// Dropped since the last delivery.
    missed: u64,
    is_delivering: bool,
    is_started: bool,
}

impl log::Log for RingLogger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::max_level() && !IS_LOG_THREAD.get()
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        // Formatting runs code of others, so it is done before the lock is taken.
        let record = LogRecord::new(LogLevel::of(record.level()), record.target(), record.args().to_string());
        self.ring.update(|ring| {
            if ring.sink.is_none() {
                return;
            }
            if ring.records.len() < CAPACITY {
                ring.records.push_back(record);
            } else {
                ring.missed += 1;
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    fn flush(&self) {
        wait_until_idle(Deadline::after(Duration::from_secs(1)));
    }
}

impl LogRecord {
    fn new(level: LogLevel, target: &str, message: String) -> Self {
        let message = if message.contains('\n') { message.replace('\n', " ") } else { message };
        Self { level, target: target.to_owned(), message, timestamp_ms: Clock::system().now_ms() }
    }
}

fn install() -> Result<()> {
    let mut ring = LOGGER.ring.lock();
    if ring.is_started {
        return Ok(());
    }
    log::set_logger(&LOGGER).map_err(|_| {
        Error::invalid("the program has a logger for the `log` crate already, which gets the library's records")
    })?;
    thread::spawn("ks-log", deliver)?;
    ring.is_started = true;
    Ok(())
}

/// The log thread: it lives as long as the process.
fn deliver() -> Result<()> {
    IS_LOG_THREAD.set(true);
    loop {
        let (sink, record) = LOGGER.ring.wait(Deadline::NEVER, next).expect("the deadline never comes");
        // A sink that panics loses this record; there is nowhere to say so.
        let _lost = thread::catch(|| {
            sink(&record);
            Ok(())
        });
        drop(sink);
        LOGGER.ring.update(|ring| ring.is_delivering = false);
    }
}

fn next(ring: &mut Ring) -> Option<(LogSink, LogRecord)> {
    let sink = ring.sink.clone()?;
    let record = match std::mem::take(&mut ring.missed) {
        0 => ring.records.pop_front()?,
        missed => LogRecord::new(LogLevel::Warn, module_path!(), format!("log records dropped count=`{missed}`")),
    };
    ring.is_delivering = true;
    Some((sink, record))
}

fn wait_until_idle(deadline: Deadline) -> bool {
    if IS_LOG_THREAD.get() {
        return true;
    }
    let is_idle =
        |ring: &mut Ring| (!ring.is_delivering && (ring.records.is_empty() || ring.sink.is_none())).then_some(());
    LOGGER.ring.wait(deadline, is_idle).is_some()
}

#[cfg(test)]
mod tests;
