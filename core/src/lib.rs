//! Kafka Streams as a native engine, with complete Kafka clients.

pub mod serde;

mod clock;
mod config;
mod dsl;
mod error;
mod future;
mod header;
mod log;
mod native;
mod operator;
mod record;
mod state;
mod thread;
mod topology;
mod value;

pub use config::Config;
pub use dsl::{
    Consumed, Grouped, IntoEffect, IntoPair, KGroupedStream, KStream, KTable, Materialized, Produced, Repartitioned,
    StreamsBuilder, TopicNames,
};
pub use error::{Error, ErrorKind, Result};
pub use future::{CompletionQueue, Future, Promise};
pub use header::{Header, Headers};
pub use log::{LogLevel, LogRecord, LogSink, clear_logger, dropped_log_records, flush_logger, set_logger};
pub use record::{Change, Record, Update};
pub use thread::ThreadHooks;
pub use topology::Topology;
pub use topology::internal_topics::{InternalTopic, InternalTopicKind};
pub use topology::plan::OffsetReset;
pub use value::{Data, HostValue, IntWidth, IntoData, Payload, RealWidth, Text, Value};
