//! The C library: what the core has, as functions on handles. It translates and decides nothing.
//!
//! The contract of every function stands in `include/kstreams.h`, which is generated from the comments here, in the
//! order of the modules below.

#![allow(non_camel_case_types, reason = "the types carry their C names")]
#![allow(clippy::missing_safety_doc, reason = "the contract of every function is the head of the header")]

// The order is that of the header; a line between keeps rustfmt from sorting.

pub mod version;

pub mod error;

pub mod callback;

pub mod future;

pub mod config;

pub mod logging;

pub mod value;

pub mod header;

pub mod record;

pub mod batch;

pub mod emitter;

pub mod function;

pub mod options;

pub mod builder;

pub mod stream;

pub mod grouped;

pub mod host;

pub mod driver;

pub mod producer;

pub mod consumer;

pub mod admin;

pub mod cluster;

pub mod failure;

pub mod streams;

#[cfg(feature = "testing")]
pub mod testing;

mod exclusive;
mod guard;
mod handle;
mod serde;
mod text;
