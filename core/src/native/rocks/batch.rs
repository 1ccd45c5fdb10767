//! Writes that become visible, and durable, together.

use rocksdb::WriteBatch;

use super::Family;

/// Writes to any families of one database.
#[derive(Default)]
pub(crate) struct Batch(pub(super) WriteBatch);

impl Batch {
    pub(crate) fn put(&mut self, family: &Family, key: &[u8], value: &[u8]) {
        self.0.put_cf(family.handle(), key, value);
    }

    pub(crate) fn delete(&mut self, family: &Family, key: &[u8]) {
        self.0.delete_cf(family.handle(), key);
    }

    /// Puts the value, or deletes the row where there is none.
    pub(crate) fn set(&mut self, family: &Family, key: &[u8], value: Option<&[u8]>) {
        match value {
            Some(value) => self.put(family, key, value),
            None => self.delete(family, key),
        }
    }
}
