//! Text as UTF-8.

use super::Serde;
use crate::error::Result;
use crate::value::{Payload, Text, Value};

#[derive(Debug)]
pub(super) struct Utf8;

impl Serde for Utf8 {
    fn name(&self) -> &'static str {
        "string"
    }

    fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        match value {
            Value::Text(text) => out.extend_from_slice(text.as_bytes()),
            other => return Err(other.mismatch("string")),
        }
        Ok(())
    }

    fn deserialize(&self, bytes: &Payload) -> Result<Value> {
        Ok(Value::Text(Text::decode(bytes.clone())))
    }
}
