//! I. Options of operators. All zero, and NULL for the spec, is what Kafka Streams does without them.

use std::ffi::c_char;

use kstreams::serde::SerdeRef;
use kstreams::{Consumed, Error, Grouped, Materialized, OffsetReset, Produced, Repartitioned, Result};

use crate::serde::optional;
use crate::text::{Plain, optional_text, spec};

/// Where a source begins when its group has no offset: one of KS_RESET_…
pub type ks_reset_t = i32;

/// As the setting auto.offset.reset says.
pub const KS_RESET_DEFAULT: ks_reset_t = 0;
/// At the beginning of the topic.
pub const KS_RESET_EARLIEST: ks_reset_t = 1;
/// At its end.
pub const KS_RESET_LATEST: ks_reset_t = 2;
/// Nowhere: that is an error.
pub const KS_RESET_NONE: ks_reset_t = 3;

/// Where a store keeps its rows: one of KS_STORE_…
pub type ks_store_kind_t = i32;

/// Where the settings say.
pub const KS_STORE_DEFAULT: ks_store_kind_t = 0;
/// In RocksDB, on disk.
pub const KS_STORE_ROCKSDB: ks_store_kind_t = 1;
/// In memory.
pub const KS_STORE_MEMORY: ks_store_kind_t = 2;

/// How topics are read. Serdes go by name: bytes, string, short, int, long, float, double, boolean; NULL is the default
/// serde of the settings.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_consumed_spec_t {
    /// The key's serde.
    pub key_serde: *const c_char,
    /// The value's serde.
    pub value_serde: *const c_char,
    /// One of KS_RESET_…
    pub reset: ks_reset_t,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_consumed_spec_t {
    const DEFAULT: Self = Self { key_serde: std::ptr::null(), value_serde: std::ptr::null(), reset: KS_RESET_DEFAULT };
}

/// How a topic is written.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_produced_spec_t {
    /// The key's serde; NULL: the stream's own.
    pub key_serde: *const c_char,
    /// The value's serde; NULL: the stream's own.
    pub value_serde: *const c_char,
}

// SAFETY: pointers.
unsafe impl Plain for ks_produced_spec_t {
    const DEFAULT: Self = Self { key_serde: std::ptr::null(), value_serde: std::ptr::null() };
}

/// How records are grouped. Without a spec and a name the serdes of the stream are kept.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_grouped_spec_t {
    /// The key's serde, for the repartition topic and the store.
    pub key_serde: *const c_char,
    /// The value's serde, for the repartition topic.
    pub value_serde: *const c_char,
}

// SAFETY: pointers.
unsafe impl Plain for ks_grouped_spec_t {
    const DEFAULT: Self = Self { key_serde: std::ptr::null(), value_serde: std::ptr::null() };
}

/// How a repartition topic is made.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_repartitioned_spec_t {
    /// The key's serde.
    pub key_serde: *const c_char,
    /// The value's serde.
    pub value_serde: *const c_char,
    /// How many partitions; 0: as many as what is read where it is written.
    pub partitions: i32,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_repartitioned_spec_t {
    const DEFAULT: Self = Self { key_serde: std::ptr::null(), value_serde: std::ptr::null(), partitions: 0 };
}

/// How a table is kept.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_materialized_spec_t {
    /// The name of the store; NULL: a generated one. The changelog topic is named after it, so name it.
    pub store: *const c_char,
    /// The key's serde; NULL: that of the grouping.
    pub key_serde: *const c_char,
    /// The value's serde; NULL: the operation's own.
    pub value_serde: *const c_char,
    /// One of KS_STORE_…
    pub kind: ks_store_kind_t,
    /// 1: every change is passed on at once; 0: changes of a key are collected until a commit.
    pub no_caching: i32,
    /// 1: no changelog, so what the store held is lost when its task moves.
    pub no_logging: i32,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_materialized_spec_t {
    const DEFAULT: Self = Self {
        store: std::ptr::null(),
        key_serde: std::ptr::null(),
        value_serde: std::ptr::null(),
        kind: KS_STORE_DEFAULT,
        no_caching: 0,
        no_logging: 0,
    };
}

/// Sets what the options of all kinds have.
macro_rules! with_serdes {
    ($options:expr, $spec:expr) => {{
        let mut options = $options;
        let (key, value) = serdes($spec.key_serde, $spec.value_serde)?;
        if let Some(serde) = key {
            options = options.key_serde(serde);
        }
        if let Some(serde) = value {
            options = options.value_serde(serde);
        }
        options
    }};
}

fn serdes(key: *const c_char, value: *const c_char) -> Result<(Option<SerdeRef>, Option<SerdeRef>)> {
    Ok((optional(key, "key_serde")?, optional(value, "value_serde")?))
}

pub(crate) fn consumed(name: Option<&str>, given: *const ks_consumed_spec_t, size: usize) -> Result<Option<Consumed>> {
    if name.is_none() && given.is_null() {
        return Ok(None);
    }
    let spec = spec(given, size, "options")?;
    let mut consumed = with_serdes!(Consumed::new(), spec);
    if let Some(name) = name {
        consumed = consumed.named(name);
    }
    Ok(Some(match spec.reset {
        KS_RESET_DEFAULT => consumed,
        KS_RESET_EARLIEST => consumed.offset_reset(OffsetReset::Earliest),
        KS_RESET_LATEST => consumed.offset_reset(OffsetReset::Latest),
        KS_RESET_NONE => consumed.offset_reset(OffsetReset::None),
        other => return Err(unknown("reset", other)),
    }))
}

pub(crate) fn produced(name: Option<&str>, given: *const ks_produced_spec_t, size: usize) -> Result<Option<Produced>> {
    if name.is_none() && given.is_null() {
        return Ok(None);
    }
    let spec = spec(given, size, "options")?;
    let produced = with_serdes!(Produced::new(), spec);
    Ok(Some(match name {
        Some(name) => produced.named(name),
        None => produced,
    }))
}

pub(crate) fn grouped(name: Option<&str>, given: *const ks_grouped_spec_t, size: usize) -> Result<Option<Grouped>> {
    if name.is_none() && given.is_null() {
        return Ok(None);
    }
    let spec = spec(given, size, "options")?;
    let grouped = with_serdes!(Grouped::new(), spec);
    Ok(Some(match name {
        Some(name) => grouped.named(name),
        None => grouped,
    }))
}

pub(crate) fn repartitioned(
    name: Option<&str>,
    given: *const ks_repartitioned_spec_t,
    size: usize,
) -> Result<Option<Repartitioned>> {
    if name.is_none() && given.is_null() {
        return Ok(None);
    }
    let spec = spec(given, size, "options")?;
    let mut repartitioned = with_serdes!(Repartitioned::new(), spec);
    if let Some(name) = name {
        repartitioned = repartitioned.named(name);
    }
    Ok(Some(if spec.partitions == 0 { repartitioned } else { repartitioned.partitions(spec.partitions) }))
}

pub(crate) fn materialized(given: *const ks_materialized_spec_t, size: usize) -> Result<Option<Materialized>> {
    if given.is_null() {
        return Ok(None);
    }
    let spec = spec(given, size, "options")?;
    let mut materialized = with_serdes!(Materialized::new(), spec);
    if let Some(store) = optional_text(spec.store, "store")? {
        materialized = materialized.named(store);
    }
    materialized = match spec.kind {
        KS_STORE_DEFAULT => materialized,
        KS_STORE_ROCKSDB => materialized.on_disk(),
        KS_STORE_MEMORY => materialized.in_memory(),
        other => return Err(unknown("kind", other)),
    };
    if is_set(spec.no_caching, "no_caching")? {
        materialized = materialized.caching_disabled();
    }
    if is_set(spec.no_logging, "no_logging")? {
        materialized = materialized.logging_disabled();
    }
    Ok(Some(materialized))
}

fn is_set(flag: i32, field: &'static str) -> Result<bool> {
    match flag {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(unknown(field, other)),
    }
}

fn unknown(field: &'static str, got: i32) -> Error {
    Error::invalid("unknown number in a spec").with("field", field).with("got", got)
}
