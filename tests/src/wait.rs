//! Waiting for a condition, never for a time.

use std::thread;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until `condition` holds.
///
/// # Panics
/// When the deadline passes first; the text says what was waited for.
pub fn wait_until(what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) {
    wait_for(what, deadline, || condition().then_some(()));
}

/// Waits until `find` answers something, and answers it.
///
/// # Panics
/// When the deadline passes first; the text says what was waited for.
pub fn wait_for<T>(what: &str, deadline: Duration, mut find: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(begin.elapsed() < deadline, "waited {deadline:?} in vain: {what}");
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_with_what_was_found() {
        let mut tries = 0;
        let found = wait_for("the third try", Duration::from_secs(5), || {
            tries += 1;
            (tries == 3).then_some("found")
        });
        assert_eq!((found, tries), ("found", 3));
    }

    #[test]
    #[should_panic(expected = "in vain: the moon to turn blue")]
    fn waiting_in_vain_says_for_what() {
        wait_until("the moon to turn blue", Duration::from_millis(30), || false);
    }
}
