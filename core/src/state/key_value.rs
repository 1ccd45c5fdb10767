//! The store that operators see: keys to values with timestamps.

use std::sync::Arc;

use super::bytes::{Bounds, Bytes, Direction};
use super::layer::cached::{Cached, FlushListener, FlushedRow, Pass};
use super::layer::logged::Logged;
use super::layer::overlay::Overlay;
use super::rows::Rows;
use super::{Environment, RecordContext, Stamped, StoreSetup, stamp};
use crate::error::{Error, Result};
use crate::operator::outbox::Outbox;
use crate::serde::SerdeRef;
use crate::value::{Payload, Value};

enum Layers {
    Plain(Logged),
    Cached(Cached),
}

/// A change that left the cache and was written below: forward it.
#[derive(Clone, Debug)]
pub(crate) struct Flushed {
    pub(crate) key: Value,
    /// Null for a deletion.
    pub(crate) new: Value,
    /// Null if there was none, or if nobody asked for old values.
    pub(crate) old: Value,
    /// The new value's timestamp, or the writer's for a deletion.
    pub(crate) timestamp: i64,
    /// The context of the record that wrote the entry last.
    pub(crate) context: RecordContext,
}

/// A row in bytes, for dumps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawRow {
    pub(crate) key: Payload,
    /// The value without its timestamp.
    pub(crate) value: Payload,
    pub(crate) timestamp: i64,
}

/// Keys to values with timestamps.
///
/// With a cache, every [`get`](Self::get) and write may exceed the thread's budget: the caller then steps through
/// [`overflow`](Self::overflow), and at a commit through [`flush`](Self::flush).
pub(crate) struct KeyValueStore {
    name: Arc<str>,
    key: SerdeRef,
    value: SerdeRef,
    layers: Layers,
    /// Scratch memory.
    key_bytes: Vec<u8>,
    value_bytes: Vec<u8>,
}

impl KeyValueStore {
    pub(super) fn new(setup: StoreSetup, bottom: Bytes) -> Self {
        let logged = Logged::new(setup.changelog, Overlay::new(bottom));
        let layers = match setup.cache {
            Some(budget) => Layers::Cached(Cached::new(budget, logged)),
            None => Layers::Plain(logged),
        };
        let (name, key, value) = (setup.name, setup.key, setup.value);
        Self { name, key, value, layers, key_bytes: Vec::new(), value_bytes: Vec::new() }
    }

    /// The store's name in the topology.
    pub(crate) const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether writes wait in a cache, so that changes come out of [`flush`](Self::flush) instead of `put`.
    pub(crate) const fn is_cached(&self) -> bool {
        matches!(self.layers, Layers::Cached(_))
    }

    /// Says who hears of changes that leave the cache. Without a cache this has no effect.
    pub(crate) const fn set_flush_listener(&mut self, listener: FlushListener) {
        if let Layers::Cached(cached) = &mut self.layers {
            cached.set_listener(listener);
        }
    }

    /// The value of a key.
    ///
    /// # Errors
    /// *Invalid* for a null key, *Data* when the key is of another type or the row cannot be read.
    pub(crate) fn get(&mut self, key: &Value) -> Result<Option<Stamped>> {
        self.write_key(key)?;
        let found = match &mut self.layers {
            Layers::Plain(logged) => logged.inner().get(&self.key_bytes)?,
            Layers::Cached(cached) => cached.get(&self.key_bytes)?,
        };
        found.map(|stamped| self.read(&stamped)).transpose()
    }

    /// Writes a value, or deletes the row if the value is null.
    ///
    /// # Errors
    /// *Invalid* for a null key, *Data* when key or value are of another type.
    pub(crate) fn put(&mut self, env: &mut Environment<'_>, key: &Value, value: &Value, timestamp: i64) -> Result<()> {
        self.write_key(key)?;
        let stamped = if value.is_null() {
            None
        } else {
            stamp::begin(timestamp, &mut self.value_bytes);
            self.value.serialize(value, &mut self.value_bytes).map_err(|error| error.with("store", &self.name))?;
            Some(&*self.value_bytes)
        };
        match &mut self.layers {
            Layers::Plain(logged) => logged.put(env.outbox, &self.key_bytes, stamped, env.context.timestamp)?,
            Layers::Cached(cached) => cached.put(env, &self.key_bytes, stamped),
        }
        Ok(())
    }

    /// Writes a value if the key has none; gives back the one it has.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub(crate) fn put_if_absent(
        &mut self,
        env: &mut Environment<'_>,
        key: &Value,
        value: &Value,
        timestamp: i64,
    ) -> Result<Option<Stamped>> {
        let known = self.get(key)?;
        if known.is_none() {
            self.put(env, key, value, timestamp)?;
        }
        Ok(known)
    }

    /// Deletes a row and gives back its value.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub(crate) fn delete(&mut self, env: &mut Environment<'_>, key: &Value) -> Result<Option<Stamped>> {
        let known = self.get(key)?;
        self.put(env, key, &Value::Null, env.context.timestamp)?;
        Ok(known)
    }

    /// The rows from `from` to `to`, both included, in the order of their keys' bytes. A null leaves that end open.
    ///
    /// # Errors
    /// *Data* when a key is of another type.
    pub(crate) fn range(&mut self, from: &Value, to: &Value, direction: Direction) -> Result<Cursor> {
        let from = self.bound(from)?;
        let to = self.bound(to)?;
        Ok(self.cursor(&Bounds::inclusive(from.as_deref(), to.as_deref()), direction))
    }

    /// All rows in the order of their keys' bytes.
    pub(crate) fn all(&mut self, direction: Direction) -> Cursor {
        self.cursor(&Bounds::ALL, direction)
    }

    /// The rows whose keys begin with the bytes that `serde` makes of the prefix.
    ///
    /// # Errors
    /// *Data* when the prefix is of another type than the serde's.
    pub(crate) fn prefix(&mut self, prefix: &Value, serde: &SerdeRef) -> Result<Cursor> {
        let mut bytes = Vec::new();
        serde.serialize(prefix, &mut bytes).map_err(|error| error.with("store", &self.name))?;
        Ok(self.cursor(&Bounds::prefix(&bytes), Direction::Forward))
    }

    /// All rows in bytes, in the order of their keys.
    pub(crate) fn raw_rows(&mut self) -> impl Iterator<Item = Result<RawRow>> + use<> {
        self.rows(&Bounds::ALL, Direction::Forward).map(|row| {
            let (key, stamped) = row?;
            let (timestamp, _) = stamp::split(&stamped)?;
            Ok(RawRow { key, value: stamped.slice(stamp::SIZE..stamped.len()), timestamp })
        })
    }

    /// How many rows there are below the cache: exact in memory, estimated on disk.
    pub(crate) fn approximate_num_entries(&self) -> u64 {
        self.overlay().approximate_len()
    }

    /// The pass to step through when the thread's caches are over their budget.
    pub(crate) fn overflow(&self) -> Option<Pass> {
        match &self.layers {
            Layers::Plain(_) => None,
            Layers::Cached(cached) => cached.overflow(),
        }
    }

    /// The pass to step through at a commit; `None` without a cache.
    pub(crate) fn flush(&mut self) -> Option<Pass> {
        match &mut self.layers {
            Layers::Plain(_) => None,
            Layers::Cached(cached) => Some(cached.flush()),
        }
    }

    /// Writes the next entry of a pass below and says what changed; `None` when the pass is over. Every entry has the
    /// context of its writer, whatever context is in force.
    ///
    /// # Errors
    /// *Data* when a row cannot be read.
    pub(crate) fn step(&mut self, pass: &mut Pass, outbox: &mut Outbox) -> Result<Option<Flushed>> {
        let Layers::Cached(cached) = &mut self.layers else { return Ok(None) };
        let flushed = cached.step(pass, outbox)?;
        flushed.map(|row| self.read_flushed(row)).transpose()
    }

    fn read_flushed(&self, row: FlushedRow) -> Result<Flushed> {
        let key = self.key.deserialize(&row.key).map_err(|error| error.with("store", &self.name))?;
        let new = row.new.map(|stamped| self.read(&stamped)).transpose()?;
        let old = row.old.map(|stamped| self.read(&stamped)).transpose()?;
        let timestamp = new.as_ref().map_or(row.context.timestamp, |new| new.timestamp);
        let value = |stamped: Option<Stamped>| stamped.map_or(Value::Null, |stamped| stamped.value);
        Ok(Flushed { key, new: value(new), old: value(old), timestamp, context: row.context })
    }

    fn read(&self, stamped: &Payload) -> Result<Stamped> {
        read(&self.name, &self.value, stamped)
    }

    fn write_key(&mut self, key: &Value) -> Result<()> {
        self.key_bytes.clear();
        if key.is_null() {
            return Err(Error::invalid("key of a store is null").with("store", &self.name));
        }
        self.key.serialize(key, &mut self.key_bytes).map_err(|error| error.with("store", &self.name))
    }

    fn bound(&mut self, key: &Value) -> Result<Option<Vec<u8>>> {
        if key.is_null() {
            return Ok(None);
        }
        self.write_key(key)?;
        Ok(Some(self.key_bytes.clone()))
    }

    fn cursor(&mut self, bounds: &Bounds, direction: Direction) -> Cursor {
        let rows = self.rows(bounds, direction);
        Cursor { rows, name: Arc::clone(&self.name), key: Arc::clone(&self.key), value: Arc::clone(&self.value) }
    }

    fn rows(&mut self, bounds: &Bounds, direction: Direction) -> Rows {
        match &mut self.layers {
            Layers::Plain(logged) => logged.inner_mut().range(bounds, direction, Vec::new()),
            Layers::Cached(cached) => cached.range(bounds, direction),
        }
    }

    pub(super) const fn overlay(&self) -> &Overlay {
        match &self.layers {
            Layers::Plain(logged) => logged.inner(),
            Layers::Cached(cached) => cached.inner().inner(),
        }
    }

    pub(super) const fn overlay_mut(&mut self) -> &mut Overlay {
        match &mut self.layers {
            Layers::Plain(logged) => logged.inner_mut(),
            Layers::Cached(cached) => cached.inner_mut().inner_mut(),
        }
    }

    /// Forgets what is not committed: the cache and the overlay.
    pub(super) fn discard(&mut self) {
        if let Layers::Cached(cached) = &mut self.layers {
            cached.discard();
        }
        self.overlay_mut().discard();
    }
}

fn read(store: &Arc<str>, serde: &SerdeRef, stamped: &Payload) -> Result<Stamped> {
    let (timestamp, _) = stamp::split(stamped).map_err(|error| error.with("store", store))?;
    let value = serde.deserialize(&stamped.slice(stamp::SIZE..stamped.len()));
    Ok(Stamped { value: value.map_err(|error| error.with("store", store))?, timestamp })
}

/// Rows of a store as they were when the cursor was made.
pub(crate) struct Cursor {
    rows: Rows,
    name: Arc<str>,
    key: SerdeRef,
    value: SerdeRef,
}

impl Iterator for Cursor {
    type Item = Result<(Value, Stamped)>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        Some(row.and_then(|(key, stamped)| {
            let key = self.key.deserialize(&key).map_err(|error| error.with("store", &self.name))?;
            Ok((key, read(&self.name, &self.value, &stamped)?))
        }))
    }
}

#[cfg(test)]
mod tests;
