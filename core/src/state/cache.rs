//! The record cache of one store: what was written, by whom, in which order; what was read last.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use super::RecordContext;
use super::bytes::Bounds;
use crate::value::Payload;

mod list;

use list::List;

/// The bytes that the caches of one stream thread may use together.
#[derive(Debug)]
pub(crate) struct CacheBudget {
    capacity: i64,
    used: AtomicI64,
}

impl CacheBudget {
    /// A budget of so many bytes, by Java's estimate of an entry's size.
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self { capacity: i64::try_from(capacity).unwrap_or(i64::MAX), used: AtomicI64::new(0) })
    }

    /// The bytes in use.
    pub(crate) fn used(&self) -> i64 {
        self.used.load(Ordering::Relaxed)
    }

    fn is_exceeded(&self) -> bool {
        self.used() > self.capacity
    }

    fn add(&self, bytes: i64) {
        if bytes != 0 {
            self.used.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}

/// What Java adds for the pointers of an entry and its dirty flag.
const NODE_BYTES: usize = 8 * 3 + 1;
/// Timestamp, offset and partition of an entry's context.
const CONTEXT_BYTES: usize = 8 + 8 + 4;

struct Slot {
    key: Payload,
    value: Option<Payload>,
    /// Who wrote the entry last; `None` for one that was only read.
    context: Option<RecordContext>,
    size: i64,
    is_dirty: bool,
}

/// An entry on its way to the store below.
#[derive(Debug)]
pub(crate) struct DirtyEntry {
    pub(crate) key: Payload,
    /// `None` for a deletion.
    pub(crate) value: Option<Payload>,
    pub(crate) context: RecordContext,
}

/// Entries by key, by last use and by last dirtying.
pub(crate) struct Cache {
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// From least to most recently used.
    recent: List,
    /// Dirty entries from the first to the last dirtied.
    dirtied: List,
    /// The slot found last: a write mostly follows a read of the same key.
    hint: u32,
    bytes: i64,
    budget: Arc<CacheBudget>,
}

/// No slot.
const NOWHERE: u32 = u32::MAX;

impl Cache {
    pub(crate) fn new(budget: Arc<CacheBudget>) -> Self {
        Self {
            index: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            slots: Vec::new(),
            free: Vec::new(),
            recent: List::new(),
            dirtied: List::new(),
            hint: NOWHERE,
            bytes: 0,
            budget,
        }
    }

    /// The entry of a key, which becomes the most recently used; `Some(None)` is a deleted one.
    pub(crate) fn get(&mut self, key: &[u8]) -> Option<Option<&Payload>> {
        let slot = self.find(key)?;
        self.recent.move_to_end(slot);
        Some(self.slots[slot as usize].value.as_ref())
    }

    /// Keeps a row that was read from below.
    pub(crate) fn fill(&mut self, key: &[u8], value: Payload) {
        debug_assert!(self.find(key).is_none(), "only what is not cached is read from below");
        self.insert(key, Some(value), None);
    }

    /// Writes an entry: it is dirty, the most recently used and the last dirtied.
    pub(crate) fn put(&mut self, key: &[u8], value: Option<&[u8]>, context: &RecordContext) {
        let value = value.map(Payload::from);
        match self.find(key) {
            Some(slot) => self.overwrite(slot, value, context),
            None => {
                let context = RecordContext { headers: context.headers.copied(), ..context.clone() };
                self.insert(key, value, Some(context));
            }
        }
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Whether the thread's budget is exceeded and this cache has something to give up.
    pub(crate) fn must_evict(&self) -> bool {
        self.budget.is_exceeded() && !self.is_empty()
    }

    /// Removes the least recently used entry. If it is dirty it comes back, to be written first, and all other dirty
    /// entries after it.
    pub(crate) fn evict(&mut self, flushed: &mut Vec<DirtyEntry>) {
        let Some(slot) = self.recent.first() else { return };
        let was_dirty = self.slots[slot as usize].is_dirty;
        let entry = self.remove(slot);
        if was_dirty {
            flushed.push(entry.expect("a dirty entry has a context"));
            self.flush(flushed);
        }
    }

    /// Makes all dirty entries clean and appends them in the order of their last dirtying.
    pub(crate) fn flush(&mut self, flushed: &mut Vec<DirtyEntry>) {
        while let Some(index) = self.dirtied.first() {
            self.dirtied.remove(index);
            let slot = &mut self.slots[index as usize];
            slot.is_dirty = false;
            flushed.push(DirtyEntry {
                key: slot.key.clone(),
                value: slot.value.clone(),
                context: slot.context.clone().expect("a dirty entry has a context"),
            });
        }
    }

    /// Forgets a deletion that the store below has got, unless the key was written again since.
    pub(crate) fn forget_deleted(&mut self, key: &[u8]) {
        if let Some(slot) = self.find(key) {
            let entry = &self.slots[slot as usize];
            if entry.value.is_none() && !entry.is_dirty {
                self.remove(slot);
            }
        }
    }

    /// All entries within bounds, by key. As in Java they count as used.
    pub(crate) fn range(&mut self, bounds: &Bounds) -> Vec<(Payload, Option<Payload>)> {
        let slots = &self.slots;
        let mut found: Vec<u32> =
            self.index.iter().copied().filter(|slot| bounds.contains(&slots[*slot as usize].key)).collect();
        found.sort_unstable_by(|a, b| slots[*a as usize].key.cmp(&slots[*b as usize].key));
        for slot in &found {
            self.recent.move_to_end(*slot);
        }
        let copied = |slot: &u32| (self.slots[*slot as usize].key.clone(), self.slots[*slot as usize].value.clone());
        found.iter().map(copied).collect()
    }

    /// Forgets everything, also what is dirty.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(Arc::clone(&self.budget));
    }

    fn find(&mut self, key: &[u8]) -> Option<u32> {
        if self.slots.get(self.hint as usize).is_some_and(|slot| *slot.key == *key) {
            return Some(self.hint);
        }
        let hash = self.hasher.hash_one(key);
        let found = self.index.find(hash, |slot| *self.slots[*slot as usize].key == *key).copied()?;
        self.hint = found;
        Some(found)
    }

    fn insert(&mut self, key: &[u8], value: Option<Payload>, context: Option<RecordContext>) {
        let key = Payload::from(key);
        let size = size_of_entry(&key, value.as_ref(), context.as_ref());
        let hash = self.hasher.hash_one(&*key);
        let is_dirty = context.is_some();
        let slot = Slot { key, value, context, size, is_dirty };
        let index = self.place(slot);
        let Self { index: table, slots, hasher, .. } = self;
        table.insert_unique(hash, index, |slot| hasher.hash_one(&*slots[*slot as usize].key));
        self.recent.push(index);
        if is_dirty {
            self.dirtied.push(index);
        }
        self.account(size);
    }

    fn place(&mut self, slot: Slot) -> u32 {
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = slot;
            return index;
        }
        self.slots.push(slot);
        u32::try_from(self.slots.len() - 1).expect("a cache has fewer than 2^32 entries")
    }

    fn overwrite(&mut self, index: u32, value: Option<Payload>, context: &RecordContext) {
        let slot = &mut self.slots[index as usize];
        slot.value = value;
        write_context(&mut slot.context, context);
        let size = size_of_entry(&slot.key, slot.value.as_ref(), slot.context.as_ref());
        let grown = size - slot.size;
        slot.size = size;
        if std::mem::replace(&mut slot.is_dirty, true) {
            self.dirtied.move_to_end(index);
        } else {
            self.dirtied.push(index);
        }
        self.recent.move_to_end(index);
        self.account(grown);
    }

    /// Takes an entry out; it comes back if it has ever been written.
    fn remove(&mut self, index: u32) -> Option<DirtyEntry> {
        self.recent.remove(index);
        if self.slots[index as usize].is_dirty {
            self.dirtied.remove(index);
        }
        let slot = &mut self.slots[index as usize];
        let hash = self.hasher.hash_one(&*slot.key);
        if let Ok(entry) = self.index.find_entry(hash, |other| *other == index) {
            entry.remove();
        }
        self.free.push(index);
        self.hint = NOWHERE;
        let size = slot.size;
        let key = std::mem::replace(&mut slot.key, Payload::from(&[][..]));
        let (value, context) = (slot.value.take(), slot.context.take());
        self.account(-size);
        Some(DirtyEntry { key, value, context: context? })
    }

    fn account(&mut self, bytes: i64) {
        self.bytes += bytes;
        self.budget.add(bytes);
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.budget.add(-self.bytes);
    }
}

/// Replaces the context, without touching the counters of what is shared already.
fn write_context(target: &mut Option<RecordContext>, context: &RecordContext) {
    let topic = target.as_mut().and_then(|old| old.topic.take());
    let is_same = match (&topic, &context.topic) {
        (Some(old), Some(new)) => Arc::ptr_eq(old, new),
        _ => false,
    };
    *target = Some(RecordContext {
        topic: if is_same { topic } else { context.topic.clone() },
        partition: context.partition,
        offset: context.offset,
        timestamp: context.timestamp,
        headers: context.headers.copied(),
    });
}

/// Java's estimate, on which the order of evictions depends.
fn size_of_entry(key: &[u8], value: Option<&Payload>, context: Option<&RecordContext>) -> i64 {
    let utf16 = |text: &str| if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    let header = |header: &crate::Header| utf16(&header.name) + header.value.as_ref().map_or(0, |value| value.len());
    let written = context.map_or(0, |context| {
        let headers: usize = context.headers.with(|headers| headers.iter().map(header).sum());
        context.topic.as_ref().map_or(0, |topic| utf16(topic)) + headers
    });
    let size = key.len() + NODE_BYTES + CONTEXT_BYTES + written + value.map_or(0, |value| value.len());
    i64::try_from(size).expect("an entry fits into memory")
}
