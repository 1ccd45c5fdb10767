//! The tables from which documentation and the constants of other languages are generated. No part of the public API.

pub use crate::config::key::{Allowed, Importance, Key, Kind, Scope};
use crate::config::{java, librdkafka, table};

/// Every setting: the engine's, the clients' own, Java's names for librdkafka's, librdkafka's.
pub fn settings() -> &'static [Key] {
    table::all()
}

/// The prefixes that lead a setting to one kind of client.
pub fn client_prefixes() -> impl Iterator<Item = &'static str> {
    table::CLIENT_PREFIXES.into_iter().map(|(prefix, _)| prefix)
}

/// The prefixes behind which any name may stand.
pub const FREE_PREFIXES: [&str; 2] = [table::TOPIC_PREFIX, table::CLIENT_TAG_PREFIX];

/// Beginnings of the names that only Java knows, each with what to use instead.
pub fn java_only() -> &'static [(&'static str, &'static str)] {
    &java::JVM_ONLY
}

/// Settings of librdkafka that belong to the library itself.
pub fn reserved() -> &'static [&'static str] {
    &librdkafka::RESERVED
}

/// Whether a setting of a client is the library's own and never reaches librdkafka.
pub fn is_own(key: &Key) -> bool {
    crate::config::client::is_own(&key.name)
}
