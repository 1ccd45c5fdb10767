//! The writes of this commit interval, above the bytes: they reach the bottom together, when the commit has succeeded.

use std::collections::BTreeSet;

use hashbrown::DefaultHashBuilder;
use indexmap::IndexMap;

use crate::error::Result;
use crate::state::bytes::{Bounds, Bytes, Direction};
use crate::state::rows::Rows;
use crate::value::Payload;

/// A hash map from key to value, or to nothing for a deletion, over the bottom.
pub(crate) struct Overlay {
    pending: IndexMap<Payload, Option<Payload>, DefaultHashBuilder>,
    /// The keys of `pending` in order: made by the first range of an interval, kept up to date from then on.
    order: Option<BTreeSet<Payload>>,
    bytes: usize,
    bottom: Bytes,
}

impl Overlay {
    pub(crate) fn new(bottom: Bytes) -> Self {
        Self { pending: IndexMap::default(), order: None, bytes: 0, bottom }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Payload>> {
        match self.pending.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.bottom.get(key),
        }
    }

    pub(crate) fn put(&mut self, key: &[u8], value: Option<&[u8]>) {
        let size = value.map_or(0, <[u8]>::len);
        let value = value.map(Payload::from);
        if let Some(known) = self.pending.get_mut(key) {
            self.bytes -= known.as_ref().map_or(0, |known| known.len());
            self.bytes += size;
            *known = value;
            return;
        }
        let key = Payload::from(key);
        self.bytes += key.len() + size + size_of::<(Payload, Option<Payload>)>();
        if let Some(order) = &mut self.order {
            order.insert(key.clone());
        }
        self.pending.insert(key, value);
    }

    /// A snapshot of the rows within bounds. `above` are newer rows that hide those below.
    pub(crate) fn range(
        &mut self,
        bounds: &Bounds,
        direction: Direction,
        above: Vec<(Payload, Option<Payload>)>,
    ) -> Rows {
        let pending = self.pending_within(bounds);
        Rows::new(above, pending, self.bottom.range(bounds, direction), direction)
    }

    fn pending_within(&mut self, bounds: &Bounds) -> Vec<(Payload, Option<Payload>)> {
        if bounds.is_empty() || self.pending.is_empty() {
            return Vec::new();
        }
        let pending = &self.pending;
        let order = self.order.get_or_insert_with(|| pending.keys().cloned().collect());
        order.range::<[u8], _>(bounds.as_range()).map(|key| (key.clone(), pending[&**key].clone())).collect()
    }

    /// How many rows there are: exact in memory, estimated on disk.
    pub(crate) fn approximate_len(&self) -> u64 {
        match &self.bottom {
            Bytes::Rocks(rocks) => rocks.approximate_len() + self.pending.values().flatten().count() as u64,
            Bytes::Memory(memory) => {
                let known = |key: &Payload| memory.contains(key);
                let added = self.pending.iter().filter(|(key, value)| value.is_some() && !known(key)).count();
                let removed = self.pending.iter().filter(|(key, value)| value.is_none() && known(key)).count();
                (memory.len() + added - removed) as u64
            }
        }
    }

    /// The memory that the pending writes take, about.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) const fn bottom(&self) -> &Bytes {
        &self.bottom
    }

    pub(crate) const fn bottom_mut(&mut self) -> &mut Bytes {
        &mut self.bottom
    }

    /// The pending writes as they are, for a bottom on disk. See [`sort`](Self::sort).
    pub(crate) fn pending(&self) -> impl Iterator<Item = (&Payload, Option<&Payload>)> {
        self.pending.iter().map(|(key, value)| (key, value.as_ref()))
    }

    /// Orders the pending writes by key, which the bottom takes faster.
    pub(crate) fn sort(&mut self) {
        self.pending.sort_unstable_keys();
    }

    /// The bottom has the pending writes, or gets them now if it is in memory.
    pub(crate) fn settle(&mut self) {
        if let Bytes::Memory(memory) = &mut self.bottom {
            memory.apply(self.pending.drain(..));
        }
        self.discard();
    }

    /// Forgets the pending writes.
    pub(crate) fn discard(&mut self) {
        self.pending.clear();
        self.order = None;
        self.bytes = 0;
    }
}
