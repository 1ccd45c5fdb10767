//! Option objects. A field that a node does not have is null in the object, which is passed all the same.

use kstreams::{Consumed, Grouped, Materialized, OffsetReset, Produced, Repartitioned};

use crate::oracle::Refusal;
use crate::oracle::case::{Node, texts};
use crate::oracle::function::{extractor, partitioner};
use crate::oracle::serde;

/// An option object with the serdes that the node names.
macro_rules! with_serdes {
    ($options:ident, $node:expr) => {{
        let (mut options, node): ($options, &Node) = ($options::new(), $node);
        if let Some(name) = node.text("key") {
            options = options.key_serde(serde::serde(name)?);
        }
        if let Some(name) = node.text("value") {
            options = options.value_serde(serde::serde(name)?);
        }
        if let Some(name) = node.text("name") {
            options = options.named(name);
        }
        options
    }};
}

pub(super) fn consumed(node: &Node) -> Result<Consumed, Refusal> {
    let mut options = with_serdes!(Consumed, node);
    if let Some(function) = node.text("timestamps") {
        let take = extractor(function)?;
        options = options.timestamp_extractor(move |record, time| Ok(take(&record.value, record.timestamp, time)));
    }
    if let Some(reset) = node.text("reset") {
        options = options.offset_reset(offset_reset(reset)?);
    }
    Ok(options)
}

fn offset_reset(name: &str) -> Result<OffsetReset, Refusal> {
    Ok(match name {
        "earliest" => OffsetReset::Earliest,
        "latest" => OffsetReset::Latest,
        "none" => OffsetReset::None,
        other => return Err(Refusal::unsupported(format!("reset {other}"))),
    })
}

pub(super) fn produced(node: &Node) -> Result<Produced, Refusal> {
    let mut options = with_serdes!(Produced, node);
    if let Some(function) = node.text("partitioner") {
        let choose = partitioner(function)?;
        options = options.partitioner(move |_, key, value, partitions| Ok(choose(key, value, partitions)));
    }
    Ok(options)
}

pub(super) fn repartitioned(node: &Node) -> Result<Repartitioned, Refusal> {
    let mut options = with_serdes!(Repartitioned, node);
    if let Some(partitions) = node.number("partitions") {
        options = options.partitions(i32::try_from(partitions).map_err(|_| Refusal::malformed("partitions"))?);
    }
    if let Some(function) = node.text("partitioner") {
        let choose = partitioner(function)?;
        options = options.partitioner(move |_, key, value, partitions| Ok(choose(key, value, partitions)));
    }
    Ok(options)
}

pub(super) fn grouped(node: &Node) -> Result<Grouped, Refusal> {
    Ok(with_serdes!(Grouped, node))
}

/// The `store` of a node, if it has one.
pub(super) fn store(node: &Node) -> Result<Option<Materialized>, Refusal> {
    node.part("store").map(|store| materialized(&store)).transpose()
}

fn materialized(store: &Node) -> Result<Materialized, Refusal> {
    for field in ["history", "supplier", "retention"] {
        if store.has(field) {
            return Err(Refusal::unsupported(format!("store with {field}")));
        }
    }
    let mut options = with_serdes!(Materialized, store);
    options = match store.text("type") {
        None => options,
        Some("memory") => options.in_memory(),
        Some("rocks") => options.on_disk(),
        Some(other) => return Err(Refusal::unsupported(format!("store {other}"))),
    };
    if let Some(logging) = store.object("logging") {
        options = options.logging_enabled(texts(logging));
    } else if store.truth("logging") == Some(false) {
        options = options.logging_disabled();
    }
    Ok(match store.truth("caching") {
        Some(true) => options.caching_enabled(),
        Some(false) => options.caching_disabled(),
        None => options,
    })
}
