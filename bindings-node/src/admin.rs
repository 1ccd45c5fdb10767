//! The admin client.

use std::sync::Arc;

use kstreams::{NewTopic, Outcomes, Result, TopicDescription};
use napi::Env;
use napi_derive::napi;

use crate::config::{Pairs, config};
use crate::error::{self, export};
use crate::raw::{Js, Out, Val};
use crate::value::as_real;
use crate::work::{self, Convert};

/// The native half of `Admin`.
#[napi]
pub struct Admin(Arc<kstreams::Admin>);

/// A topic to create.
#[napi(object)]
pub struct TopicArgument {
    pub name: String,
    pub partitions: i32,
    pub replication_factor: Option<i32>,
    pub config: Pairs,
}

#[napi]
impl Admin {
    /// Starts a client.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, settings: Pairs) -> napi::Result<Self> {
        export(&env, |_| Ok(Self(Arc::new(kstreams::Admin::new(&config(settings))?))))
    }

    /// A promise of the names of the topics that were created, and of the errors of the others.
    #[napi(catch_unwind)]
    pub fn create_topics(&self, env: Env, topics: Vec<TopicArgument>, timeout_ms: f64) -> napi::Result<Out> {
        let topic = |topic: TopicArgument| {
            let new = topic
                .replication_factor
                .into_iter()
                .fold(NewTopic::new(topic.name, topic.partitions), NewTopic::replication_factor);
            topic.config.into_iter().fold(new, |new, pair| match <[String; 2]>::try_from(pair) {
                Ok([name, value]) => new.config(name, value),
                Err(_) => new,
            })
        };
        let topics: Vec<_> = topics.into_iter().map(topic).collect();
        self.promise(&env, move |admin| admin.create_topics(&topics, work::timeout(timeout_ms)), outcomes)
    }

    /// A promise of the names of the topics that were deleted, and of the errors of the others.
    #[napi(catch_unwind)]
    pub fn delete_topics(&self, env: Env, names: Vec<String>, timeout_ms: f64) -> napi::Result<Out> {
        let call = move |admin: &kstreams::Admin| {
            admin.delete_topics(names.iter().map(String::as_str), work::timeout(timeout_ms))
        };
        self.promise(&env, call, outcomes)
    }

    /// A promise of all topics.
    #[napi(catch_unwind)]
    pub fn topics(&self, env: Env, timeout_ms: f64) -> napi::Result<Out> {
        self.promise(&env, move |admin| admin.topics(work::timeout(timeout_ms)), descriptions)
    }

    /// A promise of some topics.
    #[napi(catch_unwind)]
    pub fn describe_topics(&self, env: Env, names: Vec<String>, timeout_ms: f64) -> napi::Result<Out> {
        let call = move |admin: &kstreams::Admin| {
            admin.describe_topics(names.iter().map(String::as_str), work::timeout(timeout_ms))
        };
        self.promise(&env, call, descriptions)
    }

    /// A promise of the time when the topics can be used.
    #[napi(catch_unwind)]
    pub fn wait_for_leaders(&self, env: Env, names: Vec<String>, timeout_ms: f64) -> napi::Result<Out> {
        let call = move |admin: &kstreams::Admin| {
            admin.wait_for_leaders(names.iter().map(String::as_str), work::timeout(timeout_ms))
        };
        self.promise(&env, call, work::nothing)
    }

    /// A promise of the end.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env, timeout_ms: f64) -> napi::Result<Out> {
        self.promise(&env, move |admin| admin.close(work::timeout(timeout_ms)), work::nothing)
    }
}

impl Admin {
    fn promise<T: Send + 'static>(
        &self,
        env: &Env,
        call: impl FnOnce(&kstreams::Admin) -> Result<T> + Send + 'static,
        convert: Convert<T>,
    ) -> napi::Result<Out> {
        let admin = Arc::clone(&self.0);
        export(env, |js| work::promise(js, move || call(&admin), convert).map(Val::into_out))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of the conversions, of which others can fail")]
fn outcomes(js: Js<'_>, outcomes: Outcomes) -> Result<Val<'_>> {
    let succeeded: Vec<_> = outcomes.succeeded.iter().map(|name| js.string(name)).collect();
    let failed = outcomes
        .failed
        .iter()
        .map(|(name, failure)| js.array([js.string(name), error::to_js(js, failure)].into_iter()));
    let failed: Vec<_> = failed.collect();
    Ok(js.array([js.array(succeeded.into_iter()), js.array(failed.into_iter())].into_iter()))
}

/// Topics, each an array of its name and its partitions: number, leader or null, and replicas.
#[expect(clippy::unnecessary_wraps, reason = "one of the conversions, of which others can fail")]
fn descriptions(js: Js<'_>, topics: Vec<TopicDescription>) -> Result<Val<'_>> {
    let topic = |topic: &TopicDescription| {
        let partition = |partition: &kstreams::PartitionDescription| {
            let leader = partition.leader.map_or_else(|| js.null(), |leader| js.int32(leader));
            let replicas = js.number(as_real(i64::try_from(partition.replicas).unwrap_or(i64::MAX)));
            js.array([js.int32(partition.partition), leader, replicas].into_iter())
        };
        let partitions: Vec<_> = topic.partitions.iter().map(partition).collect();
        js.array([js.string(&topic.name), js.array(partitions.into_iter())].into_iter())
    };
    let topics: Vec<_> = topics.iter().map(topic).collect();
    Ok(js.array(topics.into_iter()))
}
