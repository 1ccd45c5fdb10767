//! The producer.

use std::time::Duration;

use kstreams::{Config, Deliveries, Headers, Payload, ProducerRecord, RecordMetadata as Metadata, Result};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::config::Settings;
use crate::error::{self, OrRaise};
use crate::fork::Owned;
use crate::future::{Future, IntoPython};
use crate::record::{HeaderList, Record, to_headers};
use crate::wait::{self, Timeout};

/// Kafka's own code for a producer whose buffer is full.
const QUEUE_FULL: i16 = -184;

/// Where a record was written.
///
/// Attributes
/// ----------
/// topic : str
///     The topic.
/// partition : int
///     The partition.
/// offset : int
///     The place in the partition; -1 with ``acks=0``, where nobody knows.
/// timestamp : int
///     Milliseconds since 1970.
#[pyclass(frozen, get_all, eq, hash, module = "libkstreams")]
#[derive(PartialEq, Hash)]
pub(crate) struct RecordMetadata {
    topic: String,
    partition: i32,
    offset: i64,
    timestamp: i64,
}

#[pymethods]
impl RecordMetadata {
    fn __repr__(&self) -> String {
        let Self { topic, partition, offset, timestamp } = self;
        format!("RecordMetadata(topic={topic:?}, partition={partition}, offset={offset}, timestamp={timestamp})")
    }
}

impl From<Metadata> for RecordMetadata {
    fn from(metadata: Metadata) -> Self {
        let Metadata { topic, partition, offset, timestamp } = metadata;
        Self { topic: topic.to_string(), partition, offset, timestamp }
    }
}

impl IntoPython for Metadata {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, RecordMetadata::from(self))?.into_any())
    }
}

/// The metadata of all records, or an error with both halves.
impl IntoPython for Deliveries {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let succeeded = self.succeeded.into_iter().map(|(index, metadata)| (index, RecordMetadata::from(metadata)));
        if self.failed.is_empty() {
            let metadata: Vec<_> = succeeded.map(|(_, metadata)| metadata).collect();
            return Ok(metadata.into_pyobject(py)?.unbind());
        }
        let failed = self.failed.iter().map(|(index, failure)| (*index, error::object(py, failure)));
        Err(error::partial(py, (succeeded.collect::<Vec<_>>(), failed.collect::<Vec<_>>())))
    }
}

/// The native half of `Producer`.
#[pyclass(frozen)]
pub(crate) struct Producer {
    producer: Owned<kstreams::Producer>,
    max_block: Duration,
}

#[pymethods]
impl Producer {
    #[new]
    fn new(py: Python<'_>, settings: Settings) -> PyResult<Self> {
        let Settings(config) = settings;
        let max_block = max_block(&config).or_raise(py)?;
        let producer = py.detach(|| kstreams::Producer::new(&config)).or_raise(py)?;
        Ok(Self { producer: Owned::new("Producer", producer), max_block })
    }

    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn send(
        &self,
        py: Python<'_>,
        topic: &str,
        value: Option<Bytes>,
        key: Option<Bytes>,
        partition: Option<i32>,
        timestamp: Option<i64>,
        headers: HeaderList,
    ) -> PyResult<Future> {
        let record = ProducerRecord::new(topic);
        let headers = if headers.is_empty() { Headers::EMPTY } else { to_headers(headers) };
        let (key, value) = (key.map(|bytes| bytes.0), value.map(|bytes| bytes.0));
        self.queue(py, &ProducerRecord { key, value, partition, timestamp, headers, ..record })
    }

    fn send_batch(&self, py: Python<'_>, records: Vec<PyRef<'_, Record>>) -> PyResult<Future> {
        let producer = self.producer.get(py)?;
        let records: Vec<_> = records.iter().map(|record| outgoing(py, record)).collect::<PyResult<_>>()?;
        py.detach(|| producer.send_batch(records)).map(Future::new).or_raise(py)
    }

    fn outstanding(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.producer.get(py)?.outstanding())
    }

    fn flush(&self, py: Python<'_>, timeout: Timeout) -> PyResult<()> {
        let producer = self.producer.get(py)?;
        py.detach(|| producer.flush(timeout.into())).or_raise(py)
    }

    fn close(&self, py: Python<'_>, timeout: Timeout) -> PyResult<()> {
        let producer = self.producer.get(py)?;
        py.detach(|| producer.close(timeout.into())).or_raise(py)
    }
}

impl Producer {
    /// Sends, and waits for room in the core's stead, so that Ctrl-C works while the buffer is full.
    fn queue(&self, py: Python<'_>, record: &ProducerRecord) -> PyResult<Future> {
        let producer = self.producer.get(py)?;
        let is_full =
            |sent: &Result<_>| sent.as_ref().is_err_and(|error: &kstreams::Error| error.kafka_code() == QUEUE_FULL);
        let mut sent = producer.try_send(record.clone());
        if is_full(&sent) {
            let waited = wait::in_slices(py, Some(self.max_block), |slice| {
                producer.wait_for_room(slice);
                let again = producer.try_send(record.clone());
                (!is_full(&again)).then_some(again)
            })?;
            sent = waited.unwrap_or(sent);
        }
        sent.map(Future::new).or_raise(py)
    }
}

fn max_block(config: &Config) -> Result<Duration> {
    Ok(config.duration("max.block.ms")?.unwrap_or(Duration::ZERO))
}

fn outgoing(py: Python<'_>, record: &Record) -> PyResult<ProducerRecord> {
    let bytes = |object: &Py<PyAny>| object.bind(py).extract::<Option<Bytes>>().map(|bytes| bytes.map(|bytes| bytes.0));
    Ok(ProducerRecord {
        key: bytes(&record.key)?,
        value: bytes(&record.value)?,
        partition: record.partition,
        timestamp: record.timestamp,
        headers: record.headers.copied(),
        ..ProducerRecord::new(record.topic.bind(py).cast::<PyString>()?.to_str()?)
    })
}

/// Bytes as an argument: `bytes` and whatever has their interface. Text has to be encoded by whoever has it.
struct Bytes(Payload);

impl<'py> FromPyObject<'_, 'py> for Bytes {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<pyo3::types::PyBytes>() {
            return Ok(Self(bytes.as_bytes().into()));
        }
        if let Ok(bytes) = object.cast::<pyo3::types::PyByteArray>() {
            return Ok(Self(bytes.to_vec().into()));
        }
        Err(pyo3::exceptions::PyTypeError::new_err(format!(
            "keys and values are bytes or None, not objects of type {}: encode text, or give a serde",
            crate::value::type_name(&object)
        )))
    }
}
