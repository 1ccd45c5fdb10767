//! What runs a topology: tasks, their queues, stream threads, and the application that owns them.

pub(crate) mod queue;
pub(crate) mod task;
