//! The test driver: Java's `TopologyTestDriver`.
//!
//! All subtopologies run in one task `0_0`, each topic has partition 0 only. What goes to a topic that the topology
//! reads comes back as input before the call returns. The stream thread and this driver are two drivers of the same
//! task.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::handler::Handlers;
use crate::header::Headers;
use crate::host::{self, Host};
use crate::operator::outbox::TopicId;
use crate::runtime::queue::RawRecord;
use crate::runtime::task::Task;
use crate::runtime::task::build::{TaskSettings, TaskSpec};
use crate::runtime::task::id::TaskId;
use crate::state::{CacheBudget, RawRow};
use crate::topology::Topology;
use crate::value::Payload;

/// A record that is piped into a topology.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestRecord {
    /// The topic, which the topology must read.
    pub topic: String,
    /// The serialised key, or `None` for null.
    pub key: Option<Payload>,
    /// The serialised value, or `None` for null.
    pub value: Option<Payload>,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The headers.
    pub headers: Headers,
}

/// A record that a topology sent, internal topics included.
#[derive(Clone, Debug, PartialEq)]
pub struct SentRecord {
    /// The real topic, with the application's id where it is internal.
    pub topic: Arc<str>,
    /// The partition, if a partitioner or a changelog decided it.
    pub partition: Option<i32>,
    /// The serialised key, or `None` for null.
    pub key: Option<Payload>,
    /// The serialised value, or `None` for null.
    pub value: Option<Payload>,
    /// Milliseconds since the epoch; `None` where the producer decides.
    pub timestamp: Option<i64>,
    /// The headers.
    pub headers: Headers,
}

/// One row of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreRow {
    /// The serialised key.
    pub key: Payload,
    /// The serialised value.
    pub value: Payload,
    /// The time the row was written for, in milliseconds.
    pub timestamp: i64,
}

/// Runs a topology without a broker.
///
/// # Errors
/// A call that fails leaves the driver unusable: later calls answer with kind *closed*.
pub struct TestDriver {
    host: Arc<dyn Host>,
    task: Option<Box<Task>>,
    bench: Arc<Mutex<Bench>>,
    _directory: tempfile::TempDir,
}

/// What is around the task: the topics and the clock.
#[derive(Default)]
struct Bench {
    topics: TestTopics,
    sent: Vec<SentRecord>,
    wall_clock_ms: i64,
}

/// When the driver commits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commit {
    /// After each record, as Java's driver does.
    Each,
    /// When nothing can be processed any more.
    End,
}

impl TestDriver {
    /// Starts the topology with its clock at 0.
    ///
    /// # Errors
    /// *Invalid* for a wrong setting or a missing serde; *resource* when there is no temporary directory.
    pub fn new(topology: &Topology, config: &Config) -> Result<Self> {
        Self::with_clock(topology, config, 0)
    }

    /// Starts the topology with its wall clock at `start_ms`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_clock(topology: &Topology, config: &Config, start_ms: i64) -> Result<Self> {
        config.check()?;
        Self::start(topology, TaskSettings::from_config(config)?, start_ms)
    }

    /// Starts the topology with its wall clock at `start_ms` and with these exception handlers, in place of the
    /// settings'.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_handlers(topology: &Topology, config: &Config, start_ms: i64, handlers: Handlers) -> Result<Self> {
        config.check()?;
        Self::start(topology, TaskSettings { handlers, ..TaskSettings::from_config(config)? }, start_ms)
    }

    fn start(topology: &Topology, settings: TaskSettings, start_ms: i64) -> Result<Self> {
        let directory = tempfile::tempdir().map_err(|cause| {
            Error::new(ErrorKind::Resource, "cannot create a directory for the test driver's stores").caused_by(cause)
        })?;
        let cache = match settings.cache_bytes {
            0 => None,
            bytes => Some(CacheBudget::new(bytes)),
        };
        let plan = topology.plan();
        let spec = TaskSpec {
            id: TaskId { subtopology: 0, partition: 0 },
            plan,
            nodes: &(0..plan.nodes.len()).collect::<Vec<_>>(),
            stores: &(0..plan.stores.len()).collect::<Vec<_>>(),
            settings: &settings,
            cache: cache.as_ref(),
            directory: Some(directory.path()),
            reads: &|_| true,
        };
        let mut task = Box::new(spec.build()?);
        task.inputs_mut().iter_mut().for_each(|input| input.lag = Some(0));
        let bench = Bench { wall_clock_ms: start_ms, ..Bench::default() };
        let bench = Arc::new(Mutex::new(bench));
        Ok(Self { host: Arc::clone(topology.host()), task: Some(task), bench, _directory: directory })
    }

    /// Makes a topic that the topology writes seem to have so many partitions; without this each has one. `topic` is the
    /// real name. Partitioners see the number.
    ///
    /// # Errors
    /// *Closed* after a call that failed.
    pub fn set_partitions(&mut self, topic: &str, count: i32) -> Result<()> {
        self.open_task()?.context.set_partitions_by_name(topic, count);
        Ok(())
    }

    /// Pipes a record in and processes everything that follows from it, with a commit after each processed record.
    ///
    /// # Errors
    /// *Invalid* for a topic that the topology does not read; what the exception handlers decided to fail with.
    pub fn pipe(&mut self, record: TestRecord) -> Result<()> {
        self.pipe_all(vec![record], Commit::Each)
    }

    /// Puts the records into their queues, then processes as the task chooses between them, with a commit after each.
    ///
    /// # Errors
    /// As [`pipe`](Self::pipe).
    pub fn pipe_each(&mut self, records: Vec<TestRecord>) -> Result<()> {
        self.pipe_all(records, Commit::Each)
    }

    /// Puts the records into their queues, processes them all, and commits once: the way of a stream thread.
    ///
    /// # Errors
    /// As [`pipe`](Self::pipe).
    pub fn pipe_batch(&mut self, records: Vec<TestRecord>) -> Result<()> {
        self.pipe_all(records, Commit::End)
    }

    /// Moves the wall clock and commits.
    ///
    /// # Errors
    /// What the exception handlers decided to fail with.
    pub fn advance_wall_clock(&mut self, by: Duration) -> Result<()> {
        self.run(move |task, bench| {
            bench.wall_clock_ms = bench.wall_clock_ms.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
            bench.commit(task)?;
            bench.settle(task, Commit::Each)
        })
    }

    /// Takes everything that was sent since the last call, in the order of sending.
    pub fn outputs(&mut self) -> Vec<SentRecord> {
        std::mem::take(&mut self.bench().sent)
    }

    /// Takes what was sent to one topic; the rest stays.
    pub fn read(&mut self, topic: &str) -> Vec<SentRecord> {
        let mut bench = self.bench();
        let (taken, rest) = std::mem::take(&mut bench.sent).into_iter().partition(|record| *record.topic == *topic);
        bench.sent = rest;
        taken
    }

    /// How many records were dropped (`dropped-records-total`).
    pub fn dropped(&self) -> u64 {
        self.task.as_ref().map_or(0, |task| task.context.dropped())
    }

    /// The names of the stores.
    pub fn store_names(&self) -> Vec<String> {
        self.task.as_ref().map_or_else(Vec::new, |task| task.context.stores().names())
    }

    /// The rows of a store in the order of their keys' bytes, with what its cache still holds.
    ///
    /// # Errors
    /// *Invalid* for a name that no store has.
    pub fn store_rows(&mut self, name: &str) -> Result<Vec<StoreRow>> {
        let stores = self.open_task()?.context.stores_mut();
        let unknown = || Error::invalid("the topology has no such store").with("store", name);
        let store = stores.find(name).ok_or_else(unknown)?;
        let row = |row: RawRow| StoreRow { key: row.key, value: row.value, timestamp: row.timestamp };
        stores.get_mut(store).raw_rows().map(|found| found.map(row)).collect()
    }

    /// Closes the stores and removes their directory.
    ///
    /// # Errors
    /// *Resource* when the stores cannot be closed.
    pub fn close(&mut self) -> Result<()> {
        match self.task.take() {
            Some(task) => task.context.into_stores().close(),
            None => Ok(()),
        }
    }

    fn pipe_all(&mut self, records: Vec<TestRecord>, commit: Commit) -> Result<()> {
        let task = self.open_task()?;
        if let Some(unknown) = records.iter().find(|record| task.input(&record.topic, 0).is_none()) {
            return Err(Error::invalid("the topology does not read this topic").with("topic", &unknown.topic));
        }
        self.run(move |task, bench| {
            bench.add_all(task, records)?;
            bench.settle(task, commit)
        })
    }

    fn run(&mut self, work: impl FnOnce(&mut Task, &mut Bench) -> Result<()> + Send + 'static) -> Result<()> {
        self.open_task()?;
        let task = self.task.take().expect("the task is open");
        let bench = Arc::clone(&self.bench);
        let (task, outcome) = host::enter(&*self.host, task, move |task| work(task, &mut lock(&bench)));
        self.task = task;
        outcome
    }

    fn open_task(&mut self) -> Result<&mut Box<Task>> {
        self.task.as_mut().ok_or_else(|| Error::new(ErrorKind::Closed, "the test driver is closed"))
    }

    fn bench(&self) -> MutexGuard<'_, Bench> {
        lock(&self.bench)
    }
}

fn lock(bench: &Mutex<Bench>) -> MutexGuard<'_, Bench> {
    bench.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bench {
    fn add_all(&mut self, task: &mut Task, records: Vec<TestRecord>) -> Result<()> {
        // Records of one topic in a row are added at once: looking up the topic would cost more than the rest.
        let mut records = records.into_iter().peekable();
        while let Some(record) = records.next() {
            let input = task.input(&record.topic, 0).expect("the topics were checked");
            let topic = Arc::clone(&task.inputs()[input].topic);
            let end = &mut self.topics.named(task, &topic).end;
            let mut batch = vec![raw(record, end)];
            while let Some(record) = records.next_if(|next| *next.topic == *topic) {
                batch.push(raw(record, end));
            }
            task.add(input, batch)?;
        }
        Ok(())
    }

    /// Processes until nothing is left, also of what the topology sent to itself.
    fn settle(&mut self, task: &mut Task, commit: Commit) -> Result<()> {
        loop {
            let now = self.wall_clock_ms;
            let mut worked = false;
            while task.is_processable(now) && task.process_one()? {
                worked = true;
                if commit == Commit::Each {
                    self.commit(task)?;
                }
            }
            if !worked {
                return Ok(());
            }
            if commit == Commit::End {
                self.commit(task)?;
            }
        }
    }

    fn commit(&mut self, task: &mut Task) -> Result<()> {
        task.prepare_commit()?;
        let outbox = std::mem::take(task.context.outbox());
        let mut back: Vec<(usize, Vec<RawRecord>)> = Vec::new();
        self.sent.reserve(outbox.records.len());
        for outgoing in &outbox.records {
            let topic = self.topics.written(task, outgoing.topic);
            let sent = SentRecord {
                topic: Arc::clone(&topic.name),
                partition: outgoing.partition,
                key: outbox.payload(outgoing.key.as_ref()),
                value: outbox.payload(outgoing.value.as_ref()),
                timestamp: outgoing.timestamp,
                headers: outgoing.headers.clone(),
            };
            let offset = topic.end;
            topic.end += 1;
            if let Some(input) = topic.input {
                let raw = RawRecord {
                    offset,
                    timestamp: sent.timestamp.unwrap_or(self.wall_clock_ms),
                    key: sent.key.clone(),
                    value: sent.value.clone(),
                    headers: sent.headers.copied(),
                };
                match back.last_mut() {
                    Some((last, batch)) if *last == input => batch.push(raw),
                    _ => back.push((input, vec![raw])),
                }
            }
            self.sent.push(sent);
        }
        task.context.reuse_outbox(outbox);
        let stores = task.context.stores_mut();
        let changelogs = self.topics.0.iter().map(|topic| (Arc::clone(&topic.name), topic.end));
        let changelogs = changelogs.filter(|(topic, _)| stores.sources().any(|source| source == topic)).collect();
        stores.commit(&changelogs)?;
        task.committed();
        back.into_iter().try_for_each(|(input, batch)| task.add(input, batch))
    }
}

/// The topics that were read or written so far, and their places by the task's numbers.
#[derive(Default)]
struct TestTopics(Vec<TestTopic>, Vec<Option<usize>>);

struct TestTopic {
    name: Arc<str>,
    /// How many records it has.
    end: i64,
    /// The task's input that reads it.
    input: Option<usize>,
}

impl TestTopics {
    /// The topic that a task writes under this number.
    fn written(&mut self, task: &Task, id: TopicId) -> &mut TestTopic {
        let id_index = id.0 as usize;
        if self.1.len() <= id_index {
            self.1.resize(id_index + 1, None);
        }
        let known = self.1[id_index];
        let index = known.unwrap_or_else(|| self.position(task, task.context.topic_name(id)));
        self.1[id_index] = Some(index);
        &mut self.0[index]
    }

    fn named(&mut self, task: &Task, name: &Arc<str>) -> &mut TestTopic {
        let index = self.position(task, name);
        &mut self.0[index]
    }

    fn position(&mut self, task: &Task, name: &Arc<str>) -> usize {
        self.0.iter().position(|topic| topic.name == *name).unwrap_or_else(|| {
            self.0.push(TestTopic { name: Arc::clone(name), end: 0, input: task.input(name, 0) });
            self.0.len() - 1
        })
    }
}

fn raw(record: TestRecord, end: &mut i64) -> RawRecord {
    let offset = *end;
    *end += 1;
    RawRecord {
        offset,
        timestamp: record.timestamp,
        key: record.key,
        value: record.value,
        headers: record.headers.copied(),
    }
}
