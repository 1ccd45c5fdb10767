//! The benchmarks' workloads as topologies, made with the public builder alone (benchmarks/README.md says what each does).

use kstreams::{Consumed, Grouped, Materialized, Produced, Result, StreamsBuilder, Topology, serde};

/// The topology of a workload by its name; `-nocache` is the caller's setting.
///
/// # Errors
/// What the builder says.
///
/// # Panics
/// For an unknown workload.
pub fn topology(workload: &str, output: &str) -> Result<Topology> {
    match workload.trim_end_matches("-nocache") {
        "stateless" => stateless(output),
        "count" => count(output),
        "wordcount" => word_count(output, Materialized::new()),
        unknown => panic!("no such workload: {unknown}"),
    }
}

fn stateless(output: &str) -> Result<Topology> {
    let builder = StreamsBuilder::new();
    builder
        .stream::<i64, String>("events", Consumed::with(serde::long(), serde::utf8()))
        .filter(|_, value| !value.contains(r#""type":"view""#))
        .map_values(|_, value| value.replace("Mozilla/5.0", "M5"))
        .to(output, Produced::with(serde::long(), serde::utf8()));
    builder.build()
}

fn count(output: &str) -> Result<Topology> {
    let builder = StreamsBuilder::new();
    builder
        .stream::<i64, String>("events", Consumed::with(serde::long(), serde::utf8()))
        .group_by_key(None)
        .count(Materialized::new().named("counts"))
        .to_stream()
        .to(output, Produced::with(serde::long(), serde::long()));
    builder.build()
}

/// Word count with a store of the given kind.
///
/// # Errors
/// What the builder says.
pub fn word_count(output: &str, store: Materialized) -> Result<Topology> {
    let builder = StreamsBuilder::new();
    builder
        .stream::<(), String>("words", Consumed::with(serde::bytes(), serde::utf8()))
        .flat_map_values(|_, line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .group_by(|_, word| word.to_owned(), Grouped::with(serde::utf8(), serde::utf8()).named("words"))
        .count(store.named("counts"))
        .to_stream()
        .to(output, Produced::with(serde::utf8(), serde::long()));
    builder.build()
}
