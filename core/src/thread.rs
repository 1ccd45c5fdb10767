//! The only starter of threads. Each gets a name, a stack, a signal mask, a floating-point mode and a net for panics.

#![allow(dead_code, reason = "a thread's name and end serve tests")]

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::thread::{self as native, Shield};

/// Callbacks of user code recurse through whole topologies, and interpreters need deep stacks.
const STACK_BYTES: usize = 8 << 20;

/// Linux cuts a thread's kernel name after this many bytes.
const KERNEL_NAME_BYTES: usize = 15;

/// What a host language runs at the two ends of each thread that calls it back, to attach and detach its run-time.
#[derive(Clone)]
pub struct ThreadHooks {
    started: Hook,
    stopping: Hook,
}

type Hook = Arc<dyn Fn() + Send + Sync>;

impl ThreadHooks {
    /// Hooks that run on the thread itself: `started` before anything else, `stopping` as the last thing, also after a
    /// panic.
    pub fn new(started: impl Fn() + Send + Sync + 'static, stopping: impl Fn() + Send + Sync + 'static) -> Self {
        Self { started: Arc::new(started), stopping: Arc::new(stopping) }
    }
}

impl std::fmt::Debug for ThreadHooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ThreadHooks")
    }
}

/// A running thread of the library and the result it will have. Dropping it lets the thread go on alone.
pub(crate) struct Thread<T> {
    name: String,
    handle: std::thread::JoinHandle<()>,
    outcome: Arc<Signal<Option<Result<T>>>>,
}

/// Starts a thread that runs `body`. A panic in it becomes an error of kind internal.
///
/// # Errors
/// *Resource* when the system gives no more threads.
pub(crate) fn spawn<T: Send + 'static>(
    name: impl Into<String>,
    body: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<Thread<T>> {
    spawn_with_hooks(name, None, body)
}

/// Starts a thread whose two ends are announced to a host language.
///
/// # Errors
/// *Resource* when the system gives no more threads.
pub(crate) fn spawn_with_hooks<T: Send + 'static>(
    name: impl Into<String>,
    hooks: Option<ThreadHooks>,
    body: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<Thread<T>> {
    let name = name.into().replace('\0', "");
    let outcome = Arc::new(Signal::new(None));
    let (thread_name, theirs) = (name.clone(), Arc::clone(&outcome));
    // The new thread inherits the mask, so there is no moment in which a signal of the host can reach it.
    let shield = Shield::raise();
    let started = std::thread::Builder::new().name(name.clone()).stack_size(STACK_BYTES).spawn(move || {
        native::reset_floating_point();
        native::set_kernel_name(kernel_name(&thread_name));
        let result = between_hooks(hooks.as_ref(), body);
        theirs.update(|slot| *slot = Some(result));
    });
    drop(shield);
    let handle = started.map_err(|cause| {
        Error::new(ErrorKind::Resource, "cannot start a thread").with("thread", &name).caused_by(cause)
    })?;
    Ok(Thread { name, handle, outcome })
}

impl<T> Thread<T> {
    /// The thread's full name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the thread has come to its end.
    pub(crate) fn is_finished(&self) -> bool {
        self.outcome.lock().is_some()
    }

    /// Waits for the end of the thread and gives what it returned.
    ///
    /// # Errors
    /// What the thread's body returned; *internal* if it panicked; *timeout* if it still runs, and then it goes on
    /// without anybody to wait for it.
    pub(crate) fn join(self, deadline: Deadline) -> Result<T> {
        let Some(result) = self.outcome.wait(deadline, Option::take) else {
            return Err(Error::new(ErrorKind::Timeout, "thread still runs, its outcome is not known")
                .with("thread", &self.name));
        };
        // What is left of the thread are its thread-local destructors.
        if self.handle.join().is_err() {
            log::error!("a thread-local destructor panicked thread=`{}`", self.name);
        }
        result
    }
}

/// Runs `body` and turns a panic into an error of kind internal that has the panic's text.
pub(crate) fn catch<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    // What a panic leaves half-done is behind a lock that says so, or belongs to an object that is closed next.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panic_error(panic.as_ref())))
}

/// The error for a caught panic.
pub(crate) fn panic_error(panic: &(dyn Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    Error::internal("panic").with("panic", text)
}

/// Runs something that starts threads of its own, such as a client of librdkafka: they inherit the signal mask and the
/// floating-point mode of the library's threads instead of the host's.
pub(crate) fn shielded<T>(body: impl FnOnce() -> T) -> T {
    let _shield = Shield::raise();
    body()
}

/// Takes a lock whose data stay valid if a thread panicked while it held it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that threads can wait for.
#[derive(Debug, Default)]
pub(crate) struct Signal<T> {
    value: Mutex<T>,
    changed: Condvar,
    // Waking costs a system call also if nobody waits. Counted while the lock is held, so no waiter is missed.
    waiting: AtomicUsize,
}

impl<T> Signal<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { value: Mutex::new(value), changed: Condvar::new(), waiting: AtomicUsize::new(0) }
    }

    /// The value, locked. Nobody is woken: use [`update`](Self::update) for changes that others wait for.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        lock(&self.value)
    }

    /// Changes the value and wakes everybody who waits for it.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.lock());
        self.wake();
        result
    }

    /// Wakes everybody who waits, after a change made through [`lock`](Self::lock).
    pub(crate) fn wake(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.changed.notify_all();
        }
    }

    /// Waits until `test` finds something in the value, or the deadline is over: then `None`.
    pub(crate) fn wait<R>(&self, deadline: Deadline, mut test: impl FnMut(&mut T) -> Option<R>) -> Option<R> {
        let mut value = self.lock();
        loop {
            if let Some(found) = test(&mut value) {
                return Some(found);
            }
            let remaining = deadline.remaining();
            if remaining.is_zero() {
                return None;
            }
            value = self.wait_once(value, remaining);
        }
    }

    fn wait_once<'a>(&self, value: MutexGuard<'a, T>, remaining: Duration) -> MutexGuard<'a, T> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let value = if remaining == Duration::MAX {
            self.changed.wait(value).unwrap_or_else(PoisonError::into_inner)
        } else {
            self.changed.wait_timeout(value, remaining).unwrap_or_else(PoisonError::into_inner).0
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        value
    }
}

fn between_hooks<T>(hooks: Option<&ThreadHooks>, body: impl FnOnce() -> Result<T>) -> Result<T> {
    let Some(hooks) = hooks else { return catch(body) };
    catch(|| {
        (hooks.started)();
        Ok(())
    })?;
    let result = catch(body);
    let stopped = catch(|| {
        (hooks.stopping)();
        Ok(())
    });
    result.and_then(|value| stopped.map(|()| value))
}

/// The end of the name: it is what tells the threads of one application apart.
fn kernel_name(name: &str) -> &str {
    let mut start = name.len().saturating_sub(KERNEL_NAME_BYTES);
    while !name.is_char_boundary(start) {
        start += 1;
    }
    if start == 0 { name } else { name[start..].trim_start_matches(['-', '.', '_']) }
}

#[cfg(test)]
mod tests;
