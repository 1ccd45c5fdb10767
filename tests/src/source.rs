//! A source file, read closely enough to tell code from comments, strings and tests.

use std::fs;
use std::path::{Path, PathBuf};

/// A file without its tests.
pub struct Source {
    /// Its path in the project, with forward slashes.
    pub path: String,
    /// The code: comments and the insides of strings are blank, lines are where they were.
    code: String,
    strings: Vec<(usize, String)>,
}

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files below some folders, in the order of their names. Files of tests are left out.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| collect(&root().join(folder), &mut paths));
    paths.sort();
    paths.iter().map(|path| Source::read(path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            collect(&path, paths);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            paths.push(path);
        }
    }
}

/// Whether a line names something in a crate: `name::` as a word of its own.
pub fn has_path(line: &str, name: &str) -> bool {
    let path = format!("{name}::");
    line.match_indices(&path).any(|(at, _)| !line[..at].ends_with(is_word))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == ':'
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let relative = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        Self::new(relative, &text)
    }

    fn new(path: String, text: &str) -> Self {
        let text = text.split_once("\n#[cfg(test)]\nmod ").map_or(text, |(code, _)| code);
        let (code, strings) = scan(text);
        Self { path, code, strings }
    }

    /// The first folder or file below `src`: `operator` for `core/src/operator/map.rs`.
    pub fn room(&self) -> &str {
        let inside = self.path.split_once("/src/").map_or("", |(_, inside)| inside);
        inside.split(['/', '.']).next().unwrap_or_default()
    }

    /// The numbered lines of code.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// How many lines have code.
    pub fn code_lines(&self) -> usize {
        self.lines().filter(|(_, line)| !line.trim().is_empty()).count()
    }

    /// The numbered texts in quotes.
    pub fn strings(&self) -> impl Iterator<Item = (usize, &str)> {
        self.strings.iter().map(|(line, text)| (*line, text.as_str()))
    }

    /// Where a word or path stands in the code: `file:line: the line`.
    pub fn places(&self, word: &str) -> Vec<String> {
        let has = |line: &str| {
            line.match_indices(word).any(|(at, _)| {
                let (before, after) = (&line[..at], &line[at + word.len()..]);
                let begins = !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
                begins
                    && (word.ends_with(':')
                        || !after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
            })
        };
        let found = self.lines().filter(|(_, line)| has(line));
        found.map(|(line, text)| format!("{}:{line}: {}", self.path, text.trim())).collect()
    }

    /// The rooms that the code names after `crate::`, each with its line; groups in braces are opened.
    pub fn rooms_seen(&self) -> Vec<(usize, String)> {
        let mut rooms = Vec::new();
        for (at, path) in self.code.match_indices("crate::") {
            if self.code[..at].ends_with(is_word) || self.code[..at].ends_with('$') {
                continue;
            }
            let line = self.code[..at].matches('\n').count() + 1;
            let rest = &self.code[at + path.len()..];
            rooms.extend(first_names(rest).into_iter().map(|name| (line, name)));
        }
        rooms
    }
}

/// The first name of a path, or of each path of a group.
fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| {
        text.trim_start().split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().map(str::to_owned)
    };
    let Some(group) = rest.strip_prefix('{') else { return name(rest).into_iter().collect() };
    let (mut depth, mut start, mut names) = (1, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => (),
        }
        if (letter == ',' && depth == 1) || depth == 0 {
            names.extend(name(&group[start..at]).filter(|name| !name.is_empty()));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// Blanks comments and the insides of strings, and collects the strings.
fn scan(text: &str) -> (String, Vec<(usize, String)>) {
    let (mut code, mut strings) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let token = token(rest);
        let (piece, tail) = rest.split_at(token.length.max(letter.len_utf8()));
        if let Some(inside) = token.string {
            strings.push((code.matches('\n').count() + 1, inside.to_owned()));
        }
        if token.is_code {
            code.push_str(piece);
        } else {
            code.extend(piece.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        }
        rest = tail;
    }
    (code, strings)
}

struct Token<'a> {
    length: usize,
    is_code: bool,
    string: Option<&'a str>,
}

fn token(rest: &str) -> Token<'_> {
    let blank = |length: usize| Token { length, is_code: false, string: None };
    if rest.starts_with("//") {
        return blank(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return blank(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(hashes) = raw_string(rest) {
        let (open, close) = (hashes + 2, format!("\"{}", "#".repeat(hashes)));
        let end = rest[open..].find(&close).map_or(rest.len(), |end| open + end);
        return Token { length: (end + close.len()).min(rest.len()), is_code: false, string: Some(&rest[open..end]) };
    }
    if rest.starts_with('"') {
        let end = closing(rest, '"');
        return Token { length: (end + 1).min(rest.len()), is_code: false, string: Some(&rest[1..end]) };
    }
    // A quote is a letter if it is closed after one, otherwise it begins a lifetime.
    if let Some(after) = rest.strip_prefix('\'') {
        let is_letter = after.starts_with('\\') || after.chars().nth(1) == Some('\'');
        return if is_letter {
            blank(closing(rest, '\'') + 1)
        } else {
            Token { length: 1, is_code: true, string: None }
        };
    }
    // Words are taken whole, so that the `r` of `for"` does not begin a raw string.
    let length = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    Token { length, is_code: true, string: None }
}

/// How many hashes a raw string begins with, if here is one.
fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?;
    let tail = hashes.trim_start_matches('#');
    tail.starts_with('"').then(|| hashes.len() - tail.len())
}

/// Where the quote that opens `rest` is closed.
fn closing(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            letter if letter == quote => return at,
            _ => (),
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("core/src/operator/map.rs".to_owned(), text)
    }

    #[test]
    fn words_in_comments_strings_and_tests_do_not_count() {
        let text = "// unsafe\nlet a = \"unsafe \\\" unsafe\"; /* unsafe\nunsafe */ let b = r#\"un\"safe\"#;\nlet c = '\"'; unsafe { }\n\n#[cfg(test)]\nmod tests { unsafe {} }";
        let source = source(text);
        assert_eq!(source.places("unsafe"), ["core/src/operator/map.rs:4: let c =    ; unsafe { }"]);
        assert_eq!(source.strings().collect::<Vec<_>>(), [(2, "unsafe \\\" unsafe"), (3, "un\"safe")]);
        assert_eq!(source.code_lines(), 3);
    }

    #[test]
    fn a_word_is_whole_and_a_path_may_follow_another() {
        let source = source("unsafe_op();\nstd::thread::sleep(a);\nfn f<'a>(x: &'a str) { rand::x() }\nbrand::x()");
        assert!(source.places("unsafe").is_empty());
        assert_eq!(source.places("thread::sleep").len(), 1);
        assert_eq!(source.places("rand::").len(), 1);
        assert!(has_path("pub fn a(b: log::Level)", "log") && !has_path("pub fn a(b: crate::log::Level)", "log"));
    }

    #[test]
    fn rooms_are_seen_in_paths_and_groups() {
        let source = source(
            "use crate::{\n    error::{Error, client},\n    state::Store,\n};\nlet x = crate::runtime::x();\nmycrate::dsl;",
        );
        assert_eq!(source.room(), "operator");
        let names: Vec<(usize, String)> = source.rooms_seen();
        let names: Vec<(usize, &str)> = names.iter().map(|(line, name)| (*line, name.as_str())).collect();
        assert_eq!(names, [(1, "error"), (1, "state"), (5, "runtime")]);
    }
}
