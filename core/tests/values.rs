//! Keys and values, headers and errors: what functions and bindings see of a record.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use kstreams::serde::{self, Serde, SerdeRef};
use kstreams::{
    Data, Error, ErrorKind, Header, Headers, HostValue, IntWidth, IntoData, IntoEffect, IntoPair, Payload, RealWidth,
    Result, Text, TopicNames, Value,
};

#[test]
fn payloads_share_their_buffer() {
    let long = "a text that is longer than what stands in the payload itself";
    assert!(long.len() > Payload::INLINE);
    let buffer = Arc::new(long.as_bytes().to_vec());
    let payload = Payload::shared(&buffer, 2..long.len());
    let part = payload.slice(0..4);
    assert_eq!((&*payload, &*part), (&long.as_bytes()[2..], b"text".as_slice()));
    let large = payload.slice(1..payload.len());
    // The buffer is held by its owner, by the payload and by its large part; the small part is a copy.
    assert_eq!((large.len(), Arc::strong_count(&buffer)), (long.len() - 3, 3));
}

#[test]
fn text_is_always_utf8() {
    let text = Text::decode(Payload::from(b"caf\xc3\xa9 \xff".as_slice()));
    assert_eq!(text.as_str(), "café \u{fffd}");
    let part = text.slice(0..5);
    assert_eq!((part.as_str(), part.as_bytes()), ("café", "café".as_bytes()));
}

#[test]
fn a_value_that_is_of_another_type_says_so() {
    assert!(Value::Null.is_null() && !Value::Bool(false).is_null());
    let error = Value::Real(0.5, RealWidth::Four).mismatch("text");
    assert_eq!(
        (error.kind(), error.fact("expected"), error.fact("got")),
        (ErrorKind::Data, Some("text"), Some("float"))
    );
    let host = Value::Host(HostValue::new(7_u8));
    assert_eq!(host.kind(), "host object");
    let Value::Host(object) = &host else { panic!("{host:?}") };
    assert_eq!((object.get::<u8>(), object.get::<u16>()), (Some(&7), None));
}

#[test]
fn rust_types_stand_for_values() -> Result<()> {
    let (key, value) = IntoPair::into_pair(("key", Some(7_i64)))?;
    assert_eq!((String::view(&key)?, <Option<i64>>::view(&value)?), ("key", Some(7)));
    assert_eq!(IntoData::into_data(None::<String>)?, Value::Null);
    assert_eq!(i64::view(&Value::Null).unwrap_err().kind(), ErrorKind::Data);
    assert_eq!(i16::view(&Value::Int(70_000, IntWidth::Any)).unwrap_err().fact("expected"), Some("short"));
    assert!(IntoEffect::into_effect(()).is_ok() && Err::<(), _>(Error::invalid("no")).into_effect().is_err());
    assert_eq!(TopicNames::into_names(["a", "b"]), vec!["a".to_owned(), "b".to_owned()]);
    Ok(())
}

/// Writes a value, compares the bytes, and reads it back.
fn round(serde: &SerdeRef, value: &Value, bytes: &[u8]) {
    let serde: &dyn Serde = &**serde;
    let mut out = Vec::new();
    serde.serialize(value, &mut out).unwrap();
    assert_eq!(out, bytes, "{}", serde.name());
    assert_eq!(&serde.deserialize(&Payload::from(bytes)).unwrap(), value, "{}", serde.name());
}

#[test]
fn serdes_write_the_bytes_of_kafka_s_own() {
    round(&serde::bytes(), &Value::Bytes(b"\0\xff".as_slice().into()), b"\0\xff");
    round(&serde::utf8(), &Value::Text("é".into()), "é".as_bytes());
    round(&serde::short(), &Value::Int(-2, IntWidth::Two), &[0xff, 0xfe]);
    round(&serde::int(), &Value::Int(258, IntWidth::Four), &[0, 0, 1, 2]);
    round(&serde::long(), &Value::Int(-1, IntWidth::Eight), &[0xff; 8]);
    round(&serde::float(), &Value::Real(1.5, RealWidth::Four), &[0x3f, 0xc0, 0, 0]);
    round(&serde::double(), &Value::Real(1.5, RealWidth::Eight), &[0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
    round(&serde::boolean(), &Value::Bool(true), &[1]);
    assert_eq!(serde::named("double").map(|serde| serde.name().to_owned()), Some("double".to_owned()));
    assert!(serde::named("decimal").is_none());
}

#[test]
fn headers_are_shared_until_they_are_copied() {
    let mut headers = Headers::new(vec![Header { name: "trace".to_owned(), value: Some("1".into()) }]);
    let same = headers.clone();
    let copy = headers.copied();
    headers.add(Header { name: "empty".to_owned(), value: None });
    assert_eq!(same.with(|all| all.len()), 2);
    assert_eq!(copy.to_vec().iter().map(|header| header.name.as_str()).collect::<Vec<_>>(), ["trace"]);
    assert!(headers.is_same(&same) && !headers.is_same(&copy));
    assert!(Headers::EMPTY.is_empty() && Headers::shared().is_empty());
}

#[test]
fn an_error_has_facts_a_code_and_a_cause() {
    let cause = Error::internal("the disk is full").with("path", "/data");
    let error = Error::new(ErrorKind::Resource, "cannot write").with("store", "counts").with_code(56).caused_by(cause);
    assert_eq!(error.facts().collect::<Vec<_>>(), [("store", "counts")]);
    assert_eq!((error.kind(), error.kafka_code(), error.message()), (ErrorKind::Resource, 56, "cannot write"));
    let cause = error.cause().unwrap();
    assert_eq!((cause.kind(), cause.fact("path")), (ErrorKind::Internal, Some("/data")));
    assert_eq!(error.chain(), "cannot write store=`counts`: the disk is full path=`/data`");
    assert_eq!(Error::data("x").kind(), ErrorKind::Data);
}

#[test]
fn every_kind_has_a_name_and_advice() {
    for kind in ErrorKind::ALL {
        assert!(kind.name().chars().all(char::is_lowercase) && kind.advice().ends_with('.'), "{kind}");
    }
}
