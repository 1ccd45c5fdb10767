//! The producer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kstreams::{Deliveries, ErrorKind, Payload, ProducerRecord, RecordMetadata, Result};
use napi::Env;
use napi_derive::napi;

use crate::config::{Pairs, config};
use crate::error::{self, export};
use crate::raw::{In, Js, Out, Type, Val};
use crate::record::headers_from_js;
use crate::testing::to_ms;
use crate::value::{as_real, wrong_type};
use crate::work::{self, Pending};

/// The native half of `Producer`.
#[napi]
pub struct Producer(Arc<Inner>);

struct Inner {
    producer: kstreams::Producer,
    lane: Mutex<Lane>,
}

/// What waits for room in the buffer, in the order of the calls.
#[derive(Default)]
struct Lane {
    is_served: bool,
    waiting: VecDeque<Box<dyn FnOnce(&kstreams::Producer) + Send>>,
}

#[napi]
impl Producer {
    /// Starts a producer.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, settings: Pairs) -> napi::Result<Self> {
        export(&env, |_| {
            let producer = kstreams::Producer::new(&config(settings))?;
            Ok(Self(Arc::new(Inner { producer, lane: Mutex::default() })))
        })
    }

    /// Sends a record: an array of topic, key, value, timestamp, partition and headers. A promise of its place.
    #[napi(catch_unwind)]
    pub fn send(&self, env: Env, record: In<'_>) -> napi::Result<Out> {
        export(&env, |js| {
            let record = to_record(record.val())?;
            // Whoever waits for room already comes first.
            if !self.0.lock().is_served {
                match self.0.producer.try_send(record.clone()) {
                    Ok(future) => return work::promise_of(js, &future, place).map(Val::into_out),
                    Err(error) if error.kind() == ErrorKind::Retriable => {}
                    Err(error) => return Err(error),
                }
            }
            let (pending, promise) = Pending::new(js)?;
            self.0.later(Box::new(move |producer| match producer.send(record) {
                Ok(future) => work::settle_with(pending, &future, place),
                Err(error) => pending.settle(Err(error), place),
            }));
            Ok(promise.into_out())
        })
    }

    /// Sends records. A promise of the places of those that were sent, and of the errors of the others.
    #[napi(catch_unwind)]
    pub fn send_batch(&self, env: Env, records: In<'_>) -> napi::Result<Out> {
        export(&env, |js| {
            let records = records.val().items().map(to_record).collect::<Result<Vec<_>>>()?;
            let (pending, promise) = Pending::new(js)?;
            self.0.later(Box::new(move |producer| match producer.send_batch(records) {
                Ok(future) => work::settle_with(pending, &future, deliveries),
                Err(error) => pending.settle(Err(error), deliveries),
            }));
            Ok(promise.into_out())
        })
    }

    /// How many records have no answer yet.
    #[napi(catch_unwind)]
    pub fn outstanding(&self, env: Env) -> napi::Result<f64> {
        export(&env, |_| {
            let waiting = self.0.lock().waiting.len();
            Ok(as_real(i64::try_from(self.0.producer.outstanding() + waiting).unwrap_or(i64::MAX)))
        })
    }

    /// A promise of the time when every record has its answer.
    #[napi(catch_unwind)]
    pub fn flush(&self, env: Env, timeout_ms: f64) -> napi::Result<Out> {
        self.ending(&env, timeout_ms, kstreams::Producer::flush)
    }

    /// A promise of the end.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env, timeout_ms: f64) -> napi::Result<Out> {
        self.ending(&env, timeout_ms, kstreams::Producer::close)
    }
}

impl Producer {
    /// Something that waits for all records before it: it has its place among them.
    fn ending(
        &self,
        env: &Env,
        timeout_ms: f64,
        call: fn(&kstreams::Producer, std::time::Duration) -> Result<()>,
    ) -> napi::Result<Out> {
        export(env, |js| {
            let (pending, promise) = Pending::new(js)?;
            let timeout = work::timeout(timeout_ms);
            self.0.later(Box::new(move |producer| pending.settle(call(producer, timeout), work::nothing)));
            Ok(promise.into_out())
        })
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Lane> {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something that may wait, after everything before it.
    fn later(self: &Arc<Self>, what: Box<dyn FnOnce(&kstreams::Producer) + Send>) {
        let mut lane = self.lock();
        lane.waiting.push_back(what);
        if !lane.is_served {
            lane.is_served = true;
            let inner = Arc::clone(self);
            work::run(Box::new(move || inner.serve()));
        }
    }

    fn serve(&self) {
        loop {
            let mut lane = self.lock();
            let Some(next) = lane.waiting.pop_front() else {
                lane.is_served = false;
                return;
            };
            drop(lane);
            next(&self.producer);
        }
    }
}

fn to_record(flat: Val<'_>) -> Result<ProducerRecord> {
    let [topic, key, value, timestamp, partition, headers] = [0, 1, 2, 3, 4, 5].map(|index| flat.item(index));
    let topic = topic.as_text().ok_or_else(|| kstreams::Error::invalid("a record needs a topic"))?;
    let mut record = ProducerRecord::new(topic);
    record.key = to_payload(key)?;
    record.value = to_payload(value)?;
    record.timestamp = timestamp.as_number().map(to_ms);
    record.partition = partition.as_number().and_then(|number| i32::try_from(to_ms(number)).ok());
    record.headers = headers_from_js(headers)?;
    Ok(record)
}

/// Bytes, or text as UTF-8.
fn to_payload(val: Val<'_>) -> Result<Option<Payload>> {
    let bytes = match val.kind() {
        Type::Null | Type::Undefined => return Ok(None),
        Type::String => val.with_text(|text| text.as_bytes().into()),
        _ => val.with_bytes(|bytes| bytes.into()),
    };
    bytes.map(Some).ok_or_else(|| wrong_type(val, "Buffer, Uint8Array, string or null"))
}

#[expect(clippy::unnecessary_wraps, reason = "one of the conversions, of which others can fail")]
fn place(js: Js<'_>, place: RecordMetadata) -> Result<Val<'_>> {
    let parts = [
        js.string(&place.topic),
        js.int32(place.partition),
        js.bigint(place.offset),
        js.number(as_real(place.timestamp)),
    ];
    Ok(js.array(parts.into_iter()))
}

fn deliveries(js: Js<'_>, outcome: Deliveries) -> Result<Val<'_>> {
    let index = |index: usize| js.number(as_real(i64::try_from(index).unwrap_or(i64::MAX)));
    let mut succeeded = Vec::with_capacity(outcome.succeeded.len());
    for (at, metadata) in outcome.succeeded {
        succeeded.push(js.array([index(at), place(js, metadata)?].into_iter()));
    }
    let failed =
        outcome.failed.iter().map(|(at, failure)| js.array([index(*at), error::to_js(js, failure)].into_iter()));
    let failed: Vec<_> = failed.collect();
    Ok(js.array([js.array(succeeded.into_iter()), js.array(failed.into_iter())].into_iter()))
}
