//! The states of an application, as a table.

use std::fmt;

/// What an application is doing: Kafka Streams' `KafkaStreams.State`, with its names and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum State {
    /// Made, and not started yet.
    Created = 0,
    /// Its topics, its partitions or its stores are not all there yet.
    Rebalancing = 1,
    /// All threads process records.
    Running = 2,
    /// It was asked to close and is committing.
    PendingShutdown = 3,
    /// Closed. It cannot be started again.
    NotRunning = 4,
    /// A failure ends it; what still runs is being stopped.
    PendingError = 5,
    /// A failure has ended it. It cannot be started again.
    Error = 6,
}

impl State {
    /// Every state, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Rebalancing,
        Self::Running,
        Self::PendingShutdown,
        Self::NotRunning,
        Self::PendingError,
        Self::Error,
    ];

    /// The states that may follow. Only [`Board::advance`](super::board::Board::advance) goes from one to another.
    pub(crate) const fn next(self) -> &'static [Self] {
        match self {
            Self::Created => &[Self::Rebalancing, Self::PendingShutdown],
            Self::Rebalancing => &[Self::Running, Self::PendingShutdown, Self::PendingError],
            Self::Running => &[Self::Rebalancing, Self::PendingShutdown, Self::PendingError],
            Self::PendingShutdown => &[Self::NotRunning],
            Self::PendingError => &[Self::Error],
            Self::NotRunning | Self::Error => &[],
        }
    }

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        self.next().is_empty()
    }

    /// Whether records are processed, or will be as soon as everything is there.
    pub const fn is_running_or_rebalancing(self) -> bool {
        matches!(self, Self::Running | Self::Rebalancing)
    }

    /// The name, as Java prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Rebalancing => "REBALANCING",
            Self::Running => "RUNNING",
            Self::PendingShutdown => "PENDING_SHUTDOWN",
            Self::NotRunning => "NOT_RUNNING",
            Self::PendingError => "PENDING_ERROR",
            Self::Error => "ERROR",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_javas() {
        let numbers: Vec<i32> = State::ALL.iter().map(|state| *state as i32).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn every_state_but_the_last_two_can_be_left() {
        let last: Vec<State> = State::ALL.into_iter().filter(|state| state.is_final()).collect();
        assert_eq!(last, [State::NotRunning, State::Error]);
    }

    #[test]
    fn a_failed_application_cannot_look_closed() {
        assert!(!State::PendingError.next().contains(&State::NotRunning));
        assert!(!State::PendingShutdown.next().contains(&State::PendingError));
    }
}
