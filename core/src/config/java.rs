//! Where Java's clients and librdkafka say the same thing differently, and what Java says that has no meaning here.

use std::borrow::Cow;

use crate::config::key::{Allowed, Importance, Key, Kind, Scope};

/// Java's names for settings that librdkafka spells otherwise: name, librdkafka's name, who takes it, allowed values.
const SPELLED_OTHERWISE: [(&str, &str, Scope, Kind, i64, i64); 10] = [
    ("fetch.max.wait.ms", "fetch.wait.max.ms", Scope::Consumer, Kind::Milliseconds, 0, 300_000),
    ("buffer.memory", "queue.buffering.max.kbytes", Scope::Producer, Kind::Integer, 1024, 2_147_483_647 * 1024),
    ("max.request.size", "message.max.bytes", Scope::Producer, Kind::Integer, 1000, 1_000_000_000),
    ("receive.buffer.bytes", "socket.receive.buffer.bytes", Scope::Client, Kind::Integer, -1, 100_000_000),
    ("send.buffer.bytes", "socket.send.buffer.bytes", Scope::Client, Kind::Integer, -1, 100_000_000),
    ("request.timeout.ms", "socket.timeout.ms", Scope::Client, Kind::Milliseconds, 10, 300_000),
    ("compression.zstd.level", "compression.level", Scope::Producer, Kind::Integer, -1, 12),
    ("compression.gzip.level", "compression.level", Scope::Producer, Kind::Integer, -1, 9),
    ("compression.lz4.level", "compression.level", Scope::Producer, Kind::Integer, 1, 12),
    (
        "socket.connection.setup.timeout.max.ms",
        "socket.connection.setup.timeout.ms",
        Scope::Client,
        Kind::Milliseconds,
        1000,
        2_147_483_647,
    ),
];

/// Java's names for what librdkafka takes as text of the same meaning.
const TEXTS: [(&str, &str); 3] = [
    ("ssl.truststore.certificates", "ssl.ca.pem"),
    ("ssl.keystore.certificate.chain", "ssl.certificate.pem"),
    ("ssl.keystore.key", "ssl.key.pem"),
];

/// Settings that only a JVM can obey, by their beginning, and what to do instead.
pub(crate) const JVM_ONLY: [(&str, &str); 37] = [
    ("sasl.jaas.config", "use `sasl.username` and `sasl.password`"),
    ("sasl.client.callback.handler.class", "use `sasl.oauthbearer.method=oidc`"),
    ("sasl.login.", "use `sasl.oauthbearer.method=oidc`"),
    ("sasl.oauthbearer.jwks.", "the broker checks tokens, a client does not"),
    ("sasl.kerberos.ticket.", "use `sasl.kerberos.kinit.cmd` and `sasl.kerberos.min.time.before.relogin`"),
    ("ssl.truststore.", "use `ssl.ca.location` or `ssl.ca.pem` with certificates in PEM format"),
    ("ssl.keystore.type", "`ssl.keystore.location` takes PKCS#12; use `ssl.key.location` for PEM"),
    ("ssl.protocol", "OpenSSL negotiates the protocol"),
    ("ssl.enabled.protocols", "OpenSSL negotiates the protocol"),
    ("ssl.provider", "use `ssl.providers`"),
    ("ssl.keymanager.algorithm", "OpenSSL needs no such choice"),
    ("ssl.trustmanager.algorithm", "OpenSSL needs no such choice"),
    ("ssl.secure.random.implementation", "OpenSSL needs no such choice"),
    ("ssl.engine.factory.class", "use `ssl.engine.location`"),
    ("security.providers", "OpenSSL needs no such choice"),
    ("key.serializer", "give a serde where the topic is named"),
    ("value.serializer", "give a serde where the topic is named"),
    ("key.deserializer", "give a serde where the topic is named"),
    ("value.deserializer", "give a serde where the topic is named"),
    ("windowed.inner.class.serde", "give a serde where the topic is named"),
    ("window.size.ms", "give the window where the topic is named"),
    ("interceptor.classes", "wrap the client in the program"),
    ("partitioner.class", "use `partitioner`, or give partitions with the records"),
    ("partitioner.", "use `partitioner` and `sticky.partitioning.linger.ms`"),
    ("metric.reporters", "read the metrics from the program"),
    ("metrics.", "read the metrics from the program"),
    ("auto.include.jmx.reporter", "there is no JMX outside the JVM"),
    ("config.providers", "read the values in the program"),
    ("default.client.supplier", "clients are part of the library"),
    ("rocksdb.config.setter", "store options are part of the library"),
    ("task.assignor.class", "the assignor is part of the library"),
    ("dsl.store.suppliers.class", "use `dsl.store`"),
    ("processor.wrapper.class", "wrap the processor where it is added"),
    ("upgrade.from", "there is no older version to upgrade from"),
    ("built.in.metrics.version", "there is one version of the metrics"),
    ("exclude.internal.topics", "use `topic.blacklist`"),
    ("enable.metrics.push.streams", "use `enable.metrics.push`"),
];

/// Keys for Java's names, which stand for librdkafka's.
pub(super) fn keys() -> Vec<Key> {
    let numbers = SPELLED_OTHERWISE.map(|(name, target, scope, kind, low, high)| Key {
        allowed: Allowed::Range(low, high),
        ..alias(name, target, scope, kind)
    });
    let texts = TEXTS.map(|(name, target)| alias(name, target, Scope::Client, Kind::Text));
    numbers.into_iter().chain(texts).collect()
}

fn alias(name: &'static str, target: &'static str, scope: Scope, kind: Kind) -> Key {
    Key {
        scope,
        alias_of: Some(Cow::Borrowed(target)),
        importance: Importance::Medium,
        ..Key::new(name, kind, "Java's name.")
    }
}

/// What to do instead of a setting that only a JVM can obey.
pub(super) fn hint(name: &str) -> Option<&'static str> {
    JVM_ONLY.iter().find(|(start, _)| name.starts_with(start)).map(|(_, hint)| *hint)
}

/// A checked value of Java's in librdkafka's units and words, before it is passed on under librdkafka's name.
pub(super) fn passed_on(name: &str, value: &str) -> String {
    match (name, value.parse::<i64>()) {
        ("buffer.memory", Ok(bytes)) => (bytes / 1024).to_string(),
        // "Leave it to the system" is -1 in Java and 0 in librdkafka.
        ("receive.buffer.bytes" | "send.buffer.bytes", Ok(-1)) => "0".to_owned(),
        _ => value.to_owned(),
    }
}

/// A value in Java's words in librdkafka's.
pub(super) fn words<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    let value = value.trim();
    match (name, value) {
        ("acks" | "request.required.acks", "all") => "-1".into(),
        ("auto.offset.reset", "none") => "error".into(),
        ("ssl.endpoint.identification.algorithm", "") => "none".into(),
        ("partition.assignment.strategy", value) if value.contains("Assignor") => {
            value.split(',').map(assignor).collect::<Vec<_>>().join(",").into()
        }
        _ => value.into(),
    }
}

fn assignor(class: &str) -> &str {
    match class.trim().rsplit('.').next().unwrap_or(class) {
        "RangeAssignor" => "range",
        "RoundRobinAssignor" => "roundrobin",
        // librdkafka's only sticky assignor is the cooperative one.
        "CooperativeStickyAssignor" | "StickyAssignor" => "cooperative-sticky",
        other => other,
    }
}
