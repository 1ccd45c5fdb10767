//! The consumer.

use std::sync::{Arc, Weak};

use kstreams::{Batch, Offset, Result, TopicPartition};
use napi::Env;
use napi_derive::napi;

use crate::config::{Pairs, config};
use crate::error::export;
use crate::host::Link;
use crate::raw::{In, Js, Out, Val};
use crate::record::Parts;
use crate::work;

/// The native half of `Consumer`. One call at a time: the TypeScript half sees to it.
#[napi]
pub struct Consumer {
    consumer: Arc<kstreams::Consumer>,
    link: Arc<Link>,
    ending: u64,
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.link.not_at_end(self.ending);
    }
}

#[napi]
impl Consumer {
    /// Starts a consumer.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, settings: Pairs) -> napi::Result<Self> {
        export(&env, |_| {
            let consumer = Arc::new(kstreams::Consumer::new(&config(settings))?);
            let link = Link::here()?;
            let weak: Weak<kstreams::Consumer> = Arc::downgrade(&consumer);
            let ending = link.at_end(Box::new(move || {
                if let Some(consumer) = weak.upgrade() {
                    consumer.wakeup();
                }
            }));
            Ok(Self { consumer, link, ending })
        })
    }

    /// A promise of the subscription.
    #[napi(catch_unwind)]
    pub fn subscribe(&self, env: Env, topics: Vec<String>) -> napi::Result<Out> {
        let consumer = Arc::clone(&self.consumer);
        self.promise(&env, move || consumer.subscribe(topics.iter().map(String::as_str)), work::nothing)
    }

    /// A promise of the partitions, each an array of topic and partition.
    #[napi(catch_unwind)]
    pub fn assignment(&self, env: Env) -> napi::Result<Out> {
        let consumer = Arc::clone(&self.consumer);
        self.promise(
            &env,
            move || consumer.assignment(),
            |js, places| {
                let pair =
                    |place: &TopicPartition| js.array([js.string(&place.topic), js.int32(place.partition)].into_iter());
                let pairs: Vec<_> = places.iter().map(pair).collect();
                Ok(js.array(pairs.into_iter()))
            },
        )
    }

    /// A promise of records.
    #[napi(catch_unwind)]
    pub fn poll(&self, env: Env, timeout_ms: f64, max: f64) -> napi::Result<Out> {
        let consumer = Arc::clone(&self.consumer);
        let max = usize::try_from(crate::testing::to_ms(max)).unwrap_or(usize::MAX);
        self.promise(&env, move || consumer.poll(work::timeout(timeout_ms), max), records)
    }

    /// A promise of a commit: each offset an array of topic, partition, offset and metadata. Those of partitions that
    /// the group has taken away meanwhile are left out.
    #[napi(catch_unwind)]
    pub fn commit(&self, env: Env, offsets: In<'_>, timeout_ms: f64) -> napi::Result<Out> {
        export(&env, |js| {
            let offsets = offsets.val().items().map(to_offset).collect::<Result<Vec<_>>>()?;
            let consumer = Arc::clone(&self.consumer);
            let commit = move || {
                let held = consumer.assignment()?;
                let offsets: Vec<_> = offsets.into_iter().filter(|offset| held.contains(&offset.partition)).collect();
                if offsets.is_empty() { Ok(()) } else { consumer.commit_offsets(&offsets, work::timeout(timeout_ms)) }
            };
            work::promise(js, commit, work::nothing).map(Val::into_out)
        })
    }

    /// A promise of what is committed: for each partition the offset and its metadata, or null.
    #[napi(catch_unwind)]
    pub fn committed(&self, env: Env, partitions: In<'_>, timeout_ms: f64) -> napi::Result<Out> {
        export(&env, |js| {
            let places = partitions.val().items().map(to_place).collect::<Result<Vec<_>>>()?;
            let consumer = Arc::clone(&self.consumer);
            let ask = move || consumer.committed(&places, work::timeout(timeout_ms));
            let promise = work::promise(js, ask, |js, offsets| {
                let pair = |offset: &Option<Offset>| match offset {
                    Some(offset) => js.array([js.bigint(offset.offset), js.string(&offset.metadata)].into_iter()),
                    None => js.null(),
                };
                let pairs: Vec<_> = offsets.iter().map(pair).collect();
                Ok(js.array(pairs.into_iter()))
            });
            promise.map(Val::into_out)
        })
    }

    /// Ends the poll that waits, or else the next one.
    #[napi(catch_unwind)]
    pub fn wakeup(&self, env: Env) -> napi::Result<()> {
        export(&env, |_| {
            self.consumer.wakeup();
            Ok(())
        })
    }

    /// A promise of the end.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env, timeout_ms: f64) -> napi::Result<Out> {
        let consumer = Arc::clone(&self.consumer);
        self.promise(&env, move || consumer.close(work::timeout(timeout_ms)), work::nothing)
    }
}

impl Consumer {
    #[expect(clippy::unused_self, reason = "reads as what it is")]
    fn promise<T: Send + 'static>(
        &self,
        env: &Env,
        call: impl FnOnce() -> Result<T> + Send + 'static,
        convert: work::Convert<T>,
    ) -> napi::Result<Out> {
        export(env, |js| work::promise(js, call, convert).map(Val::into_out))
    }
}

fn to_place(flat: Val<'_>) -> Result<TopicPartition> {
    let wrong = || kstreams::Error::invalid("a partition has a topic and a number");
    let topic = flat.item(0).as_text().ok_or_else(wrong)?;
    let partition = flat.item(1).as_number().ok_or_else(wrong)?;
    Ok(TopicPartition::new(topic, i32::try_from(crate::testing::to_ms(partition)).map_err(|_| wrong())?))
}

fn to_offset(flat: Val<'_>) -> Result<Offset> {
    let wrong = || kstreams::Error::invalid("an offset is a bigint of 64 bits");
    let (offset, _) = flat.item(2).as_bigint().filter(|(_, fits)| *fits).ok_or_else(wrong)?;
    let metadata = flat.item(3).as_text().unwrap_or_default();
    Ok(Offset { metadata, ..Offset::new(to_place(flat)?, offset) })
}

fn records(js: Js<'_>, batch: Batch) -> Result<Val<'_>> {
    let payload =
        |payload: &Option<kstreams::Payload>| payload.as_ref().map_or_else(|| js.null(), |bytes| js.buffer(bytes));
    let mut records = Vec::with_capacity(batch.len());
    for record in &batch {
        let parts = Parts {
            topic: js.string(&record.topic),
            key: payload(&record.key),
            value: payload(&record.value),
            partition: Some(record.partition),
            offset: Some(record.offset),
            timestamp: record.timestamp,
            headers: &record.headers,
        };
        records.push(parts.make(js)?);
    }
    Ok(js.array(records.into_iter()))
}
