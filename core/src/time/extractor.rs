//! Kafka's own timestamp extractors.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::streams as name;
use crate::error::{Error, Result};
use crate::topology::plan::Extractor;

/// The extractor that `default.timestamp.extractor` names; `None` is the default, which fails on a negative timestamp.
///
/// # Errors
/// *Invalid* for a name that is not one of ours or Java's.
pub(crate) fn named(name: &str) -> Result<Option<Extractor>> {
    let class = name.rsplit('.').next().unwrap_or(name);
    match class {
        "fail" | "FailOnInvalidTimestamp" => Ok(None),
        "skip" | "LogAndSkipOnInvalidTimestamp" => Ok(Some(Arc::new(|record, _| Ok(record.timestamp)))),
        "partitionTime" | "UsePartitionTimeOnInvalidTimestamp" => Ok(Some(Arc::new(partition_time))),
        "wallclock" | "WallclockTimestampExtractor" => Ok(Some(Arc::new(|_, _| Ok(Clock::system().now_ms())))),
        _ => Err(Error::invalid("unknown timestamp extractor: use `fail`, `skip`, `partitionTime` or `wallclock`")
            .with("setting", name::DEFAULT_TIMESTAMP_EXTRACTOR)
            .with("got", name)),
    }
}

fn partition_time(record: &crate::Record, partition_time: i64) -> Result<i64> {
    match (record.timestamp, partition_time) {
        (own @ 0.., _) => Ok(own),
        (_, time @ 0..) => Ok(time),
        (own, _) => {
            Err(Error::data("record has no valid timestamp and the partition has no time yet").with("timestamp", own))
        }
    }
}
