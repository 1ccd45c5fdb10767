use super::*;

fn config() -> Config {
    Config::new().set("application.id", "orders").set("bootstrap.servers", "localhost:1")
}

fn settings(config: &Config) -> StreamsSettings {
    config.streams_settings().unwrap()
}

fn refused(config: &Config) -> Error {
    config.streams_settings().unwrap_err()
}

#[test]
fn an_application_needs_an_id_and_brokers() {
    assert_eq!(refused(&Config::new()).fact("setting"), Some("application.id"));
    assert_eq!(refused(&Config::new().set("application.id", "orders")).fact("setting"), Some("bootstrap.servers"));
    assert_eq!(settings(&config()).application_id(), "orders");
    for id in ["with space", "..", "sla/sh", "ü"] {
        assert_eq!(refused(&config().set("application.id", id)).fact("value"), Some(id));
    }
}

#[test]
fn defaults_are_those_of_kafka_streams() {
    let settings = settings(&config());
    assert!(!settings.is_exactly_once() && !settings.is_dsl_store_in_memory().unwrap());
    assert_eq!(settings.commit_interval().unwrap(), Duration::from_secs(30));
    assert_eq!(settings.cache_bytes().unwrap(), 10 << 20);
    assert_eq!(settings.state_dir(), std::env::temp_dir().join("kstreams"));
    let main = settings.main_consumer().unwrap();
    assert_eq!(main.integer(MAX_POLL_RECORDS).unwrap(), 1000);
    for (name, value) in [
        ("auto.offset.reset", "earliest"),
        ("enable.auto.commit", "false"),
        ("allow.auto.create.topics", "false"),
        ("isolation.level", "read_uncommitted"),
        ("group.id", "orders"),
    ] {
        assert_eq!(main.get(name), Some(value), "{name}");
    }
    let producer = settings.producer().unwrap();
    assert_eq!(producer.get("queue.buffering.max.ms"), Some("100"));
    assert!(!producer.is_set("group.id") && !producer.is_set("transactional.id"));
    assert_eq!(settings.admin().unwrap().pairs().collect::<Vec<_>>(), [("metadata.broker.list", "localhost:1")]);
}

#[test]
fn exactly_once_forces_what_it_depends_on() {
    let config = config()
        .set("processing.guarantee", "EXACTLY_ONCE_V2")
        .set("consumer.isolation.level", "read_uncommitted")
        .set("enable.auto.commit", true)
        .set("producer.enable.idempotence", false)
        .set("producer.transactional.id", "mine");
    let settings = settings(&config);
    assert!(settings.is_exactly_once());
    assert_eq!(settings.commit_interval().unwrap(), Duration::from_millis(100));
    for consumer in [settings.main_consumer().unwrap(), settings.restore_consumer().unwrap()] {
        assert_eq!(consumer.get("isolation.level"), Some("read_committed"));
        assert_eq!(consumer.get("enable.auto.commit"), Some("false"));
    }
    let producer = settings.producer().unwrap();
    assert_eq!(producer.get("enable.idempotence"), Some("true"));
    assert_eq!(producer.get("transaction.timeout.ms"), Some("10000"));
    assert_eq!(producer.get("transactional.id"), None);
}

#[test]
fn a_transaction_lives_longer_than_a_commit_interval() {
    let config = config().set("processing.guarantee", "exactly_once_v2").set("commit.interval.ms", 20_000);
    assert_eq!(refused(&config).fact("transaction.timeout.ms"), Some("10000"));
    settings(&config.clone().set("producer.transaction.timeout.ms", 20_000));
    settings(&config.set("processing.guarantee", "at_least_once"));
}

#[test]
fn the_longer_prefix_wins_over_the_shorter_and_both_over_none() {
    let config = config()
        .set("main.consumer.fetch.min.bytes", 3)
        .set("consumer.fetch.min.bytes", 2)
        .set("fetch.min.bytes", 1)
        .set("global.consumer.fetch.min.bytes", 4)
        .set("linger.ms", 1)
        .set("producer.queue.buffering.max.ms", 2)
        .set("admin.client.id", "boss");
    let settings = settings(&config);
    let fetch = |client: ClientSettings| client.get("fetch.min.bytes").map(str::to_owned);
    assert_eq!(fetch(settings.main_consumer().unwrap()).as_deref(), Some("3"));
    assert_eq!(fetch(settings.restore_consumer().unwrap()).as_deref(), Some("2"));
    assert_eq!(fetch(settings.global_consumer().unwrap()).as_deref(), Some("4"));
    assert_eq!(settings.producer().unwrap().get("queue.buffering.max.ms"), Some("2"));
    assert_eq!(settings.admin().unwrap().get("client.id"), Some("boss"));
    assert_eq!(settings.producer().unwrap().get("client.id"), None);
}

#[test]
fn a_consumer_without_membership_has_no_identity_and_starts_nowhere_by_itself() {
    let config = config().set("group.instance.id", "one").set("auto.offset.reset", "latest");
    let settings = settings(&config);
    assert_eq!(settings.main_consumer().unwrap().get("auto.offset.reset"), Some("latest"));
    assert_eq!(settings.main_consumer().unwrap().get("group.instance.id"), Some("one"));
    for consumer in [settings.restore_consumer().unwrap(), settings.global_consumer().unwrap()] {
        assert_eq!(consumer.get("group.instance.id"), None);
        assert_eq!(consumer.get("auto.offset.reset"), Some("error"));
    }
}

#[test]
fn topics_and_tags_take_any_name() {
    let config = config()
        .set("topic.segment.bytes", 1000)
        .set("client.tag.zone", "a")
        .set("topic.metadata.refresh.sparse", true);
    let settings = settings(&config);
    assert_eq!(settings.topic_overrides(), [("segment.bytes".to_owned(), "1000".to_owned())]);
    assert_eq!(settings.client_tags(), [("zone".to_owned(), "a".to_owned())]);
    assert_eq!(settings.main_consumer().unwrap().get("topic.metadata.refresh.sparse"), Some("true"));
}

#[test]
fn older_names_hold_where_the_newer_ones_are_not_set() {
    let older = config().set("cache.max.bytes.buffering", 5).set("default.dsl.store", "in_memory");
    assert_eq!(settings(&older).cache_bytes().unwrap(), 5);
    assert!(settings(&older).is_dsl_store_in_memory().unwrap());
    let both = older.set("statestore.cache.max.bytes", 6).set("dsl.store", "rocksdb");
    assert_eq!(settings(&both).cache_bytes().unwrap(), 6);
    assert!(!settings(&both).is_dsl_store_in_memory().unwrap());
}

#[test]
fn what_does_not_go_together_is_refused() {
    assert_eq!(
        refused(&config().set("topology.optimization", "all,merge.repartition.topics")).kind(),
        crate::ErrorKind::Invalid
    );
    assert_eq!(refused(&config().set("group.protocol", "consumer")).fact("allowed"), Some("classic"));
    settings(&config().set("group.protocol", "CLASSIC"));
}

#[test]
fn librdkafka_takes_the_settings_of_every_client() {
    let config =
        config().set("processing.guarantee", "exactly_once_v2").set("buffer.memory", 1 << 25).set("acks", "all");
    let settings = settings(&config);
    let clients = [
        settings.main_consumer(),
        settings.restore_consumer(),
        settings.global_consumer(),
        settings.producer(),
        settings.admin(),
    ];
    for client in clients {
        let client = client.unwrap();
        let mut conf = rdkafka::ClientConfig::new();
        client.pairs().for_each(|(name, value)| {
            conf.set(name, value);
        });
        conf.create_native_config().unwrap();
    }
}

#[test]
fn handlers_are_named_by_us_or_by_java_and_nothing_else() {
    use crate::handler::Handlers;
    for name in ["fail", "continue", "org.apache.kafka.streams.errors.LogAndContinueExceptionHandler"] {
        Handlers::from_config(&config().set("deserialization.exception.handler", name)).unwrap();
    }
    let unknown = config().set("processing.exception.handler", "org.example.Mine");
    let error = Handlers::from_config(&unknown).unwrap_err();
    assert_eq!(error.fact("setting"), Some("processing.exception.handler"));
}
