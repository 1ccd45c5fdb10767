//! Builder, streams and tables: the dynamic form of the core's, with functions of the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kstreams::{KGroupedStream, KStream, KTable, StreamsBuilder, Value};
use pyo3::prelude::*;

use crate::config::Settings;
use crate::error::OrRaise;
use crate::function::{Function, item_pair, item_value};
use crate::options::{Common, MaterializedArgument};
use crate::serde::SerdeArgument;
use crate::topology::Topology;

/// What everything made from one builder shares.
#[derive(Clone, Default)]
struct Shared {
    builder: StreamsBuilder,
    has_functions: Arc<AtomicBool>,
}

impl Shared {
    /// Remembers that the topology needs Python.
    fn uses_functions(&self) {
        self.has_functions.store(true, Ordering::Relaxed);
    }

    /// Raises the first mistake, at the line that made it.
    fn checked<T>(&self, py: Python<'_>, made: T) -> PyResult<T> {
        self.builder.check().or_raise(py).map(|()| made)
    }
}

/// The native half of `StreamsBuilder`.
#[pyclass(frozen)]
#[derive(Default)]
pub(crate) struct Builder(Shared);

/// The native half of `KStream`.
#[pyclass(frozen)]
pub(crate) struct Stream {
    shared: Shared,
    stream: KStream<Value, Value>,
}

/// The native half of `KGroupedStream`.
#[pyclass(frozen)]
pub(crate) struct Grouped {
    shared: Shared,
    grouped: KGroupedStream<Value, Value>,
}

/// The native half of `KTable`.
#[pyclass(frozen)]
pub(crate) struct Table {
    shared: Shared,
    table: KTable<Value, Value>,
}

#[pymethods]
impl Builder {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn stream(
        &self,
        py: Python<'_>,
        topics: Vec<String>,
        name: Option<String>,
        key: Option<SerdeArgument>,
        value: Option<SerdeArgument>,
        timestamps: Option<Function>,
        reset: Option<&str>,
    ) -> PyResult<Stream> {
        if timestamps.is_some() {
            self.0.uses_functions();
        }
        let consumed = Common { name, key, value }.consumed(py, timestamps, reset)?;
        let stream = self.0.builder.stream(topics, consumed);
        self.0.checked(py, Stream { shared: self.0.clone(), stream })
    }

    fn build(&self, py: Python<'_>, settings: Option<Settings>) -> PyResult<Topology> {
        let topology = match settings {
            Some(Settings(config)) => self.0.builder.build_with(&config),
            None => self.0.builder.build(),
        };
        Ok(Topology::new(topology.or_raise(py)?, self.0.has_functions.load(Ordering::Relaxed)))
    }
}

impl Stream {
    /// The stream with the next operator's name, which calls a function.
    fn calling(&self, name: Option<String>) -> KStream<Value, Value> {
        self.shared.uses_functions();
        self.named(name)
    }

    fn named(&self, name: Option<String>) -> KStream<Value, Value> {
        match name {
            Some(name) => self.stream.named(name),
            None => self.stream.clone(),
        }
    }

    fn made(&self, py: Python<'_>, stream: KStream<Value, Value>) -> PyResult<Self> {
        self.shared.checked(py, Self { shared: self.shared.clone(), stream })
    }

    fn grouped(&self, py: Python<'_>, grouped: KGroupedStream<Value, Value>) -> PyResult<Grouped> {
        self.shared.checked(py, Grouped { shared: self.shared.clone(), grouped })
    }
}

#[pymethods]
impl Stream {
    fn filter(&self, py: Python<'_>, predicate: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).filter(move |key, value| predicate.truth([key, value]));
        self.made(py, stream)
    }

    fn filter_not(&self, py: Python<'_>, predicate: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).filter_not(move |key, value| predicate.truth([key, value]));
        self.made(py, stream)
    }

    fn map(&self, py: Python<'_>, mapper: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).map(move |key, value| mapper.pair([key, value]));
        self.made(py, stream)
    }

    fn map_values(&self, py: Python<'_>, mapper: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).map_values(move |key, value| mapper.value([key, value]));
        self.made(py, stream)
    }

    fn flat_map(&self, py: Python<'_>, mapper: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).flat_map(move |key, value| mapper.items([key, value], item_pair));
        self.made(py, stream)
    }

    fn flat_map_values(&self, py: Python<'_>, mapper: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).flat_map_values(move |key, value| mapper.items([key, value], item_value));
        self.made(py, stream)
    }

    fn select_key(&self, py: Python<'_>, selector: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).select_key(move |key, value| selector.value([key, value]));
        self.made(py, stream)
    }

    fn peek(&self, py: Python<'_>, action: Function, name: Option<String>) -> PyResult<Self> {
        let stream = self.calling(name).peek(move |key, value| action.effect([key, value]));
        self.made(py, stream)
    }

    fn for_each(&self, py: Python<'_>, action: Function, name: Option<String>) -> PyResult<()> {
        self.calling(name).for_each(move |key, value| action.effect([key, value]));
        self.shared.checked(py, ())
    }

    fn merge(&self, py: Python<'_>, other: &Self, name: Option<String>) -> PyResult<Self> {
        self.made(py, self.named(name).merge(&other.stream))
    }

    fn repartition(
        &self,
        py: Python<'_>,
        name: Option<String>,
        key: Option<SerdeArgument>,
        value: Option<SerdeArgument>,
        partitions: Option<i32>,
        partitioner: Option<Function>,
    ) -> PyResult<Self> {
        if partitioner.is_some() {
            self.shared.uses_functions();
        }
        let options = Common { name, key, value }.repartitioned(partitions, partitioner);
        self.made(py, self.stream.repartition(options))
    }

    fn group_by_key(
        &self,
        py: Python<'_>,
        name: Option<String>,
        key: Option<SerdeArgument>,
        value: Option<SerdeArgument>,
    ) -> PyResult<Grouped> {
        self.grouped(py, self.stream.group_by_key(Common { name, key, value }.grouped()))
    }

    fn group_by(
        &self,
        py: Python<'_>,
        selector: Function,
        name: Option<String>,
        key: Option<SerdeArgument>,
        value: Option<SerdeArgument>,
    ) -> PyResult<Grouped> {
        let options = Common { name, key, value }.grouped();
        let grouped = self.calling(None).group_by(move |key, value| selector.value([key, value]), options);
        self.grouped(py, grouped)
    }

    fn to(
        &self,
        py: Python<'_>,
        topic: &str,
        name: Option<String>,
        key: Option<SerdeArgument>,
        value: Option<SerdeArgument>,
        partitioner: Option<Function>,
    ) -> PyResult<()> {
        if partitioner.is_some() {
            self.shared.uses_functions();
        }
        self.stream.to(topic, Common { name, key, value }.produced(partitioner));
        self.shared.checked(py, ())
    }
}

impl Grouped {
    fn named(&self, name: Option<String>) -> KGroupedStream<Value, Value> {
        match name {
            Some(name) => self.grouped.named(name),
            None => self.grouped.clone(),
        }
    }

    fn made(&self, py: Python<'_>, table: KTable<Value, Value>) -> PyResult<Table> {
        self.shared.checked(py, Table { shared: self.shared.clone(), table })
    }
}

#[pymethods]
impl Grouped {
    fn count(
        &self,
        py: Python<'_>,
        materialized: Option<MaterializedArgument>,
        name: Option<String>,
    ) -> PyResult<Table> {
        let options = materialized.map(|materialized| materialized.options(py)).transpose()?;
        self.made(py, self.named(name).count(options).dynamic())
    }

    fn reduce(
        &self,
        py: Python<'_>,
        reducer: Function,
        materialized: Option<MaterializedArgument>,
        name: Option<String>,
    ) -> PyResult<Table> {
        self.shared.uses_functions();
        let options = materialized.map(|materialized| materialized.options(py)).transpose()?;
        self.made(py, self.named(name).reduce(move |old, new| reducer.value([old, new]), options))
    }

    fn aggregate(
        &self,
        py: Python<'_>,
        initializer: Function,
        aggregator: Function,
        materialized: Option<MaterializedArgument>,
        name: Option<String>,
    ) -> PyResult<Table> {
        self.shared.uses_functions();
        let options = materialized.map(|materialized| materialized.options(py)).transpose()?;
        let table = self.named(name).aggregate(
            move || initializer.value([]),
            move |key, value, so_far| aggregator.value([key, value, so_far]),
            options,
        );
        self.made(py, table)
    }
}

#[pymethods]
impl Table {
    fn to_stream(&self, py: Python<'_>, name: Option<String>) -> PyResult<Stream> {
        let table = match name {
            Some(name) => self.table.named(name),
            None => self.table.clone(),
        };
        self.shared.checked(py, Stream { shared: self.shared.clone(), stream: table.to_stream() })
    }
}
