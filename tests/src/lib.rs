//! What the tests of more than one package share: a real Apache Kafka, Kafka's own word count, and waiting without sleeping.
//!
//! - [`KafkaCluster`]: one broker on loopback, that can be stopped, killed and started again.
//! - [`WordCountDemo`], [`java::describe`]: the Java program that ours must be able to go on from.
//! - [`Instance`]: our word count as a process of its own, to be killed or to run beside another.
//! - [`wait_until`], [`wait_for`]: wait for what happens, with a deadline and a reason.
//! - [`topics`]: make, fill and dump topics by a client that is not ours.
//! - [`parity`]: the list of the interface in all languages, compared with what each of them exports.
//! - [`oracle`]: recorded cases of Kafka Streams, and the runner that compares.
//!
//! These are tools of tests: what they cannot do ends in a panic that says why.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "tools of tests end in a panic that says why, and wait for other processes by the clock"
)]

pub mod cluster;
pub mod instance;
pub mod java;
pub mod logs;
pub mod oracle;
pub mod parity;
pub mod process;
pub mod source;
pub mod stage;
pub mod topics;
pub mod wait;
pub mod wordcount;

pub use cluster::KafkaCluster;
pub use instance::Instance;
pub use java::WordCountDemo;
pub use stage::Stage;
pub use wait::{wait_for, wait_until};
