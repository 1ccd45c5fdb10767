//! What an operator sees of its task.

use super::{Flow, StoreId};
use crate::error::{Error, Result};
use crate::record::{Record, Update};
use crate::state::Stamped;
use crate::value::Value;

/// The task's side of an operator's call.
pub(crate) struct Context {}

impl Context {
    pub(crate) fn forward(&mut self, _record: Record) -> Flow {
        Err(Error::internal("there is no task").into())
    }

    pub(crate) fn forward_update(&mut self, _update: Update) -> Flow {
        Err(Error::internal("there is no task").into())
    }

    pub(crate) fn drop_record(&mut self) {}

    pub(crate) fn store_get(&mut self, _id: StoreId, _key: &Value) -> Result<Option<Stamped>> {
        Err(Error::internal("there is no task"))
    }

    pub(crate) fn store_put(&mut self, _id: StoreId, _key: &Value, _value: &Value, _timestamp: i64) -> Result<()> {
        Err(Error::internal("there is no task"))
    }

    pub(crate) fn store_is_cached(&self, _id: StoreId) -> bool {
        false
    }
}
