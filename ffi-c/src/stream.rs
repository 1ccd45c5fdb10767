//! K. Streams of records. Every operator gives a new stream; the old one can be used further.

use std::ffi::{c_char, c_void};

use kstreams::{KGroupedStream, KStream, KTable, Result, StreamsBuilder, Value};

use crate::callback::{UserData, ks_destroy_fn};
use crate::emitter::Part;
use crate::error::ks_error_t;
use crate::function::{Function, ks_effect_fn, ks_filter_fn, ks_map_fn};
use crate::grouped::{GroupedObject, ks_grouped_t};
use crate::guard::{guard, guard_or};
use crate::handle::{self, Borrowed, Handle, Out, borrow};
use crate::options::{self, ks_grouped_spec_t, ks_produced_spec_t, ks_repartitioned_spec_t};
use crate::text::{optional_text, text};

/// A stream of records.
pub struct ks_stream_t {
    _opaque: [u8; 0],
}

/// A stream, and the builder that knows what is wrong with it.
pub(crate) struct StreamObject {
    builder: StreamsBuilder,
    stream: KStream<Value, Value>,
}

impl Handle for ks_stream_t {
    type Object = StreamObject;
    const TAG: u8 = 8;
    const NAME: &'static str = "stream";
}

impl StreamObject {
    pub(crate) fn begin(builder: &StreamsBuilder, stream: KStream<Value, Value>) -> Self {
        Self { builder: builder.clone(), stream }
    }

    /// Gives the caller the stream, unless the operator that made it was a mistake.
    ///
    /// # Errors
    /// *Invalid*: the builder's first mistake.
    pub(crate) fn give_to(self, out: Out<ks_stream_t>) -> Result<()> {
        self.builder.check()?;
        out.give(self);
        Ok(())
    }

    /// The stream for an operator of this name.
    fn operand(&self, name: *const c_char) -> Result<KStream<Value, Value>> {
        Ok(match optional_text(name, "name")? {
            Some(name) => self.stream.named(name),
            None => self.stream.clone(),
        })
    }

    fn derive(&self, stream: KStream<Value, Value>) -> Self {
        Self { builder: self.builder.clone(), stream }
    }

    /// A stream of a table's changes.
    pub(crate) fn of_table(builder: &StreamsBuilder, table: &KTable<Value, Value>) -> Self {
        Self { builder: builder.clone(), stream: table.to_stream() }
    }
}

fn operand(stream: *mut ks_stream_t, name: *const c_char) -> Result<(Borrowed<ks_stream_t>, KStream<Value, Value>)> {
    let object = borrow(stream, "stream")?;
    let operand = object.operand(name)?;
    Ok((object, operand))
}

/// The records for which the predicate holds.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param predicate   the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_filter(
    stream: *mut ks_stream_t,
    name: *const c_char,
    predicate: ks_filter_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(predicate, user_data, "predicate")?;
        object.derive(stream.filter(move |key, value| function.decide(key, value))).give_to(out)
    })
}

/// The records for which the predicate does not hold.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param predicate   the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_filter_not(
    stream: *mut ks_stream_t,
    name: *const c_char,
    predicate: ks_filter_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(predicate, user_data, "predicate")?;
        object.derive(stream.filter_not(move |key, value| function.decide(key, value))).give_to(out)
    })
}

/// A new key and value for each record: the mapper gives exactly one record. Grouping what comes out repartitions it.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param mapper      the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_map(
    stream: *mut ks_stream_t,
    name: *const c_char,
    mapper: ks_map_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(mapper, user_data, "mapper")?;
        object.derive(stream.map(move |key, value| function.one_pair(key, value))).give_to(out)
    })
}

/// A new value for each record: the mapper gives exactly one value.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param mapper      the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_map_values(
    stream: *mut ks_stream_t,
    name: *const c_char,
    mapper: ks_map_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(mapper, user_data, "mapper")?;
        object.derive(stream.map_values(move |key, value| function.one(Part::Value, key, value))).give_to(out)
    })
}

/// Any number of records for each one, in the order in which the mapper gives them.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param mapper      the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_flat_map(
    stream: *mut ks_stream_t,
    name: *const c_char,
    mapper: ks_map_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(mapper, user_data, "mapper")?;
        object.derive(stream.flat_map(move |key, value| function.pairs(key, value))).give_to(out)
    })
}

/// Any number of values for each record, in the order in which the mapper gives them, under the same key.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param mapper      the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_flat_map_values(
    stream: *mut ks_stream_t,
    name: *const c_char,
    mapper: ks_map_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(mapper, user_data, "mapper")?;
        object.derive(stream.flat_map_values(move |key, value| function.values(key, value))).give_to(out)
    })
}

/// A new key for each record: the selector gives exactly one key. Grouping what comes out repartitions it.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param selector    the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_select_key(
    stream: *mut ks_stream_t,
    name: *const c_char,
    selector: ks_map_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(selector, user_data, "selector")?;
        object.derive(stream.select_key(move |key, value| function.one(Part::Key, key, value))).give_to(out)
    })
}

/// Shows each record to a function and passes it on.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param action      the function
/// @param user_data   for the function
/// @param destroy     destroys user_data; NULL is fine
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_peek(
    stream: *mut ks_stream_t,
    name: *const c_char,
    action: ks_effect_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(action, user_data, "action")?;
        object.derive(stream.peek(move |key, value| function.show(key, value))).give_to(out)
    })
}

/// Shows each record to a function; nothing comes after it.
///
/// @param stream     the stream
/// @param name       the node's name; NULL: a generated one
/// @param action     the function
/// @param user_data  for the function
/// @param destroy    destroys user_data; NULL is fine
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_for_each(
    stream: *mut ks_stream_t,
    name: *const c_char,
    action: ks_effect_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let (object, stream) = operand(stream, name)?;
        let function = Function::new(action, user_data, "action")?;
        stream.for_each(move |key, value| function.show(key, value));
        object.builder.check()
    })
}

/// The records of both streams, without an order between them. The serdes are not known from here on.
///
/// @param stream      the stream
/// @param name        the node's name; NULL: a generated one
/// @param other       a stream of the same builder
/// @param out_stream  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_merge(
    stream: *mut ks_stream_t,
    name: *const c_char,
    other: *mut ks_stream_t,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_stream, "out_stream")?;
        let (object, stream) = operand(stream, name)?;
        let other = borrow(other, "other")?;
        object.derive(stream.merge(&other.stream)).give_to(out)
    })
}

/// Writes the records to an internal topic by their keys and reads them back. Records without a key vanish.
///
/// @param stream        the stream
/// @param name          names the topic: `<application.id>-<name>-repartition`; NULL: a generated one
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @param out_stream    owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_repartition(
    stream: *mut ks_stream_t,
    name: *const c_char,
    options: *const ks_repartitioned_spec_t,
    options_size: usize,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_stream, "out_stream")?;
        let object = borrow(stream, "stream")?;
        let repartitioned = options::repartitioned(optional_text(name, "name")?, options, options_size)?;
        object.derive(object.stream.repartition(repartitioned)).give_to(out)
    })
}

/// Groups by the present key.
///
/// @param stream        the stream
/// @param name          names the repartition topic, should one be needed: `<application.id>-<name>-repartition`; NULL:
///                      a generated one
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @param out_grouped   owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_group_by_key(
    stream: *mut ks_stream_t,
    name: *const c_char,
    options: *const ks_grouped_spec_t,
    options_size: usize,
    out_grouped: *mut *mut ks_grouped_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_grouped, "out_grouped")?;
        let object = borrow(stream, "stream")?;
        let grouped = options::grouped(optional_text(name, "name")?, options, options_size)?;
        give_grouped(&object, object.stream.group_by_key(grouped), out)
    })
}

/// Groups by a new key: the selector gives exactly one key. The stream is repartitioned by it.
///
/// @param stream        the stream
/// @param name          names the repartition topic: `<application.id>-<name>-repartition`; NULL: a generated one
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @param selector      the function
/// @param user_data     for the function
/// @param destroy       destroys user_data; NULL is fine
/// @param out_grouped   owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.  Callbacks: on the threads that process, several at a time when there are several tasks.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_group_by(
    stream: *mut ks_stream_t,
    name: *const c_char,
    options: *const ks_grouped_spec_t,
    options_size: usize,
    selector: ks_map_fn,
    user_data: *mut c_void,
    destroy: ks_destroy_fn,
    out_grouped: *mut *mut ks_grouped_t,
) -> *mut ks_error_t {
    let user_data = UserData::new(user_data, destroy);
    guard(move || {
        let out = Out::new(out_grouped, "out_grouped")?;
        let object = borrow(stream, "stream")?;
        let grouped = options::grouped(optional_text(name, "name")?, options, options_size)?;
        let function = Function::new(selector, user_data, "selector")?;
        let grouped = object.stream.group_by(move |key, value| function.one(Part::Key, key, value), grouped);
        give_grouped(&object, grouped, out)
    })
}

/// Writes the records to a topic.
///
/// @param stream        the stream
/// @param name          the node's name; NULL: a generated one
/// @param topic         the topic's name
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_stream_to(
    stream: *mut ks_stream_t,
    name: *const c_char,
    topic: *const c_char,
    options: *const ks_produced_spec_t,
    options_size: usize,
) -> *mut ks_error_t {
    guard(|| {
        let object = borrow(stream, "stream")?;
        let produced = options::produced(optional_text(name, "name")?, options, options_size)?;
        object.stream.to(text(topic, "topic")?, produced);
        object.builder.check()
    })
}

/// Destroys the handle of a stream. The stream stays in its topology.
///
/// @param stream  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_stream_destroy(stream: *mut ks_stream_t) {
    guard_or((), || {
        handle::destroy(stream);
        Ok(())
    });
}

fn give_grouped(stream: &StreamObject, grouped: KGroupedStream<Value, Value>, out: Out<ks_grouped_t>) -> Result<()> {
    stream.builder.check()?;
    out.give(GroupedObject { builder: stream.builder.clone(), grouped });
    Ok(())
}
