//! Operators that only look.

use std::sync::Arc;

use super::{Context, Flow, Operator};
use crate::error::Result;
use crate::record::Record;
use crate::value::Value;

/// Shows each record to a function, then forwards it. `for_each` is the same without children.
pub(crate) struct Peek<F>(pub(crate) Arc<F>);

impl<F> Operator for Peek<F>
where
    F: Fn(&Value, &Value) -> Result<()> + Send + Sync,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        (self.0)(&record.key, &record.value)?;
        ctx.forward(record)
    }
}
