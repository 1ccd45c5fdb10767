//! A database and its column families.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rocksdb::{BoundColumnFamily, ColumnFamilyDescriptor, DBWithThreadMode, MultiThreaded, ReadOptions, WriteOptions};

use super::error::{Fault, explain};
use super::{Batch, FamilyRows, Settings, options};
use crate::clock::Deadline;
use crate::error::{Error, Result};
use crate::state::bytes::{Bounds, Direction};
use crate::thread::Signal;
use crate::value::Payload;

pub(super) type Inner = DBWithThreadMode<MultiThreaded>;

/// The first pause after a write that was refused; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// All pauses of one write together.
const PATIENCE: Duration = Duration::from_secs(4);

/// An open database. It closes when the last family and the last cursor are gone.
pub(crate) struct Db {
    inner: Inner,
    path: PathBuf,
    write: WriteOptions,
}

impl Db {
    /// Opens the database in `path`, or makes it, with at least these families.
    ///
    /// # Errors
    /// *Denied* without the right to the directory; *Resource* when another process has it open or the disk is full;
    /// *Data* when its files are damaged.
    pub(crate) fn open(path: &Path, families: &[&str], settings: &Settings) -> Result<Arc<Self>> {
        let database = options::database();
        let failed = |error| explain("cannot open state", path, error);
        let mut names: BTreeSet<String> = families.iter().map(|name| (*name).to_owned()).collect();
        names.insert(rocksdb::DEFAULT_COLUMN_FAMILY_NAME.to_owned());
        if path.join("CURRENT").exists() {
            // RocksDB insists on opening every family that exists.
            names.extend(Inner::list_cf(&database, path).map_err(failed)?);
        }
        let descriptors = names.into_iter().map(|name| ColumnFamilyDescriptor::new(name, options::family(settings)));
        let inner = Inner::open_cf_descriptors(&database, path, descriptors).map_err(failed)?;
        Ok(Arc::new(Self { inner, path: path.to_owned(), write: options::write() }))
    }

    /// The column family of that name.
    ///
    /// # Errors
    /// *Internal* when the database was opened without it.
    pub(crate) fn family(self: &Arc<Self>, name: &str) -> Result<Family> {
        let handle = self.inner_for_ever().cf_handle(name);
        let handle = handle.ok_or_else(|| Error::internal("column family is not open").with("family", name))?;
        Ok(Family { handle, db: Arc::clone(self) })
    }

    /// Writes a batch, whole or not at all. `fill` is called again after each pause, when RocksDB was too busy.
    ///
    /// # Errors
    /// *Resource* when the disk stays full or too slow for some seconds.
    pub(crate) fn write(&self, fill: impl Fn(&mut Batch)) -> Result<()> {
        let mut pause = FIRST_PAUSE;
        let mut waited = Duration::ZERO;
        loop {
            let mut batch = Batch::default();
            fill(&mut batch);
            let Err(error) = self.inner.write_opt(batch.0, &self.write) else { return Ok(()) };
            if !Fault::of(&error).passes() || waited >= PATIENCE {
                return Err(explain("cannot write state", &self.path, error));
            }
            Signal::new(()).wait(Deadline::after(pause), |()| None::<()>);
            waited += pause;
            pause = (pause * 2).min(PATIENCE / 8);
        }
    }

    /// Makes everything written so far durable.
    ///
    /// # Errors
    /// *Resource* when the disk is full or fails.
    pub(crate) fn flush(&self, families: &[&Family]) -> Result<()> {
        let handles: Vec<_> = families.iter().map(|family| family.handle()).collect();
        let flushed = self.inner.flush_cfs_opt(&handles, &options::flush());
        flushed.map_err(|error| explain("cannot flush state", &self.path, error))
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The database without the lifetime of this borrow. Whoever keeps something made from it keeps the `Arc` too, and
    /// drops it last.
    pub(super) fn inner_for_ever(self: &Arc<Self>) -> &'static Inner {
        // SAFETY: the value lives in an `Arc`, so it does not move; callers in this folder keep a clone of the `Arc` in
        // a field after the borrowing one, and fields are dropped in their order.
        unsafe { &*std::ptr::from_ref(&self.inner) }
    }
}

/// A column family of an open database.
pub(crate) struct Family {
    // Before `db`: it has to be dropped first.
    handle: Arc<BoundColumnFamily<'static>>,
    db: Arc<Db>,
}

impl Family {
    /// The value of a key.
    ///
    /// # Errors
    /// *Data* for damaged files, *Resource* when the disk fails.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Payload>> {
        let found = self.db.inner.get_pinned_cf(&self.handle, key);
        let found = found.map_err(|error| explain("cannot read state", self.db.path(), error))?;
        Ok(found.map(|value| Payload::from(&*value)))
    }

    /// The rows within bounds as they are now.
    pub(crate) fn range(&self, bounds: &Bounds, direction: Direction) -> FamilyRows {
        let mut read = ReadOptions::default();
        if let Some(from) = bounds.from() {
            read.set_iterate_lower_bound(from);
        }
        if let Some(until) = bounds.until() {
            read.set_iterate_upper_bound(until);
        }
        let iter = self.db.inner_for_ever().raw_iterator_cf_opt(&self.handle, read);
        FamilyRows::new(iter, Arc::clone(&self.db), direction)
    }

    /// About how many rows there are.
    pub(crate) fn approximate_len(&self) -> u64 {
        let property = self.db.inner.property_int_value_cf(&self.handle, "rocksdb.estimate-num-keys");
        property.ok().flatten().unwrap_or(0)
    }

    pub(crate) fn db(&self) -> &Arc<Db> {
        &self.db
    }

    pub(super) const fn handle(&self) -> &Arc<BoundColumnFamily<'static>> {
        &self.handle
    }
}
