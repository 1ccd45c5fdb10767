//! D. Values: what operators and callbacks see of keys and values.

use kstreams::{Error, IntWidth, Payload, RealWidth, Result, Text, Value};

use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow};
use crate::text::{self, Plain, bytes, fill_view, null};

/// What a value is: one of KS_VALUE_…
pub type ks_value_kind_t = i32;

/// No value: a tombstone, or a record without a key.
pub const KS_VALUE_NULL: ks_value_kind_t = 0;
/// A truth value, 0 or 1 in `integer`.
pub const KS_VALUE_BOOLEAN: ks_value_kind_t = 1;
/// A whole number of no fixed width, in `integer`: the serde that writes it checks the range.
pub const KS_VALUE_INTEGER: ks_value_kind_t = 2;
/// A 16-bit number, in `integer`.
pub const KS_VALUE_SHORT: ks_value_kind_t = 3;
/// A 32-bit number, in `integer`.
pub const KS_VALUE_INT: ks_value_kind_t = 4;
/// A 64-bit number, in `integer`.
pub const KS_VALUE_LONG: ks_value_kind_t = 5;
/// A floating-point number of no fixed width, in `real`.
pub const KS_VALUE_REAL: ks_value_kind_t = 6;
/// A 32-bit floating-point number, in `real`.
pub const KS_VALUE_FLOAT: ks_value_kind_t = 7;
/// A 64-bit floating-point number, in `real`.
pub const KS_VALUE_DOUBLE: ks_value_kind_t = 8;
/// UTF-8 text, in `data` and `size`, not NUL-terminated.
pub const KS_VALUE_TEXT: ks_value_kind_t = 9;
/// Bytes, in `data` and `size`.
pub const KS_VALUE_BYTES: ks_value_kind_t = 10;
/// An object of another language, which C cannot look into.
pub const KS_VALUE_HOST: ks_value_kind_t = 11;

/// A key or a value. It stands inside other structs, so it never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_value_view_t {
    /// One of KS_VALUE_…: says which of the other fields counts; those are 0.
    pub kind: ks_value_kind_t,
    /// A truth value or a whole number.
    pub integer: i64,
    /// A floating-point number.
    pub real: f64,
    /// Text or bytes; never NULL for these, also when there are none.
    pub data: *const u8,
    /// How many bytes.
    pub size: usize,
}

// SAFETY: numbers and a pointer.
unsafe impl Plain for ks_value_view_t {
    const DEFAULT: Self = Self { kind: KS_VALUE_NULL, integer: 0, real: 0.0, data: std::ptr::null(), size: 0 };
}

/// A value that the library holds.
pub struct ks_value_t {
    _opaque: [u8; 0],
}

impl Handle for ks_value_t {
    type Object = Value;
    const TAG: u8 = 3;
    const NAME: &'static str = "value";
}

/// Shows a value that the library holds.
///
/// @param value      the value
/// @param out_view   its data are borrowed from the value
/// @param view_size  sizeof *out_view
/// @return whether there was a value to show
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_value_view(
    value: *const ks_value_t,
    out_view: *mut ks_value_view_t,
    view_size: usize,
) -> bool {
    guard_or(false, || {
        let value = borrow(value, "value")?;
        fill_view(&look(&value), out_view, view_size, "out_view").map(|()| true)
    })
}

/// Destroys a value.
///
/// @param value  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_value_destroy(value: *mut ks_value_t) {
    guard_or((), || {
        handle::destroy(value);
        Ok(())
    });
}

/// Writes a value as the bytes of a topic or a store.
///
/// @param serde      bytes, string, short, int, long, float, double or boolean
/// @param value      a null has no bytes: it comes out as a null
/// @param out_bytes  owned
/// @return NULL, or an error of kind invalid (no such serde) or data (the value is of another type or out of range)
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_serde_write(
    serde: *const std::ffi::c_char,
    value: *const ks_value_view_t,
    out_bytes: *mut *mut ks_value_t,
) -> *mut crate::error::ks_error_t {
    guard(|| {
        let out = Out::new(out_bytes, "out_bytes")?;
        let serde = crate::serde::named(text::text(serde, "serde")?)?;
        let value = read(value, "value")?;
        let mut written = Vec::new();
        if value.is_null() {
            out.give(Value::Null);
            return Ok(());
        }
        serde.serialize(&value, &mut written)?;
        out.give(Value::Bytes(written.into()));
        Ok(())
    })
}

/// Reads a value from the bytes of a topic or a store.
///
/// @param serde      bytes, string, short, int, long, float, double or boolean
/// @param data       the bytes, copied; NULL: comes out as a null
/// @param size       how many
/// @param out_value  owned
/// @return NULL, or an error of kind invalid (no such serde) or data (the bytes are not of this form)
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_serde_read(
    serde: *const std::ffi::c_char,
    data: *const u8,
    size: usize,
    out_value: *mut *mut ks_value_t,
) -> *mut crate::error::ks_error_t {
    guard(|| {
        let out = Out::new(out_value, "out_value")?;
        let serde = crate::serde::named(text::text(serde, "serde")?)?;
        let value = match bytes(data, size, "data")? {
            None => Value::Null,
            Some(data) => serde.deserialize(&Payload::from(data))?,
        };
        out.give(value);
        Ok(())
    })
}

/// Shows a value to C. The view borrows from the value.
#[inline]
pub(crate) fn look(value: &Value) -> ks_value_view_t {
    let number = |kind, integer| ks_value_view_t { kind, integer, ..ks_value_view_t::DEFAULT };
    let real = |kind, real| ks_value_view_t { kind, real, ..ks_value_view_t::DEFAULT };
    let data =
        |kind, data: &[u8]| ks_value_view_t { kind, data: data.as_ptr(), size: data.len(), ..ks_value_view_t::DEFAULT };
    match value {
        Value::Null => ks_value_view_t::DEFAULT,
        Value::Bool(truth) => number(KS_VALUE_BOOLEAN, i64::from(*truth)),
        Value::Int(n, IntWidth::Any) => number(KS_VALUE_INTEGER, *n),
        Value::Int(n, IntWidth::Two) => number(KS_VALUE_SHORT, *n),
        Value::Int(n, IntWidth::Four) => number(KS_VALUE_INT, *n),
        Value::Int(n, IntWidth::Eight) => number(KS_VALUE_LONG, *n),
        Value::Real(x, RealWidth::Any) => real(KS_VALUE_REAL, *x),
        Value::Real(x, RealWidth::Four) => real(KS_VALUE_FLOAT, *x),
        Value::Real(x, RealWidth::Eight) => real(KS_VALUE_DOUBLE, *x),
        Value::Text(text) => data(KS_VALUE_TEXT, text.as_bytes()),
        Value::Bytes(bytes) => data(KS_VALUE_BYTES, bytes),
        _ => number(KS_VALUE_HOST, 0),
    }
}

/// Shows bytes that may be missing.
pub(crate) fn look_bytes(bytes: Option<&[u8]>) -> ks_value_view_t {
    bytes.map_or(ks_value_view_t::DEFAULT, |bytes| ks_value_view_t {
        kind: KS_VALUE_BYTES,
        data: bytes.as_ptr(),
        size: bytes.len(),
        ..ks_value_view_t::DEFAULT
    })
}

/// Copies a value that C shows.
///
/// # Errors
/// *Invalid* for NULL and unknown kinds; *data* for text that is not UTF-8 and numbers out of range.
pub(crate) fn read(view: *const ks_value_view_t, argument: &'static str) -> Result<Value> {
    if view.is_null() {
        return Err(null(argument));
    }
    // SAFETY: the caller of the C function passed a readable struct; the type never grows.
    let view = unsafe { view.read() };
    copy(&view, &[], argument)
}

/// Copies a value that C shows; what lies inside one of `sources` shares its bytes instead.
///
/// # Errors
/// As [`read`].
#[inline]
pub(crate) fn copy(view: &ks_value_view_t, sources: &[&Value], argument: &'static str) -> Result<Value> {
    let mut value = Value::Null;
    copy_into(&mut value, view, sources, argument)?;
    Ok(value)
}

/// [`copy`] to where the value will stay: moving one costs more than making it.
///
/// # Errors
/// As [`read`].
#[inline]
pub(crate) fn copy_into(
    place: &mut Value,
    view: &ks_value_view_t,
    sources: &[&Value],
    argument: &'static str,
) -> Result<()> {
    match view.kind {
        KS_VALUE_NULL => *place = Value::Null,
        KS_VALUE_BOOLEAN => *place = Value::Bool(view.integer != 0),
        KS_VALUE_LONG => *place = Value::Int(view.integer, IntWidth::Eight),
        KS_VALUE_INTEGER => *place = Value::Int(view.integer, IntWidth::Any),
        KS_VALUE_SHORT => *place = Value::Int(fit::<i16>(view.integer, "short", argument)?, IntWidth::Two),
        KS_VALUE_INT => *place = Value::Int(fit::<i32>(view.integer, "int", argument)?, IntWidth::Four),
        KS_VALUE_REAL => *place = Value::Real(view.real, RealWidth::Any),
        KS_VALUE_FLOAT => *place = Value::Real(view.real, RealWidth::Four),
        KS_VALUE_DOUBLE => *place = Value::Real(view.real, RealWidth::Eight),
        KS_VALUE_TEXT | KS_VALUE_BYTES => {
            // A value that is passed on as it is costs no look at its bytes.
            if let Some(whole) = sources.iter().find(|source| is_whole(view, source)) {
                place.clone_from(whole);
                return Ok(());
            }
            let data = data_of(view, argument)?;
            *place = if view.kind == KS_VALUE_TEXT {
                Value::Text(copy_text(data, sources, argument)?)
            } else {
                Value::Bytes(copy_bytes(data, sources))
            };
        }
        other => {
            return Err(Error::invalid("no value that C can make").with("argument", argument).with("kind", other));
        }
    }
    Ok(())
}

#[inline]
fn is_whole(view: &ks_value_view_t, source: &Value) -> bool {
    let (kind, data): (_, &[u8]) = match source {
        Value::Text(text) => (KS_VALUE_TEXT, text.as_bytes()),
        Value::Bytes(bytes) => (KS_VALUE_BYTES, bytes),
        _ => return false,
    };
    view.kind == kind && view.data == data.as_ptr() && view.size == data.len()
}

fn data_of<'a>(view: &ks_value_view_t, argument: &'static str) -> Result<&'a [u8]> {
    Ok(bytes(view.data, view.size, argument)?.unwrap_or(&[]))
}

fn copy_text(data: &[u8], sources: &[&Value], argument: &'static str) -> Result<Text> {
    if data.len() > Payload::INLINE {
        for source in sources {
            if let Value::Text(text) = source
                && let Some(start) = offset_in(data, text.as_bytes())
                && text.as_str().is_char_boundary(start)
                && text.as_str().is_char_boundary(start + data.len())
            {
                return Ok(text.slice(start..start + data.len()));
            }
        }
    }
    let text = std::str::from_utf8(data)
        .map_err(|cause| Error::data("text is not UTF-8").with("argument", argument).caused_by(cause))?;
    Ok(Text::from(text))
}

fn copy_bytes(data: &[u8], sources: &[&Value]) -> Payload {
    if data.len() > Payload::INLINE {
        for source in sources {
            if let Value::Bytes(bytes) = source
                && let Some(start) = offset_in(data, bytes)
            {
                return bytes.slice(start..start + data.len());
            }
        }
    }
    Payload::from(data)
}

/// Where `part` begins in `whole`, if it lies in the same memory.
fn offset_in(part: &[u8], whole: &[u8]) -> Option<usize> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (start.checked_add(part.len())? <= whole.len()).then_some(start)
}

fn fit<T: TryFrom<i64>>(number: i64, expected: &str, argument: &'static str) -> Result<i64> {
    match T::try_from(number) {
        Ok(_) => Ok(number),
        Err(_) => {
            let error = Error::data("number is out of range").with("argument", argument);
            Err(error.with("expected", expected).with("got", number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back_as_it_was_shown() {
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Int(-7, IntWidth::Any),
            Value::Int(-7, IntWidth::Two),
            Value::Int(-7, IntWidth::Four),
            Value::Int(i64::MIN, IntWidth::Eight),
            Value::Real(0.5, RealWidth::Any),
            Value::Real(0.5, RealWidth::Four),
            Value::Real(-0.0, RealWidth::Eight),
            Value::Text("zwölf".into()),
            Value::Text("".into()),
            Value::Bytes(Payload::from(&[0, 255][..])),
        ];
        for value in values {
            let back = copy(&look(&value), &[], "value").unwrap();
            assert_eq!(back, value);
            assert_eq!(back.kind(), value.kind());
        }
    }

    #[test]
    fn a_part_of_a_long_text_shares_its_bytes_and_stays_whole_characters() {
        let text = Value::Text("a long text with more than twenty-two bytes: ü".into());
        let Value::Text(inner) = &text else { unreachable!() };
        let view = |from: usize, size: usize| ks_value_view_t {
            kind: KS_VALUE_TEXT,
            data: inner.as_bytes()[from..].as_ptr(),
            size,
            ..ks_value_view_t::DEFAULT
        };
        let Value::Text(shared) = copy(&view(2, 30), &[&text], "value").unwrap() else { unreachable!() };
        assert_eq!(shared.as_bytes().as_ptr(), inner.as_bytes()[2..].as_ptr());
        let half = copy(&view(2, inner.as_bytes().len() - 3), &[&text], "value").unwrap_err();
        assert_eq!(half.kind(), kstreams::ErrorKind::Data);
    }

    #[test]
    fn unknown_kinds_and_numbers_out_of_range_are_refused() {
        let view = |kind, integer| ks_value_view_t { kind, integer, ..ks_value_view_t::DEFAULT };
        assert_eq!(copy(&view(77, 0), &[], "key").unwrap_err().fact("kind"), Some("77"));
        assert_eq!(copy(&view(KS_VALUE_SHORT, 40_000), &[], "key").unwrap_err().fact("expected"), Some("short"));
    }
}
