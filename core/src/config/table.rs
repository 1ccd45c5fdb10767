//! All tables together: from a name, with or without a prefix, to its key.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::config::key::{Key, Kind, Scope};
use crate::config::{consumer, java, librdkafka, producer, streams};
use crate::error::{Error, Result};

/// The prefixes of Java's streams settings that lead to one kind of client.
pub(crate) const CLIENT_PREFIXES: [(&str, Option<Scope>); 6] = [
    ("main.consumer.", Some(Scope::Consumer)),
    ("restore.consumer.", Some(Scope::Consumer)),
    ("global.consumer.", Some(Scope::Consumer)),
    ("consumer.", Some(Scope::Consumer)),
    ("producer.", Some(Scope::Producer)),
    ("admin.", None),
];

/// Settings of internal topics: the rest of the name is the broker's, which checks it.
pub(crate) const TOPIC_PREFIX: &str = "topic.";

/// Tags of this instance: the rest of the name is the program's.
pub(crate) const CLIENT_TAG_PREFIX: &str = "client.tag.";

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meaning {
    /// A key of the tables, after the prefix if there is one.
    Known(&'static Key),
    /// A name of which only the prefix is known.
    Free,
}

/// Every key: the engine's, the clients' own, librdkafka's, and Java's names for librdkafka's.
pub(crate) fn all() -> &'static [Key] {
    static ALL: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let own = [streams::keys(), producer::keys(), consumer::keys(), consumer::shared::keys()].into_iter().flatten();
        let mut keys: Vec<Key> = own.chain(java::keys()).collect();
        for theirs in librdkafka::keys() {
            match keys.iter_mut().find(|ours| ours.name == theirs.name) {
                // Where a name is in two tables, ours says what it means.
                Some(ours) => ours.alias_of = ours.alias_of.take().or(theirs.alias_of),
                None => keys.push(theirs),
            }
        }
        keys
    });
    &ALL
}

/// The key of that very name.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    static BY_NAME: LazyLock<HashMap<&str, &Key>> =
        LazyLock::new(|| all().iter().map(|key| (key.name.as_ref(), key)).collect());
    BY_NAME.get(name).copied()
}

/// What the name of a setting means, with or without a prefix.
///
/// # Errors
/// *Invalid* with the setting's name, and the nearest known one or what to use instead.
pub(crate) fn resolve(name: &str) -> Result<Meaning> {
    if let Some(key) = find(name) {
        return usable(name, key).map(Meaning::Known);
    }
    if has_more(name, TOPIC_PREFIX) || has_more(name, CLIENT_TAG_PREFIX) {
        return Ok(Meaning::Free);
    }
    let (prefix, rest) = split_prefix(name);
    if !prefix.is_empty()
        && let Some(key) = find(rest).filter(|key| key.scope != Scope::Streams || is_shared(key))
    {
        return usable(name, key).map(Meaning::Known);
    }
    Err(unknown(name, prefix, rest))
}

/// A client's prefix and the name after it; without a prefix, an empty one.
pub(crate) fn split_prefix(name: &str) -> (&str, &str) {
    let prefix = CLIENT_PREFIXES.iter().find(|(prefix, _)| name.starts_with(prefix));
    prefix.map_or(("", name), |(prefix, _)| name.split_at(prefix.len()))
}

/// Whether the engine and the clients both take a setting.
pub(crate) fn is_shared(key: &Key) -> bool {
    key.name == streams::BOOTSTRAP_SERVERS
}

fn has_more(name: &str, prefix: &str) -> bool {
    name.len() > prefix.len() && name.starts_with(prefix)
}

fn usable(name: &str, key: &'static Key) -> Result<&'static Key> {
    if key.kind == Kind::Code {
        return Err(Error::invalid("setting cannot be given as text").with("setting", name));
    }
    if librdkafka::RESERVED.contains(&key.name.as_ref()) {
        return Err(Error::invalid("setting belongs to the library itself").with("setting", name));
    }
    Ok(key)
}

fn unknown(name: &str, prefix: &str, rest: &str) -> Error {
    if let Some(hint) = java::hint(rest) {
        return Error::invalid("setting has a meaning in Java only").with("setting", name).with("hint", hint);
    }
    let error = Error::invalid("unknown setting").with("setting", name);
    match nearest(rest) {
        Some(known) => error.with("nearest", format_args!("{prefix}{known}")),
        None => error,
    }
}

fn nearest(name: &str) -> Option<&'static str> {
    let usable = all().iter().filter(|key| key.kind != Kind::Code);
    usable.map(|key| key.name.as_ref()).min_by_key(|known| distance(name, known))
}

/// How many letters to insert, delete, change or swap with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i; to.len() + 1];
        for j in 1..=to.len() {
            let change = last[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::key::is_secret;

    fn refused(name: &str) -> Error {
        resolve(name).expect_err(name)
    }

    #[test]
    fn every_key_is_found_with_and_without_a_clients_prefix() {
        for key in all().iter().filter(|key| usable(&key.name, key).is_ok()) {
            assert!(matches!(resolve(&key.name), Ok(Meaning::Known(found)) if found.name == key.name));
            let with_prefix = resolve(&format!("main.consumer.{}", key.name));
            assert_eq!(with_prefix.is_ok(), key.scope != Scope::Streams || is_shared(key), "{}", key.name);
        }
    }

    #[test]
    fn every_name_is_in_the_table_once_and_every_default_is_allowed() {
        let mut names: Vec<&str> = all().iter().map(|key| key.name.as_ref()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        for key in all().iter().filter(|key| key.scope == Scope::Streams) {
            assert!(key.default.as_deref().is_none_or(|default| key.check(default).is_ok()), "{}", key.name);
            assert!(!is_secret(&key.name));
        }
        for key in all() {
            assert!(key.alias_of.as_deref().is_none_or(|target| find(target).is_some()), "{}", key.name);
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_one() {
        assert_eq!(refused("num.stream.thread").fact("nearest"), Some("num.stream.threads"));
        assert_eq!(refused("linegr.ms").fact("nearest"), Some("linger.ms"));
        let error = refused("producer.lingr.ms");
        assert_eq!(error.to_string(), "unknown setting setting=`producer.lingr.ms` nearest=`producer.linger.ms`");
        assert_eq!(error.kind(), crate::error::ErrorKind::Invalid);
    }

    #[test]
    fn what_only_java_has_gets_a_hint() {
        assert!(refused("sasl.jaas.config").fact("hint").unwrap().contains("sasl.username"));
        assert!(refused("consumer.ssl.truststore.location").fact("hint").unwrap().contains("ssl.ca.location"));
        assert!(refused("key.serializer").fact("hint").unwrap().contains("serde"));
    }

    #[test]
    fn the_rest_of_a_topic_or_tag_name_is_free_but_not_empty() {
        assert!(matches!(resolve("topic.segment.bytes"), Ok(Meaning::Free)));
        assert!(matches!(resolve("client.tag.zone"), Ok(Meaning::Free)));
        assert!(matches!(resolve("topic.metadata.refresh.sparse"), Ok(Meaning::Known(_))));
        assert!(resolve("topic.").is_err() && resolve("client.tag.").is_err());
    }

    #[test]
    fn callbacks_and_reserved_settings_are_refused() {
        assert_eq!(refused("rebalance_cb").message(), "setting cannot be given as text");
        assert_eq!(refused("producer.delivery.report.only.error").message(), "setting belongs to the library itself");
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("same", "same"), 0);
    }
}
