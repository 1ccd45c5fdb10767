//! A topology on brokers inside this process.

use std::time::Duration;

use kstreams::testing::EmbeddedCluster;
use kstreams::{Config, Consumed, Grouped, KafkaStreams, Produced, State, StreamsBuilder, serde};

#[test]
fn an_application_runs_on_an_embedded_cluster() {
    let cluster = EmbeddedCluster::start(1).unwrap();
    cluster.create_topic("in", 2).unwrap();
    let builder = StreamsBuilder::new();
    builder
        .stream::<Option<String>, String>("in", Consumed::with(serde::utf8(), serde::utf8()))
        .group_by(|_, word| word.to_owned(), Grouped::with(serde::utf8(), serde::utf8()))
        .count(None)
        .to_stream()
        .to("out", Produced::with(serde::utf8(), serde::long()));
    let topology = builder.build().unwrap();
    cluster.prepare(&topology, "embedded").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let config = Config::new()
        .set("application.id", "embedded")
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .set("state.dir", directory.path().display());
    let streams = KafkaStreams::new(&topology, &config).unwrap();
    streams.start().unwrap();
    streams.wait_for(State::Running, Duration::from_secs(60)).unwrap();
    let tasks: Vec<String> = streams.local_tasks().iter().map(|task| task.id.to_string()).collect();
    assert_eq!(tasks, ["0_0", "0_1", "1_0", "1_1"]);
    streams.close(Duration::from_secs(30)).unwrap();
    assert_eq!(streams.state(), State::NotRunning);
}
