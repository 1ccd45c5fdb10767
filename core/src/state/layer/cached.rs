//! The record cache in front of a store: writes wait here until the commit or until memory runs out.
//!
//! What is written below is also forwarded to the nodes behind the store. These may use the same store again, so writing
//! is a [`Pass`] that the caller steps through: one entry is written, the caller forwards it, then comes the next.

use std::sync::Arc;

use crate::error::Result;
use crate::operator::outbox::Outbox;
use crate::state::bytes::{Bounds, Direction};
use crate::state::cache::{Cache, CacheBudget, DirtyEntry};
use crate::state::layer::logged::Logged;
use crate::state::rows::Rows;
use crate::state::{Environment, RecordContext};
use crate::value::Payload;

/// Who hears of entries that leave the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlushListener {
    /// Nobody: they are only written.
    None,
    /// Somebody who wants the new values only.
    New,
    /// Somebody who wants the old values as well.
    NewAndOld,
}

/// One round of writing entries to the store below. It owns what it still has to write, so that rounds can nest.
#[derive(Debug)]
pub(crate) struct Pass {
    /// What to write, from last to first.
    entries: Vec<DirtyEntry>,
    deleted: Vec<Payload>,
    is_eviction: bool,
}

/// An entry that was written below, in bytes.
pub(crate) struct FlushedRow {
    pub(crate) key: Payload,
    pub(crate) new: Option<Payload>,
    pub(crate) old: Option<Payload>,
    pub(crate) context: RecordContext,
}

/// A cache over a logged store.
pub(crate) struct Cached {
    cache: Cache,
    listener: FlushListener,
    inner: Logged,
}

impl Cached {
    pub(crate) fn new(budget: Arc<CacheBudget>, inner: Logged) -> Self {
        Self { cache: Cache::new(budget), listener: FlushListener::None, inner }
    }

    pub(crate) const fn set_listener(&mut self, listener: FlushListener) {
        self.listener = listener;
    }

    pub(crate) fn get(&mut self, key: &[u8]) -> Result<Option<Payload>> {
        if let Some(cached) = self.cache.get(key) {
            return Ok(cached.cloned());
        }
        let found = self.inner.inner().get(key)?;
        if let Some(value) = &found {
            self.cache.fill(key, value.clone());
        }
        Ok(found)
    }

    pub(crate) fn put(&mut self, env: &Environment<'_>, key: &[u8], value: Option<&[u8]>) {
        self.cache.put(key, value, env.context);
    }

    pub(crate) fn range(&mut self, bounds: &Bounds, direction: Direction) -> Rows {
        let cached = self.cache.range(bounds);
        self.inner.inner_mut().range(bounds, direction, cached)
    }

    /// The pass that brings the thread's caches back into their budget, if they are over it.
    pub(crate) fn overflow(&self) -> Option<Pass> {
        self.cache.must_evict().then(|| Pass { entries: Vec::new(), deleted: Vec::new(), is_eviction: true })
    }

    /// The pass that writes everything that is dirty now.
    pub(crate) fn flush(&mut self) -> Pass {
        let mut pass = Pass { entries: Vec::new(), deleted: Vec::new(), is_eviction: false };
        self.cache.flush(&mut pass.entries);
        pass.begin();
        pass
    }

    /// Writes entries until there is one that somebody wants to hear of; `None` when the pass is over.
    pub(crate) fn step(&mut self, pass: &mut Pass, outbox: &mut Outbox) -> Result<Option<FlushedRow>> {
        loop {
            while let Some(entry) = pass.entries.pop() {
                if let Some(flushed) = self.write(entry, outbox)? {
                    return Ok(Some(flushed));
                }
            }
            for key in pass.deleted.drain(..) {
                self.cache.forget_deleted(&key);
            }
            if !pass.is_eviction || !self.cache.must_evict() {
                return Ok(None);
            }
            self.cache.evict(&mut pass.entries);
            pass.begin();
        }
    }

    fn write(&mut self, entry: DirtyEntry, outbox: &mut Outbox) -> Result<Option<FlushedRow>> {
        let DirtyEntry { key, value, context } = entry;
        let wants_old = self.listener == FlushListener::NewAndOld;
        let is_heard = self.listener != FlushListener::None;
        let old = if is_heard && (value.is_none() || wants_old) { self.inner.inner().get(&key)? } else { None };
        if is_heard && value.is_none() && old.is_none() {
            // Made and deleted within the interval: nobody has ever seen it.
            return Ok(None);
        }
        self.inner.put(outbox, &key, value.as_deref(), context.timestamp)?;
        let old = old.filter(|_| wants_old);
        Ok(is_heard.then_some(FlushedRow { key, new: value, old, context }))
    }

    pub(crate) const fn inner(&self) -> &Logged {
        &self.inner
    }

    pub(crate) const fn inner_mut(&mut self) -> &mut Logged {
        &mut self.inner
    }

    /// Forgets all entries, also dirty ones.
    pub(crate) fn discard(&mut self) {
        self.cache.clear();
    }
}

impl Pass {
    fn begin(&mut self) {
        let deleted = self.entries.iter().filter(|entry| entry.value.is_none());
        self.deleted.extend(deleted.map(|entry| entry.key.clone()));
        self.entries.reverse();
    }
}
