//! A task: one subtopology for one partition number, with its queues, operators and stores.
//!
//! A task knows no consumer and no producer. Its driver (a stream thread, or the test driver) adds records, lets it
//! process, takes what it sends from the outbox, and tells what was acknowledged.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::operator::Stop;
use crate::operator::context::Context;
use crate::record::Record;
use crate::serde::SerdeRef;
use crate::state::RecordContext;
use crate::topology::plan::Extractor;
use crate::value::Value;

pub(crate) mod build;
pub(crate) mod id;
pub(crate) mod metadata;

use super::queue::{Head, HeadQueue, InputPartition, RawRecord};
pub(crate) use build::TaskSpec;
pub(crate) use id::TaskId;

/// How a source reads its records.
pub(crate) struct SourceReader {
    pub(crate) key: SerdeRef,
    pub(crate) value: SerdeRef,
    /// `None` takes the record's own timestamp and fails on a negative one.
    pub(crate) timestamps: Option<Extractor>,
}

/// One task.
pub(crate) struct Task {
    pub(crate) context: Context,
    inputs: Vec<InputPartition>,
    /// The readers, by node; `None` for nodes that are not sources.
    readers: Vec<Option<SourceReader>>,
    heads: HeadQueue,
    /// The largest timestamp taken from any queue.
    stream_time: i64,
    max_idle_ms: i64,
    /// Whether anything was processed since the last commit.
    commit_needed: bool,
}

impl Task {
    /// Appends records of an input partition, in the order of their offsets.
    ///
    /// # Errors
    /// What the deserialization handler or the timestamp extractor decided to fail with.
    pub(crate) fn add(&mut self, input: usize, records: impl IntoIterator<Item = RawRecord>) -> Result<()> {
        self.inputs[input].raw.extend(records);
        if self.inputs[input].head.is_none() {
            self.advance(input)?;
            self.offer(input);
        }
        Ok(())
    }

    /// Whether there is a record to process now, or one that should wait for other partitions.
    ///
    /// `now_ms` is monotonic. A partition without records delays the others while records of it are on the broker, and
    /// for `max.task.idle.ms` after that (KIP-695).
    pub(crate) fn is_processable(&mut self, now_ms: i64) -> bool {
        if self.heads.is_empty() {
            return false;
        }
        let max_idle = self.max_idle_ms;
        max_idle < 0 || self.inputs.iter_mut().all(|input| may_go_on_without(input, max_idle, now_ms))
    }

    /// Processes the record with the smallest timestamp. `false`: there is none.
    ///
    /// # Errors
    /// What an exception handler decided to fail with; the task must then be closed without committing.
    pub(crate) fn process_one(&mut self) -> Result<bool> {
        let Some(index) = self.heads.take() else { return Ok(false) };
        let input = &mut self.inputs[index];
        let head = input.head.take().expect("a queued partition has a head");
        input.next_offset = Some(head.offset + 1);
        let context = RecordContext {
            topic: Some(Arc::clone(&input.topic)),
            partition: input.partition,
            offset: head.offset,
            timestamp: -1,
            headers: crate::Headers::EMPTY,
        };
        let source = input.source;
        if let Some(record) = &head.record {
            input.time = input.time.max(record.timestamp);
            self.stream_time = self.stream_time.max(record.timestamp);
        }
        self.commit_needed = true;
        // Java reads the next record before it processes this one.
        self.advance(index)?;
        self.offer(index);
        if let Some(record) = head.record {
            let context = RecordContext { timestamp: record.timestamp, headers: record.headers.clone(), ..context };
            self.context.enter_source(source, context, record)?;
        }
        Ok(true)
    }

    /// Flushes the caches, so that everything processed so far is in the stores' overlays and in the outbox.
    ///
    /// # Errors
    /// What an exception handler decided to fail with.
    pub(crate) fn prepare_commit(&mut self) -> Result<()> {
        self.context.flush_caches().map_err(Stop::into_error)
    }

    /// Tells that everything sent so far was acknowledged and the offsets are being committed.
    pub(crate) fn committed(&mut self) {
        self.commit_needed = false;
    }

    /// Whether anything was processed since the last commit.
    pub(crate) fn needs_commit(&self) -> bool {
        self.commit_needed
    }

    /// The task's input partitions.
    pub(crate) fn inputs(&self) -> &[InputPartition] {
        &self.inputs
    }

    /// The task's input partitions, for what their driver knows about them.
    pub(crate) fn inputs_mut(&mut self) -> &mut [InputPartition] {
        &mut self.inputs
    }

    /// The index of an input partition.
    pub(crate) fn input(&self, topic: &str, partition: i32) -> Option<usize> {
        self.inputs.iter().position(|input| *input.topic == *topic && input.partition == partition)
    }

    /// Drops what waits: it is read again from where [`committable`](Self::committable) says.
    pub(crate) fn forget_queued(&mut self) {
        for input in &mut self.inputs {
            input.raw.clear();
            input.head = None;
            input.lag = None;
            input.idle_deadline = None;
        }
        self.heads = HeadQueue::default();
    }

    /// The offsets to commit: topic, partition, next offset, and metadata with the partition's time.
    pub(crate) fn committable(&self) -> Vec<(Arc<str>, i32, i64, String)> {
        let commit = |input: &InputPartition| {
            let offset = input.committable()?;
            Some((Arc::clone(&input.topic), input.partition, offset, metadata::encode(input.time)))
        };
        self.inputs.iter().filter_map(commit).collect()
    }

    /// Takes the partition's time from the metadata of a commit.
    pub(crate) fn restore_time(&mut self, input: usize, metadata: &str) {
        let time = metadata::decode(metadata);
        self.inputs[input].time = time;
        self.stream_time = self.stream_time.max(time);
    }

    /// Reads the next record of a partition into its head; bad ones go to the handlers.
    fn advance(&mut self, index: usize) -> Result<()> {
        while let Some(raw) = self.inputs[index].raw.pop_front() {
            let offset = raw.offset;
            match self.read(index, raw)? {
                Reading::Good(record) => {
                    self.inputs[index].head = Some(Head { offset, record: Some(record) });
                    return Ok(());
                }
                // Only the last of a row of bad records keeps a place.
                Reading::Bad if self.inputs[index].raw.is_empty() => {
                    self.inputs[index].head = Some(Head { offset, record: None });
                    return Ok(());
                }
                Reading::Bad | Reading::Dropped => {}
            }
        }
        Ok(())
    }

    fn offer(&mut self, index: usize) {
        if let Some(head) = &self.inputs[index].head {
            self.heads.insert(index, head);
        }
    }

    fn read(&mut self, index: usize, raw: RawRecord) -> Result<Reading> {
        let input = &self.inputs[index];
        let reader = self.readers[input.source].as_ref().expect("an input belongs to a source");
        let mut record = match deserialize(reader, &raw) {
            Ok((key, value)) => Record { key, value, timestamp: raw.timestamp, headers: raw.headers },
            Err(error) => {
                let context = input_context(input, raw.offset, raw.timestamp);
                self.context.cannot_read(input.source, context, error)?;
                return Ok(Reading::Bad);
            }
        };
        record.timestamp = match &reader.timestamps {
            None if raw.timestamp >= 0 => raw.timestamp,
            None => return Err(self.invalid_timestamp(index, raw.offset, raw.timestamp)),
            Some(extract) => extract(&record, input.time).map_err(|error| {
                error.with("topic", &input.topic).with("partition", input.partition).with("offset", raw.offset)
            })?,
        };
        if record.timestamp < 0 {
            self.context.drop_record();
            return Ok(Reading::Dropped);
        }
        Ok(Reading::Good(record))
    }

    fn invalid_timestamp(&self, index: usize, offset: i64, timestamp: i64) -> Error {
        let input = &self.inputs[index];
        Error::data("record has no valid timestamp: use another timestamp extractor, or repair the producer")
            .with("topic", &input.topic)
            .with("partition", input.partition)
            .with("offset", offset)
            .with("timestamp", timestamp)
    }
}

enum Reading {
    Good(Record),
    /// The handler said to go on without it.
    Bad,
    /// The extractor gave no timestamp.
    Dropped,
}

fn deserialize(reader: &SourceReader, raw: &RawRecord) -> Result<(Value, Value)> {
    let read = |serde: &SerdeRef, bytes: &Option<crate::Payload>, part| match bytes {
        None => Ok(Value::Null),
        Some(bytes) => serde.deserialize(bytes).map_err(|error| error.with("part", part)),
    };
    Ok((read(&reader.key, &raw.key, "key")?, read(&reader.value, &raw.value, "value")?))
}

fn input_context(input: &InputPartition, offset: i64, timestamp: i64) -> RecordContext {
    RecordContext {
        topic: Some(Arc::clone(&input.topic)),
        partition: input.partition,
        offset,
        timestamp,
        headers: crate::Headers::EMPTY,
    }
}

/// Whether an input does not hold up the others.
fn may_go_on_without(input: &mut InputPartition, max_idle_ms: i64, now_ms: i64) -> bool {
    if input.buffered() > 0 {
        input.idle_deadline = None;
        return true;
    }
    match input.lag {
        None => false,
        Some(lag) if lag > 0 => {
            input.idle_deadline = None;
            false
        }
        Some(_) => {
            let deadline = *input.idle_deadline.get_or_insert(now_ms.saturating_add(max_idle_ms));
            now_ms >= deadline
        }
    }
}
