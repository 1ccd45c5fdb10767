//! Sources, sinks and the operators that make a stream of a stream.

use kstreams::{KStream, Value};

use super::{Build, Made, Trace, option, wrong};
use crate::oracle::Refusal;
use crate::oracle::case::Node;
use crate::oracle::function::{flat_mapper, mapper, pair, predicate, selector};
use crate::oracle::value::text;

type Stream = KStream<Value, Value>;

/// The stream with the name that the node gives to the next operator.
fn named(stream: Stream, node: &Node) -> Stream {
    match node.text("name") {
        Some(name) => stream.named(name),
        None => stream,
    }
}

impl Build {
    pub(super) fn source(&self, node: &Node) -> Result<Stream, Refusal> {
        if node.has("pattern") {
            return Err(Refusal::unsupported("stream of a pattern"));
        }
        Ok(self.builder.stream(node.topics(), option::consumed(node)?))
    }

    /// Nodes that end a stream.
    pub(super) fn sink(&self, node: &Node) -> Result<(), Refusal> {
        let stream = self.stream(node, "of")?;
        if node.op() == "foreach" {
            named(stream, node).for_each(self.tracer(node)?);
            return Ok(());
        }
        if node.has("topicOf") {
            return Err(Refusal::unsupported("to with topicOf"));
        }
        stream.to(node.required("topic")?, option::produced(node)?);
        Ok(())
    }

    /// Nodes that make a stream of a stream.
    pub(super) fn step(&self, node: &Node) -> Result<Stream, Refusal> {
        match node.op() {
            "filter" | "filterNot" | "mapValues" | "map" | "selectKey" | "flatMap" | "flatMapValues" | "peek"
            | "merge" | "repartition" => {}
            other => return Err(Refusal::unsupported(other)),
        }
        let stream = self.stream(node, "of")?;
        match node.op() {
            "merge" => Ok(named(stream, node).merge(&self.stream(node, "with")?)),
            "repartition" => Ok(stream.repartition(option::repartitioned(node)?)),
            "peek" => Ok(named(stream, node).peek(self.tracer(node)?)),
            _ => apply(&named(stream, node), node),
        }
    }

    fn tracer(&self, node: &Node) -> Result<impl Fn(&Value, &Value) + Send + Sync + use<>, Refusal> {
        let (label, trace): (String, Trace) = (node.required("fn")?.to_owned(), self.trace.clone());
        Ok(move |k: &Value, v: &Value| trace.add(format!("{label} {}={}", text(k), text(v))))
    }

    pub(super) fn to_stream(&self, node: &Node) -> Result<Stream, Refusal> {
        let Made::Table(table) = self.made(node, "of")? else { return Err(wrong(node, self.made(node, "of")?)) };
        let table = match node.text("name") {
            Some(name) => table.clone().named(name),
            None => table.clone(),
        };
        let Some(function) = node.text("fn") else { return Ok(table.to_stream()) };
        let select = selector(function)?;
        Ok(table.to_stream_by(move |k, v| select(k, v)))
    }
}

/// The operators that have a function and nothing else.
fn apply(stream: &Stream, node: &Node) -> Result<Stream, Refusal> {
    let function = node.required("fn")?;
    Ok(match node.op() {
        "filter" => {
            let test = predicate(function)?;
            stream.filter(move |k, v| test(k, v))
        }
        "filterNot" => {
            let test = predicate(function)?;
            stream.filter_not(move |k, v| test(k, v))
        }
        "mapValues" => {
            let map = mapper(function)?;
            stream.map_values(move |k, v| map(k, v))
        }
        "map" => {
            let (key, value) = pair(function)?;
            stream.map(move |k, v| (key(k, v), value(k, v)))
        }
        "selectKey" => {
            let select = selector(function)?;
            stream.select_key(move |k, v| select(k, v))
        }
        "flatMapValues" => {
            let (map, _) = flat_mapper(function)?;
            stream.flat_map_values(move |k, v| map(k, v))
        }
        "flatMap" => flat_map(stream, function)?,
        other => return Err(Refusal::unsupported(other)),
    })
}

fn flat_map(stream: &Stream, function: &str) -> Result<Stream, Refusal> {
    let (map, are_keys) = flat_mapper(function)?;
    Ok(stream.flat_map(move |k, v| {
        let key = |value: &Value| if are_keys { value.clone() } else { k.clone() };
        map(k, v).into_iter().map(|value| (key(&value), value)).collect::<Vec<_>>()
    }))
}
