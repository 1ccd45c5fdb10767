//! How the engine enters Python: once per batch.

use std::ffi::c_long;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kstreams::{Host, Session, ThreadHooks};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::raw;

/// Runs sessions on the thread they come from, with the interpreter's lock.
pub(crate) struct PythonHost;

impl Host for PythonHost {
    fn enter(&self, mut session: Session) {
        // Where the interpreter is going away the session is dropped without having run, and the engine stops.
        let _ = Python::try_attach(|_| session.run());
    }
}

/// The threads of all applications, by Python's numbers. Never locked by a thread that waits for the interpreter.
static THREADS: Mutex<Vec<c_long>> = Mutex::new(Vec::new());

/// What keeps a Python thread state on each thread of an application.
pub(crate) fn thread_hooks() -> ThreadHooks {
    ThreadHooks::new(
        || {
            raw::keep_thread_state();
            if let Some(number) = this_thread() {
                threads().push(number);
            }
        },
        || {
            if let Some(number) = this_thread() {
                threads().retain(|known| *known != number);
            }
            raw::release_thread_state();
        },
    )
}

/// Raises an exception in every function that an application is running. For the interpreter's end: a function that
/// still ran then would take the process down.
#[pyfunction]
pub(crate) fn interrupt_functions(class: &Bound<'_, PyType>) {
    let numbers = threads().clone();
    for number in numbers {
        raw::raise_in_thread(class, number);
    }
}

fn this_thread() -> Option<c_long> {
    Python::try_attach(|py| py.import("threading")?.call_method0("get_ident")?.extract())?.ok()
}

fn threads() -> MutexGuard<'static, Vec<c_long>> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}
