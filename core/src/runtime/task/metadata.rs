//! The metadata of a committed offset: the partition's time, as Java writes it.
//!
//! Base64 of a version byte 2 and the time, eight bytes big endian. Version 1 was the same without what may follow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const VERSION: u8 = 2;

/// The metadata for a partition's time.
pub(crate) fn encode(time: i64) -> String {
    let mut bytes = [VERSION; 9];
    bytes[1..].copy_from_slice(&time.to_be_bytes());
    STANDARD.encode(bytes)
}

/// The time, or −1 if the metadata have none that can be read.
pub(crate) fn decode(metadata: &str) -> i64 {
    let read = || {
        let bytes = STANDARD.decode(metadata).ok()?;
        let (version, rest) = bytes.split_first()?;
        let time = rest.first_chunk::<8>()?;
        (1..=VERSION).contains(version).then(|| i64::from_be_bytes(*time))
    };
    read().unwrap_or(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_survives_a_commit() {
        assert_eq!(decode(&encode(1_700_000_000_123)), 1_700_000_000_123);
        assert_eq!(encode(0), "AgAAAAAAAAAA");
    }

    #[test]
    fn unknown_metadata_mean_no_time() {
        for text in ["", "something else", "AwAAAAAAAAAA", "Ag=="] {
            assert_eq!(decode(text), -1, "{text}");
        }
    }
}
