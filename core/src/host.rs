//! How a host language is entered: once per batch, with the task leased to whatever thread runs the batch.
//!
//! Entering a language costs microseconds, calling it inside costs nanoseconds. So the engine never calls a host's
//! function from outside: it hands a [`Session`] to the topology's [`Host`], which makes its thread ready (takes the
//! interpreter's lock, hops to the event loop …) and runs the session there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use crate::error::{Error, ErrorKind, Result};
use crate::runtime::application::inside;
use crate::runtime::task::Task;

/// Enters a host language.
pub trait Host: Send + Sync {
    /// Must run the session exactly once, on any thread, now or later, and drop it. The engine waits until then.
    ///
    /// A session that is dropped without having run tells the engine that the host is gone: its tasks close.
    fn enter(&self, session: Session);
}

/// The host of programs whose functions can be called from any thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct DirectHost;

impl Host for DirectHost {
    fn enter(&self, mut session: Session) {
        session.run();
    }
}

/// One batch of work on a task, with the task itself.
///
/// While a session exists its task belongs to it; nothing else can touch the task's stores. Dropping the session gives
/// the task back to the engine.
#[must_use]
pub struct Session {
    lease: Option<Lease>,
    outcome: Option<Result<()>>,
    home: mpsc::SyncSender<Returned>,
}

struct Lease {
    task: Box<Task>,
    work: Work,
}

struct Returned {
    task: Box<Task>,
    outcome: Option<Result<()>>,
}

type Work = Box<dyn FnOnce(&mut Task) -> Result<()> + Send>;

impl Session {
    /// Does the work, on this thread. A second call does nothing.
    ///
    /// The host's functions are called from here. A panic in one of them ends the task with kind *internal* and never
    /// leaves this call.
    pub fn run(&mut self) {
        let (Some(lease), None) = (&mut self.lease, &self.outcome) else { return };
        let work = std::mem::replace(&mut lease.work, Box::new(|_| Ok(())));
        let task = &mut *lease.task;
        self.outcome = Some(
            catch_unwind(AssertUnwindSafe(|| inside(|| work(task)))).unwrap_or_else(|panic| Err(from_panic(&*panic))),
        );
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(Lease { task, .. }) = self.lease.take() {
            // The engine may have stopped waiting; then the task dies here.
            drop(self.home.send(Returned { task, outcome: self.outcome.take() }));
        }
    }
}

/// Runs `work` on a task inside the host and gives the task back.
///
/// # Errors
/// What `work` returned; *internal* for a panic; *cancelled* when the host is gone. `None` instead of the task when
/// the host lost the session.
pub(crate) fn enter(
    host: &dyn Host,
    task: Box<Task>,
    work: impl FnOnce(&mut Task) -> Result<()> + Send + 'static,
) -> (Option<Box<Task>>, Result<()>) {
    let (home, returned) = mpsc::sync_channel(1);
    let lease = Lease { task, work: Box::new(work) };
    host.enter(Session { lease: Some(lease), outcome: None, home });
    match returned.recv() {
        Ok(Returned { task, outcome }) => (Some(task), outcome.unwrap_or_else(|| Err(host_is_gone()))),
        Err(_) => (None, Err(host_is_gone())),
    }
}

fn host_is_gone() -> Error {
    Error::new(ErrorKind::Cancelled, "the host language is shutting down: close the application before it exits")
}

/// The error for a caught panic.
pub(crate) fn from_panic(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    Error::internal("panic while processing").with("panic", text)
}
