//! F. Records: what callbacks, consumers and the test driver show.

use std::ffi::c_char;

use kstreams::Value;

use crate::header::ks_headers_t;
use crate::text::Plain;
use crate::value::{ks_value_view_t, look};

/// A record.
///
/// Functions of streams and tables see key and value alone, as in Kafka Streams; the other fields say then that they are
/// not known. From a consumer and the test driver come bytes with everything.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_record_view_t {
    /// The key; of kind KS_VALUE_NULL when there is none.
    pub key: ks_value_view_t,
    /// The value; of kind KS_VALUE_NULL for a tombstone.
    pub value: ks_value_view_t,
    /// Milliseconds since the epoch; -1: not known.
    pub timestamp_ms: i64,
    /// The place in the partition; -1: not known.
    pub offset: i64,
    /// The topic, not NUL-terminated; NULL: not known.
    pub topic: *const c_char,
    /// How many bytes the topic's name has.
    pub topic_size: usize,
    /// NULL: none.
    pub headers: *const ks_headers_t,
    /// The partition; -1: not known.
    pub partition: i32,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_record_view_t {
    const DEFAULT: Self = Self {
        key: ks_value_view_t::DEFAULT,
        value: ks_value_view_t::DEFAULT,
        timestamp_ms: -1,
        offset: -1,
        topic: std::ptr::null(),
        topic_size: 0,
        headers: std::ptr::null(),
        partition: -1,
    };
}

/// What a function of a stream gets to see.
#[inline]
pub(crate) fn pair(key: &Value, value: &Value) -> ks_record_view_t {
    ks_record_view_t { key: look(key), value: look(value), ..ks_record_view_t::DEFAULT }
}

/// A record to send, or to pipe into a test driver. Begin with KS_SEND_SPEC_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_send_spec_t {
    /// The topic.
    pub topic: *const c_char,
    /// The key; NULL: none.
    pub key: *const u8,
    /// How many bytes.
    pub key_size: usize,
    /// The value; NULL: a tombstone.
    pub value: *const u8,
    /// How many bytes.
    pub value_size: usize,
    /// NULL: none.
    pub headers: *const ks_headers_t,
    /// Milliseconds since the epoch; negative: now, where a producer sends it.
    pub timestamp_ms: i64,
    /// Negative: the producer chooses. A test driver has one partition only.
    pub partition: i32,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_send_spec_t {
    const DEFAULT: Self = Self {
        topic: std::ptr::null(),
        key: std::ptr::null(),
        key_size: 0,
        value: std::ptr::null(),
        value_size: 0,
        headers: std::ptr::null(),
        timestamp_ms: -1,
        partition: -1,
    };
}
