//! Strings and bytes that come in, sized structs that come in and go out.

use std::ffi::{CStr, CString, c_char};
use std::time::Duration;

use kstreams::{Error, Result};

/// A name or setting: NUL-terminated UTF-8.
///
/// # Errors
/// *Invalid*, naming the argument, for NULL and for what is not UTF-8.
pub(crate) fn text<'a>(pointer: *const c_char, argument: &'static str) -> Result<&'a str> {
    optional_text(pointer, argument)?.ok_or_else(|| null(argument))
}

/// [`text`], or `None` for NULL.
///
/// # Errors
/// *Invalid* for what is not UTF-8.
pub(crate) fn optional_text<'a>(pointer: *const c_char, argument: &'static str) -> Result<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller of the C function passed a NUL-terminated string that lives through the call; what is made of
    // it is copied before the call ends.
    let text = unsafe { CStr::from_ptr(pointer) };
    let text = text
        .to_str()
        .map_err(|cause| Error::invalid("text is not UTF-8").with("argument", argument).caused_by(cause))?;
    Ok(Some(text))
}

/// Bytes, or `None` for NULL.
///
/// # Errors
/// *Invalid* for NULL with a length.
pub(crate) fn bytes<'a>(pointer: *const u8, size: usize, argument: &'static str) -> Result<Option<&'a [u8]>> {
    if pointer.is_null() {
        return if size == 0 { Ok(None) } else { Err(null(argument)) };
    }
    if size > isize::MAX.unsigned_abs() {
        return Err(Error::invalid("size is larger than memory").with("argument", argument).with("size", size));
    }
    // SAFETY: the caller of the C function passed `size` readable bytes that live through the call.
    Ok(Some(unsafe { std::slice::from_raw_parts(pointer, size) }))
}

/// An array of strings.
///
/// # Errors
/// *Invalid* for NULL, and for an entry that is NULL or not UTF-8.
pub(crate) fn texts<'a>(pointer: *const *const c_char, count: usize, argument: &'static str) -> Result<Vec<&'a str>> {
    if pointer.is_null() {
        return Err(null(argument));
    }
    // SAFETY: the caller of the C function passed `count` readable pointers.
    let entries = unsafe { std::slice::from_raw_parts(pointer, count) };
    entries.iter().map(|&entry| text(entry, argument)).collect()
}

/// What C sees as a spec or a view: plain data, any part of which may be left out or read as zero bytes.
///
/// # Safety
/// Every field must be a number or a pointer, so that any bytes are a value.
pub(crate) unsafe trait Plain: Copy {
    /// What stands where the caller's struct, of an older header, has no such field.
    const DEFAULT: Self;
}

/// A spec of the size that the caller's header has. NULL means all defaults.
///
/// # Errors
/// *Invalid* for a size that no header has.
#[inline]
pub(crate) fn spec<T: Plain>(pointer: *const T, size: usize, argument: &'static str) -> Result<T> {
    let mut spec = T::DEFAULT;
    if pointer.is_null() {
        return Ok(spec);
    }
    if size == size_of::<T>() {
        // SAFETY: the caller passed so many readable bytes, and any bytes are a `T`.
        return Ok(unsafe { pointer.read_unaligned() });
    }
    check_size::<T>(size, argument)?;
    // SAFETY: the caller passed `size` readable bytes; at most the size of `T` are written, and any bytes are a `T`.
    unsafe {
        std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), (&raw mut spec).cast::<u8>(), size.min(size_of::<T>()))
    };
    Ok(spec)
}

/// [`spec`], where NULL is a mistake.
///
/// # Errors
/// As [`spec`], and *invalid* for NULL.
#[inline]
pub(crate) fn required_spec<T: Plain>(pointer: *const T, size: usize, argument: &'static str) -> Result<T> {
    if pointer.is_null() { Err(null(argument)) } else { spec(pointer, size, argument) }
}

/// Fills as much of a view as the caller's header has.
///
/// # Errors
/// *Invalid* for NULL and for a size that no header has.
pub(crate) fn fill_view<T: Plain>(view: &T, out: *mut T, size: usize, argument: &'static str) -> Result<()> {
    if out.is_null() {
        return Err(null(argument));
    }
    check_size::<T>(size, argument)?;
    // SAFETY: the caller passed `size` writable bytes; at most the size of `T` are read from a whole `T`.
    unsafe {
        std::ptr::copy_nonoverlapping((&raw const *view).cast::<u8>(), out.cast::<u8>(), size.min(size_of::<T>()))
    };
    Ok(())
}

/// Writes a result to an `out_` argument that is no handle.
///
/// # Errors
/// *Invalid* for NULL.
pub(crate) fn fill<T: Copy>(value: T, out: *mut T, argument: &'static str) -> Result<()> {
    if out.is_null() {
        return Err(null(argument));
    }
    // SAFETY: the caller of the C function passed a place for this; it was checked for NULL.
    unsafe { out.write(value) };
    Ok(())
}

/// A time to wait: negative is for ever.
pub(crate) fn timeout(timeout_ms: i64) -> Duration {
    u64::try_from(timeout_ms).map_or(Duration::MAX, Duration::from_millis)
}

/// Text that goes out NUL-terminated. A NUL inside, which C could not show, becomes U+FFFD.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{FFFD}")).expect("no NUL is left")
}

/// The error for an argument that must not be NULL.
pub(crate) fn null(argument: &'static str) -> Error {
    Error::invalid("argument is NULL").with("argument", argument)
}

fn check_size<T>(size: usize, argument: &'static str) -> Result<()> {
    // Fields are pointers and 64-bit numbers, or come in pairs that fill one: half a field is never meant.
    if size == 0 || !size.is_multiple_of(align_of::<T>()) {
        let error = Error::invalid("size is not that of the struct").with("argument", argument);
        return Err(error.with("expected", size_of::<T>()).with("got", size));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Pair {
        first: i64,
        second: i64,
    }

    // SAFETY: two numbers.
    unsafe impl Plain for Pair {
        const DEFAULT: Self = Self { first: -1, second: -1 };
    }

    #[test]
    fn an_older_smaller_spec_leaves_later_fields_at_their_defaults() {
        let given = Pair { first: 7, second: 8 };
        assert_eq!(spec(&raw const given, 8, "pair").unwrap(), Pair { first: 7, second: -1 });
        assert_eq!(spec(&raw const given, 16, "pair").unwrap(), given);
        assert_eq!(spec::<Pair>(std::ptr::null(), 0, "pair").unwrap(), Pair::DEFAULT);
    }

    #[test]
    fn a_view_is_not_written_beyond_the_callers_size() {
        let mut out = Pair { first: 0, second: 0 };
        fill_view(&Pair { first: 7, second: 8 }, &raw mut out, 8, "pair").unwrap();
        assert_eq!(out, Pair { first: 7, second: 0 });
    }

    #[test]
    fn sizes_that_no_header_has_are_refused() {
        let given = Pair { first: 7, second: 8 };
        for size in [0, 3, 12] {
            assert_eq!(spec(&raw const given, size, "pair").unwrap_err().fact("argument"), Some("pair"), "{size}");
        }
    }

    #[test]
    fn null_bytes_need_a_size_of_zero() {
        assert_eq!(bytes(std::ptr::null(), 0, "key").unwrap(), None);
        assert_eq!(bytes(std::ptr::null(), 1, "key").unwrap_err().fact("argument"), Some("key"));
    }

    #[test]
    fn negative_times_are_for_ever() {
        assert_eq!(timeout(-1), Duration::MAX);
        assert_eq!(timeout(5), Duration::from_millis(5));
    }
}
