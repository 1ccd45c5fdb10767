//! The bottom of a store: ordered rows of bytes, on disk or in memory.

use crate::error::Result;
use crate::value::Payload;

mod memory;
mod rocks;

pub(crate) use memory::Memory;
pub(crate) use rocks::Rocks;

use memory::MemoryRows;

/// A row: key and value.
pub(crate) type Row = (Payload, Payload);

/// Which end of the keys comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Reverse,
}

/// A range of keys in the order of their bytes, with `from` and without `until`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    from: Option<Vec<u8>>,
    until: Option<Vec<u8>>,
}

impl Bounds {
    /// All keys.
    pub(crate) const ALL: Self = Self { from: None, until: None };

    /// The keys from `from` to `to`, both included; `None` leaves an end open.
    pub(crate) fn inclusive(from: Option<&[u8]>, to: Option<&[u8]>) -> Self {
        // The next key after a key is the key with a zero byte behind it.
        let until = to.map(|to| [to, &[0]].concat());
        Self { from: from.map(<[u8]>::to_vec), until }
    }

    /// The keys that begin with these bytes.
    pub(crate) fn prefix(prefix: &[u8]) -> Self {
        let last = prefix.iter().rposition(|byte| *byte != u8::MAX);
        let until = last.map(|last| {
            let mut until = prefix[..=last].to_vec();
            until[last] += 1;
            until
        });
        Self { from: Some(prefix.to_vec()), until }
    }

    pub(crate) fn from(&self) -> Option<&[u8]> {
        self.from.as_deref()
    }

    pub(crate) fn until(&self) -> Option<&[u8]> {
        self.until.as_deref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!((&self.from, &self.until), (Some(from), Some(until)) if from >= until)
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.from().is_none_or(|from| key >= from) && self.until().is_none_or(|until| key < until)
    }

    /// The same range as the standard library's ordered maps take it. It must not be empty.
    pub(crate) fn as_range(&self) -> (std::ops::Bound<&[u8]>, std::ops::Bound<&[u8]>) {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        (self.from().map_or(Unbounded, Included), self.until().map_or(Unbounded, Excluded))
    }
}

/// Where the committed rows of a store are.
pub(crate) enum Bytes {
    Memory(Memory),
    Rocks(Rocks),
}

impl Bytes {
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Payload>> {
        match self {
            Self::Memory(memory) => Ok(memory.get(key)),
            Self::Rocks(rocks) => rocks.get(key),
        }
    }

    /// A snapshot of the rows within bounds.
    pub(crate) fn range(&self, bounds: &Bounds, direction: Direction) -> BytesRows {
        match self {
            _ if bounds.is_empty() => BytesRows::Empty,
            Self::Memory(memory) => BytesRows::Memory(memory.range(bounds, direction)),
            Self::Rocks(rocks) => BytesRows::Rocks(Box::new(rocks.range(bounds, direction))),
        }
    }
}

/// Rows of a store's bottom.
pub(crate) enum BytesRows {
    Empty,
    Memory(MemoryRows),
    Rocks(Box<crate::native::rocks::FamilyRows>),
}

impl Iterator for BytesRows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Empty => None,
            Self::Memory(rows) => rows.next().map(Ok),
            Self::Rocks(rows) => rows.next(),
        }
    }
}

#[cfg(test)]
mod tests;
