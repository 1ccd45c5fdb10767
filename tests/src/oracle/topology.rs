//! Builds a case's topology with the public DSL in its dynamic form.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kstreams::{Config, KGroupedStream, KStream, KTable, StreamsBuilder, Topology, Value};

use super::Refusal;
use super::case::{Case, Node};

mod grouped;
mod option;
mod stream;

/// The lines that `peek` and `foreach` wrote.
#[derive(Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    fn add(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// The lines since the last call.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Builds the topology of a case.
///
/// # Errors
/// *Unsupported* when it uses what is not built yet; *Failed* when the library refuses the topology.
pub(super) fn build(case: &Case, config: &Config, trace: &Trace) -> Result<Topology, Refusal> {
    let mut build = Build { builder: StreamsBuilder::new(), made: BTreeMap::new(), trace: trace.clone() };
    for node in &case.nodes {
        let made = build.node(node)?;
        if let (Some(made), Some(id)) = (made, node.text("id")) {
            build.made.insert(id.to_owned(), made);
        }
    }
    Ok(build.builder.build_with(config)?)
}

/// What a node's result is.
#[derive(Clone)]
enum Made {
    Stream(KStream<Value, Value>),
    Grouped(KGroupedStream<Value, Value>),
    Table(KTable<Value, Value>),
}

impl Made {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::Grouped(_) => "grouped stream",
            Self::Table(_) => "table",
        }
    }
}

struct Build {
    builder: StreamsBuilder,
    made: BTreeMap<String, Made>,
    trace: Trace,
}

impl Build {
    fn node(&mut self, node: &Node) -> Result<Option<Made>, Refusal> {
        let made = match node.op() {
            "stream" => Made::Stream(self.source(node)?),
            "to" | "foreach" => {
                self.sink(node)?;
                return Ok(None);
            }
            "groupByKey" | "groupBy" => Made::Grouped(self.group(node)?),
            "count" | "reduce" | "aggregate" => Made::Table(self.aggregation(node)?),
            "toStream" => Made::Stream(self.to_stream(node)?),
            _ => Made::Stream(self.step(node)?),
        };
        Ok(Some(made))
    }

    fn made(&self, node: &Node, field: &str) -> Result<&Made, Refusal> {
        let id = node.required(field)?;
        self.made.get(id).ok_or_else(|| Refusal::malformed(format!("no node {id}")))
    }

    /// The stream that a field refers to.
    fn stream(&self, node: &Node, field: &str) -> Result<KStream<Value, Value>, Refusal> {
        match self.made(node, field)? {
            Made::Stream(stream) => Ok(stream.clone()),
            other => Err(wrong(node, other)),
        }
    }
}

fn wrong(node: &Node, made: &Made) -> Refusal {
    Refusal::unsupported(format!("{} of a {}", node.op(), made.kind()))
}
