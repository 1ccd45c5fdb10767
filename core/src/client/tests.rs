use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::clock::{Clock, Deadline};
use crate::config::Config;
use crate::error::ErrorKind;
use crate::testing::EmbeddedCluster;
use crate::thread;
use crate::topic::TopicPartition;

const SOON: Duration = Duration::from_secs(20);
const NOWHERE: &str = "127.0.0.1:1";

fn cluster(topic: &str, partitions: i32) -> EmbeddedCluster {
    let cluster = EmbeddedCluster::start(1).unwrap();
    cluster.create_topic(topic, partitions).unwrap();
    cluster
}

fn config(servers: &str) -> Config {
    Config::new()
        .set("bootstrap.servers", servers)
        .set("group.id", "group")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", 6000)
}

fn produce(cluster: &EmbeddedCluster, topic: &str, count: usize) {
    let producer = Producer::new(&config(cluster.bootstrap_servers())).unwrap();
    let records = (0..count).map(|number| ProducerRecord::new(topic).value(number.to_string().as_str()));
    let places = producer.send_batch(records).unwrap().wait(SOON).unwrap().all().unwrap();
    assert_eq!(places.len(), count);
    producer.close(SOON).unwrap();
}

fn read(consumer: &Consumer, count: usize) -> Vec<ConsumerRecord> {
    let deadline = Deadline::after(SOON);
    let mut records = Vec::new();
    while records.len() < count {
        assert!(!deadline.is_over(), "{} of {count}", records.len());
        records.extend(consumer.poll(Duration::from_millis(200), 1000).unwrap());
    }
    records
}

/// Waits until another thread works with the consumer, without working with it here.
fn until_busy(consumer: &Consumer) {
    let deadline = Deadline::after(SOON);
    while !format!("{consumer:?}").contains("busy") {
        assert!(!deadline.is_over(), "the poll never began");
        std::thread::yield_now();
    }
}

#[test]
fn what_is_sent_is_read_with_key_value_headers_and_time() {
    let cluster = cluster("t", 1);
    let producer = Producer::new(&config(cluster.bootstrap_servers())).unwrap();
    let record = ProducerRecord::new("t").key("k").value("v").header("h", "1").timestamp(1234).partition(0);
    let place = producer.send(record).unwrap().wait(SOON).unwrap();
    assert_eq!((&*place.topic, place.partition, place.offset, place.timestamp), ("t", 0, 0, 1234));
    let consumer = Consumer::new(&config(cluster.bootstrap_servers())).unwrap();
    consumer.subscribe(["t"]).unwrap();
    let record = read(&consumer, 1).remove(0);
    assert_eq!((record.key.as_deref(), record.value.as_deref()), (Some(&b"k"[..]), Some(&b"v"[..])));
    assert_eq!((record.offset, record.timestamp), (0, Some(1234)));
    assert_eq!(record.headers.to_vec()[0].name, "h");
    consumer.close(SOON).unwrap();
    producer.close(SOON).unwrap();
}

#[test]
fn a_new_member_goes_on_behind_the_commit() {
    let cluster = cluster("t", 1);
    produce(&cluster, "t", 10);
    let consumer = Consumer::new(&config(cluster.bootstrap_servers())).unwrap();
    consumer.subscribe(["t"]).unwrap();
    let first = consumer.poll(SOON, 4).unwrap();
    assert!(!first.is_empty() && first.len() <= 4);
    consumer.commit(SOON).unwrap();
    consumer.poll(SOON, 1).unwrap();
    let committed = consumer.committed(&[TopicPartition::new("t", 0)], SOON).unwrap();
    assert_eq!(committed[0].as_ref().map(|offset| offset.offset), Some(first.len() as i64));
    consumer.close(SOON).unwrap();

    let second = Consumer::new(&config(cluster.bootstrap_servers())).unwrap();
    second.subscribe(["t"]).unwrap();
    let rest = read(&second, 10 - first.len());
    assert_eq!(rest[0].offset, first.len() as i64);
    second.commit_async().unwrap().wait(SOON).unwrap();
    let committed = second.committed(&[TopicPartition::new("t", 0)], SOON).unwrap();
    assert_eq!(committed[0].as_ref().map(|offset| offset.offset), Some(10));
    second.close(SOON).unwrap();
}

#[test]
fn an_iterator_ends_after_silence() {
    let cluster = cluster("t", 2);
    produce(&cluster, "t", 300);
    let consumer = Consumer::new(&config(cluster.bootstrap_servers()).set("max.poll.records", 7)).unwrap();
    consumer.subscribe(["t"]).unwrap();
    let mut numbers: Vec<u32> = consumer
        .records(Duration::from_secs(3))
        .map(|record| std::str::from_utf8(record.unwrap().value.as_deref().unwrap()).unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..300).collect::<Vec<_>>());
    consumer.close(SOON).unwrap();
}

#[test]
fn a_batch_has_both_halves() {
    let cluster = cluster("t", 1);
    let producer = Producer::new(&config(cluster.bootstrap_servers()).set("message.max.bytes", 1000)).unwrap();
    let records = [vec![0; 10], vec![0; 5_000], vec![0; 20]].map(|value| ProducerRecord::new("t").value(value));
    let deliveries = producer.send_batch(records).unwrap().wait(SOON).unwrap();
    assert_eq!(deliveries.succeeded.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(deliveries.failed[0].0, 1);
    assert_eq!(deliveries.failed[0].1.kind(), ErrorKind::Invalid);
    assert_eq!(deliveries.all().unwrap_err().fact("topic"), Some("t"));
    producer.close(SOON).unwrap();
}

#[test]
fn a_full_buffer_is_retriable_and_names_the_setting() {
    let config = config(NOWHERE).set("queue.buffering.max.messages", 2).set("max.block.ms", 50);
    let producer = Producer::new(&config).unwrap();
    let lost: Vec<_> = (0..2).map(|_| producer.send(ProducerRecord::new("t")).unwrap()).collect();
    for error in [producer.send(ProducerRecord::new("t")), producer.try_send(ProducerRecord::new("t"))] {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.kafka_code()), (ErrorKind::Retriable, -184));
        assert!(error.message().contains("queue.buffering.max.messages"), "{error}");
    }
    assert!(!producer.wait_for_room(Duration::from_millis(50)));
    assert_eq!(producer.outstanding(), 2);
    let error = producer.close(Duration::from_millis(300)).unwrap_err();
    assert_eq!((error.kind(), error.fact("lost")), (ErrorKind::Timeout, Some("2")));
    for future in lost {
        assert_eq!(future.wait(SOON).unwrap_err().kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn everything_closed_says_so() {
    let cluster = cluster("t", 1);
    let config = config(cluster.bootstrap_servers());
    let (producer, consumer) = (Producer::new(&config).unwrap(), Consumer::new(&config).unwrap());
    let admin = Admin::new(&config).unwrap();
    producer.close(SOON).unwrap();
    consumer.close(SOON).unwrap();
    admin.close(SOON).unwrap();
    let answers = [
        producer.close(SOON),
        producer.flush(SOON),
        producer.send(ProducerRecord::new("t")).map(drop),
        producer.send_batch([]).map(drop),
        consumer.close(SOON),
        consumer.poll(SOON, 1).map(drop),
        consumer.commit(SOON),
        consumer.subscribe(["t"]),
        admin.close(SOON),
        admin.topics(SOON).map(drop),
    ];
    for answer in answers {
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Closed);
    }
}

#[test]
fn a_second_thread_in_a_consumer_is_refused_and_a_wakeup_is_not() {
    let cluster = cluster("t", 1);
    let consumer = Arc::new(Consumer::new(&config(cluster.bootstrap_servers())).unwrap());
    consumer.subscribe(["t"]).unwrap();
    let polling = Arc::clone(&consumer);
    let poll = thread::spawn("poll", move || polling.poll(SOON, 1).map(drop)).unwrap();
    until_busy(&consumer);
    let refused = consumer.assignment().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert!(refused.message().contains("one consumer for each thread"), "{refused}");
    consumer.wakeup();
    assert_eq!(poll.join(Deadline::after(SOON)).unwrap_err().kind(), ErrorKind::Cancelled);
    consumer.close(SOON).unwrap();
}

#[test]
fn a_close_wakes_the_poll_of_another_thread() {
    let cluster = cluster("t", 1);
    let consumer = Arc::new(Consumer::new(&config(cluster.bootstrap_servers())).unwrap());
    consumer.subscribe(["t"]).unwrap();
    let polling = Arc::clone(&consumer);
    let poll = thread::spawn("poll", move || polling.poll(Duration::MAX, 1).map(drop)).unwrap();
    until_busy(&consumer);
    consumer.close(SOON).unwrap();
    let kind = poll.join(Deadline::after(SOON)).unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::Cancelled | ErrorKind::Closed), "{kind}");
}

#[test]
fn a_wrong_address_is_an_error_that_names_it() {
    let config = config(NOWHERE).set("delivery.timeout.ms", 1000).set("linger.ms", 0);
    let producer = Producer::new(&config).unwrap();
    let sent = producer.send(ProducerRecord::new("t")).unwrap();
    let flushed = producer.flush(Duration::from_millis(300)).unwrap_err();
    let consumer = Consumer::new(&config).unwrap();
    consumer.subscribe(["t"]).unwrap();
    let polled = consumer.poll(Duration::from_secs(2), 1).unwrap_err();
    let delivered = sent.wait(SOON).unwrap_err();
    let admin = Admin::new(&config).unwrap();
    let asked = admin.topics(Duration::from_millis(700)).unwrap_err();
    for error in [flushed, polled, delivered, asked] {
        assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Retriable), "{error:?}");
        assert!(error.chain().contains(NOWHERE), "{error:?}");
        assert!(error.chain().contains("bootstrap.servers"), "{error:?}");
    }
    producer.close(SOON).unwrap();
    consumer.close(SOON).unwrap();
    admin.close(SOON).unwrap();
}

#[test]
fn all_clients_close_in_time_while_the_broker_is_down() {
    let cluster = cluster("t", 1);
    produce(&cluster, "t", 5);
    let config = config(cluster.bootstrap_servers());
    let (producer, consumer) = (Producer::new(&config).unwrap(), Consumer::new(&config).unwrap());
    consumer.subscribe(["t"]).unwrap();
    read(&consumer, 5);
    cluster.stop_broker(1).unwrap();
    let lost = producer.send(ProducerRecord::new("t")).unwrap();
    let clock = Clock::system();
    let start = clock.elapsed();
    assert!(producer.close(Duration::from_secs(1)).is_err());
    assert!(lost.wait(Duration::from_secs(1)).is_err());
    let _ = consumer.close(Duration::from_secs(2));
    let taken = clock.elapsed() - start;
    assert!(taken < Duration::from_secs(5), "{taken:?}");
}

#[test]
fn leaders_are_waited_for_and_an_absent_topic_is_named() {
    let cluster = cluster("t", 3);
    let admin = Admin::new(&config(cluster.bootstrap_servers())).unwrap();
    admin.wait_for_leaders(["t"], SOON).unwrap();
    let error = admin.wait_for_leaders(["absent"], Duration::from_millis(300)).unwrap_err();
    assert_eq!((error.kind(), error.fact("topic")), (ErrorKind::Timeout, Some("absent")));
    let error = admin.describe_topics(["absent"], SOON).unwrap_err();
    assert_eq!((error.kind(), error.fact("topic")), (ErrorKind::Invalid, Some("absent")));
    admin.close(SOON).unwrap();
}

#[test]
fn wrong_settings_are_refused_by_name() {
    let error = Producer::new(&config(NOWHERE).set("acks", "some")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let error = Consumer::new(&Config::from([("bootstrap.servers", NOWHERE)])).unwrap_err();
    assert_eq!(error.fact("setting"), Some("group.id"));
    assert!(EmbeddedCluster::start(0).is_err());
}

#[test]
fn a_dropped_producer_answers_its_futures() {
    let producer = Producer::new(&config(NOWHERE)).unwrap();
    let future = producer.send(ProducerRecord::new("t")).unwrap();
    drop(producer);
    assert_eq!(future.wait(SOON).unwrap_err().kind(), ErrorKind::Cancelled);
}
