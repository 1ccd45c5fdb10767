use super::*;
use crate::error::ErrorKind;

#[test]
fn settings_keep_their_order_and_the_last_value() {
    let config = Config::new().set("client.id", "a").set("acks", "all").set("client.id", "b");
    assert_eq!(config.iter().collect::<Vec<_>>(), [("client.id", "b"), ("acks", "all")]);
    let mut same = Config::from([("client.id", "b"), ("acks", "all")]);
    assert_eq!(config, same);
    same.remove("client.id");
    assert_eq!((same.get("client.id"), same.get("acks")), (None, Some("all")));
}

#[test]
fn typed_values_come_with_the_defaults_of_the_table() {
    let config =
        Config::new().set(streams::MAX_TASK_IDLE_MS, -1).set(streams::RACK_AWARE_ASSIGNMENT_TAGS, "zone, rack,");
    assert_eq!(config.integer(streams::NUM_STREAM_THREADS).unwrap(), 1);
    assert_eq!(config.size(streams::BUFFERED_RECORDS_PER_PARTITION).unwrap(), 1000);
    assert_eq!(config.duration(streams::POLL_MS).unwrap(), Some(Duration::from_millis(100)));
    assert_eq!(config.duration(streams::MAX_TASK_IDLE_MS).unwrap(), None);
    assert!(!config.boolean(streams::ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING).unwrap());
    assert_eq!(config.text(streams::PROCESSING_GUARANTEE).unwrap().as_deref(), Some("at_least_once"));
    assert_eq!(config.text(streams::DEFAULT_KEY_SERDE).unwrap(), None);
    assert_eq!(config.list(streams::RACK_AWARE_ASSIGNMENT_TAGS).unwrap(), ["zone", "rack"]);
    assert_eq!(config.integer(streams::APPLICATION_ID).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(config.integer("no.such.setting").unwrap_err().message(), "unknown setting");
}

#[test]
fn a_wrong_value_is_refused_where_it_is_set() {
    let mut config = Config::new();
    let error = config.try_set("num.stream.threads", 0).unwrap_err();
    assert_eq!(error.fact("allowed"), Some("1 .. 10000"));
    assert_eq!(config, Config::new());
    config.try_set("consumer.session.timeout.ms", 6000).unwrap();
    assert_eq!(config.get("consumer.session.timeout.ms"), Some("6000"));
    let error = config.try_set("consumer.session.timeout.ms", 3_600_001).unwrap_err();
    assert_eq!(error.fact("allowed"), Some("1 .. 3600000"));
    assert!(config.try_set("client.id", "a\0b").is_err());
}

#[test]
fn values_in_javas_words_are_understood() {
    for (name, value) in [
        ("acks", "all"),
        ("auto.offset.reset", "none"),
        ("security.protocol", "SASL_SSL"),
        ("enable.idempotence", "TRUE"),
        ("ssl.endpoint.identification.algorithm", ""),
        ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"),
        ("deserialization.exception.handler", "org.apache.kafka.streams.errors.LogAndContinueExceptionHandler"),
        ("dsl.store", "ROCKSDB"),
        ("topology.optimization", "reuse.ktable.source.topics, merge.repartition.topics"),
        ("receive.buffer.bytes", "-1"),
    ] {
        Config::new().try_set(name, value).unwrap();
    }
}

#[test]
fn a_plain_client_gets_what_concerns_it_under_librdkafkas_names() {
    let config = Config::new()
        .set("bootstrap.servers", "localhost:1")
        .set("application.id", "orders")
        .set("linger.ms", 7)
        .set("buffer.memory", 33_554_432)
        .set("fetch.max.wait.ms", 250)
        .set("max.poll.records", 10)
        .set("max.block.ms", 1000)
        .set("receive.buffer.bytes", -1)
        .set("producer.linger.ms", 9);
    let producer = config.producer_settings().unwrap();
    assert_eq!(
        producer.pairs().collect::<Vec<_>>(),
        [
            ("metadata.broker.list", "localhost:1"),
            ("queue.buffering.max.kbytes", "32768"),
            ("queue.buffering.max.ms", "7"),
            ("socket.receive.buffer.bytes", "0"),
        ]
    );
    assert_eq!(producer.duration(MAX_BLOCK_MS).unwrap(), Duration::from_secs(1));
    let consumer = config.consumer_settings().unwrap();
    assert_eq!(consumer.get("fetch.wait.max.ms"), Some("250"));
    assert_eq!(consumer.integer(MAX_POLL_RECORDS).unwrap(), 10);
    assert!(!consumer.is_set("linger.ms") && consumer.pairs().all(|(name, _)| name != MAX_POLL_RECORDS));
    let admin = config.admin_settings().unwrap();
    assert!(admin.is_set("bootstrap.servers") && !admin.is_set("fetch.wait.max.ms"));
    assert_eq!(admin.duration(DEFAULT_API_TIMEOUT_MS).unwrap(), Duration::from_secs(60));
}

#[test]
fn names_of_the_same_meaning_do_not_stand_side_by_side() {
    let mut settings = Config::new().set("linger.ms", 7).set("queue.buffering.max.ms", 8).producer_settings().unwrap();
    assert_eq!(settings.pairs().collect::<Vec<_>>(), [("queue.buffering.max.ms", "8")]);
    settings.set_default("linger.ms", 100);
    assert_eq!(settings.get("queue.buffering.max.ms"), Some("8"));
    settings.set("linger.ms", 9);
    assert_eq!(settings.get("queue.buffering.max.ms"), Some("9"));
}

#[test]
fn secrets_and_unknown_names_are_hidden_wherever_settings_are_shown() {
    let config = Config::new()
        .set("client.id", "visible")
        .set("sasl.password", "hunter2")
        .set("sasl.pasword", "hunter2")
        .set("consumer.ssl.key.password", "hunter2")
        .set("sasl.jaas.config", "password=hunter2");
    let shown = format!("{config:?}");
    assert!(shown.contains("visible") && shown.contains("sasl.password"));
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!config.check().unwrap_err().chain().contains("hunter2"));
    let settings = Config::new().set("sasl.password", "hunter2").producer_settings().unwrap();
    assert_eq!(settings.get("sasl.password"), Some("hunter2"));
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn every_key_of_the_table_can_be_set_to_its_default() {
    let settable = table::all().iter().filter(|key| table::resolve(&key.name).is_ok());
    for (key, default) in settable.filter_map(|key| Some((key, key.default.as_deref()?))) {
        Config::new().try_set(key.name.as_ref(), default).unwrap();
    }
}
