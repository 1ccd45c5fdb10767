//! The list itself: `tests/conformance/api.toml`.

use std::collections::BTreeMap;
use std::fs;

use toml::{Table, Value};

use super::{LANGUAGES, TestPlace};
use crate::source::root;

/// Why a language may do without a thing. There is no "later".
const REASONS: [&str; 2] = ["not-applicable", "language-has-it"];

/// All things of the interface.
pub struct ApiList {
    pub items: Vec<Item>,
}

/// One thing: what it is called in each language, and the tests that call it.
pub struct Item {
    pub concept: String,
    presences: BTreeMap<String, Presence>,
}

/// What a language has of a thing.
pub enum Presence {
    /// Its names, most often one, and tests that call them, most often one.
    Here { names: Vec<String>, tests: Vec<TestPlace> },
    /// Nothing, for one of the reasons that count.
    Absent(String),
    /// Nothing is said, which is fine only where the language's package is not there.
    Unsaid,
}

impl ApiList {
    /// Reads the list of the project.
    ///
    /// # Errors
    /// All mistakes of its form, each with the item's concept.
    pub fn read() -> Result<Self, Vec<String>> {
        let path = root().join("tests/conformance/api.toml");
        Self::parse(&fs::read_to_string(&path).map_err(|error| vec![format!("{}: {error}", path.display())])?)
    }

    /// Reads a list from its text.
    ///
    /// # Errors
    /// All mistakes of its form, each with the item's concept.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let table: Table = text.parse().map_err(|error| vec![format!("api.toml: {error}")])?;
        let entries = table.get("item").and_then(Value::as_array).cloned().unwrap_or_default();
        let (mut items, mut mistakes): (Vec<Item>, Vec<String>) = Default::default();
        for entry in entries {
            match Item::parse(entry.as_table().expect("an [[item]] is a table")) {
                Ok(item) if items.iter().any(|other| other.concept == item.concept) => {
                    mistakes.push(format!("{}: stands in the list twice", item.concept));
                }
                Ok(item) => items.push(item),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() { Ok(Self { items }) } else { Err(mistakes) }
    }

    /// All names of a language, with their items.
    pub fn names(&self, language: &str) -> impl Iterator<Item = (&str, &Item)> {
        self.items.iter().flat_map(move |item| match item.presence(language) {
            Presence::Here { names, .. } => names.iter().map(|name| (name.as_str(), item)).collect(),
            Presence::Absent(_) | Presence::Unsaid => Vec::new(),
        })
    }
}

impl Item {
    /// What a language has of it.
    pub fn presence(&self, language: &str) -> &Presence {
        &self.presences[language]
    }

    fn parse(entry: &Table) -> Result<Self, String> {
        let concept = entry.get("concept").and_then(Value::as_str).ok_or("an item has no `concept`")?.to_owned();
        let fail = |what: &str| format!("{concept}: {what}");
        for key in entry.keys() {
            if !LANGUAGES.contains(&key.as_str()) && key != "concept" && key != "tests" {
                return Err(fail(&format!("unknown key `{key}`")));
            }
        }
        let empty = Table::new();
        let tests = entry.get("tests").and_then(Value::as_table).unwrap_or(&empty);
        let mut presences = BTreeMap::new();
        for language in LANGUAGES {
            let presence = match entry.get(language) {
                Some(value) => presence(value, tests.get(language)),
                None => Ok(Presence::Unsaid),
            };
            let presence = presence.map_err(|what| fail(&format!("{language}: {what}")))?;
            presences.insert(language.to_owned(), presence);
        }
        Ok(Self { concept, presences })
    }
}

fn presence(value: &Value, test: Option<&Value>) -> Result<Presence, String> {
    if let Some(reason) = value.get("absent") {
        let reason = reason.as_str().unwrap_or_default();
        return match test {
            Some(_) => Err("is absent and tested".to_owned()),
            None if REASONS.contains(&reason) => Ok(Presence::Absent(reason.to_owned())),
            None => Err(format!("`{reason}` is no reason; there are {}", REASONS.join(" and "))),
        };
    }
    let names = texts(value).ok_or("must be a name, names, or `absent` with a reason")?;
    let tests = test.and_then(texts).ok_or("no test that calls it")?;
    Ok(Presence::Here { names, tests: tests.iter().map(|test| TestPlace::parse(test)).collect() })
}

/// One text or several.
fn texts(value: &Value) -> Option<Vec<String>> {
    let texts: Vec<String> = match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        _ => return None,
    };
    Some(texts).filter(|texts| !texts.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(item: &str) -> Vec<String> {
        let absent = "rust.absent = 'not-applicable'\nc.absent = 'not-applicable'\nnode.absent = 'not-applicable'\n";
        ApiList::parse(&format!("[[item]]\nconcept = 'X'\n{absent}{item}")).err().unwrap_or_default()
    }

    #[test]
    fn mistakes_are_named_with_their_item() {
        assert_eq!(mistakes("python = 'X'"), ["X: python: no test that calls it"]);
        assert!(mistakes("python.absent = 'later'")[0].starts_with("X: python: `later` is no reason"));
        assert_eq!(
            mistakes("python.absent = 'language-has-it'\ntests.python = 'a::b'"),
            ["X: python: is absent and tested"]
        );
        assert_eq!(mistakes("lisp = 'x'"), ["X: unknown key `lisp`"]);
        assert!(mistakes("python = ['X', 'Y']\ntests.python = 'a::b'").is_empty());
    }
}
