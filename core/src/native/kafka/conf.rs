//! Settings on their way to librdkafka, and the defaults in which this library differs from it.

use std::ffi::c_char;
use std::ptr::NonNull;

use rdkafka::bindings as rd;

use super::{c_text, text_in};
use crate::error::{Error, Result};

/// Settings of all clients where nobody set them.
pub(crate) const COMMON_DEFAULTS: &[(&str, &str)] = &[
    // An OpenSSL that is linked statically does not know where the system keeps its certificates.
    ("ssl.ca.location", "probe"),
    // Brokers that come back are tried again soon.
    ("reconnect.backoff.max.ms", "1000"),
    ("socket.keepalive.enable", "true"),
    ("log_level", "6"),
];

/// Settings of consumers: Java's, and what the batch calls need.
pub(crate) const CONSUMER_DEFAULTS: &[(&str, &str)] = &[
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("enable.partition.eof", "false"),
    ("check.crcs", "true"),
    ("isolation.level", "read_uncommitted"),
    // A fetcher whose queue was full once would otherwise rest for a second.
    ("fetch.queue.backoff.ms", "10"),
    ("fetch.wait.max.ms", "100"),
    ("queued.min.messages", "20000"),
    ("queued.max.messages.kbytes", "16384"),
    // Co-partitioned, and without internal state: see the design page on membership.
    ("partition.assignment.strategy", "range"),
];

/// Settings of producers: Java's.
pub(crate) const PRODUCER_DEFAULTS: &[(&str, &str)] = &[
    ("enable.idempotence", "true"),
    ("acks", "all"),
    ("linger.ms", "5"),
    ("partitioner", "murmur2_random"),
    ("queue.buffering.max.messages", "500000"),
    ("queue.buffering.max.kbytes", "65536"),
];

/// An `rd_kafka_conf_t` until a client takes it.
pub(crate) struct Conf(Option<NonNull<rd::rd_kafka_conf_t>>);

impl Conf {
    pub(crate) fn new() -> Self {
        // SAFETY: the call has no preconditions; what it returns belongs to this value alone.
        Self(NonNull::new(unsafe { rd::rd_kafka_conf_new() }))
    }

    /// The defaults, then the given settings over them.
    pub(crate) fn with<'a>(
        defaults: &[(&str, &str)],
        settings: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self> {
        let settings: Vec<(&str, &str)> = settings.into_iter().collect();
        let mut conf = Self::new();
        let is_set = |name: &str| settings.iter().any(|(key, _)| canonical(key) == name);
        for (name, value) in COMMON_DEFAULTS.iter().chain(defaults) {
            let own_authority = *name == "ssl.ca.location" && settings.iter().any(|(key, _)| key.starts_with("ssl.ca"));
            if !is_set(name) && !own_authority && !conflicts(name, &settings) {
                conf.set(name, value)?;
            }
        }
        for (name, value) in &settings {
            conf.set(name, java_value(name, value))?;
        }
        Ok(conf)
    }

    /// Sets one setting.
    ///
    /// # Errors
    /// *Invalid* when librdkafka does not know the name or refuses the value. The value is not in the error: it may
    /// be a secret.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let (c_name, c_value) = (c_text(name)?, c_text(value)?);
        let mut reason: [c_char; 512] = [0; 512];
        // SAFETY: the conf is live, the strings are NUL-terminated, and the buffer has the size that is said.
        let answer = unsafe {
            rd::rd_kafka_conf_set(self.raw(), c_name.as_ptr(), c_value.as_ptr(), reason.as_mut_ptr(), reason.len())
        };
        match answer {
            rd::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK => Ok(()),
            rd::rd_kafka_conf_res_t::RD_KAFKA_CONF_UNKNOWN => {
                Err(Error::invalid("the Kafka client does not know this setting; check its name").with("setting", name))
            }
            rd::rd_kafka_conf_res_t::RD_KAFKA_CONF_INVALID => {
                let mut error = Error::invalid("the value of a setting is wrong; check its type and range");
                if !is_secret(name) {
                    error = error.with("reason", text_in(&reason));
                }
                Err(error.with("setting", name))
            }
        }
    }

    /// The pointer, which stays owned by this value.
    pub(super) fn raw(&self) -> *mut rd::rd_kafka_conf_t {
        self.0.expect("a conf is given away only at the end").as_ptr()
    }

    /// Gives the pointer away: to `rd_kafka_new`, which owns it if it succeeds.
    pub(super) fn give(mut self) -> *mut rd::rd_kafka_conf_t {
        self.0.take().expect("a conf is given away only once").as_ptr()
    }

    /// Takes back what `rd_kafka_new` refused.
    ///
    /// # Safety
    /// The pointer comes from [`give`](Self::give) and has no other owner.
    pub(super) unsafe fn take_back(raw: *mut rd::rd_kafka_conf_t) -> Self {
        Self(NonNull::new(raw))
    }
}

impl Drop for Conf {
    fn drop(&mut self) {
        if let Some(raw) = self.0 {
            // SAFETY: the conf belongs to this value and was not given away.
            unsafe { rd::rd_kafka_conf_destroy(raw.as_ptr()) };
        }
    }
}

/// The name under which a default is listed, for settings that have two.
fn canonical(name: &str) -> &str {
    match name {
        "request.required.acks" => "acks",
        "queue.buffering.max.ms" => "linger.ms",
        "fetch.max.wait.ms" => "fetch.wait.max.ms",
        name => name,
    }
}

/// Whether a default must give way to a setting of another name.
fn conflicts(default: &str, settings: &[(&str, &str)]) -> bool {
    let value = |name: &str| settings.iter().find(|(key, _)| canonical(key) == name).map(|(_, value)| *value);
    match default {
        "enable.idempotence" => value("acks").is_some_and(|acks| !matches!(acks, "all" | "-1")),
        "partition.assignment.strategy" => value("group.protocol").is_some_and(|protocol| protocol == "consumer"),
        _ => false,
    }
}

/// Java's spelling of values that librdkafka spells otherwise.
fn java_value<'a>(name: &str, value: &'a str) -> &'a str {
    match (name, value) {
        ("auto.offset.reset", "none") => "error",
        _ => value,
    }
}

fn is_secret(name: &str) -> bool {
    ["password", "secret", "key", "pem", "username", "jaas", "oauthbearer"].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn all_defaults_are_known() {
        assert!(Conf::with(CONSUMER_DEFAULTS, []).is_ok());
        assert!(Conf::with(PRODUCER_DEFAULTS, []).is_ok());
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let error = Conf::with(&[], [("no.such.setting", "1")]).err().expect("the setting does not exist");
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.fact("setting"), Some("no.such.setting"));
    }

    #[test]
    fn a_wrong_value_is_refused_and_a_secret_is_not_printed() {
        let error = Conf::with(&[], [("socket.timeout.ms", "-7")]).err().expect("out of range");
        assert_eq!(error.fact("setting"), Some("socket.timeout.ms"));
        let error = Conf::new().set("ssl.key.pem", "canary-0815").err();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}
