//! Settings: Kafka's names, values as text, checked against one table.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, Result};

pub(crate) mod client;
mod consumer;
pub(crate) mod java;
pub(crate) mod key;
pub(crate) mod librdkafka;
mod producer;
pub(crate) mod streams;
pub(crate) mod table;

pub(crate) use client::ClientSettings;
pub(crate) use consumer::{MAX_POLL_RECORDS, shared::DEFAULT_API_TIMEOUT_MS};
pub(crate) use producer::MAX_BLOCK_MS;
pub(crate) use streams::settings::StreamsSettings;

use table::Meaning;

/// The settings of a client or an application, in the order in which they were given.
///
/// The names are Kafka's: those of Kafka Streams, those of Java's clients where they have a meaning here, and all of
/// librdkafka's; in a streams application also with the prefixes `consumer.`, `main.consumer.`, `restore.consumer.`,
/// `global.consumer.`, `producer.`, `admin.` and `topic.`. One value can serve several clients: each takes what
/// concerns it.
///
/// [`set`](Self::set) and [`from`](Self::from) keep what they are given; it is checked by [`check`](Self::check) and
/// by whatever is created from the settings. [`try_set`](Self::try_set) checks at once.
///
/// # Examples
/// ```
/// use kstreams::Config;
///
/// let config = Config::new()
///     .set("application.id", "word-count")
///     .set("bootstrap.servers", "localhost:9092")
///     .set("num.stream.threads", 4);
/// config.check()?;
/// assert_eq!(config.get("num.stream.threads"), Some("4"));
///
/// let error = Config::new().set("num.stream.thread", 4).check().unwrap_err();
/// assert_eq!(error.to_string(), "unknown setting setting=`num.stream.thread` nearest=`num.stream.threads`");
/// # Ok::<(), kstreams::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Config(Vec<(String, String)>);

impl Config {
    /// No settings: everything has its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value, in place of an earlier one of the same name.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.put(name.into(), value.to_string());
        self
    }

    /// Checks a value and sets it.
    ///
    /// # Errors
    /// *Invalid* as in [`check`](Self::check); the settings are unchanged then.
    pub fn try_set(&mut self, name: impl Into<String>, value: impl fmt::Display) -> Result<()> {
        let (name, value) = (name.into(), value.to_string());
        check(&name, &value)?;
        self.put(name, value);
        Ok(())
    }

    /// Takes a setting away, so that it has its default.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// The value that was set for a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All settings, in the order in which their names were first set. Secrets are among them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Checks every name and value.
    ///
    /// # Errors
    /// *Invalid* with the first wrong setting: an unknown name with the nearest known one, a name that only Java knows
    /// with a hint, a wrong value with what is allowed. The value of a secret is never in it.
    pub fn check(&self) -> Result<()> {
        self.iter().try_for_each(|(name, value)| check(name, value).map(drop))
    }

    /// A setting that is `true` or `false`.
    ///
    /// # Errors
    /// *Invalid* when the value is wrong, or the setting is unknown or has neither value nor default.
    pub fn boolean(&self, name: &str) -> Result<bool> {
        Ok(self.required(name)? == "true")
    }

    /// A setting that is a whole number.
    ///
    /// # Errors
    /// As [`boolean`](Self::boolean).
    pub fn integer(&self, name: &str) -> Result<i64> {
        let value = self.required(name)?;
        value.parse().map_err(|_| Error::invalid("setting is not a whole number").with("setting", name))
    }

    /// A setting that is a whole number that fits a count or a size.
    ///
    /// # Errors
    /// As [`boolean`](Self::boolean), also when the number is negative.
    pub fn size(&self, name: &str) -> Result<usize> {
        let value = self.integer(name)?;
        usize::try_from(value).map_err(|_| Error::invalid("setting is negative").with("setting", name))
    }

    /// A setting in milliseconds as a duration. A negative one, which means *never* or *not at all*, is `None`.
    ///
    /// # Errors
    /// As [`boolean`](Self::boolean).
    pub fn duration(&self, name: &str) -> Result<Option<Duration>> {
        Ok(u64::try_from(self.integer(name)?).ok().map(Duration::from_millis))
    }

    /// A setting that is text; `None` if it has neither a value nor a default.
    ///
    /// # Errors
    /// *Invalid* when the value is wrong or the setting is unknown.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        if let Some(value) = self.get(name) {
            return check(name, value).map(Some);
        }
        match table::resolve(name)? {
            Meaning::Known(key) => Ok(key.default.clone().map(std::borrow::Cow::into_owned)),
            Meaning::Free => Ok(None),
        }
    }

    /// A setting that is a list of texts.
    ///
    /// # Errors
    /// *Invalid* when the value is wrong or the setting is unknown.
    pub fn list(&self, name: &str) -> Result<Vec<String>> {
        let text = self.text(name)?.unwrap_or_default();
        Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    /// The value of a setting, or its default.
    fn required(&self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| Error::invalid("setting is required").with("setting", name))
    }

    fn put(&mut self, name: String, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }
}

/// Checks a setting and gives its value as the library uses it.
fn check(name: &str, value: &str) -> Result<String> {
    if value.contains('\0') || name.contains('\0') {
        return Err(Error::invalid("setting has a zero byte").with("setting", name.replace('\0', "")));
    }
    match table::resolve(name)? {
        Meaning::Free => Ok(value.to_owned()),
        Meaning::Known(key) => key.check(&java::words(&key.name, value)),
    }
}

/// Shows the values of known settings that are no secrets, and the names of all.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A misspelled name of a secret is an unknown one.
        let shown = |name: &str| !key::is_secret(name) && table::resolve(name).is_ok();
        f.debug_map()
            .entries(self.iter().map(|(name, value)| (name, if shown(name) { value } else { "[hidden]" })))
            .finish()
    }
}

impl<K: Into<String>, V: fmt::Display> FromIterator<(K, V)> for Config {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        pairs.into_iter().fold(Self::new(), |config, (name, value)| config.set(name, value))
    }
}

impl<K: Into<String>, V: fmt::Display, const N: usize> From<[(K, V); N]> for Config {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
