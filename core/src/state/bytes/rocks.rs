//! Rows in a column family of the task's database.

use crate::error::Result;
use crate::native::rocks::{Batch, Family, FamilyRows};
use crate::value::Payload;

use super::{Bounds, Direction};

/// A column family.
pub(crate) struct Rocks(Family);

impl Rocks {
    pub(crate) const fn new(family: Family) -> Self {
        Self(family)
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Payload>> {
        self.0.get(key)
    }

    pub(crate) fn range(&self, bounds: &Bounds, direction: Direction) -> FamilyRows {
        self.0.range(bounds, direction)
    }

    /// Adds a write to a batch of the same database.
    pub(crate) fn set(&self, batch: &mut Batch, key: &[u8], value: Option<&[u8]>) {
        batch.set(&self.0, key, value);
    }

    pub(crate) fn approximate_len(&self) -> u64 {
        self.0.approximate_len()
    }

    pub(crate) const fn family(&self) -> &Family {
        &self.0
    }
}
