//! Text: bytes that are known to be UTF-8, shared and cheap to clone.

use crate::value::Payload;

/// UTF-8 text that shares its bytes with the batch it came from.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Payload);

impl Text {
    /// Takes bytes as text. Malformed sequences become U+FFFD, as in Java's `String(bytes, UTF_8)`.
    pub fn decode(bytes: Payload) -> Self {
        match std::str::from_utf8(&bytes) {
            Ok(_) => Self(bytes),
            Err(_) => Self(Payload::from(String::from_utf8_lossy(&bytes).as_ref().as_bytes())),
        }
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        // SAFETY: every constructor checks the bytes or takes them from a `str`; a payload never changes.
        unsafe { std::str::from_utf8_unchecked(&self.0) }
    }

    /// The UTF-8 bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The part of the text in a range of byte offsets, sharing its bytes.
    ///
    /// # Panics
    /// When the range is not on character boundaries or out of bounds.
    #[must_use]
    pub fn slice(&self, range: std::ops::Range<usize>) -> Self {
        let _ = &self.as_str()[range.clone()];
        Self(self.0.slice(range))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Payload::from(text.as_bytes()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Payload::from(text.into_bytes()))
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}
