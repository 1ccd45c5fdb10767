//! B. Errors: objects that say what to do.

use std::ffi::{CString, c_char, c_void};
use std::sync::{Arc, OnceLock};

use kstreams::{Error, Result};

use crate::callback::{UserData, ks_destroy_fn};
use crate::guard::guard_or;
use crate::handle::{self, Child, Handle, borrow};
use crate::text::{c_string, optional_text};

/// Why something failed. Functions return NULL for success.
pub struct ks_error_t {
    _opaque: [u8; 0],
}

/// What to do about an error: one of KS_ERROR_… New ones are added at the end.
pub type ks_error_kind_t = i32;

/// Repeat the call, after a pause.
pub const KS_ERROR_RETRIABLE: ks_error_kind_t = 1;
/// Abort the transaction, then begin again.
pub const KS_ERROR_ABORTABLE: ks_error_kind_t = 2;
/// Another instance took over: close, create anew.
pub const KS_ERROR_FENCED: ks_error_kind_t = 3;
/// A wrong argument, setting or order of calls.
pub const KS_ERROR_INVALID: ks_error_kind_t = 4;
/// The broker or the operating system refuses this principal.
pub const KS_ERROR_DENIED: ks_error_kind_t = 5;
/// Data that cannot be read or written as declared; skip or repair them.
pub const KS_ERROR_DATA: ks_error_kind_t = 6;
/// The object was closed.
pub const KS_ERROR_CLOSED: ks_error_kind_t = 7;
/// The call was cancelled.
pub const KS_ERROR_CANCELLED: ks_error_kind_t = 8;
/// A callback of the program failed: see ks_error_user_data().
pub const KS_ERROR_USER: ks_error_kind_t = 9;
/// A bug in this library.
pub const KS_ERROR_INTERNAL: ks_error_kind_t = 10;
/// A deadline passed; the message says whether the outcome is known.
pub const KS_ERROR_TIMEOUT: ks_error_kind_t = 11;
/// Disk, lock or memory: free it, then retry.
pub const KS_ERROR_RESOURCE: ks_error_kind_t = 12;
/// This object is unusable: make a new one.
pub const KS_ERROR_FATAL: ks_error_kind_t = 13;

pub(crate) struct ErrorObject {
    error: Error,
    message: CString,
    cause: OnceLock<Option<Child<ks_error_t>>>,
}

impl Handle for ks_error_t {
    type Object = ErrorObject;
    const TAG: u8 = 1;
    const NAME: &'static str = "error";
}

impl ErrorObject {
    fn new(error: Error) -> Self {
        let message = c_string(&error.to_string().replace('\n', " "));
        Self { error, message, cause: OnceLock::new() }
    }
}

/// An owned error for C.
pub(crate) fn give(error: Error) -> *mut ks_error_t {
    handle::give(ErrorObject::new(error))
}

/// An error that a view shows and another object owns.
pub(crate) fn child(error: Error) -> Child<ks_error_t> {
    Child::new(ErrorObject::new(error))
}

/// What a callback returned, which is ours now.
///
/// # Errors
/// The callback's error; *invalid* if what it returned is no error.
#[inline]
pub(crate) fn from_callback(returned: *mut ks_error_t) -> Result<()> {
    if returned.is_null() {
        return Ok(());
    }
    let error = borrow(returned, "the callback's result").map(|object| object.error.clone());
    handle::destroy(returned);
    Err(error.unwrap_or_else(|error| error))
}

/// What to do about the error.
///
/// @param error  NULL is fine
/// @return one of KS_ERROR_…, 0 for NULL
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_error_kind(error: *const ks_error_t) -> ks_error_kind_t {
    if error.is_null() {
        return 0;
    }
    guard_or(KS_ERROR_CLOSED, || Ok(borrow(error, "error")?.error.kind() as ks_error_kind_t))
}

/// Kafka's protocol error code, for people and for the few who need it.
///
/// @param error  NULL is fine
/// @return the code, 0 if the error does not come from a broker
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_error_kafka_code(error: *const ks_error_t) -> i16 {
    if error.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(error, "error")?.error.kafka_code()))
}

/// What happened, in one line: in lower case, with the facts at the end. The causes are not in it.
///
/// @param error  NULL is fine
/// @return borrowed from the error; never NULL
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_error_message(error: *const ks_error_t) -> *const c_char {
    if error.is_null() {
        return c"no error".as_ptr();
    }
    // The text stands in the object's own memory, which stays where it is until the error is destroyed.
    guard_or(c"the error was destroyed already".as_ptr(), || Ok(borrow(error, "error")?.message.as_ptr()))
}

/// What caused the error.
///
/// @param error  NULL is fine
/// @return borrowed from the error, NULL when there is no cause
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_error_cause(error: *const ks_error_t) -> *const ks_error_t {
    if error.is_null() {
        return std::ptr::null();
    }
    guard_or(std::ptr::null(), || {
        let object = borrow(error, "error")?;
        let cause = object.cause.get_or_init(|| cause(&object.error).map(child));
        Ok(cause.as_ref().map_or(std::ptr::null(), Child::as_ptr))
    })
}

/// An error of kind user that carries an object of the program, such as its exception: what a callback returns when it
/// fails. The object comes out again at ks_error_user_data() of whatever error this one ends in.
///
/// @param message    copied; NULL: "the callback failed"
/// @param user_data  the object; NULL is fine
/// @param destroy    called once, when nobody can see the object any more, on any thread; NULL is fine
/// @return owned
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_error_from_user(
    message: *const c_char,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let object = UserData::new(user_data, destroy);
    guard_or(std::ptr::null_mut(), move || {
        let text = optional_text(message, "message").ok().flatten().unwrap_or("the callback failed");
        Ok(give(Error::from_user(text, Arc::new(object))))
    })
}

/// The program's object in the error or in one of its causes: see ks_error_from_user().
///
/// @param error  NULL is fine
/// @return borrowed from the error; NULL when there is none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_error_user_data(error: *const ks_error_t) -> *mut c_void {
    if error.is_null() {
        return std::ptr::null_mut();
    }
    guard_or(std::ptr::null_mut(), || {
        let object = borrow(error, "error")?;
        let user = object.error.user_data().and_then(|user| user.downcast_ref::<UserData>());
        Ok(user.map_or(std::ptr::null_mut(), UserData::as_ptr))
    })
}

/// Destroys an error, with its causes.
///
/// @param error  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_error_destroy(error: *mut ks_error_t) {
    guard_or((), || {
        handle::destroy(error);
        Ok(())
    });
}

/// The cause as an error of its own, also when it comes from another library.
fn cause(error: &Error) -> Option<Error> {
    let ours = error.cause().cloned();
    ours.or_else(|| {
        let mut cause = std::error::Error::source(error)?;
        let mut text = cause.to_string();
        while let Some(next) = cause.source() {
            text = format!("{text}: {next}");
            cause = next;
        }
        Some(Error::new(error.kind(), text))
    })
}

#[cfg(test)]
mod tests {
    use kstreams::ErrorKind;

    use super::*;

    #[test]
    fn the_constants_are_the_kinds_of_the_core() {
        let header = [
            (KS_ERROR_RETRIABLE, ErrorKind::Retriable),
            (KS_ERROR_ABORTABLE, ErrorKind::Abortable),
            (KS_ERROR_FENCED, ErrorKind::Fenced),
            (KS_ERROR_INVALID, ErrorKind::Invalid),
            (KS_ERROR_DENIED, ErrorKind::Denied),
            (KS_ERROR_DATA, ErrorKind::Data),
            (KS_ERROR_CLOSED, ErrorKind::Closed),
            (KS_ERROR_CANCELLED, ErrorKind::Cancelled),
            (KS_ERROR_USER, ErrorKind::User),
            (KS_ERROR_INTERNAL, ErrorKind::Internal),
            (KS_ERROR_TIMEOUT, ErrorKind::Timeout),
            (KS_ERROR_RESOURCE, ErrorKind::Resource),
            (KS_ERROR_FATAL, ErrorKind::Fatal),
        ];
        assert_eq!(header.map(|(_, kind)| kind), ErrorKind::ALL);
        assert!(header.iter().all(|&(number, kind)| number == kind as i32));
    }

    #[test]
    fn causes_are_borrowed_and_go_with_their_error() {
        let disk = std::io::Error::other("disk is full");
        let error = give(Error::invalid("outer").caused_by(Error::data("inner").caused_by(disk)));
        // SAFETY: the handle was just made.
        let inner = unsafe { ks_error_cause(error) };
        // SAFETY: as above.
        unsafe {
            assert_eq!(ks_error_kind(inner), KS_ERROR_DATA);
            assert_eq!(ks_error_cause(error), inner);
            let io = ks_error_cause(inner);
            assert_eq!(std::ffi::CStr::from_ptr(ks_error_message(io)), c"disk is full");
            assert!(ks_error_cause(io).is_null());
            ks_error_destroy(error);
            assert!(borrow(inner, "inner").is_err() && borrow(io, "io").is_err());
        }
    }
}
