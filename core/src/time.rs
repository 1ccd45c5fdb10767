//! Event time: where a record's timestamp comes from.

pub(crate) mod extractor;
