//! Makes a task from the plan.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::id::TaskId;
use super::{SourceReader, Task};
use crate::config::{Config, streams as name};
use crate::error::{Error, Result};
use crate::handler::Handlers;
use crate::operator::context::{Context, Node};
use crate::operator::outbox::Topics;
use crate::operator::sink::Sink;
use crate::operator::{Operator, StoreId, Wiring};
use crate::runtime::queue::{HeadQueue, InputPartition};
use crate::serde::{self, SerdeRef};
use crate::state::{CacheBudget, ChangelogTarget, FlushListener, StoreSetup, Stores};
use crate::time::extractor;
use crate::topology::plan::{Extractor, NodeKind, Plan, PlanNode};

/// What all tasks of an application have in common.
#[derive(Clone)]
pub(crate) struct TaskSettings {
    pub(crate) application_id: String,
    /// `default.key.serde` and `default.value.serde`.
    pub(crate) key: Option<SerdeRef>,
    pub(crate) value: Option<SerdeRef>,
    /// `default.timestamp.extractor`.
    pub(crate) timestamps: Option<Extractor>,
    pub(crate) max_idle_ms: i64,
    /// `statestore.cache.max.bytes`, of all threads together.
    pub(crate) cache_bytes: usize,
    pub(crate) handlers: Handlers,
}

impl TaskSettings {
    /// The settings of an application.
    ///
    /// # Errors
    /// *Invalid* for a value that is not allowed, with the setting's name.
    pub(crate) fn from_config(config: &Config) -> Result<Self> {
        let serde = |setting: &'static str| match config.get(setting) {
            None | Some("") => Ok(None),
            Some(name) => serde::named(name)
                .map(Some)
                .ok_or_else(|| Error::invalid("unknown serde").with("setting", setting).with("got", name)),
        };
        let text = |setting| Ok::<_, Error>(config.text(setting)?.unwrap_or_else(|| "fail".to_owned()));
        Ok(Self {
            application_id: config.get(name::APPLICATION_ID).unwrap_or_default().to_owned(),
            key: serde(name::DEFAULT_KEY_SERDE)?,
            value: serde(name::DEFAULT_VALUE_SERDE)?,
            timestamps: extractor::named(&text(name::DEFAULT_TIMESTAMP_EXTRACTOR)?)?,
            max_idle_ms: config.integer(name::MAX_TASK_IDLE_MS)?,
            cache_bytes: config.size(name::STATESTORE_CACHE_MAX_BYTES)?,
            handlers: Handlers::from_config(config)?,
        })
    }
}

/// What one task is made of.
pub(crate) struct TaskSpec<'a> {
    pub(crate) id: TaskId,
    pub(crate) plan: &'a Plan,
    /// Indices into the plan.
    pub(crate) nodes: &'a [usize],
    pub(crate) stores: &'a [usize],
    pub(crate) settings: &'a TaskSettings,
    /// The thread's record cache; `None` without a budget.
    pub(crate) cache: Option<&'a Arc<CacheBudget>>,
    /// The task's directory; stores in memory need none.
    pub(crate) directory: Option<&'a Path>,
    /// Whether the task reads its partition of a topic.
    pub(crate) reads: &'a dyn Fn(&str) -> bool,
}

impl TaskSpec<'_> {
    /// Makes the task, with its stores open.
    ///
    /// # Errors
    /// *Invalid* for a missing serde, with the node's name; whatever opening the stores gives.
    pub(crate) fn build(&self) -> Result<Task> {
        let mut topics = Topics::default();
        let stores = self.open_stores(&mut topics)?;
        let mut readers = Vec::new();
        let mut inputs = Vec::new();
        let mut nodes = Vec::new();
        let local: HashMap<usize, usize> = self.nodes.iter().enumerate().map(|(local, &node)| (node, local)).collect();
        for (index, &node) in self.nodes.iter().enumerate() {
            let node = &self.plan.nodes[node];
            readers.push(self.reader(node)?);
            inputs.extend(self.inputs(node, index));
            let operator = Some(self.operator(node, &mut topics)?);
            let children = node.children.iter().map(|child| local[child]).collect();
            nodes.push(Node { name: node.name.as_str().into(), operator, children });
        }
        let name: Arc<str> = self.id.to_string().into();
        let handlers = self.settings.handlers.clone();
        let context = Context::new(name, nodes, stores, self.owners(), topics, handlers);
        Ok(Task {
            context,
            inputs,
            readers,
            heads: HeadQueue::default(),
            stream_time: -1,
            max_idle_ms: self.settings.max_idle_ms,
            commit_needed: false,
        })
    }

    fn open_stores(&self, topics: &mut Topics) -> Result<Stores> {
        let setups = self.stores.iter().map(|&store| self.setup(store, topics)).collect::<Result<_>>()?;
        let mut stores = Stores::open(self.directory, setups)?;
        for (id, &store) in stores.ids().zip(self.stores) {
            let listener = match self.plan.stores[store].old_values {
                true => FlushListener::NewAndOld,
                false => FlushListener::New,
            };
            stores.get_mut(id).set_flush_listener(listener);
        }
        Ok(stores)
    }

    fn setup(&self, store: usize, topics: &mut Topics) -> Result<StoreSetup> {
        let spec = &self.plan.stores[store];
        let settings = self.settings;
        let changelog = spec.logging.is_some().then(|| {
            let topic = topics.intern(&format!("{}-{}-changelog", settings.application_id, spec.name));
            ChangelogTarget { topic, partition: self.id.partition }
        });
        Ok(StoreSetup {
            name: spec.name.as_str().into(),
            kind: spec.kind,
            bottom: spec.bottom,
            key: self.serde(spec.key.as_ref(), settings.key.as_ref(), name::DEFAULT_KEY_SERDE, &spec.name)?,
            value: self.serde(spec.value.as_ref(), settings.value.as_ref(), name::DEFAULT_VALUE_SERDE, &spec.name)?,
            changelog,
            source: changelog.map(|changelog| Arc::clone(topics.name(changelog.topic))),
            cache: if spec.caching { self.cache.cloned() } else { None },
        })
    }

    /// The node of each store whose children get what its cache flushes: the one that writes it.
    fn owners(&self) -> Vec<usize> {
        let owner = |&store: &usize| self.nodes.iter().position(|&node| node == self.plan.stores[store].owner);
        self.stores.iter().map(|store| owner(store).expect("a store is in the subtopology of its owner")).collect()
    }

    fn reader(&self, node: &PlanNode) -> Result<Option<SourceReader>> {
        let NodeKind::Source { key, value, timestamps, .. } = &node.kind else { return Ok(None) };
        let settings = self.settings;
        Ok(Some(SourceReader {
            key: self.serde(key.as_ref(), settings.key.as_ref(), name::DEFAULT_KEY_SERDE, &node.name)?,
            value: self.serde(value.as_ref(), settings.value.as_ref(), name::DEFAULT_VALUE_SERDE, &node.name)?,
            timestamps: timestamps.clone().or_else(|| settings.timestamps.clone()),
        }))
    }

    fn inputs(&self, node: &PlanNode, index: usize) -> Vec<InputPartition> {
        let NodeKind::Source { topics, .. } = &node.kind else { return Vec::new() };
        let names = topics.iter().map(|topic| self.plan.real_topic(topic, &self.settings.application_id));
        let read = names.filter(|topic| (self.reads)(topic));
        read.map(|topic| InputPartition::new(topic.into(), self.id.partition, index)).collect()
    }

    fn operator(&self, node: &PlanNode, topics: &mut Topics) -> Result<Box<dyn Operator>> {
        let settings = self.settings;
        match &node.kind {
            NodeKind::Source { .. } => Ok(Box::new(Source)),
            NodeKind::Processor(factory) => factory(&Wires { spec: self, node }),
            NodeKind::Sink { topic, key, value, partitioner } => {
                let name = self.plan.real_topic(topic, &settings.application_id);
                Ok(Box::new(Sink {
                    topic: topics.intern(&name),
                    topic_name: name,
                    key: self.serde(key.as_ref(), settings.key.as_ref(), name::DEFAULT_KEY_SERDE, &node.name)?,
                    value: self.serde(
                        value.as_ref(),
                        settings.value.as_ref(),
                        name::DEFAULT_VALUE_SERDE,
                        &node.name,
                    )?,
                    partitioner: partitioner.clone(),
                }))
            }
        }
    }

    fn serde(&self, own: Option<&SerdeRef>, default: Option<&SerdeRef>, key: &str, name: &str) -> Result<SerdeRef> {
        own.or(default).cloned().ok_or_else(|| {
            Error::invalid("no serde: give one to the node, or set the default")
                .with("setting", key)
                .with("node", name)
                .with("task", self.id)
        })
    }
}

/// A source's records enter by [`Context::enter_source`]; nothing is ever forwarded to it.
struct Source;

impl Operator for Source {}

struct Wires<'a> {
    spec: &'a TaskSpec<'a>,
    node: &'a PlanNode,
}

impl Wiring for Wires<'_> {
    fn store(&self, name: &str) -> Result<StoreId> {
        let plan = self.spec.plan;
        let connected = self.node.stores.iter().find(|&&store| plan.stores[store].name == name);
        let index = connected.and_then(|store| self.spec.stores.iter().position(|known| known == store));
        index.map(StoreId).ok_or_else(|| {
            Error::invalid("node is not connected to the store").with("node", &self.node.name).with("store", name)
        })
    }
}
