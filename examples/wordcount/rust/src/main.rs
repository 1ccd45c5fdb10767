//! Kafka's own word count (`WordCountDemo`) in Rust.
//!
//! `wordcount --bootstrap-servers HOST:PORT [--input TOPIC] [--output TOPIC] [--application-id ID]` counts until Ctrl-C.
//! `wordcount --text FILE [--json FILE]` feeds a text through a broker of its own and prints what it counted.
#![expect(clippy::print_stdout, reason = "this is a program that prints")]

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use kstreams::testing::EmbeddedCluster;
use kstreams::{
    Admin, Config, Consumer, KafkaStreams, Produced, Producer, ProducerRecord, Result, State, StreamsBuilder, Topology,
    serde,
};
use regex::Regex;

const SECONDS: Duration = Duration::from_secs(1);

/// Lower case, split at everything that is not a letter, a digit or an underscore, as Java's `split("\\W+")` does.
fn words(separator: &Regex, line: &str) -> Vec<String> {
    let line = line.to_lowercase();
    let mut words: Vec<_> = separator.split(&line).map(str::to_owned).collect();
    while words.len() > usize::from(line.is_empty()) && words.last().is_some_and(String::is_empty) {
        words.pop();
    }
    words
}

fn topology(input: &str, output: &str) -> Result<Topology> {
    let separator = Regex::new("[^A-Za-z0-9_]+").expect("the expression is valid");
    let builder = StreamsBuilder::new();
    builder
        .stream::<(), String>(input, None)
        .flat_map_values(move |(), line| words(&separator, line))
        .group_by(|(), word| word.to_owned(), None)
        .count(None)
        .to_stream()
        .to(output, Produced::with(serde::utf8(), serde::long()));
    builder.build()
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options: HashMap<&str, &str> =
        arguments.chunks_exact(2).map(|pair| (pair[0].trim_start_matches("--"), pair[1].as_str())).collect();
    let option = |name: &str, default: &'static str| options.get(name).copied().unwrap_or(default);
    let (input, output) = (option("input", "streams-plaintext-input"), option("output", "streams-wordcount-output"));
    let topology = topology(input, output)?;
    println!("{}", topology.describe());

    let application = option("application-id", "streams-wordcount");
    let config = Config::new()
        .set("application.id", application)
        .set("default.key.serde", "string")
        .set("default.value.serde", "string")
        .set("statestore.cache.max.bytes", 0)
        .set("auto.offset.reset", "earliest");
    match options.get("bootstrap-servers") {
        Some(servers) => run_until_stopped(&topology, config.set("bootstrap.servers", servers)),
        None => demonstrate(
            &topology,
            config,
            application,
            option("text", "examples/data/opticks.txt"),
            options.get("json"),
        ),
    }
}

/// Counts on somebody's cluster until Ctrl-C or SIGTERM.
fn run_until_stopped(topology: &Topology, config: Config) -> Result<()> {
    let streams = Arc::new(KafkaStreams::new(topology, &config)?);
    let (stop, stopped) = mpsc::channel();
    ctrlc::set_handler(move || _ = stop.send(())).expect("no other handler is set");
    streams.start()?;
    while stopped.recv_timeout(SECONDS).is_err() && streams.state() != State::Error {}
    streams.close(2 * SECONDS)?;
    streams.error().map_or(Ok(()), Err)
}

/// Feeds a text through an embedded broker and prints what came out.
fn demonstrate(topology: &Topology, config: Config, application: &str, text: &str, json: Option<&&str>) -> Result<()> {
    let cluster = EmbeddedCluster::start(1)?;
    cluster.prepare(topology, application)?;
    let config = config.set("bootstrap.servers", cluster.bootstrap_servers());
    let clients = Config::new().set("bootstrap.servers", cluster.bootstrap_servers());

    let separator = Regex::new("[^A-Za-z0-9_]+").expect("the expression is valid");
    let text = std::fs::read_to_string(text).expect("the text can be read");
    let producer = Producer::new(&clients)?;
    let mut expected = 0;
    for line in text.lines() {
        expected += words(&separator, line).len();
        producer.send(ProducerRecord::new("streams-plaintext-input").value(line.as_bytes()))?;
    }
    producer.close(30 * SECONDS)?;

    let streams = KafkaStreams::new(topology, &config)?;
    streams.start()?;
    let consumer = Consumer::new(&clients.clone().set("group.id", "demo").set("auto.offset.reset", "earliest"))?;
    consumer.subscribe(["streams-wordcount-output"])?;
    let (counts, rate) = read_counts(&consumer, expected)?;
    streams.close(5 * SECONDS)?;
    consumer.close(5 * SECONDS)?;

    let mut ranking: Vec<_> = counts.iter().collect();
    ranking.sort_by_key(|(word, count)| (-**count, *word));
    ranking.iter().take(20).for_each(|(word, count)| println!("{count:>7} {word}"));
    println!("{expected} words, {rate:.0} words a second");
    if let Some(path) = json {
        let topics: Vec<_> = Admin::new(&clients)?.topics(5 * SECONDS)?.into_iter().map(|topic| topic.name).collect();
        let summary = serde_json::json!({
            "language": "rust", "counts": counts, "rate": rate, "topics": topics, "describe": topology.describe(),
        });
        std::fs::write(path, summary.to_string()).expect("the summary can be written");
    }
    Ok(())
}

/// Reads the output until every word of the text has been counted: without a cache that is one record a word.
fn read_counts(consumer: &Consumer, expected: usize) -> Result<(BTreeMap<String, i64>, f64)> {
    let mut counts = BTreeMap::new();
    let (mut seen, mut shown) = (0, Instant::now());
    let mut start = None;
    while seen < expected {
        for record in consumer.poll(SECONDS, 10_000)?.iter() {
            let word = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned();
            let count = record.value.as_deref().and_then(|bytes| bytes.try_into().ok()).map_or(0, i64::from_be_bytes);
            counts.insert(word, count);
            seen += 1;
            start.get_or_insert_with(Instant::now);
        }
        if shown.elapsed() > SECONDS / 2 {
            println!("{seen} of {expected} words");
            shown = Instant::now();
        }
    }
    let seconds = start.map_or(1.0, |start| start.elapsed().as_secs_f64());
    Ok((counts, f64::from(u32::try_from(expected).unwrap_or(u32::MAX)) / seconds))
}
