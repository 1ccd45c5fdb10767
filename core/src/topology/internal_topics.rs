//! The topics that an application needs for itself, named and set up as Java's: repartition topics and changelogs.

use std::collections::BTreeMap;

use super::plan::{Plan, RepartitionSpec, StoreSpec};

/// What an internal topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InternalTopicKind {
    /// Records on their way to the task of their new key.
    Repartition,
    /// The writes of a store.
    Changelog,
}

impl InternalTopicKind {
    /// The kind's name: `repartition` or `changelog`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repartition => "repartition",
            Self::Changelog => "changelog",
        }
    }
}

/// A topic that an application makes for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalTopic {
    /// The real name, with the application's id in front.
    pub name: String,
    /// What it is for.
    pub kind: InternalTopicKind,
    /// How many partitions the topology asks for; without a wish they follow from the topics that it reads.
    pub partitions: Option<i32>,
    /// The settings that it is made with.
    pub config: BTreeMap<String, String>,
}

/// The internal topics of a plan, by name. `defaults` are the settings that the configuration gives under `topic.`:
/// they win over ours, and a store's own win over them.
pub(crate) fn internal_topics(
    plan: &Plan,
    application_id: &str,
    defaults: &BTreeMap<String, String>,
) -> Vec<InternalTopic> {
    let repartitions = plan.repartitions.iter().map(|(name, spec)| repartition(name, spec));
    let changelogs = plan.stores.iter().filter_map(changelog);
    let mut topics: Vec<InternalTopic> = repartitions
        .map(|topic| (topic, BTreeMap::new()))
        .chain(changelogs)
        .map(|(topic, own)| finish(topic, application_id, defaults, own))
        .collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    topics
}

fn repartition(name: &str, spec: &RepartitionSpec) -> InternalTopic {
    // Records are deleted once they are processed, never by age.
    let config = [("cleanup.policy", "delete"), ("retention.ms", "-1"), ("segment.bytes", "52428800")];
    topic(name.to_owned(), InternalTopicKind::Repartition, spec.partitions, &config)
}

fn changelog(store: &StoreSpec) -> Option<(InternalTopic, BTreeMap<String, String>)> {
    let own = store.logging.clone()?;
    let name = format!("{}-changelog", store.name);
    Some((topic(name, InternalTopicKind::Changelog, None, &[("cleanup.policy", "compact")]), own))
}

fn topic(name: String, kind: InternalTopicKind, partitions: Option<i32>, config: &[(&str, &str)]) -> InternalTopic {
    let common = [("message.timestamp.type", "CreateTime")];
    let config = config.iter().chain(&common).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    InternalTopic { name, kind, partitions, config }
}

fn finish(
    mut topic: InternalTopic,
    application_id: &str,
    defaults: &BTreeMap<String, String>,
    own: BTreeMap<String, String>,
) -> InternalTopic {
    topic.name = format!("{application_id}-{}", topic.name);
    topic.config.extend(defaults.clone());
    topic.config.extend(own);
    topic
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::plan::{StoreBottom, StoreKind};

    fn plan(logging: Option<BTreeMap<String, String>>) -> Plan {
        let store = StoreSpec {
            name: "s".to_owned(),
            kind: StoreKind::TimestampedKeyValue,
            bottom: StoreBottom::Memory,
            key: None,
            value: None,
            caching: false,
            logging,
            owner: 0,
            old_values: false,
        };
        let repartitions = BTreeMap::from([("r-repartition".to_owned(), RepartitionSpec { partitions: Some(4) })]);
        Plan { stores: vec![store], repartitions, ..Plan::default() }
    }

    fn setting(key: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn names_have_the_application_in_front() {
        let topics = internal_topics(&plan(Some(BTreeMap::new())), "app", &BTreeMap::new());
        let names: Vec<_> = topics.iter().map(|topic| (topic.name.as_str(), topic.kind, topic.partitions)).collect();
        assert_eq!(
            names,
            [
                ("app-r-repartition", InternalTopicKind::Repartition, Some(4)),
                ("app-s-changelog", InternalTopicKind::Changelog, None),
            ]
        );
    }

    #[test]
    fn a_stores_settings_win_over_the_configuration_and_that_over_ours() {
        let own = setting("cleanup.policy", "own");
        let mut defaults = setting("cleanup.policy", "configured");
        defaults.extend(setting("segment.bytes", "7"));
        let topics = internal_topics(&plan(Some(own)), "app", &defaults);
        assert_eq!(
            (topics[0].config["cleanup.policy"].as_str(), topics[0].config["segment.bytes"].as_str()),
            ("configured", "7")
        );
        assert_eq!(topics[1].config["cleanup.policy"], "own");
        assert_eq!(topics[1].config["message.timestamp.type"], "CreateTime");
    }

    #[test]
    fn a_store_without_logging_has_no_changelog() {
        let topics = internal_topics(&plan(None), "app", &BTreeMap::new());
        assert!(topics.iter().all(|topic| topic.kind == InternalTopicKind::Repartition));
    }
}
