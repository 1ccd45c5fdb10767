//! Serdes: how values become the bytes of a topic or a store, and back. All are byte-compatible with Kafka's own.

use std::fmt::Debug;
use std::sync::Arc;

use crate::error::Result;
use crate::value::{Payload, Value};

mod bytes;
mod number;
mod text;

/// Writes values as bytes and reads them back. A null never reaches a serde: it is null on both sides.
pub trait Serde: Debug + Send + Sync {
    /// Kafka's word for it, such as `long`; used in error messages and for comparing.
    fn name(&self) -> &str;

    /// Appends the bytes of `value` to `out`.
    ///
    /// # Errors
    /// *Data* when the value is of another type or out of range.
    fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()>;

    /// Reads a value.
    ///
    /// # Errors
    /// *Data* when the bytes are not of this form.
    fn deserialize(&self, bytes: &Payload) -> Result<Value>;
}

/// A shared serde.
pub type SerdeRef = Arc<dyn Serde>;

/// Bytes as they are.
pub fn bytes() -> SerdeRef {
    Arc::new(bytes::Bytes)
}

/// UTF-8 text; malformed bytes are read as U+FFFD, as in Java.
pub fn utf8() -> SerdeRef {
    Arc::new(text::Utf8)
}

/// 16-bit whole numbers, two bytes big endian.
pub fn short() -> SerdeRef {
    Arc::new(number::Short)
}

/// 32-bit whole numbers, four bytes big endian.
pub fn int() -> SerdeRef {
    Arc::new(number::Int)
}

/// 64-bit whole numbers, eight bytes big endian.
pub fn long() -> SerdeRef {
    Arc::new(number::Long)
}

/// 32-bit floating-point numbers, four bytes big endian.
pub fn float() -> SerdeRef {
    Arc::new(number::Float)
}

/// 64-bit floating-point numbers, eight bytes big endian.
pub fn double() -> SerdeRef {
    Arc::new(number::Double)
}

/// Truth values, one byte 0 or 1.
pub fn boolean() -> SerdeRef {
    Arc::new(number::Boolean)
}

/// The serde of that name: `bytes`, `string`, `short`, `int`, `long`, `float`, `double` or `boolean`.
pub fn named(name: &str) -> Option<SerdeRef> {
    Some(match name {
        "bytes" => bytes(),
        "string" | "utf8" => utf8(),
        "short" => short(),
        "int" => int(),
        "long" => long(),
        "float" => float(),
        "double" => double(),
        "boolean" => boolean(),
        _ => return None,
    })
}
