//! Kafka's own word count, with our engine: the program that most tests run.

use std::collections::BTreeMap;

use kstreams::{Config, Grouped, Produced, StreamsBuilder, Topology, serde};

use crate::topics::Dumped;

/// Words of a line as `line.toLowerCase().split("\\W+")` gives them: a leading empty word stays, trailing ones go.
pub fn words(line: &str) -> Vec<String> {
    let line = line.to_lowercase();
    let mut words: Vec<String> =
        line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect();
    let is_first = |index: usize| index == 0;
    let mut index = 0;
    words.retain(|word| {
        index += 1;
        !word.is_empty() || is_first(index - 1)
    });
    if words.len() > 1 || line.is_empty() { words } else { words.into_iter().filter(|word| !word.is_empty()).collect() }
}

/// The topology of `WordCountDemo`, between these topics.
pub fn topology(input: &str, output: &str) -> Topology {
    topology_with(input, output, || {})
}

/// As [`topology`], and calls something for each line.
pub fn topology_with(input: &str, output: &str, on_line: impl Fn() + Send + Sync + 'static) -> Topology {
    let split = move |_: Option<&str>, line: &str| {
        on_line();
        words(line)
    };
    let builder = StreamsBuilder::new();
    builder
        .stream::<Option<String>, String>(input, None)
        .flat_map_values(split)
        .group_by(|_, word| word.to_owned(), Grouped::new())
        .count(None)
        .to_stream()
        .to(output, Produced::with(serde::utf8(), serde::long()));
    builder.build().expect("the topology is complete")
}

/// The settings of the demo.
pub fn config(bootstrap_servers: &str, application_id: &str) -> Config {
    Config::new()
        .set("application.id", application_id)
        .set("bootstrap.servers", bootstrap_servers)
        .set("statestore.cache.max.bytes", 0)
        .set("default.key.serde", "utf8")
        .set("default.value.serde", "utf8")
        .set("auto.offset.reset", "earliest")
}

/// A plain count of the words of these lines.
pub fn plain_count<'a>(lines: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for word in lines.into_iter().flat_map(words) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// The last count of each word in a topic of counts.
///
/// # Panics
/// When a record is not a word with a count.
pub fn last_counts(records: &[Dumped]) -> BTreeMap<String, i64> {
    let word = |key: &Option<Vec<u8>>| String::from_utf8(key.clone().expect("a word")).expect("text");
    let count = |value: &Option<Vec<u8>>| {
        let bytes: [u8; 8] = value.as_deref().expect("a count").try_into().expect("eight bytes");
        i64::from_be_bytes(bytes)
    };
    records.iter().map(|record| (word(&record.key), count(&record.value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_in_java() {
        let split = |line: &str| words(line);
        assert_eq!(split("Hello, World!"), ["hello", "world"]);
        assert_eq!(split(" leading"), ["", "leading"]);
        assert_eq!(split(""), [""]);
        assert_eq!(split("..."), Vec::<String>::new());
        assert_eq!(split("it's a_b  c"), ["it", "s", "a_b", "c"]);
    }
}
