//! Testing without a broker: a topology's records go in and come out in the same thread, with a clock of their own.

pub(crate) mod cluster;
pub(crate) mod driver;

pub use cluster::EmbeddedCluster;
pub use driver::{SentRecord, StoreRow, TestDriver, TestRecord};
