//! Compares what happened with what was recorded. Both are JSON of the same shape; what may differ is taken out first.

use serde_json::{Map, Value as Json, json};

use super::case::Case;
use super::report::Verdict;

mod kind;

use kind::kind_of;

/// What running a case gave, in the shape of `expect`.
pub(super) type Outcome = Map<String, Json>;

/// Everything that is compared, in the order in which differences are told.
const FIELDS: [&str; 9] =
    ["error", "describe", "topics", "copartitioned", "outputs", "trace", "stores", "dropped", "answers"];

/// Whose text is Java's own.
const JAVA_HEADERS: [&str; 3] =
    ["__streams.errors.exception", "__streams.errors.message", "__streams.errors.stacktrace"];

/// Compares an outcome with the case's expectation.
pub(super) fn compare(case: &Case, outcome: &Outcome) -> Verdict {
    let differences: Vec<String> =
        FIELDS.iter().filter_map(|field| difference(field, case, outcome.get(*field))).collect();
    if differences.is_empty() { Verdict::Passed } else { Verdict::Failed(differences.join("\n")) }
}

fn difference(field: &str, case: &Case, ours: Option<&Json>) -> Option<String> {
    let with_partitions = !case.partitions.is_empty();
    let expected = case.expect.get(field).map(|json| normal(json, with_partitions));
    let actual = ours.map(|json| normal(json, with_partitions));
    if expected == actual {
        return None;
    }
    Some(tell(field, expected.as_ref().unwrap_or(&Json::Null), actual.as_ref().unwrap_or(&Json::Null)))
}

/// Without what may differ: texts for people, Java's classes (which become kinds), partitions that nobody fixed.
fn normal(json: &Json, with_partitions: bool) -> Json {
    match json {
        Json::Object(object) if object.contains_key("phase") => error(object),
        Json::Object(object) => object
            .iter()
            .filter(|(key, _)| !is_free(key, object, with_partitions))
            .map(|(key, value)| {
                let value = if key == "headers" { headers(value) } else { normal(value, with_partitions) };
                (key.clone(), value)
            })
            .collect(),
        Json::Array(list) => list.iter().map(|item| normal(item, with_partitions)).collect(),
        other => other.clone(),
    }
}

/// Records and rows carry a text for people, a trace line carries nothing else. The partition of a changelog is the
/// task's and always compared.
fn is_free(key: &str, object: &Map<String, Json>, with_partitions: bool) -> bool {
    match key {
        "text" => object.contains_key("key"),
        "partition" => {
            let topic = object.get("topic").and_then(Json::as_str).unwrap_or_default();
            !with_partitions && !topic.ends_with("-changelog")
        }
        _ => false,
    }
}

fn error(object: &Map<String, Json>) -> Json {
    let mut plain = Map::new();
    for key in ["phase", "step"] {
        if let Some(value) = object.get(key) {
            plain.insert(key.to_owned(), value.clone());
        }
    }
    let text = |key: &str| object.get(key).and_then(Json::as_str);
    let java = |key: &str| text(key).unwrap_or_default();
    let kind = text("kind").unwrap_or_else(|| kind_of(java("phase"), java("class"), java("root")));
    plain.insert("kind".to_owned(), kind.into());
    Json::Object(plain)
}

fn headers(json: &Json) -> Json {
    let header = |header: &Json| {
        let name = header[0].as_str().unwrap_or_default();
        if JAVA_HEADERS.contains(&name) { json!([name, "*"]) } else { header.clone() }
    };
    json.as_array().map_or(Json::Null, |list| list.iter().map(header).collect())
}

/// The difference for people: of lists only what stands before and at the first difference.
fn tell(field: &str, expected: &Json, actual: &Json) -> String {
    let (Json::Array(wanted), Json::Array(got)) = (expected, actual) else {
        return match (expected, actual) {
            (Json::Object(wanted), Json::Object(got)) => tell_fields(field, wanted, got),
            _ => format!("{field}\n  expected {}\n  actual   {}", show(expected), show(actual)),
        };
    };
    let at = wanted.iter().zip(got).take_while(|(wanted, got)| wanted == got).count();
    let mut lines = vec![format!("{field}: {} expected, {} actual, first difference at {at}", wanted.len(), got.len())];
    lines.extend(wanted[at.saturating_sub(2)..at].iter().map(|same| format!("  both     {}", show(same))));
    lines.extend(wanted[at..].iter().take(3).map(|item| format!("  expected {}", show(item))));
    lines.extend(got[at..].iter().take(3).map(|item| format!("  actual   {}", show(item))));
    lines.join("\n")
}

fn tell_fields(field: &str, wanted: &Map<String, Json>, got: &Map<String, Json>) -> String {
    let names = wanted.keys().chain(got.keys().filter(|key| !wanted.contains_key(*key)));
    let of = |object: &Map<String, Json>, key: &str| object.get(key).cloned().unwrap_or(Json::Null);
    names
        .map(|key| (key, of(wanted, key), of(got, key)))
        .filter(|(_, wanted, got)| wanted != got)
        .map(|(key, wanted, got)| tell(&format!("{field}.{key}"), &wanted, &got))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Texts of many lines are shown as such.
fn show(json: &Json) -> String {
    match json {
        Json::String(text) if text.contains('\n') => format!("|\n{text}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
