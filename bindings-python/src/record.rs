//! Records, as Python sees them.

use kstreams::{Header, Headers};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A record of a topic.
///
/// Attributes
/// ----------
/// topic : str
///     The topic.
/// key, value
///     ``bytes`` or ``None``, unless a serde was given where the record was read.
/// partition : int or None
///     The partition, if it is known.
/// offset : int or None
///     The record's place in its partition, if it is known.
/// timestamp : int or None
///     Milliseconds since 1970, if it is known.
/// headers : tuple of (str, bytes or None)
///     The headers; names may repeat.
#[pyclass(frozen, module = "libkstreams", generic)]
pub(crate) struct Record {
    #[pyo3(get)]
    pub(crate) topic: Py<PyAny>,
    #[pyo3(get)]
    pub(crate) key: Py<PyAny>,
    #[pyo3(get)]
    pub(crate) value: Py<PyAny>,
    #[pyo3(get)]
    pub(crate) partition: Option<i32>,
    #[pyo3(get)]
    pub(crate) offset: Option<i64>,
    #[pyo3(get)]
    pub(crate) timestamp: Option<i64>,
    pub(crate) headers: Headers,
}

/// Headers as an argument.
pub(crate) type HeaderList = Vec<(String, Option<Vec<u8>>)>;

/// Headers from an argument.
pub(crate) fn to_headers(list: HeaderList) -> Headers {
    Headers::new(list.into_iter().map(|(name, value)| Header { name, value: value.map(Into::into) }).collect())
}

#[pymethods]
impl Record {
    #[new]
    #[pyo3(signature = (topic, key=None, value=None, *, partition=None, offset=None, timestamp=None, headers=Vec::new()))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        topic: Py<PyAny>,
        key: Option<Py<PyAny>>,
        value: Option<Py<PyAny>>,
        partition: Option<i32>,
        offset: Option<i64>,
        timestamp: Option<i64>,
        headers: HeaderList,
    ) -> Self {
        let (key, value) = (key.unwrap_or_else(|| py.None()), value.unwrap_or_else(|| py.None()));
        Self { topic, key, value, partition, offset, timestamp, headers: to_headers(headers) }
    }

    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        let headers = self.headers.to_vec();
        let pair = |header: Header| (header.name, header.value.map(|value| PyBytes::new(py, &value)));
        pyo3::types::PyTuple::new(py, headers.into_iter().map(pair))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let shown = |object: &Py<PyAny>| object.bind(py).repr().map(|text| text.to_string());
        let mut text = format!("Record({}, {}, {}", shown(&self.topic)?, shown(&self.key)?, shown(&self.value)?);
        let mut option = |name, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!(", {name}={value}"));
            }
        };
        option("partition", self.partition.map(|n| n.to_string()));
        option("offset", self.offset.map(|n| n.to_string()));
        option("timestamp", self.timestamp.map(|n| n.to_string()));
        if !self.headers.is_empty() {
            option("headers", Some(self.headers(py)?.repr()?.to_string()));
        }
        Ok(text + ")")
    }

    fn __eq__(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        Ok(self.topic.bind(py).eq(&other.topic)?
            && (self.partition, self.offset, self.timestamp) == (other.partition, other.offset, other.timestamp)
            && self.key.bind(py).eq(&other.key)?
            && self.value.bind(py).eq(&other.value)?
            && self.headers == other.headers)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        (self.topic.bind(py).hash()?, self.key.bind(py).hash()?, self.value.bind(py).hash()?).hash(&mut hasher);
        (self.partition, self.offset, self.timestamp).hash(&mut hasher);
        Ok(hasher.finish())
    }
}

/// A record from parts that are Python objects already.
pub(crate) struct Parts<'py> {
    pub(crate) topic: Bound<'py, PyAny>,
    pub(crate) key: Bound<'py, PyAny>,
    pub(crate) value: Bound<'py, PyAny>,
    pub(crate) partition: Option<i32>,
    pub(crate) offset: Option<i64>,
    pub(crate) timestamp: Option<i64>,
    pub(crate) headers: Headers,
}

impl From<Parts<'_>> for Record {
    fn from(parts: Parts<'_>) -> Self {
        let Parts { topic, key, value, partition, offset, timestamp, headers } = parts;
        Self { topic: topic.unbind(), key: key.unbind(), value: value.unbind(), partition, offset, timestamp, headers }
    }
}
