//! How many partitions repartition topics get.

use std::collections::BTreeMap;

use super::plan::{NodeKind, Plan, Subtopology};
use crate::error::{Error, Result};

/// The number of partitions of every repartition topic, by undecorated name. `known` tells how many partitions a topic
/// that is not internal has.
///
/// A number that the user gave stands. A topic in a co-partition group follows its group. Any other gets as many as the
/// largest topic that is read where it is written.
///
/// # Errors
/// *Invalid* when a source topic is unknown, when members of a co-partition group disagree, or when topics wait for
/// each other in a circle.
pub(crate) fn partition_counts(plan: &Plan, known: &dyn Fn(&str) -> Option<i32>) -> Result<BTreeMap<String, i32>> {
    let given = plan.repartitions.iter().filter_map(|(name, spec)| Some((name.clone(), spec.partitions?)));
    let mut counts: BTreeMap<String, i32> = given.collect();
    while counts.len() < plan.repartitions.len() {
        let before = counts.len();
        for name in plan.repartitions.keys() {
            if !counts.contains_key(name)
                && let Some(count) = largest_input(plan, name, &counts, known)?
            {
                counts.insert(name.clone(), count);
            }
        }
        if counts.len() == before {
            let open: Vec<&str> =
                plan.repartitions.keys().filter(|name| !counts.contains_key(*name)).map(String::as_str).collect();
            return Err(Error::invalid("repartition topics have no source to take their number of partitions from")
                .with("topics", open.join(",")));
        }
    }
    plan.copartitioned.iter().try_for_each(|group| align(plan, group, &mut counts, known))?;
    Ok(counts)
}

/// The most partitions among what the writers of a repartition topic read, as far as that is known.
fn largest_input(
    plan: &Plan,
    name: &str,
    counts: &BTreeMap<String, i32>,
    known: &dyn Fn(&str) -> Option<i32>,
) -> Result<Option<i32>> {
    let mut largest = None;
    for subtopology in plan.subtopologies.iter().filter(|subtopology| writes(plan, subtopology, name)) {
        for topic in subtopology.nodes.iter().flat_map(|&node| sources(plan, node)) {
            let count = match counts.get(topic) {
                Some(&count) => Some(count),
                None if plan.repartitions.contains_key(topic) => None,
                None => Some(count_of(topic, known)?),
            };
            largest = largest.max(count);
        }
    }
    Ok(largest)
}

fn writes(plan: &Plan, subtopology: &Subtopology, name: &str) -> bool {
    let is_sink = |&node: &usize| matches!(&plan.nodes[node].kind, NodeKind::Sink { topic, .. } if topic == name);
    subtopology.nodes.iter().any(is_sink)
}

fn sources(plan: &Plan, node: usize) -> &[String] {
    match &plan.nodes[node].kind {
        NodeKind::Source { topics, .. } => topics,
        _ => &[],
    }
}

fn count_of(topic: &str, known: &dyn Fn(&str) -> Option<i32>) -> Result<i32> {
    known(topic).ok_or_else(|| Error::invalid("source topic does not exist").with("topic", topic))
}

/// Gives all members of a co-partition group the same number.
fn align(
    plan: &Plan,
    group: &[String],
    counts: &mut BTreeMap<String, i32>,
    known: &dyn Fn(&str) -> Option<i32>,
) -> Result<()> {
    let (internal, external): (Vec<&String>, Vec<&String>) =
        group.iter().partition(|topic| plan.repartitions.contains_key(*topic));
    let explicit = |topic: &String| plan.repartitions.get(topic).and_then(|spec| spec.partitions);
    let mut fixed = Vec::new();
    for topic in &external {
        fixed.push((*topic, count_of(topic, known)?));
    }
    fixed.extend(internal.iter().filter_map(|topic| Some((*topic, explicit(topic)?))));
    if let [(first, count), rest @ ..] = fixed.as_slice()
        && let Some((other, others)) = rest.iter().find(|(_, others)| others != count)
    {
        return Err(Error::invalid("topics that are joined must have equally many partitions")
            .with("topic", first)
            .with("partitions", count)
            .with("other", other)
            .with("other_partitions", others));
    }
    let largest = internal.iter().filter_map(|topic| counts.get(*topic).copied()).max();
    if let Some(count) = fixed.first().map(|(_, count)| *count).or(largest) {
        internal.into_iter().for_each(|topic| {
            counts.insert(topic.clone(), count);
        });
    }
    Ok(())
}
