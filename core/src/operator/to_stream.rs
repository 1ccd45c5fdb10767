//! From the changes of a table to the records of a stream.

use super::{Context, Flow, Operator};
use crate::record::{Record, Update};

/// Forwards each change's new value, which is null for a deletion.
pub(crate) struct ToStream;

impl Operator for ToStream {
    fn update(&mut self, ctx: &mut Context, update: Update) -> Flow {
        let Update { key, change, timestamp, headers } = update;
        ctx.forward(Record { key, value: change.new, timestamp, headers })
    }
}
