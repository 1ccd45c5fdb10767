use std::cell::RefCell;

use super::*;
use crate::{Consumed, Grouped, Produced, StreamsBuilder, serde};

/// Brokers that know what they were told.
#[derive(Default)]
struct Brokers {
    topics: RefCell<PartitionCounts>,
    created: RefCell<Vec<WantedTopic>>,
    /// Another instance creates this one a moment earlier.
    race: Option<(String, i32)>,
}

impl Brokers {
    fn with(topics: &[(&str, i32)]) -> Self {
        let topics = topics.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Self { topics: RefCell::new(topics), ..Self::default() }
    }
}

impl Cluster for Brokers {
    fn partitions(&self, topics: &[String]) -> Result<PartitionCounts> {
        let known = self.topics.borrow();
        Ok(topics.iter().filter_map(|topic| Some((topic.clone(), *known.get(topic)?))).collect())
    }

    fn create(&self, topic: &WantedTopic) -> Result<()> {
        if let Some((name, count)) = self.race.as_ref().filter(|(name, _)| *name == topic.name) {
            self.topics.borrow_mut().insert(name.clone(), *count);
            return Err(Error::invalid("topic exists").with_code(TOPIC_ALREADY_EXISTS));
        }
        self.topics.borrow_mut().insert(topic.name.clone(), topic.partitions);
        self.created.borrow_mut().push(topic.clone());
        Ok(())
    }
}

const STORE: &str = "KSTREAM-AGGREGATE-STATE-STORE-0000000002";

fn count_topology() -> Topology {
    let builder = StreamsBuilder::new();
    builder
        .stream::<String, String>("in", Consumed::with(serde::utf8(), serde::utf8()))
        .group_by(|_, value| value.to_owned(), Grouped::with(serde::utf8(), serde::utf8()))
        .count(None)
        .to_stream()
        .to("out", Produced::with(serde::utf8(), serde::long()));
    builder.build().unwrap()
}

fn names(defaults: &BTreeMap<String, String>) -> TopicNames<'_> {
    TopicNames { application_id: "app", defaults }
}

#[test]
fn only_missing_topics_are_created_with_the_partitions_of_their_source() {
    let defaults = BTreeMap::new();
    let repartition = format!("app-{STORE}-repartition");
    let brokers = Brokers::with(&[("in", 3), (&repartition, 3)]);
    let counts = prepare(&brokers, &count_topology(), &names(&defaults)).unwrap();
    let created = brokers.created.borrow();
    assert_eq!(created.len(), 1);
    assert_eq!((created[0].name.as_str(), created[0].partitions), (&*format!("app-{STORE}-changelog"), 3));
    assert_eq!(created[0].config["cleanup.policy"], "compact");
    assert_eq!((counts["in"], counts[&repartition]), (3, 3));
}

#[test]
fn a_missing_source_topic_is_named() {
    let error = prepare(&Brokers::default(), &count_topology(), &names(&BTreeMap::new())).unwrap_err();
    assert_eq!((error.kind(), error.fact("topic")), (ErrorKind::Invalid, Some("in")));
}

#[test]
fn another_instance_may_be_quicker() {
    let race = Some((format!("app-{STORE}-repartition"), 2));
    let brokers = Brokers { race, ..Brokers::with(&[("in", 2)]) };
    let counts = prepare(&brokers, &count_topology(), &names(&BTreeMap::new())).unwrap();
    assert_eq!(counts[&format!("app-{STORE}-repartition")], 2);
}

#[test]
fn a_wrong_number_of_partitions_is_refused_by_name() {
    let changelog = format!("app-{STORE}-changelog");
    let brokers = Brokers::with(&[("in", 2), (&changelog, 1)]);
    let error = prepare(&brokers, &count_topology(), &names(&BTreeMap::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        (error.fact("topic"), error.fact("expected"), error.fact("got")),
        (Some(&*changelog), Some("2"), Some("1"))
    );
}
