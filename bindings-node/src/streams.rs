//! The running application.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use kstreams::{Error, Result, State, StateListener, UncaughtHandler, UncaughtResponse};
use napi::Env;
use napi_derive::napi;

use crate::config::{Pairs, config};
use crate::error::{self, export};
use crate::function::Function;
use crate::handler::HandlerArguments;
use crate::host::Link;
use crate::raw::{In, Out, Val};
use crate::topology::Topology;
use crate::value::as_real;
use crate::work;

/// How long an application may take to close when its environment ends.
const PATIENCE: Duration = Duration::from_millis(2500);

/// The native half of `KafkaStreams`.
#[napi]
pub struct Application {
    streams: Arc<kstreams::KafkaStreams>,
    link: Arc<Link>,
    ending: u64,
    /// Whether the environment stays alive for this application.
    is_held: Arc<Mutex<bool>>,
}

impl Drop for Application {
    fn drop(&mut self) {
        self.link.not_at_end(self.ending);
    }
}

#[napi]
impl Application {
    /// Checks the settings. `listeners` are those of states and of failures, `handlers` the three exception handlers.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: Env,
        topology: &Topology,
        settings: Pairs,
        told: In<'_>,
        uncaught: In<'_>,
        handlers: In<'_>,
    ) -> napi::Result<Self> {
        export(&env, |_| {
            let config = config(settings);
            let (told, uncaught) = (Function::new(told.val())?, Function::new(uncaught.val())?);
            let handlers = HandlerArguments::new(handlers.val())?.handlers(&config)?;
            let link = Link::here()?;
            let is_held = Arc::new(Mutex::new(false));
            let streams = Arc::new(kstreams::KafkaStreams::new(&topology.0, &config)?);
            streams.set_state_listener(telling(Arc::clone(&link), told, Arc::clone(&is_held)))?;
            streams.set_uncaught_exception_handler(asking(Arc::clone(&link), uncaught))?;
            if let Some(handlers) = handlers {
                streams.set_handlers(handlers)?;
            }
            let weak: Weak<kstreams::KafkaStreams> = Arc::downgrade(&streams);
            let ending = link.at_end(Box::new(move || {
                if let Some(streams) = weak.upgrade() {
                    work::run(Box::new(move || drop(streams.close(PATIENCE))));
                }
            }));
            Ok(Self { streams, link, ending, is_held })
        })
    }

    /// Starts the threads. The environment stays alive until the application has ended.
    #[napi(catch_unwind)]
    pub fn start(&self, env: Env) -> napi::Result<()> {
        export(&env, |js| {
            self.streams.start()?;
            let mut is_held = self.is_held.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.streams.state().is_final() && !*is_held {
                *is_held = true;
                self.link.hold(js);
            }
            Ok(())
        })
    }

    /// The state's name.
    #[napi(catch_unwind)]
    pub fn state(&self, env: Env) -> napi::Result<String> {
        export(&env, |_| Ok(self.streams.state().name().to_owned()))
    }

    /// Why it failed, or undefined.
    #[napi(catch_unwind)]
    pub fn error(&self, env: Env) -> napi::Result<Out> {
        export(&env, |js| {
            let error = self.streams.error();
            Ok(error.map_or_else(|| js.undefined(), |error| error::to_js(js, &error)).into_out())
        })
    }

    /// Names and values in turn.
    #[napi(catch_unwind)]
    pub fn metrics(&self, env: Env) -> napi::Result<Out> {
        export(&env, |js| {
            let pair = |(name, value): (&String, &f64)| [js.string(name), js.number(*value)];
            let flat: Vec<_> = self.streams.metrics().iter().flat_map(pair).collect();
            Ok(js.array(flat.into_iter()).into_out())
        })
    }

    /// The tasks, each an array of id, thread, whether it is running, and topics and partitions in turn.
    #[napi(catch_unwind)]
    pub fn local_tasks(&self, env: Env) -> napi::Result<Out> {
        export(&env, |js| {
            let task = |task: kstreams::LocalTask| {
                let pair = |place: &kstreams::TopicPartition| [js.string(&place.topic), js.int32(place.partition)];
                let partitions: Vec<_> = task.partitions.iter().flat_map(pair).collect();
                let thread = js.number(as_real(i64::try_from(task.thread).unwrap_or(i64::MAX)));
                let parts = [
                    js.string(&task.id.to_string()),
                    thread,
                    js.boolean(task.is_running),
                    js.array(partitions.into_iter()),
                ];
                js.array(parts.into_iter())
            };
            let tasks: Vec<_> = self.streams.local_tasks().into_iter().map(task).collect();
            Ok(js.array(tasks.into_iter()).into_out())
        })
    }

    /// A promise of a state.
    #[napi(catch_unwind)]
    pub fn wait_for(&self, env: Env, state: String, timeout_ms: f64) -> napi::Result<Out> {
        export(&env, |js| {
            let unknown = || Error::invalid("unknown state").with("got", &state);
            let wanted = State::ALL.into_iter().find(|known| known.name() == state).ok_or_else(unknown)?;
            let streams = Arc::clone(&self.streams);
            let wait = move || streams.wait_for(wanted, work::timeout(timeout_ms));
            work::promise(js, wait, work::nothing).map(Val::into_out)
        })
    }

    /// A promise of the end.
    #[napi(catch_unwind)]
    pub fn wait_until_stopped(&self, env: Env, timeout_ms: f64) -> napi::Result<Out> {
        self.promise(&env, move |streams| streams.wait_until_stopped(work::timeout(timeout_ms)))
    }

    /// A promise of the end, which this brings about.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env, timeout_ms: f64) -> napi::Result<Out> {
        self.promise(&env, move |streams| streams.close(work::timeout(timeout_ms)))
    }

    /// A promise of an empty state directory.
    #[napi(catch_unwind)]
    pub fn clean_up(&self, env: Env) -> napi::Result<Out> {
        self.promise(&env, kstreams::KafkaStreams::clean_up)
    }
}

impl Application {
    fn promise(
        &self,
        env: &Env,
        call: impl FnOnce(&kstreams::KafkaStreams) -> Result<()> + Send + 'static,
    ) -> napi::Result<Out> {
        let streams = Arc::clone(&self.streams);
        export(env, |js| work::promise(js, move || call(&streams), work::nothing).map(Val::into_out))
    }
}

/// Calls the function with the names of the new and the old state; it does not throw.
fn telling(link: Arc<Link>, function: Function, is_held: Arc<Mutex<bool>>) -> StateListener {
    Arc::new(move |new, old| {
        let (function, held, is_held) = (function.clone(), Arc::clone(&link), Arc::clone(&is_held));
        link.post(Box::new(move |js| {
            if let Err(error) = function.call(js, &[js.string(new.name()), js.string(old.name())]) {
                log::error!("the state listener failed: {}", error.chain());
            }
            let mut is_held = is_held.lock().unwrap_or_else(PoisonError::into_inner);
            if new.is_final() && std::mem::take(&mut *is_held) {
                held.release(js);
            }
        }));
    })
}

/// Asks the function what to do. One that fails itself gives no answer: the application stops.
fn asking(link: Arc<Link>, function: Function) -> UncaughtHandler {
    Arc::new(move |failure| {
        let (function, failure) = (function.clone(), failure.clone());
        let answer = link.ask(move |js| {
            let answer = function.call(js, &[error::to_js(js, &failure)])?;
            match answer.as_text().as_deref() {
                Some("shutdownClient") => Ok(UncaughtResponse::ShutdownClient),
                Some("replaceThread") => Ok(UncaughtResponse::ReplaceThread),
                _ => Err(function.wrong_type("'shutdownClient' or 'replaceThread'", answer)),
            }
        });
        answer.unwrap_or(Ok(UncaughtResponse::ShutdownClient)).unwrap_or_else(|error: Error| {
            log::error!("the uncaught exception handler failed: {}", error.chain());
            UncaughtResponse::ShutdownClient
        })
    })
}
