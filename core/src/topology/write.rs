//! Writes a graph into a plan, node by node, and refuses what cannot run.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

use super::copartition;
use super::graph::{Body, Facts, Graph, GraphNode, NodeId, ROOT, Repartition, Source, StoreRequest};
use super::naming;
use super::optimize::{self, Optimizations};
use super::order::hash_order;
use super::plan::{Extractor, NodeKind, Plan, PlanNode, RepartitionSpec, StoreBottom, StoreSpec};
use super::subtopology;
use crate::config::{Config, streams as name};
use crate::error::{Error, Result};
use crate::operator::filter::RepartitionFilter;
use crate::operator::{OperatorFactory, factory};

/// What the configuration decides about a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) optimizations: Optimizations,
    /// Where stores are that do not say it themselves.
    pub(crate) bottom: StoreBottom,
    /// Whether a generated name of a topic or store is a mistake.
    pub(crate) wants_explicit_names: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { optimizations: Optimizations::default(), bottom: StoreBottom::Rocks, wants_explicit_names: false }
    }
}

impl Settings {
    /// Reads what a configuration says.
    pub(crate) fn read(config: &Config) -> Result<Self> {
        let is_set = |name: &&&str| config.get(name).is_some();
        let kind = [name::DSL_STORE, name::DEFAULT_DSL_STORE].iter().find(is_set).copied().unwrap_or(name::DSL_STORE);
        let is_in_memory = config.text(kind)?.is_some_and(|kind| kind == "in_memory");
        Ok(Self {
            optimizations: Optimizations::parse(&config.list(name::TOPOLOGY_OPTIMIZATION)?.join(","))?,
            bottom: if is_in_memory { StoreBottom::Memory } else { StoreBottom::Rocks },
            wants_explicit_names: config.boolean(name::ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING)?,
        })
    }
}

/// Optimises the graph and makes its plan.
pub(crate) fn plan(graph: &Graph, settings: Settings) -> Result<Plan> {
    graph.check()?;
    let mut graph = graph.clone();
    optimize::merge_sources(&mut graph)?;
    if settings.optimizations.merges_repartitions {
        optimize::merge_repartitions(&mut graph)?;
    }
    let mut writer = Writer { settings, plan: Plan::default() };
    for id in order(&graph) {
        writer.write(&graph, &graph.nodes[id.0])?;
    }
    if settings.wants_explicit_names {
        writer.check_explicit_names()?;
    }
    let copartitioned: Vec<_> = graph.copartitioned.iter().map(|sources| writer.topics_of(sources)).collect();
    let mut plan = writer.plan;
    plan.copartitioned = copartition::groups(&copartitioned);
    plan.subtopologies = subtopology::group(&plan.nodes, plan.stores.len());
    Ok(plan)
}

/// The nodes as they are written: by priority, but never before all their parents.
fn order(graph: &Graph) -> Vec<NodeId> {
    let mut is_written = vec![false; graph.nodes.len()];
    let mut order = Vec::new();
    let mut queue = BinaryHeap::from([Reverse((0, ROOT))]);
    while let Some(Reverse((_, id))) = queue.pop() {
        let node = &graph.nodes[id.0];
        if is_written[id.0] || !node.parents.iter().all(|parent| is_written[parent.0]) {
            continue;
        }
        is_written[id.0] = true;
        order.push(id);
        queue.extend(node.children.iter().map(|child| Reverse((graph.nodes[child.0].priority, *child))));
    }
    order
}

struct Writer {
    settings: Settings,
    plan: Plan,
}

impl Writer {
    fn write(&mut self, graph: &Graph, node: &GraphNode) -> Result<()> {
        match &node.body {
            Body::Root => Ok(()),
            Body::Source(source) => self.source(&node.name, source.clone()),
            Body::Processor { maker, stores } => {
                let operator = maker(Facts { old_values: node.old_values });
                let index = self.processor(&node.name, operator, &parent_names(graph, node))?;
                stores.iter().try_for_each(|store| self.store(store, index, node.old_values))
            }
            Body::Sink(sink) => {
                let sink = sink.clone();
                let kind = NodeKind::Sink {
                    topic: sink.topic,
                    key: sink.key,
                    value: sink.value,
                    partitioner: sink.partitioner,
                };
                self.node(&node.name, kind, &parent_names(graph, node)).map(drop)
            }
            Body::Repartition(repartition) => self.repartition(repartition, &parent_names(graph, node)),
        }
    }

    fn source(&mut self, name: &str, source: Source) -> Result<()> {
        let Source { topics, key, value, timestamps, reset } = source;
        if topics.is_empty() {
            return Err(Error::invalid("a source needs a topic").with("name", name));
        }
        for topic in &topics {
            let has_topic =
                |node: &&PlanNode| matches!(&node.kind, NodeKind::Source { topics, .. } if topics.contains(topic));
            if let Some(other) = self.plan.nodes.iter().find(has_topic) {
                return Err(Error::invalid("topic is read by another source already")
                    .with("topic", topic)
                    .with("name", name)
                    .with("other", &other.name));
            }
        }
        self.node(name, NodeKind::Source { topics, key, value, timestamps, reset }, &[]).map(drop)
    }

    fn processor(&mut self, name: &str, operator: OperatorFactory, parents: &[&str]) -> Result<usize> {
        self.node(name, NodeKind::Processor(operator), parents)
    }

    fn node(&mut self, name: &str, kind: NodeKind, parents: &[&str]) -> Result<usize> {
        if self.position(name).is_some() {
            return Err(Error::invalid("a node of that name is there already").with("name", name));
        }
        let index = self.plan.nodes.len();
        let find = |parent: &&str| {
            let missing = || Error::invalid("parent node is unknown").with("name", name).with("parent", parent);
            self.position(parent).ok_or_else(missing)
        };
        let parents: Vec<usize> = parents.iter().map(find).collect::<Result<_>>()?;
        parents.iter().for_each(|&parent| self.plan.nodes[parent].children.push(index));
        self.plan.nodes.push(PlanNode {
            name: name.to_owned(),
            kind,
            parents,
            children: Vec::new(),
            stores: Vec::new(),
        });
        Ok(index)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.plan.nodes.iter().position(|node| node.name == name)
    }

    fn store(&mut self, request: &StoreRequest, owner: usize, old_values: bool) -> Result<()> {
        let request = request.clone();
        if self.plan.stores.iter().any(|store| store.name == request.name) {
            return Err(Error::invalid("a store of that name is there already").with("store", request.name));
        }
        let index = self.plan.stores.len();
        self.plan.stores.push(StoreSpec {
            name: request.name,
            kind: request.kind,
            bottom: request.bottom.unwrap_or(self.settings.bottom),
            key: request.key,
            value: request.value,
            caching: request.caching,
            logging: request.logging,
            owner,
            old_values,
        });
        self.connect_store(owner, index);
        Ok(())
    }

    /// Connects a node to a store, keeping Java's order of a node's stores.
    fn connect_store(&mut self, node: usize, store: usize) {
        let Plan { nodes, stores, .. } = &mut self.plan;
        let connected = &mut nodes[node].stores;
        connected.push(store);
        let names: Vec<&str> = connected.iter().map(|&store| stores[store].name.as_str()).collect();
        let index_of = |name: &str| stores.iter().position(|store| store.name == name).expect("it was just looked up");
        *connected = hash_order(names).into_iter().map(index_of).collect();
    }

    fn repartition(&mut self, repartition: &Repartition, parents: &[&str]) -> Result<()> {
        let Repartition { names, key, value, partitioner, partitions, .. } = repartition.clone();
        self.plan.repartitions.insert(names.topic.clone(), RepartitionSpec { partitions });
        self.processor(&names.filter, factory(|| RepartitionFilter), parents)?;
        let sink = NodeKind::Sink { topic: names.topic.clone(), key: key.clone(), value: value.clone(), partitioner };
        self.node(&names.sink, sink, &[&names.filter])?;
        let timestamps = Some(fail_on_invalid_timestamp());
        self.source(&names.source, Source { topics: vec![names.topic], key, value, timestamps, reset: None })
    }

    fn topics_of(&self, sources: &BTreeSet<String>) -> Vec<String> {
        let nodes = sources.iter().filter_map(|name| Some(&self.plan.nodes[self.position(name)?]));
        let topics = nodes.map(|node| match &node.kind {
            NodeKind::Source { topics, .. } => topics.clone(),
            _ => Vec::new(),
        });
        topics.flatten().collect()
    }

    fn check_explicit_names(&self) -> Result<()> {
        let stores = self.plan.stores.iter().map(|store| store.name.as_str());
        let generated = |name: &&str| naming::is_generated(name.strip_suffix("-repartition").unwrap_or(name));
        let unnamed: Vec<&str> =
            stores.chain(self.plan.repartitions.keys().map(String::as_str)).filter(generated).collect();
        if unnamed.is_empty() {
            return Ok(());
        }
        Err(Error::invalid("internal topics and stores need names of their own")
            .with(name::ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING, true)
            .with("unnamed", unnamed.join(", ")))
    }
}

/// The names of a node's parents in the plan: a repartition passes on what its source reads.
fn parent_names<'a>(graph: &'a Graph, node: &GraphNode) -> Vec<&'a str> {
    let is_root = |id: &&NodeId| **id != ROOT;
    node.parents.iter().filter(is_root).map(|parent| graph.nodes[parent.0].name.as_str()).collect()
}

/// Automatic topics hold what this application wrote: a bad timestamp there is a broken topic.
fn fail_on_invalid_timestamp() -> Extractor {
    Arc::new(|record, _| {
        if record.timestamp < 0 {
            return Err(Error::data("record has a negative timestamp").with("timestamp", record.timestamp));
        }
        Ok(record.timestamp)
    })
}
