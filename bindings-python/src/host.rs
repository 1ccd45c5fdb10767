//! How the engine enters Python: once per batch.

use kstreams::{Host, Session, ThreadHooks};
use pyo3::prelude::*;

use crate::raw;

/// Runs sessions on the thread they come from, with the interpreter's lock.
pub(crate) struct PythonHost;

impl Host for PythonHost {
    fn enter(&self, mut session: Session) {
        // Where the interpreter is going away the session is dropped without having run, and the engine stops.
        let _ = Python::try_attach(|_| session.run());
    }
}

/// What keeps a Python thread state on each thread of an application.
pub(crate) fn thread_hooks() -> ThreadHooks {
    ThreadHooks::new(raw::keep_thread_state, raw::release_thread_state)
}
