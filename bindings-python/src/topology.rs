//! The finished topology.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::prelude::*;

use crate::config::Settings;
use crate::error::OrRaise;
use crate::host::PythonHost;

/// What an application does with its records: checked and ready to run.
///
/// Made by :meth:`StreamsBuilder.build`. It can be run many times.
#[pyclass(frozen, module = "libkstreams")]
pub(crate) struct Topology(pub(crate) kstreams::Topology);

impl Topology {
    /// A topology whose functions are Python's, if it has any.
    pub(crate) fn new(topology: kstreams::Topology, has_functions: bool) -> Self {
        // Without functions of the program there is no reason ever to wait for the interpreter.
        Self(if has_functions { topology.with_host(Arc::new(PythonHost)) } else { topology })
    }
}

#[pymethods]
impl Topology {
    /// The text that Kafka Streams prints for the same topology.
    fn describe(&self) -> String {
        self.0.describe()
    }

    /// The topics that are read and were not made by this topology, sorted.
    #[getter]
    fn source_topics(&self) -> Vec<String> {
        self.0.source_topics()
    }

    /// The topics that are written and are not internal, sorted.
    #[getter]
    fn sink_topics(&self) -> Vec<String> {
        self.0.sink_topics()
    }

    /// The names of the stores, in the order in which they were added.
    #[getter]
    fn store_names(&self) -> Vec<String> {
        self.0.store_names()
    }

    /// The topics that an application with these settings makes for itself, by name.
    ///
    /// Parameters
    /// ----------
    /// config : mapping
    ///     The application's settings, under Kafka's names. ``application.id`` and ``bootstrap.servers`` are required.
    ///
    /// Raises
    /// ------
    /// InvalidError
    ///     A setting is missing or wrong.
    fn internal_topics(&self, py: Python<'_>, config: Settings) -> PyResult<Vec<InternalTopic>> {
        let topics = self.0.internal_topics(&config.0).or_raise(py)?;
        Ok(topics.into_iter().map(InternalTopic::from).collect())
    }

    fn __str__(&self) -> String {
        self.0.describe()
    }

    fn __repr__(&self) -> String {
        format!("<Topology {} -> {}>", self.0.source_topics().join(", "), self.0.sink_topics().join(", "))
    }
}

/// A topic that an application makes for itself.
///
/// Attributes
/// ----------
/// name : str
///     The real name, with the application's id in front.
/// kind : str
///     ``repartition`` or ``changelog``.
/// partitions : int or None
///     How many partitions the topology asks for; without a wish they follow from the topics that it reads.
/// config : dict of str to str
///     The topic settings that it is made with.
#[pyclass(frozen, get_all, module = "libkstreams")]
pub(crate) struct InternalTopic {
    name: String,
    kind: &'static str,
    partitions: Option<i32>,
    config: BTreeMap<String, String>,
}

impl From<kstreams::InternalTopic> for InternalTopic {
    fn from(topic: kstreams::InternalTopic) -> Self {
        let kstreams::InternalTopic { name, kind, partitions, config } = topic;
        Self { name, kind: kind.name(), partitions, config }
    }
}

#[pymethods]
impl InternalTopic {
    fn __repr__(&self) -> String {
        format!("InternalTopic(name={:?}, kind={:?}, partitions={:?})", self.name, self.kind, self.partitions)
    }
}
