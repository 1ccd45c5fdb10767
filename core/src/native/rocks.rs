//! RocksDB behind a few owned types. Nothing outside names the library.

mod batch;
mod db;
mod error;
mod iter;
mod options;

pub(crate) use batch::Batch;
pub(crate) use db::{Db, Family};
pub(crate) use iter::FamilyRows;
pub(crate) use options::Settings;
