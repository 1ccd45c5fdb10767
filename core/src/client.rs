//! Kafka clients: [`Producer`], [`Consumer`] and [`Admin`].
//!
//! All three may be shared by threads, have `close(timeout)`, and answer *closed* afterwards. Timeouts are upper bounds:
//! a call returns as soon as it has an answer.

mod admin;
mod consumer;
mod producer;

pub use admin::{Admin, NewTopic, Outcomes, PartitionDescription, TopicDescription};
pub use consumer::{Batch, Consumer, ConsumerRecord, Records};
pub use producer::{Deliveries, Producer, ProducerRecord, RecordMetadata};

use crate::error::{Error, ErrorKind};

/// The answer of everything that was closed.
fn closed(what: &str) -> Error {
    Error::new(ErrorKind::Closed, format!("the {what} is closed; make a new one"))
}

#[cfg(test)]
mod tests;
