//! H. The program's functions on records.

use std::ffi::c_void;

use kstreams::{Result, Value};

use crate::callback::UserData;
use crate::emitter::{One, OnePair, Pairs, Part, Values, ks_emitter_t};
use crate::error::{from_callback, ks_error_t};
use crate::record::{ks_record_view_t, pair};
use crate::value::{ks_value_view_t, look};

/// Decides about a record.
///
/// @param user_data  what was registered with the function
/// @param record     borrowed until the function returns
/// @param out_keep   true if the predicate holds
/// @return NULL, or an error, which is the library's from then on: see ks_error_from_user()
pub type ks_filter_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        record: *const ks_record_view_t,
        out_keep: *mut bool,
    ) -> *mut ks_error_t,
>;

/// Makes new records, keys or values from a record, and gives them with ks_emitter_emit(): exactly one record (key,
/// value, or both) in ks_stream_map(), any number of records in ks_stream_flat_map(), exactly one value in
/// ks_stream_map_values(), any number of values in ks_stream_flat_map_values(), exactly one key in
/// ks_stream_select_key() and ks_stream_group_by().
///
/// @param user_data  what was registered with the function
/// @param record     borrowed until the function returns
/// @param emitter    good until the function returns
/// @return NULL, or an error, which is the library's from then on: see ks_error_from_user()
pub type ks_map_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        record: *const ks_record_view_t,
        emitter: *mut ks_emitter_t,
    ) -> *mut ks_error_t,
>;

/// Looks at a record.
///
/// @param user_data  what was registered with the function
/// @param record     borrowed until the function returns
/// @return NULL, or an error, which is the library's from then on: see ks_error_from_user()
pub type ks_effect_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, record: *const ks_record_view_t) -> *mut ks_error_t>;

/// Gives the value that an aggregation begins with, as one value to ks_emitter_emit().
///
/// @param user_data  what was registered with the function
/// @param emitter    good until the function returns
/// @return NULL, or an error, which is the library's from then on: see ks_error_from_user()
pub type ks_initialize_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, emitter: *mut ks_emitter_t) -> *mut ks_error_t>;

/// Gives the next result of an aggregation, as one value to ks_emitter_emit(); a null deletes the row.
///
/// @param user_data  what was registered with the function
/// @param record     borrowed until the function returns
/// @param state      the result so far, borrowed until the function returns
/// @param emitter    good until the function returns
/// @return NULL, or an error, which is the library's from then on: see ks_error_from_user()
pub type ks_aggregate_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        record: *const ks_record_view_t,
        state: *const ks_value_view_t,
        emitter: *mut ks_emitter_t,
    ) -> *mut ks_error_t,
>;

/// Combines two values of a key into one, given as one value to ks_emitter_emit().
///
/// @param user_data  what was registered with the function
/// @param state      the result so far, borrowed until the function returns
/// @param value      the next value, borrowed until the function returns
/// @param emitter    good until the function returns
/// @return NULL, or an error, which is the library's from then on: see ks_error_from_user()
pub type ks_reduce_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        state: *const ks_value_view_t,
        value: *const ks_value_view_t,
        emitter: *mut ks_emitter_t,
    ) -> *mut ks_error_t,
>;

/// A function of the program with its user data.
#[derive(Debug)]
pub(crate) struct Function<F> {
    call: F,
    user_data: UserData,
}

impl<F> Function<F> {
    /// Keeps the function; without one, its user data go at once.
    ///
    /// # Errors
    /// *Invalid*, naming the argument, for NULL.
    pub(crate) fn new(call: Option<F>, user_data: UserData, argument: &'static str) -> Result<Self> {
        let call = call.ok_or_else(|| crate::text::null(argument))?;
        Ok(Self { call, user_data })
    }
}

type Map = unsafe extern "C" fn(*mut c_void, *const ks_record_view_t, *mut ks_emitter_t) -> *mut ks_error_t;
type Filter = unsafe extern "C" fn(*mut c_void, *const ks_record_view_t, *mut bool) -> *mut ks_error_t;
type Effect = unsafe extern "C" fn(*mut c_void, *const ks_record_view_t) -> *mut ks_error_t;
type Initialize = unsafe extern "C" fn(*mut c_void, *mut ks_emitter_t) -> *mut ks_error_t;
type Combine = unsafe extern "C" fn(
    *mut c_void,
    *const ks_value_view_t,
    *const ks_value_view_t,
    *mut ks_emitter_t,
) -> *mut ks_error_t;
type Fold = unsafe extern "C" fn(
    *mut c_void,
    *const ks_record_view_t,
    *const ks_value_view_t,
    *mut ks_emitter_t,
) -> *mut ks_error_t;

impl Function<Filter> {
    pub(crate) fn decide(&self, key: &Value, value: &Value) -> Result<bool> {
        // A byte, because a host without booleans may write any number.
        let mut keep = 0_u8;
        let record = pair(key, value);
        // SAFETY: the program registered this function; the pointers are good until it returns.
        from_callback(unsafe { (self.call)(self.user_data.as_ptr(), &raw const record, (&raw mut keep).cast()) })?;
        Ok(keep != 0)
    }
}

impl Function<Map> {
    pub(crate) fn one(&self, part: Part, key: &Value, value: &Value) -> Result<Value> {
        let record = pair(key, value);
        One::of(part, [key, value], |emitter| self.enter(&record, emitter))
    }

    pub(crate) fn one_pair(&self, key: &Value, value: &Value) -> Result<(Value, Value)> {
        let record = pair(key, value);
        OnePair::of([key, value], |emitter| self.enter(&record, emitter))
    }

    pub(crate) fn values(&self, key: &Value, value: &Value) -> Vec<Result<Value>> {
        let record = pair(key, value);
        Values::of([key, value], |emitter| self.enter(&record, emitter))
    }

    pub(crate) fn pairs(&self, key: &Value, value: &Value) -> Vec<Result<(Value, Value)>> {
        let record = pair(key, value);
        Pairs::of([key, value], |emitter| self.enter(&record, emitter))
    }

    fn enter(&self, record: &ks_record_view_t, emitter: *mut ks_emitter_t) -> *mut ks_error_t {
        // SAFETY: the program registered this function; the pointers are good until it returns.
        unsafe { (self.call)(self.user_data.as_ptr(), record, emitter) }
    }
}

impl Function<Effect> {
    pub(crate) fn show(&self, key: &Value, value: &Value) -> Result<()> {
        let record = pair(key, value);
        // SAFETY: the program registered this function; the pointer is good until it returns.
        from_callback(unsafe { (self.call)(self.user_data.as_ptr(), &raw const record) })
    }
}

impl Function<Combine> {
    pub(crate) fn combine(&self, state: &Value, value: &Value) -> Result<Value> {
        let (state_view, value_view) = (look(state), look(value));
        One::of(Part::Value, [state, value], |emitter| {
            // SAFETY: the program registered this function; the pointers are good until it returns.
            unsafe { (self.call)(self.user_data.as_ptr(), &raw const state_view, &raw const value_view, emitter) }
        })
    }
}

/// The two functions of an aggregation, which share their user data.
#[derive(Debug)]
pub(crate) struct Aggregator {
    initialize: Initialize,
    fold: Fold,
    user_data: UserData,
}

impl Aggregator {
    /// Keeps both functions; without one of them, their user data go at once.
    ///
    /// # Errors
    /// *Invalid*, naming the argument, for NULL.
    pub(crate) fn new(initialize: Option<Initialize>, fold: Option<Fold>, user_data: UserData) -> Result<Self> {
        let initialize = initialize.ok_or_else(|| crate::text::null("initialize"))?;
        let fold = fold.ok_or_else(|| crate::text::null("aggregate"))?;
        Ok(Self { initialize, fold, user_data })
    }

    pub(crate) fn initialize(&self) -> Result<Value> {
        One::of(Part::Value, [&Value::Null; 2], |emitter| {
            // SAFETY: the program registered this function; the emitter is good until it returns.
            unsafe { (self.initialize)(self.user_data.as_ptr(), emitter) }
        })
    }

    pub(crate) fn fold(&self, key: &Value, value: &Value, state: &Value) -> Result<Value> {
        let (record, state_view) = (pair(key, value), look(state));
        One::of(Part::Value, [value, state], |emitter| {
            // SAFETY: the program registered this function; the pointers are good until it returns.
            unsafe { (self.fold)(self.user_data.as_ptr(), &raw const record, &raw const state_view, emitter) }
        })
    }
}

#[cfg(test)]
mod tests;
