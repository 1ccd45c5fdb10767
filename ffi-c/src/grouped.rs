//! L. Grouped streams and tables.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use kstreams::{KGroupedStream, KTable, Result, StreamsBuilder, Value};

use crate::callback::{UserData, ks_destroy_fn};
use crate::error::ks_error_t;
use crate::function::{Aggregator, Function, ks_aggregate_fn, ks_initialize_fn, ks_reduce_fn};
use crate::guard::{guard, guard_or};
use crate::handle::{self, Borrowed, Handle, Out, borrow};
use crate::options::{self, ks_materialized_spec_t};
use crate::stream::{StreamObject, ks_stream_t};
use crate::text::optional_text;

/// A stream whose records are together by key: it can be counted, reduced and aggregated.
pub struct ks_grouped_t {
    _opaque: [u8; 0],
}

pub(crate) struct GroupedObject {
    pub(crate) builder: StreamsBuilder,
    pub(crate) grouped: KGroupedStream<Value, Value>,
}

impl Handle for ks_grouped_t {
    type Object = GroupedObject;
    const TAG: u8 = 9;
    const NAME: &'static str = "grouped stream";
}

/// The last value of each key, and its changes as they happen.
pub struct ks_table_t {
    _opaque: [u8; 0],
}

pub(crate) struct TableObject {
    builder: StreamsBuilder,
    table: KTable<Value, Value>,
}

impl Handle for ks_table_t {
    type Object = TableObject;
    const TAG: u8 = 10;
    const NAME: &'static str = "table";
}

/// How many records each key had, as longs. Records without key or value are dropped.
///
/// @param grouped       the grouped stream
/// @param name          the node's name; NULL: a generated one
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @param out_table     owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_grouped_count(
    grouped: *mut ks_grouped_t,
    name: *const c_char,
    options: *const ks_materialized_spec_t,
    options_size: usize,
    out_table: *mut *mut ks_table_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_table, "out_table")?;
        let (object, grouped) = operand(grouped, name)?;
        let materialized = options::materialized(options, options_size)?;
        object.give_table(grouped.count(materialized).dynamic(), out)
    })
}

/// Combines the values of each key; the first value is the first result. Records without key or value are dropped.
///
/// @param grouped       the grouped stream
/// @param name          the node's name; NULL: a generated one
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @param reducer       the function
/// @param user_data     for the function
/// @param destroy       destroys user_data; NULL is fine
/// @param out_table     owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_grouped_reduce(
    grouped: *mut ks_grouped_t,
    name: *const c_char,
    options: *const ks_materialized_spec_t,
    options_size: usize,
    reducer: ks_reduce_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_table: *mut *mut ks_table_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_table, "out_table")?;
        let (object, grouped) = operand(grouped, name)?;
        let materialized = options::materialized(options, options_size)?;
        let function = Function::new(reducer, user_data, "reducer")?;
        let table = grouped.reduce(move |state, value| function.combine(state, value), materialized);
        object.give_table(table, out)
    })
}

/// Folds the values of each key into an aggregate. Records without key or value are dropped.
///
/// @param grouped       the grouped stream
/// @param name          the node's name; NULL: a generated one
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @param initialize    gives what an aggregate begins with
/// @param aggregate     gives the next aggregate; a null deletes the row
/// @param user_data     for both functions
/// @param destroy       destroys user_data; NULL is fine
/// @param out_table     owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_grouped_aggregate(
    grouped: *mut ks_grouped_t,
    name: *const c_char,
    options: *const ks_materialized_spec_t,
    options_size: usize,
    initialize: ks_initialize_fn,
    aggregate: ks_aggregate_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_table: *mut *mut ks_table_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_table, "out_table")?;
        let (object, grouped) = operand(grouped, name)?;
        let materialized = options::materialized(options, options_size)?;
        let folding = Arc::new(Aggregator::new(initialize, aggregate, user_data)?);
        let beginning = Arc::clone(&folding);
        let table = grouped.aggregate(
            move || beginning.initialize(),
            move |key, value, state| folding.fold(key, value, state),
            materialized,
        );
        object.give_table(table, out)
    })
}

/// Destroys the handle of a grouped stream. What was made from it stays in its topology.
///
/// @param grouped  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_grouped_destroy(grouped: *mut ks_grouped_t) {
    guard_or((), || {
        handle::destroy(grouped);
        Ok(())
    });
}

/// The changes of a table as a stream: each one's new value, null for a deletion.
///
/// @param table       the table
/// @param name        the node's name; NULL: a generated one
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_table_to_stream(
    table: *mut ks_table_t,
    name: *const c_char,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_stream, "out_stream")?;
        let object = borrow(table, "table")?;
        let stream = match optional_text(name, "name")? {
            Some(name) => StreamObject::of_table(&object.builder, &object.table.named(name)),
            None => StreamObject::of_table(&object.builder, &object.table),
        };
        stream.give_to(out)
    })
}

/// Destroys the handle of a table. The table stays in its topology.
///
/// @param table  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_table_destroy(table: *mut ks_table_t) {
    guard_or((), || {
        handle::destroy(table);
        Ok(())
    });
}

impl GroupedObject {
    fn give_table(&self, table: KTable<Value, Value>, out: Out<ks_table_t>) -> Result<()> {
        self.builder.check()?;
        out.give(TableObject { builder: self.builder.clone(), table });
        Ok(())
    }
}

fn operand(
    grouped: *mut ks_grouped_t,
    name: *const c_char,
) -> Result<(Borrowed<ks_grouped_t>, KGroupedStream<Value, Value>)> {
    let object = borrow(grouped, "grouped")?;
    let operand = match optional_text(name, "name")? {
        Some(name) => object.grouped.named(name),
        None => object.grouped.clone(),
    };
    Ok((object, operand))
}
