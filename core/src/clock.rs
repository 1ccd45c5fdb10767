//! Time and chance: the only file that asks the system for either.

#![allow(dead_code, reason = "the clock that is moved by hand serves tests")]

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where a piece of the library reads the time: from the system, or from a test that moves it by hand.
///
/// Clones of a manual clock share their time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    start_ms: i64,
    elapsed_nanos: AtomicI64,
}

impl Clock {
    /// The system's clock.
    pub(crate) const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `wall_ms` since 1970 until [`advance`](Self::advance) moves it.
    pub(crate) fn manual(wall_ms: i64) -> Self {
        Self(Source::Manual(Arc::new(Manual { start_ms: wall_ms, elapsed_nanos: AtomicI64::new(0) })))
    }

    /// Wall-clock time in milliseconds since 1970, as in Kafka's timestamps. It can jump.
    pub(crate) fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => wall_ms(),
            Source::Manual(manual) => manual.start_ms + whole_ms(manual.elapsed()),
        }
    }

    /// Time since a fixed moment. It never goes back, so differences of it measure durations.
    pub(crate) fn elapsed(&self) -> Duration {
        match &self.0 {
            Source::System => monotonic(),
            Source::Manual(manual) => manual.elapsed(),
        }
    }

    /// Moves a manual clock forward; the system's clock takes no notice.
    pub(crate) fn advance(&self, by: Duration) {
        if let Source::Manual(manual) = &self.0 {
            let nanos = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
            manual.elapsed_nanos.fetch_add(nanos, Ordering::AcqRel);
        }
    }
}

impl Manual {
    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.elapsed_nanos.load(Ordering::Acquire).unsigned_abs())
    }
}

/// The moment at which waiting ends, by the system's monotonic clock.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kstreams::Deadline;
///
/// let deadline = Deadline::after(Duration::from_secs(60));
/// assert!(!deadline.is_over() && deadline.remaining() > Duration::ZERO);
/// assert_eq!(Deadline::NEVER.remaining(), Duration::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Duration);

impl Deadline {
    /// A deadline that never comes.
    pub const NEVER: Self = Self(Duration::MAX);

    /// The deadline `timeout` from now; one beyond what a clock can count never comes.
    pub fn after(timeout: Duration) -> Self {
        Self(monotonic().saturating_add(timeout))
    }

    /// Whether the deadline never comes.
    pub const fn is_never(self) -> bool {
        // No process lives as long as what is left of the range.
        self.0.as_secs() > u64::MAX / 2
    }

    /// The time that is left: zero once it is over, [`Duration::MAX`] if it never is.
    pub fn remaining(self) -> Duration {
        if self.is_never() { Duration::MAX } else { self.0.saturating_sub(monotonic()) }
    }

    /// Whether the deadline has passed.
    pub fn is_over(self) -> bool {
        self.remaining().is_zero()
    }

    /// The remaining time in whole milliseconds, rounded up, as librdkafka's calls take it: -1 waits for ever.
    pub(crate) fn remaining_ms(self) -> i32 {
        if self.is_never() {
            return -1;
        }
        i32::try_from(self.remaining().as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
    }

    /// This deadline, or `timeout` from now if that comes first.
    #[must_use]
    pub(crate) fn at_most(self, timeout: Duration) -> Self {
        self.min(Self::after(timeout))
    }
}

/// A number that nobody can foresee: for identities, jitter and back-off, not for secrets.
pub(crate) fn random() -> u64 {
    // Every state draws new keys, the first of a thread from the operating system.
    RandomState::new().hash_one(monotonic())
}

#[expect(clippy::disallowed_methods, reason = "this is the file that asks")]
fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, whole_ms)
}

#[expect(clippy::disallowed_methods, reason = "this is the file that asks")]
fn monotonic() -> Duration {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed()
}

fn whole_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_by_hand_and_for_all_its_clones() {
        let clock = Clock::manual(1_000);
        let other = clock.clone();
        assert_eq!(clock.now_ms(), 1_000);
        other.advance(Duration::from_millis(250));
        assert_eq!(clock.now_ms(), 1_250);
        assert_eq!(clock.elapsed(), Duration::from_millis(250));
    }

    #[test]
    fn the_system_clock_is_later_than_this_code_and_does_not_go_back() {
        let clock = Clock::system();
        assert!(clock.now_ms() > 1_700_000_000_000);
        let before = clock.elapsed();
        clock.advance(Duration::from_secs(3600));
        assert!(clock.elapsed() >= before);
        assert!(clock.elapsed() < before + Duration::from_secs(1800));
    }

    #[test]
    fn a_deadline_counts_down() {
        let deadline = Deadline::after(Duration::from_secs(60));
        assert!(!deadline.is_over());
        assert!(deadline.remaining() > Duration::from_secs(50) && deadline.remaining() <= Duration::from_secs(60));
        assert!(deadline.remaining_ms() > 50_000 && deadline.remaining_ms() <= 60_000);
        assert!(Deadline::after(Duration::ZERO).is_over());
        assert_eq!(Deadline::after(Duration::ZERO).remaining_ms(), 0);
    }

    #[test]
    fn a_deadline_beyond_every_clock_never_comes() {
        for deadline in [Deadline::NEVER, Deadline::after(Duration::MAX)] {
            assert!(deadline.is_never() && !deadline.is_over());
            assert_eq!(deadline.remaining(), Duration::MAX);
            assert_eq!(deadline.remaining_ms(), -1);
        }
        assert!(!Deadline::NEVER.at_most(Duration::from_secs(1)).is_never());
    }

    #[test]
    fn random_numbers_differ() {
        let numbers: std::collections::BTreeSet<u64> = (0..1000).map(|_| random()).collect();
        assert_eq!(numbers.len(), 1000);
    }
}
