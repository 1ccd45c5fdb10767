//! Topologies written with the DSL: their plans and descriptions. The expected texts were recorded from Kafka Streams.

use std::collections::BTreeMap;

use super::Topology;
use super::plan::{NodeKind, StoreBottom};
use super::repartition::partition_counts;
use crate::{
    Config, Consumed, Error, Grouped, KGroupedStream, KStream, Materialized, OffsetReset, Repartitioned,
    StreamsBuilder, serde,
};

fn text_stream(builder: &StreamsBuilder, topic: &str) -> KStream<String, String> {
    builder.stream(topic, Consumed::with(serde::utf8(), serde::utf8()))
}

fn by_text() -> Grouped {
    Grouped::with(serde::utf8(), serde::utf8())
}

fn optimized(builder: &StreamsBuilder) -> Result<Topology, Error> {
    builder.build_with(&Config::new().set("topology.optimization", "all"))
}

fn counts(topology: &Topology, known: &[(&str, i32)]) -> Result<BTreeMap<String, i32>, Error> {
    let known: BTreeMap<&str, i32> = known.iter().copied().collect();
    partition_counts(topology.plan(), &|topic| known.get(topic).copied())
}

fn two_aggregations(builder: &StreamsBuilder) {
    let rekeyed = text_stream(builder, "in").select_key(|_, value| value.to_owned());
    rekeyed.group_by_key(by_text()).count(None).to_stream().to("out", None);
    let reduced = rekeyed.group_by_key(by_text()).reduce(|a, b| format!("{a}{b}"), None);
    reduced.to_stream().to("out2", None);
}

#[test]
fn a_count_after_a_new_key_goes_through_a_repartition_topic() {
    let builder = StreamsBuilder::new();
    let words = text_stream(&builder, "in").group_by(|_, value| value.to_owned(), by_text().named("by"));
    words.count(Materialized::new().named("c")).to_stream().to("out", None);
    let expected = "\
Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [in])
      --> by
    Processor: by (stores: [])
      --> by-repartition-filter
      <-- KSTREAM-SOURCE-0000000000
    Processor: by-repartition-filter (stores: [])
      --> by-repartition-sink
      <-- by
    Sink: by-repartition-sink (topic: by-repartition)
      <-- by-repartition-filter

  Sub-topology: 1
    Source: by-repartition-source (topics: [by-repartition])
      --> KSTREAM-AGGREGATE-0000000002
    Processor: KSTREAM-AGGREGATE-0000000002 (stores: [c])
      --> KTABLE-TOSTREAM-0000000006
      <-- by-repartition-source
    Processor: KTABLE-TOSTREAM-0000000006 (stores: [])
      --> KSTREAM-SINK-0000000007
      <-- KSTREAM-AGGREGATE-0000000002
    Sink: KSTREAM-SINK-0000000007 (topic: out)
      <-- KTABLE-TOSTREAM-0000000006

";
    let topology = builder.build().unwrap();
    assert_eq!(topology.describe(), expected);
    assert_eq!((topology.source_topics(), topology.sink_topics()), (vec!["in".to_owned()], vec!["out".to_owned()]));
    assert_eq!(topology.store_names(), ["c"]);
}

#[test]
fn merging_repartitions_leaves_one_topic() {
    let builder = StreamsBuilder::new();
    two_aggregations(&builder);
    let topics = |topology: Topology| topology.plan().repartitions.keys().cloned().collect::<Vec<_>>();
    let first = "KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition";
    assert_eq!(topics(builder.build().unwrap()), [first, "KSTREAM-REDUCE-STATE-STORE-0000000009-repartition"]);
    let merged = optimized(&builder).unwrap();
    let reader = "    Source: KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition-source \
                  (topics: [KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition])\n      \
                  --> KSTREAM-AGGREGATE-0000000003, KSTREAM-REDUCE-0000000010\n";
    assert!(merged.describe().contains(reader), "{}", merged.describe());
    assert_eq!(topics(merged), [first]);
}

#[test]
fn repartitions_below_one_child_cannot_be_merged() {
    let builder = StreamsBuilder::new();
    let filtered = text_stream(&builder, "in").select_key(|_, value| value.to_owned()).filter(|_, _| true);
    filtered.group_by_key(by_text()).count(None);
    filtered.group_by_key(by_text()).count(None);
    assert!(builder.build().is_ok());
    let error = optimized(&builder).unwrap_err();
    assert_eq!(error.fact("name"), Some("KSTREAM-KEY-SELECT-0000000001"));
}

#[test]
fn a_grouping_without_options_inherits_serdes_and_one_with_options_does_not() {
    let store_serdes = |group: fn(&KStream<String, String>) -> KGroupedStream<String, String>| {
        let builder = StreamsBuilder::new();
        group(&text_stream(&builder, "in")).reduce(|a, _| a.to_owned(), None);
        let topology = builder.build().unwrap();
        let store = topology.plan().stores[0].clone();
        (store.key.map(|serde| serde.name().to_owned()), store.value.map(|serde| serde.name().to_owned()))
    };
    let text = || Some("string".to_owned());
    assert_eq!(store_serdes(|stream| stream.group_by_key(None)), (text(), text()));
    assert_eq!(store_serdes(|stream| stream.group_by_key(Grouped::new())), (None, None));
    assert_eq!(store_serdes(|stream| stream.group_by(|key, _| key.to_owned(), None)), (None, text()));
}

#[test]
fn stores_are_where_they_say_or_where_the_configuration_says() {
    let builder = StreamsBuilder::new();
    let grouped = text_stream(&builder, "in").group_by_key(None);
    grouped.count(Materialized::new().named("somewhere"));
    grouped.count(Materialized::new().named("on-disk").on_disk().caching_disabled().logging_disabled());
    let topology = builder.build_with(&Config::new().set("default.dsl.store", "in_memory")).unwrap();
    let [somewhere, on_disk] = topology.plan().stores.as_slice() else { panic!("two stores") };
    assert_eq!((somewhere.bottom, on_disk.bottom), (StoreBottom::Memory, StoreBottom::Rocks));
    assert_eq!((somewhere.caching, somewhere.logging.is_some()), (true, true));
    assert_eq!((on_disk.caching, on_disk.logging.is_some()), (false, false));
    assert!(builder.build_with(&Config::new().set("default.dsl.store", "tape")).is_err());
}

#[test]
fn streams_of_the_same_topics_share_a_source() {
    let builder = StreamsBuilder::new();
    for (topics, sink) in [(["a", "b"], "x"), (["b", "a"], "y")] {
        builder.stream::<String, String>(topics, None).to(sink, None);
    }
    let topology = builder.build().unwrap();
    let sources = topology.plan().nodes.iter().filter(|node| matches!(node.kind, NodeKind::Source { .. }));
    assert_eq!(sources.count(), 1);
    assert_eq!(topology.plan().nodes[0].children, [1, 2]);
}

#[test]
fn sources_that_overlap_or_disagree_are_refused() {
    let overlapping = StreamsBuilder::new();
    overlapping.stream::<String, String>(["a", "b"], None);
    overlapping.stream::<String, String>("b", None);
    assert_eq!(overlapping.build().unwrap_err().fact("topics"), Some("a,b"));
    let disagreeing = StreamsBuilder::new();
    disagreeing.stream::<String, String>("a", Consumed::new().offset_reset(OffsetReset::Earliest));
    disagreeing.stream::<String, String>("a", None);
    assert_eq!(disagreeing.build().unwrap_err().fact("other"), Some("KSTREAM-SOURCE-0000000001"));
}

#[test]
fn names_that_occur_twice_or_cannot_be_are_refused() {
    let build = |make: fn(&KStream<String, String>)| {
        let builder = StreamsBuilder::new();
        make(&text_stream(&builder, "in"));
        builder.build().unwrap_err().fact("name").map(str::to_owned)
    };
    let twice = build(|stream| {
        stream.named("same").filter(|_, _| true);
        stream.named("same").filter(|_, _| true);
    });
    assert_eq!(twice.as_deref(), Some("same"));
    let first_mistake = build(|stream| {
        stream.named("no spaces").peek(|_, _| ()).named("§").to("out", None);
    });
    assert_eq!(first_mistake.as_deref(), Some("no spaces"));
    assert_eq!(build(|stream| drop(stream.named("lost").group_by_key(None))).as_deref(), Some("lost"));
}

#[test]
fn a_store_name_that_occurs_twice_is_refused() {
    let builder = StreamsBuilder::new();
    let grouped = text_stream(&builder, "in").group_by_key(None);
    grouped.count(Materialized::new().named("s"));
    grouped.count(Materialized::new().named("s"));
    assert_eq!(builder.build().unwrap_err().fact("store"), Some("s"));
}

#[test]
fn aggregations_of_a_named_grouping_share_its_repartition() {
    let builder = StreamsBuilder::new();
    let grouped = text_stream(&builder, "in").group_by(|_, value| value.to_owned(), by_text().named("by"));
    grouped.count(None);
    grouped.reduce(|a, _| a.to_owned(), None);
    let topology = builder.build().unwrap();
    assert_eq!(topology.plan().repartitions.len(), 1);
    let reader = topology.plan().nodes.iter().find(|node| node.name == "by-repartition-source").unwrap();
    assert_eq!(reader.children.len(), 2);
}

#[test]
fn building_twice_gives_the_same() {
    let builder = StreamsBuilder::new();
    two_aggregations(&builder);
    assert_eq!(optimized(&builder).unwrap().describe(), optimized(&builder).unwrap().describe());
}

#[test]
fn repartition_topics_follow_what_is_read_where_they_are_written() {
    let builder = StreamsBuilder::new();
    let merged = text_stream(&builder, "a").merge(&text_stream(&builder, "b"));
    merged.repartition(Repartitioned::new().named("first")).repartition(Repartitioned::new().named("second"));
    merged.repartition(Repartitioned::new().named("fixed").partitions(7));
    let counted = counts(&builder.build().unwrap(), &[("a", 2), ("b", 3)]).unwrap();
    let expected = [("first-repartition", 3), ("fixed-repartition", 7), ("second-repartition", 3)];
    assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[test]
fn a_missing_source_topic_is_named() {
    let builder = StreamsBuilder::new();
    text_stream(&builder, "absent").repartition(Repartitioned::new().named("r"));
    let error = counts(&builder.build().unwrap(), &[]).unwrap_err();
    assert_eq!(error.fact("topic"), Some("absent"));
}

#[test]
fn members_of_a_copartition_group_get_equally_many_partitions() {
    let builder = StreamsBuilder::new();
    text_stream(&builder, "a").repartition(Repartitioned::new().named("r"));
    let mut plan = (**builder.build().unwrap().plan()).clone();
    plan.copartitioned = vec![vec!["b".to_owned(), "r-repartition".to_owned()]];
    let aligned = counts(&Topology::new(plan.clone()), &[("a", 2), ("b", 5)]).unwrap();
    assert_eq!(aligned["r-repartition"], 5);
    plan.repartitions.get_mut("r-repartition").unwrap().partitions = Some(4);
    let error = counts(&Topology::new(plan), &[("a", 2), ("b", 5)]).unwrap_err();
    assert_eq!((error.fact("partitions"), error.fact("other_partitions")), (Some("5"), Some("4")));
}

#[test]
fn generated_names_can_be_forbidden() {
    let builder = StreamsBuilder::new();
    text_stream(&builder, "in").group_by_key(None).count(None);
    let strict = Config::new().set("ensure.explicit.internal.resource.naming", "true");
    let error = builder.build_with(&strict).unwrap_err();
    assert_eq!(error.fact("unnamed"), Some("KSTREAM-AGGREGATE-STATE-STORE-0000000001"));
    let named = StreamsBuilder::new();
    text_stream(&named, "in").group_by_key(None).count(Materialized::new().named("c"));
    assert!(named.build_with(&strict).is_ok());
}
