//! The completion thread: one in a process, started when the first continuation is due.

use std::cell::Cell;
use std::collections::VecDeque;

use crate::clock::Deadline;
use crate::error::Result;
use crate::thread::{self, Signal};

/// Has no bound: each job stands for a future that exists already, so there are never more jobs than continuations.
static JOBS: Signal<Jobs> = Signal::new(Jobs { waiting: VecDeque::new(), is_started: false });

struct Jobs {
    waiting: VecDeque<Job>,
    is_started: bool,
}

pub(super) type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    static IS_COMPLETION_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Whether the caller runs on the completion thread.
pub(super) fn is_completion_thread() -> bool {
    IS_COMPLETION_THREAD.get()
}

/// Runs the job on the completion thread, after those that came before it.
pub(super) fn run(job: Job) {
    let mut jobs = JOBS.lock();
    jobs.waiting.push_back(job);
    if !jobs.is_started {
        start(&mut jobs);
    }
    drop(jobs);
    JOBS.wake();
}

/// A failure leaves the jobs where they are; the next one tries again.
fn start(jobs: &mut Jobs) {
    match thread::spawn("ks-completion", work) {
        Ok(_runs_on) => jobs.is_started = true,
        Err(error) => log::error!("cannot run continuations: {}", error.chain()),
    }
}

fn work() -> Result<()> {
    IS_COMPLETION_THREAD.set(true);
    loop {
        let due =
            JOBS.wait(Deadline::NEVER, |jobs| (!jobs.waiting.is_empty()).then(|| std::mem::take(&mut jobs.waiting)));
        for job in due.into_iter().flatten() {
            if let Err(error) = thread::catch(|| {
                job();
                Ok(())
            }) {
                log::error!("a continuation was lost: {}", error.chain());
            }
        }
    }
}
