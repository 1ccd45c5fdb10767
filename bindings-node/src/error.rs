//! Errors, from Rust to JavaScript and back. A function's own exception stays the same object on the way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kstreams::{Error, Result};
use napi::Status;

use crate::host::{Helper, Link, Reference};
use crate::raw::{self, Js, Type, Val};

/// An exception that a function of the program threw, inside an [`Error`] of kind user.
///
/// Anything can be thrown, but only objects can be kept: so there is an array around it.
struct Thrown(Reference);

/// What JavaScript gets for an error.
pub(crate) fn to_js<'s>(js: Js<'s>, error: &Error) -> Val<'s> {
    if let Some(thrown) = error.user_data().and_then(|object| object.downcast_ref::<Thrown>())
        && let Some(holder) = thrown.0.get(js)
    {
        return holder.item(0);
    }
    let facts = error.facts().map(|(name, value)| js.array([js.string(name), js.string(value)].into_iter()));
    let facts: Vec<_> = facts.collect();
    let cause = std::error::Error::source(error).map_or_else(|| js.undefined(), |cause| cause_to_js(js, cause));
    let arguments = [
        js.string(error.kind().name()),
        js.string(error.message()),
        js.int32(error.kafka_code().into()),
        js.array(facts.into_iter()),
        cause,
    ];
    match Link::helper(js, Helper::MakeError) {
        Some(make) => make.call(&arguments).unwrap_or_else(|thrown| thrown),
        None => js.plain_error(&error.chain()),
    }
}

fn cause_to_js<'s>(js: Js<'s>, cause: &(dyn std::error::Error + 'static)) -> Val<'s> {
    match cause.downcast_ref::<Error>() {
        Some(error) => to_js(js, error),
        None => js.plain_error(&cause.to_string()),
    }
}

/// What the engine gets when a function of the program threw something.
pub(crate) fn from_js(thrown: Val<'_>, function: &str) -> Error {
    let text = message(thrown);
    let holder = thrown.js().array([thrown].into_iter());
    let error = match Reference::new(holder) {
        Some(reference) => Error::from_user("function failed", Arc::new(Thrown(reference))),
        None => Error::new(kstreams::ErrorKind::User, "function failed"),
    };
    error.with("function", function).with("exception", text.lines().next().unwrap_or_default())
}

fn message(thrown: Val<'_>) -> String {
    let text = match thrown.kind() {
        Type::Object if thrown.is_error() => thrown.property(c"message").ok().and_then(Val::as_text),
        Type::String => thrown.as_text(),
        _ => None,
    };
    text.unwrap_or_else(|| crate::value::type_name(thrown))
}

/// The body of every exported function: what fails is thrown, and a panic is an error of kind internal.
pub(crate) fn export<T>(env: &napi::Env, body: impl for<'s> FnOnce(Js<'s>) -> Result<T>) -> napi::Result<T> {
    raw::enter(env, |js| {
        let outcome = catch_unwind(AssertUnwindSafe(|| body(js))).unwrap_or_else(|panic| Err(from_panic(&*panic)));
        outcome.map_err(|error| {
            js.throw(to_js(js, &error));
            napi::Error::new(Status::PendingException, error.chain())
        })
    })
}

/// The error for a caught panic.
pub(crate) fn from_panic(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    Error::internal("panic in the native library").with("panic", text)
}
