//! The tables from which documentation and the constants of other languages are generated. No part of the public API.

use crate::config::client::canonical;
pub use crate::config::key::{Allowed, Importance, Key, Kind, Scope};
use crate::config::{java, librdkafka, table};
use crate::native::kafka::conf::{COMMON_DEFAULTS, CONSUMER_DEFAULTS, PRODUCER_DEFAULTS};

/// Every setting: the engine's, the clients' own, Java's names for librdkafka's, librdkafka's.
pub fn settings() -> &'static [Key] {
    table::all()
}

/// The library's own default of a client's setting, where it differs from librdkafka's.
pub fn own_default(key: &Key) -> Option<&'static str> {
    let defaults = [COMMON_DEFAULTS, CONSUMER_DEFAULTS, PRODUCER_DEFAULTS].into_iter().flatten();
    let mut same =
        defaults.filter(|(name, _)| table::find(name).is_some_and(|other| canonical(other) == canonical(key)));
    same.next().map(|(_, value)| *value).filter(|value| key.default.as_deref() != Some(*value))
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
