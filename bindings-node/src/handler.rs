//! Exception handlers that are functions of the program.

use std::sync::Arc;

use kstreams::{Config, Error, ExceptionHandler, FailureContext, HandlerResponse, Handlers, Result};

use crate::error;
use crate::function::Function;
use crate::host::Link;
use crate::raw::{Js, Val};
use crate::value::as_real;

/// The three handlers: functions, or nothing for what the settings say.
pub(crate) struct HandlerArguments {
    deserialization: Option<Function>,
    processing: Option<Function>,
    production: Option<Function>,
}

impl HandlerArguments {
    /// From an array of three.
    ///
    /// # Errors
    /// *Invalid* for what is no function.
    pub(crate) fn new(three: Val<'_>) -> Result<Self> {
        Ok(Self {
            deserialization: Function::optional(three.item(0))?,
            processing: Function::optional(three.item(1))?,
            production: Function::optional(three.item(2))?,
        })
    }

    /// The handlers, or `None` if no function was given.
    ///
    /// # Errors
    /// *Invalid* when the settings name an unknown handler.
    pub(crate) fn handlers(self, config: &Config) -> Result<Option<Handlers>> {
        if self.deserialization.is_none() && self.processing.is_none() && self.production.is_none() {
            return Ok(None);
        }
        let mut handlers = Handlers::from_config(config)?;
        let link = Link::here()?;
        let set = |handler: &mut ExceptionHandler, function: Option<Function>| {
            if let Some(function) = function {
                *handler = asking(Arc::clone(&link), function);
            }
        };
        set(&mut handlers.deserialization, self.deserialization);
        set(&mut handlers.processing, self.processing);
        set(&mut handlers.production, self.production);
        Ok(Some(handlers))
    }
}

/// A handler that asks a function. One that fails itself, or gives no answer, stops the task.
fn asking(link: Arc<Link>, function: Function) -> ExceptionHandler {
    Arc::new(move |context, failure| {
        let (function, asked, failure) = (function.clone(), context.clone(), failure.clone());
        match link.ask(move |js| ask(js, &function, &asked, &failure)) {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                kstreams::log_and_fail()(context, &error);
                HandlerResponse::Fail
            }
            None => HandlerResponse::Fail,
        }
    })
}

fn ask(js: Js<'_>, function: &Function, context: &FailureContext, failure: &Error) -> Result<HandlerResponse> {
    let context = [
        context.topic.as_deref().map_or_else(|| js.null(), |topic| js.string(topic)),
        js.int32(context.partition),
        js.bigint(context.offset),
        js.string(&context.node),
        js.string(&context.task),
        js.number(as_real(context.timestamp)),
    ];
    let answer = function.call(js, &[js.array(context.into_iter()), error::to_js(js, failure)])?;
    match answer.as_text().as_deref() {
        Some("continue") => Ok(HandlerResponse::Continue),
        Some("fail") => Ok(HandlerResponse::Fail),
        _ => Err(function.wrong_type("'continue' or 'fail'", answer)),
    }
}
