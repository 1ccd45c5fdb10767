//! The library's logs, delivered to JavaScript.

use std::sync::Arc;

use kstreams::LogLevel;
use napi::Env;
use napi_derive::napi;

use crate::error::export;
use crate::function::Function;
use crate::host::Link;
use crate::raw::In;
use crate::value::as_real;

/// Delivers log records of a level and above to a function of level, target, message and milliseconds since 1970.
#[napi(catch_unwind)]
pub fn set_logger(env: Env, level: String, sink: In<'_>) -> napi::Result<()> {
    export(&env, |_| {
        let level: LogLevel = level.parse()?;
        let (link, sink) = (Link::here()?, Function::new(sink.val())?);
        let deliver: kstreams::LogSink = Arc::new(move |record| {
            let (record, sink) = (record.clone(), sink.clone());
            link.post(Box::new(move |js| {
                let time = js.number(as_real(record.timestamp_ms));
                let arguments =
                    [js.string(record.level.name()), js.string(&record.target), js.string(&record.message), time];
                // A log record about a logger that fails would come here again.
                let _ = sink.call(js, &arguments);
            }));
        });
        kstreams::set_logger(level, deliver)
    })
}

/// Stops the delivery of log records.
#[napi(catch_unwind)]
pub fn clear_logger(env: Env) -> napi::Result<()> {
    export(&env, |_| {
        kstreams::clear_logger();
        Ok(())
    })
}
