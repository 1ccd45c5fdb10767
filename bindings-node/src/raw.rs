//! The only `unsafe` code of this crate: Node-API, with lifetimes that keep values inside their scope.
//!
//! The `napi` crate's own wrappers cost more than a whole call of a small function, so what runs once a record goes to
//! Node-API directly.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::sys;

thread_local! {
    /// The environment that called into this thread, as long as we are inside of that call.
    static CURRENT: Cell<sys::napi_env> = const { Cell::new(ptr::null_mut()) };
}

/// A JavaScript environment, on its own thread, within one scope of handles.
#[derive(Clone, Copy)]
pub(crate) struct Js<'s> {
    env: sys::napi_env,
    scope: PhantomData<(&'s (), *const ())>,
}

/// A JavaScript value, valid in its scope.
#[derive(Clone, Copy)]
pub(crate) struct Val<'s> {
    raw: sys::napi_value,
    js: Js<'s>,
}

/// What `typeof` says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Symbol,
    Object,
    Function,
    External,
    BigInt,
}

impl Type {
    /// The word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Symbol => "symbol",
            Self::Object => "object",
            Self::Function => "function",
            Self::External => "external",
            Self::BigInt => "bigint",
        }
    }
}

/// Whether a Node-API call did what it should.
fn is_ok(status: sys::napi_status) -> bool {
    status == sys::Status::napi_ok
}

/// Puts back the environment that was current before.
struct Restore(sys::napi_env);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Runs something that was called by JavaScript.
pub(crate) fn enter<T>(env: &napi::Env, body: impl for<'s> FnOnce(Js<'s>) -> T) -> T {
    enter_raw(env.raw(), body)
}

fn enter_raw<T>(env: sys::napi_env, body: impl for<'s> FnOnce(Js<'s>) -> T) -> T {
    let _restore = Restore(CURRENT.replace(env));
    body(Js { env, scope: PhantomData })
}

/// Runs something in the environment that called into this thread, within a scope of its own; `None` on a thread that
/// JavaScript has not called.
#[inline]
pub(crate) fn with_current<T>(body: impl for<'s> FnOnce(Js<'s>) -> T) -> Option<T> {
    let env = CURRENT.get();
    if env.is_null() {
        return None;
    }
    let mut scope = ptr::null_mut();
    // SAFETY: the environment is the one that called into this thread, and we are still inside of that call.
    if !is_ok(unsafe { sys::napi_open_handle_scope(env, &raw mut scope) }) {
        return None;
    }
    let result = catch_unwind(AssertUnwindSafe(|| body(Js { env, scope: PhantomData })));
    // SAFETY: opened above, and no value with the scope's lifetime can have left the body.
    unsafe { sys::napi_close_handle_scope(env, scope) };
    Some(result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

/// How large a buffer may be that shares memory with others.
const POOLED: usize = 2048;
/// How much memory is shared.
const POOL: usize = 16 * 1024;

thread_local! {
    static BUFFERS: RefCell<Buffers> = const { RefCell::new(Buffers { make: None, pool: None }) };
}

/// Where small buffers come from.
struct Buffers {
    /// Gets a size and returns memory that cannot be transferred, and a function that makes views of it.
    make: Option<Kept>,
    pool: Option<Pool>,
}

struct Pool {
    /// The memory, which `view` keeps alive.
    data: *mut u8,
    used: usize,
    /// Gets the two ends of a part and returns a `Buffer` on it.
    view: Kept,
}

/// Sets what makes memory for small buffers; nothing ends it.
pub(crate) fn set_pool_maker(make: Option<Kept>) {
    BUFFERS.set(Buffers { make, pool: None });
}

fn pooled<'s>(js: Js<'s>, bytes: &[u8]) -> Option<Val<'s>> {
    BUFFERS.with_borrow_mut(|buffers| {
        if buffers.pool.as_ref().is_none_or(|pool| POOL - pool.used < bytes.len()) {
            let fresh = new_pool(js, buffers.make.as_ref()?)?;
            if let Some(old) = buffers.pool.replace(fresh) {
                old.view.delete(js);
            }
        }
        let pool = buffers.pool.as_mut()?;
        let (start, end) = (pool.used, pool.used + bytes.len());
        // SAFETY: the part lies inside of the memory and belongs to nobody yet; the memory is there as long as `view`.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), pool.data.add(start), bytes.len()) };
        // Parts begin at multiples of eight, for whoever looks at numbers in them.
        pool.used = end.next_multiple_of(8).min(POOL);
        let end = |end: usize| js.int32(i32::try_from(end).unwrap_or_default());
        pool.view.get(js).call(&[end(start), end(start + bytes.len())]).ok()
    })
}

fn new_pool(js: Js<'_>, make: &Kept) -> Option<Pool> {
    let made = make.get(js).call(&[js.int32(i32::try_from(POOL).ok()?)]).ok()?;
    let mut data = ptr::null_mut();
    let mut size = 0;
    // SAFETY: see `Val::kind`; anything but a buffer is answered with an error.
    let status = unsafe { sys::napi_get_buffer_info(js.env, made.item(0).raw, &raw mut data, &raw mut size) };
    let view = Kept::new(made.item(1))?;
    (is_ok(status) && size == POOL).then_some(Pool { data: data.cast(), used: 0, view })
}

impl<'s> Js<'s> {
    /// Makes a value by a call that fills a place.
    fn make(self, call: impl FnOnce(*mut sys::napi_value) -> sys::napi_status) -> Val<'s> {
        let mut raw = ptr::null_mut();
        if !is_ok(call(&raw mut raw)) {
            // Only a dying environment or an exhausted heap comes here; a null handle is never given to Node-API.
            return self.undefined();
        }
        Val { raw, js: self }
    }

    pub(crate) fn undefined(self) -> Val<'s> {
        let mut raw = ptr::null_mut();
        // SAFETY: `Js` is proof of a live environment on this thread.
        unsafe { sys::napi_get_undefined(self.env, &raw mut raw) };
        Val { raw, js: self }
    }

    pub(crate) fn null(self) -> Val<'s> {
        // SAFETY: as in `undefined`.
        self.make(|out| unsafe { sys::napi_get_null(self.env, out) })
    }

    pub(crate) fn boolean(self, truth: bool) -> Val<'s> {
        // SAFETY: as in `undefined`.
        self.make(|out| unsafe { sys::napi_get_boolean(self.env, truth, out) })
    }

    pub(crate) fn number(self, number: f64) -> Val<'s> {
        // SAFETY: as in `undefined`.
        self.make(|out| unsafe { sys::napi_create_double(self.env, number, out) })
    }

    pub(crate) fn int32(self, number: i32) -> Val<'s> {
        // SAFETY: as in `undefined`.
        self.make(|out| unsafe { sys::napi_create_int32(self.env, number, out) })
    }

    pub(crate) fn bigint(self, number: i64) -> Val<'s> {
        // SAFETY: as in `undefined`.
        self.make(|out| unsafe { sys::napi_create_bigint_int64(self.env, number, out) })
    }

    pub(crate) fn string(self, text: &str) -> Val<'s> {
        let size = text.len().cast_signed();
        if text.is_ascii() {
            // SAFETY: the text's bytes are read before the call returns, and ASCII is Latin-1.
            self.make(|out| unsafe { sys::napi_create_string_latin1(self.env, text.as_ptr().cast(), size, out) })
        } else {
            // SAFETY: the text's bytes are read before the call returns.
            self.make(|out| unsafe { sys::napi_create_string_utf8(self.env, text.as_ptr().cast(), size, out) })
        }
    }

    /// A `Buffer` with a copy of the bytes. Small ones share memory, as Node's own do: making memory costs ten times
    /// as much as a view of it.
    pub(crate) fn buffer(self, bytes: &[u8]) -> Val<'s> {
        if bytes.len() <= POOLED
            && let Some(view) = pooled(self, bytes)
        {
            return view;
        }
        let mut data = ptr::null_mut();
        // SAFETY: the bytes are copied before the call returns.
        self.make(|out| unsafe {
            sys::napi_create_buffer_copy(self.env, bytes.len(), bytes.as_ptr().cast(), &raw mut data, out)
        })
    }

    pub(crate) fn array(self, items: impl ExactSizeIterator<Item = Val<'s>>) -> Val<'s> {
        // SAFETY: as in `undefined`.
        let array = self.make(|out| unsafe { sys::napi_create_array_with_length(self.env, items.len(), out) });
        for (index, item) in (0..).zip(items) {
            // SAFETY: both values belong to this environment and scope.
            unsafe { sys::napi_set_element(self.env, array.raw, index, item.raw) };
        }
        array
    }

    /// A promise, and what settles it.
    pub(crate) fn promise(self) -> (Deferred, Val<'s>) {
        let mut deferred = ptr::null_mut();
        // SAFETY: as in `undefined`.
        let promise = self.make(|out| unsafe { sys::napi_create_promise(self.env, &raw mut deferred, out) });
        (Deferred(deferred), promise)
    }

    /// A JavaScript `Error`, for where our own cannot be made.
    pub(crate) fn plain_error(self, message: &str) -> Val<'s> {
        let message = self.string(message);
        // SAFETY: the message is a string of this environment.
        self.make(|out| unsafe { sys::napi_create_error(self.env, ptr::null_mut(), message.raw, out) })
    }

    /// Lets the call that we are in throw a value.
    pub(crate) fn throw(self, thrown: Val<'_>) {
        // SAFETY: the value belongs to this environment, and is in scope during the call.
        unsafe { sys::napi_throw(self.env, thrown.raw) };
    }

    /// The exception that the last call left.
    fn take_exception(self) -> Option<Val<'s>> {
        let mut is_pending = false;
        // SAFETY: as in `undefined`.
        if !is_ok(unsafe { sys::napi_is_exception_pending(self.env, &raw mut is_pending) }) || !is_pending {
            return None;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: as in `undefined`; an exception is pending.
        is_ok(unsafe { sys::napi_get_and_clear_last_exception(self.env, &raw mut raw) })
            .then_some(Val { raw, js: self })
    }

    /// Something that is there until the environment ends: calls `ended` first of all then.
    pub(crate) fn on_end(self, ended: fn()) {
        unsafe extern "C" fn call(data: *mut c_void) {
            // SAFETY: the pointer was made from a function of just this type, below.
            let ended = unsafe { std::mem::transmute::<*mut c_void, fn()>(data) };
            let _ = catch_unwind(ended);
        }
        // SAFETY: the function stays, because the library is never unloaded.
        unsafe { sys::napi_add_env_cleanup_hook(self.env, Some(call), ended as *mut c_void) };
    }
}

impl<'s> Val<'s> {
    pub(crate) fn js(self) -> Js<'s> {
        self.js
    }

    #[inline]
    pub(crate) fn kind(self) -> Type {
        let mut kind = sys::ValueType::napi_undefined;
        // SAFETY: value and environment belong together, in this and in all functions below: `Val` has both.
        unsafe { sys::napi_typeof(self.js.env, self.raw, &raw mut kind) };
        match kind {
            sys::ValueType::napi_null => Type::Null,
            sys::ValueType::napi_boolean => Type::Boolean,
            sys::ValueType::napi_number => Type::Number,
            sys::ValueType::napi_string => Type::String,
            sys::ValueType::napi_symbol => Type::Symbol,
            sys::ValueType::napi_object => Type::Object,
            sys::ValueType::napi_function => Type::Function,
            sys::ValueType::napi_external => Type::External,
            sys::ValueType::napi_bigint => Type::BigInt,
            _ => Type::Undefined,
        }
    }

    pub(crate) fn is_nullish(self) -> bool {
        matches!(self.kind(), Type::Null | Type::Undefined)
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        let mut truth = false;
        // SAFETY: see `kind`.
        is_ok(unsafe { sys::napi_get_value_bool(self.js.env, self.raw, &raw mut truth) }).then_some(truth)
    }

    /// What `!!value` is.
    pub(crate) fn truth(self) -> bool {
        // SAFETY: see `kind`.
        let coerced = self.js.make(|out| unsafe { sys::napi_coerce_to_bool(self.js.env, self.raw, out) });
        coerced.as_bool().unwrap_or(false)
    }

    pub(crate) fn as_number(self) -> Option<f64> {
        let mut number = 0.0;
        // SAFETY: see `kind`.
        is_ok(unsafe { sys::napi_get_value_double(self.js.env, self.raw, &raw mut number) }).then_some(number)
    }

    /// A bigint, and whether it fits.
    pub(crate) fn as_bigint(self) -> Option<(i64, bool)> {
        let (mut number, mut is_lossless) = (0, false);
        // SAFETY: see `kind`.
        let status =
            unsafe { sys::napi_get_value_bigint_int64(self.js.env, self.raw, &raw mut number, &raw mut is_lossless) };
        is_ok(status).then_some((number, is_lossless))
    }

    /// Calls `look` with the text of a string, in UTF-8; lone surrogates are U+FFFD.
    #[inline]
    pub(crate) fn with_text<T>(self, look: impl FnOnce(&str) -> T) -> Option<T> {
        const SMALL: usize = 256;
        // The longest character has four bytes: with less room left the text may have been cut.
        const CERTAIN: usize = SMALL - 4;
        let mut small = [0_u8; SMALL];
        let mut size = 0;
        // SAFETY: see `kind`; no more than the buffer's size is written, with a zero at the end.
        let status = unsafe {
            sys::napi_get_value_string_utf8(self.js.env, self.raw, small.as_mut_ptr().cast(), SMALL, &raw mut size)
        };
        if !is_ok(status) {
            return None;
        }
        if size < CERTAIN {
            // SAFETY: V8 writes UTF-8, with a replacement character for what has no form in it.
            return Some(look(unsafe { std::str::from_utf8_unchecked(&small[..size]) }));
        }
        self.long_text().map(|text| look(&text))
    }

    fn long_text(self) -> Option<String> {
        let mut size = 0;
        // SAFETY: see `kind`; without a buffer only the size is told.
        let status =
            unsafe { sys::napi_get_value_string_utf8(self.js.env, self.raw, ptr::null_mut(), 0, &raw mut size) };
        if !is_ok(status) {
            return None;
        }
        let mut bytes = vec![0_u8; size + 1];
        let mut written = 0;
        // SAFETY: as in `with_text`.
        let status = unsafe {
            sys::napi_get_value_string_utf8(
                self.js.env,
                self.raw,
                bytes.as_mut_ptr().cast(),
                bytes.len(),
                &raw mut written,
            )
        };
        bytes.truncate(written);
        if is_ok(status) { String::from_utf8(bytes).ok() } else { None }
    }

    pub(crate) fn as_text(self) -> Option<String> {
        self.with_text(str::to_owned)
    }

    /// Calls `look` with the bytes of a `Buffer` or another `Uint8Array`. `look` must not call JavaScript.
    pub(crate) fn with_bytes<T>(self, look: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let mut is_typed_array = false;
        // SAFETY: see `kind`.
        unsafe { sys::napi_is_typedarray(self.js.env, self.raw, &raw mut is_typed_array) };
        if !is_typed_array {
            return None;
        }
        let (mut kind, mut size, mut data) = (0, 0, ptr::null_mut());
        // SAFETY: see `kind`; the value is a typed array.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.js.env,
                self.raw,
                &raw mut kind,
                &raw mut size,
                &raw mut data,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        if !is_ok(status)
            || !matches!(kind, sys::TypedarrayType::uint8_array | sys::TypedarrayType::uint8_clamped_array)
        {
            return None;
        }
        if size == 0 || data.is_null() {
            return Some(look(&[]));
        }
        // SAFETY: the array has so many bytes there, and stays while no JavaScript runs.
        Some(look(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), size) }))
    }

    pub(crate) fn is_array(self) -> bool {
        let mut is_array = false;
        // SAFETY: see `kind`.
        unsafe { sys::napi_is_array(self.js.env, self.raw, &raw mut is_array) };
        is_array
    }

    pub(crate) fn length(self) -> u32 {
        let mut length = 0;
        // SAFETY: see `kind`; anything but an array leaves zero.
        unsafe { sys::napi_get_array_length(self.js.env, self.raw, &raw mut length) };
        length
    }

    /// An item of an array.
    pub(crate) fn item(self, index: u32) -> Val<'s> {
        // SAFETY: see `kind`.
        let item = self.js.make(|out| unsafe { sys::napi_get_element(self.js.env, self.raw, index, out) });
        self.js.take_exception();
        item
    }

    /// All items of an array.
    pub(crate) fn items(self) -> impl ExactSizeIterator<Item = Val<'s>> {
        (0..self.length() as usize).map(move |index| self.item(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// A property; the exception, if a getter throws one.
    pub(crate) fn property(self, name: &CStr) -> Result<Val<'s>, Val<'s>> {
        let mut raw = ptr::null_mut();
        // SAFETY: see `kind`.
        let status = unsafe { sys::napi_get_named_property(self.js.env, self.raw, name.as_ptr(), &raw mut raw) };
        if is_ok(status) { Ok(Val { raw, js: self.js }) } else { Err(self.js.exception_or_end()) }
    }

    /// Whether it is an `Error`.
    pub(crate) fn is_error(self) -> bool {
        let mut is_error = false;
        // SAFETY: see `kind`.
        unsafe { sys::napi_is_error(self.js.env, self.raw, &raw mut is_error) };
        is_error
    }

    /// Calls it as a function of an object.
    #[inline]
    pub(crate) fn call_on(self, this: Val<'s>, arguments: &[Val<'s>]) -> Result<Val<'s>, Val<'s>> {
        const MANY: usize = 8;
        let mut raws = [ptr::null_mut(); MANY];
        assert!(arguments.len() <= MANY, "no function of ours has more arguments");
        for (raw, argument) in raws.iter_mut().zip(arguments) {
            *raw = argument.raw;
        }
        let mut raw = ptr::null_mut();
        // SAFETY: see `kind`; the arguments belong to the same scope, by their lifetime.
        let status = unsafe {
            sys::napi_call_function(self.js.env, this.raw, self.raw, arguments.len(), raws.as_ptr(), &raw mut raw)
        };
        if is_ok(status) { Ok(Val { raw, js: self.js }) } else { Err(self.js.exception_or_end()) }
    }

    /// Calls it as a function.
    #[inline]
    pub(crate) fn call(self, arguments: &[Val<'s>]) -> Result<Val<'s>, Val<'s>> {
        self.call_on(self.js.undefined(), arguments)
    }

    /// As the result of an exported function.
    pub(crate) fn into_out(self) -> Out {
        Out(self.raw)
    }
}

impl<'s> Js<'s> {
    /// What a failed call threw. There is nothing when the environment is being ended.
    fn exception_or_end(self) -> Val<'s> {
        self.take_exception().unwrap_or_else(|| self.plain_error("the environment is ending"))
    }
}

/// An argument of an exported function, valid while the function runs.
pub struct In<'s>(Val<'s>);

impl<'s> In<'s> {
    /// The argument within the call's scope.
    pub(crate) fn val(&self) -> Val<'s> {
        self.0
    }
}

impl napi::bindgen_prelude::FromNapiValue for In<'_> {
    unsafe fn from_napi_value(env: sys::napi_env, raw: sys::napi_value) -> napi::Result<Self> {
        Ok(Self(Val { raw, js: Js { env, scope: PhantomData } }))
    }
}

/// What an exported function returns.
pub struct Out(sys::napi_value);

impl napi::bindgen_prelude::ToNapiValue for Out {
    unsafe fn to_napi_value(_: sys::napi_env, out: Self) -> napi::Result<sys::napi_value> {
        Ok(out.0)
    }
}

/// A value kept across scopes. It must be given to [`Kept::delete`] on its own thread; forgotten, it stays until the
/// environment ends.
pub(crate) struct Kept(sys::napi_ref);

// SAFETY: the reference is only used with a `Js`, which exists on the environment's thread alone; that it is the same
// environment is `host::Reference`'s part.
unsafe impl Send for Kept {}
// SAFETY: as above.
unsafe impl Sync for Kept {}

impl Kept {
    /// Keeps an object or a function.
    pub(crate) fn new(val: Val<'_>) -> Option<Self> {
        let mut raw = ptr::null_mut();
        // SAFETY: see `Val::kind`.
        is_ok(unsafe { sys::napi_create_reference(val.js.env, val.raw, 1, &raw mut raw) }).then_some(Self(raw))
    }

    /// The value. `js` must be the environment that it was made in.
    #[inline]
    pub(crate) fn get<'s>(&self, js: Js<'s>) -> Val<'s> {
        // SAFETY: the caller has the environment of the reference, which is not deleted before `self` is given up.
        js.make(|out| unsafe { sys::napi_get_reference_value(js.env, self.0, out) })
    }

    /// Lets go. `js` must be the environment that it was made in.
    pub(crate) fn delete(self, js: Js<'_>) {
        // SAFETY: as in `get`; `self` is the only owner.
        unsafe { sys::napi_delete_reference(js.env, self.0) };
    }
}

/// What settles a promise, once, on the environment's thread.
pub(crate) struct Deferred(sys::napi_deferred);

// SAFETY: it is only used with a `Js`, which exists on the environment's thread alone.
unsafe impl Send for Deferred {}

impl Deferred {
    /// Fulfils or rejects the promise.
    pub(crate) fn settle<'s>(self, js: Js<'s>, outcome: Result<Val<'s>, Val<'s>>) {
        // SAFETY: `settle` takes the deferred, so it is used once.
        unsafe {
            match outcome {
                Ok(val) => sys::napi_resolve_deferred(js.env, self.0, val.raw),
                Err(val) => sys::napi_reject_deferred(js.env, self.0, val.raw),
            }
        };
    }
}

/// What lets the environment's thread call a function of ours, from any thread.
pub(crate) struct Waker(sys::napi_threadsafe_function);

// SAFETY: a thread-safe function may be called from any thread. That it is not used after the environment's end is
// `host::Link`'s part, under a lock.
unsafe impl Send for Waker {}
// SAFETY: as above.
unsafe impl Sync for Waker {}

impl Waker {
    /// A waker that calls `woken` on the environment's thread. It does not keep the environment alive.
    pub(crate) fn new(js: Js<'_>, woken: fn(Js<'_>)) -> Option<Self> {
        unsafe extern "C" fn call(env: sys::napi_env, _: sys::napi_value, context: *mut c_void, _: *mut c_void) {
            if env.is_null() {
                return;
            }
            // SAFETY: the context was made from a function of just this type, below.
            let woken = unsafe { std::mem::transmute::<*mut c_void, fn(Js<'_>)>(context) };
            let _ = catch_unwind(|| enter_raw(env, |js| woken(js)));
        }
        let name = js.string("libkstreams");
        let mut raw = ptr::null_mut();
        // SAFETY: as in `Js::undefined`; the functions stay, because the library is never unloaded.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                js.env,
                ptr::null_mut(),
                ptr::null_mut(),
                name.raw,
                0,
                1,
                ptr::null_mut(),
                None,
                woken as *mut c_void,
                Some(call),
                &raw mut raw,
            )
        };
        if !is_ok(status) {
            return None;
        }
        let waker = Self(raw);
        waker.keep_alive(js, false);
        Some(waker)
    }

    /// Lets the environment's thread call the function, soon.
    pub(crate) fn wake(&self) {
        // SAFETY: the environment has not ended: the caller has looked, and holds the lock.
        unsafe {
            sys::napi_call_threadsafe_function(self.0, ptr::null_mut(), sys::ThreadsafeFunctionCallMode::nonblocking)
        };
    }

    /// Whether the environment stays alive for calls that may come.
    pub(crate) fn keep_alive(&self, js: Js<'_>, is_needed: bool) {
        // SAFETY: `js` is proof of the environment and its thread.
        unsafe {
            if is_needed {
                sys::napi_ref_threadsafe_function(js.env, self.0)
            } else {
                sys::napi_unref_threadsafe_function(js.env, self.0)
            }
        };
    }
}
