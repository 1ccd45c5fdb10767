//! What the settings of a streams application mean together, and what its clients get.

#![allow(dead_code, reason = "settings that the engine does not read yet are parsed and tested with the others")]

use std::path::PathBuf;
use std::time::Duration;

use crate::config::key::Scope;
use crate::config::table::{CLIENT_TAG_PREFIX, TOPIC_PREFIX};
use crate::config::{ClientSettings, Config, MAX_POLL_RECORDS, streams as name, table};
use crate::error::{Error, Result};

const COMMIT_INTERVAL: Duration = Duration::from_secs(30);
const COMMIT_INTERVAL_EXACTLY_ONCE: Duration = Duration::from_millis(100);
const TRANSACTION_TIMEOUT_MS: i64 = 10_000;

/// Checked settings of a streams application.
#[derive(Clone, Debug)]
pub(crate) struct StreamsSettings {
    config: Config,
    application_id: String,
}

impl Config {
    /// Checks the settings of a streams application, each alone and together.
    ///
    /// # Errors
    /// *Invalid* when one is missing or wrong, or two do not go together.
    pub(crate) fn streams_settings(&self) -> Result<StreamsSettings> {
        self.check()?;
        for required in [name::APPLICATION_ID, name::BOOTSTRAP_SERVERS] {
            if self.text(required)?.is_none_or(|value| value.is_empty()) {
                return Err(Error::invalid("setting is required").with("setting", required));
            }
        }
        let application_id = self.text(name::APPLICATION_ID)?.unwrap_or_default();
        let settings = StreamsSettings { config: self.clone(), application_id };
        settings.check_application_id()?;
        settings.check_transaction_timeout()?;
        settings.check_optimization()?;
        settings.check_group_protocol()?;
        Ok(settings)
    }
}

impl StreamsSettings {
    /// The settings as the program gave them.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The application's id: its consumer group and the beginning of its internal topics' names.
    pub(crate) fn application_id(&self) -> &str {
        &self.application_id
    }

    /// Whether a record counts exactly once, also when an instance fails.
    pub(crate) fn is_exactly_once(&self) -> bool {
        self.config
            .get(name::PROCESSING_GUARANTEE)
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("exactly_once_v2"))
    }

    /// How often progress is saved: 30 s, or 100 ms with exactly once, unless set.
    pub(crate) fn commit_interval(&self) -> Result<Duration> {
        let default = if self.is_exactly_once() { COMMIT_INTERVAL_EXACTLY_ONCE } else { COMMIT_INTERVAL };
        let is_set = self.config.get(name::COMMIT_INTERVAL_MS).is_some();
        Ok(if is_set { self.config.duration(name::COMMIT_INTERVAL_MS)?.unwrap_or(default) } else { default })
    }

    /// The directory of the state stores, in which each application has its own.
    pub(crate) fn state_dir(&self) -> PathBuf {
        match self.config.get(name::STATE_DIR) {
            Some(directory) => PathBuf::from(directory),
            None => std::env::temp_dir().join("kstreams"),
        }
    }

    /// Memory of the record caches of all threads together, in bytes.
    pub(crate) fn cache_bytes(&self) -> Result<usize> {
        self.config.size(self.newer(name::STATESTORE_CACHE_MAX_BYTES, name::CACHE_MAX_BYTES_BUFFERING))
    }

    /// Whether stores of the DSL are kept in memory unless the program says otherwise.
    pub(crate) fn is_dsl_store_in_memory(&self) -> Result<bool> {
        let store = self.config.text(self.newer(name::DSL_STORE, name::DEFAULT_DSL_STORE))?;
        Ok(store.as_deref() == Some("in_memory"))
    }

    /// The `topic.` settings: what internal topics are created with, over the engine's own choices.
    pub(crate) fn topic_overrides(&self) -> Vec<(String, String)> {
        self.free(TOPIC_PREFIX)
    }

    /// The `client.tag.` settings: names and values of this instance's tags.
    pub(crate) fn client_tags(&self) -> Vec<(String, String)> {
        self.free(CLIENT_TAG_PREFIX)
    }

    /// What the group consumer of a stream thread gets. Its client id and group instance id are the thread's to choose.
    pub(crate) fn main_consumer(&self) -> Result<ClientSettings> {
        let mut settings = self.consumer(&["consumer.", "main.consumer."])?;
        settings.set("group.id", &self.application_id);
        settings.set_default(MAX_POLL_RECORDS, 1000);
        settings.set_default("auto.offset.reset", "earliest");
        Ok(settings)
    }

    /// What the consumer gets that restores stores and keeps standby copies. It is assigned partitions and never
    /// joins a group.
    pub(crate) fn restore_consumer(&self) -> Result<ClientSettings> {
        self.ungrouped(&["consumer.", "restore.consumer."])
    }

    /// What the consumer of global tables gets. It is assigned partitions and never joins a group.
    pub(crate) fn global_consumer(&self) -> Result<ClientSettings> {
        self.ungrouped(&["consumer.", "global.consumer."])
    }

    /// What the producer of a stream thread gets. With exactly once its transactional id is the thread's to choose.
    pub(crate) fn producer(&self) -> Result<ClientSettings> {
        let mut settings = self.config.client_settings(Some(Scope::Producer), &["producer."])?;
        settings.set_default("linger.ms", 100);
        // Repartitioned records must be where Java's instances of the same application look for them.
        settings.set_default("partitioner", "murmur2_random");
        if self.is_exactly_once() {
            force(&mut settings, "enable.idempotence", "true");
            settings.remove("transactional.id");
            settings.set_default("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS);
        }
        Ok(settings)
    }

    /// What the admin client gets.
    pub(crate) fn admin(&self) -> Result<ClientSettings> {
        self.config.client_settings(None, &["admin."])
    }

    fn consumer(&self, prefixes: &[&str]) -> Result<ClientSettings> {
        let mut settings = self.config.client_settings(Some(Scope::Consumer), prefixes)?;
        force(&mut settings, "enable.auto.commit", "false");
        settings.set_default("allow.auto.create.topics", "false");
        if self.is_exactly_once() {
            force(&mut settings, "isolation.level", "read_committed");
        } else {
            settings.set_default("isolation.level", "read_uncommitted");
        }
        Ok(settings)
    }

    fn ungrouped(&self, prefixes: &[&str]) -> Result<ClientSettings> {
        let mut settings = self.consumer(prefixes)?;
        settings.remove("group.instance.id");
        // librdkafka wants a group before it takes an assignment. This one the application may use for certain.
        settings.set("group.id", &self.application_id);
        settings.set("auto.offset.reset", "error");
        Ok(settings)
    }

    /// The newer name of a setting, unless only the older one is set.
    fn newer(&self, newer: &'static str, older: &'static str) -> &'static str {
        if self.config.get(newer).is_none() && self.config.get(older).is_some() { older } else { newer }
    }

    fn free(&self, prefix: &str) -> Vec<(String, String)> {
        let free = self.config.iter().filter(|(name, _)| table::find(name).is_none());
        free.filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value.to_owned()))).collect()
    }

    /// It becomes the name of topics, a group and a directory.
    fn check_application_id(&self) -> Result<()> {
        let id = &self.application_id;
        let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
        if id.chars().all(legal) && id != "." && id != ".." && id.len() <= 200 {
            return Ok(());
        }
        Err(Error::invalid("setting has letters that a topic's name cannot have, or too many")
            .with("setting", name::APPLICATION_ID)
            .with("value", id)
            .with("allowed", "at most 200 of a-z A-Z 0-9 . _ -"))
    }

    /// A transaction that times out before it is committed would never succeed.
    fn check_transaction_timeout(&self) -> Result<()> {
        if !self.is_exactly_once() {
            return Ok(());
        }
        let timeout = self.producer()?.duration("transaction.timeout.ms")?;
        let interval = self.commit_interval()?;
        if timeout >= interval {
            return Ok(());
        }
        Err(Error::invalid("transactions time out before they are committed")
            .with("transaction.timeout.ms", timeout.as_millis())
            .with(name::COMMIT_INTERVAL_MS, interval.as_millis()))
    }

    fn check_optimization(&self) -> Result<()> {
        let chosen = self.config.list(name::TOPOLOGY_OPTIMIZATION)?;
        let alone = chosen.iter().any(|choice| choice == "none" || choice == "all");
        if alone && chosen.len() > 1 {
            return Err(Error::invalid("`none` and `all` stand alone")
                .with("setting", name::TOPOLOGY_OPTIMIZATION)
                .with("value", chosen.join(",")));
        }
        Ok(())
    }

    /// The engine assigns tasks itself, which only the classic protocol lets a client do.
    fn check_group_protocol(&self) -> Result<()> {
        match self.main_consumer()?.get("group.protocol") {
            None | Some("classic") => Ok(()),
            Some(other) => Err(Error::invalid("a streams application needs the classic group protocol")
                .with("setting", "group.protocol")
                .with("value", other)
                .with("allowed", "classic")),
        }
    }
}

/// Sets what the engine's promises depend on, and says so if the program wanted something else.
fn force(settings: &mut ClientSettings, name: &str, value: &str) {
    if let Some(wanted) = settings.get(name).filter(|wanted| *wanted != value) {
        log::warn!("setting ignored, the engine needs another value setting=`{name}` value=`{wanted}` used=`{value}`");
    }
    settings.set(name, value);
}

#[cfg(test)]
mod tests;
