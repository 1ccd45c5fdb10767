//! Brokers in this process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kstreams::{Error, ErrorKind, Result, testing};
use pyo3::prelude::*;

use crate::error::OrRaise;
use crate::fork::Owned;
use crate::topology::Topology;

/// The native half of `EmbeddedCluster`.
#[pyclass(frozen)]
pub(crate) struct EmbeddedCluster(Owned<Mutex<Option<testing::EmbeddedCluster>>>);

#[pymethods]
impl EmbeddedCluster {
    #[new]
    fn new(py: Python<'_>, brokers: u16) -> PyResult<Self> {
        let cluster = py.detach(|| testing::EmbeddedCluster::start(brokers)).or_raise(py)?;
        Ok(Self(Owned::new("EmbeddedCluster", Mutex::new(Some(cluster)))))
    }

    fn bootstrap_servers(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |cluster| Ok(cluster.bootstrap_servers().to_owned()))
    }

    fn create_topic(&self, py: Python<'_>, name: &str, partitions: i32) -> PyResult<()> {
        self.with(py, |cluster| cluster.create_topic(name, partitions))
    }

    fn prepare(&self, py: Python<'_>, topology: &Topology, application_id: &str) -> PyResult<()> {
        self.with(py, |cluster| cluster.prepare(&topology.0, application_id))
    }

    fn stop_broker(&self, py: Python<'_>, broker: i32) -> PyResult<()> {
        self.with(py, |cluster| cluster.stop_broker(broker))
    }

    fn start_broker(&self, py: Python<'_>, broker: i32) -> PyResult<()> {
        self.with(py, |cluster| cluster.start_broker(broker))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let cluster = self.0.get(py)?;
        py.detach(|| {
            let cluster = lock(cluster).take();
            drop(cluster);
        });
        Ok(())
    }
}

impl EmbeddedCluster {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&testing::EmbeddedCluster) -> Result<T> + Send,
    ) -> PyResult<T> {
        let cluster = self.0.get(py)?;
        let result = py.detach(|| match &*lock(cluster) {
            Some(cluster) => work(cluster),
            None => Err(Error::new(ErrorKind::Closed, "the embedded cluster is closed; make a new one")),
        });
        result.or_raise(py)
    }
}

fn lock(cluster: &Mutex<Option<testing::EmbeddedCluster>>) -> MutexGuard<'_, Option<testing::EmbeddedCluster>> {
    cluster.lock().unwrap_or_else(PoisonError::into_inner)
}
