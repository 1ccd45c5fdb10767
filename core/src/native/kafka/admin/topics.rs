//! Topics: create, delete, describe.

use std::ffi::c_char;
use std::ptr::{self, NonNull};

use rdkafka::bindings as rd;

use super::{Operation, RawAdmin, array};
use crate::clock::Deadline;
use crate::error::{Error, Result};
use crate::native::kafka::error::Status;
use crate::native::kafka::{c_text, text_from, text_in};

/// A topic to create.
#[derive(Clone, Debug)]
pub(crate) struct NewTopic<'a> {
    pub(crate) name: &'a str,
    pub(crate) partitions: i32,
    /// `None` is the broker's default.
    pub(crate) replication_factor: Option<i32>,
    pub(crate) configs: Vec<(&'a str, &'a str)>,
}

/// A topic as the cluster knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicMetadata {
    pub(crate) name: String,
    pub(crate) partitions: Vec<PartitionMetadata>,
}

/// A partition as the cluster knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartitionMetadata {
    pub(crate) id: i32,
    /// The broker that leads it; `None` while there is none.
    pub(crate) leader: Option<i32>,
    pub(crate) replicas: usize,
}

/// What became of each name, in the order of the broker's answer.
pub(crate) type Outcomes = Vec<(String, Result<()>)>;

impl RawAdmin {
    /// Creates topics; each has its own outcome. An existing one is an error with the code `TOPIC_ALREADY_EXISTS`.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when the cluster did not answer: topics may have been created then.
    pub(crate) fn create_topics(&self, topics: &[NewTopic<'_>], deadline: Deadline) -> Result<Outcomes> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let doing = "cannot create topics";
        let owned = topics.iter().map(Topic::new).collect::<Result<Vec<_>>>()?;
        let mut raw: Vec<_> = owned.iter().map(|topic| topic.0.as_ptr()).collect();
        let event = self.request(Operation::RD_KAFKA_ADMIN_OP_CREATETOPICS, doing, deadline, |options, queue| {
            // SAFETY: all pointers are live; the topics are copied.
            unsafe {
                let client = self.client.raw();
                rd::rd_kafka_CreateTopics(client, raw.as_mut_ptr(), raw.len(), options.raw(), queue.raw());
            }
        })?;
        let mut count = 0;
        // SAFETY: the event is live and of this type; the results live as long.
        unsafe {
            let result = rd::rd_kafka_event_CreateTopics_result(event.raw());
            let results = array(rd::rd_kafka_CreateTopics_result_topics(result, &raw mut count).cast_const(), count);
            Ok(results.iter().map(|result| outcome(*result, "cannot create a topic")).collect())
        }
    }

    /// Deletes topics; each has its own outcome.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when the cluster did not answer.
    pub(crate) fn delete_topics(&self, names: &[&str], deadline: Deadline) -> Result<Outcomes> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let names = names.iter().map(|name| c_text(name)).collect::<Result<Vec<_>>>()?;
        // SAFETY: the names are NUL-terminated and copied.
        let mut raw: Vec<_> = names.iter().map(|name| unsafe { rd::rd_kafka_DeleteTopic_new(name.as_ptr()) }).collect();
        let doing = "cannot delete topics";
        let event = self.request(Operation::RD_KAFKA_ADMIN_OP_DELETETOPICS, doing, deadline, |options, queue| {
            // SAFETY: all pointers are live; the names are copied.
            unsafe {
                let client = self.client.raw();
                rd::rd_kafka_DeleteTopics(client, raw.as_mut_ptr(), raw.len(), options.raw(), queue.raw());
            }
        });
        // SAFETY: the array holds live objects that belong to us.
        unsafe { rd::rd_kafka_DeleteTopic_destroy_array(raw.as_mut_ptr(), raw.len()) };
        let event = event?;
        let mut count = 0;
        // SAFETY: the event is live and of this type; the results live as long.
        unsafe {
            let result = rd::rd_kafka_event_DeleteTopics_result(event.raw());
            let results = array(rd::rd_kafka_DeleteTopics_result_topics(result, &raw mut count).cast_const(), count);
            Ok(results.iter().map(|result| outcome(*result, "cannot delete a topic")).collect())
        }
    }

    /// All topics of the cluster that this principal may see.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when no broker answered.
    pub(crate) fn topics(&self, deadline: Deadline) -> Result<Vec<TopicMetadata>> {
        // Asking for single names could create them.
        let mut metadata = ptr::null();
        let timeout = if deadline.is_never() { i32::MAX } else { deadline.remaining_ms() };
        // SAFETY: the client is live, and the output is a local variable.
        let status = Status::from(unsafe {
            rd::rd_kafka_metadata(self.client.raw(), 1, ptr::null_mut(), &raw mut metadata, timeout)
        });
        // Connection errors wait on the main queue until somebody serves it.
        // SAFETY: the client is live.
        unsafe { rd::rd_kafka_poll(self.client.raw(), 0) };
        status.result("cannot ask for topics").map_err(|error| self.client.explain(error))?;
        // SAFETY: after success the metadata is live and ours; it is destroyed after it was copied.
        unsafe {
            let copy = copy_topics(&*metadata);
            rd::rd_kafka_metadata_destroy(metadata);
            Ok(copy)
        }
    }

    /// The topics with these names that exist.
    ///
    /// # Errors
    /// As [`topics`](Self::topics).
    pub(crate) fn describe_topics(&self, names: &[&str], deadline: Deadline) -> Result<Vec<TopicMetadata>> {
        let mut topics = self.topics(deadline)?;
        topics.retain(|topic| names.contains(&topic.name.as_str()));
        Ok(topics)
    }
}

/// `rd_kafka_NewTopic_t`.
struct Topic(NonNull<rd::rd_kafka_NewTopic_t>);

impl Topic {
    fn new(topic: &NewTopic<'_>) -> Result<Self> {
        let name = c_text(topic.name)?;
        if topic.partitions < 1 {
            let error = Error::invalid("a topic needs at least one partition");
            return Err(error.with("topic", topic.name).with("partitions", topic.partitions));
        }
        let mut reason: [c_char; 256] = [0; 256];
        let replicas = topic.replication_factor.unwrap_or(-1);
        // SAFETY: the name is NUL-terminated, and the buffer has the size that is said.
        let raw = unsafe {
            rd::rd_kafka_NewTopic_new(name.as_ptr(), topic.partitions, replicas, reason.as_mut_ptr(), reason.len())
        };
        let raw = NonNull::new(raw).ok_or_else(|| {
            Error::invalid("cannot create a topic").with("topic", topic.name).with("reason", text_in(&reason))
        })?;
        let new = Self(raw);
        for (key, value) in &topic.configs {
            let (key, value) = (c_text(key)?, c_text(value)?);
            // SAFETY: the topic is live, and the texts are NUL-terminated and copied.
            let status =
                Status::from(unsafe { rd::rd_kafka_NewTopic_set_config(raw.as_ptr(), key.as_ptr(), value.as_ptr()) });
            status.result("cannot create a topic").map_err(|error| error.with("topic", topic.name))?;
        }
        Ok(new)
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        // SAFETY: the topic belongs to this value.
        unsafe { rd::rd_kafka_NewTopic_destroy(self.0.as_ptr()) };
    }
}

/// # Safety
/// The result is live.
unsafe fn outcome(result: *const rd::rd_kafka_topic_result_t, doing: &str) -> (String, Result<()>) {
    // SAFETY: the caller vouches for the pointer; the texts live as long.
    let (name, status, reason) = unsafe {
        (
            text_from(rd::rd_kafka_topic_result_name(result)).unwrap_or_default(),
            Status::from(rd::rd_kafka_topic_result_error(result)),
            text_from(rd::rd_kafka_topic_result_error_string(result)).unwrap_or_default(),
        )
    };
    let answer = if status.is_ok() { Ok(()) } else { Err(status.error_because(doing, &reason).with("topic", &name)) };
    (name, answer)
}

/// # Safety
/// The metadata is what librdkafka returned.
unsafe fn copy_topics(metadata: &rd::rd_kafka_metadata) -> Vec<TopicMetadata> {
    let count = usize::try_from(metadata.topic_cnt).unwrap_or(0);
    if count == 0 {
        return Vec::new();
    }
    // SAFETY: the array has the length that stands beside it.
    let topics = unsafe { std::slice::from_raw_parts(metadata.topics, count) };
    topics
        .iter()
        .map(|topic| {
            // SAFETY: names end with NUL, and the array has the length that stands beside it.
            let (name, partitions) = unsafe {
                let count = usize::try_from(topic.partition_cnt).unwrap_or(0);
                let list = if count == 0 { &[] } else { std::slice::from_raw_parts(topic.partitions, count) };
                (text_from(topic.topic).unwrap_or_default(), list)
            };
            let partitions = partitions.iter().map(|partition| PartitionMetadata {
                id: partition.id,
                leader: (partition.leader >= 0).then_some(partition.leader),
                replicas: usize::try_from(partition.replica_cnt).unwrap_or(0),
            });
            TopicMetadata { name, partitions: partitions.collect() }
        })
        .collect()
}
