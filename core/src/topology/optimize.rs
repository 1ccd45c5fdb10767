//! Rewrites of the graph before it becomes a plan: sources of the same topics become one, always; and
//! `topology.optimization` as far as the operators have something to optimise.

use super::graph::{Body, Graph, GraphNode, NodeId, ROOT, Repartition, Role};
use crate::config::streams as name;
use crate::error::{Error, Result};
use crate::serde::SerdeRef;

/// The optimisations that are switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Optimizations {
    /// `merge.repartition.topics`.
    pub(crate) merges_repartitions: bool,
    /// `reuse.ktable.source.topics`.
    pub(crate) reuses_source_topics: bool,
}

impl Optimizations {
    /// Reads the value of `topology.optimization`: `none`, `all`, or a list.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut chosen = Self::default();
        let words: Vec<&str> = text.split(',').map(str::trim).collect();
        for word in &words {
            match *word {
                "all" => chosen = Self { merges_repartitions: true, reuses_source_topics: true },
                "merge.repartition.topics" => chosen.merges_repartitions = true,
                "reuse.ktable.source.topics" => chosen.reuses_source_topics = true,
                "none" | "single.store.self.join" => {}
                _ => return Err(Error::invalid("unknown optimization").with(name::TOPOLOGY_OPTIMIZATION, text)),
            }
        }
        if words.len() > 1 && words.iter().any(|word| matches!(*word, "all" | "none")) {
            return Err(Error::invalid("`all` and `none` stand alone").with(name::TOPOLOGY_OPTIMIZATION, text));
        }
        Ok(chosen)
    }
}

/// Makes one source of those that read the same topics. The first keeps its name and settings.
pub(super) fn merge_sources(graph: &mut Graph) -> Result<()> {
    let mut owners: Vec<(String, NodeId)> = Vec::new();
    for source in graph.nodes[ROOT.0].children.clone() {
        for topic in topics(graph, source) {
            match owners.iter().find(|(known, _)| *known == topic) {
                None => owners.push((topic, source)),
                Some(&(_, owner)) if owner == source => {}
                Some(&(_, owner)) => merge_source(graph, owner, source)?,
            }
        }
    }
    Ok(())
}

fn merge_source(graph: &mut Graph, owner: NodeId, source: NodeId) -> Result<()> {
    let topics = [owner, source].map(|id| {
        let mut topics = topics(graph, id);
        topics.sort();
        topics.join(",")
    });
    let [resets, others] = [owner, source].map(|id| match &graph.nodes[id.0].body {
        Body::Source(source) => source.reset,
        _ => None,
    });
    let complaint = if topics[0] != topics[1] {
        "two sources read overlapping but not equal topics"
    } else if resets != others {
        "two sources of the same topics have different offset resets"
    } else {
        for child in graph.nodes[source.0].children.clone() {
            graph.disconnect(source, child);
            graph.connect(owner, child);
        }
        graph.disconnect(ROOT, source);
        return Ok(());
    };
    let [names, others] = [owner, source].map(|id| graph.nodes[id.0].name.clone());
    let [topics, other_topics] = topics;
    Err(Error::invalid(complaint)
        .with("name", names)
        .with("topics", topics)
        .with("other", others)
        .with("other_topics", other_topics))
}

fn topics(graph: &Graph, id: NodeId) -> Vec<String> {
    match &graph.nodes[id.0].body {
        Body::Source(source) => source.topics.clone(),
        _ => Vec::new(),
    }
}

/// `merge.repartition.topics`: the repartitions below a key changer become one right after it, if no operator between
/// changes values.
pub(super) fn merge_repartitions(graph: &mut Graph) -> Result<()> {
    group_by_merges(graph);
    for (changer, repartitions) in std::mem::take(&mut graph.key_changers) {
        if !repartitions.is_empty() {
            merge_below(graph, changer, &repartitions)?;
        }
    }
    Ok(())
}

/// Where all repartitions of a key changer are below a merge, the merge takes its place.
fn group_by_merges(graph: &mut Graph) {
    let mut moved = Vec::new();
    let mut groups = Vec::new();
    for &merge in &graph.merges {
        let mut group: Vec<NodeId> = Vec::new();
        for (changer, repartitions) in &graph.key_changers {
            let is_above = |id, above| graph.find_above(id, &|node| node.parents.contains(&above)).is_some();
            if repartitions.iter().all(|&id| is_above(id, merge)) && is_above(merge, *changer) {
                group.extend(repartitions.iter().filter(|id| !group.contains(id)).copied().collect::<Vec<_>>());
                moved.push(*changer);
            }
        }
        groups.push((merge, group));
    }
    groups.into_iter().for_each(|(merge, group)| graph.track_key_changer(merge, group));
    graph.key_changers.retain(|(changer, _)| !moved.contains(changer));
}

fn merge_below(graph: &mut Graph, changer: NodeId, replaced: &[NodeId]) -> Result<()> {
    let merged = add_merged(graph, changer, replaced);
    for &repartition in replaced {
        let branch = graph.find_above(repartition, &|node| node.parents.contains(&changer)).ok_or_else(|| {
            // Kafka Streams fails here too: the first repartition took the branch that both hang below.
            Error::invalid("cannot merge two repartitions below the same child of a key-changing operator")
                .with("name", &graph.nodes[changer.0].name)
                .with("repartition", &graph.nodes[repartition.0].name)
        })?;
        graph.connect(merged, branch);
        graph.disconnect(changer, branch);
        bypass(graph, repartition);
        rename_source(graph, repartition, merged);
    }
    graph.connect(changer, merged);
    Ok(())
}

/// The repartition that replaces the others: the first one's topic, the first serdes there are.
fn add_merged(graph: &mut Graph, changer: NodeId, replaced: &[NodeId]) -> NodeId {
    let parts: Vec<Repartition> = replaced.iter().filter_map(|id| repartition(&graph.nodes[id.0]).cloned()).collect();
    let first = |serde: fn(&Repartition) -> &Option<SerdeRef>| parts.iter().find_map(|part| serde(part).clone());
    let merged = Repartition {
        names: graph.counter.repartition(&parts[0].names.topic),
        key: first(|part| &part.key),
        value: first(|part| &part.value),
        partitioner: None,
        partitions: None,
        is_automatic: true,
    };
    let name = merged.names.source.clone();
    let mut node = GraphNode::new(name, Body::Repartition(merged), Role::Neutral);
    node.priority = graph.nodes[changer.0].priority;
    graph.add(&[], node)
}

fn repartition(node: &GraphNode) -> Option<&Repartition> {
    match &node.body {
        Body::Repartition(repartition) => Some(repartition),
        _ => None,
    }
}

/// Takes a node out: its children move to its parents.
fn bypass(graph: &mut Graph, id: NodeId) {
    let (parents, children) = (graph.nodes[id.0].parents.clone(), graph.nodes[id.0].children.clone());
    for &child in &children {
        parents.iter().for_each(|&parent| graph.connect(parent, child));
        graph.disconnect(id, child);
    }
    parents.iter().for_each(|&parent| graph.disconnect(parent, id));
}

/// What was read by one source is read by another from now on.
fn rename_source(graph: &mut Graph, from: NodeId, to: NodeId) {
    let (from, to) = (graph.nodes[from.0].name.clone(), graph.nodes[to.0].name.clone());
    for set in &mut graph.copartitioned {
        if set.remove(&from) {
            set.insert(to.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optimizations_are_a_list_or_one_word() {
        let parse =
            |text| Optimizations::parse(text).map(|chosen| (chosen.merges_repartitions, chosen.reuses_source_topics));
        assert_eq!(parse("none").unwrap(), (false, false));
        assert_eq!(parse("all").unwrap(), (true, true));
        assert_eq!(parse("merge.repartition.topics, single.store.self.join").unwrap(), (true, false));
        assert_eq!(parse("all,none").unwrap_err().fact("topology.optimization"), Some("all,none"));
        assert_eq!(parse("faster").unwrap_err().kind(), crate::ErrorKind::Invalid);
    }
}
