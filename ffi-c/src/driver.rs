//! N. The test driver: a topology without a broker.

use std::ffi::c_char;
use std::sync::Arc;
use std::time::Duration;

use kstreams::testing::{TestDriver, TestRecord};
use kstreams::{Error, Headers, Result};

use crate::batch::{BatchObject, Rows, ks_batch_t};
use crate::builder::ks_topology_t;
use crate::config::ks_config_t;
use crate::error::ks_error_t;
use crate::exclusive::Exclusive;
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow, borrow_optional};
use crate::record::ks_send_spec_t;
use crate::text::{bytes, null, optional_text, required_spec, text};

/// Runs a topology without a broker: records go in and come out in the same thread, with a clock of their own. After a
/// call that failed the others answer closed.
pub struct ks_test_driver_t {
    _opaque: [u8; 0],
}

impl Handle for ks_test_driver_t {
    type Object = Exclusive<TestDriver>;
    const TAG: u8 = 13;
    const NAME: &'static str = "test driver";
}

/// Starts a topology.
///
/// @param topology    the topology
/// @param config      the settings; NULL: none
/// @param start_ms    what the wall clock begins with
/// @param out_driver  owned
/// @return NULL, or an error of kind invalid, resource or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_new(
    topology: *const ks_topology_t,
    config: *const ks_config_t,
    start_ms: i64,
    out_driver: *mut *mut ks_test_driver_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_driver, "out_driver")?;
        let topology = borrow(topology, "topology")?;
        let config = borrow_optional(config, "config")?.map(|config| config.settings()).unwrap_or_default();
        out.give(Exclusive::new(TestDriver::with_clock(&topology.topology, &config, start_ms)?));
        Ok(())
    })
}

/// Pipes a record in and processes everything that follows from it, with a commit after each processed record.
///
/// @param driver     the driver
/// @param record     the record, copied; its partition is not looked at
/// @param spec_size  sizeof *record
/// @return NULL; an error of kind invalid (also for a topic that the topology does not read) or closed; or what the
///         processing failed with, such as user or data
///
/// Threads: one at a time.  Callbacks: the topology's functions run in here.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_pipe(
    driver: *mut ks_test_driver_t,
    record: *const ks_send_spec_t,
    spec_size: usize,
) -> *mut ks_error_t {
    guard(|| {
        let driver = borrow(driver, "driver")?;
        let record = test_record(&required_spec(record, spec_size, "record")?)?;
        driver.turn("test driver")?.pipe(record)
    })
}

/// Puts records into their queues, processes them all, and commits once.
///
/// @param driver     the driver
/// @param records    an array of records, copied; their partitions are not looked at
/// @param count      how many
/// @param spec_size  sizeof *records
/// @return as ks_test_driver_pipe()
///
/// Threads: one at a time.  Callbacks: the topology's functions run in here.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_pipe_batch(
    driver: *mut ks_test_driver_t,
    records: *const ks_send_spec_t,
    count: usize,
    spec_size: usize,
) -> *mut ks_error_t {
    guard(|| {
        let driver = borrow(driver, "driver")?;
        let records = specs(records, count, spec_size)?.map(|spec| test_record(&spec?)).collect::<Result<_>>()?;
        driver.turn("test driver")?.pipe_batch(records)
    })
}

/// Takes what was sent since it was last taken, in the order of sending, internal topics included.
///
/// @param driver     the driver
/// @param topic      only what was sent to this topic, the rest stays; NULL: everything
/// @param out_batch  owned; may be empty
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: one at a time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_outputs(
    driver: *mut ks_test_driver_t,
    topic: *const c_char,
    out_batch: *mut *mut ks_batch_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_batch, "out_batch")?;
        let driver = borrow(driver, "driver")?;
        let topic = optional_text(topic, "topic")?;
        let mut driver = driver.turn("test driver")?;
        let sent = match topic {
            Some(topic) => driver.read(topic),
            None => driver.outputs(),
        };
        out.give(BatchObject::new(Rows::Sent(sent)));
        Ok(())
    })
}

/// The rows of a store in the order of their keys' bytes, with what its cache still holds. Their topic is the store's
/// name.
///
/// @param driver     the driver
/// @param store      the store's name
/// @param out_batch  owned; may be empty
/// @return NULL, or an error of kind invalid (also for a name that no store has) or closed
///
/// Threads: one at a time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_store(
    driver: *mut ks_test_driver_t,
    store: *const c_char,
    out_batch: *mut *mut ks_batch_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_batch, "out_batch")?;
        let driver = borrow(driver, "driver")?;
        let store = text(store, "store")?;
        let rows = driver.turn("test driver")?.store_rows(store)?;
        out.give(BatchObject::new(Rows::Store(Arc::from(store), rows)));
        Ok(())
    })
}

/// Moves the wall clock and commits.
///
/// @param driver  the driver
/// @param by_ms   how far; not negative
/// @return as ks_test_driver_pipe()
///
/// Threads: one at a time.  Callbacks: the topology's functions run in here.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_advance(driver: *mut ks_test_driver_t, by_ms: i64) -> *mut ks_error_t {
    guard(|| {
        let driver = borrow(driver, "driver")?;
        let by = u64::try_from(by_ms).map_err(|_| Error::invalid("time runs forwards").with("argument", "by_ms"))?;
        driver.turn("test driver")?.advance_wall_clock(Duration::from_millis(by))
    })
}

/// How many records were dropped, such as those without a key at an aggregation.
///
/// @param driver       the driver
/// @param out_dropped  the number
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: one at a time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_dropped(
    driver: *mut ks_test_driver_t,
    out_dropped: *mut u64,
) -> *mut ks_error_t {
    guard(|| {
        crate::text::fill(0, out_dropped, "out_dropped")?;
        let dropped = borrow(driver, "driver")?.turn("test driver")?.dropped();
        crate::text::fill(dropped, out_dropped, "out_dropped")
    })
}

/// Closes the stores and removes their directory. Later calls answer closed; closing again is fine.
///
/// @param driver  the driver
/// @return NULL, or an error of kind resource, invalid or closed
///
/// Threads: one at a time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_test_driver_close(driver: *mut ks_test_driver_t) -> *mut ks_error_t {
    guard(|| borrow(driver, "driver")?.turn("test driver")?.close())
}

/// Destroys a driver, and closes it if that was not done.
///
/// @param driver  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_test_driver_destroy(driver: *mut ks_test_driver_t) {
    guard_or((), || {
        handle::destroy(driver);
        Ok(())
    });
}

fn test_record(spec: &ks_send_spec_t) -> Result<TestRecord> {
    Ok(TestRecord {
        topic: text(spec.topic, "topic")?.to_owned(),
        key: bytes(spec.key, spec.key_size, "key")?.map(Into::into),
        value: bytes(spec.value, spec.value_size, "value")?.map(Into::into),
        timestamp: spec.timestamp_ms,
        headers: headers(spec)?,
    })
}

/// A copy of a record's headers.
///
/// # Errors
/// *Invalid* or *closed* for a wrong handle.
pub(crate) fn headers(spec: &ks_send_spec_t) -> Result<Headers> {
    let headers = borrow_optional(spec.headers, "headers")?;
    Ok(headers.map_or(Headers::EMPTY, |headers| headers.to_headers()))
}

/// The specs of an array, each as long as the caller's header says.
///
/// # Errors
/// *Invalid* for NULL and for a size that no header has.
pub(crate) fn specs(
    first: *const ks_send_spec_t,
    count: usize,
    size: usize,
) -> Result<impl Iterator<Item = Result<ks_send_spec_t>>> {
    if first.is_null() && count > 0 {
        return Err(null("records"));
    }
    let at = move |index: usize| first.wrapping_byte_add(index * size);
    Ok((0..count).map(move |index| required_spec(at(index), size, "records")))
}
