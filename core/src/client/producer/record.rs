//! Records on their way out.

use std::sync::Arc;

use crate::header::{Header, Headers};
use crate::value::Payload;

/// A record to send.
#[derive(Clone, Debug)]
pub struct ProducerRecord {
    /// The topic to send to.
    pub topic: Arc<str>,
    /// The partition; by default chosen from the key as Java does, or at random without a key.
    pub partition: Option<i32>,
    /// The key, or null.
    pub key: Option<Payload>,
    /// The value, or null.
    pub value: Option<Payload>,
    /// The headers.
    pub headers: Headers,
    /// Milliseconds since the epoch; by default now.
    pub timestamp: Option<i64>,
}

impl ProducerRecord {
    /// A record for a topic, with neither key nor value.
    pub fn new(topic: impl Into<Arc<str>>) -> Self {
        let (partition, key, value, timestamp) = (None, None, None, None);
        Self { topic: topic.into(), partition, key, value, headers: Headers::EMPTY, timestamp }
    }

    /// The same with a key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Payload>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same with a value.
    #[must_use]
    pub fn value(mut self, value: impl Into<Payload>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Payload>) -> Self {
        self.headers.add(Header { name: name.into(), value: Some(value.into()) });
        self
    }

    /// The same for one partition.
    #[must_use]
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// The same with a time, in milliseconds since the epoch.
    #[must_use]
    pub fn timestamp(mut self, timestamp: i64) -> Self {
        self.timestamp = Some(timestamp);
        self
    }
}
