//! The finished topology.

use std::sync::Arc;

use pyo3::prelude::*;

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

    fn __str__(&self) -> String {
        self.0.describe()
    }

    fn __repr__(&self) -> String {
        format!("<Topology {} -> {}>", self.0.source_topics().join(", "), self.0.sink_topics().join(", "))
    }
}
