//! What stands between every C function and Rust: no panic crosses, every error becomes an object.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kstreams::{Error, Result};

use crate::error::{self, ks_error_t};

/// Runs the body of a function that can fail; NULL is success.
///
/// A panic becomes an error of kind internal, and the objects that were borrowed then answer *closed* from now on.
#[inline]
pub(crate) fn guard(body: impl FnOnce() -> Result<()>) -> *mut ks_error_t {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => std::ptr::null_mut(),
        Ok(Err(error)) => error::give(error),
        Err(panic) => error::give(panic_error(panic.as_ref())),
    }
}

/// Runs the body of a function that has nowhere to put an error: it is logged, and the caller gets `fallback`.
pub(crate) fn guard_or<T>(fallback: T, body: impl FnOnce() -> Result<T>) -> T {
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panic_error(panic.as_ref())));
    result.unwrap_or_else(|error| {
        log::error!("{}", error.chain());
        fallback
    })
}

fn panic_error(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
    Error::internal("panic").with("panic", text)
}
