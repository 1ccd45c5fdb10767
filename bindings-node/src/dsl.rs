//! Builder, streams and tables: the dynamic form of the core's, with functions of the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kstreams::{KGroupedStream, KStream, KTable, Result, StreamsBuilder, Value};
use napi::Env;
use napi_derive::napi;

use crate::config::{Pairs, config};
use crate::error::export;
use crate::function::{Function, item_pair, item_value};
use crate::options::{Common, TableOptions};
use crate::raw::In;
use crate::topology::Topology;

/// What everything made from one builder shares.
#[derive(Clone, Default)]
struct Shared {
    builder: StreamsBuilder,
    has_functions: Arc<AtomicBool>,
}

impl Shared {
    /// A function, which makes the topology need JavaScript.
    fn function(&self, argument: &In<'_>) -> Result<Function> {
        self.has_functions.store(true, Ordering::Relaxed);
        Function::new(argument.val())
    }

    fn optional_function(&self, argument: &In<'_>) -> Result<Option<Function>> {
        let function = Function::optional(argument.val())?;
        self.has_functions.fetch_or(function.is_some(), Ordering::Relaxed);
        Ok(function)
    }

    /// Throws the first mistake, at the line that made it.
    fn checked<T>(&self, made: T) -> Result<T> {
        self.builder.check().map(|()| made)
    }
}

/// The native half of `StreamsBuilder`.
#[napi]
#[derive(Default)]
pub struct Builder(Shared);

#[napi]
impl Builder {
    /// An empty builder.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// A stream of topics.
    #[napi(catch_unwind)]
    pub fn stream(
        &self,
        env: Env,
        topics: Vec<String>,
        options: Common,
        timestamps: In<'_>,
        reset: Option<String>,
    ) -> napi::Result<Stream> {
        export(&env, |_| {
            let consumed = options.consumed(self.0.optional_function(&timestamps)?, reset.as_deref())?;
            let stream = self.0.builder.stream(topics, consumed);
            self.0.checked(Stream { shared: self.0.clone(), stream })
        })
    }

    /// The topology.
    #[napi(catch_unwind)]
    pub fn build(&self, env: Env, settings: Option<Pairs>) -> napi::Result<Topology> {
        export(&env, |_| {
            let topology = match settings {
                Some(pairs) => self.0.builder.build_with(&config(pairs)),
                None => self.0.builder.build(),
            };
            Topology::new(topology?, self.0.has_functions.load(Ordering::Relaxed))
        })
    }
}

/// The native half of `KStream`.
#[napi]
pub struct Stream {
    shared: Shared,
    stream: KStream<Value, Value>,
}

impl Stream {
    /// The stream with the next operator's name.
    fn named(&self, name: Option<String>) -> KStream<Value, Value> {
        match name {
            Some(name) => self.stream.named(name),
            None => self.stream.clone(),
        }
    }

    fn made(&self, stream: KStream<Value, Value>) -> Result<Self> {
        self.shared.checked(Self { shared: self.shared.clone(), stream })
    }

    fn grouped(&self, grouped: KGroupedStream<Value, Value>) -> Result<Grouped> {
        self.shared.checked(Grouped { shared: self.shared.clone(), grouped })
    }

    /// An operator that calls a function.
    fn calling(
        &self,
        env: &Env,
        function: &In<'_>,
        name: Option<String>,
        operator: impl FnOnce(KStream<Value, Value>, Function) -> KStream<Value, Value>,
    ) -> napi::Result<Self> {
        export(env, |_| {
            let function = self.shared.function(function)?;
            self.made(operator(self.named(name), function))
        })
    }
}

#[napi]
impl Stream {
    #[napi(catch_unwind)]
    pub fn filter(&self, env: Env, predicate: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &predicate, name, |stream, f| stream.filter(move |key, value| f.truth([key, value])))
    }

    #[napi(catch_unwind)]
    pub fn filter_not(&self, env: Env, predicate: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &predicate, name, |stream, f| stream.filter_not(move |key, value| f.truth([key, value])))
    }

    #[napi(catch_unwind)]
    pub fn map(&self, env: Env, mapper: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &mapper, name, |stream, f| stream.map(move |key, value| f.pair([key, value])))
    }

    #[napi(catch_unwind)]
    pub fn map_values(&self, env: Env, mapper: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &mapper, name, |stream, f| stream.map_values(move |key, value| f.value([key, value])))
    }

    #[napi(catch_unwind)]
    pub fn flat_map(&self, env: Env, mapper: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &mapper, name, |stream, f| {
            stream.flat_map(move |key, value| f.items([key, value], item_pair))
        })
    }

    #[napi(catch_unwind)]
    pub fn flat_map_values(&self, env: Env, mapper: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &mapper, name, |stream, f| {
            stream.flat_map_values(move |key, value| f.items([key, value], item_value))
        })
    }

    #[napi(catch_unwind)]
    pub fn select_key(&self, env: Env, selector: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &selector, name, |stream, f| stream.select_key(move |key, value| f.value([key, value])))
    }

    #[napi(catch_unwind)]
    pub fn peek(&self, env: Env, action: In<'_>, name: Option<String>) -> napi::Result<Stream> {
        self.calling(&env, &action, name, |stream, f| stream.peek(move |key, value| f.effect([key, value])))
    }

    #[napi(catch_unwind)]
    pub fn for_each(&self, env: Env, action: In<'_>, name: Option<String>) -> napi::Result<()> {
        export(&env, |_| {
            let function = self.shared.function(&action)?;
            self.named(name).for_each(move |key, value| function.effect([key, value]));
            self.shared.checked(())
        })
    }

    #[napi(catch_unwind)]
    pub fn merge(&self, env: Env, other: &Stream, name: Option<String>) -> napi::Result<Stream> {
        export(&env, |_| self.made(self.named(name).merge(&other.stream)))
    }

    #[napi(catch_unwind)]
    pub fn repartition(
        &self,
        env: Env,
        options: Common,
        partitions: Option<i32>,
        partitioner: In<'_>,
    ) -> napi::Result<Stream> {
        export(&env, |_| {
            let options = options.repartitioned(partitions, self.shared.optional_function(&partitioner)?)?;
            self.made(self.stream.repartition(options))
        })
    }

    #[napi(catch_unwind)]
    pub fn group_by_key(&self, env: Env, options: Common) -> napi::Result<Grouped> {
        export(&env, |_| self.grouped(self.stream.group_by_key(options.grouped()?)))
    }

    #[napi(catch_unwind)]
    pub fn group_by(&self, env: Env, selector: In<'_>, options: Common) -> napi::Result<Grouped> {
        export(&env, |_| {
            let function = self.shared.function(&selector)?;
            self.grouped(self.stream.group_by(move |key, value| function.value([key, value]), options.grouped()?))
        })
    }

    #[napi(catch_unwind)]
    pub fn to(&self, env: Env, topic: String, options: Common, partitioner: In<'_>) -> napi::Result<()> {
        export(&env, |_| {
            self.stream.to(topic, options.produced(self.shared.optional_function(&partitioner)?)?);
            self.shared.checked(())
        })
    }
}

/// The native half of `KGroupedStream`.
#[napi]
pub struct Grouped {
    shared: Shared,
    grouped: KGroupedStream<Value, Value>,
}

impl Grouped {
    fn named(&self, name: Option<String>) -> KGroupedStream<Value, Value> {
        match name {
            Some(name) => self.grouped.named(name),
            None => self.grouped.clone(),
        }
    }

    fn made(&self, table: KTable<Value, Value>) -> Result<Table> {
        self.shared.checked(Table { shared: self.shared.clone(), table })
    }
}

#[napi]
impl Grouped {
    #[napi(catch_unwind)]
    pub fn count(&self, env: Env, options: Option<TableOptions>, name: Option<String>) -> napi::Result<Table> {
        export(&env, |_| {
            let options = options.map(TableOptions::materialized).transpose()?;
            self.made(self.named(name).count(options).dynamic())
        })
    }

    #[napi(catch_unwind)]
    pub fn reduce(
        &self,
        env: Env,
        reducer: In<'_>,
        options: Option<TableOptions>,
        name: Option<String>,
    ) -> napi::Result<Table> {
        export(&env, |_| {
            let function = self.shared.function(&reducer)?;
            let options = options.map(TableOptions::materialized).transpose()?;
            self.made(self.named(name).reduce(move |old, new| function.value([old, new]), options))
        })
    }

    #[napi(catch_unwind)]
    pub fn aggregate(
        &self,
        env: Env,
        initializer: In<'_>,
        aggregator: In<'_>,
        options: Option<TableOptions>,
        name: Option<String>,
    ) -> napi::Result<Table> {
        export(&env, |_| {
            let (initial, next) = (self.shared.function(&initializer)?, self.shared.function(&aggregator)?);
            let options = options.map(TableOptions::materialized).transpose()?;
            let table = self.named(name).aggregate(
                move || initial.value([]),
                move |key, value, so_far| next.value([key, value, so_far]),
                options,
            );
            self.made(table)
        })
    }
}

/// The native half of `KTable`.
#[napi]
pub struct Table {
    shared: Shared,
    table: KTable<Value, Value>,
}

#[napi]
impl Table {
    #[napi(catch_unwind)]
    pub fn to_stream(&self, env: Env, name: Option<String>) -> napi::Result<Stream> {
        export(&env, |_| {
            let table = match name {
                Some(name) => self.table.named(name),
                None => self.table.clone(),
            };
            self.shared.checked(Stream { shared: self.shared.clone(), stream: table.to_stream() })
        })
    }
}
