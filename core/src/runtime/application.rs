//! What all threads of an application share.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::board::Board;
use super::metrics::Metrics;
use super::settings::Settings;
use super::task::TaskId;
use super::{State, UncaughtResponse};
use crate::clock::{Clock, Deadline};
use crate::error::{Error, Result};
use crate::state::StateDirectory;
use crate::thread::{self, Signal, ThreadHooks, lock};
use crate::topology::Topology;

/// Told about each change of state: the new one, then the old one.
pub type StateListener = Arc<dyn Fn(State, State) + Send + Sync>;

/// Decides what happens after a failure that no exception handler took.
pub type UncaughtHandler = Arc<dyn Fn(&Error) -> UncaughtResponse + Send + Sync>;

/// What a program registered before the start.
#[derive(Clone, Default)]
pub(super) struct Listeners {
    pub(super) state: Option<StateListener>,
    pub(super) uncaught: Option<UncaughtHandler>,
    pub(super) hooks: Option<ThreadHooks>,
}

/// One application, as its threads see it.
pub(super) struct Application {
    pub(super) settings: Mutex<Arc<Settings>>,
    pub(super) topology: Topology,
    pub(super) clock: Clock,
    pub(super) board: Signal<Board>,
    pub(super) listeners: Mutex<Listeners>,
    pub(super) metrics: Metrics,
    /// Held while the application may use it; `None` if its stores need none.
    pub(super) directory: Mutex<Option<Arc<StateDirectory>>>,
    /// The tasks that some thread has open: no two threads may open the same stores.
    claims: Mutex<BTreeSet<TaskId>>,
}

impl Application {
    pub(super) fn new(settings: Settings, topology: Topology, directory: Option<StateDirectory>) -> Self {
        Self {
            board: Board::new(settings.threads),
            settings: Mutex::new(Arc::new(settings)),
            topology,
            clock: Clock::system(),
            listeners: Mutex::default(),
            metrics: Metrics::default(),
            directory: Mutex::new(directory.map(Arc::new)),
            claims: Mutex::default(),
        }
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&lock(&self.settings))
    }

    pub(super) fn listeners(&self) -> Listeners {
        lock(&self.listeners).clone()
    }

    /// The state directory, while the application may use it.
    pub(super) fn directory(&self) -> Option<Arc<StateDirectory>> {
        lock(&self.directory).clone()
    }

    /// When everything must have stopped, once it was asked to.
    pub(super) fn stop_by(&self) -> Option<Deadline> {
        self.board.lock().stop_by()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop_by().is_some()
    }

    /// Takes a task for a thread; `false` while another thread has it.
    pub(super) fn claim(&self, id: TaskId) -> bool {
        lock(&self.claims).insert(id)
    }

    pub(super) fn release(&self, id: TaskId) {
        lock(&self.claims).remove(&id);
    }

    /// Asks the program what to do about a failure. Its own failure while it decides counts as no answer.
    pub(super) fn ask(&self, error: &Error) -> UncaughtResponse {
        let Some(handler) = self.listeners().uncaught else { return UncaughtResponse::ShutdownClient };
        let answer = thread::catch(|| inside(|| Ok(handler(error))));
        answer.unwrap_or_else(|error| {
            log::error!("the uncaught exception handler failed: {}", error.chain());
            UncaughtResponse::ShutdownClient
        })
    }

    /// Tells the listener about all changes so far, one after the other. Returns at once if another thread is telling.
    pub(super) fn tell(&self) {
        let listener = self.listeners().state;
        while let Some((new, old)) = self.next_change() {
            if let Some(listener) = &listener
                && let Err(error) = thread::catch(|| {
                    inside(|| {
                        listener(new, old);
                        Ok(())
                    })
                })
            {
                log::error!("the state listener failed: {}", error.chain());
            }
            self.board.update(Board::told);
        }
    }

    fn next_change(&self) -> Option<(State, State)> {
        self.board.lock().next_change()
    }
}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs something of the program's, so that [`is_inside`] knows.
pub(crate) fn inside<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            DEPTH.with(|depth| depth.set(depth.get() - 1));
        }
    }
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let _leave = Leave;
    body()
}

/// Whether this thread is inside a function of the program that the engine called: waiting for the engine there would
/// never end.
pub(super) fn is_inside() -> bool {
    DEPTH.with(Cell::get) > 0
}
