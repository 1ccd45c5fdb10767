//! C. Futures: what completes later. Done once, read once.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kstreams::{Deliveries, Error, ErrorKind, Future, RecordMetadata, Result};

use crate::callback::{UserData, ks_destroy_fn};
use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, borrow};
use crate::text::{fill, null, timeout};

/// Something that will be done later. It keeps alive what it needs.
pub struct ks_future_t {
    _opaque: [u8; 0],
}

/// Says that a future is done. It runs on the library's one completion thread: what takes long delays all others.
///
/// @param user_data  what was registered with the function
pub type ks_done_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// A future and whether its result was taken.
pub(crate) struct FutureObject {
    outcome: Outcome,
    is_taken: AtomicBool,
}

/// The futures that the library gives out, by what they bring.
pub(crate) enum Outcome {
    /// Nothing but whether it failed.
    Unit(Future<()>),
    /// Where a record was written.
    Delivery(Future<RecordMetadata>),
    /// What became of many records.
    Deliveries(Future<Deliveries>),
}

impl Handle for ks_future_t {
    type Object = FutureObject;
    const TAG: u8 = 2;
    const NAME: &'static str = "future";
}

impl FutureObject {
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self { outcome, is_taken: AtomicBool::new(false) }
    }

    /// The result of a future of one kind, once.
    ///
    /// # Errors
    /// The result's own; *invalid* when the future is not done, of another kind, or was taken already.
    pub(crate) fn take<T: Clone + Send + 'static>(
        &self,
        pick: impl FnOnce(&Outcome) -> Option<&Future<T>>,
        kind: &'static str,
    ) -> Result<T> {
        let future = pick(&self.outcome)
            .ok_or_else(|| Error::invalid("the future brings something else").with("expected", kind))?;
        let result = future.value().ok_or_else(|| Error::invalid("the future is not done: wait for it first"))?;
        if self.is_taken.swap(true, Ordering::AcqRel) {
            return Err(Error::invalid("the result of the future was taken already"));
        }
        result
    }
}

impl Outcome {
    fn unit(&self) -> Option<&Future<()>> {
        if let Self::Unit(future) = self { Some(future) } else { None }
    }

    pub(crate) fn delivery(&self) -> Option<&Future<RecordMetadata>> {
        if let Self::Delivery(future) = self { Some(future) } else { None }
    }

    pub(crate) fn deliveries(&self) -> Option<&Future<Deliveries>> {
        if let Self::Deliveries(future) = self { Some(future) } else { None }
    }

    fn is_done(&self) -> bool {
        match self {
            Self::Unit(future) => future.is_done(),
            Self::Delivery(future) => future.is_done(),
            Self::Deliveries(future) => future.is_done(),
        }
    }

    /// Waits; an error says that waiting here is wrong.
    fn wait(&self, timeout: Duration) -> Result<bool> {
        let error = match self {
            Self::Unit(future) => future.wait(timeout).err(),
            Self::Delivery(future) => future.wait(timeout).err(),
            Self::Deliveries(future) => future.wait(timeout).err(),
        };
        match error {
            _ if self.is_done() => Ok(true),
            Some(error) if error.kind() == ErrorKind::Invalid => Err(error),
            _ => Ok(false),
        }
    }

    fn then(&self, done: impl FnOnce() + Send + 'static) {
        fn register<T: Clone + Send + 'static>(future: &Future<T>, done: impl FnOnce() + Send + 'static) {
            drop(future.then(|_| {
                done();
                Ok(())
            }));
        }
        match self {
            Self::Unit(future) => register(future, done),
            Self::Delivery(future) => register(future, done),
            Self::Deliveries(future) => register(future, done),
        }
    }
}

/// Registers a function that is called once when the future is done: on the completion thread, also when it is done
/// already, never inside this call. Several can be registered.
///
/// @param future     the future; its handle may be destroyed before it is done
/// @param done       the function
/// @param user_data  for the function
/// @param destroy    destroys user_data; NULL is fine
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_future_then(
    future: *mut ks_future_t,
    done: ks_done_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let future = borrow(future, "future")?;
        let done = done.ok_or_else(|| null("done"))?;
        future.outcome.then(move || {
            // SAFETY: the program registered this function with these data.
            unsafe { done(user_data.as_ptr()) };
        });
        Ok(())
    })
}

/// Waits until the future is done.
///
/// @param future      the future
/// @param timeout_ms  how long; negative: for ever; 0: only looks
/// @param out_ready   whether it is done
/// @return NULL, or an error of kind invalid (also on the completion thread, where waiting would hold up the result) or
///         closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_future_wait(
    future: *const ks_future_t,
    timeout_ms: i64,
    out_ready: *mut bool,
) -> *mut ks_error_t {
    guard(|| {
        fill(false, out_ready, "out_ready")?;
        let is_done = borrow(future, "future")?.outcome.wait(timeout(timeout_ms))?;
        fill(is_done, out_ready, "out_ready")
    })
}

/// Takes the result of a future that brings nothing but its success, such as that of a commit. A result can be taken
/// once.
///
/// @param future  a future that is done
/// @return NULL for success; the result's error; or an error of kind invalid (not done, taken already, or it brings
///         something else) or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_future_take(future: *mut ks_future_t) -> *mut ks_error_t {
    guard(|| {
        let future = borrow(future, "future")?;
        future.take(Outcome::unit, "nothing")
    })
}

/// Destroys the handle of a future. The work goes on, and registered functions will be called.
///
/// @param future  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_future_destroy(future: *mut ks_future_t) {
    guard_or((), || {
        handle::destroy(future);
        Ok(())
    });
}
