//! Runs a case: builds its topology, drives it, and writes down what happens in the shape of `expect`.

use std::time::Duration;

use kstreams::testing::{SentRecord, StoreRow, TestDriver, TestRecord};
use kstreams::{Config, Error, Header, Headers, Payload, Topology};
use serde_json::{Map, Value as Json, json};

use super::Refusal;
use super::case::Case;
use super::compare::Outcome;
use super::setting::settings;
use super::topology::{Trace, build};
use super::value::{from_json, hex, unhex};

/// Runs a case to its end or to its first error.
///
/// # Errors
/// When it cannot be tried; what goes wrong while it runs is part of the outcome.
pub(super) fn run(case: &Case) -> Result<Outcome, Refusal> {
    let config = settings(case)?;
    let mut outcome = Map::new();
    outcome.insert("describe".to_owned(), describe(case, &config)?);
    let trace = Trace::default();
    let topology = match build(case, &config, &trace) {
        Ok(topology) => topology,
        Err(Refusal::Failed(error)) => {
            outcome.insert("error".to_owned(), failure("build", None, &error));
            return Ok(outcome);
        }
        Err(other) => return Err(other),
    };
    Run { case, trace, outputs: Vec::new(), traced: Vec::new() }.go(&topology, &config, &mut outcome)?;
    Ok(outcome)
}

/// The topology's text without and with optimisation, and with the case's own if that is another.
fn describe(case: &Case, config: &Config) -> Result<Json, Refusal> {
    let own = case.config.get("topology.optimization").map_or("none", String::as_str);
    let mut texts = Map::new();
    for optimization in ["none", "all", own] {
        let config = config.clone().set("topology.optimization", optimization);
        let text = match build(case, &config, &Trace::default()) {
            Ok(topology) => topology.describe().into(),
            Err(Refusal::Failed(error)) => failure("build", None, &error),
            Err(other) => return Err(other),
        };
        texts.insert(optimization.to_owned(), text);
    }
    Ok(Json::Object(texts))
}

fn failure(phase: &str, step: Option<usize>, error: &Error) -> Json {
    let mut json = json!({"phase": phase, "kind": error.kind().name(), "message": error.chain()});
    if let Some(step) = step {
        json["step"] = step.into();
    }
    json
}

fn topics(topology: &Topology, config: &Config) -> Result<Json, Refusal> {
    let mut topics = Map::new();
    for topic in topology.internal_topics(config)? {
        let mut json = json!({"kind": topic.kind.name(), "config": topic.config});
        if let Some(partitions) = topic.partitions {
            json["partitions"] = partitions.into();
        }
        topics.insert(topic.name, json);
    }
    Ok(topics.into())
}

/// A case on its way through the driver.
struct Run<'a> {
    case: &'a Case,
    trace: Trace,
    outputs: Vec<Json>,
    traced: Vec<Json>,
}

impl Run<'_> {
    fn go(mut self, topology: &Topology, config: &Config, outcome: &mut Outcome) -> Result<(), Refusal> {
        let mut driver = match TestDriver::with_clock(topology, config, self.case.clock) {
            Ok(driver) => driver,
            Err(error) => {
                outcome.insert("error".to_owned(), failure("start", None, &error));
                outcome.insert("outputs".to_owned(), json!([]));
                return Ok(());
            }
        };
        outcome.insert("topics".to_owned(), topics(topology, config)?);
        let groups = topology.copartition_groups(config)?;
        if !groups.is_empty() {
            let groups: Vec<String> = groups.iter().map(|group| group.join(" ")).collect();
            outcome.insert("copartitioned".to_owned(), groups.into());
        }
        for (topic, count) in &self.case.partitions {
            driver.set_partitions(topic, *count)?;
        }
        if let Some(error) = self.steps(&mut driver)? {
            outcome.insert("error".to_owned(), error);
        } else {
            outcome.insert("stores".to_owned(), stores(&mut driver)?);
        }
        outcome.insert("dropped".to_owned(), driver.dropped().into());
        outcome.insert("outputs".to_owned(), self.outputs.into());
        if !self.traced.is_empty() {
            outcome.insert("trace".to_owned(), self.traced.into());
        }
        Ok(())
    }

    /// All steps, or up to the first that fails: that one's records and lines do not count.
    fn steps(&mut self, driver: &mut TestDriver) -> Result<Option<Json>, Refusal> {
        self.collect(0, driver);
        for (step, input) in (1..).zip(&self.case.inputs) {
            if let Err(refusal) = self.take(input, driver) {
                let Refusal::Failed(error) = refusal else { return Err(refusal) };
                return Ok(Some(failure("step", Some(step), &error)));
            }
            self.collect(step, driver);
        }
        Ok(None)
    }

    fn take(&self, input: &Json, driver: &mut TestDriver) -> Result<(), Refusal> {
        if let Some(ms) = input["advance"].as_u64() {
            return Ok(driver.advance_wall_clock(Duration::from_millis(ms))?);
        }
        if let Some(batch) = input["batch"].as_array() {
            let records = batch.iter().map(|record| self.record(record)).collect::<Result<Vec<_>, _>>()?;
            let at_the_end = input["commit"].as_str() == Some("end");
            return Ok(if at_the_end { driver.pipe_batch(records) } else { driver.pipe_each(records) }?);
        }
        if input.get("query").is_some() {
            return Err(Refusal::unsupported("query"));
        }
        Ok(driver.pipe(self.record(input)?)?)
    }

    fn record(&self, json: &Json) -> Result<TestRecord, Refusal> {
        let topic = json["topic"].as_str().ok_or_else(|| Refusal::malformed("a record without a topic"))?;
        let [key, value] = self.case.serdes_of(topic);
        Ok(TestRecord {
            topic: topic.to_owned(),
            key: bytes(key, &json["key"])?.map(Payload::from),
            value: bytes(value, &json["value"])?.map(Payload::from),
            timestamp: json["ts"].as_i64().ok_or_else(|| Refusal::malformed("a record without a timestamp"))?,
            headers: headers(&json["headers"])?,
        })
    }

    fn collect(&mut self, step: usize, driver: &mut TestDriver) {
        let lines = self.trace.take();
        self.traced.extend(lines.into_iter().map(|line| json!({"step": step, "text": line})));
        self.outputs.extend(driver.outputs().iter().map(|record| sent(step, record)));
    }
}

/// The bytes that a serde makes of a JSON value; `{"hex": "…"}` is bytes whatever the serde.
fn bytes(serde: &str, json: &Json) -> Result<Option<Vec<u8>>, Refusal> {
    if let Some(digits) = json["hex"].as_str() {
        return unhex(digits).map(Some);
    }
    let value = from_json(serde, json)?;
    if value.is_null() {
        return Ok(None);
    }
    let serde = if serde == "fussy" { "string" } else { serde };
    let mut bytes = Vec::new();
    super::serde::serde(serde)?.serialize(&value, &mut bytes)?;
    Ok(Some(bytes))
}

fn headers(json: &Json) -> Result<Headers, Refusal> {
    let mut headers = Vec::new();
    for header in json.as_array().into_iter().flatten() {
        let name = header[0].as_str().ok_or_else(|| Refusal::malformed("a header without a name"))?;
        headers.push(Header { name: name.to_owned(), value: bytes("string", &header[1])?.map(Payload::from) });
    }
    Ok(Headers::new(headers))
}

fn digits(bytes: Option<&[u8]>) -> Json {
    bytes.map_or(Json::Null, |bytes| hex(bytes).into())
}

fn sent(step: usize, record: &SentRecord) -> Json {
    let mut json = json!({
        "step": step,
        "topic": *record.topic,
        "key": digits(record.key.as_deref()),
        "value": digits(record.value.as_deref()),
        "ts": record.timestamp,
    });
    if let Some(partition) = record.partition {
        json["partition"] = partition.into();
    }
    if !record.headers.is_empty() {
        let headers = record.headers.to_vec();
        json["headers"] = headers.iter().map(|h| json!([h.name, digits(h.value.as_deref())])).collect();
    }
    json
}

fn stores(driver: &mut TestDriver) -> Result<Json, Refusal> {
    let mut stores = Map::new();
    for name in driver.store_names() {
        let rows = driver.store_rows(&name)?;
        stores.insert(name, rows.iter().map(row).collect());
    }
    Ok(stores.into())
}

fn row(row: &StoreRow) -> Json {
    let mut json = json!({"key": hex(&row.key), "value": hex(&row.value)});
    // A store without timestamps answers -1.
    if row.timestamp >= 0 {
        json["ts"] = row.timestamp.into();
    }
    json
}
