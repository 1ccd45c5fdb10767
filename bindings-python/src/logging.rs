//! The library's logs, delivered to Python.

use std::sync::Arc;

use kstreams::{Error, LogLevel};
use pyo3::prelude::*;

use crate::error::{self, OrRaise};
use crate::raw;

/// Delivers log records of a level and above to a function `(level, target, message, timestamp)`.
#[pyfunction]
pub(crate) fn set_logger(py: Python<'_>, level: &str, sink: Py<PyAny>) -> PyResult<()> {
    const LEVELS: [LogLevel; 5] = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];
    let unknown = || {
        let error = Error::invalid("unknown log level").with("got", level);
        error::to_python(py, &error.with("expected", "error, warn, info, debug or trace"))
    };
    let level = LEVELS.into_iter().find(|known| known.name() == level).ok_or_else(unknown)?;
    let sink: kstreams::LogSink = Arc::new(move |record| {
        // The library's one log thread, which lives as long as the process.
        raw::keep_thread_state();
        let _ = Python::try_attach(|py| {
            let arguments = (number(record.level), &record.target, &record.message, record.timestamp_ms);
            if let Err(raised) = sink.bind(py).call1(arguments) {
                raised.write_unraisable(py, Some(sink.bind(py)));
            }
        });
    });
    py.detach(|| kstreams::set_logger(level, sink)).or_raise(py)
}

/// Stops the delivery of log records.
#[pyfunction]
pub(crate) fn clear_logger(py: Python<'_>) {
    py.detach(kstreams::clear_logger);
}

/// The level's number in Python's `logging`.
const fn number(level: LogLevel) -> u8 {
    match level {
        LogLevel::Error => 40,
        LogLevel::Warn => 30,
        LogLevel::Info => 20,
        LogLevel::Debug => 10,
        LogLevel::Trace => 5,
    }
}
