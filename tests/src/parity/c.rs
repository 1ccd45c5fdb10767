//! What the C library exports: its checked-in list of symbols, which is compared with the library elsewhere.

use std::collections::BTreeSet;
use std::fs;

use crate::source::root;

pub(super) fn exports() -> Option<BTreeSet<String>> {
    let symbols = fs::read_to_string(root().join("ffi-c/abi/symbols.txt")).ok()?;
    Some(symbols.lines().map(str::to_owned).collect())
}
