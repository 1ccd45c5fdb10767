//! A test that is named somewhere: `file::function`, or a C program's file alone.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use super::{has_word, is_word};
use crate::source::root;

/// Where a test stands: `core/tests/driver.rs::records_come_out`, `tests/c/operators.c`,
/// `bindings-python/tests/test_dsl.py::test_filter`, `bindings-node/test/dsl.test.ts::a title`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestPlace {
    file: String,
    function: Option<String>,
}

impl fmt::Display for TestPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        self.function.as_ref().map_or(Ok(()), |function| write!(f, "::{function}"))
    }
}

impl TestPlace {
    /// Reads a place.
    pub fn parse(text: &str) -> Self {
        match text.split_once("::") {
            Some((file, function)) => Self { file: file.to_owned(), function: Some(function.to_owned()) },
            None => Self { file: text.to_owned(), function: None },
        }
    }

    /// The code that runs for the test: it, and what it calls of its file.
    ///
    /// # Errors
    /// When there is no such test.
    pub fn code(&self) -> Result<String, String> {
        let path = root().join(&self.file);
        let text = fs::read_to_string(&path).map_err(|error| format!("{self}: {error}"))?;
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let functions = match extension {
            // A C program is one test, with the headers beside it.
            "c" => return Ok(with_headers(&path, text)),
            "rs" => {
                let (tests, indent) = tests_of(&text);
                blocks(tests, |line| rust_name(line, indent))
            }
            "py" => blocks(&text, python_name),
            "ts" | "mjs" | "js" => blocks(&text, node_name),
            _ => return Err(format!("{self}: tests are not written in `{extension}`")),
        };
        let wanted = self.function.as_deref().ok_or_else(|| format!("{self}: which of its tests?"))?;
        let test = functions.iter().find(|block| block.name == wanted && block.is_test);
        let test = test.ok_or_else(|| format!("{self}: there is no such test"))?;
        Ok(with_callees(test, &functions))
    }

    /// Which of these names the test does not call.
    ///
    /// # Errors
    /// When there is no such test.
    pub fn uncalled<'a>(&self, names: &[&'a str]) -> Result<Vec<&'a str>, String> {
        let code = self.code()?;
        // So many things are made by `new` that it is looked for with its type.
        let is_called = |name: &str| match name.strip_suffix("::new") {
            Some(owner) => has_word(&code, &format!("{}::new", super::called_name(owner))),
            None => has_word(&code, super::called_name(name)),
        };
        Ok(names.iter().copied().filter(|name| !is_called(name)).collect())
    }
}

/// A test or another function of a file.
struct Block<'a> {
    name: String,
    is_test: bool,
    text: &'a str,
}

/// A test's text with that of all functions of its file which it reaches.
fn with_callees(test: &Block<'_>, functions: &[Block<'_>]) -> String {
    let mut taken = BTreeSet::from([test.name.as_str()]);
    let mut code = test.text.to_owned();
    loop {
        let next = functions
            .iter()
            .find(|block| !block.is_test && !taken.contains(block.name.as_str()) && has_word(&code, &block.name));
        let Some(next) = next else { return code };
        taken.insert(&next.name);
        code.push_str(next.text);
    }
}

/// Cuts a file where functions begin. `name` answers the name that a line begins, and whether it must be a test; a test
/// in Rust is told by the attribute before it.
fn blocks(text: &str, name: impl Fn(&str) -> Option<(String, bool)>) -> Vec<Block<'_>> {
    let mut begins: Vec<(usize, String, bool)> = Vec::new();
    let (mut at, mut has_attribute) = (0, false);
    for line in text.split_inclusive('\n') {
        if let Some((name, is_test)) = name(line) {
            begins.push((at, name, is_test || has_attribute));
            has_attribute = false;
        } else if line.trim_start().starts_with("#[test]") {
            has_attribute = true;
        }
        at += line.len();
    }
    let ends = begins.iter().skip(1).map(|(begin, ..)| *begin).chain([text.len()]).collect::<Vec<_>>();
    let blocks = begins.into_iter().zip(ends);
    blocks.map(|((begin, name, is_test), end)| Block { name, is_test, text: &text[begin..end] }).collect()
}

/// A C program with what it includes of its own folder, and of those files' again.
fn with_headers(path: &Path, text: String) -> String {
    let quoted = |line: &str| line.strip_prefix("#include \"")?.split('"').next().map(str::to_owned);
    let names: Vec<String> = text.lines().filter_map(quoted).collect();
    let headers = names.iter().map(|name| path.with_file_name(name)).filter(|header| header.exists());
    headers.fold(text, |text, header| {
        let header_text = fs::read_to_string(&header).unwrap_or_default();
        text + &with_headers(&header, header_text)
    })
}

/// The tests of a file, with how deep its functions stand: tests beside the tested code are in a module.
fn tests_of(text: &str) -> (&str, &'static str) {
    text.find("\n#[cfg(test)]\nmod ").map_or((text, ""), |at| (&text[at..], "    "))
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| is_word(*letter)).collect()
}

/// A function, or the `impl` of a type, which belongs to whoever names the type.
fn rust_name(line: &str, indent: &str) -> Option<(String, bool)> {
    let line = line.strip_prefix(indent).filter(|line| !line.starts_with(' '))?;
    if line.starts_with("impl") {
        let (_, target) = line.split_once(" for ").or_else(|| line.split_once(' '))?;
        return Some((first_word(target), false));
    }
    let begin = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn "].iter().find_map(|fun| line.strip_prefix(fun))?;
    Some((first_word(begin), false))
}

fn python_name(line: &str) -> Option<(String, bool)> {
    let line = line.trim_end();
    let begin = ["def ", "async def ", "class "].iter().find_map(|def| line.strip_prefix(def))?;
    let name = first_word(begin);
    let is_test = name.starts_with("test_");
    Some((name, is_test))
}

/// `test("title", …)` and `it("title", …)` at any depth, and functions of the file.
fn node_name(line: &str) -> Option<(String, bool)> {
    let inner = line.trim_start();
    if let Some(rest) = inner.strip_prefix("test(").or_else(|| inner.strip_prefix("it(")) {
        let quote = rest.chars().next().filter(|quote| ['"', '\'', '`'].contains(quote))?;
        return Some((rest[1..].split(quote).next()?.to_owned(), true));
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let begin = ["function ", "async function ", "const ", "class "].iter().find_map(|fun| line.strip_prefix(fun))?;
    Some((first_word(begin), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str, name: &str, reader: impl Fn(&str) -> Option<(String, bool)>) -> Option<String> {
        let functions = blocks(text, reader);
        let test = functions.iter().find(|block| block.name == name && block.is_test);
        test.map(|test| with_callees(test, &functions))
    }

    #[test]
    fn a_test_is_read_with_the_functions_that_it_reaches() {
        let text = "fn deep() { x() }\nfn helper() { deep() }\nfn other() { z() }\n#[test]\nfn a() { helper() }\n#[test]\nfn b() { y() }\n";
        let code = code_of(text, "a", |line| rust_name(line, "")).unwrap();
        assert!(has_word(&code, "x") && !has_word(&code, "y") && !has_word(&code, "z"));
        assert!(code_of(text, "helper", |line| rust_name(line, "")).is_none());
        let text = "struct Own;\nimpl Trait for Own {\n    fn method() {}\n}\n#[test]\nfn a() {\n    fn inner() {}\n    Own\n}\n";
        let code = code_of(text, "a", |line| rust_name(line, "")).unwrap();
        assert!(has_word(&code, "inner") && has_word(&code, "method"));
    }

    #[test]
    fn tests_of_other_languages_are_found() {
        let python = "def helper():\n    x()\n\ndef test_a(b):\n    helper()\n\ndef test_c():\n    y()\n";
        assert!(has_word(&code_of(python, "test_a", python_name).unwrap(), "x"));
        let node = "function helper() {\n  x();\n}\ntest(\"a title\", async () => {\n  helper();\n});\ntest('b', () => y());\n";
        let code = code_of(node, "a title", node_name).unwrap();
        assert!(has_word(&code, "x") && !has_word(&code, "y"));
    }
}
