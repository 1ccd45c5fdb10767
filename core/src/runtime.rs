//! The running application: stream threads, their tasks, and the object that owns them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::clock::{self, Deadline};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::handler::Handlers;
use crate::state::StateDirectory;
use crate::thread::{Thread, ThreadHooks, lock, spawn_with_hooks};
use crate::topology::Topology;
use crate::topology::plan::StoreBottom;

pub(crate) mod application;
mod assign;
mod board;
mod cluster;
mod commit;
pub(crate) mod internal_topics;
mod local_task;
mod membership;
mod metrics;
mod process;
pub(crate) mod queue;
mod rebalance;
mod restore;
mod routes;
mod sender;
mod settings;
mod slot;
mod state;
mod supervisor;
pub(crate) mod task;
mod thread;

pub use application::{StateListener, UncaughtHandler};
pub use local_task::LocalTask;
pub use state::State;

use application::{Application, Listeners, is_inside};
use board::Board;
use settings::Settings;

/// What happens after a failure that no exception handler took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UncaughtResponse {
    /// Stop this application: its state becomes [`State::Error`].
    ShutdownClient,
    /// Start a new thread in the place of the failed one. Its tasks go on from the last commit.
    ReplaceThread,
}

/// A topology that runs on a Kafka cluster.
///
/// It shares the work with all other instances that have the same `application.id`. Dropping it stops it without
/// waiting; [`close`](Self::close) tells what could not be finished.
///
/// # Threads
/// All methods may be called from any thread. Inside of a function of the topology, a handler or a listener,
/// [`close`](Self::close) only asks for the end, because waiting there would hold it up.
///
/// # Examples
/// ```no_run
/// use std::time::Duration;
/// use kstreams::{Config, Consumed, KafkaStreams, Produced, State, StreamsBuilder, serde};
///
/// let builder = StreamsBuilder::new();
/// builder
///     .stream::<String, String>("orders", Consumed::with(serde::utf8(), serde::utf8()))
///     .filter(|_, order| order.contains("paid"))
///     .to("paid-orders", Produced::with(serde::utf8(), serde::utf8()));
/// let config = Config::new().set("application.id", "orders").set("bootstrap.servers", "localhost:9092");
/// let streams = KafkaStreams::new(&builder.build()?, &config)?;
/// streams.start()?;
/// streams.wait_for(State::Running, Duration::from_secs(60))?;
/// streams.close(Duration::from_secs(10))?;
/// # Ok::<(), kstreams::Error>(())
/// ```
pub struct KafkaStreams {
    application: Arc<Application>,
    supervisor: Mutex<Option<Thread<()>>>,
}

impl KafkaStreams {
    /// Checks the settings and takes the state directory, if the topology has stores on disk. Nothing runs yet.
    ///
    /// # Errors
    /// *Invalid* for a setting that is missing or wrong; *denied* without the right to the state directory, *resource*
    /// while another process uses it, *data* when it has a foreign layout.
    pub fn new(topology: &Topology, config: &Config) -> Result<Self> {
        let fresh = (u128::from(clock::random()) << 64) | u128::from(clock::random());
        let first = Settings::read(config, fresh)?;
        let needs_directory = topology.plan().stores.iter().any(|store| store.bottom == StoreBottom::Rocks);
        let directory =
            needs_directory.then(|| StateDirectory::open(&first.state_dir, first.application_id())).transpose()?;
        let process_id = directory.as_ref().map_or(Ok(fresh), |directory| directory.process_id(fresh))?;
        let settings = Settings::read(config, process_id)?;
        let application = Arc::new(Application::new(settings, topology.clone(), directory));
        Ok(Self { application, supervisor: Mutex::default() })
    }

    /// Starts the threads and returns at once. A cluster that cannot be reached is waited for; how it goes is told by
    /// the state, the state listener, and [`wait_for`](Self::wait_for).
    ///
    /// # Errors
    /// *Invalid* when it was started or closed before; *resource* when the system gives no thread.
    pub fn start(&self) -> Result<()> {
        let mut supervisor = lock(&self.supervisor);
        let is_new =
            self.application.board.update(|board| board.state() == State::Created && board.advance(State::Rebalancing));
        if !is_new {
            return Err(Error::invalid("an application is started once: make a new one").with("state", self.state()));
        }
        let application = Arc::clone(&self.application);
        let name = format!("{}-supervisor", self.application.settings().client_id);
        let hooks = self.application.listeners().hooks;
        let started = spawn_with_hooks(name, hooks, move || supervisor::supervise(&application));
        match started {
            Ok(thread) => {
                *supervisor = Some(thread);
                Ok(())
            }
            Err(error) => {
                self.application.board.update(|board| {
                    board.fail(error.clone());
                    board.advance(State::Error);
                });
                Err(error)
            }
        }
    }

    /// What the application is doing.
    pub fn state(&self) -> State {
        self.application.board.lock().state()
    }

    /// Why the application failed, or is failing.
    pub fn error(&self) -> Option<Error> {
        self.application.board.lock().error.clone()
    }

    /// Stops processing, commits, closes the stores and leaves the group, within `timeout`. May be called again, to wait
    /// longer. Inside of a callback it only asks for all that and returns.
    ///
    /// # Errors
    /// *Timeout* when something is not done yet, with what it is: it goes on in the background; or when it ended without
    /// a commit, because the cluster did not answer in time. Nothing is lost then, but records are processed again.
    pub fn close(&self, timeout: Duration) -> Result<()> {
        let deadline = Deadline::after(timeout);
        // The threads get a little less, so that their end is seen here.
        let theirs = Deadline::after(timeout.saturating_sub((timeout / 10).min(Duration::from_millis(300))));
        let was_never_started = self.application.board.update(|board| {
            let is_new = board.state() == State::Created;
            board.advance(State::PendingShutdown);
            board.stop(theirs);
            is_new && board.advance(State::NotRunning)
        });
        if was_never_started {
            *lock(&self.application.directory) = None;
            self.application.tell();
        }
        if is_inside() {
            return Ok(());
        }
        let is_over = self.application.board.wait(deadline, |board| board.is_over().then_some(()));
        if is_over.is_none() {
            return Err(self.not_over());
        }
        if let Some(supervisor) = lock(&self.supervisor).take() {
            // It has nothing left to do; its own failure is in `error`.
            let _ = supervisor.join(deadline);
        }
        self.application.board.lock().undone.clone().map_or(Ok(()), Err)
    }

    fn not_over(&self) -> Error {
        let threads = self.application.board.lock().alive();
        let error = Error::new(ErrorKind::Timeout, "the application is still closing: it goes on in the background")
            .with("state", self.state());
        if threads.is_empty() { error } else { error.with("threads", threads) }
    }

    /// Deletes everything that the application keeps on disk, so that its stores are restored from their changelogs.
    ///
    /// # Errors
    /// *Invalid* while it runs; *denied* or *resource* when the operating system refuses, or another process uses the
    /// directory.
    pub fn clean_up(&self) -> Result<()> {
        let board = self.application.board.lock();
        let state = board.state();
        if state != State::Created && !state.is_final() {
            return Err(Error::invalid("close the application before its state is deleted").with("state", state));
        }
        let settings = self.application.settings();
        match self.application.directory() {
            Some(directory) => directory
                .tasks()?
                .into_iter()
                .try_for_each(|(subtopology, partition)| directory.remove_task(subtopology, partition)),
            None => StateDirectory::clean_up(&settings.state_dir, settings.application_id()),
        }
    }

    /// Sets who is told about changes of the state: the new one, then the old one. It runs on a thread of the library,
    /// for one change after the other.
    ///
    /// # Errors
    /// *Invalid* after the start.
    pub fn set_state_listener(&self, listener: StateListener) -> Result<()> {
        self.before_start(|listeners, _| listeners.state = Some(listener))
    }

    /// Sets who decides after a failure that no exception handler took. It runs on the thread that failed.
    ///
    /// # Errors
    /// *Invalid* after the start.
    pub fn set_uncaught_exception_handler(&self, handler: UncaughtHandler) -> Result<()> {
        self.before_start(|listeners, _| listeners.uncaught = Some(handler))
    }

    /// Sets who decides about records that cannot be read, processed or sent, in place of the settings' handlers.
    ///
    /// # Errors
    /// *Invalid* after the start.
    pub fn set_handlers(&self, handlers: Handlers) -> Result<()> {
        self.before_start(|_, settings| settings.task.handlers = handlers)
    }

    /// Sets what runs at the two ends of every thread that calls functions of the program.
    ///
    /// # Errors
    /// *Invalid* after the start.
    pub fn on_threads(&self, hooks: ThreadHooks) -> Result<()> {
        self.before_start(|listeners, _| listeners.hooks = Some(hooks))
    }

    fn before_start(&self, set: impl FnOnce(&mut Listeners, &mut Settings)) -> Result<()> {
        let board = self.application.board.lock();
        if board.state() != State::Created {
            return Err(Error::invalid("listeners and handlers are set before the start").with("state", board.state()));
        }
        let mut settings = lock(&self.application.settings);
        set(&mut lock(&self.application.listeners), Arc::make_mut(&mut settings));
        Ok(())
    }

    /// Waits until the application is in a state.
    ///
    /// # Errors
    /// *Timeout* when it is not, with what it waits for as the cause; the failure of the application, or *closed*, when
    /// it has come to an end in another state.
    pub fn wait_for(&self, state: State, timeout: Duration) -> Result<()> {
        let outcome = self.application.board.wait(Deadline::after(timeout), |board| match board.state() {
            now if now == state => Some(Ok(())),
            now if now.is_final() => Some(Err(ended(board))),
            _ => None,
        });
        outcome.unwrap_or_else(|| Err(self.not_there(state)))
    }

    /// Waits until the application has come to its end.
    ///
    /// # Errors
    /// The failure of the application; *timeout* when it still runs.
    pub fn wait_until_stopped(&self, timeout: Duration) -> Result<()> {
        let deadline = Deadline::after(timeout);
        let outcome = self
            .application
            .board
            .wait(deadline, |board| board.is_over().then(|| board.error.clone().map_or(Ok(()), Err)));
        outcome.unwrap_or_else(|| Err(self.not_there(State::NotRunning)))
    }

    fn not_there(&self, wanted: State) -> Error {
        let board = self.application.board.lock();
        let error = Error::new(ErrorKind::Timeout, "the application did not reach the state before the deadline")
            .with("state", board.state())
            .with("expected", wanted);
        match &board.trouble {
            Some(trouble) => error.caused_by(trouble.clone()),
            None => error,
        }
    }

    /// What was counted so far, under Kafka Streams' names where it has them, such as `process-total`, `commit-total`,
    /// `dropped-records-total` and `restore-total`.
    pub fn metrics(&self) -> BTreeMap<String, f64> {
        let mut metrics = self.application.metrics.read();
        let alive = self.application.board.lock().alive_count();
        metrics.insert("alive-stream-threads".to_owned(), f64::from(alive));
        metrics
    }

    /// The tasks of this instance.
    pub fn local_tasks(&self) -> Vec<LocalTask> {
        let board = self.application.board.lock();
        let mut tasks: Vec<LocalTask> = board.threads().values().flat_map(|thread| thread.tasks.clone()).collect();
        tasks.sort_by_key(|task| task.id);
        tasks
    }
}

fn ended(board: &Board) -> Error {
    let closed = || Error::new(ErrorKind::Closed, "the application was closed").with("state", board.state());
    board.error.clone().unwrap_or_else(closed)
}

impl Drop for KafkaStreams {
    fn drop(&mut self) {
        /// What a program that does not wait leaves to its threads.
        const PATIENCE: Duration = Duration::from_secs(5);
        self.application.board.update(|board| {
            board.advance(State::PendingShutdown);
            if !board.state().is_final() {
                board.stop(Deadline::after(PATIENCE));
            }
        });
    }
}

impl fmt::Debug for KafkaStreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.application.settings();
        f.debug_struct("KafkaStreams")
            .field("application_id", &settings.application_id())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
