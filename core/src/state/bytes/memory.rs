//! Rows in an ordered map.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound::Excluded;
use std::sync::Arc;

use crate::value::Payload;

use super::{Bounds, Direction, Row};

type Map = BTreeMap<Payload, Payload>;

/// How many rows a cursor takes from the map at once.
const CHUNK: usize = 64;

/// An ordered map. A snapshot shares it: the first write after that, with the snapshot alive, copies it.
#[derive(Default)]
pub(crate) struct Memory(Arc<Map>);

impl Memory {
    pub(crate) fn get(&self, key: &[u8]) -> Option<Payload> {
        self.0.get(key).cloned()
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Applies writes; a key without value is deleted.
    pub(crate) fn apply(&mut self, writes: impl Iterator<Item = (Payload, Option<Payload>)>) {
        let map = Arc::make_mut(&mut self.0);
        for (key, value) in writes {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
    }

    pub(crate) fn range(&self, bounds: &Bounds, direction: Direction) -> MemoryRows {
        MemoryRows { map: Arc::clone(&self.0), bounds: bounds.clone(), direction, chunk: VecDeque::new(), last: None }
    }
}

/// Rows of the map as they were when the iteration began.
pub(crate) struct MemoryRows {
    map: Arc<Map>,
    bounds: Bounds,
    direction: Direction,
    chunk: VecDeque<Row>,
    last: Option<Payload>,
}

impl MemoryRows {
    fn refill(&mut self) {
        let (from, until) = self.bounds.as_range();
        let last = self.last.as_deref();
        let copied = |(key, value): (&Payload, &Payload)| (key.clone(), value.clone());
        match self.direction {
            Direction::Forward => {
                let range = self.map.range::<[u8], _>((last.map_or(from, Excluded), until));
                self.chunk.extend(range.take(CHUNK).map(copied));
            }
            Direction::Reverse => {
                let range = self.map.range::<[u8], _>((from, last.map_or(until, Excluded)));
                self.chunk.extend(range.rev().take(CHUNK).map(copied));
            }
        }
        self.last = self.chunk.back().map(|(key, _)| key.clone());
        if self.chunk.len() < CHUNK {
            // Nothing comes after this chunk: let the store write without copying.
            self.map = Arc::default();
            self.bounds = Bounds::ALL;
        }
    }
}

impl Iterator for MemoryRows {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.chunk.is_empty() {
            self.refill();
        }
        self.chunk.pop_front()
    }
}
