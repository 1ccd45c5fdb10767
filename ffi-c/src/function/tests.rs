#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a measurement: it calls as C would, reads the clock and prints"
)]
use std::ffi::c_void;
use std::time::Instant;

use kstreams::testing::{TestDriver, TestRecord};
use kstreams::{Config, Consumed, KStream, Payload, StreamsBuilder, serde};

use super::*;
use crate::emitter::{ks_emit_spec_t, ks_emitter_emit};
use crate::value::KS_VALUE_TEXT;

unsafe extern "C" fn same(
    _: *mut c_void,
    record: *const ks_record_view_t,
    emitter: *mut ks_emitter_t,
) -> *mut ks_error_t {
    // SAFETY: the library gave a record that is good until this function returns.
    let spec = ks_emit_spec_t { key: std::ptr::null(), value: unsafe { &raw const (*record).value } };
    // SAFETY: the spec is good until the call returns.
    unsafe { ks_emitter_emit(emitter, &raw const spec, size_of::<ks_emit_spec_t>()) }
}

unsafe extern "C" fn is_text(_: *mut c_void, record: *const ks_record_view_t, keep: *mut bool) -> *mut ks_error_t {
    // SAFETY: the library gave a record and a place for the answer, good until this function returns.
    unsafe { *keep = (*record).value.kind == KS_VALUE_TEXT };
    std::ptr::null_mut()
}

type Stream = KStream<Value, Value>;

/// Nanoseconds a record through a chain of operators.
#[expect(clippy::disallowed_methods, reason = "a measurement is of real time")]
fn cost(chain: impl Fn(&Stream) -> Stream, length: usize) -> f64 {
    const RECORDS: usize = 500;
    let builder = StreamsBuilder::new();
    let mut stream: Stream = builder.stream("in", Consumed::with(serde::utf8(), serde::utf8()));
    for _ in 0..length {
        stream = chain(&stream);
    }
    let mut driver = TestDriver::new(&builder.build().unwrap(), &Config::new()).unwrap();
    let record = TestRecord {
        topic: "in".into(),
        key: Some(Payload::from(&b"abcdefgh"[..])),
        value: Some(Payload::from(vec![b'x'; 100])),
        ..TestRecord::default()
    };
    let rounds = (0..400).map(|_| {
        let records = vec![record.clone(); RECORDS];
        let begin = Instant::now();
        driver.pipe_batch(records).unwrap();
        begin.elapsed().as_secs_f64() * 1e9 / RECORDS as f64
    });
    rounds.fold(f64::MAX, f64::min)
}

#[expect(clippy::print_stderr, reason = "what was measured is for the terminal")]
fn compare(name: &str, rust: impl Fn(&Stream) -> Stream, c: impl Fn(&Stream) -> Stream) {
    let one = |chain: &dyn Fn(&Stream) -> Stream| (cost(chain, 21) - cost(chain, 1)) / 20.0;
    let (rust, c) = (one(&rust), one(&c));
    eprintln!("{name}: closure {rust:.1} ns, C function {c:.1} ns, {:.1} ns more", c - rust);
}

#[test]
#[ignore = "measures; run alone on a quiet machine"]
fn the_cost_of_a_c_function_over_a_closure() {
    let user = || UserData::new(std::ptr::null_mut(), None);
    compare(
        "map_values",
        |stream| stream.map_values(|_, value| Ok::<_, kstreams::Error>(value.clone())),
        |stream| {
            let function = Function::new(Some(same as Map), user(), "mapper").unwrap();
            stream.map_values(move |key, value| function.one(Part::Value, key, value))
        },
    );
    compare(
        "filter",
        |stream| stream.filter(|_, value| Ok::<_, kstreams::Error>(matches!(value, Value::Text(_)))),
        |stream| {
            let function = Function::new(Some(is_text as Filter), user(), "predicate").unwrap();
            stream.filter(move |key, value| function.decide(key, value))
        },
    );
}
