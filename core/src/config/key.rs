//! What a setting is: its name, type, default, allowed values and text. The tables are made of these.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// One setting of a table.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name, as in Kafka.
    pub name: Cow<'static, str>,
    /// The type of its value.
    pub kind: Kind,
    /// The default, as text. Without one, the setting is unset unless the program sets it.
    pub default: Option<Cow<'static, str>>,
    /// Which values are allowed.
    pub allowed: Allowed,
    /// How many programs will want to change it.
    pub importance: Importance,
    /// What it does, in a sentence or two.
    pub text: Cow<'static, str>,
    /// Which clients take it.
    pub scope: Scope,
    /// The name under which it is passed on, if this name is another one for the same thing.
    pub alias_of: Option<Cow<'static, str>>,
}

/// The type of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A duration as a whole number of milliseconds.
    Milliseconds,
    /// A number with a fraction.
    Number,
    /// Text.
    Text,
    /// Texts separated by commas.
    List,
    /// Something that text cannot express; the library has its own calls for it.
    Code,
}

/// The values that a setting allows.
#[derive(Clone, Debug, PartialEq)]
pub enum Allowed {
    /// Whatever the type allows.
    Any,
    /// Whole numbers or milliseconds between two bounds, both included.
    Range(i64, i64),
    /// One of these words (in a list: some of them), in any case of letters.
    OneOf(Vec<Cow<'static, str>>),
}

/// How many programs will want to change a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Importance {
    /// Nearly every program.
    High,
    /// Some programs.
    Medium,
    /// Few programs.
    Low,
}

/// Which clients take a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The streams engine.
    Streams,
    /// Every client.
    Client,
    /// Consumers.
    Consumer,
    /// Producers.
    Producer,
}

impl Kind {
    /// The type's name in documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Milliseconds => "milliseconds",
            Self::Number => "number",
            Self::Text => "text",
            Self::List => "list",
            Self::Code => "code",
        }
    }
}

impl Importance {
    /// The importance's name in documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

impl Key {
    pub(crate) const fn new(name: &'static str, kind: Kind, text: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            kind,
            default: None,
            allowed: Allowed::Any,
            importance: Importance::Low,
            text: Cow::Borrowed(text),
            scope: Scope::Streams,
            alias_of: None,
        }
    }

    /// Whether the value must not be shown: see [`is_secret`].
    pub fn is_secret(&self) -> bool {
        is_secret(&self.name)
    }

    /// Checks a value and gives it in the form that the library uses: trimmed, words in the table's spelling, classes
    /// of Java by their simple name.
    ///
    /// # Errors
    /// *Invalid* with the setting, its value unless it is a secret, and what is allowed.
    pub fn check(&self, value: &str) -> Result<String> {
        let value = value.trim();
        match self.kind {
            Kind::Boolean => self.one_of(value, &["true".into(), "false".into()]),
            Kind::Integer | Kind::Milliseconds => self.whole_number(value),
            Kind::Number => self.number(value),
            Kind::List => self.list(value),
            Kind::Text => match &self.allowed {
                Allowed::OneOf(words) => self.one_of(value, words),
                _ => Ok(value.to_owned()),
            },
            Kind::Code => Err(Error::invalid("setting cannot be given as text").with("setting", &self.name)),
        }
    }

    /// What is allowed, for people.
    pub fn allowed_text(&self) -> String {
        match &self.allowed {
            Allowed::Any if self.kind == Kind::Boolean => "true, false".to_owned(),
            Allowed::Any => String::new(),
            Allowed::Range(low, high) => match (*low, *high) {
                (low, high) if low <= i64::from(i32::MIN) && high >= i64::from(i32::MAX) => String::new(),
                (low, i64::MAX) => format!("{low} or more"),
                (low, high) => format!("{low} .. {high}"),
            },
            Allowed::OneOf(words) => words.join(", "),
        }
    }

    fn whole_number(&self, value: &str) -> Result<String> {
        let number: i64 = value.parse().map_err(|_| self.wrong(value, "setting is not a whole number"))?;
        match self.allowed {
            Allowed::Range(low, high) if number < low || number > high => {
                Err(self.wrong(value, "setting is out of range"))
            }
            _ => Ok(number.to_string()),
        }
    }

    fn number(&self, value: &str) -> Result<String> {
        let number: f64 = value.parse().map_err(|_| self.wrong(value, "setting is not a number"))?;
        #[expect(clippy::cast_precision_loss, reason = "bounds of settings are far below 2^53")]
        match self.allowed {
            Allowed::Range(low, high) if !(low as f64..=high as f64).contains(&number) => {
                Err(self.wrong(value, "setting is out of range"))
            }
            _ => Ok(value.to_owned()),
        }
    }

    fn list(&self, value: &str) -> Result<String> {
        let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
        let checked: Result<Vec<String>> = match &self.allowed {
            Allowed::OneOf(words) => items.map(|item| self.one_of(item, words)).collect(),
            _ => Ok(items.map(str::to_owned).collect()),
        };
        Ok(checked?.join(","))
    }

    fn one_of(&self, value: &str, words: &[Cow<'static, str>]) -> Result<String> {
        let simple = value.rsplit(['.', '$']).next().unwrap_or(value);
        let same = |word: &&Cow<'static, str>| word.eq_ignore_ascii_case(value) || word.eq_ignore_ascii_case(simple);
        let found = words.iter().find(same).map(|word| word.clone().into_owned());
        found.ok_or_else(|| self.wrong(value, "setting has an unknown value"))
    }

    fn wrong(&self, value: &str, message: &str) -> Error {
        let mut error = Error::invalid(message).with("setting", &self.name);
        if !self.is_secret() {
            error = error.with("value", value);
        }
        match self.allowed_text() {
            allowed if allowed.is_empty() => error,
            allowed => error.with("allowed", allowed),
        }
    }
}

/// Makes a table of keys and a constant for each name: the one place where the name is written.
macro_rules! keys {
    ($scope:ident; $($importance:ident $constant:ident $name:literal: $kind:ident $(= $default:literal)? $(, $allowed:expr)?; $text:literal;)*) => {
        $(#[doc = $text]
        #[allow(dead_code, reason = "some settings are only passed on or documented")]
        pub(crate) const $constant: &str = $name;)*

        /// The table.
        pub(crate) fn keys() -> Vec<$crate::config::key::Key> {
            #[allow(unused_imports, reason = "not every table has both")]
            use $crate::config::key::{Importance, Key, Kind, Scope, range, words};
            vec![$({
                #[allow(unused_mut, reason = "not every key has a default or a range")]
                let mut key = Key::new($name, Kind::$kind, $text);
                $(key.default = Some($default.into());)?
                $(key.allowed = $allowed;)?
                Key { importance: Importance::$importance, scope: Scope::$scope, ..key }
            }),*]
        }
    };
}

pub(crate) use keys;

/// Whole numbers between two bounds, both included.
pub(crate) const fn range(low: i64, high: i64) -> Allowed {
    Allowed::Range(low, high)
}

/// One of these words.
pub(crate) fn words(words: &[&'static str]) -> Allowed {
    Allowed::OneOf(words.iter().map(|word| Cow::Borrowed(*word)).collect())
}

/// Whether a setting's value must never appear in an error, a log or a dump. Decided by the name, so that it also holds
/// for names that no table has.
pub(crate) fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 8] =
        ["password", "passphrase", "secret", "jaas", "key.pem", "ssl_key", "keystore.key", "oauthbearer.config"];
    PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(low: i64, high: i64) -> Key {
        Key { allowed: Allowed::Range(low, high), ..Key::new("linger", Kind::Milliseconds, "") }
    }

    #[test]
    fn a_number_out_of_range_is_refused_with_the_range() {
        assert_eq!(number(0, 10).check(" 10 ").unwrap(), "10");
        let error = number(0, 10).check("11").unwrap_err();
        assert_eq!(error.to_string(), "setting is out of range setting=`linger` value=`11` allowed=`0 .. 10`");
        assert_eq!(number(5, i64::MAX).check("4").unwrap_err().fact("allowed"), Some("5 or more"));
        assert_eq!(number(0, 10).check("1s").unwrap_err().message(), "setting is not a whole number");
    }

    #[test]
    fn words_are_found_in_any_case_and_behind_a_java_package() {
        let words = Allowed::OneOf(vec!["LogAndFail".into(), "LogAndContinue".into()]);
        let key = Key { allowed: words, ..Key::new("handler", Kind::Text, "") };
        assert_eq!(key.check("org.example.LogAndFail").unwrap(), "LogAndFail");
        assert_eq!(key.check("logandcontinue").unwrap(), "LogAndContinue");
        let error = key.check("org.example.Mine").unwrap_err();
        assert_eq!(error.fact("allowed"), Some("LogAndFail, LogAndContinue"));
    }

    #[test]
    fn the_value_of_a_secret_is_not_in_the_error() {
        let key = Key { name: "sasl.password".into(), ..number(0, 1) };
        let error = key.check("hunter2").unwrap_err();
        assert!(!error.chain().contains("hunter2"), "{error}");
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "sasl.password",
            "ssl.key.password",
            "ssl.keystore.password",
            "ssl.key.pem",
            "sasl.jaas.config",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.client.credentials.client.secret",
            "sasl.oauthbearer.assertion.private.key.passphrase",
            "sasl.oauthbearer.assertion.private.key.pem",
            "sasl.oauthbearer.config",
            "consumer.sasl.password",
        ] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("sasl.username") && !is_secret("group.id") && !is_secret("ssl.key.location"));
    }
}
