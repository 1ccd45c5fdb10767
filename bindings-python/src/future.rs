//! Futures: awaitable, waitable, and continued with functions of the program.

use std::sync::Arc;
use std::time::Duration;

use kstreams::{Error, ErrorKind};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;

use crate::error::{self, OrRaise};
use crate::fork::Owned;
use crate::function::Function;
use crate::{raw, wait};

/// What a future of the core may hold, as Python sees it.
pub(crate) trait IntoPython: Clone + Send + 'static {
    /// The object, or what is raised.
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

impl IntoPython for () {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(py.None())
    }
}

/// What a function returned. Its last clone may be dropped on any thread.
impl IntoPython for Arc<Py<PyAny>> {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(self.clone_ref(py))
    }
}

type Continuation = Box<dyn FnOnce(Python<'_>, PyResult<Py<PyAny>>) + Send>;
type Mapping = Box<dyn FnOnce(Python<'_>, PyResult<Py<PyAny>>) -> PyResult<Py<PyAny>> + Send>;

/// A core's future, whatever it holds.
trait Pending: Send + Sync {
    fn is_done(&self) -> bool;
    /// `None`: not yet.
    fn wait(&self, timeout: Duration) -> Option<Result<(), Error>>;
    fn value(&self, py: Python<'_>) -> Option<PyResult<Py<PyAny>>>;
    fn on_done(&self, continuation: Continuation);
    fn then(&self, mapping: Mapping) -> Box<dyn Pending>;
}

impl<T: IntoPython> Pending for kstreams::Future<T> {
    fn is_done(&self) -> bool {
        self.is_done()
    }

    fn wait(&self, timeout: Duration) -> Option<Result<(), Error>> {
        let result = self.wait(timeout).map(drop);
        match &result {
            // The result's own failure can be a timeout too.
            Err(error) if error.kind() == ErrorKind::Timeout && !self.is_done() => None,
            _ => Some(result),
        }
    }

    fn value(&self, py: Python<'_>) -> Option<PyResult<Py<PyAny>>> {
        Some(self.value()?.or_raise(py).and_then(|value| value.into_python(py)))
    }

    fn on_done(&self, continuation: Continuation) {
        drop(self.then(move |result: kstreams::Result<T>| {
            in_python(|py| continuation(py, result.or_raise(py).and_then(|value| value.into_python(py))))
        }));
    }

    fn then(&self, mapping: Mapping) -> Box<dyn Pending> {
        Box::new(self.then(move |result: kstreams::Result<T>| {
            let mapped = in_python(|py| {
                let result = result.or_raise(py).and_then(|value| value.into_python(py));
                mapping(py, result).map(Arc::new).map_err(|raised| error::from_python(py, raised, "then"))
            });
            mapped?
        }))
    }
}

/// Runs something on the library's one completion thread, which keeps its Python thread state.
fn in_python<T>(work: impl FnOnce(Python<'_>) -> T) -> kstreams::Result<T> {
    raw::keep_thread_state();
    Python::try_attach(work).ok_or_else(|| Error::new(ErrorKind::Cancelled, "the interpreter is shutting down"))
}

/// A result that will be there later.
///
/// It can be awaited, waited for, and continued with :meth:`then`. Dropping it, or cancelling the task that awaits it,
/// does not cancel what it stands for. Functions that it calls run on a thread of the library, one after the other: a
/// slow one delays all others, and none may wait for another future.
#[pyclass(frozen, module = "libkstreams", generic)]
pub(crate) struct Future(Owned<Box<dyn Pending>>);

impl Future {
    /// The future as Python sees it.
    pub(crate) fn new<T: IntoPython>(future: kstreams::Future<T>) -> Self {
        Self(Owned::new("Future", Box::new(future)))
    }

    /// Waits, so that Ctrl-C works.
    fn finish(&self, py: Python<'_>, timeout: Option<Duration>) -> PyResult<()> {
        let pending = self.0.get(py)?;
        let done = wait::in_slices(py, timeout, |slice| pending.wait(slice))?;
        match done {
            None => Err(error::to_python(
                py,
                &Error::new(ErrorKind::Timeout, "no result before the deadline, the outcome is not known"),
            )),
            // Waiting itself was refused.
            Some(Err(refused)) if !pending.is_done() => Err(error::to_python(py, &refused)),
            Some(_) => Ok(()),
        }
    }

    fn take(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.0.get(py)?.value(py).expect("it was waited for")
    }
}

#[pymethods]
impl Future {
    /// Whether the result is there.
    fn done(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.0.get(py)?.is_done())
    }

    /// Waits for the result and returns it.
    ///
    /// Parameters
    /// ----------
    /// timeout : float or timedelta, optional
    ///     How long to wait, in seconds. Without it, for ever.
    ///
    /// Raises
    /// ------
    /// TimeoutError
    ///     There is no result yet: the outcome is not known, and waiting again is fine.
    /// InvalidError
    ///     Called by a function that a future called: waiting there would hold up the result.
    /// KafkaError
    ///     What the call failed with.
    #[pyo3(signature = (timeout=None))]
    fn result(&self, py: Python<'_>, timeout: Option<wait::Timeout>) -> PyResult<Py<PyAny>> {
        self.finish(py, timeout.map(Into::into))?;
        self.take(py)
    }

    /// Waits for the result and returns the exception, or ``None`` if there is none. Parameters as :meth:`result`.
    #[pyo3(signature = (timeout=None))]
    fn exception(&self, py: Python<'_>, timeout: Option<wait::Timeout>) -> PyResult<Option<Py<PyBaseException>>> {
        self.finish(py, timeout.map(Into::into))?;
        Ok(self.take(py).err().map(|raised| raised.into_value(py)))
    }

    /// Calls ``function(future)`` when the result is there, on a thread of the library.
    fn add_done_callback(slf: Py<Self>, py: Python<'_>, function: Function) -> PyResult<()> {
        let future = slf.clone_ref(py);
        slf.get().0.get(py)?.on_done(Box::new(move |py, _| {
            if let Err(failure) = function.call(py, (future,)) {
                error::to_python(py, &failure).write_unraisable(py, None);
            }
        }));
        Ok(())
    }

    /// The future of ``function(result)``, which runs on a thread of the library.
    ///
    /// If this one fails, the new one fails alike and the function is not called, unless there is an ``on_error``: then
    /// the new one is the future of ``on_error(exception)``.
    #[pyo3(signature = (function, on_error=None))]
    fn then(&self, py: Python<'_>, function: Function, on_error: Option<Function>) -> PyResult<Self> {
        let next = self.0.get(py)?.then(Box::new(move |py, result| match (result, on_error) {
            (Ok(value), _) => function.call(py, (value,)).or_raise(py).map(Bound::unbind),
            (Err(raised), Some(on_error)) => {
                on_error.call(py, (raised.into_value(py),)).or_raise(py).map(Bound::unbind)
            }
            (Err(raised), None) => Err(raised),
        }));
        Ok(Self(Owned::new("Future", next)))
    }

    fn __await__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        slf.get().0.get(slf.py())?;
        slf.py().import("libkstreams._asyncio")?.call_method1("wait_for", (slf,))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let state =
            self.0.get(py).map_or("lost in a fork", |pending| if pending.is_done() { "done" } else { "pending" });
        format!("<Future {state}>")
    }
}
