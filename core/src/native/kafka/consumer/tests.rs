use super::*;
use crate::native::kafka::mock::Mock;
use crate::native::kafka::producer::{Admission, Message, RawProducer};

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn settings(mock: &Mock, group: &str) -> Vec<(&'static str, String)> {
    vec![
        ("bootstrap.servers", mock.bootstrap_servers()),
        ("group.id", group.to_owned()),
        ("auto.offset.reset", "earliest".to_owned()),
        ("session.timeout.ms", "6000".to_owned()),
    ]
}

fn consumer(mock: &Mock, group: &str) -> RawConsumer {
    let settings = settings(mock, group);
    RawConsumer::new(settings.iter().map(|(key, value)| (*key, value.as_str()))).unwrap()
}

/// Fills partition 0 of a topic with records whose keys count up.
fn fill(mock: &Mock, topic: &str, from: u64, count: u64) {
    let servers = mock.bootstrap_servers();
    let producer = RawProducer::new([("bootstrap.servers", servers.as_str())]).unwrap();
    let handle = producer.topic(topic).unwrap();
    for number in from..from + count {
        let value = format!("a value that is too long to be inline: {number}");
        let key = number.to_be_bytes();
        let message = Message {
            partition: Some(0),
            key: Some(&key),
            value: Some(value.as_bytes()),
            timestamp: Some(1_000 + number as i64),
            ..Message::default()
        };
        assert_eq!(producer.send(handle, &message).unwrap(), Admission::Queued);
    }
    producer.flush(soon(), |delivery| assert!(delivery.error.is_none(), "{delivery:?}")).unwrap();
    producer.close(soon()).unwrap();
}

/// Polls, answering rebalances eagerly, until `enough` says so about all records until then.
fn poll_until(consumer: &mut RawConsumer, mut enough: impl FnMut(&[RawRecord]) -> bool) -> Vec<RawRecord> {
    let deadline = soon();
    let mut records = Vec::new();
    while !enough(&records) {
        assert!(!deadline.is_over(), "only {} records came in time", records.len());
        let batch = consumer.poll(Duration::from_millis(100), 500).unwrap();
        records.extend(batch.records);
        match batch.rebalance {
            Some(Rebalance::Assigned(partitions)) => {
                let offsets: Vec<Offset> =
                    partitions.into_iter().map(|partition| Offset::new(partition, Offset::COMMITTED)).collect();
                consumer.assign(&offsets).unwrap();
            }
            Some(Rebalance::Revoked(_) | Rebalance::Lost(_)) => consumer.unassign().unwrap(),
            None => {}
        }
    }
    records
}

fn keys(records: &[RawRecord]) -> Vec<u64> {
    let number = |record: &RawRecord| u64::from_be_bytes(record.key.as_deref().unwrap().try_into().unwrap());
    records.iter().map(number).collect()
}

#[test]
fn records_come_in_order_with_all_their_parts() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("in", 1).unwrap();
    fill(&mock, "in", 0, 2_000);
    let mut consumer = consumer(&mock, "reader");
    consumer.subscribe(["in"]).unwrap();
    let records = poll_until(&mut consumer, |records| records.len() >= 2_000);
    assert_eq!(keys(&records), (0..2_000).collect::<Vec<_>>());
    let last = &records[1_999];
    assert_eq!((last.partition, last.offset, last.timestamp), (0, 1_999, 2_999));
    assert_eq!(last.value.as_deref(), Some(&b"a value that is too long to be inline: 1999"[..]));
    assert_eq!(&**consumer.topic(last.topic), "in");
    assert!(last.headers.is_empty());
    consumer.close(soon()).unwrap();
}

#[test]
fn a_group_goes_on_where_it_committed_and_keeps_the_note() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("in", 1).unwrap();
    fill(&mock, "in", 0, 100);
    let mut first = consumer(&mock, "group");
    first.subscribe(["in"]).unwrap();
    poll_until(&mut first, |records| records.len() >= 100);
    let partition = TopicPartition::new("in", 0);
    let offset = Offset { partition: partition.clone(), offset: 40, metadata: "time=7".into() };
    first.commit(std::slice::from_ref(&offset), soon()).unwrap();
    assert_eq!(first.committed(std::slice::from_ref(&partition), soon()).unwrap(), [Some(offset)]);
    first.close(soon()).unwrap();

    let mut second = consumer(&mock, "group");
    second.subscribe(["in"]).unwrap();
    let records = poll_until(&mut second, |records| records.len() >= 60);
    assert_eq!(keys(&records), (40..100).collect::<Vec<_>>());
    assert_eq!(second.watermarks(&partition, soon()).unwrap(), (0, 100));
    second.close(soon()).unwrap();
}

#[test]
fn a_pause_stops_a_partition_at_once_and_loses_nothing() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("in", 1).unwrap();
    fill(&mock, "in", 0, 5_000);
    let mut consumer = consumer(&mock, "pauser");
    let partition = TopicPartition::new("in", 0);
    consumer.assign(&[Offset::new(partition.clone(), 0)]).unwrap();
    let mut records = Vec::new();
    for _ in 0..4 {
        let before = records.len();
        let deadline = soon();
        while records.len() == before {
            assert!(!deadline.is_over());
            records.extend(consumer.poll(Duration::from_millis(100), 100).unwrap().records);
        }
        consumer.pause(std::slice::from_ref(&partition)).unwrap();
        for _ in 0..3 {
            let silent = consumer.poll(Duration::from_millis(50), 300).unwrap();
            assert!(silent.records.is_empty(), "{} records came while paused", silent.records.len());
        }
        consumer.resume(std::slice::from_ref(&partition));
    }
    let before = records.len();
    assert!(before < 5_000);
    records.extend(poll_until(&mut consumer, |records| before + records.len() >= 5_000));
    assert_eq!(keys(&records), (0..5_000).collect::<Vec<_>>());
    consumer.close(soon()).unwrap();
}

#[test]
fn a_pause_of_one_partition_leaves_the_others_alone() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("in", 1).unwrap();
    mock.create_topic("other", 1).unwrap();
    fill(&mock, "in", 0, 1_000);
    fill(&mock, "other", 0, 1_000);
    let mut consumer = consumer(&mock, "pauser");
    let (paused, other) = (TopicPartition::new("in", 0), TopicPartition::new("other", 0));
    consumer.assign(&[Offset::new(paused.clone(), 0), Offset::new(other, 0)]).unwrap();
    consumer.pause(std::slice::from_ref(&paused)).unwrap();
    let records = poll_until(&mut consumer, |records| records.len() >= 1_000);
    assert!(records.iter().all(|record| &**consumer.topic(record.topic) == "other"));
    // Read from elsewhere: what was held is not delivered.
    consumer.seek(&[Offset::new(paused.clone(), 990)], soon()).unwrap();
    consumer.resume(std::slice::from_ref(&paused));
    let records = poll_until(&mut consumer, |records| records.len() >= 10);
    assert_eq!(keys(&records), (990..1_000).collect::<Vec<_>>());
    consumer.close(soon()).unwrap();
}

#[test]
fn a_seek_reads_again() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("in", 1).unwrap();
    fill(&mock, "in", 0, 50);
    let mut consumer = consumer(&mock, "seeker");
    let partition = TopicPartition::new("in", 0);
    consumer.assign(&[Offset::new(partition.clone(), Offset::BEGINNING)]).unwrap();
    poll_until(&mut consumer, |records| records.len() >= 50);
    consumer.seek(&[Offset::new(partition, 45)], soon()).unwrap();
    let again = poll_until(&mut consumer, |records| records.len() >= 5);
    assert_eq!(keys(&again), [45, 46, 47, 48, 49]);
    consumer.close(soon()).unwrap();
}

#[test]
fn a_wake_up_ends_a_poll() {
    let mock = Mock::start(1).unwrap();
    let mut consumer = consumer(&mock, "sleeper");
    let waker = consumer.waker();
    let waking = crate::thread::spawn("waker", move || {
        waker.wake();
        Ok(())
    })
    .unwrap();
    let before = Deadline::after(Duration::from_secs(30));
    assert!(consumer.poll(Duration::from_secs(60), 10).unwrap().records.is_empty());
    assert!(!before.is_over());
    waking.join(soon()).unwrap();
    consumer.close(soon()).unwrap();
}

#[test]
fn a_member_that_closes_leaves_the_group_at_once() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("in", 1).unwrap();
    fill(&mock, "in", 0, 10);
    for round in 0..3 {
        let mut consumer = consumer(&mock, "door");
        consumer.subscribe(["in"]).unwrap();
        let start = crate::clock::Clock::system().elapsed();
        // Without leaving, the next member would wait for the session of the one before: 6 s.
        poll_until(&mut consumer, |records| records.len() >= 10);
        consumer.close(soon()).unwrap();
        let taken = crate::clock::Clock::system().elapsed() - start;
        assert!(taken < Duration::from_millis(5_500), "round {round} took {taken:?}");
    }
}

#[test]
fn closing_returns_in_time_while_the_broker_is_down() {
    let mock = Mock::start(1).unwrap();
    mock.create_topic("in", 2).unwrap();
    fill(&mock, "in", 0, 10);
    let mut consumer = consumer(&mock, "stranded");
    consumer.subscribe(["in"]).unwrap();
    poll_until(&mut consumer, |records| records.len() >= 10);
    mock.set_down(1).unwrap();
    let start = crate::clock::Clock::system().elapsed();
    // Whether all threads ended in time is the system's affair; returning is ours.
    let _ = consumer.close(Deadline::after(Duration::from_secs(2)));
    let taken = crate::clock::Clock::system().elapsed() - start;
    assert!(taken < Duration::from_secs(3), "{taken:?}");
}

#[test]
fn a_wrong_address_is_named_in_the_error() {
    let consumer = RawConsumer::new([("bootstrap.servers", "127.0.0.1:1"), ("group.id", "lost")]).unwrap();
    let mut consumer = consumer;
    consumer.subscribe(["in"]).unwrap();
    consumer.poll(Duration::from_millis(500), 1).unwrap();
    let partition = TopicPartition::new("in", 0);
    let error = consumer.watermarks(&partition, Deadline::after(Duration::from_millis(500))).unwrap_err();
    assert!(error.chain().contains("127.0.0.1:1"), "{error:?}");
    assert!(error.chain().contains("bootstrap.servers"), "{error:?}");
    let _ = consumer.close(Deadline::after(Duration::from_secs(5)));
}

#[test]
fn a_consumer_without_a_group_is_refused_with_the_setting() {
    let error = RawConsumer::new([("bootstrap.servers", "127.0.0.1:1")]).err().unwrap();
    assert_eq!(error.fact("setting"), Some("group.id"));
}
