//! Clients and applications on a cluster inside this process.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kstreams::testing::EmbeddedCluster;
use kstreams::{
    Admin, Batch, CompletionQueue, Config, Consumed, Consumer, Deliveries, ErrorKind, Future, KafkaStreams, LocalTask,
    Offset, PartitionDescription, Produced, Producer, ProducerRecord, Promise, RecordMetadata, Records, State,
    StateListener, StreamsBuilder, TaskId, ThreadHooks, TopicDescription, TopicPartition, UncaughtHandler,
    UncaughtResponse, serde,
};

const SOON: Duration = Duration::from_secs(30);

fn config(cluster: &EmbeddedCluster) -> Config {
    Config::new()
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .set("group.id", "group")
        .set("auto.offset.reset", "earliest")
}

#[test]
fn what_is_sent_is_read_and_committed() {
    let cluster = EmbeddedCluster::start(1).unwrap();
    cluster.create_topic("t", 1).unwrap();
    let producer = Producer::new(&config(&cluster)).unwrap();
    let sent = producer.send_batch((0..3).map(|_| ProducerRecord::new("t").value("v"))).unwrap();
    let deliveries: Deliveries = sent.wait(SOON).unwrap();
    let places: Vec<RecordMetadata> = deliveries.all().unwrap();
    assert_eq!(
        places.iter().map(|place| (&*place.topic, place.offset)).collect::<Vec<_>>(),
        [("t", 0), ("t", 1), ("t", 2)]
    );
    producer.close(SOON).unwrap();

    let consumer = Consumer::new(&config(&cluster)).unwrap();
    consumer.subscribe(["t"]).unwrap();
    let mut records: Records<'_> = consumer.records(SOON);
    let first = records.next().unwrap().unwrap();
    assert_eq!((first.offset, first.value.as_deref()), (0, Some(b"v".as_slice())));
    let partition = TopicPartition::new("t", 0);
    let offset = Offset { metadata: "half way".to_owned(), ..Offset::new(partition.clone(), 2) };
    consumer.commit_offsets(&[offset], SOON).unwrap();
    let committed = consumer.committed(std::slice::from_ref(&partition), SOON).unwrap().remove(0).unwrap();
    assert_eq!((committed.partition, committed.offset, committed.metadata.as_str()), (partition, 2, "half way"));
    let rest: Batch = consumer.poll(Duration::ZERO, 10).unwrap();
    assert!(rest.len() < 3);
    consumer.close(SOON).unwrap();
}

#[test]
fn topics_are_described_with_their_partitions() {
    let cluster = EmbeddedCluster::start(2).unwrap();
    cluster.stop_broker(2).unwrap();
    cluster.start_broker(2).unwrap();
    let admin = Admin::new(&config(&cluster)).unwrap();
    cluster.create_topic("made", 2).unwrap();
    admin.wait_for_leaders(["made"], SOON).unwrap();
    let described: Vec<TopicDescription> = admin.describe_topics(["made"], SOON).unwrap();
    let partitions: &[PartitionDescription] = &described[0].partitions;
    assert_eq!((described[0].name.as_str(), partitions.len()), ("made", 2));
    assert!(partitions.iter().all(|partition| partition.leader.is_some() && partition.replicas >= 1));
    admin.close(SOON).unwrap();
}

#[test]
fn a_future_keeps_what_it_comes_from() {
    let owner: Arc<str> = "client".into();
    let (promise, future): (Promise<i32>, Future<i32>) = Promise::keeping(Arc::new(Arc::clone(&owner)));
    let queue = CompletionQueue::new();
    future.enqueue(&queue, 7);
    assert_eq!((Arc::strong_count(&owner), queue.len(), queue.is_empty()), (2, 0, true));
    promise.complete(Ok(5));
    assert_eq!(queue.drain(10, SOON), [7]);
    assert_eq!(future.value().unwrap().unwrap(), 5);
    drop(future);
    assert_eq!(Arc::strong_count(&owner), 1);
    assert_eq!(Future::ready(Ok(1)).then(|result| result.map(|one| one + 1)).wait(SOON).unwrap(), 2);
    let (promise, future) = Promise::<i32>::new();
    drop(future);
    assert!(promise.is_abandoned());
}

#[test]
fn an_application_tells_what_it_does() {
    let cluster = EmbeddedCluster::start(1).unwrap();
    cluster.create_topic("in", 1).unwrap();
    cluster.create_topic("out", 1).unwrap();
    let builder = StreamsBuilder::new();
    builder
        .stream::<Option<String>, String>("in", Consumed::with(serde::utf8(), serde::utf8()))
        .to("out", Produced::with(serde::utf8(), serde::utf8()));
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(&cluster).set("application.id", "told").set("state.dir", directory.path().display());
    config.remove("group.id");
    let streams = KafkaStreams::new(&builder.build().unwrap(), &config).unwrap();

    let states: Arc<Mutex<Vec<State>>> = Arc::default();
    let seen = Arc::clone(&states);
    let listener: StateListener = Arc::new(move |new, _| seen.lock().unwrap().push(new));
    streams.set_state_listener(listener).unwrap();
    let uncaught: UncaughtHandler = Arc::new(|_| UncaughtResponse::ShutdownClient);
    streams.set_uncaught_exception_handler(uncaught).unwrap();
    let threads = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let (started, stopping) = (Arc::clone(&threads), Arc::clone(&threads));
    let count = |counter: &AtomicUsize| _ = counter.fetch_add(1, Ordering::SeqCst);
    streams.on_threads(ThreadHooks::new(move || count(&started[0]), move || count(&stopping[1]))).unwrap();

    streams.start().unwrap();
    streams.wait_for(State::Running, SOON).unwrap();
    let tasks: Vec<LocalTask> = streams.local_tasks();
    let LocalTask { id: TaskId { subtopology, partition }, partitions, .. } = &tasks[0];
    assert_eq!((tasks.len(), *subtopology, *partition, partitions.len()), (1, 0, 0, 1));
    assert!(streams.state().is_running_or_rebalancing() && streams.error().is_none());
    assert_eq!(streams.metrics()["process-total"], 0.0);
    assert_eq!(streams.start().unwrap_err().kind(), ErrorKind::Invalid);
    streams.close(SOON).unwrap();
    assert!(streams.state().is_final());
    assert_eq!(
        *states.lock().unwrap(),
        [State::Rebalancing, State::Running, State::PendingShutdown, State::NotRunning]
    );
    let [started, stopped] = &*threads;
    assert_eq!(started.load(Ordering::SeqCst), stopped.load(Ordering::SeqCst));
    assert!(started.load(Ordering::SeqCst) > 0);
}
