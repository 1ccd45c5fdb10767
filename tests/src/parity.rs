//! The interface in all languages: one list, and what each language really exports.
//!
//! - [`ApiList`] is `tests/conformance/api.toml`.
//! - [`exports`] gives all that a language's package offers, read from its sources.
//! - [`TestPlace`] is a test that the list or a table names, and whether it calls what it should.

use std::collections::BTreeSet;

mod c;
mod list;
mod node;
mod place;
mod python;
mod rust;

pub use list::{ApiList, Item, Presence};
pub use place::TestPlace;

/// The languages of the interface, as the list names them.
pub const LANGUAGES: [&str; 4] = ["rust", "c", "python", "node"];

/// All public names of a language's package, methods included. None where the package is not there.
///
/// # Panics
/// For a language that is none of [`LANGUAGES`], and when a source cannot be read.
pub fn exports(language: &str) -> Option<BTreeSet<String>> {
    match language {
        "rust" => Some(rust::exports()),
        "c" => c::exports(),
        "python" => python::exports(),
        "node" => node::exports(),
        other => panic!("{other} is no language of the list"),
    }
}

/// The part of a name that stands where it is called: `map_values` for `KStream::map_values`.
pub fn called_name(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

/// The letters that names consist of.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// Whether a text has a name as a word of its own.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word() {
        assert!(has_word("stream.map_values(f)", "map_values"));
        assert!(!has_word("stream.flat_map_values(f)", "map_values"));
        assert!(!has_word("stream.map_values(f)", "map"));
        assert_eq!(
            (called_name("KStream::map"), called_name("serde.long"), called_name("ks_x")),
            ("map", "long", "ks_x")
        );
    }
}
