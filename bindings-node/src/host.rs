//! How the engine enters JavaScript: one job a batch, on the environment's one thread.
//!
//! Each environment (the main thread, each worker) has one [`Link`]: a queue of jobs, and a waker that lets the
//! environment's thread take them. When the environment ends, the link is cut: what waits is dropped, so that the
//! engine's threads go on and see that the host is gone.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use kstreams::{Deadline, Host, Session};

use crate::raw::{self, Js, Kept, Val, Waker};

/// For how long jobs are taken before JavaScript's other work has its turn.
const SLICE: Duration = Duration::from_millis(5);

thread_local! {
    static LINK: RefCell<Option<Arc<Link>>> = const { RefCell::new(None) };
}

thread_local! {
    /// Whether a session runs on this thread.
    static IN_SESSION: Cell<bool> = const { Cell::new(false) };
}

/// How long the end of an environment waits for what it has stopped.
const PATIENCE: Duration = Duration::from_secs(3);
/// The same inside of a session.
const STUCK: Duration = Duration::from_millis(200);

type Job = Box<dyn for<'s> FnOnce(Js<'s>) + Send>;
type Ending = Box<dyn FnOnce() + Send>;

/// The way into one environment, from any thread.
pub(crate) struct Link {
    thread: ThreadId,
    waker: Waker,
    queue: Mutex<Queue>,
    helpers: Vec<Kept>,
}

#[derive(Default)]
struct Queue {
    /// No job is taken any more.
    is_cut: bool,
    is_woken: bool,
    jobs: VecDeque<Job>,
    /// References that were dropped on other threads.
    garbage: Vec<Kept>,
    /// How many reasons there are for the environment to stay alive.
    users: usize,
    /// What is told when the environment ends, by the number that [`Link::at_end`] gave it.
    endings: Vec<(u64, Ending)>,
    next_ending: u64,
}

/// A function that the TypeScript half gave us.
#[derive(Clone, Copy)]
pub(crate) enum Helper {
    /// Makes a `KafkaError`.
    MakeError,
    /// The iterator of an iterable, or nothing.
    Iterator,
    /// Makes a record object.
    MakeRecord,
}

impl Link {
    /// How many helpers there are, and the last one, which makes memory for buffers.
    const HELPERS: usize = 4;

    /// Makes the environment's link; a second call does nothing.
    ///
    /// # Errors
    /// *Invalid* for helpers that are not ours; *resource* in an environment that is ending.
    pub(crate) fn establish(js: Js<'_>, helpers: Val<'_>) -> kstreams::Result<()> {
        if LINK.with_borrow(Option::is_some) {
            return Ok(());
        }
        let ended = || kstreams::Error::new(kstreams::ErrorKind::Resource, "the environment is ending");
        if helpers.length() as usize != Self::HELPERS {
            return Err(kstreams::Error::invalid("the native library is of another version"));
        }
        raw::set_pool_maker(Kept::new(helpers.item(3)));
        let helpers = helpers.items().map(|helper| Kept::new(helper).ok_or_else(ended)).collect::<Result<_, _>>()?;
        let waker = Waker::new(js, |js| Self::take_jobs(js)).ok_or_else(ended)?;
        let link = Self { thread: thread::current().id(), waker, queue: Mutex::default(), helpers };
        LINK.set(Some(Arc::new(link)));
        // After the waker: what is registered last runs first, and the waker must still be there.
        js.on_end(Self::end);
        Ok(())
    }

    /// The link of the environment that we were called by.
    pub(crate) fn here() -> kstreams::Result<Arc<Self>> {
        let link = LINK.with_borrow(Option::clone);
        link.ok_or_else(|| kstreams::Error::new(kstreams::ErrorKind::Closed, "the environment has ended"))
    }

    /// A helper of this environment.
    pub(crate) fn helper(js: Js<'_>, helper: Helper) -> Option<Val<'_>> {
        LINK.with_borrow(|link| link.as_ref().map(|link| link.helpers[helper as usize].get(js)))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_here(&self) -> bool {
        self.thread == thread::current().id()
    }

    /// Lets a job run on the environment's thread. It is dropped when the environment has ended, or ends before.
    pub(crate) fn post(&self, job: Job) {
        let mut queue = self.lock();
        if queue.is_cut {
            drop(queue);
            return drop(job);
        }
        queue.jobs.push_back(job);
        self.wake(&mut queue);
    }

    fn wake(&self, queue: &mut Queue) {
        if !queue.is_woken && !queue.is_cut {
            queue.is_woken = true;
            self.waker.wake();
        }
    }

    /// Runs something on the environment's thread and waits for what it returns; `None` when the environment ends.
    /// Inside of JavaScript it runs at once.
    pub(crate) fn ask<T: Send + 'static>(&self, body: impl for<'s> FnOnce(Js<'s>) -> T + Send + 'static) -> Option<T> {
        if self.is_here() {
            return raw::with_current(body);
        }
        let (answer, answered) = mpsc::sync_channel(1);
        self.post(Box::new(move |js| drop(answer.send(body(js)))));
        answered.recv().ok()
    }

    /// The waker's function: runs jobs for a while.
    fn take_jobs(js: Js<'_>) {
        let Ok(link) = Self::here() else { return };
        let garbage = std::mem::take(&mut link.lock().garbage);
        garbage.into_iter().for_each(|kept| kept.delete(js));
        let end = Deadline::after(SLICE);
        loop {
            let mut queue = link.lock();
            let Some(job) = queue.jobs.pop_front() else {
                queue.is_woken = false;
                return;
            };
            drop(queue);
            raw::with_current(|js| job(js));
            if end.is_over() {
                break;
            }
        }
        let mut queue = link.lock();
        queue.is_woken = false;
        if !queue.jobs.is_empty() {
            link.wake(&mut queue);
        }
    }

    /// Keeps the environment alive until [`release`](Self::release).
    pub(crate) fn hold(&self, js: Js<'_>) {
        let mut queue = self.lock();
        queue.users += 1;
        if queue.users == 1 && !queue.is_cut {
            self.waker.keep_alive(js, true);
        }
    }

    /// Ends one [`hold`](Self::hold).
    pub(crate) fn release(&self, js: Js<'_>) {
        let mut queue = self.lock();
        queue.users = queue.users.saturating_sub(1);
        if queue.users == 0 && !queue.is_cut {
            self.waker.keep_alive(js, false);
        }
    }

    /// Registers what has to be done when the environment ends.
    pub(crate) fn at_end(&self, ending: Ending) -> u64 {
        let mut queue = self.lock();
        queue.next_ending += 1;
        let number = queue.next_ending;
        queue.endings.push((number, ending));
        number
    }

    /// Takes back what [`at_end`](Self::at_end) registered.
    pub(crate) fn not_at_end(&self, number: u64) {
        self.lock().endings.retain(|(known, _)| *known != number);
    }

    /// The environment ends: nothing runs in it any more.
    fn end() {
        let Some(link) = LINK.take() else { return };
        raw::set_pool_maker(None);
        let (jobs, endings) = {
            let mut queue = link.lock();
            queue.is_cut = true;
            // The environment deletes the references itself.
            queue.garbage.clear();
            (std::mem::take(&mut queue.jobs), std::mem::take(&mut queue.endings))
        };
        drop(jobs);
        endings.into_iter().for_each(|(_, ending)| ending());
        // A thread that waits for the session on our own stack cannot end before we do.
        crate::work::wait_for_all(if IN_SESSION.get() { STUCK } else { PATIENCE });
    }
}

/// A JavaScript object or function that may be dropped on any thread.
pub(crate) struct Reference {
    link: Arc<Link>,
    kept: Option<Kept>,
}

impl Reference {
    /// Keeps an object; `None` when the environment is ending.
    pub(crate) fn new(object: Val<'_>) -> Option<Self> {
        let link = Link::here().ok()?;
        Kept::new(object).map(|kept| Self { link, kept: Some(kept) })
    }

    /// The object; `None` in another environment than its own.
    #[inline]
    pub(crate) fn get<'s>(&self, js: Js<'s>) -> Option<Val<'s>> {
        if !self.link.is_here() {
            return None;
        }
        self.kept.as_ref().map(|kept| kept.get(js))
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let Some(kept) = self.kept.take() else { return };
        let mut kept = Some(kept);
        if self.link.is_here() {
            let _ = raw::with_current(|js| kept.take().map(|kept| kept.delete(js)));
        }
        if let Some(kept) = kept {
            let mut queue = self.link.lock();
            if !queue.is_cut {
                queue.garbage.push(kept);
                self.link.wake(&mut queue);
            }
        }
    }
}

/// Runs sessions on the thread of the environment that built the topology.
pub(crate) struct NodeHost(pub(crate) Arc<Link>);

impl Host for NodeHost {
    fn enter(&self, mut session: Session) {
        if self.0.is_here() {
            // Outside of a call by JavaScript the session is dropped without having run: nothing could be called.
            let _ = raw::with_current(|_| run(&mut session));
        } else {
            // Where the environment is gone, so is the session.
            self.0.post(Box::new(move |_| run(&mut session)));
        }
    }
}

fn run(session: &mut Session) {
    let was_inside = IN_SESSION.replace(true);
    session.run();
    IN_SESSION.set(was_inside);
}
