//! What waits: it runs on threads of its own, and settles a promise with what it returns.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use kstreams::{Deadline, Error, ErrorKind, Future, Result};

use crate::error;
use crate::host::Link;
use crate::raw::{Deferred, Js, Val};

/// How a result becomes a JavaScript value.
pub(crate) type Convert<T> = for<'s> fn(Js<'s>, T) -> Result<Val<'s>>;

/// A promise that keeps the environment alive until it is settled, from any thread.
pub(crate) struct Pending {
    link: Arc<Link>,
    deferred: Deferred,
}

impl Pending {
    /// What settles a promise, and the promise.
    ///
    /// # Errors
    /// *Closed* in an environment that is ending.
    pub(crate) fn new(js: Js<'_>) -> Result<(Self, Val<'_>)> {
        let link = Link::here()?;
        link.hold(js);
        let (deferred, promise) = js.promise();
        Ok((Self { link, deferred }, promise))
    }

    /// Settles the promise, soon.
    pub(crate) fn settle<T: Send + 'static>(self, outcome: Result<T>, convert: Convert<T>) {
        let Self { link, deferred } = self;
        let held = Arc::clone(&link);
        link.post(Box::new(move |js| {
            let outcome = outcome.and_then(|value| convert(js, value));
            deferred.settle(js, outcome.map_err(|failure| error::to_js(js, &failure)));
            held.release(js);
        }));
    }
}

/// Runs something on a thread of its own; the promise has what it returns.
///
/// # Errors
/// *Closed* in an environment that is ending.
pub(crate) fn promise<T: Send + 'static>(
    js: Js<'_>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
    convert: Convert<T>,
) -> Result<Val<'_>> {
    let (pending, promise) = Pending::new(js)?;
    run(Box::new(move || {
        let outcome = catch_unwind(AssertUnwindSafe(work));
        pending.settle(outcome.unwrap_or_else(|panic| Err(error::from_panic(&*panic))), convert);
    }));
    Ok(promise)
}

/// The promise of what a future will have.
///
/// # Errors
/// *Closed* in an environment that is ending.
pub(crate) fn promise_of<'s, T: Clone + Send + 'static>(
    js: Js<'s>,
    future: &Future<T>,
    convert: Convert<T>,
) -> Result<Val<'s>> {
    let (pending, promise) = Pending::new(js)?;
    settle_with(pending, future, convert);
    Ok(promise)
}

/// Settles a promise when the future is done.
pub(crate) fn settle_with<T: Clone + Send + 'static>(pending: Pending, future: &Future<T>, convert: Convert<T>) {
    drop(future.then(move |outcome| {
        pending.settle(outcome, convert);
        Ok(())
    }));
}

/// For results that are nothing.
#[expect(clippy::unnecessary_wraps, reason = "one of the conversions, of which others can fail")]
pub(crate) fn nothing(js: Js<'_>, (): ()) -> Result<Val<'_>> {
    Ok(js.undefined())
}

/// A timeout in milliseconds; what is not finite or too large is for ever, which is a century.
pub(crate) fn timeout(milliseconds: f64) -> Duration {
    const EVER: f64 = 100.0 * 365.25 * 86_400.0 * 1000.0;
    let finite = if milliseconds.is_finite() { milliseconds.clamp(0.0, EVER) } else { EVER };
    Duration::from_secs_f64(finite / 1000.0)
}

type Work = Box<dyn FnOnce() + Send>;

/// How long a thread stays without work.
const IDLE: Duration = Duration::from_secs(5);

static POOL: Pool = Pool { state: Mutex::new(State { idle: Vec::new(), busy: 0, next: 0 }), changed: Condvar::new() };

/// Threads that wait for others, so that JavaScript's own does not: as many as there is to wait for.
struct Pool {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    idle: Vec<(u64, mpsc::Sender<Work>)>,
    busy: usize,
    next: u64,
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs something that may wait, soon.
pub(crate) fn run(work: Work) {
    let mut state = POOL.lock();
    state.busy += 1;
    let mut work = work;
    while let Some((_, thread)) = state.idle.pop() {
        match thread.send(work) {
            Ok(()) => return,
            Err(refused) => work = refused.0,
        }
    }
    state.next += 1;
    let number = state.next;
    drop(state);
    let builder = thread::Builder::new().name("kstreams-node".to_owned());
    if let Err(error) = builder.spawn(move || serve(number, work)) {
        // The work is lost with its promise; the program cannot do anything without threads.
        POOL.lock().busy -= 1;
        let error = Error::new(ErrorKind::Resource, "the system gives no thread").caused_by(error);
        log::error!("{}", error.chain());
    }
}

fn serve(number: u64, first: Work) {
    let (sender, receiver) = mpsc::channel::<Work>();
    let mut work = first;
    loop {
        let _ = catch_unwind(AssertUnwindSafe(work));
        let mut state = POOL.lock();
        state.busy -= 1;
        state.idle.push((number, sender.clone()));
        drop(state);
        POOL.changed.notify_all();
        work = match receiver.recv_timeout(IDLE) {
            Ok(work) => work,
            Err(_) => {
                POOL.lock().idle.retain(|(known, _)| *known != number);
                // Whoever took the sender before has sent something.
                match receiver.try_recv() {
                    Ok(work) => work,
                    Err(_) => return,
                }
            }
        };
    }
}

/// Waits until no thread has work.
pub(crate) fn wait_for_all(patience: Duration) {
    let deadline = Deadline::after(patience);
    let mut state = POOL.lock();
    while state.busy > 0 {
        let left = deadline.remaining();
        if left.is_zero() {
            return;
        }
        state = POOL.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}
