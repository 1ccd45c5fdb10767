//! M. Hosts: how a language is entered once per batch.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use kstreams::{Error, ErrorKind, Host, Session};

use crate::builder::{TopologyObject, ks_topology_t};
use crate::callback::{UserData, ks_destroy_fn};
use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow};
use crate::text::null;

/// A batch of work on a task, with the task itself. It must be run or destroyed, on any thread.
pub struct ks_session_t {
    _opaque: [u8; 0],
}

impl Handle for ks_session_t {
    type Object = Mutex<Option<Session>>;
    const TAG: u8 = 11;
    const NAME: &'static str = "session";
}

/// Enters a language: it must get ks_session_run() called exactly once, on any thread, now or later; the thread that
/// processes waits until then.
///
/// @param user_data  what was registered with the function
/// @param session    owned
pub type ks_enter_fn = Option<unsafe extern "C" fn(user_data: *mut c_void, session: *mut ks_session_t)>;

/// The same topology with its functions called inside a host. Without one they are called directly, on the threads that
/// process.
///
/// @param topology      the topology
/// @param enter         enters the host's language
/// @param user_data     for the function
/// @param destroy       destroys user_data; NULL is fine
/// @param out_topology  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_topology_host(
    topology: *const ks_topology_t,
    enter: ks_enter_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_topology: *mut *mut ks_topology_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_topology, "out_topology")?;
        let object = borrow(topology, "topology")?;
        let enter = enter.ok_or_else(|| null("enter"))?;
        let hosted = object.topology.clone().with_host(Arc::new(ProgramHost { enter, user_data }));
        out.give(TopologyObject::new(hosted));
        Ok(())
    })
}

/// Does the work of a session on this thread: the topology's functions are called in here. The session is gone then.
///
/// @param session  the session
/// @return NULL, or an error of kind invalid or closed (it ran already); what goes wrong inside is the task's matter
///
/// Threads: any.  Waits: no.  Callbacks: the topology's functions run in here.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_session_run(session: *mut ks_session_t) -> *mut ks_error_t {
    guard(|| {
        let taken = borrow(session, "session")?.lock().unwrap_or_else(PoisonError::into_inner).take();
        handle::destroy(session);
        let mut work = taken.ok_or_else(|| Error::new(ErrorKind::Closed, "the session ran already"))?;
        work.run();
        Ok(())
    })
}

/// Destroys a session. One that did not run says that the language is gone: the task closes.
///
/// @param session  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_session_destroy(session: *mut ks_session_t) {
    guard_or((), || {
        handle::destroy(session);
        Ok(())
    });
}

struct ProgramHost {
    enter: unsafe extern "C" fn(*mut c_void, *mut ks_session_t),
    user_data: UserData,
}

impl Host for ProgramHost {
    fn enter(&self, session: Session) {
        let session = handle::give(Mutex::new(Some(session)));
        // SAFETY: the program registered this function with these data.
        unsafe { (self.enter)(self.user_data.as_ptr(), session) };
    }
}
