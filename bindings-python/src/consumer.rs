//! The consumer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kstreams::{ConsumerRecord, Offset, TopicPartition as Place};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::config::Settings;
use crate::error::OrRaise;
use crate::fork::Owned;
use crate::future::Future;
use crate::record::{Parts, Record};
use crate::wait::{self, Timeout};

/// A partition of a topic: its name and number.
type TopicPartition = (String, i32);

/// The native half of `Consumer`.
#[pyclass(frozen)]
pub(crate) struct Consumer {
    consumer: Owned<kstreams::Consumer>,
    /// The offset behind the last record of each partition that polls have given.
    positions: Mutex<BTreeMap<Place, i64>>,
}

#[pymethods]
impl Consumer {
    #[new]
    fn new(py: Python<'_>, settings: Settings) -> PyResult<Self> {
        let Settings(config) = settings;
        let consumer = py.detach(|| kstreams::Consumer::new(&config)).or_raise(py)?;
        Ok(Self { consumer: Owned::new("Consumer", consumer), positions: Mutex::default() })
    }

    fn subscribe(&self, py: Python<'_>, topics: Vec<String>) -> PyResult<()> {
        let consumer = self.consumer.get(py)?;
        py.detach(|| consumer.subscribe(topics.iter().map(String::as_str))).or_raise(py)
    }

    fn assignment(&self, py: Python<'_>) -> PyResult<Vec<TopicPartition>> {
        let consumer = self.consumer.get(py)?;
        let partitions = py.detach(|| consumer.assignment()).or_raise(py)?;
        Ok(partitions.into_iter().map(|place| (place.topic.to_string(), place.partition)).collect())
    }

    /// Waits in slices, so that Ctrl-C works. Without a timeout, until there is a record.
    fn poll(&self, py: Python<'_>, timeout: Option<Timeout>, max: usize) -> PyResult<Vec<Record>> {
        let consumer = self.consumer.get(py)?;
        let polled = wait::in_slices(py, timeout.map(Duration::from), |slice| match consumer.poll(slice, max) {
            Ok(batch) if batch.is_empty() => None,
            other => Some(other),
        })?;
        match polled {
            None => Ok(Vec::new()),
            Some(batch) => self.received(py, batch.or_raise(py)?.into_iter()),
        }
    }

    /// Commits what polls have given, up to the first of the records that are not processed yet in each partition.
    fn commit(&self, py: Python<'_>, unprocessed: Vec<PyRef<'_, Record>>, timeout: Timeout) -> PyResult<()> {
        let consumer = self.consumer.get(py)?;
        if unprocessed.is_empty() {
            return py.detach(|| consumer.commit(timeout.into())).or_raise(py);
        }
        let held = py.detach(|| consumer.assignment()).or_raise(py)?;
        let mut offsets = self.positions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        offsets.retain(|place, _| held.contains(place));
        for record in unprocessed.iter().rev() {
            let topic: Arc<str> = record.topic.bind(py).cast::<PyString>()?.to_str()?.into();
            if let (Some(partition), Some(offset)) = (record.partition, record.offset)
                && let Some(position) = offsets.get_mut(&Place::new(topic, partition))
            {
                *position = offset;
            }
        }
        let offsets: Vec<_> = offsets.into_iter().map(|(place, offset)| Offset::new(place, offset)).collect();
        py.detach(|| consumer.commit_offsets(&offsets, timeout.into())).or_raise(py)
    }

    fn commit_offsets(
        &self,
        py: Python<'_>,
        offsets: Vec<(TopicPartition, i64, String)>,
        timeout: Timeout,
    ) -> PyResult<()> {
        let consumer = self.consumer.get(py)?;
        let offset = |((topic, partition), offset, metadata): (TopicPartition, i64, String)| Offset {
            metadata,
            ..Offset::new(Place::new(topic, partition), offset)
        };
        let offsets: Vec<_> = offsets.into_iter().map(offset).collect();
        py.detach(|| consumer.commit_offsets(&offsets, timeout.into())).or_raise(py)
    }

    fn commit_async(&self, py: Python<'_>) -> PyResult<Future> {
        let consumer = self.consumer.get(py)?;
        py.detach(|| consumer.commit_async()).map(Future::new).or_raise(py)
    }

    fn committed(
        &self,
        py: Python<'_>,
        partitions: Vec<TopicPartition>,
        timeout: Timeout,
    ) -> PyResult<Vec<Option<(i64, String)>>> {
        let consumer = self.consumer.get(py)?;
        let places: Vec<_> = partitions.into_iter().map(|(topic, partition)| Place::new(topic, partition)).collect();
        let committed = py.detach(|| consumer.committed(&places, timeout.into())).or_raise(py)?;
        Ok(committed.into_iter().map(|offset| offset.map(|offset| (offset.offset, offset.metadata))).collect())
    }

    fn wakeup(&self, py: Python<'_>) -> PyResult<()> {
        self.consumer.get(py)?.wakeup();
        Ok(())
    }

    fn close(&self, py: Python<'_>, timeout: Timeout) -> PyResult<()> {
        let consumer = self.consumer.get(py)?;
        py.detach(|| consumer.close(timeout.into())).or_raise(py)
    }
}

impl Consumer {
    fn received(&self, py: Python<'_>, batch: impl Iterator<Item = ConsumerRecord>) -> PyResult<Vec<Record>> {
        let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut records = Vec::with_capacity(batch.size_hint().0);
        // Records of a partition come together: its name is made once.
        let mut current: Option<(Place, i64, Bound<'_, PyAny>)> = None;
        for record in batch {
            let is_same = current.as_ref().is_some_and(|(place, ..)| {
                place.partition == record.partition && Arc::ptr_eq(&place.topic, &record.topic)
            });
            if !is_same {
                let name = PyString::new(py, &record.topic).into_any();
                let place = Place::new(Arc::clone(&record.topic), record.partition);
                if let Some((place, next, _)) = current.replace((place, 0, name)) {
                    positions.insert(place, next);
                }
            }
            if let Some((_, next, topic)) = &mut current {
                *next = record.offset + 1;
                records.push(to_record(py, topic.clone(), record));
            }
        }
        if let Some((place, next, _)) = current {
            positions.insert(place, next);
        }
        Ok(records)
    }
}

fn to_record<'py>(py: Python<'py>, topic: Bound<'py, PyAny>, record: ConsumerRecord) -> Record {
    let bytes = |bytes: Option<kstreams::Payload>| match bytes {
        Some(bytes) => PyBytes::new(py, &bytes).into_any(),
        None => py.None().into_bound(py),
    };
    Record::from(Parts {
        topic,
        key: bytes(record.key),
        value: bytes(record.value),
        partition: Some(record.partition),
        offset: Some(record.offset),
        timestamp: record.timestamp,
        headers: record.headers,
    })
}
