//! G. Emitters: how a callback gives its results.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use kstreams::{Error, Result, Value};

use crate::error::{from_callback, ks_error_t};
use crate::guard::guard;
use crate::text::{Plain, required_spec};
use crate::value::{copy, copy_into, ks_value_view_t};

/// Takes the results of one call of a callback. It is good on the thread of that call, until the call returns.
pub struct ks_emitter_t {
    _opaque: [u8; 0],
}

/// A result of a callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_emit_spec_t {
    /// The new key, copied; NULL: the record's own.
    pub key: *const ks_value_view_t,
    /// The new value, copied; NULL: the record's own. A null value is a view of kind KS_VALUE_NULL.
    pub value: *const ks_value_view_t,
}

// SAFETY: two pointers.
unsafe impl Plain for ks_emit_spec_t {
    const DEFAULT: Self = Self { key: std::ptr::null(), value: std::ptr::null() };
}

/// Gives a result of the callback that runs now. What may be given, and how often, is said at the type of callback.
///
/// @param emitter    what the callback got
/// @param spec       the result, copied
/// @param spec_size  sizeof *spec
/// @return NULL, or an error of kind invalid (not now, not twice, not here) or data (text that is not UTF-8, a number
///         out of range)
///
/// Threads: callback only.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_emitter_emit(
    emitter: *mut ks_emitter_t,
    spec: *const ks_emit_spec_t,
    spec_size: usize,
) -> *mut ks_error_t {
    guard(|| {
        let results = CALLS.with(|calls| calls.results_of(emitter.addr())).ok_or_else(outside)?;
        let spec = required_spec(spec, spec_size, "spec")?;
        // SAFETY: the number is that of the call that runs on this thread now, which keeps its results on the stack
        // until it returns and does not touch them meanwhile.
        unsafe { &mut *results }.add(seen(spec.key), seen(spec.value))
    })
}

/// Where the results of one call go.
trait Results {
    /// Takes a result: a new key, a new value, or both.
    ///
    /// # Errors
    /// *Invalid* when the callback cannot give this; *data* for a value that is none.
    fn add(&mut self, key: Option<&ks_value_view_t>, value: Option<&ks_value_view_t>) -> Result<()>;
}

/// Calls the program and collects its results.
///
/// # Errors
/// What the callback returned.
#[inline]
fn collect<'a>(
    results: &mut (dyn Results + 'a),
    call: impl FnOnce(*mut ks_emitter_t) -> *mut ks_error_t,
) -> Result<()> {
    #[expect(clippy::transmute_ptr_to_ptr, reason = "a cast cannot change the lifetime of a trait object")]
    // SAFETY: only the lifetime is forgotten; the pointer is taken back before this function returns.
    let results = unsafe { std::mem::transmute::<*mut (dyn Results + 'a), *mut (dyn Results + 'static)>(results) };
    let returned = CALLS.with(|calls| {
        let number = calls.next_number();
        let _scope = Scope { calls, outer: calls.current.replace(Some(Current { number, results })) };
        call(std::ptr::without_provenance_mut(number))
    });
    from_callback(returned)
}

/// The calls of callbacks on this thread.
struct Calls {
    /// The one that runs now.
    current: Cell<Option<Current>>,
    next: Cell<usize>,
}

#[derive(Clone, Copy)]
struct Current {
    number: usize,
    results: *mut (dyn Results + 'static),
}

/// Gives the thread back to the outer callback, in which this one ran.
struct Scope<'a> {
    calls: &'a Calls,
    outer: Option<Current>,
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        self.calls.current.set(self.outer);
    }
}

/// Marks an emitter's number, so that it is no handle and no address.
const TAG: usize = 100 << 56;
const THREAD_SHIFT: u32 = 36;
const CALL_BITS: usize = (1 << THREAD_SHIFT) - 1;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CALLS: Calls = const { Calls { current: Cell::new(None), next: Cell::new(0) } };
}

impl Calls {
    /// A number that no other call has, on any thread.
    #[inline]
    fn next_number(&self) -> usize {
        let mut next = self.next.get();
        if next & CALL_BITS == 0 {
            let thread = THREADS.fetch_add(1, Ordering::Relaxed) & 0xF_FFFF;
            next = TAG | thread << THREAD_SHIFT | 1;
        }
        self.next.set(next + 1);
        next
    }

    /// Where the results go of the call that has this number, if it runs now.
    #[inline]
    fn results_of(&self, number: usize) -> Option<*mut (dyn Results + 'static)> {
        self.current.get().filter(|current| current.number == number).map(|current| current.results)
    }
}

fn outside() -> Error {
    Error::invalid("emitter is used outside the call of the callback that got it").with("argument", "emitter")
}

fn seen<'a>(view: *const ks_value_view_t) -> Option<&'a ks_value_view_t> {
    // SAFETY: the callback passed a readable struct that lives through the call; the type never grows.
    unsafe { view.as_ref() }
}

/// Which part of a record a callback gives.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Key,
    Value,
}

/// What a callback gives: one key, or one value.
pub(crate) struct One<'a> {
    part: Part,
    sources: [&'a Value; 2],
    is_given: bool,
    result: Value,
}

impl Results for One<'_> {
    fn add(&mut self, key: Option<&ks_value_view_t>, value: Option<&ks_value_view_t>) -> Result<()> {
        let (given, name) = part(self.part, key, value)?;
        once(self.is_given)?;
        copy_into(&mut self.result, given, &self.sources, name)?;
        self.is_given = true;
        Ok(())
    }
}

impl One<'_> {
    /// Calls the program for its one result.
    ///
    /// # Errors
    /// What the callback returned; *invalid* when it gave no result.
    #[inline]
    pub(crate) fn of(
        part: Part,
        sources: [&Value; 2],
        call: impl FnOnce(*mut ks_emitter_t) -> *mut ks_error_t,
    ) -> Result<Value> {
        let mut one = One { part, sources, is_given: false, result: Value::Null };
        collect(&mut one, call)?;
        if one.is_given { Ok(one.result) } else { Err(no_result()) }
    }
}

/// What a callback gives: one record.
pub(crate) struct OnePair<'a> {
    sources: [&'a Value; 2],
    is_given: bool,
    result: (Value, Value),
}

impl Results for OnePair<'_> {
    fn add(&mut self, key: Option<&ks_value_view_t>, value: Option<&ks_value_view_t>) -> Result<()> {
        once(self.is_given)?;
        own_or(&mut self.result.0, key, &self.sources, 0, "key")?;
        own_or(&mut self.result.1, value, &self.sources, 1, "value")?;
        self.is_given = true;
        Ok(())
    }
}

impl OnePair<'_> {
    /// Calls the program for its one result.
    ///
    /// # Errors
    /// What the callback returned; *invalid* when it gave no result.
    #[inline]
    pub(crate) fn of(
        sources: [&Value; 2],
        call: impl FnOnce(*mut ks_emitter_t) -> *mut ks_error_t,
    ) -> Result<(Value, Value)> {
        let mut one = OnePair { sources, is_given: false, result: (Value::Null, Value::Null) };
        collect(&mut one, call)?;
        if one.is_given { Ok(one.result) } else { Err(no_result()) }
    }
}

/// What a callback gives: any number of values.
pub(crate) struct Values<'a> {
    sources: [&'a Value; 2],
    results: Vec<Result<Value>>,
}

impl Results for Values<'_> {
    fn add(&mut self, key: Option<&ks_value_view_t>, value: Option<&ks_value_view_t>) -> Result<()> {
        let (given, name) = part(Part::Value, key, value)?;
        self.results.push(Ok(copy(given, &self.sources, name)?));
        Ok(())
    }
}

impl Values<'_> {
    /// Calls the program for its results. If it fails there is its error alone.
    #[inline]
    pub(crate) fn of(
        sources: [&Value; 2],
        call: impl FnOnce(*mut ks_emitter_t) -> *mut ks_error_t,
    ) -> Vec<Result<Value>> {
        let mut values = Values { sources, results: Vec::new() };
        match collect(&mut values, call) {
            Ok(()) => values.results,
            Err(error) => vec![Err(error)],
        }
    }
}

/// What a callback gives: any number of records.
pub(crate) struct Pairs<'a> {
    sources: [&'a Value; 2],
    results: Vec<Result<(Value, Value)>>,
}

impl Results for Pairs<'_> {
    fn add(&mut self, key: Option<&ks_value_view_t>, value: Option<&ks_value_view_t>) -> Result<()> {
        let mut result = (Value::Null, Value::Null);
        own_or(&mut result.0, key, &self.sources, 0, "key")?;
        own_or(&mut result.1, value, &self.sources, 1, "value")?;
        self.results.push(Ok(result));
        Ok(())
    }
}

impl Pairs<'_> {
    /// Calls the program for its results. If it fails there is its error alone.
    #[inline]
    pub(crate) fn of(
        sources: [&Value; 2],
        call: impl FnOnce(*mut ks_emitter_t) -> *mut ks_error_t,
    ) -> Vec<Result<(Value, Value)>> {
        let mut pairs = Pairs { sources, results: Vec::new() };
        match collect(&mut pairs, call) {
            Ok(()) => pairs.results,
            Err(error) => vec![Err(error)],
        }
    }
}

fn once(is_given: bool) -> Result<()> {
    if is_given { Err(Error::invalid("this callback gives one result")) } else { Ok(()) }
}

/// The part that the callback must give, and its name.
#[inline]
fn part<'a>(
    part: Part,
    key: Option<&'a ks_value_view_t>,
    value: Option<&'a ks_value_view_t>,
) -> Result<(&'a ks_value_view_t, &'static str)> {
    let ((given, name), (other, other_name)) = match part {
        Part::Key => ((key, "key"), (value, "value")),
        Part::Value => ((value, "value"), (key, "key")),
    };
    if other.is_some() {
        return Err(Error::invalid("this callback cannot give this").with("field", other_name));
    }
    let given = given.ok_or_else(|| Error::invalid("this callback must give this").with("field", name))?;
    Ok((given, name))
}

/// Puts what the callback gave to a place, or else the record's own.
fn own_or(
    place: &mut Value,
    given: Option<&ks_value_view_t>,
    sources: &[&Value; 2],
    own: usize,
    name: &'static str,
) -> Result<()> {
    match given {
        Some(view) => copy_into(place, view, sources, name),
        None => {
            place.clone_from(sources[own]);
            Ok(())
        }
    }
}

fn no_result() -> Error {
    Error::invalid("the callback returned without a result: it must call ks_emitter_emit() once")
}
