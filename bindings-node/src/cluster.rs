//! Brokers in this process.

use std::sync::{Arc, Mutex, PoisonError};

use kstreams::{Error, ErrorKind, Result, testing};
use napi::Env;
use napi_derive::napi;

use crate::error::export;
use crate::raw::{Out, Val};
use crate::topology::Topology;
use crate::work;

/// The native half of `EmbeddedCluster`.
#[napi]
pub struct Cluster(Mutex<Option<Arc<testing::EmbeddedCluster>>>);

#[napi]
impl Cluster {
    /// Starts brokers.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, brokers: f64) -> napi::Result<Self> {
        let brokers = u16::try_from(crate::testing::to_ms(brokers)).unwrap_or(u16::MAX);
        export(&env, |_| Ok(Self(Mutex::new(Some(Arc::new(testing::EmbeddedCluster::start(brokers)?))))))
    }

    /// What clients take as `bootstrap.servers`.
    #[napi(catch_unwind)]
    pub fn bootstrap_servers(&self, env: Env) -> napi::Result<String> {
        export(&env, |_| Ok(self.get()?.bootstrap_servers().to_owned()))
    }

    /// A promise of a topic.
    #[napi(catch_unwind)]
    pub fn create_topic(&self, env: Env, name: String, partitions: i32) -> napi::Result<Out> {
        self.promise(&env, move |cluster| cluster.create_topic(&name, partitions))
    }

    /// A promise of what an application needs.
    #[napi(catch_unwind)]
    pub fn prepare(&self, env: Env, topology: &Topology, application_id: String) -> napi::Result<Out> {
        let topology = topology.0.clone();
        self.promise(&env, move |cluster| cluster.prepare(&topology, &application_id))
    }

    /// Cuts all connections of a broker.
    #[napi(catch_unwind)]
    pub fn stop_broker(&self, env: Env, broker: i32) -> napi::Result<Out> {
        self.promise(&env, move |cluster| cluster.stop_broker(broker))
    }

    /// Lets a stopped broker go on.
    #[napi(catch_unwind)]
    pub fn start_broker(&self, env: Env, broker: i32) -> napi::Result<Out> {
        self.promise(&env, move |cluster| cluster.start_broker(broker))
    }

    /// A promise of the end of all brokers.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env) -> napi::Result<Out> {
        export(&env, |js| {
            let cluster = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
            let end = move || {
                drop(cluster);
                Ok(())
            };
            work::promise(js, end, work::nothing).map(Val::into_out)
        })
    }
}

impl Cluster {
    fn get(&self) -> Result<Arc<testing::EmbeddedCluster>> {
        let cluster = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        cluster.ok_or_else(|| Error::new(ErrorKind::Closed, "the embedded cluster is closed; make a new one"))
    }

    fn promise(
        &self,
        env: &Env,
        call: impl FnOnce(&testing::EmbeddedCluster) -> Result<()> + Send + 'static,
    ) -> napi::Result<Out> {
        export(env, |js| {
            let cluster = self.get()?;
            work::promise(js, move || call(&cluster), work::nothing).map(Val::into_out)
        })
    }
}
