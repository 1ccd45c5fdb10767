//! Options of operators, as the TypeScript half hands them over. Where none is given the operator must not get any:
//! Kafka Streams distinguishes the two.

use std::collections::BTreeMap;

use kstreams::serde::SerdeRef;
use kstreams::{
    Consumed, Error, Grouped, Materialized, OffsetReset, Produced, Record as EngineRecord, Repartitioned, Result, Value,
};
use napi_derive::napi;

use crate::function::Function;
use crate::raw::{self, Type, Val};
use crate::record::Parts;
use crate::{serde, value};

/// Options made by calling methods that take the one thing each.
macro_rules! with_some {
    ($options:expr, $($value:expr => $method:ident),+) => {{
        let mut options = $options;
        $(if let Some(value) = $value { options = options.$method(value); })+
        options
    }};
}

/// What an operator with serdes may be given.
#[napi(object)]
#[derive(Default)]
pub struct Common {
    pub name: Option<String>,
    pub key_serde: Option<String>,
    pub value_serde: Option<String>,
}

impl Common {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.key_serde.is_none() && self.value_serde.is_none()
    }

    fn serdes(&self) -> Result<(Option<SerdeRef>, Option<SerdeRef>)> {
        Ok((serde::find_some(self.key_serde.as_deref())?, serde::find_some(self.value_serde.as_deref())?))
    }

    pub(crate) fn grouped(self) -> Result<Option<Grouped>> {
        if self.is_empty() {
            return Ok(None);
        }
        let (key, value) = self.serdes()?;
        Ok(Some(with_some!(Grouped::new(), self.name => named, key => key_serde, value => value_serde)))
    }

    pub(crate) fn produced(self, partitioner: Option<Function>) -> Result<Option<Produced>> {
        if self.is_empty() && partitioner.is_none() {
            return Ok(None);
        }
        let (key, value) = self.serdes()?;
        let options = with_some!(Produced::new(), self.name => named, key => key_serde, value => value_serde);
        Ok(Some(match partitioner {
            Some(function) => options.partitioner(partition_by(function)),
            None => options,
        }))
    }

    pub(crate) fn repartitioned(
        self,
        partitions: Option<i32>,
        partitioner: Option<Function>,
    ) -> Result<Option<Repartitioned>> {
        if self.is_empty() && partitioner.is_none() && partitions.is_none() {
            return Ok(None);
        }
        let (key, value) = self.serdes()?;
        let options = with_some!(Repartitioned::new(), self.name => named, key => key_serde, value => value_serde, partitions => partitions);
        Ok(Some(match partitioner {
            Some(function) => options.partitioner(partition_by(function)),
            None => options,
        }))
    }

    pub(crate) fn consumed(self, timestamps: Option<Function>, reset: Option<&str>) -> Result<Option<Consumed>> {
        if self.is_empty() && timestamps.is_none() && reset.is_none() {
            return Ok(None);
        }
        let reset = reset.map(offset_reset).transpose()?;
        let (key, value) = self.serdes()?;
        let options = with_some!(Consumed::new(), self.name => named, key => key_serde, value => value_serde, reset => offset_reset);
        Ok(Some(match timestamps {
            Some(function) => options.timestamp_extractor(move |record, highest| timestamp(&function, record, highest)),
            None => options,
        }))
    }
}

/// How a table is kept.
#[napi(object)]
pub struct TableOptions {
    pub name: Option<String>,
    pub key_serde: Option<String>,
    pub value_serde: Option<String>,
    pub store: Option<String>,
    pub caching: bool,
    pub logging: bool,
    pub topic_config: Vec<Vec<String>>,
}

impl TableOptions {
    pub(crate) fn materialized(self) -> Result<Materialized> {
        let Self { name, key_serde, value_serde, store, caching, logging, topic_config } = self;
        let (key, value) = (serde::find_some(key_serde.as_deref())?, serde::find_some(value_serde.as_deref())?);
        let mut options = with_some!(Materialized::new(), name => named, key => key_serde, value => value_serde);
        options = match store.as_deref() {
            None => options,
            Some("memory") => options.in_memory(),
            Some("rocksdb") => options.on_disk(),
            Some(other) => return Err(not_one_of("store", other, "memory or rocksdb")),
        };
        options = if caching { options.caching_enabled() } else { options.caching_disabled() };
        let pair = |pair: Vec<String>| <[String; 2]>::try_from(pair).ok().map(|[name, value]| (name, value));
        let config: BTreeMap<String, String> = topic_config.into_iter().filter_map(pair).collect();
        Ok(if logging { options.logging_enabled(config) } else { options.logging_disabled() })
    }
}

fn offset_reset(name: &str) -> Result<OffsetReset> {
    match name {
        "earliest" => Ok(OffsetReset::Earliest),
        "latest" => Ok(OffsetReset::Latest),
        "none" => Ok(OffsetReset::None),
        other => Err(not_one_of("offsetReset", other, "earliest, latest or none")),
    }
}

fn not_one_of(option: &str, got: &str, expected: &str) -> Error {
    Error::invalid("unknown value of an option").with("option", option).with("got", got).with("expected", expected)
}

fn partition_by(
    function: Function,
) -> impl Fn(&str, &Value, &Value, i32) -> Result<Option<Vec<i32>>> + Send + Sync + 'static {
    move |topic, key, value, partitions| {
        let answer = raw::with_current(|js| {
            let arguments = [js.string(topic), value::to_js(js, key)?, value::to_js(js, value)?, js.int32(partitions)];
            to_partitions(&function, function.call(js, &arguments)?)
        });
        answer.unwrap_or_else(|| Err(crate::function::gone()))
    }
}

fn to_partitions(function: &Function, answer: Val<'_>) -> Result<Option<Vec<i32>>> {
    let partition = |val: Val<'_>| {
        let wrong = || function.wrong_type("a partition, an array of partitions or null", val);
        whole(val).and_then(|number| i32::try_from(number).ok()).ok_or_else(wrong)
    };
    match answer.kind() {
        Type::Null | Type::Undefined => Ok(None),
        Type::Object if answer.is_array() => answer.items().map(partition).collect::<Result<_>>().map(Some),
        _ => partition(answer).map(|number| Some(vec![number])),
    }
}

fn whole(val: Val<'_>) -> Option<i64> {
    match value::from_js(val) {
        Ok(Value::Int(number, _)) => Some(number),
        _ => None,
    }
}

fn timestamp(function: &Function, record: &EngineRecord, highest: i64) -> Result<i64> {
    let answer = raw::with_current(|js| {
        let parts = Parts {
            topic: js.undefined(),
            key: value::to_js(js, &record.key)?,
            value: value::to_js(js, &record.value)?,
            partition: None,
            offset: None,
            timestamp: Some(record.timestamp),
            headers: &record.headers,
        };
        let answer = function.call(js, &[parts.make(js)?, js.number(value::as_real(highest))])?;
        whole(answer).ok_or_else(|| function.wrong_type("milliseconds as a whole number", answer))
    });
    answer.unwrap_or_else(|| Err(crate::function::gone()))
}
