//! The serdes that a case may name: Kafka's, and one that refuses to write a certain text.

use std::sync::Arc;

use kstreams::serde::{Serde, SerdeRef, named, utf8};
use kstreams::{Error, Payload, Result, Value};

use super::Refusal;

/// The serde of that name.
pub(super) fn serde(name: &str) -> Result<SerdeRef, Refusal> {
    if name == "fussy" {
        return Ok(Arc::new(Fussy(utf8())));
    }
    named(name).ok_or_else(|| Refusal::unsupported(format!("serde {}", name.split(':').next().unwrap_or(name))))
}

/// Text, except that `b` cannot be written.
#[derive(Debug)]
struct Fussy(SerdeRef);

impl Serde for Fussy {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        match value {
            Value::Text(text) if text.as_str() == "b" => Err(Error::data("fussy about b")),
            other => self.0.serialize(other, out),
        }
    }

    fn deserialize(&self, bytes: &Payload) -> Result<Value> {
        self.0.deserialize(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::value::string;

    #[test]
    fn fussy_writes_everything_but_b() {
        let fussy = serde("fussy").expect("it is known");
        let mut out = Vec::new();
        assert!(fussy.serialize(&string("b"), &mut out).is_err());
        fussy.serialize(&string("bb"), &mut out).expect("bb is fine");
        assert_eq!(out, b"bb");
    }
}
