//! Values with their timestamps, as stores keep them: `timestamp (8 bytes, big endian) | value`.

use crate::error::{Error, Result};

/// How many bytes stand before the value.
pub(crate) const SIZE: usize = 8;

/// Makes `out` the stamp alone; the value follows it.
pub(crate) fn begin(timestamp: i64, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&timestamp.to_be_bytes());
}

/// The timestamp and the bytes of the value.
///
/// # Errors
/// *Data* when there are too few bytes.
pub(crate) fn split(stamped: &[u8]) -> Result<(i64, &[u8])> {
    let (stamp, value) = stamped
        .split_first_chunk::<SIZE>()
        .ok_or_else(|| Error::data("stored value is too short for a timestamp").with("got", stamped.len()))?;
    Ok((i64::from_be_bytes(*stamp), value))
}
