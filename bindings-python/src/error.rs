//! Errors, from Rust to Python and back. A function's own exception stays the same object on the way.

use std::io;
use std::sync::Arc;

use kstreams::{Error, ErrorKind};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::{PyBaseException, PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// An exception that a function of the program raised, inside an [`Error`] of kind user.
struct Raised(Py<PyBaseException>);

/// The names, numbers and meanings of all kinds of errors.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(&'static str, i32, &'static str)> {
    ErrorKind::ALL.into_iter().map(|kind| (kind.name(), kind as i32, kind.advice())).collect()
}

/// What Python raises for an error.
pub(crate) fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    if let Some(raised) = error.user_data().and_then(|object| object.downcast_ref::<Raised>()) {
        return PyErr::from_value(raised.0.bind(py).clone().into_any());
    }
    make(py, error).unwrap_or_else(|failure| failure)
}

/// The exception object for an error.
pub(crate) fn object(py: Python<'_>, error: &Error) -> Py<PyBaseException> {
    to_python(py, error).into_value(py)
}

/// What the engine gets when a function of the program raised something.
pub(crate) fn from_python(py: Python<'_>, raised: PyErr, function: &str) -> Error {
    let text = raised.to_string();
    let object = raised.into_value(py);
    Error::from_user("function failed", Arc::new(Raised(object)))
        .with("function", function)
        .with("exception", text.lines().next().unwrap_or_default())
}

fn make(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    static MAKER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let maker = MAKER.import(py, "libkstreams.errors", "_from_native")?;
    let facts = PyDict::new(py);
    for (name, value) in error.facts() {
        facts.set_item(name, value)?;
    }
    let made = maker.call1((error.kind().name(), error.message(), error.kafka_code(), facts))?;
    let raised = PyErr::from_value(made);
    if let Some(cause) = std::error::Error::source(error) {
        raised.set_cause(py, Some(cause_to_python(py, cause)));
    }
    Ok(raised)
}

fn cause_to_python(py: Python<'_>, cause: &(dyn std::error::Error + 'static)) -> PyErr {
    if let Some(error) = cause.downcast_ref::<Error>() {
        return to_python(py, error);
    }
    let own = match cause.downcast_ref::<io::Error>() {
        Some(error) => match error.raw_os_error() {
            Some(number) => PyOSError::new_err((number, error.to_string())),
            None => PyOSError::new_err(error.to_string()),
        },
        None => PyRuntimeError::new_err(cause.to_string()),
    };
    if let Some(next) = cause.source() {
        own.set_cause(py, Some(cause_to_python(py, next)));
    }
    own
}

/// Turns the library's results into Python's.
pub(crate) trait OrRaise<T> {
    /// Raises the error.
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for kstreams::Result<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| to_python(py, &error))
    }
}

/// The error of a call of which some items succeeded and others failed: gets both lists.
pub(crate) fn partial<'py>(py: Python<'py>, halves: impl PyCallArgs<'py>) -> PyErr {
    static MAKER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = || MAKER.import(py, "libkstreams.errors", "PartialError")?.call1(halves);
    make().map_or_else(|failure| failure, PyErr::from_value)
}
