//! The only room with `unsafe`: librdkafka, RocksDB, and text that is known to be UTF-8.

#![allow(dead_code, reason = "owner types cover what the C libraries offer; not every call has a user yet")]
#![allow(unsafe_code, reason = "this room is where the library touches C")]

pub(crate) mod kafka;
pub(crate) mod properties;
pub(crate) mod rocks;
pub(crate) mod text;
pub(crate) mod thread;
