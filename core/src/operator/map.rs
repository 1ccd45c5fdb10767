//! Operators that make one record of each.

use std::sync::Arc;

use super::{Context, Flow, Operator};
use crate::error::Result;
use crate::record::Record;
use crate::value::Value;

/// New key and new value.
pub(crate) struct Map<F>(pub(crate) Arc<F>);

impl<F> Operator for Map<F>
where
    F: Fn(&Value, &Value) -> Result<(Value, Value)> + Send + Sync,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        let (key, value) = (self.0)(&record.key, &record.value)?;
        ctx.forward(Record { key, value, ..record })
    }
}

/// New value. The mapper sees nulls too, other than a table's.
pub(crate) struct MapValues<F>(pub(crate) Arc<F>);

impl<F> Operator for MapValues<F>
where
    F: Fn(&Value, &Value) -> Result<Value> + Send + Sync,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        let value = (self.0)(&record.key, &record.value)?;
        ctx.forward(Record { value, ..record })
    }
}

/// New key.
pub(crate) struct SelectKey<F>(pub(crate) Arc<F>);

impl<F> Operator for SelectKey<F>
where
    F: Fn(&Value, &Value) -> Result<Value> + Send + Sync,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        let key = (self.0)(&record.key, &record.value)?;
        ctx.forward(Record { key, ..record })
    }
}
