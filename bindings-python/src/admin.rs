//! The admin client.

use kstreams::{NewTopic, Outcomes, TopicDescription};
use pyo3::prelude::*;

use crate::config::Settings;
use crate::error::{self, OrRaise};
use crate::fork::Owned;
use crate::wait::Timeout;

/// A topic to create: name, partitions, replication factor and settings.
type Wanted = (String, i32, Option<i32>, Vec<(String, String)>);
/// A topic as the cluster knows it: its name, and leader and number of replicas of each partition.
type Known = (String, Vec<(Option<i32>, usize)>);

/// The native half of `Admin`.
#[pyclass(frozen)]
pub(crate) struct Admin(Owned<kstreams::Admin>);

#[pymethods]
impl Admin {
    #[new]
    fn new(py: Python<'_>, settings: Settings) -> PyResult<Self> {
        let Settings(config) = settings;
        let admin = py.detach(|| kstreams::Admin::new(&config)).or_raise(py)?;
        Ok(Self(Owned::new("Admin", admin)))
    }

    fn create_topics(&self, py: Python<'_>, topics: Vec<Wanted>, timeout: Timeout) -> PyResult<()> {
        let admin = self.0.get(py)?;
        let wanted = |(name, partitions, replication_factor, configs): Wanted| NewTopic {
            replication_factor,
            configs,
            ..NewTopic::new(name, partitions)
        };
        let topics: Vec<_> = topics.into_iter().map(wanted).collect();
        all(py, py.detach(|| admin.create_topics(&topics, timeout.into())).or_raise(py)?)
    }

    fn delete_topics(&self, py: Python<'_>, names: Vec<String>, timeout: Timeout) -> PyResult<()> {
        let admin = self.0.get(py)?;
        let names = names.iter().map(String::as_str);
        all(py, py.detach(|| admin.delete_topics(names, timeout.into())).or_raise(py)?)
    }

    fn topics(&self, py: Python<'_>, timeout: Timeout) -> PyResult<Vec<Known>> {
        let admin = self.0.get(py)?;
        Ok(py.detach(|| admin.topics(timeout.into())).or_raise(py)?.into_iter().map(known).collect())
    }

    fn describe_topics(&self, py: Python<'_>, names: Vec<String>, timeout: Timeout) -> PyResult<Vec<Known>> {
        let admin = self.0.get(py)?;
        let names = names.iter().map(String::as_str);
        Ok(py.detach(|| admin.describe_topics(names, timeout.into())).or_raise(py)?.into_iter().map(known).collect())
    }

    fn wait_for_leaders(&self, py: Python<'_>, names: Vec<String>, timeout: Timeout) -> PyResult<()> {
        let admin = self.0.get(py)?;
        let names = names.iter().map(String::as_str);
        py.detach(|| admin.wait_for_leaders(names, timeout.into())).or_raise(py)
    }

    fn close(&self, py: Python<'_>, timeout: Timeout) -> PyResult<()> {
        let admin = self.0.get(py)?;
        py.detach(|| admin.close(timeout.into())).or_raise(py)
    }
}

fn known(topic: TopicDescription) -> Known {
    (topic.name, topic.partitions.into_iter().map(|partition| (partition.leader, partition.replicas)).collect())
}

/// Nothing if everything was done, an error with both halves otherwise.
fn all(py: Python<'_>, outcomes: Outcomes) -> PyResult<()> {
    if outcomes.failed.is_empty() {
        return Ok(());
    }
    let failed = outcomes.failed.iter().map(|(name, failure)| (name.clone(), error::object(py, failure)));
    let succeeded = outcomes.succeeded.iter().map(|name| (name.clone(), py.None()));
    Err(error::partial(py, (succeeded.collect::<Vec<_>>(), failed.collect::<Vec<_>>())))
}
