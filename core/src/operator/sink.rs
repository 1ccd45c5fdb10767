//! The end of a topology: a record becomes bytes in the outbox.

use std::ops::Range;

use super::outbox::{Outgoing, TopicId};
use super::{Context, Flow, Operator};
use crate::error::Result;
use crate::record::Record;
use crate::serde::SerdeRef;
use crate::topology::plan::Partitioner;
use crate::value::Value;

/// Writes records to a topic.
pub(crate) struct Sink {
    pub(crate) topic: TopicId,
    pub(crate) topic_name: String,
    pub(crate) key: SerdeRef,
    pub(crate) value: SerdeRef,
    pub(crate) partitioner: Option<Partitioner>,
}

impl Operator for Sink {
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        let start = ctx.outbox().bytes.len();
        let written = self.write(&mut ctx.outbox().bytes, &record);
        let (key, value) = match written {
            Ok(ranges) => ranges,
            Err(error) => {
                ctx.outbox().bytes.truncate(start);
                return ctx.cannot_write(error.with("sink.topic", &self.topic_name));
            }
        };
        let partitions = match &self.partitioner {
            None => None,
            Some(choose) => choose(&self.topic_name, &record.key, &record.value, ctx.partitions_of(self.topic))?,
        };
        let outgoing = Outgoing {
            topic: self.topic,
            partition: None,
            key,
            value,
            timestamp: Some(record.timestamp),
            headers: record.headers.copied(),
        };
        match partitions {
            None => ctx.send(outgoing),
            Some(none) if none.is_empty() => ctx.drop_record(),
            Some(several) => {
                for partition in several {
                    ctx.send(Outgoing { partition: Some(partition), ..outgoing.clone() });
                }
            }
        }
        Ok(())
    }
}

impl Sink {
    fn write(&self, bytes: &mut Vec<u8>, record: &Record) -> Result<(Option<Range<usize>>, Option<Range<usize>>)> {
        let key = append(bytes, &self.key, &record.key).map_err(|error| error.with("part", "key"))?;
        let value = append(bytes, &self.value, &record.value).map_err(|error| error.with("part", "value"))?;
        Ok((key, value))
    }
}

/// Appends a value's bytes and says where they are; null has none.
fn append(bytes: &mut Vec<u8>, serde: &SerdeRef, value: &Value) -> Result<Option<Range<usize>>> {
    if value.is_null() {
        return Ok(None);
    }
    let start = bytes.len();
    serde.serialize(value, bytes)?;
    Ok(Some(start..bytes.len()))
}
