//! A cursor over the layers of a store.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec;

use super::bytes::{BytesRows, Direction, Row};
use crate::error::Result;
use crate::value::Payload;

/// Rows of a store as they were when the cursor was made, in the order of their keys' bytes.
pub(crate) struct Rows {
    /// What is newer than the bottom, in the cursor's direction; a row without value hides the one below.
    upper: Peekable<vec::IntoIter<(Payload, Option<Payload>)>>,
    lower: Peekable<BytesRows>,
    direction: Direction,
}

impl Rows {
    /// Merges three layers. `cached` hides `pending`, which is in the order of its keys; both hide `bottom`.
    pub(crate) fn new(
        cached: Vec<(Payload, Option<Payload>)>,
        pending: Vec<(Payload, Option<Payload>)>,
        bottom: BytesRows,
        direction: Direction,
    ) -> Self {
        let mut upper = pending;
        if !cached.is_empty() {
            let mut merged: BTreeMap<_, _> = upper.into_iter().collect();
            merged.extend(cached);
            upper = merged.into_iter().collect();
        }
        if direction == Direction::Reverse {
            upper.reverse();
        }
        Self { upper: upper.into_iter().peekable(), lower: bottom.peekable(), direction }
    }

    /// Which side has the next key; `Equal` when both have it.
    fn next_side(&mut self) -> Option<Ordering> {
        let order = match (self.upper.peek(), self.lower.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            // An error of the bottom comes out at once.
            (None, Some(_)) | (Some(_), Some(Err(_))) => Ordering::Greater,
            (Some((upper, _)), Some(Ok((lower, _)))) => match self.direction {
                Direction::Forward => upper.cmp(lower),
                Direction::Reverse => lower.cmp(upper),
            },
        };
        Some(order)
    }
}

impl Iterator for Rows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let side = self.next_side()?;
            if side == Ordering::Greater {
                return self.lower.next();
            }
            if side == Ordering::Equal {
                self.lower.next();
            }
            if let Some((key, Some(value))) = self.upper.next() {
                return Some(Ok((key, value)));
            }
        }
    }
}
