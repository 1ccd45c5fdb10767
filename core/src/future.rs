//! One future for everything that completes later: deliveries, commits, admin calls.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::thread::{self, Signal};

mod queue;
mod runner;

pub use queue::CompletionQueue;

/// A result that will be there later. Cheap to clone; all clones see the same result.
///
/// It can be waited for, asked, continued with [`then`](Self::then), drained through a [`CompletionQueue`], or awaited:
/// it implements [`std::future::Future`]. Dropping it does not cancel what it stands for. A future keeps the client
/// alive that will complete it.
///
/// # Threads
/// Continuations run on the library's one completion thread, one after the other: never inside the call that registers
/// them and never while a lock is held. A continuation that waits for long delays all others.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kstreams::Promise;
///
/// let (promise, future) = Promise::new();
/// let doubled = future.then(|result: kstreams::Result<i32>| result.map(|number| number * 2));
/// promise.complete(Ok(21));
/// assert_eq!(doubled.wait(Duration::from_secs(10))?, 42);
/// # Ok::<(), kstreams::Error>(())
/// ```
pub struct Future<T> {
    shared: Arc<Shared<T>>,
    // Not in the shared part: the promise must not keep alive the client that owns it.
    keep_alive: Option<Arc<dyn Any + Send + Sync>>,
}

/// The completing half of a [`Future`]. Dropping it completes the future with an error of kind cancelled.
#[derive(Debug)]
pub struct Promise<T: Clone + Send + 'static>(Option<Arc<Shared<T>>>);

type Shared<T> = Signal<State<T>>;

enum State<T> {
    Pending { continuations: Vec<Continuation<T>>, wakers: Vec<Waker> },
    Done(Result<T>),
}

enum Continuation<T> {
    Run(Box<dyn FnOnce(Result<T>) + Send>),
    Enqueue(CompletionQueue, u64),
}

impl<T: Clone + Send + 'static> Promise<T> {
    /// A promise and the future that it completes.
    pub fn new() -> (Self, Future<T>) {
        let shared = Arc::new(Signal::new(State::Pending { continuations: Vec::new(), wakers: Vec::new() }));
        (Self(Some(Arc::clone(&shared))), Future { shared, keep_alive: None })
    }

    /// A promise whose future keeps `owner` alive, typically the client that will complete it.
    pub fn keeping(owner: Arc<dyn Any + Send + Sync>) -> (Self, Future<T>) {
        let (promise, mut future) = Self::new();
        future.keep_alive = Some(owner);
        (promise, future)
    }

    /// Completes the future: wakes who waits and hands the result to the continuations.
    pub fn complete(mut self, result: Result<T>) {
        self.finish(result);
    }

    /// Whether nobody can see the result any more: no future is left, and no continuation waits for it.
    pub fn is_abandoned(&self) -> bool {
        self.0.as_ref().is_none_or(|shared| {
            let unseen = matches!(&*shared.lock(), State::Pending { continuations, .. } if continuations.is_empty());
            unseen && Arc::strong_count(shared) == 1
        })
    }

    fn finish(&mut self, result: Result<T>) {
        let Some(shared) = self.0.take() else { return };
        let before = shared.update(|state| std::mem::replace(state, State::Done(result.clone())));
        let State::Pending { continuations, wakers } = before else { return };
        wakers.into_iter().for_each(Waker::wake);
        for continuation in continuations {
            continuation.start(result.clone());
        }
    }
}

impl<T: Clone + Send + 'static> Drop for Promise<T> {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.finish(Err(Error::new(ErrorKind::Cancelled, "cancelled before there was a result")));
        }
    }
}

impl<T: Clone + Send + 'static> Future<T> {
    /// A future that is done already.
    pub fn ready(result: Result<T>) -> Self {
        Self { shared: Arc::new(Signal::new(State::Done(result))), keep_alive: None }
    }

    /// Whether the result is there.
    pub fn is_done(&self) -> bool {
        matches!(*self.shared.lock(), State::Done(_))
    }

    /// The result, if it is there.
    pub fn value(&self) -> Option<Result<T>> {
        self.shared.lock().result()
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// The result's own error; *timeout* when there is none yet: the outcome is not known then, and waiting again is
    /// fine; *invalid* on the completion thread, where waiting would hold up the result it waits for.
    pub fn wait(&self, timeout: Duration) -> Result<T> {
        let timeout = if runner::is_completion_thread() { Duration::ZERO } else { timeout };
        let result = self.shared.wait(Deadline::after(timeout), |state| state.result());
        result.unwrap_or_else(|| Err(not_yet()))
    }

    /// Calls `continuation` with the result on the completion thread, and gives the future of what it returns.
    ///
    /// A panic in the continuation becomes an error of kind internal in the new future.
    pub fn then<U, F>(&self, continuation: F) -> Future<U>
    where
        U: Clone + Send + 'static,
        F: FnOnce(Result<T>) -> Result<U> + Send + 'static,
    {
        let (promise, mut future) = Promise::new();
        future.keep_alive.clone_from(&self.keep_alive);
        self.register(Continuation::Run(Box::new(move |result| {
            promise.complete(thread::catch(|| continuation(result)));
        })));
        future
    }

    /// Puts `token` into `queue` when the result is there, so that one thread can drain many futures at a time.
    pub fn enqueue(&self, queue: &CompletionQueue, token: u64) {
        self.register(Continuation::Enqueue(queue.clone(), token));
    }

    fn register(&self, continuation: Continuation<T>) {
        let result = match &mut *self.shared.lock() {
            State::Pending { continuations, .. } => return continuations.push(continuation),
            State::Done(result) => result.clone(),
        };
        continuation.start(result);
    }
}

impl<T: Clone + Send + 'static> Continuation<T> {
    fn start(self, result: Result<T>) {
        match self {
            Self::Run(run) => runner::run(Box::new(move || run(result))),
            Self::Enqueue(queue, token) => queue.push(token),
        }
    }
}

impl<T: Clone> State<T> {
    fn result(&self) -> Option<Result<T>> {
        match self {
            Self::Done(result) => Some(result.clone()),
            Self::Pending { .. } => None,
        }
    }
}

impl<T: Clone + Send + 'static> std::future::Future for Future<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self.shared.lock() {
            State::Done(result) => Poll::Ready(result.clone()),
            State::Pending { wakers, .. } => {
                if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

impl<T> Clone for Future<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), keep_alive: self.keep_alive.clone() }
    }
}

impl<T> std::fmt::Debug for Future<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Future({:?})", self.shared.lock())
    }
}

impl<T> std::fmt::Debug for State<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pending { .. } => "pending",
            Self::Done(Ok(_)) => "done",
            Self::Done(Err(_)) => "failed",
        })
    }
}

fn not_yet() -> Error {
    if runner::is_completion_thread() {
        return Error::invalid("waiting inside a continuation would hold up the result: use `then`");
    }
    Error::new(ErrorKind::Timeout, "no result before the deadline, the outcome is not known")
}

#[cfg(test)]
mod tests;
