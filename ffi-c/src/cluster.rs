//! R. The embedded cluster.

use std::ffi::{CString, c_char};

use kstreams::Error;
use kstreams::testing::EmbeddedCluster;

use crate::builder::ks_topology_t;
use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow};
use crate::text::{c_string, text};

/// A small Kafka cluster inside this process, for tests and demonstrations. It keeps 5 MiB or 100,000 batches of each
/// partition and forgets the oldest silently; it has no topic settings, no compaction and no transactions.
pub struct ks_embedded_cluster_t {
    _opaque: [u8; 0],
}

pub(crate) struct ClusterObject {
    cluster: EmbeddedCluster,
    bootstrap_servers: CString,
}

impl Handle for ks_embedded_cluster_t {
    type Object = ClusterObject;
    const TAG: u8 = 19;
    const NAME: &'static str = "embedded cluster";
}

/// Starts brokers on loopback.
///
/// @param brokers      how many, from 1 to 64
/// @param out_cluster  owned
/// @return NULL, or an error of kind invalid or resource
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_embedded_cluster_new(
    brokers: i32,
    out_cluster: *mut *mut ks_embedded_cluster_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_cluster, "out_cluster")?;
        let brokers = u16::try_from(brokers)
            .map_err(|_| Error::invalid("an embedded cluster has between 1 and 64 brokers").with("brokers", brokers))?;
        let cluster = EmbeddedCluster::start(brokers)?;
        let bootstrap_servers = c_string(cluster.bootstrap_servers());
        out.give(ClusterObject { cluster, bootstrap_servers });
        Ok(())
    })
}

/// What clients take as bootstrap.servers.
///
/// @param cluster  the cluster
/// @return borrowed from the cluster; NULL only for a wrong handle
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_embedded_cluster_bootstrap_servers(cluster: *const ks_embedded_cluster_t) -> *const c_char {
    guard_or(std::ptr::null(), || Ok(borrow(cluster, "cluster")?.bootstrap_servers.as_ptr()))
}

/// Creates a topic.
///
/// @param cluster     the cluster
/// @param topic       the topic's name
/// @param partitions  how many
/// @return NULL, or an error of kind invalid (also for a topic that exists) or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_embedded_cluster_create_topic(
    cluster: *mut ks_embedded_cluster_t,
    topic: *const c_char,
    partitions: i32,
) -> *mut ks_error_t {
    guard(|| borrow(cluster, "cluster")?.cluster.create_topic(text(topic, "topic")?, partitions))
}

/// Creates what an application needs and does not exist: the topics that it reads and writes, with one partition each,
/// and its internal topics, with as many as follow from those that it reads.
///
/// @param cluster         the cluster
/// @param topology        the application's topology
/// @param application_id  the application's id
/// @return NULL, or an error of kind invalid, retriable, timeout or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_embedded_cluster_prepare(
    cluster: *mut ks_embedded_cluster_t,
    topology: *const ks_topology_t,
    application_id: *const c_char,
) -> *mut ks_error_t {
    guard(|| {
        let cluster = borrow(cluster, "cluster")?;
        let topology = borrow(topology, "topology")?;
        cluster.cluster.prepare(&topology.topology, text(application_id, "application_id")?)
    })
}

/// Cuts all connections of a broker and refuses new ones.
///
/// @param cluster  the cluster
/// @param broker   its number, from 1
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_embedded_cluster_stop_broker(
    cluster: *mut ks_embedded_cluster_t,
    broker: i32,
) -> *mut ks_error_t {
    guard(|| borrow(cluster, "cluster")?.cluster.stop_broker(broker))
}

/// Lets a stopped broker go on.
///
/// @param cluster  the cluster
/// @param broker   its number, from 1
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_embedded_cluster_start_broker(
    cluster: *mut ks_embedded_cluster_t,
    broker: i32,
) -> *mut ks_error_t {
    guard(|| borrow(cluster, "cluster")?.cluster.start_broker(broker))
}

/// Ends the brokers.
///
/// @param cluster  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_embedded_cluster_destroy(cluster: *mut ks_embedded_cluster_t) {
    guard_or((), || {
        handle::destroy(cluster);
        Ok(())
    });
}
