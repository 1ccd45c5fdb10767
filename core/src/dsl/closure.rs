//! From closures over a user's types to functions over values.

use crate::error::{Error, Result};
use crate::value::{Data, IntoData, Value};

/// What a closure may return as key *and* value: a pair of data, or a result of one.
pub trait IntoPair {
    /// The type of the keys that the stream then has.
    type Key: Data;
    /// The type of the values that the stream then has.
    type Value: Data;

    /// Makes the dynamic values.
    ///
    /// # Errors
    /// Whatever the closure returned as an error.
    fn into_pair(self) -> Result<(Value, Value)>;
}

impl<K: IntoData, V: IntoData> IntoPair for (K, V) {
    type Key = K::Data;
    type Value = V::Data;

    fn into_pair(self) -> Result<(Value, Value)> {
        Ok((self.0.into_data()?, self.1.into_data()?))
    }
}

impl<P: IntoPair> IntoPair for Result<P> {
    type Key = P::Key;
    type Value = P::Value;

    fn into_pair(self) -> Result<(Value, Value)> {
        self?.into_pair()
    }
}

/// A function of key and value.
pub(super) fn of_pair<K, V, R, F>(f: F) -> impl Fn(&Value, &Value) -> Result<R> + Send + Sync + 'static
where
    K: Data,
    V: Data,
    F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
{
    move |key, value| Ok(f(K::view(key)?, V::view(value)?))
}

/// A function of key and value that gives data.
pub(super) fn data<K, V, R, F>(f: F) -> impl Fn(&Value, &Value) -> Result<Value> + Send + Sync + 'static
where
    K: Data,
    V: Data,
    R: IntoData,
    F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
{
    move |key, value| f(K::view(key)?, V::view(value)?).into_data()
}

/// A function of key and value that gives a truth value.
pub(super) fn truth<K, V, R, F>(f: F) -> impl Fn(&Value, &Value) -> Result<bool> + Send + Sync + 'static
where
    K: Data,
    V: Data,
    R: IntoData<Data = bool>,
    F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
{
    move |key, value| match f(K::view(key)?, V::view(value)?).into_data()? {
        Value::Bool(truth) => Ok(truth),
        other => Err(other.mismatch("boolean")),
    }
}

/// What a closure that is called for its effect may return: nothing, or a result of nothing.
pub trait IntoEffect {
    /// Whether it failed.
    ///
    /// # Errors
    /// Whatever the closure returned as an error.
    fn into_effect(self) -> Result<()>;
}

impl IntoEffect for () {
    fn into_effect(self) -> Result<()> {
        Ok(())
    }
}

impl IntoEffect for Result<(), Error> {
    fn into_effect(self) -> Result<()> {
        self
    }
}

/// A function of key and value that is called for its effect.
pub(super) fn effect<K, V, R, F>(f: F) -> impl Fn(&Value, &Value) -> Result<()> + Send + Sync + 'static
where
    K: Data,
    V: Data,
    R: IntoEffect,
    F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
{
    move |key, value| f(K::view(key)?, V::view(value)?).into_effect()
}
