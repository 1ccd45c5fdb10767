//! What one client gets: from a program's settings to librdkafka's.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::key::{Key, Scope};
use crate::config::table::{self, Meaning};
use crate::config::{Config, check, java};
use crate::error::{Error, Result};

/// The settings of one client under librdkafka's own names, and those of the library's own keys.
#[derive(Clone, Default)]
pub(crate) struct ClientSettings(BTreeMap<String, String>);

impl Config {
    /// What a plain producer gets.
    ///
    /// # Errors
    /// *Invalid* when a setting is wrong, also one that a producer does not take.
    pub(crate) fn producer_settings(&self) -> Result<ClientSettings> {
        self.client_settings(Some(Scope::Producer), &[])
    }

    /// What a plain consumer gets.
    ///
    /// # Errors
    /// *Invalid* when a setting is wrong, also one that a consumer does not take.
    pub(crate) fn consumer_settings(&self) -> Result<ClientSettings> {
        self.client_settings(Some(Scope::Consumer), &[])
    }

    /// What an admin client gets.
    ///
    /// # Errors
    /// *Invalid* when a setting is wrong, also one that an admin client does not take.
    pub(crate) fn admin_settings(&self) -> Result<ClientSettings> {
        self.client_settings(None, &[])
    }

    /// The settings without a prefix that concern a client, and over them those with each of the prefixes.
    pub(super) fn client_settings(&self, scope: Option<Scope>, prefixes: &[&str]) -> Result<ClientSettings> {
        self.check()?;
        let mut settings = ClientSettings::default();
        for wanted in std::iter::once(&"").chain(prefixes) {
            for (name, value) in self.iter() {
                settings.take(scope, wanted, name, value)?;
            }
        }
        Ok(settings)
    }
}

impl ClientSettings {
    /// The value of a setting: librdkafka's name, or one of the library's own keys.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a value, whatever it was before. The name and the value are librdkafka's.
    pub(crate) fn set(&mut self, name: &str, value: impl std::fmt::Display) {
        let name = table::find(name).map_or(name, canonical);
        self.0.insert(name.to_owned(), value.to_string());
    }

    /// Sets a value unless there is one.
    pub(crate) fn set_default(&mut self, name: &str, value: impl std::fmt::Display) {
        if !self.is_set(name) {
            self.set(name, value);
        }
    }

    /// Whether there is a value, under this name or one that means the same.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(table::find(name).map_or(name, canonical))
    }

    /// Takes a value away.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(table::find(name).map_or(name, canonical));
    }

    /// The whole number of one of the library's own keys, or its default.
    pub(crate) fn integer(&self, name: &str) -> Result<i64> {
        let key = table::find(name).ok_or_else(|| Error::invalid("unknown setting").with("setting", name))?;
        let value = self.get(canonical(key)).or(key.default.as_deref());
        let number = value.and_then(|value| value.parse().ok());
        number.ok_or_else(|| Error::invalid("setting is not a whole number").with("setting", name))
    }

    /// The duration of one of the library's own keys, or its default; a negative one is endless.
    pub(crate) fn duration(&self, name: &str) -> Result<Duration> {
        Ok(u64::try_from(self.integer(name)?).map_or(Duration::MAX, Duration::from_millis))
    }

    /// What librdkafka is told: everything but the library's own keys.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let theirs = |name: &str| !is_own(name);
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(move |(name, _)| theirs(name))
    }

    fn take(&mut self, scope: Option<Scope>, wanted: &str, name: &str, value: &str) -> Result<()> {
        let (prefix, _) = if table::find(name).is_some() { ("", name) } else { table::split_prefix(name) };
        let Meaning::Known(key) = table::resolve(name)? else { return Ok(()) };
        if prefix != wanted || !concerns(key, scope) {
            return Ok(());
        }
        let value = java::passed_on(&key.name, &check(name, value)?);
        self.0.insert(canonical(key).to_owned(), value);
        Ok(())
    }
}

impl std::fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().map(|(name, value)| (name.as_str(), value)).collect::<Config>().fmt(f)
    }
}

/// Whether a client takes a setting.
fn concerns(key: &Key, scope: Option<Scope>) -> bool {
    key.scope == Scope::Client || Some(key.scope) == scope || table::is_shared(key)
}

/// The one name under which settings of the same meaning are kept: the last one wins then, as with one name.
pub(crate) fn canonical(key: &Key) -> &str {
    let target = key.alias_of.as_deref().and_then(table::find);
    target.map_or(key.name.as_ref(), canonical)
}

pub(crate) fn is_own(name: &str) -> bool {
    use crate::config::{DEFAULT_API_TIMEOUT_MS, MAX_BLOCK_MS, MAX_POLL_RECORDS};
    [MAX_BLOCK_MS, MAX_POLL_RECORDS, DEFAULT_API_TIMEOUT_MS].contains(&name)
}
