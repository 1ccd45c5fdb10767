use std::time::Duration;

use super::*;
use crate::native::kafka::mock::Mock;
use crate::native::kafka::producer::{Admission, Message, RawProducer};
use crate::offset::Offset;
use crate::topic::TopicPartition;

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

#[test]
fn topics_are_described_with_partitions_and_leaders() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("wide", 5).unwrap();
    let servers = mock.bootstrap_servers();
    let admin = RawAdmin::new([("bootstrap.servers", servers.as_str())]).unwrap();
    let topics = admin.describe_topics(&["wide", "absent"], soon()).unwrap();
    assert_eq!(topics.len(), 1);
    assert_eq!(topics[0].partitions.len(), 5);
    assert!(topics[0].partitions.iter().all(|partition| partition.leader == Some(1)));
    admin.close(soon()).unwrap();
}

#[test]
fn the_ends_of_partitions_are_found() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("t", 2).unwrap();
    let servers = mock.bootstrap_servers();
    let producer = RawProducer::new([("bootstrap.servers", servers.as_str())]).unwrap();
    let topic = producer.topic("t").unwrap();
    for _ in 0..7 {
        let message = Message { partition: Some(1), value: Some(b"x"), ..Message::default() };
        assert_eq!(producer.send(topic, &message).unwrap(), Admission::Queued);
    }
    producer.flush(soon(), |_| {}).unwrap();
    producer.close(soon()).unwrap();
    let admin = RawAdmin::new([("bootstrap.servers", servers.as_str())]).unwrap();
    let at = [0, 1].map(|partition| Offset::new(TopicPartition::new("t", partition), Offset::END));
    let ends = admin.list_offsets(&at, false, soon()).unwrap();
    let ends: std::collections::BTreeMap<i32, i64> =
        ends.into_iter().map(|(partition, end)| (partition.partition, end.unwrap())).collect();
    assert_eq!(ends, [(0, 0), (1, 7)].into());
    admin.close(soon()).unwrap();
}

#[test]
fn an_unreachable_cluster_is_a_timeout_that_names_the_address() {
    let admin = RawAdmin::new([("bootstrap.servers", "127.0.0.1:1")]).unwrap();
    let deadline = Deadline::after(Duration::from_millis(700));
    let topic = NewTopic { name: "t", partitions: 1, replication_factor: None, configs: Vec::new() };
    let error = admin.create_topics(&[topic], deadline).unwrap_err();
    assert!(error.chain().contains("127.0.0.1:1"), "{error:?}");
    let error = admin.topics(Deadline::after(Duration::from_millis(700))).unwrap_err();
    assert!(error.chain().contains("127.0.0.1:1"), "{error:?}");
    admin.close(soon()).unwrap();
}

#[test]
fn an_impossible_topic_is_refused_before_the_cluster_is_asked() {
    let admin = RawAdmin::new([("bootstrap.servers", "127.0.0.1:1")]).unwrap();
    let topic = NewTopic { name: "t", partitions: 0, replication_factor: None, configs: Vec::new() };
    let error = admin.create_topics(&[topic], soon()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.fact("topic"), Some("t"));
    admin.close(soon()).unwrap();
}
