//! Value mappers and flat mappers.

use std::sync::Arc;

use kstreams::{IntWidth, Value};

use super::{FlatMapper, Mapper, parse, refused, split, unknown};
use crate::oracle::Refusal;
use crate::oracle::value::{double, long, number, some_text, string, text};

/// The value mapper of that name.
pub(in crate::oracle) fn mapper(function: &str) -> Result<Mapper, Refusal> {
    let (name, argument) = split(function);
    let a = argument.to_owned();
    Ok(match name {
        "identity" => Arc::new(|_, v| Ok(v.clone())),
        "upper" => textual(|text| string(text.to_uppercase())),
        "length" => textual(|text| long(i64::try_from(text.chars().count()).expect("texts are short"))),
        "append" => Arc::new(move |_, v| Ok(string(text(v) + &a))),
        "text" => Arc::new(|_, v| Ok(string(text(v)))),
        "null" => Arc::new(|_, _| Ok(Value::Null)),
        "const" => Arc::new(move |_, _| Ok(string(&a))),
        "nullIf" => Arc::new(move |_, v| Ok(if text(v) == a { Value::Null } else { v.clone() })),
        "withKey" => Arc::new(|k, v| Ok(string(format!("{}={}", text(k), text(v))))),
        "keyText" => Arc::new(|k, _| Ok(string(text(k)))),
        "repeat" => {
            let times: usize = parse(function, argument)?;
            textual(move |text| string(text.repeat(times)))
        }
        "throwIf" => Arc::new(move |_, v| if text(v) == a { Err(refused("mapper", &a)) } else { Ok(v.clone()) }),
        _ => return numeric_mapper(function),
    })
}

fn numeric_mapper(function: &str) -> Result<Mapper, Refusal> {
    let (name, argument) = split(function);
    Ok(match name {
        "long" => numeric(long),
        "int" => numeric(|number| Value::Int(number % 1_000_000, IntWidth::Four)),
        #[expect(clippy::cast_precision_loss, reason = "Java widens a long to a double")]
        "half" => numeric(|number| double(number as f64 / 2.0)),
        "add" => {
            let summand: i64 = parse(function, argument)?;
            numeric(move |number| long(number.wrapping_add(summand)))
        }
        "mod" => {
            let divisor: i64 = parse(function, argument)?;
            numeric(move |number| long(number.wrapping_rem(divisor)))
        }
        _ => return Err(unknown("value mapper", function)),
    })
}

/// A mapper of the value's text; null stays null.
fn textual(map: impl Fn(String) -> Value + Send + Sync + 'static) -> Mapper {
    Arc::new(move |_, v| Ok(some_text(v).map_or(Value::Null, &map)))
}

/// A mapper of the value's number; null stays null.
fn numeric(map: impl Fn(i64) -> Value + Send + Sync + 'static) -> Mapper {
    Arc::new(move |_, v| Ok(if v.is_null() { Value::Null } else { map(number(v)) }))
}

/// The flat mapper of that name, and whether its results are keys as well as values.
pub(in crate::oracle) fn flat_mapper(function: &str) -> Result<(FlatMapper, bool), Refusal> {
    let (name, argument) = split(function);
    Ok(match name {
        "words" => (Arc::new(|_, v| words(v)), true),
        "dup" => {
            let times: usize = parse(function, argument)?;
            (Arc::new(move |_, v| vec![v.clone(); times]), false)
        }
        "none" => (Arc::new(|_, _| Vec::new()), false),
        _ => return Err(unknown("flat mapper", function)),
    })
}

fn words(value: &Value) -> Vec<Value> {
    let text = some_text(value).unwrap_or_default();
    text.split(' ').filter(|word| !word.is_empty()).map(string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(function: &str, key: &Value, value: &Value) -> Value {
        mapper(function).expect("it is in the catalogue")(key, value).expect("it does not fail")
    }

    #[test]
    fn some_mappers_keep_null_and_some_read_it_as_text() {
        for function in ["identity", "upper", "length", "long", "int", "half", "add:1", "mod:2", "repeat:2"] {
            assert_eq!(map(function, &Value::Null, &Value::Null), Value::Null, "{function}");
        }
        assert_eq!(map("append:A", &Value::Null, &Value::Null), string("nullA"));
        assert_eq!(map("withKey", &string("k"), &Value::Null), string("k=null"));
    }

    #[test]
    fn lengths_count_code_points() {
        assert_eq!(map("length", &Value::Null, &string("a𝄞é")), long(3));
        assert_eq!(map("upper", &Value::Null, &string("straße")), string("STRASSE"));
    }

    #[test]
    fn numbers_have_the_width_of_the_mapper() {
        assert!(matches!(map("int", &Value::Null, &string("12345678")), Value::Int(345_678, IntWidth::Four)));
        assert!(
            matches!(map("add:2", &Value::Null, &long(i64::MAX)), Value::Int(n, IntWidth::Eight) if n == i64::MIN + 1)
        );
        assert_eq!(map("half", &Value::Null, &long(-3)), double(-1.5));
    }

    #[test]
    fn words_have_no_empty_parts() {
        let (split, are_keys) = flat_mapper("words").expect("it is in the catalogue");
        assert_eq!(split(&Value::Null, &string(" a  b ")), [string("a"), string("b")]);
        assert!(split(&Value::Null, &Value::Null).is_empty());
        assert!(are_keys);
    }
}
