//! The configuration of a case. Where Java names a class a case has a word of its own, which is mostly ours too.

use kstreams::Config;

use super::Refusal;
use super::case::Case;

/// Known to the library, but without effect so far.
const NOT_BUILT: [&str; 1] = ["errors.dead.letter.queue.topic.name"];

/// The settings of a case, with the defaults that differ from Kafka's.
pub(super) fn settings(case: &Case) -> Result<Config, Refusal> {
    if let Some(key) = NOT_BUILT.iter().find(|key| case.config.contains_key(**key)) {
        return Err(Refusal::unsupported(format!("setting {key}")));
    }
    let config = Config::new()
        .set("application.id", &case.application)
        .set("bootstrap.servers", "unused:1")
        .set("statestore.cache.max.bytes", 0);
    Ok(case.config.iter().fold(config, |config, (key, value)| {
        let (key, value) = translated(key, value);
        config.set(key, value)
    }))
}

fn translated<'a>(key: &'a str, value: &'a str) -> (&'a str, &'a str) {
    match (key, value) {
        ("dsl.store.suppliers.class", "memory") => ("dsl.store", "in_memory"),
        ("dsl.store.suppliers.class", _) => ("dsl.store", "rocksDB"),
        _ => (key, value),
    }
}
