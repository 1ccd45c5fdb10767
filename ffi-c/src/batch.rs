//! Batches: records and rows that the library holds.

use std::sync::{Arc, OnceLock};

use kstreams::testing::{SentRecord, StoreRow};
use kstreams::{Batch, Headers, Payload};

use crate::guard::guard_or;
use crate::handle::{self, Child, Handle, borrow};
use crate::header::{HeaderList, ks_headers_t};
use crate::record::ks_record_view_t;
use crate::text::{Plain, fill_view};
use crate::value::look_bytes;

/// Records that came together.
pub struct ks_batch_t {
    _opaque: [u8; 0],
}

/// Records, and the headers that were shown to C.
pub(crate) struct BatchObject {
    rows: Rows,
    headers: OnceLock<Box<[OnceLock<Child<ks_headers_t>>]>>,
}

pub(crate) enum Rows {
    Consumed(Batch),
    Sent(Vec<SentRecord>),
    Store(Arc<str>, Vec<StoreRow>),
}

impl Handle for ks_batch_t {
    type Object = BatchObject;
    const TAG: u8 = 12;
    const NAME: &'static str = "batch";
}

impl BatchObject {
    pub(crate) const fn new(rows: Rows) -> Self {
        Self { rows, headers: OnceLock::new() }
    }

    fn count(&self) -> usize {
        match &self.rows {
            Rows::Consumed(records) => records.len(),
            Rows::Sent(records) => records.len(),
            Rows::Store(_, rows) => rows.len(),
        }
    }

    fn view(&self, index: usize) -> Option<ks_record_view_t> {
        match &self.rows {
            Rows::Consumed(records) => records.get(index).map(|record| ks_record_view_t {
                timestamp_ms: record.timestamp.unwrap_or(-1),
                offset: record.offset,
                partition: record.partition,
                headers: self.headers(index, &record.headers),
                ..named(&record.topic, record.key.as_ref(), record.value.as_ref())
            }),
            Rows::Sent(records) => records.get(index).map(|record| ks_record_view_t {
                timestamp_ms: record.timestamp.unwrap_or(-1),
                partition: record.partition.unwrap_or(-1),
                headers: self.headers(index, &record.headers),
                ..named(&record.topic, record.key.as_ref(), record.value.as_ref())
            }),
            Rows::Store(name, rows) => rows.get(index).map(|row| ks_record_view_t {
                key: look_bytes(Some(&row.key)),
                value: look_bytes(Some(&row.value)),
                timestamp_ms: row.timestamp,
                ..named(name, None, None)
            }),
        }
    }

    fn headers(&self, index: usize, headers: &Headers) -> *const ks_headers_t {
        if headers.is_empty() {
            return std::ptr::null();
        }
        let all = self.headers.get_or_init(|| (0..self.count()).map(|_| OnceLock::new()).collect());
        all[index].get_or_init(|| Child::new(HeaderList::copy_of(headers))).as_ptr()
    }
}

fn named(topic: &str, key: Option<&Payload>, value: Option<&Payload>) -> ks_record_view_t {
    ks_record_view_t {
        key: look_bytes(key.map(|bytes| &**bytes)),
        value: look_bytes(value.map(|bytes| &**bytes)),
        topic: topic.as_ptr().cast(),
        topic_size: topic.len(),
        ..ks_record_view_t::DEFAULT
    }
}

/// How many records there are.
///
/// @param batch  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_batch_count(batch: *const ks_batch_t) -> usize {
    if batch.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(batch, "batch")?.count()))
}

/// Shows a record.
///
/// @param batch      the batch
/// @param index      from 0
/// @param out_view   its pointers are borrowed from the batch
/// @param view_size  sizeof *out_view
/// @return false past the end
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_batch_view(
    batch: *const ks_batch_t,
    index: usize,
    out_view: *mut ks_record_view_t,
    view_size: usize,
) -> bool {
    guard_or(false, || {
        let batch = borrow(batch, "batch")?;
        let Some(view) = batch.view(index) else { return Ok(false) };
        fill_view(&view, out_view, view_size, "out_view").map(|()| true)
    })
}

/// Destroys a batch.
///
/// @param batch  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_batch_destroy(batch: *mut ks_batch_t) {
    guard_or((), || {
        handle::destroy(batch);
        Ok(())
    });
}
