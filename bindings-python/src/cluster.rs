//! Brokers in this process.

use kstreams::testing;
use pyo3::prelude::*;

use crate::error::OrRaise;
use crate::fork::Owned;

/// The native half of `EmbeddedCluster`.
#[pyclass(frozen)]
pub(crate) struct EmbeddedCluster(Owned<std::sync::Mutex<Option<testing::EmbeddedCluster>>>);
