//! Waiting without the interpreter's lock, in slices, so that Ctrl-C works.

use std::time::Duration;

use kstreams::Deadline;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// How long a signal may wait for its handler.
const SLICE: Duration = Duration::from_millis(50);

/// Waits until `look` has an answer or the timeout has passed. `look` gets the time that it may take.
pub(crate) fn in_slices<T: Send>(
    py: Python<'_>,
    timeout: Option<Duration>,
    mut look: impl FnMut(Duration) -> Option<T> + Send,
) -> PyResult<Option<T>> {
    let deadline = timeout.map_or(Deadline::NEVER, Deadline::after);
    loop {
        let left = deadline.remaining();
        if let Some(answer) = py.detach(|| look(left.min(SLICE))) {
            return Ok(Some(answer));
        }
        py.check_signals()?;
        if left.is_zero() {
            return Ok(None);
        }
    }
}

/// A timeout as an argument: seconds, or a `timedelta`.
#[derive(Clone, Copy)]
pub(crate) struct Timeout(Duration);

impl From<Timeout> for Duration {
    fn from(timeout: Timeout) -> Self {
        timeout.0
    }
}

impl<'py> FromPyObject<'_, 'py> for Timeout {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let seconds: f64 = match object.extract() {
            Ok(seconds) => seconds,
            Err(_) => object
                .call_method0("total_seconds")
                .and_then(|seconds| seconds.extract())
                .map_err(|_| PyTypeError::new_err("a timeout is a number of seconds or a timedelta"))?,
        };
        // Longer than anybody lives is for ever.
        Ok(Self(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)))
    }
}
