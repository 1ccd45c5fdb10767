//! What an operator sees of its task: its children, its stores, the record in force.

use std::sync::Arc;

use super::outbox::{Outbox, Outgoing, TopicId, Topics};
use super::{Flow, Operator, Stop, StoreId};
use crate::error::{Error, Result};
use crate::handler::{ExceptionHandler, FailureContext, HandlerResponse, Handlers};
use crate::header::Headers;
use crate::record::{Change, Record, Update};
use crate::state::{Environment, Flushed, Pass, RecordContext, Stamped, Stores};
use crate::value::Value;

/// One node of a task.
pub(crate) struct Node {
    pub(crate) name: Arc<str>,
    /// Taken out while it runs: a topology has no cycles, so nobody looks for it then.
    pub(crate) operator: Option<Box<dyn Operator>>,
    /// In the order in which they were attached.
    pub(crate) children: Vec<usize>,
}

/// The operators' side of a task.
pub(crate) struct Context {
    task: Arc<str>,
    nodes: Vec<Node>,
    /// The node that runs now.
    node: usize,
    record: RecordContext,
    stores: Stores,
    /// The node whose children get what a store's cache flushes, by store.
    owners: Vec<usize>,
    outbox: Outbox,
    topics: Topics,
    /// How many partitions a sink's topic has, by topic; one where nobody knows.
    partitions: Vec<i32>,
    handlers: Handlers,
    dropped: u64,
}

impl Context {
    pub(crate) fn new(
        task: Arc<str>,
        nodes: Vec<Node>,
        stores: Stores,
        owners: Vec<usize>,
        topics: Topics,
        handlers: Handlers,
    ) -> Self {
        Self {
            task,
            nodes,
            node: 0,
            record: RecordContext { topic: None, partition: -1, offset: -1, timestamp: -1, headers: Headers::EMPTY },
            stores,
            owners,
            outbox: Outbox::default(),
            topics,
            partitions: Vec::new(),
            handlers,
            dropped: 0,
        }
    }

    /// Sends a record of a stream to all children, one after the other. Each finishes its whole subtree first.
    pub(crate) fn forward(&mut self, record: Record) -> Flow {
        self.in_force(record.timestamp, &record.headers.clone(), |ctx| {
            ctx.to_children(record, |operator, ctx, record| operator.process(ctx, record))
        })
    }

    /// Sends a change of a table to all children, one after the other.
    pub(crate) fn forward_update(&mut self, update: Update) -> Flow {
        self.in_force(update.timestamp, &update.headers.clone(), |ctx| {
            ctx.to_children(update, |operator, ctx, update| operator.update(ctx, update))
        })
    }

    /// Counts a record as dropped.
    pub(crate) fn drop_record(&mut self) {
        self.dropped += 1;
    }

    /// Reads a store. The row takes room in the cache: what has none any more goes to the children of the store's owner
    /// now, before anything is written.
    pub(crate) fn store_get(&mut self, store: StoreId, key: &Value) -> Result<Option<Stamped>, Stop> {
        let found = self.stores.get_mut(store).get(key)?;
        self.make_room(store)?;
        Ok(found)
    }

    /// Writes to a store. What its cache has no room for any more goes to the children of the store's owner now.
    pub(crate) fn store_put(&mut self, store: StoreId, key: &Value, value: &Value, timestamp: i64) -> Flow {
        let mut environment = Environment { context: &self.record, outbox: &mut self.outbox };
        self.stores.get_mut(store).put(&mut environment, key, value, timestamp)?;
        self.make_room(store)
    }

    fn make_room(&mut self, store: StoreId) -> Flow {
        match self.stores.get(store).overflow() {
            Some(pass) => self.write_below(store, pass),
            None => Ok(()),
        }
    }

    /// Whether the store's changes reach the children only when its cache is flushed.
    pub(crate) fn store_is_cached(&self, store: StoreId) -> bool {
        self.stores.get(store).is_cached()
    }

    /// Sends what all caches hold to the stores, their changelogs and their owners' children.
    pub(crate) fn flush_caches(&mut self) -> Flow {
        self.stores.ids().try_for_each(|store| match self.stores.get_mut(store).flush() {
            Some(pass) => self.write_below(store, pass),
            None => Ok(()),
        })
    }

    /// Puts a source in front and sends its record to its children.
    pub(crate) fn enter_source(&mut self, source: usize, context: RecordContext, record: Record) -> Result<()> {
        self.node = source;
        self.record = context;
        self.forward(record).map_err(Stop::into_error)
    }

    pub(crate) fn stores(&self) -> &Stores {
        &self.stores
    }

    pub(crate) fn stores_mut(&mut self) -> &mut Stores {
        &mut self.stores
    }

    pub(crate) fn into_stores(self) -> Stores {
        self.stores
    }

    pub(crate) fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// Gives the memory of an emptied outbox back.
    pub(crate) fn reuse_outbox(&mut self, mut outbox: Outbox) {
        outbox.clear();
        self.outbox = outbox;
    }

    /// The real name of a topic that the task writes.
    pub(crate) fn topic_name(&self, topic: TopicId) -> &Arc<str> {
        self.topics.name(topic)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Queues a record that a sink has serialised into the outbox.
    pub(crate) fn send(&mut self, outgoing: Outgoing) {
        self.outbox.records.push(outgoing);
    }

    /// How many partitions a topic has that a sink writes.
    pub(crate) fn partitions_of(&self, topic: TopicId) -> i32 {
        self.partitions.get(topic.0 as usize).copied().unwrap_or(1)
    }

    /// Tells how many partitions a topic has.
    pub(crate) fn set_partitions(&mut self, topic: TopicId, count: i32) {
        let index = topic.0 as usize;
        if self.partitions.len() <= index {
            self.partitions.resize(index + 1, 1);
        }
        self.partitions[index] = count;
    }

    /// Tells how many partitions a topic has that a sink writes, if one does.
    pub(crate) fn set_partitions_by_name(&mut self, name: &str, count: i32) {
        if let Some(topic) = self.topics.find(name) {
            self.set_partitions(topic, count);
        }
    }

    /// Asks the production handler about a record that was not delivered to a sink's topic.
    pub(crate) fn not_delivered(&mut self, topic: &str, error: Error) -> Result<()> {
        let context = FailureContext {
            topic: Some(topic.into()),
            partition: error.fact("partition").and_then(|partition| partition.parse().ok()).unwrap_or(-1),
            offset: -1,
            node: String::new(),
            task: self.task.to_string(),
            timestamp: -1,
        };
        match (self.handlers.production)(&context, &error) {
            HandlerResponse::Fail => Err(error),
            HandlerResponse::Continue => {
                self.drop_record();
                Ok(())
            }
        }
    }

    /// Asks the deserialization handler about a record of a source.
    pub(crate) fn cannot_read(&mut self, source: usize, context: RecordContext, error: Error) -> Result<()> {
        self.record = context;
        let handler = Arc::clone(&self.handlers.deserialization);
        self.decide(&handler, source, error).map_err(Stop::into_error)
    }

    /// Asks the production handler about a record that the running sink could not serialise.
    pub(crate) fn cannot_write(&mut self, error: Error) -> Flow {
        let handler = Arc::clone(&self.handlers.production);
        if error.is_mismatch() {
            return Err(Stop::Task(self.located(self.node, error)));
        }
        self.decide(&handler, self.node, error)
    }

    fn decide(&mut self, handler: &ExceptionHandler, node: usize, error: Error) -> Flow {
        let error = self.located(node, error);
        let context = FailureContext {
            topic: self.record.topic.clone(),
            partition: self.record.partition,
            offset: self.record.offset,
            node: self.nodes[node].name.to_string(),
            task: self.task.to_string(),
            timestamp: self.record.timestamp,
        };
        match handler(&context, &error) {
            HandlerResponse::Fail => Err(Stop::Task(error)),
            HandlerResponse::Continue => {
                self.drop_record();
                Ok(())
            }
        }
    }

    /// The error with the place where it happened.
    fn located(&self, node: usize, error: Error) -> Error {
        let record = &self.record;
        error
            .with("node", &self.nodes[node].name)
            .with("task", &self.task)
            .with("topic", record.topic.as_deref().unwrap_or("none"))
            .with("partition", record.partition)
            .with("offset", record.offset)
    }

    /// Runs `body` with this timestamp and these headers in force, and puts back what was in force before.
    fn in_force(&mut self, timestamp: i64, headers: &Headers, body: impl FnOnce(&mut Self) -> Flow) -> Flow {
        if timestamp == self.record.timestamp && headers.is_same(&self.record.headers) {
            return body(self);
        }
        let timestamp = std::mem::replace(&mut self.record.timestamp, timestamp);
        let headers = std::mem::replace(&mut self.record.headers, headers.clone());
        let flow = body(self);
        self.record.timestamp = timestamp;
        self.record.headers = headers;
        flow
    }

    fn to_children<T: Clone>(&mut self, message: T, call: impl Fn(&mut dyn Operator, &mut Self, T) -> Flow) -> Flow {
        let parent = self.node;
        let Some(last) = self.nodes[parent].children.len().checked_sub(1) else { return Ok(()) };
        for index in 0..last {
            let child = self.nodes[parent].children[index];
            self.call(child, message.clone(), &call)?;
        }
        let child = self.nodes[parent].children[last];
        self.call(child, message, &call)
    }

    fn call<T>(&mut self, child: usize, message: T, call: impl Fn(&mut dyn Operator, &mut Self, T) -> Flow) -> Flow {
        let mut operator = self.nodes[child].operator.take().expect("a topology has no cycles");
        let parent = std::mem::replace(&mut self.node, child);
        let flow = call(&mut *operator, self, message);
        self.node = parent;
        self.nodes[child].operator = Some(operator);
        match flow {
            Err(Stop::Node(error)) => self.node_failed(child, error),
            flow => flow,
        }
    }

    /// The failing node's call returns; its parents go on if the handler says so (KIP-1033).
    #[cold]
    fn node_failed(&mut self, node: usize, error: Error) -> Flow {
        if error.is_mismatch() {
            return Err(Stop::Task(self.located(node, error)));
        }
        let handler = Arc::clone(&self.handlers.processing);
        self.decide(&handler, node, error)
    }

    /// Steps through a pass: the nodes behind the store may use it between two entries.
    fn write_below(&mut self, store: StoreId, mut pass: Pass) -> Flow {
        while let Some(flushed) = self.stores.get_mut(store).step(&mut pass, &mut self.outbox)? {
            self.forward_flushed(store, flushed)?;
        }
        Ok(())
    }

    /// A flushed entry is processed as if the record that wrote it last were in force.
    fn forward_flushed(&mut self, store: StoreId, flushed: Flushed) -> Flow {
        let Flushed { key, new, old, timestamp, context } = flushed;
        let headers = context.headers.clone();
        let record = std::mem::replace(&mut self.record, context);
        let node = std::mem::replace(&mut self.node, self.owners[store.0]);
        let flow =
            self.forward_update(Update { key, change: Change { new, old, is_latest: true }, timestamp, headers });
        self.node = node;
        self.record = record;
        flow
    }
}
