//! Functions that belong to sources and sinks: timestamp extractors and partitioners.

use std::sync::Arc;

use super::{Extractor, Partitioner, parse, split, unknown};
use crate::oracle::Refusal;
use crate::oracle::value::{number, text};

/// The timestamp extractor of that name: of value, record timestamp and partition time.
pub(in crate::oracle) fn extractor(function: &str) -> Result<Extractor, Refusal> {
    let (name, argument) = split(function);
    Ok(match name {
        "record" => Arc::new(|_, timestamp, _| timestamp),
        "value" => Arc::new(|v, _, _| number(v)),
        "negativeOnX" => Arc::new(|v, timestamp, _| if text(v).contains('x') { -1 } else { timestamp }),
        "partitionTime" => Arc::new(|_, _, partition_time| partition_time.max(0)),
        "plus" => {
            let summand: i64 = parse(function, argument)?;
            Arc::new(move |_, timestamp, _| timestamp.wrapping_add(summand))
        }
        _ => return Err(unknown("timestamp extractor", function)),
    })
}

/// The partitioner of that name: of key, value and number of partitions.
pub(in crate::oracle) fn partitioner(function: &str) -> Result<Partitioner, Refusal> {
    Ok(match function {
        "default" => Arc::new(|_, _, _| None),
        "none" => Arc::new(|_, _, _| Some(Vec::new())),
        "number" => Arc::new(|_, v, partitions| Some(vec![modulo(number(v), partitions)])),
        "key" => Arc::new(|k, _, partitions| {
            let units = i64::try_from(text(k).encode_utf16().count()).expect("keys are short");
            Some(vec![modulo(units, partitions)])
        }),
        "all" => Arc::new(|_, _, partitions| Some((0..partitions).collect())),
        _ => return Err(unknown("partitioner", function)),
    })
}

fn modulo(number: i64, partitions: i32) -> i32 {
    i32::try_from(number % i64::from(partitions)).expect("a remainder is smaller than its divisor")
}

#[cfg(test)]
mod tests {
    use kstreams::Value;

    use super::*;
    use crate::oracle::value::{long, string};

    #[test]
    fn partitioners_have_all_four_kinds_of_opinion() {
        let ask = |function: &str| partitioner(function).expect("it is in the catalogue")(&string("a𝄞"), &long(8), 5);
        assert_eq!(ask("default"), None);
        assert_eq!(ask("none"), Some(vec![]));
        assert_eq!(ask("number"), Some(vec![3]));
        assert_eq!(ask("key"), Some(vec![3]));
        assert_eq!(ask("all"), Some(vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn timestamps_come_from_value_record_or_partition() {
        let take = |function: &str| extractor(function).expect("it is in the catalogue")(&string("x7"), 100, -1);
        assert_eq!(take("value"), 7);
        assert_eq!(take("negativeOnX"), -1);
        assert_eq!(take("partitionTime"), 0);
        assert_eq!(take("plus:-200"), -100);
        assert_eq!(extractor("record").expect("it is in the catalogue")(&Value::Null, 4, 9), 4);
    }
}
