//! What `benches/stores.rs` runs: stores without the rest of a task.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{
    CacheBudget, ChangelogTarget, Direction, Environment, FlushListener, RecordContext, Restored, StoreSetup, Stores,
};
use crate::error::Result;
use crate::header::Headers;
use crate::operator::StoreId;
use crate::operator::outbox::{Outbox, TopicId};
use crate::serde;
use crate::topology::plan::{StoreBottom, StoreKind};
use crate::value::{IntWidth, Value};

const STORE: StoreId = StoreId(0);
/// How many records a session has before the producer takes the outbox.
const SESSION: usize = 1000;

/// A counting store over a set of words, used as `count` uses it.
pub struct StoreMeasure {
    stores: Stores,
    words: Vec<Value>,
    outbox: Outbox,
    context: RecordContext,
    state: u64,
}

impl StoreMeasure {
    /// A store with this many different keys; on disk if there is a directory, with a cache if it has a size.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub fn open(directory: Option<&Path>, cache_bytes: usize, keys: usize) -> Result<Self> {
        let setup = StoreSetup {
            name: "counts".into(),
            kind: StoreKind::TimestampedKeyValue,
            bottom: if directory.is_some() { StoreBottom::Rocks } else { StoreBottom::Memory },
            key: serde::utf8(),
            value: serde::long(),
            changelog: Some(ChangelogTarget { topic: TopicId(0), partition: 0 }),
            source: Some("changelog".into()),
            cache: (cache_bytes > 0).then(|| CacheBudget::new(cache_bytes)),
        };
        let mut stores = Stores::open(directory, vec![setup])?;
        stores.get_mut(STORE).set_flush_listener(FlushListener::New);
        let words = (0..keys).map(|number| Value::Text(format!("word-{number}").into())).collect();
        let context = RecordContext {
            topic: Some("lines".into()),
            partition: 0,
            offset: 0,
            timestamp: 0,
            headers: Headers::shared(),
        };
        Ok(Self { stores, words, outbox: Outbox::default(), context, state: 0x9e37_79b9_7f4a_7c15 })
    }

    fn next_key(&mut self) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % self.words.len() as u64).expect("fewer than the words")
    }

    /// Counts so many random words: a read and a write each.
    ///
    /// # Errors
    /// When the store fails.
    pub fn count(&mut self, records: usize) -> Result<()> {
        for number in 0..records {
            let key = self.next_key();
            let (store, key) = (self.stores.get_mut(STORE), &self.words[key]);
            let count = match store.get(key)?.map(|known| known.value) {
                Some(Value::Int(count, _)) => count,
                _ => 0,
            };
            self.context.offset += 1;
            let mut env = Environment { context: &self.context, outbox: &mut self.outbox };
            store.put(&mut env, key, &Value::Int(count + 1, IntWidth::Eight), 1)?;
            if let Some(mut pass) = store.overflow() {
                while store.step(&mut pass, &mut self.outbox)?.is_some() {}
            }
            if number % SESSION == 0 {
                self.outbox.clear();
            }
        }
        Ok(())
    }

    /// Reads so many random words.
    ///
    /// # Errors
    /// When the store fails.
    pub fn read(&mut self, records: usize) -> Result<()> {
        for _ in 0..records {
            let key = self.next_key();
            self.stores.get_mut(STORE).get(&self.words[key])?;
        }
        Ok(())
    }

    /// Flushes the cache, and gives how many changes came out.
    ///
    /// # Errors
    /// When the store fails.
    pub fn flush(&mut self) -> Result<usize> {
        let store = self.stores.get_mut(STORE);
        let mut changes = 0;
        if let Some(mut pass) = store.flush() {
            while store.step(&mut pass, &mut self.outbox)?.is_some() {
                changes += 1;
            }
        }
        self.outbox.clear();
        Ok(changes)
    }

    /// Commits what left the cache.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn commit(&mut self) -> Result<()> {
        self.stores.commit(&BTreeMap::from([(Arc::from("changelog"), self.context.offset)]))
    }

    /// Reads all rows, and gives how many there are.
    ///
    /// # Errors
    /// When the store fails.
    pub fn scan(&mut self) -> Result<usize> {
        self.stores.get_mut(STORE).all(Direction::Forward).try_fold(0, |rows, row| row.map(|_| rows + 1))
    }

    /// Restores so many records with random keys, in batches of this size.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn restore(&mut self, records: usize, batch: usize) -> Result<()> {
        let keys: Vec<Vec<u8>> = self.words.iter().map(|word| format!("{word:?}").into_bytes()).collect();
        for _ in 0..records / batch {
            let chosen: Vec<usize> = (0..batch).map(|_| self.next_key()).collect();
            let record = |key: &usize| Restored { key: &keys[*key], value: Some(&[0; 8]), timestamp: 1 };
            self.stores.restore_batch(STORE, chosen.iter().map(record), 1)?;
        }
        Ok(())
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn close(self) -> Result<()> {
        self.stores.close()
    }
}
