//! Aggregations of a stream by key, without windows.

use std::sync::Arc;

use super::{Context, Flow, Operator, StoreId};
use crate::error::Result;
use crate::record::{Change, Record, Update};
use crate::state::Stamped;
use crate::value::Value;

/// Folds the records of each key into an aggregate that starts as what the initializer gives.
pub(crate) struct Aggregate<I, A> {
    pub(crate) store: StoreId,
    pub(crate) initializer: Arc<I>,
    pub(crate) aggregator: Arc<A>,
    pub(crate) old_values: bool,
}

impl<I, A> Operator for Aggregate<I, A>
where
    I: Fn() -> Result<Value> + Send + Sync,
    A: Fn(&Value, &Value, &Value) -> Result<Value> + Send + Sync,
{
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        if record.key.is_null() || record.value.is_null() {
            ctx.drop_record();
            return Ok(());
        }
        // The old value of a new key is the initializer's, not null: Java's tables downstream subtract it.
        let (old, timestamp) = match ctx.store_get(self.store, &record.key)? {
            Some(Stamped { value, timestamp }) => (value, timestamp.max(record.timestamp)),
            None => ((self.initializer)()?, record.timestamp),
        };
        let new = (self.aggregator)(&record.key, &record.value, &old)?;
        let old = if self.old_values { old } else { Value::Null };
        put_and_forward(ctx, self.store, record, timestamp, Change { new, old, is_latest: true })
    }
}

/// Folds the records of each key into one value of the same type; the first record's value is the first result.
pub(crate) struct Reduce<F> {
    pub(crate) store: StoreId,
    pub(crate) reducer: Arc<F>,
    pub(crate) old_values: bool,
}

impl<F> Operator for Reduce<F>
where
    F: Fn(&Value, &Value) -> Result<Value> + Send + Sync,
{
    fn process(&mut self, ctx: &mut Context, mut record: Record) -> Flow {
        if record.key.is_null() || record.value.is_null() {
            ctx.drop_record();
            return Ok(());
        }
        let (new, old, timestamp) = match ctx.store_get(self.store, &record.key)? {
            Some(Stamped { value, timestamp }) => {
                let new = (self.reducer)(&value, &record.value)?;
                (new, if self.old_values { value } else { Value::Null }, timestamp.max(record.timestamp))
            }
            None => (std::mem::take(&mut record.value), Value::Null, record.timestamp),
        };
        put_and_forward(ctx, self.store, record, timestamp, Change { new, old, is_latest: true })
    }
}

/// A cached store tells the children itself, when it is flushed.
fn put_and_forward(ctx: &mut Context, store: StoreId, record: Record, timestamp: i64, change: Change) -> Flow {
    ctx.store_put(store, &record.key, &change.new, timestamp)?;
    if ctx.store_is_cached(store) {
        return Ok(());
    }
    ctx.forward_update(Update { key: record.key, change, timestamp, headers: record.headers })
}
