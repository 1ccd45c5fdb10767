//! What an operator sees of its task.

/// The task's side of an operator's call.
pub(crate) struct Context {}
