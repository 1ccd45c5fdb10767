//! What the Python package exports, as Python's own parser reads it.

use std::collections::BTreeSet;
use std::process::Command;

use crate::source::root;

const SCRIPT: &str = include_str!("python/exports.py");

pub(super) fn exports() -> Option<BTreeSet<String>> {
    let package = root().join("bindings-python/python/libkstreams");
    if !package.join("__init__.py").exists() {
        return None;
    }
    let output = Command::new("python3").arg("-c").arg(SCRIPT).arg(&package).output().expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("Python writes UTF-8");
    Some(names.lines().map(str::to_owned).collect())
}
