//! The test driver.

use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use kstreams::testing::{self, SentRecord, TestRecord};
use kstreams::{Error, Headers, Result};
use napi::Env;
use napi_derive::napi;

use crate::config::{Pairs, config};
use crate::error::export;
use crate::handler::HandlerArguments;
use crate::raw::{In, Js, Out};
use crate::record::{Parts, headers_from_js};
use crate::serde;
use crate::topology::Topology;
use crate::value::as_real;

/// The native half of `TestDriver`.
#[napi(js_name = "TestDriver")]
pub struct TestDriver(Mutex<testing::TestDriver>);

#[napi]
impl TestDriver {
    /// Starts the topology.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, topology: &Topology, settings: Pairs, start: f64, handlers: In<'_>) -> napi::Result<Self> {
        export(&env, |_| {
            let (topology, config) = (&topology.0, config(settings));
            let handlers = HandlerArguments::new(handlers.val())?.handlers(&config)?;
            let start = to_ms(start);
            let driver = match handlers {
                Some(handlers) => testing::TestDriver::with_handlers(topology, &config, start, handlers),
                None => testing::TestDriver::with_clock(topology, &config, start),
            };
            Ok(Self(Mutex::new(driver?)))
        })
    }

    /// Pipes a record in.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments, reason = "an options object in TypeScript; the macro repeats this line")]
    pub fn pipe(
        &self,
        env: Env,
        topic: String,
        key: In<'_>,
        value: In<'_>,
        timestamp: f64,
        headers: In<'_>,
        key_serde: Option<String>,
        value_serde: Option<String>,
    ) -> napi::Result<()> {
        export(&env, |_| {
            let record = TestRecord {
                topic,
                key: serde::write(&serde::or_bytes(key_serde.as_deref())?, key.val())?,
                value: serde::write(&serde::or_bytes(value_serde.as_deref())?, value.val())?,
                timestamp: to_ms(timestamp),
                headers: headers_from_js(headers.val())?,
            };
            self.enter()?.pipe(record)
        })
    }

    /// Pipes records in: keys, values and timestamps in turn.
    #[napi(catch_unwind)]
    pub fn pipe_batch(
        &self,
        env: Env,
        topic: String,
        flat: In<'_>,
        key_serde: Option<String>,
        value_serde: Option<String>,
    ) -> napi::Result<()> {
        export(&env, |_| {
            let key_serde = serde::or_bytes(key_serde.as_deref())?;
            let value_serde = serde::or_bytes(value_serde.as_deref())?;
            let flat = flat.val();
            let record = |index: u32| {
                Ok(TestRecord {
                    topic: topic.clone(),
                    key: serde::write(&key_serde, flat.item(index))?,
                    value: serde::write(&value_serde, flat.item(index + 1))?,
                    timestamp: to_ms(flat.item(index + 2).as_number().unwrap_or(0.0)),
                    headers: Headers::EMPTY,
                })
            };
            let records = (0..flat.length() / 3).map(|index| record(index * 3)).collect::<Result<_>>()?;
            self.enter()?.pipe_batch(records)
        })
    }

    /// Moves the wall clock and commits.
    #[napi(catch_unwind)]
    pub fn advance_wall_clock(&self, env: Env, milliseconds: f64) -> napi::Result<()> {
        let by = Duration::from_millis(u64::try_from(to_ms(milliseconds)).unwrap_or(0));
        export(&env, |_| self.enter()?.advance_wall_clock(by))
    }

    /// Takes everything that was sent.
    #[napi(catch_unwind)]
    pub fn outputs(&self, env: Env) -> napi::Result<Out> {
        export(&env, |js| {
            let sent = self.enter()?.outputs();
            received(js, &sent, None, None)
        })
    }

    /// Takes what was sent to a topic.
    #[napi(catch_unwind)]
    pub fn read(
        &self,
        env: Env,
        topic: String,
        key_serde: Option<String>,
        value_serde: Option<String>,
    ) -> napi::Result<Out> {
        export(&env, |js| {
            let sent = self.enter()?.read(&topic);
            received(js, &sent, key_serde.as_deref(), value_serde.as_deref())
        })
    }

    /// The rows of a store: keys, values and timestamps in turn.
    #[napi(catch_unwind)]
    pub fn store_rows(
        &self,
        env: Env,
        name: String,
        key_serde: Option<String>,
        value_serde: Option<String>,
    ) -> napi::Result<Out> {
        export(&env, |js| {
            let key_serde = serde::or_bytes(key_serde.as_deref())?;
            let value_serde = serde::or_bytes(value_serde.as_deref())?;
            let mut flat = Vec::new();
            for row in self.enter()?.store_rows(&name)? {
                flat.push(serde::read(js, &key_serde, Some(&row.key))?);
                flat.push(serde::read(js, &value_serde, Some(&row.value))?);
                flat.push(js.number(as_real(row.timestamp)));
            }
            Ok(js.array(flat.into_iter()).into_out())
        })
    }

    /// The names of the stores.
    #[napi(catch_unwind)]
    pub fn store_names(&self, env: Env) -> napi::Result<Vec<String>> {
        export(&env, |_| Ok(self.enter()?.store_names()))
    }

    /// How many records were dropped.
    #[napi(catch_unwind)]
    pub fn dropped(&self, env: Env) -> napi::Result<f64> {
        export(&env, |_| Ok(as_real(i64::try_from(self.enter()?.dropped()).unwrap_or(i64::MAX))))
    }

    /// Closes the stores and removes their directory.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env) -> napi::Result<()> {
        export(&env, |_| self.enter()?.close())
    }
}

impl TestDriver {
    /// A driver runs one call at a time; a function of the topology is inside of one already.
    fn enter(&self) -> Result<MutexGuard<'_, testing::TestDriver>> {
        match self.0.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(Error::invalid("the test driver is in use by the call that runs this function"))
            }
        }
    }
}

/// Milliseconds, as JavaScript has them.
#[expect(clippy::cast_possible_truncation, reason = "a number that is too large stays the largest")]
pub(crate) const fn to_ms(milliseconds: f64) -> i64 {
    milliseconds as i64
}

fn received(js: Js<'_>, sent: &[SentRecord], key_serde: Option<&str>, value_serde: Option<&str>) -> Result<Out> {
    let (key_serde, value_serde) = (serde::or_bytes(key_serde)?, serde::or_bytes(value_serde)?);
    let mut records = Vec::with_capacity(sent.len());
    for record in sent {
        let parts = Parts {
            topic: js.string(&record.topic),
            key: serde::read(js, &key_serde, record.key.as_ref())?,
            value: serde::read(js, &value_serde, record.value.as_ref())?,
            partition: record.partition,
            offset: None,
            timestamp: record.timestamp,
            headers: &record.headers,
        };
        records.push(parts.make(js)?);
    }
    Ok(js.array(records.into_iter()).into_out())
}
