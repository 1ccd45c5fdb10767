//! The records that wait in a task: one queue for each input partition, and the choice between them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::header::Headers;
use crate::record::Record;
use crate::value::Payload;

/// A record as it came from the broker.
#[derive(Clone, Debug)]
pub(crate) struct RawRecord {
    pub(crate) offset: i64,
    /// Milliseconds, or −1 if the record has none.
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Payload>,
    pub(crate) value: Option<Payload>,
    pub(crate) headers: Headers,
}

/// The next record of a partition, read and with its extracted timestamp.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) offset: i64,
    /// `None`: the record could not be read and was skipped; it stands here so that its offset is committed.
    pub(crate) record: Option<Record>,
}

impl Head {
    fn timestamp(&self) -> i64 {
        self.record.as_ref().map_or(-1, |record| record.timestamp)
    }
}

/// One input partition of a task.
pub(crate) struct InputPartition {
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    /// The source node that reads it.
    pub(crate) source: usize,
    pub(crate) raw: VecDeque<RawRecord>,
    pub(crate) head: Option<Head>,
    /// The largest timestamp taken from this queue, −1 at first; kept in the commit's metadata.
    pub(crate) time: i64,
    /// The offset after the last record that was taken or skipped.
    pub(crate) next_offset: Option<i64>,
    /// How many records are on the broker beyond what was polled; `None` while nobody knows.
    pub(crate) lag: Option<i64>,
    /// When to stop waiting for this partition, as monotonic milliseconds (`max.task.idle.ms`).
    pub(crate) idle_deadline: Option<i64>,
}

impl InputPartition {
    pub(crate) fn new(topic: Arc<str>, partition: i32, source: usize) -> Self {
        Self {
            topic,
            partition,
            source,
            raw: VecDeque::new(),
            head: None,
            time: -1,
            next_offset: None,
            lag: None,
            idle_deadline: None,
        }
    }

    /// How many records wait, the head included.
    pub(crate) fn buffered(&self) -> usize {
        self.raw.len() + usize::from(self.head.is_some())
    }

    /// Where a new owner of the partition has to go on: nothing before it is needed any more.
    pub(crate) fn committable(&self) -> Option<i64> {
        let waiting =
            self.head.as_ref().map(|head| head.offset).or_else(|| self.raw.front().map(|record| record.offset));
        match (self.next_offset, waiting) {
            // Records that were dropped before the head moved the offset too.
            (Some(_), Some(waiting)) => Some(waiting),
            (next, _) => next,
        }
    }
}

/// The queues that have a head, smallest timestamp first.
///
/// Ties are decided by the heap's shape, as in `java.util.PriorityQueue`, because the order is observable.
#[derive(Debug, Default)]
pub(crate) struct HeadQueue(Vec<(i64, usize)>);

impl HeadQueue {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Inserts a partition by the timestamp of its head.
    pub(crate) fn insert(&mut self, partition: usize, head: &Head) {
        let entry = (head.timestamp(), partition);
        self.0.push(entry);
        let mut hole = self.0.len() - 1;
        while hole > 0 {
            let parent = (hole - 1) / 2;
            if entry.0 >= self.0[parent].0 {
                break;
            }
            self.0[hole] = self.0[parent];
            hole = parent;
        }
        self.0[hole] = entry;
    }

    /// Takes the partition with the smallest timestamp.
    pub(crate) fn take(&mut self) -> Option<usize> {
        let last = self.0.pop()?;
        let Some(&first) = self.0.first() else { return Some(last.1) };
        let size = self.0.len();
        let mut hole = 0;
        while hole < size / 2 {
            let left = 2 * hole + 1;
            let right = left + 1;
            let child = if right < size && self.0[right].0 < self.0[left].0 { right } else { left };
            if last.0 <= self.0[child].0 {
                break;
            }
            self.0[hole] = self.0[child];
            hole = child;
        }
        self.0[hole] = last;
        Some(first.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(timestamp: i64) -> Head {
        let record = Record { key: crate::Value::Null, value: crate::Value::Null, timestamp, headers: Headers::EMPTY };
        Head { offset: 0, record: Some(record) }
    }

    #[test]
    fn the_smallest_timestamp_comes_first() {
        let mut queue = HeadQueue::default();
        for (partition, timestamp) in [5, 3, 9, 1, 7, 3].into_iter().enumerate() {
            queue.insert(partition, &head(timestamp));
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.take()).collect();
        assert_eq!(order[0], 3);
        assert_eq!(order[5], 2);
        assert_eq!(order.len(), 6);
    }

    #[test]
    fn a_tie_goes_as_in_javas_heap() {
        let mut queue = HeadQueue::default();
        for partition in 0..4 {
            queue.insert(partition, &head(1));
        }
        // java.util.PriorityQueue moves the last leaf to the root: 0, then 3, 2, 1.
        let order: Vec<_> = std::iter::from_fn(|| queue.take()).collect();
        assert_eq!(order, [0, 3, 2, 1]);
    }
}
