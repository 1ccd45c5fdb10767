//! Tables: the last value of each key.

use std::marker::PhantomData;

use super::{Handle, KStream, Types};
use crate::operator::to_stream::ToStream;
use crate::topology::graph::Role;
use crate::topology::naming::prefix;
use crate::value::{Data, IntoData, Value};

/// A table: for each key of type `K` the last value of type `V`, and the changes of both as they happen.
#[derive(Debug)]
pub struct KTable<K, V>(pub(super) Handle, pub(super) Types<K, V>);

impl<K, V> Clone for KTable<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<K: Data, V: Data> KTable<K, V> {
    /// The same table; the next operator called on it gets this name instead of a generated one.
    #[must_use]
    pub fn named(&self, name: impl Into<String>) -> Self {
        Self(self.0.named(name.into()), PhantomData)
    }

    /// The same table in its dynamic form.
    #[must_use]
    pub fn dynamic(&self) -> KTable<Value, Value> {
        KTable(self.0.clone(), PhantomData)
    }

    /// The changes as a stream: each one's new value. A deletion has a null value, so a stream that may see one is of
    /// type `KStream<K, Option<V>>`: see [`to_nullable_stream`](Self::to_nullable_stream).
    pub fn to_stream(&self) -> KStream<K, V> {
        KStream(
            Handle { is_rekeyed: false, ..self.0.operator(prefix::TO_STREAM, Role::Neutral, || ToStream) },
            PhantomData,
        )
    }

    /// [`to_stream`](Self::to_stream) of a table whose rows may be deleted.
    pub fn to_nullable_stream(&self) -> KStream<K, Option<V>> {
        KStream(self.to_stream().0, PhantomData)
    }

    /// The changes as a stream with new keys: [`to_stream`](Self::to_stream), then
    /// [`select_key`](KStream::select_key).
    pub fn to_stream_by<R, F>(&self, selector: F) -> KStream<R::Data, V>
    where
        R: IntoData,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        self.to_stream().select_key(selector)
    }
}
