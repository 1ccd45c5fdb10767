//! The layers of a store, outermost last: bytes, overlay, changelog, cache.

pub(crate) mod cached;
pub(crate) mod logged;
pub(crate) mod overlay;
