//! Key selectors.

use std::sync::Arc;

use kstreams::Value;

use super::{Mapper, parse, split, unknown};
use crate::oracle::Refusal;
use crate::oracle::value::{long, number, some_text, string, text};

/// The key selector of that name.
pub(in crate::oracle) fn selector(function: &str) -> Result<Mapper, Refusal> {
    let (name, argument) = split(function);
    let a = argument.to_owned();
    Ok(match name {
        // Windowed keys do not occur yet: the inner key of any other is itself.
        "key" | "window" => Arc::new(|k, _| Ok(k.clone())),
        "keyText" => Arc::new(|k, _| Ok(string(text(k)))),
        "value" => Arc::new(|_, v| Ok(v.clone())),
        "valueText" => Arc::new(|_, v| Ok(some_text(v).map_or(Value::Null, string))),
        "first" => Arc::new(|_, v| Ok(first(v))),
        "const" => Arc::new(move |_, _| Ok(string(&a))),
        "mod" => {
            let divisor: i64 = parse(function, argument)?;
            Arc::new(move |_, v| {
                Ok(if v.is_null() { Value::Null } else { string((number(v).wrapping_rem(divisor)).to_string()) })
            })
        }
        "long" => Arc::new(|_, v| Ok(if v.is_null() { Value::Null } else { long(number(v)) })),
        "both" => Arc::new(|k, v| Ok(string(format!("{}|{}", text(k), text(v))))),
        "field" => {
            let index: usize = parse(function, argument)?;
            Arc::new(move |_, v| Ok(field(v, index)))
        }
        "null" => Arc::new(|_, _| Ok(Value::Null)),
        "nullIf" => Arc::new(move |k, v| Ok(if text(v) == a { Value::Null } else { k.clone() })),
        _ => return Err(unknown("key selector", function)),
    })
}

fn first(value: &Value) -> Value {
    some_text(value).and_then(|text| text.chars().next()).map_or(Value::Null, |first| string(first.to_string()))
}

fn field(value: &Value, index: usize) -> Value {
    let text = some_text(value).unwrap_or_default();
    text.split('|').nth(index).filter(|part| !part.is_empty()).map_or(Value::Null, string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(function: &str, key: &Value, value: &Value) -> Value {
        selector(function).expect("it is in the catalogue")(key, value).expect("it does not fail")
    }

    #[test]
    fn the_first_code_point_of_nothing_is_null() {
        assert_eq!(select("first", &Value::Null, &string("𝄞x")), string("𝄞"));
        assert_eq!(select("first", &Value::Null, &string("")), Value::Null);
        assert_eq!(select("first", &Value::Null, &Value::Null), Value::Null);
    }

    #[test]
    fn fields_that_are_missing_or_empty_are_null() {
        assert_eq!(select("field:1", &Value::Null, &string("a|b")), string("b"));
        assert_eq!(select("field:1", &Value::Null, &string("a|")), Value::Null);
        assert_eq!(select("field:2", &Value::Null, &string("a|b")), Value::Null);
        assert_eq!(select("field:0", &Value::Null, &Value::Null), Value::Null);
    }

    #[test]
    fn a_remainder_is_selected_as_text() {
        assert_eq!(select("mod:3", &Value::Null, &long(-7)), string("-1"));
        assert_eq!(select("both", &Value::Null, &long(1)), string("null|1"));
    }
}
