//! Testing without a broker: a topology's records go in and come out in the same thread, with a clock of their own.

pub(crate) mod driver;

pub use driver::{SentRecord, StoreRow, TestDriver, TestRecord};
