//! Streams of records.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use super::closure::{self, IntoEffect, IntoPair};
use super::{Grouped, Handle, KGroupedStream, Produced, Repartitioned, Types};
use crate::error::{Error, Result};
use crate::operator::filter::Filter;
use crate::operator::flat_map::{FlatMap, FlatMapValues};
use crate::operator::map::{Map, MapValues, SelectKey};
use crate::operator::merge::Merge;
use crate::operator::peek::Peek;
use crate::operator::{Operator, factory};
use crate::serde::SerdeRef;
use crate::topology::graph::{Body, Graph, GraphNode, Repartition, Role, Sink};
use crate::topology::naming::prefix;
use crate::value::{Data, IntoData, Value};

/// A stream of records with keys of type `K` and values of type `V`.
///
/// `KStream<Value, Value>` is the dynamic form. Closures get views (`&str` for `String`) and may return data, an option
/// of data, or a result: an error is handled where the record failed. A null key or value is an error unless the type
/// is an `Option` or [`Value`].
///
/// # Examples
/// ```
/// use kstreams::{Consumed, Error, KStream, StreamsBuilder, serde};
///
/// let builder = StreamsBuilder::new();
/// let lines: KStream<String, String> = builder.stream("lines", Consumed::with(serde::utf8(), serde::utf8()));
/// let words: KStream<String, i64> = lines
///     .named("split")
///     .flat_map(|_, line| line.split(' ').map(|word| (word.to_owned(), 1_i64)).collect::<Vec<_>>())
///     .filter_not(|word, _| word.is_empty());
/// let checked = words.map_values(|word, count| {
///     if word.len() < 100 { Ok(count) } else { Err(Error::data("word is too long").with("word", word)) }
/// });
/// checked.merge(&words).peek(|_, _| ()).to("words", None);
/// builder.check()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct KStream<K, V>(pub(super) Handle, pub(super) Types<K, V>);

impl<K, V> Clone for KStream<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<K: Data, V: Data> KStream<K, V> {
    /// The same stream; the next operator called on it gets this name instead of a generated one.
    #[must_use]
    pub fn named(&self, name: impl Into<String>) -> Self {
        Self(self.0.named(name.into()), PhantomData)
    }

    /// The same stream in its dynamic form.
    #[must_use]
    pub fn dynamic(&self) -> KStream<Value, Value> {
        KStream(self.0.clone(), PhantomData)
    }

    /// The records for which the predicate holds.
    pub fn filter<R, F>(&self, predicate: F) -> Self
    where
        R: IntoData<Data = bool>,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        self.filter_by(predicate, true)
    }

    /// The records for which the predicate does not hold.
    pub fn filter_not<R, F>(&self, predicate: F) -> Self
    where
        R: IntoData<Data = bool>,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        self.filter_by(predicate, false)
    }

    fn filter_by<R, F>(&self, predicate: F, wanted: bool) -> Self
    where
        R: IntoData<Data = bool>,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        let predicate = Arc::new(closure::truth::<K, V, _, _>(predicate));
        let make = move || Filter::new(Arc::clone(&predicate), wanted);
        Self(self.0.operator(prefix::FILTER, Role::Neutral, make), PhantomData)
    }

    /// New keys and values. Grouping what comes out repartitions it.
    pub fn map<R, F>(&self, mapper: F) -> KStream<R::Key, R::Value>
    where
        R: IntoPair,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        let f = closure::of_pair::<K, V, _, _>(mapper);
        let f = Arc::new(move |key: &_, value: &_| f(key, value)?.into_pair());
        let handle = self.0.operator(prefix::MAP, Role::ChangesKeys, move || Map(Arc::clone(&f)));
        KStream(handle.without_serdes(), PhantomData)
    }

    /// New values; the mapper sees keys too.
    pub fn map_values<R, F>(&self, mapper: F) -> KStream<K, R::Data>
    where
        R: IntoData,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        let f = Arc::new(closure::data::<K, V, _, _>(mapper));
        let handle = self.0.operator(prefix::MAP_VALUES, Role::ChangesValues, move || MapValues(Arc::clone(&f)));
        KStream(Handle { value: None, ..handle }, PhantomData)
    }

    /// Any number of records for each one, in order.
    pub fn flat_map<I, F>(&self, mapper: F) -> KStream<<I::Item as IntoPair>::Key, <I::Item as IntoPair>::Value>
    where
        I: IntoIterator,
        I::Item: IntoPair,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> I + Send + Sync + 'static,
    {
        let f = closure::of_pair::<K, V, _, _>(mapper);
        let f =
            Arc::new(move |key: &_, value: &_| f(key, value).map(|pairs| pairs.into_iter().map(IntoPair::into_pair)));
        let handle = self.0.operator(prefix::FLAT_MAP, Role::ChangesKeys, move || FlatMap(Arc::clone(&f)));
        KStream(handle.without_serdes(), PhantomData)
    }

    /// Any number of values for each record, in order, under the same key.
    pub fn flat_map_values<I, F>(&self, mapper: F) -> KStream<K, <I::Item as IntoData>::Data>
    where
        I: IntoIterator,
        I::Item: IntoData,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> I + Send + Sync + 'static,
    {
        let f = closure::of_pair::<K, V, _, _>(mapper);
        let f =
            Arc::new(move |key: &_, value: &_| f(key, value).map(|values| values.into_iter().map(IntoData::into_data)));
        let make = move || FlatMapValues(Arc::clone(&f));
        let handle = self.0.operator(prefix::FLAT_MAP_VALUES, Role::ChangesValues, make);
        KStream(Handle { value: None, ..handle }, PhantomData)
    }

    /// New keys. Grouping what comes out repartitions it.
    pub fn select_key<R, F>(&self, selector: F) -> KStream<R::Data, V>
    where
        R: IntoData,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        let f = Arc::new(closure::data::<K, V, _, _>(selector));
        let handle = self.0.operator(prefix::KEY_SELECT, Role::ChangesKeys, move || SelectKey(Arc::clone(&f)));
        KStream(Handle { key: None, is_rekeyed: true, ..handle }, PhantomData)
    }

    /// Shows each record to a function and passes it on.
    pub fn peek<R, F>(&self, action: F) -> Self
    where
        R: IntoEffect,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        Self(self.0.effect(prefix::PEEK, closure::effect::<K, V, _, _>(action)), PhantomData)
    }

    /// Shows each record to a function; nothing comes after it.
    pub fn for_each<R, F>(&self, action: F)
    where
        R: IntoEffect,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        self.0.effect(prefix::FOREACH, closure::effect::<K, V, _, _>(action));
    }

    /// The records of both streams, without an order between them. The serdes are unknown from here on.
    pub fn merge(&self, other: &Self) -> Self {
        let mut graph = self.0.graph.lock();
        if !self.0.graph.is_same(&other.0.graph) {
            graph.note::<()>(Err(Error::invalid("streams of two builders cannot be merged")));
            return self.clone();
        }
        let name = graph.name(self.0.name.clone(), prefix::MERGE);
        let body = Body::Processor { maker: Arc::new(|_| factory(|| Merge)), stores: Vec::new() };
        let node = graph.add(&[self.0.node, other.0.node], GraphNode::new(name, body, Role::Merges));
        let handle = Handle {
            node,
            key: None,
            value: None,
            sources: self.0.sources.union(&other.0.sources).cloned().collect(),
            is_rekeyed: self.0.is_rekeyed || other.0.is_rekeyed,
            name: None,
            graph: self.0.graph.clone(),
        };
        Self(handle, PhantomData)
    }

    /// Writes the records to an internal topic by their keys and reads them back. Records without a key vanish.
    pub fn repartition(&self, repartitioned: impl Into<Option<Repartitioned>>) -> Self {
        let Repartitioned { name, key, value, partitioner, partitions } = repartitioned.into().unwrap_or_default();
        let name = name.or_else(|| self.0.name.clone());
        let mut graph = self.0.graph.lock();
        graph.check_name(name.as_deref());
        let topic = name.unwrap_or_else(|| graph.counter.node(prefix::REPARTITION));
        let names = graph.counter.repartition(&topic);
        let source = names.source.clone();
        let body = Body::Repartition(Repartition {
            names,
            key: key.clone(),
            value: value.clone(),
            partitioner,
            partitions,
            is_automatic: false,
        });
        let handle = self.0.below(&mut graph, GraphNode::new(source.clone(), body, Role::Neutral));
        let sources = BTreeSet::from([source]);
        Self(Handle { key, value, sources, is_rekeyed: false, ..handle }, PhantomData)
    }

    /// Groups by the present key.
    pub fn group_by_key(&self, grouped: impl Into<Option<Grouped>>) -> KGroupedStream<K, V> {
        self.0.refuse_name("group_by_key");
        let inherited = || Grouped { name: None, key: self.0.key.clone(), value: self.0.value.clone() };
        KGroupedStream::new(Handle { name: None, ..self.0.clone() }, grouped.into().unwrap_or_else(inherited))
    }

    /// Groups by a new key: the stream is repartitioned by it.
    pub fn group_by<R, F>(&self, selector: F, grouped: impl Into<Option<Grouped>>) -> KGroupedStream<R::Data, V>
    where
        R: IntoData,
        F: for<'a> Fn(K::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        self.0.refuse_name("group_by");
        let inherited = || Grouped { name: None, key: None, value: self.0.value.clone() };
        let grouped = grouped.into().unwrap_or_else(inherited);
        let f = Arc::new(closure::data::<K, V, _, _>(selector));
        let stream = Handle { name: grouped.name.clone(), ..self.0.clone() };
        let handle = stream.operator(prefix::KEY_SELECT, Role::ChangesKeys, move || SelectKey(Arc::clone(&f)));
        KGroupedStream::new(handle, grouped)
    }

    /// Writes the records to a topic.
    pub fn to(&self, topic: impl Into<String>, produced: impl Into<Option<Produced>>) {
        let Produced { name, key, value, partitioner } = produced.into().unwrap_or_default();
        let or = |given: Option<SerdeRef>, known: &Option<SerdeRef>| given.or_else(|| known.clone());
        let (key, value) = (or(key, &self.0.key), or(value, &self.0.value));
        let mut graph = self.0.graph.lock();
        let name = graph.name(name.or_else(|| self.0.name.clone()), prefix::SINK);
        let body = Body::Sink(Sink { topic: topic.into(), key, value, partitioner });
        self.0.below(&mut graph, GraphNode::new(name, body, Role::Neutral));
    }
}

impl Handle {
    /// Adds an operator without stores below this one.
    pub(super) fn operator<O: Operator + 'static>(
        &self,
        prefix: &str,
        role: Role,
        make: impl Fn() -> O + Send + Sync + 'static,
    ) -> Self {
        let mut graph = self.graph.lock();
        let name = graph.name(self.name.clone(), prefix);
        self.operator_named(&mut graph, name, role, make)
    }

    fn operator_named<O: Operator + 'static>(
        &self,
        graph: &mut Graph,
        name: String,
        role: Role,
        make: impl Fn() -> O + Send + Sync + 'static,
    ) -> Self {
        let factory = factory(make);
        let body = Body::Processor { maker: Arc::new(move |_| Arc::clone(&factory)), stores: Vec::new() };
        let handle = self.below(graph, GraphNode::new(name, body, role));
        Self { is_rekeyed: self.is_rekeyed || role == Role::ChangesKeys, ..handle }
    }

    fn effect<F>(&self, prefix: &str, action: F) -> Self
    where
        F: Fn(&Value, &Value) -> Result<()> + Send + Sync + 'static,
    {
        let action = Arc::new(action);
        self.operator(prefix, Role::Neutral, move || Peek(Arc::clone(&action)))
    }

    fn without_serdes(self) -> Self {
        Self { key: None, value: None, ..self }
    }
}
