//! The settings of librdkafka, read from the list that the linked library prints of itself.

use std::borrow::Cow;

use crate::config::key::{Allowed, Importance, Key, Kind, Scope};
use crate::native::properties;

/// Settings that would break a promise of the library if a program changed them.
pub(crate) const RESERVED: [&str; 4] =
    ["builtin.features", "enabled_events", "log.queue", "delivery.report.only.error"];

/// All settings that the linked librdkafka lists, each name once.
pub(super) fn keys() -> Vec<Key> {
    parse(&properties::properties())
}

fn parse(table: &str) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::with_capacity(200);
    for key in table.lines().filter_map(row) {
        // Some topic settings repeat a global name; the global one is what a client takes.
        if keys.iter().all(|known| known.name != key.name) {
            keys.push(key);
        }
    }
    keys
}

/// A row: `name | C/P | range | default | importance | text <br>*Type: type*`. Defaults may contain a bar.
fn row(line: &str) -> Option<Key> {
    let (front, type_name) = line.trim_end().strip_suffix('*')?.rsplit_once("<br>*Type: ")?;
    let mut columns = front.splitn(4, " | ");
    let (name, scope, range, rest) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    let (default, importance, text) = importance(rest)?;
    let (alias_of, text) = match text.strip_prefix("Alias for `").and_then(|tail| tail.split_once("`: ")) {
        Some((target, text)) => (Some(owned(target)), text),
        None => (None, text),
    };
    let name = name.trim();
    Some(Key {
        kind: kind(name, type_name),
        allowed: allowed(range.trim(), type_name),
        default: Some(default.trim()).filter(|default| !default.is_empty()).map(owned),
        scope: match scope.trim() {
            "C" => Scope::Consumer,
            "P" => Scope::Producer,
            _ => Scope::Client,
        },
        name: owned(name),
        text: owned(text.trim()),
        importance,
        alias_of,
    })
}

fn importance(rest: &str) -> Option<(&str, Importance, &str)> {
    [Importance::High, Importance::Medium, Importance::Low].into_iter().find_map(|importance| {
        let column = format!(" | {:<10} | ", importance.name());
        rest.split_once(&column).map(|(default, text)| (default, importance, text))
    })
}

fn kind(name: &str, type_name: &str) -> Kind {
    match type_name {
        "boolean" => Kind::Boolean,
        "integer" if name.ends_with(".ms") => Kind::Milliseconds,
        "integer" => Kind::Integer,
        "float" => Kind::Number,
        "CSV flags" | "pattern list" => Kind::List,
        "see dedicated API" => Kind::Code,
        _ => Kind::Text,
    }
}

fn allowed(range: &str, type_name: &str) -> Allowed {
    if let Some((low, high)) = range.split_once(" .. ") {
        let bound = |text: &str| text.parse::<f64>().ok();
        #[expect(clippy::cast_possible_truncation, reason = "all bounds are whole numbers")]
        return match (bound(low), bound(high)) {
            (Some(low), Some(high)) => Allowed::Range(low as i64, high as i64),
            _ => Allowed::Any,
        };
    }
    if range.is_empty() || type_name == "boolean" {
        return Allowed::Any;
    }
    Allowed::OneOf(range.split(", ").map(owned).collect())
}

fn owned(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        keys().into_iter().find(|key| key.name == name).unwrap_or_else(|| panic!("no {name}"))
    }

    #[test]
    fn rows_are_read_with_type_range_default_and_scope() {
        let linger = key("queue.buffering.max.ms");
        assert_eq!(linger.kind, Kind::Number);
        assert_eq!((linger.allowed, linger.scope), (Allowed::Range(0, 900_000), Scope::Producer));
        assert_eq!(linger.default.as_deref(), Some("5"));
        assert_eq!(key("linger.ms").alias_of.as_deref(), Some("queue.buffering.max.ms"));
        assert_eq!(key("session.timeout.ms").kind, Kind::Milliseconds);
        assert_eq!(key("enable.idempotence").kind, Kind::Boolean);
        assert_eq!(key("rebalance_cb").kind, Kind::Code);
        assert_eq!(
            key("isolation.level").allowed.clone(),
            Allowed::OneOf(vec!["read_uncommitted".into(), "read_committed".into()])
        );
        assert_eq!(key("bootstrap.servers").importance, Importance::High);
    }

    #[test]
    fn a_default_with_a_bar_does_not_shift_the_columns() {
        let kinit = key("sasl.kerberos.kinit.cmd");
        assert_eq!((kinit.kind, kinit.scope, kinit.importance), (Kind::Text, Scope::Client, Importance::Low));
        assert!(kinit.default.unwrap().contains(" || kinit -t "));
    }

    #[test]
    fn every_row_is_read_and_every_alias_leads_somewhere() {
        let printed = properties::properties();
        let rows: std::collections::BTreeSet<&str> =
            printed.lines().filter(|line| line.contains("*Type: ")).filter_map(|line| line.split(' ').next()).collect();
        let keys = keys();
        assert_eq!(keys.len(), rows.len());
        for key in &keys {
            let target = key.alias_of.as_ref();
            assert!(target.is_none_or(|target| keys.iter().any(|key| key.name == *target)), "{}", key.name);
        }
        for reserved in RESERVED {
            assert!(rows.contains(reserved), "{reserved}");
        }
    }

    #[test]
    fn every_default_passes_its_own_check() {
        for key in keys().into_iter().filter(|key| key.kind != Kind::Code) {
            if let Some(default) = &key.default {
                assert!(key.check(default).is_ok() || *default == *"inherit", "{key:?}");
            }
        }
    }
}
