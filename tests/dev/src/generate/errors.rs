//! `docs/errors.md`: the kinds of errors.

use kstreams::ErrorKind;

use super::{NOTE, code, table};

const INTRODUCTION: &str = "\
# Errors

An error's *kind* says what a program can do about it; programs decide by the kind and never by the message. The number
is the one of C's `KS_ERROR_…` constants. New kinds are only added at the end.

";

pub(super) fn page() -> String {
    let row = |kind: ErrorKind| [(kind as i32).to_string(), code(kind.name()), kind.advice().to_owned()];
    format!("{NOTE}{INTRODUCTION}{}", table(["number", "kind", "what to do"], ErrorKind::ALL.map(row)))
}
