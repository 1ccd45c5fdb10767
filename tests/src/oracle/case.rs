//! A case as it is written: nodes, inputs, configuration, and what Kafka Streams did.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::Refusal;

/// One case.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) nodes: Vec<Node>,
    pub(super) inputs: Vec<Json>,
    pub(super) config: BTreeMap<String, String>,
    pub(super) application: String,
    pub(super) clock: i64,
    /// How many partitions a sink's topic seems to have; all have one if this is empty.
    pub(super) partitions: BTreeMap<String, i32>,
    pub(super) expect: Map<String, Json>,
}

impl Case {
    /// Reads a line.
    pub(super) fn parse(line: &str) -> Result<Self, Refusal> {
        let json: Json = serde_json::from_str(line).map_err(|error| Refusal::malformed(error.to_string()))?;
        let object = |name: &str| json[name].as_object().cloned().unwrap_or_default();
        let list = |name: &str| json[name].as_array().cloned().unwrap_or_default();
        Ok(Self {
            name: json["name"].as_str().ok_or_else(|| Refusal::malformed("a case without a name"))?.to_owned(),
            nodes: list("nodes").into_iter().map(Node).collect(),
            inputs: list("inputs"),
            config: texts(&object("config")),
            application: json["application"].as_str().unwrap_or("app").to_owned(),
            clock: json["clock"].as_i64().unwrap_or(0),
            partitions: object("partitions").into_iter().filter_map(|(topic, n)| Some((topic, count(&n)?))).collect(),
            expect: object("expect"),
        })
    }

    /// Key and value serde of a topic that a step writes to: those of the last source that reads it.
    pub(super) fn serdes_of(&self, topic: &str) -> [&str; 2] {
        let default = |key: &str| self.config.get(key).map_or("string", String::as_str);
        let source = self.nodes.iter().rev().find(|node| node.op() == "stream" && node.topics().contains(&topic));
        let Some(source) = source else { return ["string", "string"] };
        [
            source.text("key").unwrap_or_else(|| default("default.key.serde")),
            source.text("value").unwrap_or_else(|| default("default.value.serde")),
        ]
    }
}

fn count(json: &Json) -> Option<i32> {
    i32::try_from(json.as_i64()?).ok()
}

/// An object's values as texts.
pub(super) fn texts(object: &Map<String, Json>) -> BTreeMap<String, String> {
    let plain = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    object.iter().map(|(key, value)| (key.clone(), plain(value))).collect()
}

/// One step of building the topology.
pub(super) struct Node(Json);

impl Node {
    pub(super) fn op(&self) -> &str {
        self.text("op").unwrap_or_default()
    }

    /// A field that is a text; null is absent.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.0[field].as_str()
    }

    /// A field that the operator cannot do without.
    pub(super) fn required(&self, field: &str) -> Result<&str, Refusal> {
        self.text(field).ok_or_else(|| Refusal::malformed(format!("{} without {field}", self.op())))
    }

    pub(super) fn number(&self, field: &str) -> Option<i64> {
        self.0[field].as_i64()
    }

    pub(super) fn truth(&self, field: &str) -> Option<bool> {
        self.0[field].as_bool()
    }

    pub(super) fn object(&self, field: &str) -> Option<&Map<String, Json>> {
        self.0[field].as_object()
    }

    /// A field that is an object with fields of its own, such as `store`.
    pub(super) fn part(&self, field: &str) -> Option<Self> {
        self.0.get(field).cloned().map(Self)
    }

    /// Whether the field is there, even if null.
    pub(super) fn has(&self, field: &str) -> bool {
        self.0.get(field).is_some()
    }

    /// The topics of a source: one text or a list.
    pub(super) fn topics(&self) -> Vec<&str> {
        match &self.0["topic"] {
            Json::Array(topics) => topics.iter().filter_map(Json::as_str).collect(),
            topic => topic.as_str().into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_source_of_a_topic_decides_its_serdes() {
        let line = r#"{"name": "n", "config": {"default.value.serde": "int"}, "nodes": [
            {"op": "stream", "topic": "a", "key": "short", "value": "short"},
            {"op": "stream", "topic": ["a", "b"], "key": "long"}]}"#;
        let case = Case::parse(line).expect("it is well-formed");
        assert_eq!(case.serdes_of("a"), ["long", "int"]);
        assert_eq!(case.serdes_of("c"), ["string", "string"]);
        assert_eq!((case.application.as_str(), case.clock), ("app", 0));
    }
}
