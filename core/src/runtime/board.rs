//! What the threads of an application tell each other: its state, why it stops, how far each thread is.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::State;
use super::local_task::LocalTask;
use crate::clock::Deadline;
use crate::error::Error;
use crate::native::kafka::queue::Waker;
use crate::thread::Signal;

/// How long the threads may take to stop where nobody said so.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// How far a stream thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has no partitions yet, or makes or restores its tasks.
    Rebalancing,
    /// All its tasks process.
    Running,
    /// It has ended.
    Dead,
}

/// What is known about a stream thread.
pub(super) struct ThreadReport {
    pub(super) phase: Phase,
    pub(super) tasks: Vec<LocalTask>,
    /// Wakes it from waiting for records.
    pub(super) waker: Option<Waker>,
    /// Whether a new thread shall take its place.
    is_replaced: bool,
}

/// The one place where the state of an application stands.
pub(super) struct Board {
    state: State,
    /// Changes that the listener was not told yet, as (new, old).
    changes: VecDeque<(State, State)>,
    /// Whether the listener is being told about a change.
    is_telling: bool,
    pub(super) error: Option<Error>,
    /// What makes it wait now, such as a broker that cannot be reached.
    pub(super) trouble: Option<Error>,
    /// What could not be done while closing.
    pub(super) undone: Option<Error>,
    stop_by: Option<Deadline>,
    threads: BTreeMap<usize, ThreadReport>,
    /// How many threads have to run.
    expected: usize,
}

impl Board {
    pub(super) fn new(expected: usize) -> Signal<Self> {
        Signal::new(Self {
            state: State::Created,
            changes: VecDeque::new(),
            is_telling: false,
            error: None,
            trouble: None,
            undone: None,
            stop_by: None,
            threads: BTreeMap::new(),
            expected,
        })
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }

    /// Goes to another state, if the table allows it.
    pub(super) fn advance(&mut self, to: State) -> bool {
        let from = self.state;
        if !from.next().contains(&to) {
            return false;
        }
        log::info!("state of the application goes from {from} to {to}");
        self.state = to;
        self.changes.push_back((to, from));
        true
    }

    /// Asks everything to stop, at the latest at `deadline`. A later deadline prolongs an earlier one.
    pub(super) fn stop(&mut self, deadline: Deadline) {
        let later = self.stop_by.map_or(deadline, |known| known.max(deadline));
        self.stop_by = Some(later);
        self.threads.values().filter_map(|thread| thread.waker.as_ref()).for_each(Waker::wake);
    }

    /// When the threads must have stopped, once they were asked to.
    pub(super) const fn stop_by(&self) -> Option<Deadline> {
        self.stop_by
    }

    /// Keeps the first failure and stops everything.
    pub(super) fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
        self.advance(State::PendingError);
        self.stop(Deadline::after(STOP_PATIENCE));
    }

    /// Notes how far a thread is; the application runs while all its threads do.
    pub(super) fn report(&mut self, index: usize, phase: Phase) {
        self.thread(index).phase = phase;
        let running = self.threads.values().filter(|thread| thread.phase == Phase::Running).count();
        if running >= self.expected {
            self.trouble = None;
            self.advance(State::Running);
        } else if phase == Phase::Rebalancing {
            self.advance(State::Rebalancing);
        }
    }

    /// Notes that a thread has ended.
    pub(super) fn end(&mut self, index: usize) {
        let thread = self.thread(index);
        thread.phase = Phase::Dead;
        thread.waker = None;
        thread.tasks.clear();
    }

    /// Asks for a new thread in the place of one that failed.
    pub(super) fn replace(&mut self, index: usize) {
        self.thread(index).is_replaced = true;
        self.advance(State::Rebalancing);
    }

    /// Whether a thread that ended has to be started again.
    pub(super) fn take_replacement(&mut self, index: usize) -> bool {
        let is_stopping = self.stop_by.is_some();
        std::mem::take(&mut self.thread(index).is_replaced) && !is_stopping
    }

    pub(super) fn thread(&mut self, index: usize) -> &mut ThreadReport {
        self.threads.entry(index).or_insert_with(|| ThreadReport {
            phase: Phase::Rebalancing,
            tasks: Vec::new(),
            waker: None,
            is_replaced: false,
        })
    }

    /// The threads that still run, for an error's text.
    pub(super) fn alive(&self) -> String {
        let alive = self.threads.iter().filter(|(_, thread)| thread.phase != Phase::Dead);
        alive.map(|(index, _)| index.to_string()).collect::<Vec<_>>().join(",")
    }

    pub(super) fn alive_count(&self) -> u32 {
        let alive = self.threads.values().filter(|thread| thread.phase != Phase::Dead).count();
        u32::try_from(alive).unwrap_or(u32::MAX)
    }

    pub(super) fn threads(&self) -> &BTreeMap<usize, ThreadReport> {
        &self.threads
    }

    /// The next change for the listener. [`told`](Self::told) has to follow.
    pub(super) fn next_change(&mut self) -> Option<(State, State)> {
        if self.is_telling {
            return None;
        }
        let change = self.changes.pop_front()?;
        self.is_telling = true;
        Some(change)
    }

    pub(super) const fn told(&mut self) {
        self.is_telling = false;
    }

    pub(super) fn has_change(&self) -> bool {
        !self.changes.is_empty() && !self.is_telling
    }

    /// Whether a final state was reached and the listener knows.
    pub(super) fn is_over(&self) -> bool {
        self.state.is_final() && self.changes.is_empty() && !self.is_telling
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_while_all_threads_do() {
        let board = Board::new(2);
        let mut board = board.lock();
        assert!(board.advance(State::Rebalancing));
        board.report(1, Phase::Running);
        assert_eq!(board.state(), State::Rebalancing);
        board.report(2, Phase::Running);
        assert_eq!(board.state(), State::Running);
        board.report(1, Phase::Rebalancing);
        assert_eq!(board.state(), State::Rebalancing);
        board.report(1, Phase::Running);
        assert_eq!(board.state(), State::Running);
    }

    #[test]
    fn the_first_failure_stays() {
        let board = Board::new(1);
        let mut board = board.lock();
        board.advance(State::Rebalancing);
        board.fail(Error::invalid("first"));
        board.fail(Error::invalid("second"));
        assert_eq!(board.error.as_ref().map(Error::message), Some("first"));
        assert_eq!(board.state(), State::PendingError);
        assert!(board.stop_by().is_some());
    }

    #[test]
    fn a_failure_while_closing_does_not_change_the_state() {
        let board = Board::new(1);
        let mut board = board.lock();
        board.advance(State::PendingShutdown);
        board.fail(Error::invalid("too late"));
        assert_eq!(board.state(), State::PendingShutdown);
        assert!(board.advance(State::NotRunning));
    }

    #[test]
    fn the_listener_hears_of_changes_one_after_the_other() {
        let board = Board::new(1);
        let mut board = board.lock();
        board.advance(State::Rebalancing);
        board.advance(State::Running);
        assert_eq!(board.next_change(), Some((State::Rebalancing, State::Created)));
        assert_eq!(board.next_change(), None, "it is still being told");
        board.told();
        assert_eq!(board.next_change(), Some((State::Running, State::Rebalancing)));
    }
}
