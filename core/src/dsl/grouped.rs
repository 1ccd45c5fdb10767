//! Grouped streams: what can be counted, reduced and aggregated.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Grouped, Handle, KTable, Materialized, Types};
use crate::error::Result;
use crate::operator::aggregate::{Aggregate, Reduce};
use crate::operator::{OperatorFactory, StoreId};
use crate::serde::{self, SerdeRef};
use crate::topology::graph::{Body, Facts, Graph, GraphNode, Maker, NodeId, Repartition, Role, StoreRequest};
use crate::topology::naming::prefix;
use crate::topology::plan::StoreKind;
use crate::value::{Data, IntWidth, IntoData, Value};

/// A stream whose records are together by key.
///
/// # Examples
/// ```
/// use kstreams::{Consumed, Grouped, KTable, Materialized, StreamsBuilder, serde};
///
/// let builder = StreamsBuilder::new();
/// let orders = builder.stream::<String, String>("orders", Consumed::with(serde::utf8(), serde::utf8()));
/// let by_day = orders.group_by(|_, order| order[..10].to_owned(), Grouped::with(serde::utf8(), serde::utf8()));
/// let count: KTable<String, i64> = by_day.count(Materialized::new().named("orders-per-day"));
/// let last = by_day.reduce(|_, order| order.to_owned(), None);
/// let length = Materialized::new().named("length").value_serde(serde::long());
/// let length: KTable<String, i64> = by_day.aggregate(|| 0_i64, |_, order, sum| sum + order.len() as i64, length);
/// length.to_stream().to("length-per-day", None);
/// count.to_stream_by(|day, count| format!("{day} {count}")).to("counts", None);
/// last.to_nullable_stream().filter(|_, order| order.is_some()).to("last-per-day", None);
/// assert_eq!(builder.build()?.store_names()[0], "orders-per-day");
/// # Ok::<(), kstreams::Error>(())
/// ```
#[derive(Debug)]
pub struct KGroupedStream<K, V> {
    stream: Handle,
    grouped: Grouped,
    /// The repartition with the user's name: all aggregations of this grouping share it.
    repartition: Arc<Mutex<Option<NodeId>>>,
    types: Types<K, V>,
}

impl<K, V> Clone for KGroupedStream<K, V> {
    fn clone(&self) -> Self {
        Self {
            stream: self.stream.clone(),
            grouped: self.grouped.clone(),
            repartition: Arc::clone(&self.repartition),
            types: PhantomData,
        }
    }
}

impl<K: Data, V: Data> KGroupedStream<K, V> {
    pub(super) fn new(stream: Handle, grouped: Grouped) -> Self {
        stream.graph.lock().check_name(grouped.name.as_deref());
        Self { stream, grouped, repartition: Arc::default(), types: PhantomData }
    }

    /// The same grouping; the next operator called on it gets this name instead of a generated one.
    #[must_use]
    pub fn named(&self, name: impl Into<String>) -> Self {
        Self { stream: self.stream.named(name.into()), ..self.clone() }
    }

    /// How many records each key had. Records without key or value are dropped.
    pub fn count(&self, materialized: impl Into<Option<Materialized>>) -> KTable<K, i64> {
        let materialized = materialized.into();
        let mut graph = self.stream.graph.lock();
        if materialized.as_ref().is_some_and(|materialized| materialized.name.is_none()) {
            // Kafka Streams draws a name here that it never uses.
            graph.counter.store(prefix::AGGREGATE);
        }
        let mut materialized = materialized.unwrap_or_default();
        materialized.value.get_or_insert_with(serde::long);
        let zero = Arc::new(|| Ok(Value::Int(0, IntWidth::Eight)));
        let add = Arc::new(|_: &Value, _: &Value, count: &Value| match count {
            Value::Int(count, _) => Ok(Value::Int(count.wrapping_add(1), IntWidth::Eight)),
            other => Err(other.mismatch("long")),
        });
        self.aggregate_by(&mut graph, prefix::AGGREGATE, materialized, move |facts, store| Aggregate {
            store,
            initializer: Arc::clone(&zero),
            aggregator: Arc::clone(&add),
            old_values: facts.old_values,
        })
    }

    /// Combines the values of each key: the function gets the result so far and the next value. The first value is the
    /// first result. Records without key or value are dropped.
    pub fn reduce<R, F>(&self, reducer: F, materialized: impl Into<Option<Materialized>>) -> KTable<K, V>
    where
        R: IntoData,
        F: for<'a> Fn(V::View<'a>, V::View<'a>) -> R + Send + Sync + 'static,
    {
        let mut materialized = materialized.into().unwrap_or_default();
        materialized.value = materialized.value.or_else(|| self.grouped.value.clone());
        let reducer = Arc::new(super::closure::data::<V, V, _, _>(reducer));
        let mut graph = self.stream.graph.lock();
        self.aggregate_by(&mut graph, prefix::REDUCE, materialized, move |facts, store| Reduce {
            store,
            reducer: Arc::clone(&reducer),
            old_values: facts.old_values,
        })
    }

    /// Folds the values of each key into an aggregate: the aggregator gets key, value and the aggregate so far, which
    /// begins as what the initializer gives. A null result deletes the row. Records without key or value are dropped.
    pub fn aggregate<A, I, R, F>(
        &self,
        initializer: I,
        aggregator: F,
        materialized: impl Into<Option<Materialized>>,
    ) -> KTable<K, A::Data>
    where
        A: IntoData,
        I: Fn() -> A + Send + Sync + 'static,
        R: IntoData,
        F: for<'a> Fn(K::View<'a>, V::View<'a>, <A::Data as Data>::View<'a>) -> R + Send + Sync + 'static,
    {
        let initializer = Arc::new(move || initializer().into_data());
        let aggregator = Arc::new(move |key: &Value, value: &Value, so_far: &Value| -> Result<Value> {
            aggregator(K::view(key)?, V::view(value)?, A::Data::view(so_far)?).into_data()
        });
        let mut graph = self.stream.graph.lock();
        let materialized = materialized.into().unwrap_or_default();
        self.aggregate_by(&mut graph, prefix::AGGREGATE, materialized, move |facts, store| Aggregate {
            store,
            initializer: Arc::clone(&initializer),
            aggregator: Arc::clone(&aggregator),
            old_values: facts.old_values,
        })
    }

    /// Adds the aggregation, behind a repartition if the key may have changed.
    fn aggregate_by<A, O: crate::operator::Operator + 'static>(
        &self,
        graph: &mut Graph,
        prefix: &str,
        materialized: Materialized,
        make: impl Fn(Facts, StoreId) -> O + Send + Sync + 'static,
    ) -> KTable<K, A> {
        let store = self.store(graph, prefix, materialized);
        let name = graph.name(self.stream.name.clone(), prefix);
        let (parent, sources) = self.parent(graph, &store.name);
        let (key, value) = (store.key.clone(), store.value.clone());
        let body = Body::Processor { maker: maker(&store.name, make), stores: vec![store] };
        let node = graph.add(&[parent], GraphNode::new(name, body, Role::Neutral));
        let handle =
            Handle { graph: self.stream.graph.clone(), node, key, value, sources, is_rekeyed: false, name: None };
        KTable(handle, PhantomData)
    }

    fn store(&self, graph: &mut Graph, prefix: &str, materialized: Materialized) -> StoreRequest {
        let Materialized { name, key, value, bottom, caching, logging } = materialized;
        graph.check_name(name.as_deref());
        StoreRequest {
            name: name.unwrap_or_else(|| graph.counter.store(prefix)),
            kind: StoreKind::TimestampedKeyValue,
            bottom,
            key: key.or_else(|| self.grouped.key.clone()),
            value,
            caching,
            logging,
        }
    }

    /// What the aggregation reads: the stream, or its repartition.
    fn parent(&self, graph: &mut Graph, store: &str) -> (NodeId, BTreeSet<String>) {
        if !self.stream.is_rekeyed {
            return (self.stream.node, self.stream.sources.clone());
        }
        // Numbers are drawn also when the repartition is there already.
        let names = graph.counter.repartition(self.grouped.name.as_deref().unwrap_or(store));
        let source = names.source.clone();
        let mut shared = self.repartition.lock().unwrap_or_else(PoisonError::into_inner);
        let node = match shared.filter(|_| self.grouped.name.is_some()) {
            Some(node) => {
                graph.attach(self.stream.node, node);
                node
            }
            None => self.add_repartition(graph, names),
        };
        *shared = Some(node);
        (node, BTreeSet::from([source]))
    }

    fn add_repartition(&self, graph: &mut Graph, names: crate::topology::naming::RepartitionNames) -> NodeId {
        let (key, value): (Option<SerdeRef>, Option<SerdeRef>) = (self.grouped.key.clone(), self.grouped.value.clone());
        let name = names.source.clone();
        let repartition = Repartition { names, key, value, partitioner: None, partitions: None, is_automatic: true };
        graph.add(&[self.stream.node], GraphNode::new(name, Body::Repartition(repartition), Role::Neutral))
    }
}

/// A maker of operators with one store.
fn maker<O: crate::operator::Operator + 'static>(
    store: &str,
    make: impl Fn(Facts, StoreId) -> O + Send + Sync + 'static,
) -> Maker {
    let (store, make) = (store.to_owned(), Arc::new(make));
    Arc::new(move |facts| -> OperatorFactory {
        let (store, make) = (store.clone(), Arc::clone(&make));
        Arc::new(move |wiring| Ok(Box::new(make(facts, wiring.store(&store)?))))
    })
}
