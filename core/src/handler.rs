//! Exception handlers: what to do with a record that cannot be read, processed or written.

use std::fmt;
use std::sync::Arc;

use crate::config::{Config, streams as name};
use crate::error::{Error, Result};

/// What an exception handler decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandlerResponse {
    /// Stop: the task ends and the uncaught exception handler gets the error.
    Fail,
    /// Go on without the record. It is counted in `dropped-records-total`.
    Continue,
}

/// Where a record was when it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureContext {
    /// The topic it came from, if it came from one.
    pub topic: Option<Arc<str>>,
    /// The partition, or −1.
    pub partition: i32,
    /// The offset, or −1.
    pub offset: i64,
    /// The node that failed.
    pub node: String,
    /// The task, such as `0_1`.
    pub task: String,
    /// The record's timestamp in milliseconds, or −1 if it is not known yet.
    pub timestamp: i64,
}

/// A function that decides about a failed record. It runs on the thread that processes.
pub type ExceptionHandler = Arc<dyn Fn(&FailureContext, &Error) -> HandlerResponse + Send + Sync>;

/// The three exception handlers of an application. The default of each is to log and fail.
#[derive(Clone)]
pub struct Handlers {
    /// For records whose bytes a serde cannot read.
    pub deserialization: ExceptionHandler,
    /// For records on which a node fails.
    pub processing: ExceptionHandler,
    /// For records that cannot be serialised for, or sent to, a topic.
    pub production: ExceptionHandler,
}

impl Handlers {
    /// The handlers that an application's settings name.
    ///
    /// # Errors
    /// *Invalid* for a name that is not one of ours or Java's.
    pub fn from_config(config: &Config) -> Result<Self> {
        let handler = |setting| named(setting, &config.text(setting)?.unwrap_or_default());
        Ok(Self {
            deserialization: handler(name::DESERIALIZATION_EXCEPTION_HANDLER)?,
            processing: handler(name::PROCESSING_EXCEPTION_HANDLER)?,
            production: handler(name::PRODUCTION_EXCEPTION_HANDLER)?,
        })
    }
}

impl Default for Handlers {
    fn default() -> Self {
        Self { deserialization: log_and_fail(), processing: log_and_fail(), production: log_and_fail() }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handlers")
    }
}

fn named(setting: &'static str, name: &str) -> Result<ExceptionHandler> {
    // Java's class names are accepted, so that a properties file can be shared.
    let class = name.rsplit('.').next().unwrap_or(name);
    match class {
        "continue" => Ok(log_and_continue()),
        "fail" => Ok(log_and_fail()),
        _ if class.starts_with("LogAndContinue") || class.starts_with("AlwaysContinue") => Ok(log_and_continue()),
        _ if class.starts_with("LogAndFail") || class.starts_with("DefaultProduction") => Ok(log_and_fail()),
        _ => Err(Error::invalid("unknown exception handler: use `fail` or `continue`, or set a function")
            .with("setting", setting)
            .with("got", name)),
    }
}

/// Logs the failure and stops.
pub fn log_and_fail() -> ExceptionHandler {
    Arc::new(|context, error| {
        log::error!("stopping at a failed record: {} {context}", error.chain());
        HandlerResponse::Fail
    })
}

/// Logs the failure and goes on without the record.
pub fn log_and_continue() -> ExceptionHandler {
    Arc::new(|context, error| {
        log::warn!("skipping a failed record: {} {context}", error.chain());
        HandlerResponse::Continue
    })
}

impl fmt::Display for FailureContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let topic = self.topic.as_deref().unwrap_or("none");
        let Self { partition, offset, node, task, .. } = self;
        write!(f, "task=`{task}` node=`{node}` topic=`{topic}` partition=`{partition}` offset=`{offset}`")
    }
}
