//! Everything that one task keeps: its stores, and how far their changelogs are in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bytes::{Bounds, Bytes, Direction, Memory, Rocks};
use super::key_value::KeyValueStore;
use super::{StoreSetup, directory, stamp};
use crate::error::{Error, Result};
use crate::native::rocks::{Db, Family, Settings};
use crate::operator::StoreId;
use crate::topology::plan::StoreBottom;
use crate::value::Payload;

/// The folder of the database within a task's directory.
const DATABASE: &str = "data";
/// The column family of the changelog offsets: topic → next offset, eight bytes big endian.
const OFFSETS: &str = "offsets";
/// What a store's column family begins with: it keeps stores apart from our own families.
const STORE_PREFIX: &str = "store.";

/// A record of a changelog.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Restored<'a> {
    pub(crate) key: &'a [u8],
    /// `None` for a tombstone.
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) timestamp: i64,
}

/// The stores of a task, in the order in which they were registered.
pub(crate) struct Stores {
    stores: Vec<KeyValueStore>,
    /// What each store is restored from.
    sources: Vec<Option<Arc<str>>>,
    offsets: BTreeMap<Arc<str>, i64>,
    disk: Option<Disk>,
}

struct Disk {
    directory: PathBuf,
    db: Arc<Db>,
    offsets: Family,
}

impl Stores {
    /// Opens or makes the stores. `directory` is the task's; it may be missing if all stores are in memory.
    ///
    /// # Errors
    /// *Denied* without the right to the directory; *Resource* when another process has it open or the disk is full;
    /// *Data* when its files are damaged; *Invalid* when a store on disk has no directory.
    pub(crate) fn open(directory: Option<&Path>, setups: Vec<StoreSetup>) -> Result<Self> {
        Self::open_with(directory, setups, &Settings::default())
    }

    pub(super) fn open_with(directory: Option<&Path>, setups: Vec<StoreSetup>, settings: &Settings) -> Result<Self> {
        let families: Vec<String> = setups.iter().filter(|setup| is_on_disk(setup)).map(family_name).collect();
        let disk = match (directory, families.is_empty()) {
            (_, true) => None,
            (Some(directory), false) => Some(Disk::open(directory, &families, settings)?),
            (None, false) => return Err(Error::invalid("a store on disk needs a directory")),
        };
        let offsets = disk.as_ref().map_or_else(|| Ok(BTreeMap::new()), Disk::read_offsets)?;
        let sources = setups.iter().map(|setup| setup.source.clone()).collect();
        let open = |setup: StoreSetup| -> Result<KeyValueStore> {
            let bottom = match &disk {
                Some(disk) if is_on_disk(&setup) => Bytes::Rocks(Rocks::new(disk.db.family(&family_name(&setup))?)),
                _ => Bytes::Memory(Memory::default()),
            };
            Ok(KeyValueStore::new(setup, bottom))
        };
        let stores = setups.into_iter().map(open).collect::<Result<_>>()?;
        Ok(Self { stores, sources, offsets, disk })
    }

    /// The stores' numbers in the order of registration, which is the order of flushing.
    pub(crate) fn ids(&self) -> impl Iterator<Item = StoreId> + use<> {
        (0..self.stores.len()).map(StoreId)
    }

    /// The store of that number.
    pub(crate) fn get(&self, id: StoreId) -> &KeyValueStore {
        &self.stores[id.0]
    }

    /// The store of that number.
    pub(crate) fn get_mut(&mut self, id: StoreId) -> &mut KeyValueStore {
        &mut self.stores[id.0]
    }

    /// The number of the store of that name.
    pub(crate) fn find(&self, name: &str) -> Option<StoreId> {
        self.stores.iter().position(|store| **store.name() == *name).map(StoreId)
    }

    /// The stores' names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.stores.iter().map(|store| store.name().to_string()).collect()
    }

    /// The topics that the stores are restored from.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Arc<str>> {
        self.sources.iter().flatten()
    }

    /// By changelog topic, the offset of the first record that is not in the store yet. A changelog that is missing was
    /// never applied.
    pub(crate) const fn offsets(&self) -> &BTreeMap<Arc<str>, i64> {
        &self.offsets
    }

    /// The topic that a store is restored from.
    pub(crate) fn source(&self, id: StoreId) -> Option<&Arc<str>> {
        self.sources[id.0].as_ref()
    }

    /// Whether a store is restored from this topic.
    pub(crate) fn is_source(&self, topic: &str) -> bool {
        self.sources.iter().flatten().any(|source| **source == *topic)
    }

    /// Whether any store is restored from a topic.
    pub(crate) fn has_source(&self) -> bool {
        self.sources.iter().any(Option::is_some)
    }

    /// The memory that uncommitted writes take, about.
    pub(crate) fn uncommitted_bytes(&self) -> usize {
        self.stores.iter().map(|store| store.overlay().bytes()).sum()
    }

    /// Writes everything that left the caches since the last commit, and the offsets, in one atomic step.
    ///
    /// # Errors
    /// *Resource* when the disk stays full or too slow; nothing is written then, and the call can be repeated.
    pub(crate) fn commit(&mut self, offsets: &BTreeMap<Arc<str>, i64>) -> Result<()> {
        for store in &mut self.stores {
            store.overlay_mut().sort();
        }
        self.write_to_disk(offsets)?;
        for store in &mut self.stores {
            store.overlay_mut().settle();
        }
        self.offsets.extend(offsets.iter().map(|(topic, offset)| (Arc::clone(topic), *offset)));
        Ok(())
    }

    fn write_to_disk(&self, offsets: &BTreeMap<Arc<str>, i64>) -> Result<()> {
        let Some(disk) = &self.disk else { return Ok(()) };
        let kept: Vec<_> = offsets.iter().filter(|(topic, _)| self.is_kept(topic)).collect();
        if kept.is_empty() && self.uncommitted_bytes() == 0 {
            return Ok(());
        }
        disk.db.write(|batch| {
            for overlay in self.stores.iter().map(KeyValueStore::overlay) {
                if let Bytes::Rocks(rocks) = overlay.bottom() {
                    overlay.pending().for_each(|(key, value)| rocks.set(batch, key, value.map(|value| &**value)));
                }
            }
            for (topic, offset) in &kept {
                batch.put(&disk.offsets, topic.as_bytes(), &offset.to_be_bytes());
            }
        })
    }

    /// Forgets everything that is not committed, in caches too: the transaction was aborted.
    pub(crate) fn discard(&mut self) {
        self.stores.iter_mut().for_each(KeyValueStore::discard);
    }

    /// Applies records of a store's changelog; `next_offset` is that of the record after them.
    ///
    /// # Errors
    /// As [`commit`](Self::commit); *Invalid* for a store without a changelog.
    pub(crate) fn restore_batch<'a>(
        &mut self,
        id: StoreId,
        records: impl IntoIterator<Item = Restored<'a>>,
        next_offset: i64,
    ) -> Result<()> {
        let source = self.sources[id.0].clone();
        let source =
            source.ok_or_else(|| Error::invalid("store has no changelog").with("store", self.get(id).name()))?;
        let rows = newest_by_key(records);
        match (self.stores[id.0].overlay_mut().bottom_mut(), &self.disk) {
            (Bytes::Memory(memory), _) => memory.apply(rows.into_iter().map(|(key, value)| (key.into(), value))),
            (Bytes::Rocks(rocks), Some(disk)) => disk.db.write(|batch| {
                rows.iter().for_each(|(key, value)| rocks.set(batch, key, value.as_deref()));
                batch.put(&disk.offsets, source.as_bytes(), &next_offset.to_be_bytes());
            })?,
            (Bytes::Rocks(_), None) => return Err(Error::internal("a store on disk has no database")),
        }
        self.offsets.insert(source, next_offset);
        Ok(())
    }

    /// Makes everything that is committed durable against a crash of this process.
    ///
    /// # Errors
    /// *Resource* when the disk is full or fails.
    pub(crate) fn flush_to_disk(&self) -> Result<()> {
        let Some(disk) = &self.disk else { return Ok(()) };
        let on_disk = self.stores.iter().filter_map(|store| match store.overlay().bottom() {
            Bytes::Rocks(rocks) => Some(rocks.family()),
            Bytes::Memory(_) => None,
        });
        let families: Vec<_> = on_disk.chain([&disk.offsets]).collect();
        disk.db.flush(&families)
    }

    /// Makes everything that is committed durable and closes the files. What is not committed is lost.
    ///
    /// # Errors
    /// *Resource* when the disk is full or fails.
    pub(crate) fn close(self) -> Result<()> {
        self.flush_to_disk()
    }

    /// Closes the files and deletes the task's directory.
    ///
    /// # Errors
    /// *Denied* or *Resource* when the operating system refuses.
    pub(crate) fn wipe(self) -> Result<()> {
        let directory = self.disk.as_ref().map(|disk| disk.directory.clone());
        drop(self);
        directory.map_or(Ok(()), |directory| directory::remove(&directory))
    }

    /// Whether a changelog's offset is kept with the data: only for stores on disk, others begin empty.
    fn is_kept(&self, topic: &str) -> bool {
        let mut stores = self.sources.iter().zip(&self.stores);
        stores.any(|(source, store)| {
            source.as_deref() == Some(topic) && matches!(store.overlay().bottom(), Bytes::Rocks(_))
        })
    }
}

impl Disk {
    fn open(directory: &Path, stores: &[String], settings: &Settings) -> Result<Self> {
        directory::refuse_foreign_task(directory)?;
        directory::create(directory)?;
        let path = directory.join(DATABASE);
        let families: Vec<&str> = stores.iter().map(String::as_str).chain([OFFSETS]).collect();
        let db = Db::open(&path, &families, settings)?;
        let offsets = db.family(OFFSETS)?;
        Ok(Self { directory: directory.to_owned(), db, offsets })
    }

    fn read_offsets(&self) -> Result<BTreeMap<Arc<str>, i64>> {
        let damaged = || {
            let error = Error::data("offset of a changelog is damaged").with("path", self.db.path().display());
            error.with("remedy", "delete the directory: the stores are restored from their changelogs")
        };
        let read = |row: Result<(Payload, Payload)>| {
            let (topic, offset) = row?;
            let topic = std::str::from_utf8(&topic).map_err(|_| damaged())?;
            let offset = <[u8; 8]>::try_from(&*offset).map_err(|_| damaged())?;
            Ok((topic.into(), i64::from_be_bytes(offset)))
        };
        self.offsets.range(&Bounds::ALL, Direction::Forward).map(read).collect()
    }
}

fn is_on_disk(setup: &StoreSetup) -> bool {
    setup.bottom == StoreBottom::Rocks
}

fn family_name(setup: &StoreSetup) -> String {
    format!("{STORE_PREFIX}{}", setup.name)
}

/// The last record of each key in the stored form, by key: the bottom takes fewer and sorted rows faster.
fn newest_by_key<'a>(records: impl IntoIterator<Item = Restored<'a>>) -> Vec<(&'a [u8], Option<Payload>)> {
    let mut sorted: Vec<Restored<'a>> = records.into_iter().collect();
    // Stable: records of one key stay in their order.
    sorted.sort_by_key(|record| record.key);
    let mut scratch = Vec::new();
    let mut rows = Vec::with_capacity(sorted.len());
    for (index, record) in sorted.iter().enumerate() {
        if sorted.get(index + 1).is_some_and(|next| next.key == record.key) {
            continue;
        }
        let stamped = record.value.map(|value| {
            stamp::begin(record.timestamp, &mut scratch);
            scratch.extend_from_slice(value);
            Payload::from(&*scratch)
        });
        rows.push((record.key, stamped));
    }
    rows
}

#[cfg(test)]
mod tests;
