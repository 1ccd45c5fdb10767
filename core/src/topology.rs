//! From what the user wrote to what runs: the graph of the DSL, its names, its plan and its description.

pub(crate) mod internal_topics;
pub(crate) mod plan;
