//! Numbers and truth values as Java writes them: big endian, fixed size.

use super::Serde;
use crate::error::{Error, Result};
use crate::value::{IntWidth, Payload, RealWidth, Value};

fn fixed<const N: usize>(bytes: &Payload, serde: &str) -> Result<[u8; N]> {
    <[u8; N]>::try_from(&**bytes).map_err(|_| {
        Error::data("wrong number of bytes").with("serde", serde).with("expected", N).with("got", bytes.len())
    })
}

macro_rules! whole_number {
    ($serde:ident, $name:literal, $type:ty, $width:ident) => {
        #[derive(Debug)]
        pub(super) struct $serde;

        impl Serde for $serde {
            fn name(&self) -> &'static str {
                $name
            }

            fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
                let Value::Int(number, IntWidth::$width | IntWidth::Any) = value else {
                    return Err(value.mismatch($name));
                };
                let number = <$type>::try_from(*number)
                    .map_err(|_| Error::data("number is out of range").with("expected", $name).with("got", number))?;
                out.extend_from_slice(&number.to_be_bytes());
                Ok(())
            }

            fn deserialize(&self, bytes: &Payload) -> Result<Value> {
                fixed(bytes, $name).map(|bytes| Value::Int(<$type>::from_be_bytes(bytes).into(), IntWidth::$width))
            }
        }
    };
}

whole_number!(Short, "short", i16, Two);
whole_number!(Int, "int", i32, Four);
whole_number!(Long, "long", i64, Eight);

/// A floating-point number of this width or of any. So is a whole number of any width: where a language has one kind of
/// number only, nobody can tell 3.0 from 3.
#[expect(clippy::cast_precision_loss, reason = "as in those languages")]
fn real(value: &Value, width: RealWidth) -> Option<f64> {
    match value {
        Value::Real(number, of) if *of == width || *of == RealWidth::Any => Some(*number),
        Value::Int(number, IntWidth::Any) => Some(*number as f64),
        _ => None,
    }
}

#[derive(Debug)]
pub(super) struct Double;

impl Serde for Double {
    fn name(&self) -> &'static str {
        "double"
    }

    fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        let number = real(value, RealWidth::Eight).ok_or_else(|| value.mismatch("double"))?;
        out.extend_from_slice(&number.to_be_bytes());
        Ok(())
    }

    fn deserialize(&self, bytes: &Payload) -> Result<Value> {
        fixed(bytes, "double").map(|bytes| Value::Real(f64::from_be_bytes(bytes), RealWidth::Eight))
    }
}

#[derive(Debug)]
pub(super) struct Float;

impl Serde for Float {
    fn name(&self) -> &'static str {
        "float"
    }

    fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        let number = real(value, RealWidth::Four).ok_or_else(|| value.mismatch("float"))?;
        #[expect(clippy::cast_possible_truncation, reason = "a float has 32 bits; more precision is rounded away")]
        let number = number as f32;
        out.extend_from_slice(&number.to_be_bytes());
        Ok(())
    }

    fn deserialize(&self, bytes: &Payload) -> Result<Value> {
        fixed(bytes, "float").map(|bytes| Value::Real(f32::from_be_bytes(bytes).into(), RealWidth::Four))
    }
}

#[derive(Debug)]
pub(super) struct Boolean;

impl Serde for Boolean {
    fn name(&self) -> &'static str {
        "boolean"
    }

    fn serialize(&self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        let Value::Bool(truth) = value else {
            return Err(value.mismatch("boolean"));
        };
        out.push((*truth).into());
        Ok(())
    }

    fn deserialize(&self, bytes: &Payload) -> Result<Value> {
        match fixed::<1>(bytes, "boolean")? {
            [0] => Ok(Value::Bool(false)),
            [1] => Ok(Value::Bool(true)),
            [other] => Err(Error::data("byte is neither 0 nor 1").with("serde", "boolean").with("got", other)),
        }
    }
}
