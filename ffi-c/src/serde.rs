//! Serdes by name, as specs carry them.

use std::ffi::c_char;

use kstreams::serde::{self, SerdeRef};
use kstreams::{Error, Result};

use crate::text::optional_text;

/// The serde of that name.
///
/// # Errors
/// *Invalid* for a name that no serde has.
pub(crate) fn named(name: &str) -> Result<SerdeRef> {
    serde::named(name).ok_or_else(|| {
        Error::invalid("unknown serde: bytes, string, short, int, long, float, double and boolean are known")
            .with("serde", name)
    })
}

/// The serde that a spec names, or `None` for NULL.
///
/// # Errors
/// *Invalid*, naming the field, for a name that no serde has.
pub(crate) fn optional(name: *const c_char, field: &'static str) -> Result<Option<SerdeRef>> {
    optional_text(name, field)?.map(|name| named(name).map_err(|error| error.with("argument", field))).transpose()
}
