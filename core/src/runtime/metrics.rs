//! What an application counts, under Kafka Streams' names where it has them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of all threads together. They only grow.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    pub(super) processed: Counter,
    pub(super) polled: Counter,
    pub(super) sent: Counter,
    pub(super) commits: Counter,
    pub(super) dropped: Counter,
    pub(super) restored: Counter,
    pub(super) tasks_created: Counter,
    pub(super) tasks_closed: Counter,
    pub(super) rebalances: Counter,
    pub(super) failed_threads: Counter,
}

/// A number that grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, by: usize) {
        if by > 0 {
            self.0.fetch_add(by as u64, Ordering::Relaxed);
        }
    }

    pub(super) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Metrics {
    /// The counters by name.
    #[expect(clippy::cast_precision_loss, reason = "a metric is a double, as Kafka's")]
    pub(super) fn read(&self) -> BTreeMap<String, f64> {
        let counters = [
            ("process-total", &self.processed),
            ("poll-records-total", &self.polled),
            ("records-produced-total", &self.sent),
            ("commit-total", &self.commits),
            ("dropped-records-total", &self.dropped),
            ("restore-total", &self.restored),
            ("task-created-total", &self.tasks_created),
            ("task-closed-total", &self.tasks_closed),
            ("rebalance-total", &self.rebalances),
            ("failed-stream-threads", &self.failed_threads),
        ];
        counters.into_iter().map(|(name, counter)| (name.to_owned(), counter.value() as f64)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_have_kafkas_names() {
        let metrics = Metrics::default();
        metrics.processed.add(3);
        metrics.processed.add(4);
        assert_eq!(metrics.read()["process-total"], 7.0);
        assert_eq!(metrics.read()["dropped-records-total"], 0.0);
    }
}
