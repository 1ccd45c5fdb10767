//! E. Headers of records.

use std::ffi::{CString, c_char};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kstreams::{Error, Header, Headers, Payload};

use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow};
use crate::text::{Plain, bytes, fill_view, text};

/// Headers of a record.
pub struct ks_headers_t {
    _opaque: [u8; 0],
}

/// One header.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_header_view_t {
    /// The name; names may repeat.
    pub name: *const c_char,
    /// The value; NULL: null.
    pub value: *const u8,
    /// How many bytes the value has.
    pub value_size: usize,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_header_view_t {
    const DEFAULT: Self = Self { name: std::ptr::null(), value: std::ptr::null(), value_size: 0 };
}

/// A list that only grows: what was shown stays where it is, because names and values have memory of their own.
#[derive(Debug, Default)]
pub(crate) struct HeaderList(Mutex<Vec<Item>>);

#[derive(Debug)]
struct Item {
    name: CString,
    value: Option<Box<[u8]>>,
}

impl Handle for ks_headers_t {
    type Object = HeaderList;
    const TAG: u8 = 4;
    const NAME: &'static str = "headers";
}

impl HeaderList {
    pub(crate) fn copy_of(headers: &Headers) -> Self {
        let item = |header: &Header| Item {
            name: crate::text::c_string(&header.name),
            value: header.value.as_deref().map(Box::from),
        };
        Self(Mutex::new(headers.with(|list| list.iter().map(item).collect())))
    }

    pub(crate) fn to_headers(&self) -> Headers {
        let header = |item: &Item| Header {
            name: item.name.to_string_lossy().into_owned(),
            value: item.value.as_deref().map(Payload::from),
        };
        Headers::new(self.lock().iter().map(header).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Item>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes an empty list of headers.
///
/// @param out_headers  owned
/// @return NULL, or an error of kind invalid
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_headers_new(out_headers: *mut *mut ks_headers_t) -> *mut ks_error_t {
    guard(|| {
        Out::new(out_headers, "out_headers")?.give(HeaderList::default());
        Ok(())
    })
}

/// Adds a header at the end.
///
/// @param headers     the list
/// @param name        copied
/// @param value       copied; NULL: null
/// @param value_size  how many bytes
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_headers_add(
    headers: *mut ks_headers_t,
    name: *const c_char,
    value: *const u8,
    value_size: usize,
) -> *mut ks_error_t {
    guard(|| {
        let headers = borrow(headers, "headers")?;
        let name = CString::new(text(name, "name")?).map_err(|_| Error::invalid("name has a NUL inside"))?;
        let value = bytes(value, value_size, "value")?.map(Box::from);
        headers.lock().push(Item { name, value });
        Ok(())
    })
}

/// How many headers there are.
///
/// @param headers  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_headers_count(headers: *const ks_headers_t) -> usize {
    if headers.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(headers, "headers")?.lock().len()))
}

/// Shows a header.
///
/// @param headers    the list
/// @param index      from 0
/// @param out_view   its pointers are borrowed from the list
/// @param view_size  sizeof *out_view
/// @return false past the end
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_headers_view(
    headers: *const ks_headers_t,
    index: usize,
    out_view: *mut ks_header_view_t,
    view_size: usize,
) -> bool {
    guard_or(false, || {
        let headers = borrow(headers, "headers")?;
        let list = headers.lock();
        let Some(item) = list.get(index) else { return Ok(false) };
        let view = ks_header_view_t {
            name: item.name.as_ptr(),
            value: item.value.as_ref().map_or(std::ptr::null(), |value| value.as_ptr()),
            value_size: item.value.as_ref().map_or(0, |value| value.len()),
        };
        fill_view(&view, out_view, view_size, "out_view").map(|()| true)
    })
}

/// Destroys a list of headers. A list that a record view shows belongs to the record.
///
/// @param headers  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_headers_destroy(headers: *mut ks_headers_t) {
    guard_or((), || {
        handle::destroy(headers);
        Ok(())
    });
}
