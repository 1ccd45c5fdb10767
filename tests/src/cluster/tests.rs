use super::*;
use crate::topics;

#[test]
fn a_killed_broker_comes_back_with_its_data() {
    let kafka = KafkaCluster::start();
    topics::create(kafka.bootstrap_servers(), &[("kept", 2)]);
    topics::write_lines(kafka.bootstrap_servers(), "kept", ["one", "two"]);
    kafka.kill();
    assert_eq!(kafka.id(), None);
    kafka.start_again();
    let mut values = topics::dump(kafka.bootstrap_servers(), "kept").into_iter().map(|r| r.value).collect::<Vec<_>>();
    values.sort();
    assert_eq!(values, [Some(b"one".to_vec()), Some(b"two".to_vec())]);
}

#[test]
fn a_stopped_broker_can_be_started_again() {
    let kafka = KafkaCluster::options().set("num.partitions", "3").start();
    kafka.stop();
    assert!(!metadata::answers(kafka.ports[0].number()));
    kafka.start_again();
    assert!(metadata::answers(kafka.ports[0].number()));
}

#[test]
fn a_broker_that_cannot_start_shows_its_log() {
    let failed = std::panic::catch_unwind(|| KafkaCluster::options().set("node.id", "-5").start());
    let text = *failed.err().unwrap().downcast::<String>().unwrap();
    assert!(text.contains("the broker did not start") && text.contains("node.id"), "{text}");
}

#[test]
fn topics_are_not_made_by_asking_for_them() {
    let kafka = KafkaCluster::shared();
    assert_eq!(topics::partitions(kafka.bootstrap_servers(), "never-made"), 0);
}
