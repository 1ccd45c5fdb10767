//! Keys and values: natural ones in JavaScript, one dynamic type in the engine.

use kstreams::{Error, IntWidth, RealWidth, Result, Value};

use crate::raw::{Js, Type, Val};

/// What the engine's value is in JavaScript: a long is a `bigint`, smaller and floating-point numbers are `number`.
#[inline]
pub(crate) fn to_js<'s>(js: Js<'s>, value: &Value) -> Result<Val<'s>> {
    Ok(match value {
        Value::Null => js.null(),
        Value::Text(text) => js.string(text.as_str()),
        Value::Bytes(bytes) => js.buffer(bytes),
        Value::Int(number, IntWidth::Eight) => js.bigint(*number),
        Value::Int(number, IntWidth::Any) => js.number(as_real(*number)),
        Value::Int(number, _) => js.int32(i32::try_from(*number).unwrap_or_default()),
        Value::Real(number, _) => js.number(*number),
        Value::Bool(truth) => js.boolean(*truth),
        other => return Err(Error::data("value has no form in JavaScript").with("got", other.kind())),
    })
}

/// What a JavaScript value is in the engine.
///
/// A `bigint` is a long, so that a function which returned one gets one back. A whole `number` may become any width of
/// integer, or a floating-point number, as the serde wants.
///
/// # Errors
/// *Data* for a value of another type, or a `bigint` that has no 64 bits.
#[inline]
pub(crate) fn from_js(val: Val<'_>) -> Result<Value> {
    match val.kind() {
        Type::String => val.with_text(|text| Value::Text(text.into())).ok_or_else(|| wrong_type(val, EXPECTED)),
        Type::Number => Ok(from_number(val.as_number().unwrap_or(f64::NAN))),
        Type::Null => Ok(Value::Null),
        Type::Boolean => Ok(Value::Bool(val.truth())),
        Type::BigInt => match val.as_bigint() {
            Some((number, true)) => Ok(Value::Int(number, IntWidth::Eight)),
            _ => Err(Error::data("number is out of range").with("expected", "64 bits").with("got", "bigint")),
        },
        Type::Object => val.with_bytes(|bytes| Value::Bytes(bytes.into())).ok_or_else(|| wrong_type(val, EXPECTED)),
        _ => Err(wrong_type(val, EXPECTED)),
    }
}

const EXPECTED: &str = "string, number, bigint, boolean, Buffer, Uint8Array or null";

/// A number whose fraction is lost in an integer, or that is too large for one, stays what it is; so does −0.
fn from_number(number: f64) -> Value {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let is_whole = number.trunc() == number && number.abs() < LIMIT && !(number == 0.0 && number.is_sign_negative());
    if is_whole { Value::Int(as_integer(number), IntWidth::Any) } else { Value::Real(number, RealWidth::Any) }
}

#[expect(clippy::cast_possible_truncation, reason = "the number is whole and in range")]
const fn as_integer(number: f64) -> i64 {
    number as i64
}

#[expect(clippy::cast_precision_loss, reason = "an integer of any width was made from a number")]
pub(crate) const fn as_real(number: i64) -> f64 {
    number as f64
}

/// An error of kind *data* that names what was expected and what this is.
pub(crate) fn wrong_type(val: Val<'_>, expected: &str) -> Error {
    Error::data("value is of the wrong type").with("expected", expected).with("got", type_name(val))
}

/// The name of a value's type, for messages: the class of an object.
pub(crate) fn type_name(val: Val<'_>) -> String {
    let kind = val.kind();
    if kind != Type::Object {
        return kind.name().to_owned();
    }
    let class = val.property(c"constructor").and_then(|class| class.property(c"name"));
    class.ok().and_then(Val::as_text).filter(|name| !name.is_empty()).unwrap_or_else(|| "object".to_owned())
}
