//! The native half of the Node package `libkstreams`: the core's nouns, one way to do each thing.
//!
//! What people use is written in TypeScript, in `lib`. This half translates values, errors and threads, and decides
//! nothing.

#![cfg_attr(test, allow(dead_code, reason = "exports are registered outside of tests only"))]
#![expect(unreachable_pub, reason = "the macros want public items; everything here is private to the library")]

mod admin;
mod cluster;
mod config;
mod consumer;
mod dsl;
mod error;
mod function;
mod handler;
mod host;
mod logging;
mod options;
mod producer;
mod raw;
mod record;
mod serde;
mod streams;
mod testing;
mod topology;
mod value;
mod work;

use kstreams::ErrorKind;
use napi::Env;
use napi_derive::napi;

use raw::In;

/// Connects this environment with the library. `helpers` are functions of the TypeScript half.
#[napi(catch_unwind)]
pub fn establish(env: Env, helpers: In<'_>) -> napi::Result<()> {
    error::export(&env, |js| host::Link::establish(js, helpers.val()))
}

/// The library's version.
#[napi(catch_unwind)]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The names and meanings of all kinds of errors.
#[napi(catch_unwind)]
pub fn error_kinds() -> Vec<Vec<String>> {
    ErrorKind::ALL.into_iter().map(|kind| vec![kind.name().to_owned(), kind.advice().to_owned()]).collect()
}
