//! Producer, consumer and admin client on a real Kafka.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests say what they expect by unwrapping, and measure"
)]

use std::time::{Duration, Instant};

use kstreams::{
    Admin, Config, Consumer, ConsumerRecord, ErrorKind, NewTopic, Outcomes, Producer, ProducerRecord, TopicPartition,
};
use kstreams_tests::{KafkaCluster, wait_until};

const SOON: Duration = Duration::from_secs(60);
const TOPIC_ALREADY_EXISTS: i16 = 36;

fn config(kafka: &KafkaCluster, group: &str) -> Config {
    Config::new()
        .set("bootstrap.servers", kafka.bootstrap_servers())
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", 10_000)
        .set("heartbeat.interval.ms", 300)
}

fn create(kafka: &KafkaCluster, topic: &str, partitions: i32) {
    let admin = Admin::new(&config(kafka, "admin")).unwrap();
    admin.create_topics(&[NewTopic::new(topic, partitions)], SOON).unwrap().all().unwrap();
    admin.wait_for_leaders([topic], SOON).unwrap();
    admin.close(SOON).unwrap();
}

/// Sends records whose values count from `from`.
fn send(kafka: &KafkaCluster, topic: &str, from: u32, count: u32) {
    let producer = Producer::new(&config(kafka, "")).unwrap();
    let record =
        |number: u32| ProducerRecord::new(topic).key(number.to_string().as_str()).value(number.to_string().as_str());
    let deliveries = producer.send_batch((from..from + count).map(record)).unwrap();
    assert_eq!(deliveries.wait(SOON).unwrap().all().unwrap().len(), count as usize);
    producer.close(SOON).unwrap();
}

fn number(record: &ConsumerRecord) -> u32 {
    std::str::from_utf8(record.value.as_deref().unwrap()).unwrap().parse().unwrap()
}

fn read(consumer: &Consumer, count: usize) -> Vec<u32> {
    let mut numbers = Vec::new();
    wait_until("all records are there", SOON, || {
        numbers.extend(consumer.poll(Duration::from_millis(100), 1_000).unwrap().iter().map(number));
        numbers.len() >= count
    });
    numbers.sort_unstable();
    numbers
}

#[test]
fn a_group_reads_everything_commits_and_goes_on_there() {
    let kafka = KafkaCluster::shared();
    create(kafka, "resume", 3);
    send(kafka, "resume", 0, 5_000);
    let first = Consumer::new(&config(kafka, "resume-group")).unwrap();
    first.subscribe(["resume"]).unwrap();
    assert_eq!(read(&first, 5_000), (0..5_000).collect::<Vec<_>>());
    first.commit(SOON).unwrap();
    first.close(SOON).unwrap();

    send(kafka, "resume", 5_000, 500);
    let second = Consumer::new(&config(kafka, "resume-group")).unwrap();
    second.subscribe(["resume"]).unwrap();
    assert_eq!(read(&second, 500), (5_000..5_500).collect::<Vec<_>>());
    second.commit_async().unwrap().wait(SOON).unwrap();
    let partitions = [0, 1, 2].map(|partition| TopicPartition::new("resume", partition));
    let committed = second.committed(&partitions, SOON).unwrap();
    assert_eq!(committed.into_iter().map(|at| at.unwrap().offset).sum::<i64>(), 5_500);
    second.close(SOON).unwrap();
}

#[test]
fn keys_go_to_the_partitions_that_java_chooses() {
    let kafka = KafkaCluster::shared();
    create(kafka, "partitions", 4);
    let producer = Producer::new(&config(kafka, "")).unwrap();
    // Kafka's own examples of its hash, from the tests of org.apache.kafka.common.utils.Utils.
    let hashes = [("21", -973_932_308_i32), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536)];
    for (key, hash) in hashes {
        let place = producer.send(ProducerRecord::new("partitions").key(key)).unwrap().wait(SOON).unwrap();
        assert_eq!(place.partition, (hash & 0x7fff_ffff) % 4, "{key}");
    }
    producer.close(SOON).unwrap();
}

#[test]
fn some_topics_are_created_and_others_are_not() {
    let kafka = KafkaCluster::shared();
    let admin = Admin::new(&config(kafka, "")).unwrap();
    create(kafka, "there-already", 1);
    let topics = [
        NewTopic::new("there-already", 1),
        NewTopic::new("compacted", 2).config("cleanup.policy", "compact"),
        NewTopic::new("impossible name", 1),
        NewTopic::new("too-many-replicas", 1).replication_factor(9),
    ];
    let outcomes: Outcomes = admin.create_topics(&topics, SOON).unwrap();
    assert_eq!(outcomes.succeeded, ["compacted"]);
    let failed = |name: &str| outcomes.failed.iter().find(|(failed, _)| failed == name).unwrap().1.clone();
    assert_eq!(failed("there-already").kafka_code(), TOPIC_ALREADY_EXISTS);
    for name in ["there-already", "impossible name", "too-many-replicas"] {
        assert_eq!(failed(name).kind(), ErrorKind::Invalid, "{name}");
        assert_eq!(failed(name).fact("topic"), Some(name));
    }
    admin.wait_for_leaders(["compacted"], SOON).unwrap();
    assert_eq!(admin.describe_topics(["compacted"], SOON).unwrap()[0].partitions.len(), 2);
    admin.delete_topics(["compacted"], SOON).unwrap().all().unwrap();
    wait_until("the topic is gone", SOON, || admin.describe_topics(["compacted"], SOON).is_err());
    admin.close(SOON).unwrap();
}

#[test]
fn an_unknown_topic_is_named_to_producer_and_consumer() {
    let kafka = KafkaCluster::shared();
    let config = config(kafka, "unknown-group").set("topic.metadata.propagation.max.ms", 500);
    let producer = Producer::new(&config).unwrap();
    let error = producer.send(ProducerRecord::new("no-such-topic")).unwrap().wait(SOON).unwrap_err();
    assert_eq!((error.kind(), error.fact("topic")), (ErrorKind::Invalid, Some("no-such-topic")));
    assert!(error.message().contains("create the topic"), "{error}");
    let consumer = Consumer::new(&config).unwrap();
    consumer.subscribe(["no-such-topic"]).unwrap();
    let error = consumer.poll(SOON, 1).unwrap_err();
    assert_eq!((error.kind(), error.fact("topic")), (ErrorKind::Invalid, Some("no-such-topic")));
    assert!(error.message().contains("create the topic"), "{error}");
    consumer.close(SOON).unwrap();
    producer.close(SOON).unwrap();
}

#[test]
fn a_member_that_closes_hands_its_partitions_over_at_once() {
    let kafka = KafkaCluster::shared();
    create(kafka, "handover", 2);
    send(kafka, "handover", 0, 100);
    // Without leaving, the next member would wait for this long.
    let config = config(kafka, "handover-group").set("session.timeout.ms", 45_000);
    for _ in 0..3 {
        let consumer = Consumer::new(&config).unwrap();
        consumer.subscribe(["handover"]).unwrap();
        let start = Instant::now();
        read(&consumer, 100);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        consumer.close(SOON).unwrap();
    }
}

#[test]
fn clients_close_in_time_while_the_broker_is_down_and_work_when_it_is_back() {
    let kafka = KafkaCluster::start();
    create(&kafka, "outage", 2);
    send(&kafka, "outage", 0, 10);
    let rounds = std::env::var("KS_OUTAGE_CLIENTS").map_or(8, |text| text.parse().unwrap());
    let mut consumers = Vec::new();
    for round in 0..rounds {
        let consumer = Consumer::new(&config(&kafka, &format!("outage-{round}"))).unwrap();
        consumer.subscribe(["outage"]).unwrap();
        // Some have an assignment, some are on their way to one.
        if round % 2 == 0 {
            read(&consumer, 10);
        } else {
            consumer.poll(Duration::from_millis(10 * round), 1).unwrap();
        }
        consumers.push(consumer);
    }
    let producer = Producer::new(&config(&kafka, "")).unwrap();
    producer.send(ProducerRecord::new("outage").value("10")).unwrap().wait(SOON).unwrap();
    kafka.kill();
    let unsent = producer.send(ProducerRecord::new("outage").value("11")).unwrap();
    for consumer in consumers {
        let start = Instant::now();
        // Whether all of its threads ended in time is not the point here.
        let _ = consumer.close(Duration::from_secs(2));
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    }
    assert!(!unsent.is_done());
    kafka.start_again();
    unsent.wait(SOON).unwrap();
    producer.close(SOON).unwrap();
    let consumer = Consumer::new(&config(&kafka, "outage-after")).unwrap();
    consumer.subscribe(["outage"]).unwrap();
    assert_eq!(read(&consumer, 12), (0..12).collect::<Vec<_>>());
    consumer.close(SOON).unwrap();
}
