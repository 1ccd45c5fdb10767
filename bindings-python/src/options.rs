//! Options of operators, as keyword arguments. Where none is given the operator must not get any: Kafka Streams
//! distinguishes the two.

use std::collections::BTreeMap;

use kstreams::{
    Consumed, Error, Grouped, Materialized, OffsetReset, Produced, Record as EngineRecord, Repartitioned, Value,
};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};

use crate::error;
use crate::function::Function;
use crate::record::{Parts, Record};
use crate::serde::SerdeArgument;
use crate::value;

/// Options made by calling methods that take the one thing each.
macro_rules! with_some {
    ($options:expr, $($value:expr => $method:ident),+) => {{
        let mut options = $options;
        $(if let Some(value) = $value { options = options.$method(value); })+
        options
    }};
}

/// What an operator with serdes may be given.
pub(crate) struct Common {
    pub(crate) name: Option<String>,
    pub(crate) key: Option<SerdeArgument>,
    pub(crate) value: Option<SerdeArgument>,
}

impl Common {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.key.is_none() && self.value.is_none()
    }

    pub(crate) fn grouped(self) -> Option<Grouped> {
        if self.is_empty() {
            return None;
        }
        let (key, value) = self.serdes();
        Some(with_some!(Grouped::new(), self.name => named, key => key_serde, value => value_serde))
    }

    pub(crate) fn produced(self, partitioner: Option<Function>) -> Option<Produced> {
        if self.is_empty() && partitioner.is_none() {
            return None;
        }
        let (key, value) = self.serdes();
        let options = with_some!(Produced::new(), self.name => named, key => key_serde, value => value_serde);
        Some(match partitioner {
            Some(function) => options.partitioner(partition_by(function)),
            None => options,
        })
    }

    pub(crate) fn repartitioned(self, partitions: Option<i32>, partitioner: Option<Function>) -> Option<Repartitioned> {
        if self.is_empty() && partitioner.is_none() && partitions.is_none() {
            return None;
        }
        let (key, value) = self.serdes();
        let options = with_some!(Repartitioned::new(), self.name => named, key => key_serde, value => value_serde, partitions => partitions);
        Some(match partitioner {
            Some(function) => options.partitioner(partition_by(function)),
            None => options,
        })
    }

    pub(crate) fn consumed(
        self,
        py: Python<'_>,
        timestamps: Option<Function>,
        reset: Option<&str>,
    ) -> PyResult<Option<Consumed>> {
        if self.is_empty() && timestamps.is_none() && reset.is_none() {
            return Ok(None);
        }
        let reset = reset.map(|name| offset_reset(py, name)).transpose()?;
        let (key, value) = self.serdes();
        let options = with_some!(Consumed::new(), self.name => named, key => key_serde, value => value_serde, reset => offset_reset);
        Ok(Some(match timestamps {
            Some(function) => options.timestamp_extractor(move |record, highest| timestamp(&function, record, highest)),
            None => options,
        }))
    }

    fn serdes(&self) -> (Option<kstreams::serde::SerdeRef>, Option<kstreams::serde::SerdeRef>) {
        let serde = |argument: &Option<SerdeArgument>| argument.as_ref().map(|argument| argument.0.clone());
        (serde(&self.key), serde(&self.value))
    }
}

/// How a table is kept: the attributes of `libkstreams.Materialized`.
#[derive(FromPyObject)]
pub(crate) struct MaterializedArgument {
    name: Option<String>,
    key_serde: Option<SerdeArgument>,
    value_serde: Option<SerdeArgument>,
    store: Option<String>,
    caching: bool,
    logging: bool,
    topic_config: BTreeMap<String, String>,
}

impl MaterializedArgument {
    pub(crate) fn options(self, py: Python<'_>) -> PyResult<Materialized> {
        let Self { name, key_serde, value_serde, store, caching, logging, topic_config } = self;
        let (key, value) = (key_serde.map(|serde| serde.0), value_serde.map(|serde| serde.0));
        let mut options = with_some!(Materialized::new(), name => named, key => key_serde, value => value_serde);
        options = match store.as_deref() {
            None => options,
            Some("memory") => options.in_memory(),
            Some("rocksdb") => options.on_disk(),
            Some(other) => return Err(not_one_of(py, "store", other, "memory or rocksdb")),
        };
        options = if caching { options.caching_enabled() } else { options.caching_disabled() };
        Ok(if logging { options.logging_enabled(topic_config) } else { options.logging_disabled() })
    }
}

fn offset_reset(py: Python<'_>, name: &str) -> PyResult<OffsetReset> {
    match name {
        "earliest" => Ok(OffsetReset::Earliest),
        "latest" => Ok(OffsetReset::Latest),
        "none" => Ok(OffsetReset::None),
        other => Err(not_one_of(py, "offset_reset", other, "earliest, latest or none")),
    }
}

fn not_one_of(py: Python<'_>, option: &str, got: &str, expected: &str) -> PyErr {
    let error = Error::invalid("unknown value of an option").with("option", option).with("got", got);
    error::to_python(py, &error.with("expected", expected))
}

fn partition_by(
    function: Function,
) -> impl Fn(&str, &Value, &Value, i32) -> kstreams::Result<Option<Vec<i32>>> + Send + Sync + 'static {
    move |topic, key, value, partitions| {
        Python::attach(|py| {
            let object = |value| value::to_python(py, value).map_err(|raised| function.failed(py, raised));
            let answer = function.call(py, (topic, object(key)?, object(value)?, partitions))?;
            if answer.is_none() {
                return Ok(None);
            }
            let wrong = |_| function.wrong_type("a partition, a list of partitions or None", &answer);
            if answer.is_instance_of::<PyInt>() {
                return Ok(Some(vec![answer.extract().map_err(wrong)?]));
            }
            if answer.is_instance_of::<PyString>() {
                return Err(function.wrong_type("a partition, a list of partitions or None", &answer));
            }
            answer.extract().map(Some).map_err(wrong)
        })
    }
}

fn timestamp(function: &Function, record: &EngineRecord, highest: i64) -> kstreams::Result<i64> {
    Python::attach(|py| {
        let object = |value| value::to_python(py, value).map_err(|raised| function.failed(py, raised));
        let record = Record::from(Parts {
            topic: py.None().into_bound(py),
            key: object(&record.key)?,
            value: object(&record.value)?,
            partition: None,
            offset: None,
            timestamp: Some(record.timestamp),
            headers: record.headers.clone(),
        });
        let answer = function.call(py, (record, highest))?;
        answer.extract().map_err(|_| function.wrong_type("milliseconds as int", &answer))
    })
}
