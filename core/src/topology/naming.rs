//! Names: the counter behind generated ones, and what a user's own may look like.

use crate::error::{Error, Result};

const MAX_LENGTH: usize = 249;
const REPARTITION_SUFFIX: &str = "-repartition";

/// Java's prefixes of generated names.
pub(crate) mod prefix {
    pub(crate) const SOURCE: &str = "KSTREAM-SOURCE-";
    pub(crate) const SINK: &str = "KSTREAM-SINK-";
    pub(crate) const FILTER: &str = "KSTREAM-FILTER-";
    pub(crate) const MAP: &str = "KSTREAM-MAP-";
    pub(crate) const MAP_VALUES: &str = "KSTREAM-MAPVALUES-";
    pub(crate) const FLAT_MAP: &str = "KSTREAM-FLATMAP-";
    pub(crate) const FLAT_MAP_VALUES: &str = "KSTREAM-FLATMAPVALUES-";
    pub(crate) const KEY_SELECT: &str = "KSTREAM-KEY-SELECT-";
    pub(crate) const PEEK: &str = "KSTREAM-PEEK-";
    pub(crate) const FOREACH: &str = "KSTREAM-FOREACH-";
    pub(crate) const MERGE: &str = "KSTREAM-MERGE-";
    pub(crate) const REPARTITION: &str = "KSTREAM-REPARTITION-";
    pub(crate) const AGGREGATE: &str = "KSTREAM-AGGREGATE-";
    pub(crate) const REDUCE: &str = "KSTREAM-REDUCE-";
    pub(crate) const TO_STREAM: &str = "KTABLE-TOSTREAM-";
}

/// The one counter of a builder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(u64);

impl Counter {
    fn draw(&mut self) -> u64 {
        let number = self.0;
        self.0 += 1;
        number
    }

    /// The next generated name of a node.
    pub(crate) fn node(&mut self, prefix: &str) -> String {
        format!("{prefix}{:010}", self.draw())
    }

    /// The next generated name of a store.
    pub(crate) fn store(&mut self, prefix: &str) -> String {
        format!("{prefix}STATE-STORE-{:010}", self.draw())
    }

    /// The user's name or a generated one; the number is drawn either way, so that naming a node does not rename
    /// those after it.
    pub(crate) fn node_or(&mut self, name: Option<String>, prefix: &str) -> String {
        let generated = self.node(prefix);
        name.unwrap_or(generated)
    }

    /// The names in and around a repartition topic. Three numbers are drawn always.
    pub(crate) fn repartition(&mut self, topic_prefix: &str) -> RepartitionNames {
        let [sink, filter, source] = [prefix::SINK, prefix::FILTER, prefix::SOURCE].map(|prefix| self.node(prefix));
        let topic = if topic_prefix.ends_with(REPARTITION_SUFFIX) {
            topic_prefix.to_owned()
        } else {
            format!("{topic_prefix}{REPARTITION_SUFFIX}")
        };
        if topic_prefix.starts_with("KSTREAM") && is_generated(topic_prefix) {
            return RepartitionNames { topic, filter, sink, source };
        }
        let [filter, sink, source] = ["filter", "sink", "source"].map(|part| format!("{topic}-{part}"));
        RepartitionNames { topic, filter, sink, source }
    }
}

/// The names that a repartition needs.
#[derive(Clone, Debug)]
pub(crate) struct RepartitionNames {
    /// Without the application's id.
    pub(crate) topic: String,
    pub(crate) filter: String,
    pub(crate) sink: String,
    pub(crate) source: String,
}

/// Whether a node or store got this name from the counter: `KSTREAM…-` or `KTABLE…-` and ten digits.
pub(crate) fn is_generated(name: &str) -> bool {
    let Some((head, number)) = name.rsplit_once('-') else { return false };
    (head.starts_with("KSTREAM") || head.starts_with("KTABLE"))
        && number.len() == 10
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks a user's name of a node or store. The rule is that of topic names, since some become part of them.
pub(crate) fn check(name: &str) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let complaint = if name.is_empty() {
        "name is empty"
    } else if name == "." || name == ".." {
        "name is `.` or `..`"
    } else if name.len() > MAX_LENGTH {
        "name is longer than 249 characters"
    } else if !name.bytes().all(is_plain) {
        "name has a character other than ASCII letters, digits, `.`, `_` and `-`"
    } else {
        return Ok(());
    };
    Err(Error::invalid(complaint).with("name", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_a_node_burns_its_number() {
        let mut counter = Counter::default();
        assert_eq!(counter.node_or(Some("mine".to_owned()), prefix::FILTER), "mine");
        assert_eq!(counter.node_or(None, prefix::FILTER), "KSTREAM-FILTER-0000000001");
        assert_eq!(counter.store(prefix::REDUCE), "KSTREAM-REDUCE-STATE-STORE-0000000002");
    }

    #[test]
    fn only_generated_prefixes_give_generated_repartition_nodes() {
        let mut counter = Counter::default();
        let generated = counter.repartition("KSTREAM-AGGREGATE-STATE-STORE-0000000002");
        assert_eq!(generated.topic, "KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition");
        assert_eq!(
            [generated.sink, generated.filter, generated.source],
            ["KSTREAM-SINK-0000000000", "KSTREAM-FILTER-0000000001", "KSTREAM-SOURCE-0000000002"]
        );
        let named = counter.repartition("by-user");
        assert_eq!(named.source, "by-user-repartition-source");
        assert_eq!(counter.repartition("by-user-repartition").topic, "by-user-repartition");
        assert_eq!(counter.node(prefix::SINK), "KSTREAM-SINK-0000000009");
    }

    #[test]
    fn names_follow_the_rule_of_topics() {
        for good in ["a", "A.b_c-9", &"n".repeat(249)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "no spaces", "ä", &"n".repeat(250)] {
            assert_eq!(check(bad).unwrap_err().fact("name"), Some(bad));
        }
    }
}
