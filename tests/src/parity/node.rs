//! What the Node package exports: `lib/index.ts`, with the classes, functions and constants that it names and their
//! members, and the members of interfaces. The names of types themselves are gone at run time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::is_word;
use crate::source::root;

pub(super) fn exports() -> Option<BTreeSet<String>> {
    let index = root().join("bindings-node/lib/index.ts");
    fs::read_to_string(&index).ok().map(|text| {
        let mut names = BTreeSet::new();
        exports_of(&index, &text, "", &mut names);
        names
    })
}

/// The exports of one file, under a prefix.
fn exports_of(path: &Path, text: &str, prefix: &str, names: &mut BTreeSet<String>) {
    for statement in statements(text) {
        if let Some(rest) = statement.strip_prefix("export * as ") {
            let (name, from) = rest.split_once(" from ").expect("a namespace comes from a file");
            let (path, text) = file(path, from);
            exports_of(&path, &text, &format!("{prefix}{name}."), names);
        } else if let Some(rest) = statement.strip_prefix("export * from ") {
            let (path, text) = file(path, rest);
            exports_of(&path, &text, prefix, names);
        } else if let Some((list, from)) = listed(&statement) {
            let text = from.map_or_else(|| text.to_owned(), |from| file(path, from).1);
            list.iter().for_each(|(own, name)| define(&text, own, &format!("{prefix}{name}"), names));
        } else if let Some(name) = declared(&statement) {
            define(text, name, &format!("{prefix}{name}"), names);
        }
    }
}

/// The lines that begin an export, those of a list in braces as one.
fn statements(text: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if is_open {
            let last = statements.last_mut().expect("one was opened");
            last.push(' ');
            last.push_str(line.trim());
            is_open = !line.contains('}');
        } else if line.starts_with("export ") {
            statements.push(line.to_owned());
            is_open = (line.starts_with("export {") || line.starts_with("export type {")) && !line.contains('}');
        }
    }
    statements
}

/// `export { a, b as c } from "./file.js"`: the names in the file and outside, and the file.
fn listed(statement: &str) -> Option<(Vec<(String, String)>, Option<&str>)> {
    let rest = statement.strip_prefix("export ")?;
    let rest = rest.strip_prefix("type ").unwrap_or(rest).strip_prefix('{')?;
    let (list, tail) = rest.split_once('}')?;
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let names = entries.map(|entry| {
        let entry = entry.strip_prefix("type ").unwrap_or(entry);
        let (own, name) = entry.split_once(" as ").unwrap_or((entry, entry));
        (own.to_owned(), name.to_owned())
    });
    Some((names.collect(), tail.split_once("from ").map(|(_, from)| from)))
}

/// `export class X`: the name.
fn declared(statement: &str) -> Option<&str> {
    let mut words = statement.split(|letter: char| !is_word(letter)).filter(|word| !word.is_empty()).skip(1);
    let is_kind = |word: &&str| ["class", "interface", "function", "const", "enum", "let"].contains(word);
    let modifiers = ["async", "abstract", "declare", "default"];
    let kind = words.by_ref().find(|word| !modifiers.contains(word))?;
    is_kind(&kind).then(|| words.find(|word| *word != "enum")).flatten()
}

/// Whether a name is that of a type only.
fn is_type(text: &str, own: &str) -> bool {
    let declarations = text.lines().filter_map(|line| line.strip_prefix("export type "));
    declarations.filter_map(|rest| rest.strip_prefix(own)).any(|rest| !rest.starts_with(is_word))
}

/// Adds a name, and its members if it is a class or an interface.
fn define(text: &str, own: &str, name: &str, names: &mut BTreeSet<String>) {
    let mut lines = text.lines();
    let begins = |line: &&str| {
        let words: Vec<&str> = line.split(|letter: char| !is_word(letter)).filter(|word| !word.is_empty()).collect();
        !line.starts_with(' ')
            && words.windows(2).any(|pair| ["class", "interface"].contains(&pair[0]) && pair[1] == own)
    };
    let head = lines.by_ref().find(begins);
    if !head.is_some_and(|head| head.contains("interface ")) && !is_type(text, own) {
        names.insert(name.to_owned());
    }
    if let Some(head) = head.filter(|head| !head.ends_with('}')) {
        let mut is_internal = false;
        for line in lines.take_while(|line| !line.starts_with('}')) {
            if let Some(member) = member(line).filter(|_| !is_internal) {
                names.insert(format!("{name}.{member}"));
            }
            is_internal = line.contains("@internal");
        }
        // What is inherited from a class that is not exported itself belongs to the class too.
        if let Some(base) = head.split_once(" extends ").and_then(|(_, base)| base.split([' ', '<', '{']).next())
            && text.lines().any(|line| {
                line.starts_with(&format!("class {base}")) || line.starts_with(&format!("abstract class {base}"))
            })
        {
            define(text, base, name, names);
        }
    }
}

/// The name of a public member that a line declares. Members stand two spaces deep.
fn member(line: &str) -> Option<&str> {
    let line = line.strip_prefix("  ").filter(|line| line.starts_with(is_word))?;
    let mut rest = line;
    for modifier in ["public ", "static ", "async ", "readonly ", "get ", "set ", "override ", "declare ", "*"] {
        rest = rest.strip_prefix(modifier).unwrap_or(rest);
    }
    let end = rest.find(|letter| !is_word(letter))?;
    let (name, tail) = rest.split_at(end);
    let is_member = tail.starts_with(['(', '<', ':', '?', '!', ';']) || tail.starts_with(" =");
    (is_member && name != "constructor" && !name.starts_with('_') && name != "private" && name != "protected")
        .then_some(name)
}

/// The file that an import names: sources import what the compiler will have made of them.
fn file(importer: &Path, quoted: &str) -> (PathBuf, String) {
    let name = quoted.trim_matches(|letter: char| !is_word(letter) && letter != '.' && letter != '/');
    let path = importer.with_file_name(name.trim_start_matches("./")).with_extension("ts");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_members_and_private_ones_do_not_count() {
        let text = "class Base<T> {\n  close(): void {\n    own();\n  }\n}\nexport interface L {\n  m?: string\n}\nexport class One extends Other {}\nexport class A extends Base<X> {\n  /** @internal */\n  n(): void {}\n  readonly b: string;\n  #c = 1;\n  private d(): void {}\n  constructor() {}\n  static async e<T>(\n    f: T,\n  ): void {}\n  get g(): string {\n    return this.h();\n  }\n}\nexport type AA = string;\nexport function i() {}\nexport const j = 1;\nexport async function k() {}\n";
        let mut names = BTreeSet::new();
        exports_of(Path::new("x.ts"), text, "p.", &mut names);
        assert_eq!(
            names.into_iter().collect::<Vec<_>>(),
            ["p.A", "p.A.b", "p.A.close", "p.A.e", "p.A.g", "p.L.m", "p.One", "p.i", "p.j", "p.k"]
        );
    }

    #[test]
    fn lists_may_span_lines() {
        let list = statements("export {\n  A,\n  type B as C,\n} from \"./d.js\";\n");
        let (names, from) = listed(&list[0]).unwrap();
        assert_eq!(names, [("A".to_owned(), "A".to_owned()), ("B".to_owned(), "C".to_owned())]);
        assert_eq!(from, Some("\"./d.js\";"));
    }
}
