//! Makes, fills and dumps topics with the `rdkafka` package, so that what our own client does is judged by another one.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Headers, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::util::Timeout;
use rdkafka::{Offset, TopicPartitionList};

use crate::wait_for;

const DEADLINE: Duration = Duration::from_secs(30);

/// One record of a topic as it lies in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dumped {
    /// Its partition.
    pub partition: i32,
    /// Its place in the partition.
    pub offset: i64,
    /// In milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers, in their order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// Makes topics with so many partitions each, and waits until their leaders answer. Topics that exist are left alone.
///
/// # Panics
/// When the broker refuses, or does not answer.
pub fn create(bootstrap_servers: &str, topics: &[(&str, i32)]) {
    create_with(bootstrap_servers, topics, &[]);
}

/// As [`create`], with settings for the topics, such as `("cleanup.policy", "compact")`.
///
/// # Panics
/// When the broker refuses, or does not answer.
pub fn create_with(bootstrap_servers: &str, topics: &[(&str, i32)], settings: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> = config(bootstrap_servers).create().expect("the settings are valid");
    let new = topics.iter().map(|(name, partitions)| {
        let topic = NewTopic::new(name, *partitions, TopicReplication::Fixed(1));
        settings.iter().fold(topic, |t, (key, value)| t.set(key, value))
    });
    let new: Vec<_> = new.collect();
    let answers =
        futures_executor::block_on(admin.create_topics(&new, &AdminOptions::new().operation_timeout(Some(DEADLINE))));
    for answer in answers.unwrap_or_else(|e| panic!("cannot create {topics:?}: {e}")) {
        match answer {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => panic!("cannot create {topic}: {code}"),
        }
    }
    for (topic, count) in topics {
        wait_for(&format!("leaders of {topic}"), DEADLINE, || {
            (end_offsets(bootstrap_servers, topic)?.len() >= *count as usize).then_some(())
        });
    }
}

/// Deletes topics; one that does not exist is no mistake.
///
/// # Panics
/// When the broker refuses, or does not answer.
pub fn delete(bootstrap_servers: &str, topics: &[&str]) {
    let admin: AdminClient<DefaultClientContext> = config(bootstrap_servers).create().expect("the settings are valid");
    let options = AdminOptions::new().operation_timeout(Some(DEADLINE));
    for answer in futures_executor::block_on(admin.delete_topics(topics, &options)).expect("the broker answers") {
        match answer {
            Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic)) => {}
            Err((topic, code)) => panic!("cannot delete {topic}: {code}"),
        }
    }
}

/// The names of all topics, sorted, without the broker's own (`__…`).
///
/// # Panics
/// When the broker does not answer.
pub fn names(bootstrap_servers: &str) -> Vec<String> {
    let metadata = consumer(bootstrap_servers).fetch_metadata(None, DEADLINE).expect("the broker answers");
    let mut names: Vec<_> =
        metadata.topics().iter().map(|t| t.name().to_owned()).filter(|n| !n.starts_with("__")).collect();
    names.sort();
    names
}

/// How many partitions the topic has; 0 if there is no such topic.
///
/// # Panics
/// When the broker does not answer.
pub fn partitions(bootstrap_servers: &str, topic: &str) -> usize {
    partitions_by(&consumer(bootstrap_servers), topic)
}

/// The end offset of every partition; `None` while not all leaders answer, or if there is no such topic.
pub fn end_offsets(bootstrap_servers: &str, topic: &str) -> Option<Vec<i64>> {
    let consumer = consumer(bootstrap_servers);
    let count = i32::try_from(partitions_by(&consumer, topic)).expect("partitions are numbered by i32");
    let end = |p| consumer.fetch_watermarks(topic, p, DEADLINE).ok().map(|(_, end)| end);
    (count > 0).then(|| (0..count).map(end).collect())?
}

/// The committed offset of every partition of the topic for which the group has one.
///
/// # Panics
/// When the broker does not answer.
pub fn committed(bootstrap_servers: &str, group: &str, topic: &str) -> BTreeMap<i32, i64> {
    let consumer: BaseConsumer =
        config(bootstrap_servers).set("group.id", group).create().expect("the settings are valid");
    let mut list = TopicPartitionList::new();
    (0..partitions_by(&consumer, topic)).for_each(|p| {
        list.add_partition(topic, p as i32);
    });
    let list = wait_for("the group's coordinator", DEADLINE, || {
        consumer.committed_offsets(list.clone(), Duration::from_secs(5)).ok()
    });
    list.elements().iter().filter_map(|e| Some((e.partition(), e.offset().to_raw().filter(|o| *o >= 0)?))).collect()
}

/// Writes one record per line, without a key, line `i` to partition `i mod n`; waits until the broker has them all.
///
/// # Panics
/// When a record does not reach the broker.
pub fn write_lines<'a>(bootstrap_servers: &str, topic: &str, lines: impl IntoIterator<Item = &'a str>) {
    let count = partitions(bootstrap_servers, topic);
    let records = lines.into_iter().enumerate().map(|(i, line)| ((i % count) as i32, None, Some(line.as_bytes())));
    write(bootstrap_servers, topic, records);
}

/// Writes records `(partition, key, value)`; waits until the broker has them all.
///
/// # Panics
/// When a record does not reach the broker.
pub fn write<'a>(
    bootstrap_servers: &str,
    topic: &str,
    records: impl IntoIterator<Item = (i32, Option<&'a [u8]>, Option<&'a [u8]>)>,
) {
    let mut settings = config(bootstrap_servers);
    settings.set("enable.idempotence", "true").set("linger.ms", "5");
    let producer: BaseProducer = settings.create().expect("the settings are valid");
    let before: i64 =
        end_offsets(bootstrap_servers, topic).unwrap_or_else(|| panic!("no such topic: {topic}")).iter().sum();
    let mut sent = 0;
    for (partition, key, value) in records {
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).partition(partition);
        record.key = key;
        record.payload = value;
        send(&producer, record);
        sent += 1;
    }
    producer.flush(Timeout::After(DEADLINE)).expect("the broker takes everything in time");
    let after: i64 = end_offsets(bootstrap_servers, topic).expect("the topic was there before").iter().sum();
    assert!(after - before >= sent, "{topic} got {} records, not {sent}", after - before);
}

fn send(producer: &BaseProducer, mut record: BaseRecord<'_, [u8], [u8]>) {
    loop {
        match producer.send(record) {
            Ok(()) => return,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                producer.poll(Duration::from_millis(20));
                record = back;
            }
            Err((error, _)) => panic!("cannot write: {error}"),
        }
    }
}

/// Everything that is in the topic now, partition by partition in the order of offsets.
///
/// # Panics
/// When there is no such topic, or the broker does not answer.
pub fn dump(bootstrap_servers: &str, topic: &str) -> Vec<Dumped> {
    let ends = wait_for(&format!("leaders of {topic}"), DEADLINE, || end_offsets(bootstrap_servers, topic));
    let consumer = consumer(bootstrap_servers);
    let mut list = TopicPartitionList::new();
    (0..ends.len()).for_each(|p| {
        list.add_partition_offset(topic, p as i32, Offset::Beginning).expect("the beginning is an offset");
    });
    consumer.assign(&list).expect("a list of partitions can be assigned");
    let mut found = Vec::new();
    wait_for(&format!("everything in {topic}"), DEADLINE, || {
        while let Some(message) = consumer.poll(Duration::from_millis(50)) {
            found.push(Dumped::from(&message.unwrap_or_else(|e| panic!("cannot read {topic}: {e}"))));
        }
        reached(&consumer, &ends).then_some(())
    });
    found.retain(|r: &Dumped| r.offset < ends[r.partition as usize]);
    found.sort_by_key(|r| (r.partition, r.offset));
    found
}

/// Positions, not counted records: logs have gaps where records were compacted away.
fn reached(consumer: &BaseConsumer, ends: &[i64]) -> bool {
    let positions = consumer.position().expect("partitions are assigned");
    positions.elements().iter().all(|e| {
        let end = ends[e.partition() as usize];
        end == 0 || matches!(e.offset(), Offset::Offset(at) if at >= end)
    })
}

impl<M: Message> From<&M> for Dumped {
    fn from(message: &M) -> Dumped {
        let header = |h: rdkafka::message::Header<'_, &[u8]>| (h.key.to_owned(), h.value.map(<[u8]>::to_vec));
        Dumped {
            partition: message.partition(),
            offset: message.offset(),
            timestamp: message.timestamp().to_millis(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: message.headers().map(|headers| headers.iter().map(header).collect()).unwrap_or_default(),
        }
    }
}

fn partitions_by(consumer: &BaseConsumer, topic: &str) -> usize {
    let metadata = consumer.fetch_metadata(Some(topic), DEADLINE).expect("the broker answers");
    metadata.topics().iter().find(|t| t.name() == topic && t.error().is_none()).map_or(0, |t| t.partitions().len())
}

fn consumer(bootstrap_servers: &str) -> BaseConsumer {
    let mut settings = config(bootstrap_servers);
    settings.set("group.id", "dump").set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
    settings.create().expect("the settings are valid")
}

fn config(bootstrap_servers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap_servers).set("allow.auto.create.topics", "false");
    config
}
