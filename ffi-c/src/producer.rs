//! O. Producers.

use std::ffi::c_char;

use kstreams::{Deliveries, Producer, ProducerRecord, RecordMetadata, Result};

use crate::config::ks_config_t;
use crate::driver::{headers, specs};
use crate::error::{child, ks_error_t};
use crate::future::{FutureObject, Outcome, ks_future_t};
use crate::guard::{guard, guard_or};
use crate::handle::{self, Child, Handle, Out, borrow};
use crate::record::ks_send_spec_t;
use crate::text::{Plain, bytes, fill, fill_view, required_spec, text, timeout};

/// Writes records to topics.
pub struct ks_producer_t {
    _opaque: [u8; 0],
}

impl Handle for ks_producer_t {
    type Object = Producer;
    const TAG: u8 = 14;
    const NAME: &'static str = "producer";
}

/// What became of the records of one call, in their order.
pub struct ks_delivery_list_t {
    _opaque: [u8; 0],
}

pub(crate) struct DeliveryList {
    entries: Vec<Entry>,
    failures: usize,
}

struct Entry(std::result::Result<RecordMetadata, Child<ks_error_t>>);

impl Handle for ks_delivery_list_t {
    type Object = DeliveryList;
    const TAG: u8 = 15;
    const NAME: &'static str = "delivery list";
}

/// What became of a record.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_delivery_view_t {
    /// The topic, not NUL-terminated; NULL for a record that was not written.
    pub topic: *const c_char,
    /// How many bytes the topic's name has.
    pub topic_size: usize,
    /// The place in the partition; -1: not known, or not written.
    pub offset: i64,
    /// Milliseconds since the epoch; -1: not written.
    pub timestamp_ms: i64,
    /// Why the record was not written; NULL if it was.
    pub error: *const ks_error_t,
    /// The partition; -1: not written.
    pub partition: i32,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_delivery_view_t {
    const DEFAULT: Self = Self {
        topic: std::ptr::null(),
        topic_size: 0,
        offset: -1,
        timestamp_ms: -1,
        error: std::ptr::null(),
        partition: -1,
    };
}

/// Starts a producer. It connects in the background: a broker that cannot be reached is no error here.
///
/// @param config        its settings, copied
/// @param out_producer  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_producer_new(
    config: *const ks_config_t,
    out_producer: *mut *mut ks_producer_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_producer, "out_producer")?;
        let config = borrow(config, "config")?.settings();
        out.give(Producer::new(&config)?);
        Ok(())
    })
}

/// Buffers a record. Waits for room in the buffer for as long as max.block.ms says.
///
/// @param producer    the producer
/// @param record      the record, copied
/// @param spec_size   sizeof *record
/// @param out_future  owned; becomes done with the record's place: see ks_future_take_delivery(). NULL: nobody wants to
///                    know
/// @return NULL, or an error of kind retriable (no room), invalid (also a record that is too large), fenced, fatal or
///         closed
///
/// Threads: any.  Waits: for room.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_producer_send(
    producer: *mut ks_producer_t,
    record: *const ks_send_spec_t,
    spec_size: usize,
    out_future: *mut *mut ks_future_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = if out_future.is_null() { None } else { Some(Out::new(out_future, "out_future")?) };
        let producer = borrow(producer, "producer")?;
        let sent = producer.send(producer_record(&required_spec(record, spec_size, "record")?)?)?;
        if let Some(out) = out {
            out.give(FutureObject::new(Outcome::Delivery(sent)));
        }
        Ok(())
    })
}

/// Buffers many records, with one future for all. Waits for room as ks_producer_send() does; a record that found none is
/// among the failures.
///
/// @param producer    the producer
/// @param records     an array of records, copied
/// @param count       how many
/// @param spec_size   sizeof *records
/// @param out_future  owned; becomes done with what became of each: see ks_future_take_deliveries(). NULL: nobody wants
///                    to know
/// @return NULL, or an error of kind invalid (then none was sent) or closed
///
/// Threads: any.  Waits: for room.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_producer_send_batch(
    producer: *mut ks_producer_t,
    records: *const ks_send_spec_t,
    count: usize,
    spec_size: usize,
    out_future: *mut *mut ks_future_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = if out_future.is_null() { None } else { Some(Out::new(out_future, "out_future")?) };
        let producer = borrow(producer, "producer")?;
        let records = specs(records, count, spec_size)?.map(|spec| producer_record(&spec?));
        let sent = producer.send_batch(records.collect::<Result<Vec<_>>>()?)?;
        if let Some(out) = out {
            out.give(FutureObject::new(Outcome::Deliveries(sent)));
        }
        Ok(())
    })
}

/// Takes the result of a future of ks_producer_send(). It can be taken once.
///
/// @param future     a future that is done
/// @param out_view   where the record was written; its topic is borrowed from the future
/// @param view_size  sizeof *out_view
/// @return NULL; why the record was not written: an error of kind timeout, invalid, denied, fenced, fatal or cancelled;
///         or an error of kind invalid (not done, taken already, or it brings something else) or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_future_take_delivery(
    future: *mut ks_future_t,
    out_view: *mut ks_delivery_view_t,
    view_size: usize,
) -> *mut ks_error_t {
    guard(|| {
        fill_view(&ks_delivery_view_t::DEFAULT, out_view, view_size, "out_view")?;
        let future = borrow(future, "future")?;
        let place = future.take(Outcome::delivery, "a delivery")?;
        // The future keeps its own handle on the topic's name, and so the bytes.
        fill_view(&look(&place), out_view, view_size, "out_view")
    })
}

/// Takes the result of a future of ks_producer_send_batch(). It can be taken once.
///
/// @param future    a future that is done
/// @param out_list  owned; also when all records failed
/// @return NULL, or an error of kind invalid (not done, taken already, or it brings something else), cancelled or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_future_take_deliveries(
    future: *mut ks_future_t,
    out_list: *mut *mut ks_delivery_list_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_list, "out_list")?;
        let future = borrow(future, "future")?;
        out.give(DeliveryList::new(future.take(Outcome::deliveries, "deliveries")?));
        Ok(())
    })
}

/// How many records there are.
///
/// @param list  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_delivery_list_count(list: *const ks_delivery_list_t) -> usize {
    if list.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(list, "list")?.entries.len()))
}

/// How many records were not written.
///
/// @param list  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_delivery_list_failures(list: *const ks_delivery_list_t) -> usize {
    if list.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(list, "list")?.failures))
}

/// Shows what became of a record.
///
/// @param list       the list
/// @param index      the record's place in the call, from 0
/// @param out_view   its pointers are borrowed from the list
/// @param view_size  sizeof *out_view
/// @return false past the end
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_delivery_list_view(
    list: *const ks_delivery_list_t,
    index: usize,
    out_view: *mut ks_delivery_view_t,
    view_size: usize,
) -> bool {
    guard_or(false, || {
        let list = borrow(list, "list")?;
        let Some(entry) = list.entries.get(index) else { return Ok(false) };
        let view = match &entry.0 {
            Ok(place) => look(place),
            Err(error) => ks_delivery_view_t { error: error.as_ptr(), ..ks_delivery_view_t::DEFAULT },
        };
        fill_view(&view, out_view, view_size, "out_view").map(|()| true)
    })
}

/// Destroys a list of deliveries, with its errors.
///
/// @param list  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_delivery_list_destroy(list: *mut ks_delivery_list_t) {
    guard_or((), || {
        handle::destroy(list);
        Ok(())
    });
}

/// How many records have no answer yet.
///
/// @param producer   the producer
/// @param out_count  the number
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_producer_outstanding(
    producer: *const ks_producer_t,
    out_count: *mut usize,
) -> *mut ks_error_t {
    guard(|| {
        fill(0, out_count, "out_count")?;
        let count = borrow(producer, "producer")?.outstanding();
        fill(count, out_count, "out_count")
    })
}

/// Sends what is buffered at once, and waits until every record has its answer. What failed is in the futures.
///
/// @param producer    the producer
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL, or an error of kind timeout (how many have no answer yet: they are still being sent), invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_producer_flush(producer: *mut ks_producer_t, timeout_ms: i64) -> *mut ks_error_t {
    guard(|| borrow(producer, "producer")?.flush(timeout(timeout_ms)))
}

/// Flushes, then ends the producer. May be called again; later calls answer closed.
///
/// @param producer    the producer
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL, or an error of kind timeout (how many records were lost; their futures say which), invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_producer_close(producer: *mut ks_producer_t, timeout_ms: i64) -> *mut ks_error_t {
    guard(|| borrow(producer, "producer")?.close(timeout(timeout_ms)))
}

/// Destroys a producer. What is still buffered is given up, and logged: close it first.
///
/// @param producer  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_producer_destroy(producer: *mut ks_producer_t) {
    guard_or((), || {
        handle::destroy(producer);
        Ok(())
    });
}

impl DeliveryList {
    fn new(deliveries: Deliveries) -> Self {
        let failures = deliveries.failed.len();
        let succeeded = deliveries.succeeded.into_iter().map(|(index, place)| (index, Entry(Ok(place))));
        let failed = deliveries.failed.into_iter().map(|(index, error)| (index, Entry(Err(child(error)))));
        let mut entries: Vec<(usize, Entry)> = succeeded.chain(failed).collect();
        entries.sort_unstable_by_key(|(index, _)| *index);
        Self { entries: entries.into_iter().map(|(_, entry)| entry).collect(), failures }
    }
}

fn look(place: &RecordMetadata) -> ks_delivery_view_t {
    ks_delivery_view_t {
        topic: place.topic.as_ptr().cast(),
        topic_size: place.topic.len(),
        offset: place.offset,
        timestamp_ms: place.timestamp,
        error: std::ptr::null(),
        partition: place.partition,
    }
}

fn producer_record(spec: &ks_send_spec_t) -> Result<ProducerRecord> {
    let mut record = ProducerRecord::new(text(spec.topic, "topic")?);
    record.key = bytes(spec.key, spec.key_size, "key")?.map(Into::into);
    record.value = bytes(spec.value, spec.value_size, "value")?.map(Into::into);
    record.headers = headers(spec)?;
    record.timestamp = (spec.timestamp_ms >= 0).then_some(spec.timestamp_ms);
    record.partition = (spec.partition >= 0).then_some(spec.partition);
    Ok(record)
}
