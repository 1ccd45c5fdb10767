//! Owner types over librdkafka's C interface, in callback mode: one thread for each client on the hot paths.

pub(crate) mod admin;
pub(crate) mod client;
pub(crate) mod conf;
pub(crate) mod consumer;
pub(crate) mod error;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod message;
pub(crate) mod mock;
pub(crate) mod producer;
pub(crate) mod queue;

use std::ffi::{CStr, CString, c_char, c_int};
use std::time::Duration;

use crate::error::{Error, Result};

/// A duration as librdkafka wants it: whole milliseconds, rounded up so that a short wait is not none.
fn millis(duration: Duration) -> c_int {
    let rounded = duration.as_nanos().div_ceil(1_000_000);
    c_int::try_from(rounded).unwrap_or(c_int::MAX)
}

/// Text for C; a name with a NUL inside is the caller's mistake.
fn c_text(text: &str) -> Result<CString> {
    CString::new(text)
        .map_err(|_| Error::invalid("a name must not contain a NUL character").with("name", text.escape_debug()))
}

/// Copies text out of C; `None` for NULL.
///
/// # Safety
/// `text` is NULL or points to a NUL-terminated string that lives through this call.
unsafe fn text_from(text: *const c_char) -> Option<String> {
    // SAFETY: the caller vouches for the pointer, and NULL is excluded here.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// The text that a C function left in a fixed buffer.
fn text_in(buffer: &[c_char]) -> String {
    let bytes: Vec<u8> = buffer.iter().take_while(|byte| **byte != 0).map(|byte| byte.to_ne_bytes()[0]).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
