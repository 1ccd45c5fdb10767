//! J. Topologies: what an application does with its records.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use kstreams::{StreamsBuilder, Topology};

use crate::config::ks_config_t;
use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow, borrow_optional};
use crate::options::{self, ks_consumed_spec_t};
use crate::stream::{StreamObject, ks_stream_t};
use crate::text::{c_string, optional_text, texts};

/// Where streams begin and the topology ends.
pub struct ks_builder_t {
    _opaque: [u8; 0],
}

impl Handle for ks_builder_t {
    type Object = StreamsBuilder;
    const TAG: u8 = 6;
    const NAME: &'static str = "builder";
}

/// What an application does with its records: sources, operators, stores and sinks, checked and ready to run.
pub struct ks_topology_t {
    _opaque: [u8; 0],
}

pub(crate) struct TopologyObject {
    pub(crate) topology: Topology,
    description: OnceLock<CString>,
}

impl Handle for ks_topology_t {
    type Object = TopologyObject;
    const TAG: u8 = 7;
    const NAME: &'static str = "topology";
}

impl TopologyObject {
    pub(crate) const fn new(topology: Topology) -> Self {
        Self { topology, description: OnceLock::new() }
    }
}

/// Makes an empty builder.
///
/// A mistake in one of the calls that follow, such as a name that cannot be, is answered by that call, and again by all
/// calls after it: the builder cannot be used then.
///
/// @param out_builder  owned
/// @return NULL, or an error of kind invalid
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_builder_new(out_builder: *mut *mut ks_builder_t) -> *mut ks_error_t {
    guard(|| {
        Out::new(out_builder, "out_builder")?.give(StreamsBuilder::new());
        Ok(())
    })
}

/// A stream of the records of one or several topics.
///
/// @param builder       the builder
/// @param name          the node's name; NULL: a generated one
/// @param topics        the topics' names
/// @param topic_count   how many
/// @param options       NULL: none
/// @param options_size  sizeof *options
/// @param out_stream    owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_builder_stream(
    builder: *mut ks_builder_t,
    name: *const c_char,
    topics: *const *const c_char,
    topic_count: usize,
    options: *const ks_consumed_spec_t,
    options_size: usize,
    out_stream: *mut *mut ks_stream_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_stream, "out_stream")?;
        let builder = borrow(builder, "builder")?;
        let consumed = options::consumed(optional_text(name, "name")?, options, options_size)?;
        let topics = texts(topics, topic_count, "topics")?;
        StreamObject::begin(&builder, builder.stream(topics.as_slice(), consumed)).give_to(out)
    })
}

/// Makes the topology. The builder can be used further.
///
/// @param builder       the builder
/// @param config        NULL: no settings; topology.optimization counts here
/// @param out_topology  owned
/// @return NULL, or an error of kind invalid (a node, store or topic that occurs twice; any earlier mistake) or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_builder_build(
    builder: *mut ks_builder_t,
    config: *const ks_config_t,
    out_topology: *mut *mut ks_topology_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_topology, "out_topology")?;
        let builder = borrow(builder, "builder")?;
        let topology = match borrow_optional(config, "config")? {
            None => builder.build()?,
            Some(config) => builder.build_with(&config.settings())?,
        };
        out.give(TopologyObject::new(topology));
        Ok(())
    })
}

/// Destroys a builder. Streams and topologies made by it do not need it.
///
/// @param builder  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_builder_destroy(builder: *mut ks_builder_t) {
    guard_or((), || {
        handle::destroy(builder);
        Ok(())
    });
}

/// The text that Kafka Streams prints for the same topology.
///
/// @param topology  the topology
/// @return borrowed from the topology; NULL only for a wrong handle
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_topology_describe(topology: *const ks_topology_t) -> *const c_char {
    guard_or(std::ptr::null(), || {
        let object = borrow(topology, "topology")?;
        Ok(object.description.get_or_init(|| c_string(&object.topology.describe())).as_ptr())
    })
}

/// Destroys a topology. What runs it does not need it.
///
/// @param topology  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_topology_destroy(topology: *mut ks_topology_t) {
    guard_or((), || {
        handle::destroy(topology);
        Ok(())
    });
}
