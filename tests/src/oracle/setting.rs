//! The configuration of a case. Where Java names a class a case has a word of its own: here it becomes the word that the
//! library takes.

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
        ("deserialization.exception.handler", "continue") => (key, "LogAndContinueExceptionHandler"),
        ("deserialization.exception.handler", _) => (key, "LogAndFailExceptionHandler"),
        ("processing.exception.handler", "continue") => (key, "LogAndContinueProcessingExceptionHandler"),
        ("processing.exception.handler", _) => (key, "LogAndFailProcessingExceptionHandler"),
        ("production.exception.handler", "continue") => (key, "AlwaysContinueProductionExceptionHandler"),
        ("production.exception.handler", _) => (key, "DefaultProductionExceptionHandler"),
        ("default.timestamp.extractor", "skip") => (key, "LogAndSkipOnInvalidTimestamp"),
        ("default.timestamp.extractor", "partitionTime") => (key, "UsePartitionTimeOnInvalidTimestamp"),
        ("default.timestamp.extractor", _) => (key, "FailOnInvalidTimestamp"),
        _ => (key, value),
    }
}
