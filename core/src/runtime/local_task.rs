//! What a program can see of the tasks of its own application.

use super::task::TaskId;
use crate::topic::TopicPartition;

/// A task of this instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTask {
    /// Its id: subtopology and partition.
    pub id: TaskId,
    /// The thread that runs it, counted from 1.
    pub thread: usize,
    /// What it reads.
    pub partitions: Vec<TopicPartition>,
    /// Whether it processes: its stores are restored, and no rebalance holds it.
    pub is_running: bool,
}
