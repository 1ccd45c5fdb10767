//! Operators that make any number of records of each.

use std::sync::Arc;

use super::{Context, Flow, Operator};
use crate::error::Result;
use crate::record::Record;
use crate::value::Value;

/// Forwards the pairs that the function gives, in order, with the record's timestamp and headers.
pub(crate) struct FlatMap<F>(pub(crate) Arc<F>);

impl<F, I> Operator for FlatMap<F>
where
    F: Fn(&Value, &Value) -> Result<I> + Send + Sync,
    I: IntoIterator<Item = Result<(Value, Value)>>,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        for pair in (self.0)(&record.key, &record.value)? {
            let (key, value) = pair?;
            ctx.forward(Record { key, value, timestamp: record.timestamp, headers: record.headers.clone() })?;
        }
        Ok(())
    }
}

/// The same for values alone: all records keep the key.
pub(crate) struct FlatMapValues<F>(pub(crate) Arc<F>);

impl<F, I> Operator for FlatMapValues<F>
where
    F: Fn(&Value, &Value) -> Result<I> + Send + Sync,
    I: IntoIterator<Item = Result<Value>>,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        for value in (self.0)(&record.key, &record.value)? {
            let (key, headers) = (record.key.clone(), record.headers.clone());
            ctx.forward(Record { key, value: value?, timestamp: record.timestamp, headers })?;
        }
        Ok(())
    }
}
