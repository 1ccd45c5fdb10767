//! The native half of the Python package `libkstreams`: the core's nouns, one way to do each thing.
//!
//! What people use is written in Python, in `python/libkstreams`. This half translates values, errors and threads, and
//! decides nothing.

mod admin;
mod cluster;
mod config;
mod consumer;
mod dsl;
mod error;
mod fork;
mod function;
mod future;
mod handler;
mod host;
mod logging;
mod options;
mod producer;
mod raw;
mod record;
mod serde;
mod streams;
mod testing;
mod topology;
mod value;
mod wait;

use pyo3::prelude::*;

/// What `libkstreams` is made of. Private: its names may change in any release.
#[pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::admin::Admin;
    #[pymodule_export]
    use crate::cluster::EmbeddedCluster;
    #[pymodule_export]
    use crate::consumer::Consumer;
    #[pymodule_export]
    use crate::dsl::{Builder, Grouped, Stream, Table};
    #[pymodule_export]
    use crate::error::error_kinds;
    #[pymodule_export]
    use crate::fork::after_fork_in_child;
    #[pymodule_export]
    use crate::future::Future;
    #[pymodule_export]
    use crate::handler::FailureContext;
    #[pymodule_export]
    use crate::host::interrupt_functions;
    #[pymodule_export]
    use crate::logging::{clear_logger, set_logger};
    #[pymodule_export]
    use crate::producer::{Producer, RecordMetadata};
    #[pymodule_export]
    use crate::record::Record;
    #[pymodule_export]
    use crate::serde::Serde;
    #[pymodule_export]
    use crate::streams::Application;
    #[pymodule_export]
    use crate::testing::TestDriver;
    #[pymodule_export]
    use crate::topology::{InternalTopic, Topology};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
