//! The test driver.

use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use kstreams::Error;
use kstreams::testing::{self, SentRecord, TestRecord};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::config::Settings;
use crate::error::OrRaise;
use crate::fork::Owned;
use crate::function::Function;
use crate::handler::HandlerArguments;
use crate::record::{HeaderList, Parts, Record, to_headers};
use crate::serde::{Serde, SerdeArgument};
use crate::topology::Topology;

/// The native half of `TestDriver`.
#[pyclass(frozen)]
pub(crate) struct TestDriver(Owned<Mutex<testing::TestDriver>>);

#[pymethods]
impl TestDriver {
    #[new]
    fn new(
        py: Python<'_>,
        topology: &Topology,
        settings: Settings,
        start_ms: i64,
        deserialization: Option<Function>,
        processing: Option<Function>,
        production: Option<Function>,
    ) -> PyResult<Self> {
        let (topology, Settings(config)) = (&topology.0, settings);
        let arguments = HandlerArguments { deserialization, processing, production };
        let handlers = arguments.handlers(&config).or_raise(py)?;
        let driver = py.detach(|| match handlers {
            Some(handlers) => testing::TestDriver::with_handlers(topology, &config, start_ms, handlers),
            None => testing::TestDriver::with_clock(topology, &config, start_ms),
        });
        Ok(Self(Owned::new("TestDriver", Mutex::new(driver.or_raise(py)?))))
    }

    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn pipe(
        &self,
        py: Python<'_>,
        topic: &str,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        timestamp: i64,
        headers: HeaderList,
        key_serde: Option<SerdeArgument>,
        value_serde: Option<SerdeArgument>,
    ) -> PyResult<()> {
        let [key_serde, value_serde] = [or_bytes(key_serde), or_bytes(value_serde)];
        let record = TestRecord {
            topic: topic.to_owned(),
            key: key_serde.write(py, key)?,
            value: value_serde.write(py, value)?,
            timestamp,
            headers: to_headers(headers),
        };
        self.run(py, move |driver| driver.pipe(record))
    }

    fn pipe_batch(
        &self,
        py: Python<'_>,
        topic: &str,
        records: &Bound<'_, PyAny>,
        key_serde: Option<SerdeArgument>,
        value_serde: Option<SerdeArgument>,
    ) -> PyResult<()> {
        let [key_serde, value_serde] = [or_bytes(key_serde), or_bytes(value_serde)];
        let mut batch = Vec::with_capacity(records.len().unwrap_or(0));
        for item in records.try_iter()? {
            let item = item?;
            let parts = item.cast::<PyTuple>()?;
            let timestamp = if parts.len() > 2 { parts.get_item(2)?.extract()? } else { 0 };
            batch.push(TestRecord {
                topic: topic.to_owned(),
                key: key_serde.write(py, &parts.get_item(0)?)?,
                value: value_serde.write(py, &parts.get_item(1)?)?,
                timestamp,
                headers: kstreams::Headers::EMPTY,
            });
        }
        self.run(py, move |driver| driver.pipe_batch(batch))
    }

    fn advance_wall_clock(&self, py: Python<'_>, milliseconds: u64) -> PyResult<()> {
        self.run(py, move |driver| driver.advance_wall_clock(Duration::from_millis(milliseconds)))
    }

    fn outputs(&self, py: Python<'_>) -> PyResult<Vec<Record>> {
        let sent = self.run(py, |driver| Ok(driver.outputs()))?;
        let serde = or_bytes(None);
        sent.into_iter().map(|record| received(py, record, &serde, &serde)).collect()
    }

    fn read(
        &self,
        py: Python<'_>,
        topic: &str,
        key_serde: Option<SerdeArgument>,
        value_serde: Option<SerdeArgument>,
    ) -> PyResult<Vec<Record>> {
        let [key_serde, value_serde] = [or_bytes(key_serde), or_bytes(value_serde)];
        let sent = self.run(py, |driver| Ok(driver.read(topic)))?;
        sent.into_iter().map(|record| received(py, record, &key_serde, &value_serde)).collect()
    }

    fn store<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        key_serde: Option<SerdeArgument>,
        value_serde: Option<SerdeArgument>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let [key_serde, value_serde] = [or_bytes(key_serde), or_bytes(value_serde)];
        let rows = PyDict::new(py);
        for row in self.run(py, |driver| driver.store_rows(name))? {
            rows.set_item(key_serde.read(py, Some(&row.key))?, value_serde.read(py, Some(&row.value))?)?;
        }
        Ok(rows)
    }

    fn store_names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.run(py, |driver| Ok(driver.store_names()))
    }

    fn dropped(&self, py: Python<'_>) -> PyResult<u64> {
        self.run(py, |driver| Ok(driver.dropped()))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.run(py, testing::TestDriver::close)
    }
}

impl TestDriver {
    /// Runs something without the interpreter's lock: the host takes it where functions are called.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut testing::TestDriver) -> kstreams::Result<T> + Send,
    ) -> PyResult<T> {
        let driver = self.0.get(py)?;
        py.detach(|| work(&mut *enter(driver)?)).or_raise(py)
    }
}

/// A driver belongs to one thread at a time; a function of the topology is inside of it already.
fn enter(driver: &Mutex<testing::TestDriver>) -> kstreams::Result<MutexGuard<'_, testing::TestDriver>> {
    match driver.try_lock() {
        Ok(guard) => Ok(guard),
        Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => {
            Err(Error::invalid("the test driver is in use: by another thread, or by the call that runs this function"))
        }
    }
}

/// Without a serde, keys and values are bytes.
fn or_bytes(serde: Option<SerdeArgument>) -> Serde {
    serde.map_or_else(|| Serde(kstreams::serde::bytes()), SerdeArgument::serde)
}

fn received(py: Python<'_>, record: SentRecord, key_serde: &Serde, value_serde: &Serde) -> PyResult<Record> {
    Ok(Parts {
        topic: PyString::new(py, &record.topic).into_any(),
        key: key_serde.read(py, record.key.as_ref())?,
        value: value_serde.read(py, record.value.as_ref())?,
        partition: record.partition,
        offset: None,
        timestamp: record.timestamp,
        headers: record.headers,
    }
    .into())
}
