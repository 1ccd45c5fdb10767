//! Values of the cases: their JSON, their bytes, and the text and number that the case functions see in them.

use kstreams::{IntWidth, RealWidth, Value};
use serde_json::Value as Json;

use super::Refusal;

/// The text of a value: `null` for null, Latin-1 for bytes, decimals as Java prints them.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number, _) => number.to_string(),
        // Only multiples of 0.25 below 10^7 occur: there Java and Rust print the same.
        Value::Real(number, _) => format!("{number:?}"),
        Value::Text(text) => text.as_str().to_owned(),
        Value::Bytes(bytes) => bytes.iter().copied().map(char::from).collect(),
        other => format!("{other:?}"),
    }
}

/// The text of a value, or nothing of null.
pub(super) fn some_text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| text(value))
}

/// The number in a value: numbers are truncated; of anything else the first 15 digits of its text.
#[expect(clippy::cast_possible_truncation, reason = "Java's `longValue` truncates")]
pub(super) fn number(value: &Value) -> i64 {
    match value {
        Value::Null => 0,
        Value::Int(number, _) => *number,
        Value::Real(number, _) => *number as i64,
        other => text(other)
            .bytes()
            .filter(u8::is_ascii_digit)
            .take(15)
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')),
    }
}

/// The real number in a value.
#[expect(clippy::cast_precision_loss, reason = "Java widens a long to a double")]
pub(super) fn real(value: &Value) -> f64 {
    match value {
        Value::Real(number, _) => *number,
        other => number(other) as f64,
    }
}

/// A long.
pub(super) const fn long(number: i64) -> Value {
    Value::Int(number, IntWidth::Eight)
}

/// A double.
pub(super) const fn double(number: f64) -> Value {
    Value::Real(number, RealWidth::Eight)
}

/// Text.
pub(super) fn string(text: impl AsRef<str>) -> Value {
    Value::Text(text.as_ref().into())
}

/// The value that a JSON value of a case stands for.
pub(super) fn from_json(serde: &str, json: &Json) -> Result<Value, Refusal> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    Ok(match serde {
        "string" | "fussy" => string(plain(json)),
        "bytes" => Value::Bytes(plain(json).into_bytes().into()),
        "long" => long(whole(json)?),
        "int" => Value::Int(whole(json)?, IntWidth::Four),
        "short" => Value::Int(whole(json)?, IntWidth::Two),
        "double" => double(decimal(json)?),
        "float" => Value::Real(decimal(json)?, RealWidth::Four),
        "boolean" => Value::Bool(json.as_bool().ok_or_else(|| malformed(json))?),
        other => return Err(Refusal::unsupported(format!("serde {other}"))),
    })
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn whole(json: &Json) -> Result<i64, Refusal> {
    json.as_i64().ok_or_else(|| malformed(json))
}

fn decimal(json: &Json) -> Result<f64, Refusal> {
    json.as_f64().ok_or_else(|| malformed(json))
}

fn malformed(json: &Json) -> Refusal {
    Refusal::malformed(format!("value {json}"))
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("half a byte is below 16");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes that hexadecimal digits stand for.
pub(super) fn unhex(digits: &str) -> Result<Vec<u8>, Refusal> {
    let malformed = || Refusal::malformed(format!("hex {digits}"));
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return Err(malformed());
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| malformed()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_java_texts() {
        assert_eq!(text(&Value::Null), "null");
        assert_eq!(text(&double(3.0)), "3.0");
        assert_eq!(text(&double(-0.25)), "-0.25");
        assert_eq!(text(&Value::Bytes(vec![0x61, 0xe9].into())), "aé");
        assert_eq!(text(&Value::Bool(true)), "true");
    }

    #[test]
    fn numbers_are_the_first_fifteen_digits() {
        assert_eq!(number(&string("a1b22")), 122);
        assert_eq!(number(&string("12345678901234567")), 123_456_789_012_345);
        assert_eq!(number(&string("-7")), 7);
        assert_eq!(number(&string("none")), 0);
        assert_eq!(number(&double(-2.75)), -2);
        assert_eq!(number(&Value::Bool(true)), 0);
    }

    #[test]
    fn hex_is_read_as_it_is_written() {
        assert_eq!(unhex(&hex(&[0, 255, 16])).ok(), Some(vec![0, 255, 16]));
        assert!(unhex("0").is_err());
        assert!(unhex("zz").is_err());
    }

    #[test]
    fn json_of_another_type_is_malformed() {
        assert!(matches!(from_json("long", &Json::from("x")), Err(Refusal::Malformed(_))));
        assert!(matches!(from_json("uuid", &Json::from("x")), Err(Refusal::Unsupported(_))));
    }
}
