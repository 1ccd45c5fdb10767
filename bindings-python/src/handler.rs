//! Exception handlers that are functions of the program.

use std::sync::Arc;

use kstreams::{ExceptionHandler, HandlerResponse, Handlers};
use pyo3::prelude::*;

use crate::error;
use crate::function::Function;

/// Where a record was when it failed.
///
/// Attributes
/// ----------
/// topic : str or None
///     The topic that it came from.
/// partition : int
///     The partition, or -1.
/// offset : int
///     The offset, or -1.
/// node : str
///     The node that failed, as in :meth:`Topology.describe`.
/// task : str
///     The task, such as ``0_1``.
/// timestamp : int
///     Milliseconds since 1970, or -1 if it is not known yet.
#[pyclass(frozen, get_all, module = "libkstreams")]
pub(crate) struct FailureContext {
    topic: Option<String>,
    partition: i32,
    offset: i64,
    node: String,
    task: String,
    timestamp: i64,
}

#[pymethods]
impl FailureContext {
    fn __repr__(&self) -> String {
        let Self { topic, partition, offset, node, task, timestamp } = self;
        let topic = topic.as_ref().map_or_else(|| "None".to_owned(), |topic| format!("{topic:?}"));
        format!(
            "FailureContext(topic={topic}, partition={partition}, offset={offset}, node={node:?}, task={task:?}, timestamp={timestamp})"
        )
    }
}

/// The three handlers, each a function or `None` for what the settings say.
pub(crate) struct HandlerArguments {
    pub(crate) deserialization: Option<Function>,
    pub(crate) processing: Option<Function>,
    pub(crate) production: Option<Function>,
}

impl HandlerArguments {
    /// The handlers, or `None` if no function was given.
    ///
    /// # Errors
    /// *Invalid* when the settings name an unknown handler.
    pub(crate) fn handlers(self, config: &kstreams::Config) -> kstreams::Result<Option<Handlers>> {
        if self.deserialization.is_none() && self.processing.is_none() && self.production.is_none() {
            return Ok(None);
        }
        let mut handlers = Handlers::from_config(config)?;
        let set = |handler: &mut ExceptionHandler, function: Option<Function>| {
            if let Some(function) = function {
                *handler = asking(function);
            }
        };
        set(&mut handlers.deserialization, self.deserialization);
        set(&mut handlers.processing, self.processing);
        set(&mut handlers.production, self.production);
        Ok(Some(handlers))
    }
}

/// A handler that asks a function. One that fails itself, or gives no answer, stops the task.
fn asking(function: Function) -> ExceptionHandler {
    Arc::new(move |context, failure| {
        let answer = Python::try_attach(|py| {
            let context = FailureContext {
                topic: context.topic.as_deref().map(str::to_owned),
                partition: context.partition,
                offset: context.offset,
                node: context.node.clone(),
                task: context.task.clone(),
                timestamp: context.timestamp,
            };
            let answer = function.call(py, (context, error::object(py, failure)))?;
            match answer.extract::<String>().as_deref() {
                Ok("continue") => Ok(HandlerResponse::Continue),
                Ok("fail") => Ok(HandlerResponse::Fail),
                _ => Err(function.wrong_type("HandlerResponse.CONTINUE or HandlerResponse.FAIL", &answer)),
            }
        });
        match answer {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                kstreams::log_and_fail()(context, &error);
                HandlerResponse::Fail
            }
            None => HandlerResponse::Fail,
        }
    })
}
