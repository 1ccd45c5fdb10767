//! Operators that let records pass or not.

use std::sync::Arc;

use super::{Context, Flow, Operator};
use crate::error::Result;
use crate::record::Record;
use crate::value::Value;

/// Forwards the records for which the predicate answers as wanted; the others vanish without being counted.
pub(crate) struct Filter<F> {
    predicate: Arc<F>,
    wanted: bool,
}

impl<F> Filter<F> {
    pub(crate) fn new(predicate: Arc<F>, wanted: bool) -> Self {
        Self { predicate, wanted }
    }
}

impl<F> Operator for Filter<F>
where
    F: Fn(&Value, &Value) -> Result<bool> + Send + Sync,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        if (self.predicate)(&record.key, &record.value)? == self.wanted { ctx.forward(record) } else { Ok(()) }
    }
}

/// Stands before a repartition topic's sink. A record without a key has no partition to go to: it vanishes, uncounted.
pub(crate) struct RepartitionFilter;

impl Operator for RepartitionFilter {
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        if record.key.is_null() { Ok(()) } else { ctx.forward(record) }
    }
}
