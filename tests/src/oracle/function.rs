//! The closed catalogue of functions that a case may name, each written `name` or `name:argument`.

use std::sync::Arc;

use kstreams::{Error, Value};

use super::Refusal;

mod aggregate;
mod key;
mod predicate;
mod record;
mod value;

pub(super) use aggregate::{aggregator, initializer, reducer};
pub(super) use key::selector;
pub(super) use predicate::predicate;
pub(super) use record::{extractor, partitioner};
pub(super) use value::{flat_mapper, mapper};

pub(super) type Outcome<T> = kstreams::Result<T>;
pub(super) type Predicate = Arc<dyn Fn(&Value, &Value) -> Outcome<bool> + Send + Sync>;
pub(super) type Mapper = Arc<dyn Fn(&Value, &Value) -> Outcome<Value> + Send + Sync>;
pub(super) type FlatMapper = Arc<dyn Fn(&Value, &Value) -> Vec<Value> + Send + Sync>;
pub(super) type Aggregator = Arc<dyn Fn(&Value, &Value, &Value) -> Value + Send + Sync>;
pub(super) type Reducer = Arc<dyn Fn(&Value, &Value) -> Value + Send + Sync>;
pub(super) type Extractor = Arc<dyn Fn(&Value, i64, i64) -> i64 + Send + Sync>;
pub(super) type Partitioner = Arc<dyn Fn(&Value, &Value, i32) -> Option<Vec<i32>> + Send + Sync>;

/// The name of a function and what stands after the first colon.
fn split(function: &str) -> (&str, &str) {
    function.split_once(':').unwrap_or((function, ""))
}

fn unknown(kind: &str, function: &str) -> Refusal {
    Refusal::unsupported(format!("{kind} {function}"))
}

fn parse<T: std::str::FromStr>(function: &str, argument: &str) -> Result<T, Refusal> {
    argument.parse().map_err(|_| Refusal::malformed(format!("function {function}")))
}

/// What a function that fails raises, as a host's exception.
fn refused(what: &str, argument: &str) -> Error {
    Error::from_user(format!("{what} refused {argument}"), Arc::new(()))
}

/// A pair `SELECTOR,MAPPER`: both see the same key and value.
pub(super) fn pair(function: &str) -> Result<(Mapper, Mapper), Refusal> {
    let (key, value) =
        function.split_once(',').ok_or_else(|| Refusal::malformed(format!("pair of functions {function}")))?;
    Ok((selector(key)?, mapper(value)?))
}
