//! Initializers, aggregators and reducers.

use std::sync::Arc;

use kstreams::Value;

use super::{Aggregator, Reducer, split, unknown};
use crate::oracle::Refusal;
use crate::oracle::value::{double, long, number, real, some_text, string, text};

/// The value that an aggregation begins with.
pub(in crate::oracle) fn initializer(function: &str) -> Result<Value, Refusal> {
    Ok(match function {
        "empty" => string(""),
        "zero" => long(0),
        "zeroReal" => double(0.0),
        "null" => Value::Null,
        _ => return Err(unknown("initializer", function)),
    })
}

/// The aggregator of that name: of key, value and aggregate so far.
pub(in crate::oracle) fn aggregator(function: &str) -> Result<Aggregator, Refusal> {
    let (name, argument) = split(function);
    let a = argument.to_owned();
    Ok(match name {
        "concat" => Arc::new(|_, v, agg| concat(agg, v)),
        "withKey" => {
            Arc::new(|k, v, agg| string(format!("{},{}={}", some_text(agg).unwrap_or_default(), text(k), text(v))))
        }
        "unconcat" => Arc::new(|_, v, agg| unconcat(agg, v)),
        "sum" => Arc::new(|_, v, agg| long(number(agg).wrapping_add(number(v)))),
        "unsum" => Arc::new(|_, v, agg| long(number(agg).wrapping_sub(number(v)))),
        "sumReal" => Arc::new(|_, v, agg| double(real(agg) + real(v))),
        "count" => Arc::new(|_, _, agg| long(number(agg).wrapping_add(1))),
        "last" => Arc::new(|_, v, _| v.clone()),
        "nullOn" => Arc::new(move |_, v, agg| if text(v) == a { Value::Null } else { concat(agg, v) }),
        "set" => Arc::new(|_, v, agg| add_to(&text(agg), text(v))),
        "unset" => Arc::new(|_, v, agg| remove_from(&text(agg), &text(v))),
        _ => return Err(unknown("aggregator", function)),
    })
}

/// The reducer of that name: of the value so far and the new one.
pub(in crate::oracle) fn reducer(function: &str) -> Result<Reducer, Refusal> {
    let (name, argument) = split(function);
    let a = argument.to_owned();
    Ok(match name {
        "concat" => Arc::new(joined),
        "unconcat" => Arc::new(unconcat),
        "max" => Arc::new(|x, y| if text(x) >= text(y) { x.clone() } else { y.clone() }),
        "last" => Arc::new(|_, y| y.clone()),
        "first" => Arc::new(|x, _| x.clone()),
        "nullOn" => Arc::new(move |x, y| if text(y) == a { Value::Null } else { joined(x, y) }),
        "sum" => Arc::new(|x, y| long(number(x).wrapping_add(number(y)))),
        "minus" => Arc::new(|x, y| long(number(x).wrapping_sub(number(y)))),
        _ => return Err(unknown("reducer", function)),
    })
}

fn concat(aggregate: &Value, value: &Value) -> Value {
    string(format!("{},{}", some_text(aggregate).unwrap_or_default(), text(value)))
}

fn joined(first: &Value, second: &Value) -> Value {
    string(format!("{},{}", text(first), text(second)))
}

fn unconcat(first: &Value, second: &Value) -> Value {
    string(format!("{}-{}", text(first), text(second)))
}

fn add_to(set: &str, part: String) -> Value {
    let mut parts = parts(set);
    parts.retain(|part| part != "null");
    parts.push(part);
    join(parts)
}

fn remove_from(set: &str, part: &str) -> Value {
    let mut parts = parts(set);
    parts.retain(|other| other != part);
    if parts.is_empty() { Value::Null } else { join(parts) }
}

fn parts(set: &str) -> Vec<String> {
    set.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A Java `TreeSet` of strings is in the order of their UTF-16 units.
fn join(mut parts: Vec<String>) -> Value {
    parts.sort_by_cached_key(|part| part.encode_utf16().collect::<Vec<u16>>());
    parts.dedup();
    string(parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aggregate(function: &str, value: &Value, so_far: &Value) -> Value {
        aggregator(function).expect("it is in the catalogue")(&string("k"), value, so_far)
    }

    fn reduce(function: &str, first: &Value, second: &Value) -> Value {
        reducer(function).expect("it is in the catalogue")(first, second)
    }

    #[test]
    fn a_missing_aggregate_is_empty_except_for_unconcat() {
        assert_eq!(aggregate("concat", &string("a"), &Value::Null), string(",a"));
        assert_eq!(aggregate("withKey", &string("a"), &string("x")), string("x,k=a"));
        assert_eq!(aggregate("unconcat", &string("a"), &Value::Null), string("null-a"));
        assert_eq!(aggregate("nullOn:a", &string("a"), &string("x")), Value::Null);
    }

    #[test]
    fn sets_are_in_utf_16_order() {
        let low = aggregate("set", &string("\u{ff5e}"), &string("\u{10000}"));
        assert_eq!(low, string("\u{10000},\u{ff5e}"));
        assert_eq!(aggregate("set", &string("b"), &string("c,b,,null")), string("b,c"));
        assert_eq!(aggregate("unset", &string("b"), &string("b,")), Value::Null);
    }

    #[test]
    fn sums_wrap_and_reals_stay_real() {
        assert_eq!(aggregate("sum", &long(1), &long(i64::MAX)), long(i64::MIN));
        assert_eq!(aggregate("sumReal", &double(0.25), &double(1.0)), double(1.25));
    }

    #[test]
    fn the_maximum_compares_texts() {
        assert_eq!(reduce("max", &string("9"), &string("10")), string("9"));
        assert_eq!(reduce("max", &string("a"), &string("é")), string("é"));
        assert_eq!(reduce("minus", &long(1), &long(3)), long(-2));
    }
}
