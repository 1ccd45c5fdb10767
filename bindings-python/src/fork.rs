//! Objects with threads behind them do not survive a fork: in the child they refuse everything and free nothing.

use std::sync::atomic::{AtomicU32, Ordering};

use kstreams::Error;
use pyo3::prelude::*;

use crate::error;

/// How many forks this process is away from the one that loaded the library.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Called in the child of each fork.
#[pyfunction]
pub(crate) fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// Something that only the process may use that made it.
pub(crate) struct Owned<T> {
    /// There until the drop.
    inner: Option<T>,
    noun: &'static str,
    generation: u32,
}

impl<T> Owned<T> {
    /// Takes an object; `noun` is what the user calls it.
    pub(crate) fn new(noun: &'static str, inner: T) -> Self {
        Self { inner: Some(inner), noun, generation: GENERATION.load(Ordering::Relaxed) }
    }

    /// The object.
    pub(crate) fn get(&self, py: Python<'_>) -> PyResult<&T> {
        if self.is_ours() {
            return Ok(self.inner.as_ref().expect("it is there until the drop"));
        }
        let error = Error::invalid("created before a fork: make a new one in the child, or start children by `spawn`");
        Err(error::to_python(py, &error.with("object", self.noun)))
    }

    fn is_ours(&self) -> bool {
        self.generation == GENERATION.load(Ordering::Relaxed)
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // In a child of a fork the threads and locks of the object are gone: freeing it could wait for them for ever.
        if !self.is_ours() {
            std::mem::forget(self.inner.take());
        }
    }
}
