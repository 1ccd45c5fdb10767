//! Completions by the thousand: tokens of finished futures, drained in batches.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Deadline;
use crate::thread::Signal;

/// Collects the tokens of futures that are done, so that a million results do not cost a million wake-ups.
///
/// Register futures with [`Future::enqueue`](crate::Future::enqueue). Cheap to clone; clones share their tokens.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kstreams::{CompletionQueue, Promise};
///
/// let queue = CompletionQueue::new();
/// let (promise, future) = Promise::<()>::new();
/// future.enqueue(&queue, 7);
/// promise.complete(Ok(()));
/// assert_eq!(queue.drain(100, Duration::from_secs(10)), [7]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct CompletionQueue(Arc<Signal<VecDeque<u64>>>);

impl CompletionQueue {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for at least one completion, then takes at most `max` of those that are there, in the order in which
    /// they came. Empty when there is none before the timeout.
    pub fn drain(&self, max: usize, timeout: Duration) -> Vec<u64> {
        let drained = self.0.wait(Deadline::after(timeout), |tokens| {
            let count = max.min(tokens.len());
            (count > 0).then(|| tokens.drain(..count).collect())
        });
        drained.unwrap_or_default()
    }

    /// How many completions wait to be drained.
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Whether no completion waits to be drained.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn push(&self, token: u64) {
        self.0.update(|tokens| tokens.push_back(token));
    }
}
