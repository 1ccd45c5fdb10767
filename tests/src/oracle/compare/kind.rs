//! The kind of our own that stands for each pair of a Java exception and its innermost cause.

use kstreams::ErrorKind;

/// The kind's name, or a text that no kind has for a pair that is not in the table.
pub(super) fn kind_of(phase: &str, class: &str, root: &str) -> &'static str {
    let kind = match (phase, class, root) {
        // The second is the optimiser that gives up.
        ("build", "TopologyException", "TopologyException")
        | ("build", "StreamsException", "StreamsException")
        | ("start", "StreamsException", "ConfigException") => ErrorKind::Invalid,
        // The last is a negative timestamp, where the extractor does not allow it.
        ("step", "StreamsException", "SerializationException" | "ClassCastException" | "StreamsException") => {
            ErrorKind::Data
        }
        // A function of the case that refuses.
        ("step", "StreamsException", "IllegalStateException") => ErrorKind::User,
        _ => return "unknown pair of classes",
    };
    kind.name()
}
