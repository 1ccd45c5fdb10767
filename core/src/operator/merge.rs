//! Where streams come together.

use super::{Context, Flow, Operator};
use crate::record::Record;

/// Forwards whatever comes from any parent.
pub(crate) struct Merge;

impl Operator for Merge {
    fn process(&mut self, ctx: &mut Context, record: Record) -> Flow {
        ctx.forward(record)
    }
}
