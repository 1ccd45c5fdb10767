use super::*;
use crate::native::kafka::mock::Mock;

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn producer(servers: &str, more: &[(&str, &str)]) -> RawProducer {
    RawProducer::new([("bootstrap.servers", servers)].iter().chain(more).copied()).unwrap()
}

#[test]
fn every_record_has_one_report_with_its_tag_and_place() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("out", 2).unwrap();
    let producer = producer(&mock.bootstrap_servers(), &[]);
    let topic = producer.topic("out").unwrap();
    assert_eq!(producer.topic("out").unwrap(), topic);
    for tag in 0..1_000 {
        let message = Message {
            partition: Some((tag % 2) as i32),
            value: Some(b"v"),
            tag,
            timestamp: Some(5),
            ..Message::default()
        };
        assert_eq!(producer.send(topic, &message).unwrap(), Admission::Queued);
    }
    let mut places = Vec::new();
    producer
        .flush(soon(), |delivery| {
            assert!(delivery.error.is_none(), "{delivery:?}");
            places.push((delivery.tag, delivery.partition, delivery.offset));
        })
        .unwrap();
    places.sort_unstable();
    let expected: Vec<_> = (0..1_000_u64).map(|tag| (tag, (tag % 2) as i32, (tag / 2) as i64)).collect();
    assert_eq!(places, expected);
    assert_eq!(producer.outstanding(), 0);
    producer.close(soon()).unwrap();
}

#[test]
fn a_full_queue_is_an_answer_and_not_an_error() {
    let producer = producer("127.0.0.1:1", &[("queue.buffering.max.messages", "3")]);
    let topic = producer.topic("out").unwrap();
    for _ in 0..3 {
        assert_eq!(producer.send(topic, &Message::default()).unwrap(), Admission::Queued);
    }
    assert_eq!(producer.send(topic, &Message::default()).unwrap(), Admission::Full);
    let mut lost = 0;
    producer.purge(|delivery| lost += usize::from(delivery.error.is_some()));
    assert_eq!(lost, 3);
    producer.close(soon()).unwrap();
}

#[test]
fn a_flush_without_a_broker_says_how_many_and_why() {
    let producer = producer("127.0.0.1:1", &[]);
    let topic = producer.topic("out").unwrap();
    assert_eq!(producer.send(topic, &Message::default()).unwrap(), Admission::Queued);
    let error = producer.flush(Deadline::after(Duration::from_millis(500)), |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.chain().contains("127.0.0.1:1"), "{error:?}");
    producer.close(soon()).unwrap();
}

#[test]
fn a_record_that_is_too_large_is_refused_with_the_topic() {
    let producer = producer("127.0.0.1:1", &[("message.max.bytes", "1000")]);
    let topic = producer.topic("out").unwrap();
    let value = vec![0; 2_000];
    let error = producer.send(topic, &Message { value: Some(&value), ..Message::default() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.fact("topic"), Some("out"));
    assert!(error.message().contains("message.max.bytes"), "{error}");
    producer.close(soon()).unwrap();
}

#[test]
fn headers_nulls_and_empty_values_arrive_as_they_were() {
    use crate::native::kafka::consumer::RawConsumer;
    use crate::offset::Offset;
    use crate::topic::TopicPartition;

    let mock = Mock::start(1).unwrap();
    mock.create_topic("out", 1).unwrap();
    let servers = mock.bootstrap_servers();
    let producer = producer(&servers, &[]);
    let topic = producer.topic("out").unwrap();
    let headers = [
        Header { name: "a".into(), value: Some((&b"1"[..]).into()) },
        Header { name: "a".into(), value: None },
        Header { name: "b".into(), value: Some((&b""[..]).into()) },
    ];
    let message = Message { partition: Some(0), headers: &headers, value: Some(b""), ..Message::default() };
    assert_eq!(producer.send(topic, &message).unwrap(), Admission::Queued);
    producer.flush(soon(), |_| {}).unwrap();
    let mut consumer = RawConsumer::new([("bootstrap.servers", servers.as_str()), ("group.id", "g")]).unwrap();
    consumer.assign(&[Offset::new(TopicPartition::new("out", 0), 0)]).unwrap();
    let deadline = soon();
    let record = loop {
        assert!(!deadline.is_over());
        if let Some(record) = consumer.poll(Duration::from_secs(1), 1).unwrap().records.pop() {
            break record;
        }
    };
    assert!(record.key.is_none());
    assert_eq!(record.value.as_deref(), Some(&b""[..]));
    assert_eq!(record.headers.to_vec(), headers);
    consumer.close(soon()).unwrap();
    producer.close(soon()).unwrap();
}
