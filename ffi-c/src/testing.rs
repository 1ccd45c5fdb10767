//! Z. For tests of this library alone: what is behind KS_TESTING carries no promise.

use std::ffi::c_void;

use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::handle;

/// How many handles are alive: 0 when everything was destroyed.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_testing_live_handles() -> usize {
    guard_or(0, || Ok(handle::live()))
}

/// Panics while the object is in use, as a bug would: the object answers closed from then on.
///
/// @param object  a handle of any type
/// @return an error of kind internal; or of kind invalid or closed for a wrong handle
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_testing_panic(object: *const c_void) -> *mut ks_error_t {
    guard(|| handle::panic_in(object.addr()))
}
