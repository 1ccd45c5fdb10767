//! Groupings and what is aggregated from them.

use kstreams::{KGroupedStream, KTable, Value};

use super::{Build, Made, option, wrong};
use crate::oracle::Refusal;
use crate::oracle::case::Node;
use crate::oracle::function::{aggregator, initializer, reducer, selector};

impl Build {
    pub(super) fn group(&self, node: &Node) -> Result<KGroupedStream<Value, Value>, Refusal> {
        let stream = self.stream(node, "of")?;
        let options = option::grouped(node)?;
        if node.op() == "groupByKey" {
            return Ok(stream.group_by_key(options));
        }
        let select = selector(node.required("fn")?)?;
        Ok(stream.group_by(move |k, v| select(k, v), options))
    }

    pub(super) fn aggregation(&self, node: &Node) -> Result<KTable<Value, Value>, Refusal> {
        let Made::Grouped(grouped) = self.made(node, "of")? else { return Err(wrong(node, self.made(node, "of")?)) };
        let grouped = match node.text("name") {
            Some(name) => grouped.clone().named(name),
            None => grouped.clone(),
        };
        let store = option::store(node)?;
        match node.op() {
            "count" => Ok(grouped.count(store).dynamic()),
            "reduce" => {
                let reduce = reducer(node.required("fn")?)?;
                Ok(grouped.reduce(move |a, b| reduce(a, b), store))
            }
            _ => aggregate(&grouped, node),
        }
    }
}

fn aggregate(grouped: &KGroupedStream<Value, Value>, node: &Node) -> Result<KTable<Value, Value>, Refusal> {
    let initial = initializer(node.required("init")?)?;
    let add = aggregator(node.required("fn")?)?;
    let store = option::store(node)?;
    Ok(grouped.aggregate(move || initial.clone(), move |k, v, aggregate| add(k, v, aggregate), store))
}
