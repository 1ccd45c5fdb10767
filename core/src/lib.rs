//! Kafka Streams as a native engine, with complete Kafka clients.

#[doc = include_str!("docs/architecture.md")]
pub mod architecture {}
pub mod serde;
#[doc(hidden)]
pub mod tables;
pub mod testing;

mod client;
mod clock;
mod config;
mod dsl;
mod error;
mod future;
mod handler;
mod header;
mod host;
mod log;
mod native;
mod offset;
mod operator;
mod record;
mod runtime;
mod state;
mod thread;
mod time;
mod topic;
mod topology;
mod value;

pub use client::{
    Admin, Batch, Consumer, ConsumerRecord, Deliveries, NewTopic, Outcomes, PartitionDescription, Producer,
    ProducerRecord, RecordMetadata, Records, TopicDescription,
};
pub use clock::Deadline;
pub use config::Config;
pub use dsl::{
    Consumed, Grouped, IntoEffect, IntoPair, KGroupedStream, KStream, KTable, Materialized, Produced, Repartitioned,
    StreamsBuilder, TopicNames,
};
pub use error::{Error, ErrorKind, Result};
pub use future::{CompletionQueue, Future, Promise};
pub use handler::{ExceptionHandler, FailureContext, HandlerResponse, Handlers, log_and_continue, log_and_fail};
pub use header::{Header, Headers};
pub use host::{DirectHost, Host, Session};
pub use log::{LogLevel, LogRecord, LogSink, clear_logger, dropped_log_records, flush_logger, set_logger};
pub use offset::Offset;
pub use record::Record;
pub use runtime::task::id::TaskId;
pub use runtime::{KafkaStreams, LocalTask, State, StateListener, UncaughtHandler, UncaughtResponse};
#[cfg(feature = "measure")]
#[doc(hidden)]
pub use state::measure::StoreMeasure;
pub use thread::ThreadHooks;
pub use topic::TopicPartition;
pub use topology::Topology;
pub use topology::internal_topics::{InternalTopic, InternalTopicKind};
pub use topology::plan::OffsetReset;
pub use value::{Data, HostValue, IntWidth, IntoData, Payload, RealWidth, Text, Value};
