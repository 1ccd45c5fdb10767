//! Handles: what a C program holds instead of pointers.
//!
//! A handle's pointer value is never dereferenced. It is made of a type tag, a generation and a place in one global
//! table, so that a handle which was destroyed, is of another type or never came from this library is answered with an
//! error. Looking one up takes no lock: it adds itself to a count beside the object, and the last one to leave drops an
//! object that was destroyed meanwhile.

use std::any::Any;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

use kstreams::{Error, ErrorKind, Result};

use table::{Entry, Lookup};

mod table;

/// A type of handle: the opaque C type, the object behind it, and how both are called.
pub(crate) trait Handle: Sized {
    /// What stands in the table.
    type Object: Any + Send + Sync;
    /// Distinguishes handles of different types; from 1 to 127, so that a handle is never taken for an address.
    const TAG: u8;
    /// The word for it in error messages.
    const NAME: &'static str;
}

/// Puts an object into the table; the caller owns the handle.
pub(crate) fn give<H: Handle>(object: H::Object) -> *mut H {
    let place = table::insert(H::TAG, Box::new(object));
    std::ptr::without_provenance_mut(place)
}

/// Looks up a handle. The object lives at least as long as what this returns.
///
/// # Errors
/// *Invalid*, naming the argument, for NULL, another type or a number that was never a handle; *closed* for a handle
/// that was destroyed or whose object broke.
pub(crate) fn borrow<H: Handle>(handle: *const H, argument: &'static str) -> Result<Borrowed<H>> {
    if handle.is_null() {
        return Err(Error::invalid("argument is NULL").with("argument", argument));
    }
    let entry = match table::pin(handle.addr(), Some(H::TAG)) {
        Lookup::Found(entry) => entry,
        other => return Err(refusal(&other, H::NAME, argument)),
    };
    if entry.is_broken() {
        return Err(Error::new(ErrorKind::Closed, "a bug made this object unusable: make a new one")
            .with("argument", argument)
            .with("object", H::NAME));
    }
    let object =
        entry.object().downcast_ref::<H::Object>().ok_or_else(|| refusal(&Lookup::<()>::Forged, H::NAME, argument))?;
    Ok(Borrowed { object: NonNull::from(object), _entry: entry, handle: PhantomData })
}

/// [`borrow`], or `None` for NULL.
///
/// # Errors
/// As [`borrow`], but for NULL.
pub(crate) fn borrow_optional<H: Handle>(handle: *const H, argument: &'static str) -> Result<Option<Borrowed<H>>> {
    if handle.is_null() { Ok(None) } else { borrow(handle, argument).map(Some) }
}

/// Takes the object out of the handle's name: the handle is stale from now on, the object goes when its last user has
/// left. NULL is fine. A wrong handle is logged, because there is nobody to answer.
pub(crate) fn destroy<H: Handle>(handle: *const H) {
    if handle.is_null() {
        return;
    }
    match table::retire(handle.addr(), H::TAG) {
        Lookup::Found(()) => {}
        other => log::error!("{}", refusal(&other, H::NAME, "handle")),
    }
}

/// How many handles are alive.
pub(crate) fn live() -> usize {
    table::live()
}

fn refusal<T>(lookup: &Lookup<T>, name: &str, argument: &'static str) -> Error {
    let error = match lookup {
        Lookup::Stale => Error::new(ErrorKind::Closed, "the object was destroyed already"),
        _ => Error::invalid("argument is not a handle of this type"),
    };
    error.with("argument", argument).with("object", name)
}

/// An object in use. A panic while it is borrowed makes it unusable: what the panic left half-done is never seen.
pub(crate) struct Borrowed<H: Handle> {
    object: NonNull<H::Object>,
    _entry: Entry,
    handle: PhantomData<H>,
}

impl<H: Handle> Deref for Borrowed<H> {
    type Target = H::Object;

    fn deref(&self) -> &H::Object {
        // SAFETY: the entry is pinned as long as `self` lives, and a pinned object is neither moved nor dropped.
        unsafe { self.object.as_ref() }
    }
}

/// A place for a new handle, an `out_` argument: NULL until it is filled.
pub(crate) struct Out<H>(*mut *mut H);

impl<H: Handle> Out<H> {
    /// Checks the argument and sets it to NULL.
    ///
    /// # Errors
    /// *Invalid* for NULL.
    pub(crate) fn new(out: *mut *mut H, argument: &'static str) -> Result<Self> {
        if out.is_null() {
            return Err(Error::invalid("argument is NULL").with("argument", argument));
        }
        let this = Self(out);
        this.write(std::ptr::null_mut());
        Ok(this)
    }

    /// Gives the caller the object.
    pub(crate) fn give(self, object: H::Object) {
        self.write(give(object));
    }

    fn write(&self, handle: *mut H) {
        // SAFETY: the caller of the C function passed a place for a handle; it was checked for NULL.
        unsafe { self.0.write(handle) };
    }
}

/// A handle that belongs to another object and goes with it: what C sees as a borrowed handle.
#[derive(Debug)]
pub(crate) struct Child<H: Handle>(usize, PhantomData<fn() -> H>);

impl<H: Handle> Child<H> {
    pub(crate) fn new(object: H::Object) -> Self {
        Self(give::<H>(object).addr(), PhantomData)
    }

    pub(crate) fn as_ptr(&self) -> *const H {
        std::ptr::without_provenance(self.0)
    }
}

impl<H: Handle> Drop for Child<H> {
    fn drop(&mut self) {
        destroy(self.as_ptr());
    }
}

/// Borrows an object of any type and panics, so that programs can test what follows.
///
/// # Errors
/// As [`borrow`].
#[cfg(feature = "testing")]
pub(crate) fn panic_in(handle: usize) -> Result<()> {
    match table::pin(handle, None) {
        Lookup::Found(_entry) => panic!("triggered by a test"),
        other => Err(refusal(&other, "any", "object")),
    }
}

#[cfg(test)]
mod tests;
