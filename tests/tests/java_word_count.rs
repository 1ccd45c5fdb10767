//! Kafka's own word count demo runs on the test broker, and says what our own must say.

use std::collections::BTreeMap;
use std::time::Duration;

use kstreams_tests::{KafkaCluster, WordCountDemo, java, topics, wait_until};

const OUTPUT: &str = "streams-wordcount-output";

#[test]
fn the_demo_counts_words() {
    let kafka = KafkaCluster::start();
    let servers = kafka.bootstrap_servers();
    topics::create(servers, &[("streams-plaintext-input", 1), (OUTPUT, 1)]);
    topics::write_lines(servers, "streams-plaintext-input", ["all streams lead to kafka", "hello kafka streams"]);
    let mut demo = WordCountDemo::start(servers, &[]);
    wait_until("eight counts", Duration::from_secs(60), || {
        assert!(demo.is_running(), "{}", demo.log());
        topics::end_offsets(servers, OUTPUT) == Some(vec![8])
    });
    demo.stop();

    let counts: BTreeMap<_, _> =
        topics::dump(servers, OUTPUT).into_iter().map(|r| (r.key.unwrap(), r.value.unwrap())).collect();
    assert_eq!(counts.len(), 6);
    assert_eq!(counts[&b"kafka"[..]], 2_i64.to_be_bytes());
    assert_eq!(topics::committed(servers, "streams-wordcount", "streams-plaintext-input"), BTreeMap::from([(0, 2)]));
    let internal = [
        "streams-wordcount-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog",
        "streams-wordcount-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition",
    ];
    assert_eq!(topics::names(servers)[1..3], internal);
}

#[test]
fn java_describes_its_own_word_count() {
    let text = java::describe();
    assert!(
        text.starts_with(
            "Topologies:\n   Sub-topology: 0\n    Source: KSTREAM-SOURCE-0000000000 (topics: [streams-plaintext-input])"
        ),
        "{text}"
    );
}
