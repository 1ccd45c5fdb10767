//! A task's name: subtopology and partition.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// `<subtopology>_<partition>`, as Java's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId {
    /// The subtopology's number.
    pub subtopology: i32,
    /// The partition number of all the task's topics.
    pub partition: i32,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.subtopology, self.partition)
    }
}

impl FromStr for TaskId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parse = || {
            let (subtopology, partition) = text.split_once('_')?;
            Some(Self { subtopology: subtopology.parse().ok()?, partition: partition.parse().ok()? })
        };
        parse().ok_or_else(|| Error::invalid("not a task id").with("text", text))
    }
}
