//! The running application.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kstreams::{ErrorKind, State, StateListener, UncaughtHandler, UncaughtResponse};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;

use crate::config::Settings;
use crate::error::{self, OrRaise};
use crate::fork::Owned;
use crate::function::Function;
use crate::handler::HandlerArguments;
use crate::host;
use crate::topology::Topology;
use crate::wait::{self, Timeout};

/// A task: its id, its thread, what it reads, and whether it is running.
type Task = (String, usize, Vec<(String, i32)>, bool);

/// The native half of `KafkaStreams`.
#[pyclass(frozen)]
pub(crate) struct Application(Owned<kstreams::KafkaStreams>);

#[pymethods]
impl Application {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        topology: &Topology,
        settings: Settings,
        state_listener: Option<Function>,
        uncaught: Option<Function>,
        deserialization: Option<Function>,
        processing: Option<Function>,
        production: Option<Function>,
    ) -> PyResult<Self> {
        let (topology, Settings(config)) = (&topology.0, settings);
        let arguments = HandlerArguments { deserialization, processing, production };
        let handlers = arguments.handlers(&config).or_raise(py)?;
        let make = || {
            let streams = kstreams::KafkaStreams::new(topology, &config)?;
            streams.on_threads(host::thread_hooks())?;
            if let Some(handlers) = handlers {
                streams.set_handlers(handlers)?;
            }
            if let Some(function) = state_listener {
                streams.set_state_listener(telling(function))?;
            }
            if let Some(function) = uncaught {
                streams.set_uncaught_exception_handler(asking(function))?;
            }
            Ok(streams)
        };
        Ok(Self(Owned::new("KafkaStreams", py.detach(make).or_raise(py)?)))
    }

    fn start(&self, py: Python<'_>) -> PyResult<()> {
        let streams = self.0.get(py)?;
        py.detach(|| streams.start()).or_raise(py)
    }

    fn state(&self, py: Python<'_>) -> PyResult<&'static str> {
        let streams = self.0.get(py)?;
        Ok(py.detach(|| streams.state()).name())
    }

    fn error(&self, py: Python<'_>) -> PyResult<Option<Py<PyBaseException>>> {
        let streams = self.0.get(py)?;
        Ok(py.detach(|| streams.error()).map(|failure| error::object(py, &failure)))
    }

    fn metrics(&self, py: Python<'_>) -> PyResult<BTreeMap<String, f64>> {
        let streams = self.0.get(py)?;
        Ok(py.detach(|| streams.metrics()))
    }

    fn local_tasks(&self, py: Python<'_>) -> PyResult<Vec<Task>> {
        let streams = self.0.get(py)?;
        let place = |place: kstreams::TopicPartition| (place.topic.to_string(), place.partition);
        let task = |task: kstreams::LocalTask| {
            (task.id.to_string(), task.thread, task.partitions.into_iter().map(place).collect(), task.is_running)
        };
        Ok(py.detach(|| streams.local_tasks()).into_iter().map(task).collect())
    }

    fn wait_for(&self, py: Python<'_>, state: &str, timeout: Option<Timeout>) -> PyResult<()> {
        let streams = self.0.get(py)?;
        let state = state_named(py, state)?;
        self.wait(py, timeout, move |slice| streams.wait_for(state, slice))
    }

    fn wait_until_stopped(&self, py: Python<'_>, timeout: Option<Timeout>) -> PyResult<()> {
        let streams = self.0.get(py)?;
        self.wait(py, timeout, move |slice| streams.wait_until_stopped(slice))
    }

    fn close(&self, py: Python<'_>, timeout: Timeout) -> PyResult<()> {
        let streams = self.0.get(py)?;
        py.detach(|| streams.close(timeout.into())).or_raise(py)
    }

    fn clean_up(&self, py: Python<'_>) -> PyResult<()> {
        let streams = self.0.get(py)?;
        py.detach(|| streams.clean_up()).or_raise(py)
    }
}

impl Application {
    /// Waits in slices; what the last slice failed with is the timeout's error.
    fn wait(
        &self,
        py: Python<'_>,
        timeout: Option<Timeout>,
        look: impl Fn(Duration) -> kstreams::Result<()> + Send + Sync,
    ) -> PyResult<()> {
        let streams = self.0.get(py)?;
        // An application's own failure may be a timeout, too: it is one that waiting longer cannot mend.
        let go_on = |error: &kstreams::Error| error.kind() == ErrorKind::Timeout && !streams.state().is_final();
        let answer = wait::in_slices(py, timeout.map(Duration::from), |slice| match look(slice) {
            Err(error) if go_on(&error) => None,
            answer => Some(answer),
        })?;
        match answer {
            Some(answer) => answer.or_raise(py),
            None => py.detach(|| look(Duration::ZERO)).or_raise(py),
        }
    }
}

fn state_named(py: Python<'_>, name: &str) -> PyResult<State> {
    State::ALL
        .into_iter()
        .find(|state| state.name() == name)
        .ok_or_else(|| error::to_python(py, &kstreams::Error::invalid("unknown state").with("got", name)))
}

/// Calls the function with the names of the new and the old state.
fn telling(function: Function) -> StateListener {
    Arc::new(move |new, old| {
        let told = Python::try_attach(|py| function.call(py, (new.name(), old.name())).map(drop));
        if let Some(Err(error)) = told {
            report(&error);
        }
    })
}

/// Asks the function what to do. One that fails itself gives no answer: the application stops.
fn asking(function: Function) -> UncaughtHandler {
    Arc::new(move |failure| {
        let answer = Python::try_attach(|py| {
            let answer = function.call(py, (error::object(py, failure),))?;
            match answer.extract::<String>().as_deref() {
                Ok("shutdown_client") => Ok(UncaughtResponse::ShutdownClient),
                Ok("replace_thread") => Ok(UncaughtResponse::ReplaceThread),
                _ => Err(function.wrong_type("an UncaughtResponse", &answer)),
            }
        });
        match answer {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                report(&error);
                UncaughtResponse::ShutdownClient
            }
            None => UncaughtResponse::ShutdownClient,
        }
    })
}

/// Tells about a failure of a listener, which nobody waits for: as Python does for `__del__`.
fn report(failure: &kstreams::Error) {
    let _ = Python::try_attach(|py| error::to_python(py, failure).write_unraisable(py, None));
}
