//! Predicates of a key and a value.

use std::sync::Arc;

use super::{Predicate, parse, refused, split, unknown};
use crate::oracle::Refusal;
use crate::oracle::value::{number, some_text, text};

/// The predicate of that name.
pub(in crate::oracle) fn predicate(function: &str) -> Result<Predicate, Refusal> {
    let (name, argument) = split(function);
    let a = argument.to_owned();
    Ok(match name {
        "true" => Arc::new(|_, _| Ok(true)),
        "false" => Arc::new(|_, _| Ok(false)),
        "keyEq" => Arc::new(move |k, _| Ok(text(k) == a)),
        "keyHas" => Arc::new(move |k, _| Ok(some_text(k).is_some_and(|text| text.contains(&a)))),
        "keyNotNull" => Arc::new(|k, _| Ok(!k.is_null())),
        "valueEq" => Arc::new(move |_, v| Ok(text(v) == a)),
        "valueHas" => Arc::new(move |_, v| Ok(some_text(v).is_some_and(|text| text.contains(&a)))),
        "notNull" => Arc::new(|_, v| Ok(!v.is_null())),
        "even" => Arc::new(|_, v| Ok(number(v) % 2 == 0)),
        "gt" => {
            let limit: i64 = parse(function, argument)?;
            Arc::new(move |_, v| Ok(number(v) > limit))
        }
        "throwIf" => Arc::new(move |_, v| if text(v) == a { Err(refused("predicate", &a)) } else { Ok(true) }),
        _ => return Err(unknown("predicate", function)),
    })
}

#[cfg(test)]
mod tests {
    use kstreams::{ErrorKind, Value};

    use super::*;
    use crate::oracle::value::string;

    fn test(function: &str, key: &Value, value: &Value) -> bool {
        predicate(function).expect("it is in the catalogue")(key, value).expect("it does not fail")
    }

    #[test]
    fn null_has_a_text_but_contains_nothing() {
        assert!(test("valueEq:null", &Value::Null, &Value::Null));
        assert!(!test("valueHas:n", &Value::Null, &Value::Null));
        assert!(!test("keyHas:n", &Value::Null, &Value::Null));
        assert!(test("keyHas:b:c", &string("ab:cd"), &Value::Null));
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(test("gt:5", &Value::Null, &string("x10")));
        assert!(!test("gt:5", &Value::Null, &Value::Null));
        assert!(test("even", &Value::Null, &Value::Null));
    }

    #[test]
    fn a_refusal_is_the_users_error() {
        let refuse = predicate("throwIf:b").expect("it is in the catalogue");
        let error = refuse(&Value::Null, &string("b")).expect_err("b is refused");
        assert_eq!((error.kind(), error.message()), (ErrorKind::User, "predicate refused b"));
        assert!(refuse(&Value::Null, &string("c")).expect("c is fine"));
    }

    #[test]
    fn what_is_not_in_the_catalogue_is_unsupported() {
        assert!(matches!(predicate("keyLike:x"), Err(Refusal::Unsupported(_))));
        assert!(matches!(predicate("gt:x"), Err(Refusal::Malformed(_))));
    }
}
