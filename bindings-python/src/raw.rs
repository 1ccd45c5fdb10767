//! The only `unsafe` code of this crate: thread states that outlive one entry into Python, and exceptions for other
//! threads.
//!
//! Making a thread state and its first stack frame costs 7 µs, taking the interpreter's lock with one that is there
//! 45 ns. Threads that call back often therefore keep theirs.

use std::cell::Cell;
use std::ffi::c_long;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;

thread_local! {
    /// Whether this thread keeps a thread state.
    static IS_KEPT: Cell<bool> = const { Cell::new(false) };
}

/// Gives a thread of the library a Python thread state that stays until [`release_thread_state`]. Nothing happens on a
/// thread that has one already, and none is made once the interpreter is going away.
pub(crate) fn keep_thread_state() {
    if IS_KEPT.get() {
        return;
    }
    let kept = Python::try_attach(|_| {
        // SAFETY: this thread is attached. The call only counts up the users of its thread state, so that detaching
        // does not delete it; `release_thread_state` counts down once, on the same thread.
        unsafe { ffi::PyGILState_Ensure() };
    });
    IS_KEPT.set(kept.is_some());
}

/// Deletes the thread state that [`keep_thread_state`] made, if the interpreter is still there: what is left otherwise
/// goes with it.
pub(crate) fn release_thread_state() {
    if IS_KEPT.replace(false) {
        let _ = Python::try_attach(|_| {
            // SAFETY: this thread is attached and has counted up once, while it was attached: hence `LOCKED`, which
            // leaves the lock to the caller. The thread state is deleted when the caller detaches.
            unsafe { ffi::PyGILState_Release(ffi::PyGILState_STATE::PyGILState_LOCKED) };
        });
    }
}

/// Raises an exception of this class in another thread, as soon as that runs Python code.
pub(crate) fn raise_in_thread(class: &Bound<'_, PyType>, thread: c_long) {
    // SAFETY: the caller is attached, as the borrowed class shows, and the class lives as long as that borrow. A number
    // that is no thread's (any more) is answered with 0.
    unsafe { ffi::PyThreadState_SetAsyncExc(thread, class.as_ptr()) };
}
