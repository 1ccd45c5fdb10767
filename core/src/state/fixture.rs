//! What the tests of this room share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{CacheBudget, ChangelogTarget, Environment, Pass, RecordContext, Stamped, StoreSetup, Stores};
use crate::header::Headers;
use crate::operator::StoreId;
use crate::operator::outbox::{Outbox, TopicId};
use crate::serde;
use crate::topology::plan::{StoreBottom, StoreKind};
use crate::value::Value;

pub(super) const STORE: StoreId = StoreId(0);

/// A directory that is deleted with the value.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("kstreams-test-{:016x}", crate::clock::random()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A store of text → text with a changelog.
pub(super) fn setup(name: &str, bottom: StoreBottom, cache: Option<&Arc<CacheBudget>>) -> StoreSetup {
    StoreSetup {
        name: name.into(),
        kind: StoreKind::TimestampedKeyValue,
        bottom,
        key: serde::utf8(),
        value: serde::utf8(),
        changelog: Some(ChangelogTarget { topic: TopicId(7), partition: 3 }),
        source: Some(format!("{name}-changelog").into()),
        cache: cache.cloned(),
    }
}

/// One store and what surrounds it.
pub(super) struct Bench {
    pub(super) stores: Stores,
    pub(super) outbox: Outbox,
    pub(super) context: RecordContext,
}

impl Bench {
    pub(super) fn in_memory(cache: Option<&Arc<CacheBudget>>) -> Self {
        Self::over(Stores::open(None, vec![setup("s", StoreBottom::Memory, cache)]).unwrap())
    }

    pub(super) fn over(stores: Stores) -> Self {
        Self { stores, outbox: Outbox::default(), context: context(0) }
    }

    pub(super) fn put(&mut self, key: &str, value: Option<&str>, timestamp: i64) {
        self.context = RecordContext { headers: self.context.headers.clone(), ..context(timestamp) };
        let mut env = Environment { context: &self.context, outbox: &mut self.outbox };
        let value = value.map_or(Value::Null, text);
        self.stores.get_mut(STORE).put(&mut env, &text(key), &value, timestamp).unwrap();
    }

    pub(super) fn get(&mut self, key: &str) -> Option<(String, i64)> {
        let found = self.stores.get_mut(STORE).get(&text(key)).unwrap();
        found.map(|Stamped { value, timestamp }| (string(&value), timestamp))
    }

    pub(super) fn next(&mut self, pass: &mut Pass) -> Option<String> {
        let flushed = self.stores.get_mut(STORE).step(pass, &mut self.outbox).unwrap()?;
        let show = |value: &Value| if value.is_null() { "null".to_owned() } else { string(value) };
        Some(format!("{}:{}<-{}@{}", string(&flushed.key), show(&flushed.new), show(&flushed.old), flushed.timestamp))
    }

    /// What a flush forwards, as `key:new<-old@timestamp`.
    pub(super) fn flush(&mut self) -> Vec<String> {
        let pass = self.stores.get_mut(STORE).flush();
        self.drain(pass)
    }

    /// What an overflow forwards.
    pub(super) fn overflow(&mut self) -> Vec<String> {
        let pass = self.stores.get_mut(STORE).overflow();
        self.drain(pass)
    }

    fn drain(&mut self, pass: Option<Pass>) -> Vec<String> {
        let Some(mut pass) = pass else { return Vec::new() };
        std::iter::from_fn(|| self.next(&mut pass)).collect()
    }

    /// What was logged since the last call, as `key=value@timestamp`.
    pub(super) fn logged(&mut self) -> Vec<String> {
        let Outbox { bytes, records } = &self.outbox;
        let show = |range: &Option<std::ops::Range<usize>>| {
            range.clone().map_or("null".into(), |range| String::from_utf8_lossy(&bytes[range]).into_owned())
        };
        let lines = records.iter().map(|record| {
            assert_eq!((record.topic, record.partition), (TopicId(7), Some(3)));
            assert!(record.headers.is_empty());
            format!("{}={}@{}", show(&record.key), show(&record.value), record.timestamp.unwrap())
        });
        let lines = lines.collect();
        self.outbox.clear();
        lines
    }
}

pub(super) fn context(timestamp: i64) -> RecordContext {
    RecordContext { topic: Some("in".into()), partition: 0, offset: 1, timestamp, headers: Headers::EMPTY }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(super) fn string(value: &Value) -> String {
    match value {
        Value::Text(text) => text.as_str().to_owned(),
        other => panic!("not a text: {other:?}"),
    }
}
