//! Iteration over a column family that owns what it reads.

use std::sync::Arc;

use rocksdb::DBRawIteratorWithThreadMode;

use super::Db;
use super::db::Inner;
use super::error::explain;
use crate::error::Result;
use crate::state::bytes::Direction;
use crate::value::Payload;

/// Rows of a column family as they were when the iteration began.
pub(crate) struct FamilyRows {
    // Before `db`: it has to be dropped first.
    iter: DBRawIteratorWithThreadMode<'static, Inner>,
    db: Arc<Db>,
    direction: Direction,
    started: bool,
}

impl FamilyRows {
    pub(super) const fn new(
        iter: DBRawIteratorWithThreadMode<'static, Inner>,
        db: Arc<Db>,
        direction: Direction,
    ) -> Self {
        Self { iter, db, direction, started: false }
    }

    fn step(&mut self) {
        match (self.started, self.direction) {
            (false, Direction::Forward) => self.iter.seek_to_first(),
            (false, Direction::Reverse) => self.iter.seek_to_last(),
            (true, Direction::Forward) => self.iter.next(),
            (true, Direction::Reverse) => self.iter.prev(),
        }
        self.started = true;
    }
}

impl Iterator for FamilyRows {
    type Item = Result<(Payload, Payload)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.started && !self.iter.valid() {
            return None;
        }
        self.step();
        match self.iter.item() {
            Some((key, value)) => Some(Ok((key.into(), value.into()))),
            None => {
                let error = self.iter.status().err()?;
                Some(Err(explain("cannot read state", self.db.path(), error)))
            }
        }
    }
}
