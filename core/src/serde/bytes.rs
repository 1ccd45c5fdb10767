//! Bytes as they are.

use super::Serde;
use crate::error::Result;
use crate::value::{Payload, Value};

#[derive(Debug)]
pub(super) struct Bytes;

impl Serde for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }

    fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        match value {
            Value::Bytes(bytes) => out.extend_from_slice(bytes),
            other => return Err(other.mismatch("bytes")),
        }
        Ok(())
    }

    fn deserialize(&self, bytes: &Payload) -> Result<Value> {
        Ok(Value::Bytes(bytes.clone()))
    }
}
