//! Waiting without the interpreter's lock, in slices, so that Ctrl-C works.

use std::time::Duration;

use kstreams::Deadline;
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
