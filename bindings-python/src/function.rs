//! Functions of the program, as the engine calls them: inside a session, with the interpreter's lock held.

use std::sync::Arc;

use kstreams::{Error, Result, Value};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyIterator, PyList, PyString, PyTuple};

use crate::{error, value};

/// A function of the program. Clones are the same function.
#[derive(Clone)]
pub(crate) struct Function(Arc<Inner>);

struct Inner {
    call: Py<PyAny>,
    name: String,
}

impl<'py> FromPyObject<'_, 'py> for Function {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if !object.is_callable() {
            let got = value::type_name(&object);
            return Err(PyTypeError::new_err(format!("a function is needed here, not an object of type {got}")));
        }
        let name = object
            .getattr("__qualname__")
            .and_then(|name| name.extract())
            .unwrap_or_else(|_| value::type_name(&object));
        Ok(Self(Arc::new(Inner { call: object.to_owned().unbind(), name })))
    }
}

impl Function {
    /// Calls it with values and takes a value.
    pub(crate) fn value<const N: usize>(&self, arguments: [&Value; N]) -> Result<Value> {
        Python::attach(|py| self.to_value(&self.on_values(py, arguments)?))
    }

    /// Calls it with values and takes a truth value, as `if` would.
    pub(crate) fn truth(&self, arguments: [&Value; 2]) -> Result<bool> {
        Python::attach(|py| {
            let answer = self.on_values(py, arguments)?;
            if let Ok(truth) = answer.cast::<PyBool>() {
                return Ok(truth.is_true());
            }
            self.refuse_awaitable(&answer)?;
            answer.is_truthy().map_err(|raised| self.failed(py, raised))
        })
    }

    /// Calls it with values and takes a key and a value.
    pub(crate) fn pair(&self, arguments: [&Value; 2]) -> Result<(Value, Value)> {
        Python::attach(|py| self.to_pair(&self.on_values(py, arguments)?))
    }

    /// Calls it with values for what it does.
    pub(crate) fn effect(&self, arguments: [&Value; 2]) -> Result<()> {
        Python::attach(|py| self.refuse_awaitable(&self.on_values(py, arguments)?))
    }

    /// Calls it with values and takes any number of items, one after the other, as the engine asks for them.
    pub(crate) fn items<T>(&self, arguments: [&Value; 2], convert: Convert<T>) -> Items<T> {
        let iterator = Python::attach(|py| {
            let answer = self.on_values(py, arguments)?;
            // Text and bytes can be iterated too, but whoever returns one has forgotten the list around it.
            if answer.is_instance_of::<PyString>() || answer.is_instance_of::<PyBytes>() {
                return Err(self.wrong_type("a list or another iterable", &answer));
            }
            let iterator = answer.try_iter().map_err(|_| self.wrong_type("a list or another iterable", &answer))?;
            Ok(iterator.unbind())
        });
        match iterator {
            Ok(iterator) => Items { state: State::Going(self.clone(), iterator), convert },
            Err(error) => Items { state: State::Failed(error), convert },
        }
    }

    /// Calls it with anything.
    pub(crate) fn call<'py>(&self, py: Python<'py>, arguments: impl PyCallArgs<'py>) -> Result<Bound<'py, PyAny>> {
        self.0.call.bind(py).call1(arguments).map_err(|raised| self.failed(py, raised))
    }

    /// The error for something that it raised.
    pub(crate) fn failed(&self, py: Python<'_>, raised: PyErr) -> Error {
        error::from_python(py, raised, &self.0.name)
    }

    /// The error for something that it returned.
    pub(crate) fn wrong_type(&self, expected: &str, got: &Bound<'_, PyAny>) -> Error {
        Error::data("function returned a value of the wrong type")
            .with("function", &self.0.name)
            .with("expected", expected)
            .with("got", value::type_name(got))
    }

    fn on_values<'py, const N: usize>(&self, py: Python<'py>, arguments: [&Value; N]) -> Result<Bound<'py, PyAny>> {
        let mut failure = None;
        let converted = arguments.map(|argument| {
            value::to_python(py, argument).unwrap_or_else(|raised| {
                failure = Some(raised);
                py.None().into_bound(py)
            })
        });
        if let Some(raised) = failure {
            return Err(self.failed(py, raised));
        }
        let arguments = PyTuple::new(py, converted).map_err(|raised| self.failed(py, raised))?;
        self.call(py, arguments)
    }

    fn to_value(&self, answer: &Bound<'_, PyAny>) -> Result<Value> {
        value::from_python(answer).map_err(|error| {
            Error::data("function returned a value that cannot be used").with("function", &self.0.name).caused_by(error)
        })
    }

    fn to_pair(&self, answer: &Bound<'_, PyAny>) -> Result<(Value, Value)> {
        const EXPECTED: &str = "a tuple of key and value";
        let (key, value) = if let Ok(pair) = answer.cast::<PyTuple>() {
            if pair.len() != 2 {
                return Err(self.wrong_type(EXPECTED, answer).with("length", pair.len()));
            }
            (pair.get_item(0), pair.get_item(1))
        } else if let Ok(pair) = answer.cast::<PyList>()
            && pair.len() == 2
        {
            (pair.get_item(0), pair.get_item(1))
        } else {
            return Err(self.wrong_type(EXPECTED, answer));
        };
        let item = |item: PyResult<Bound<'_, PyAny>>| match item {
            Ok(item) => self.to_value(&item),
            Err(raised) => Err(self.failed(answer.py(), raised)),
        };
        Ok((item(key)?, item(value)?))
    }

    /// An `async` function would be called and never run.
    fn refuse_awaitable(&self, answer: &Bound<'_, PyAny>) -> Result<()> {
        if answer.is_none() || !answer.hasattr("__await__").unwrap_or(false) {
            return Ok(());
        }
        Err(self.wrong_type("a result that is there, not an awaitable", answer))
    }
}

/// How an item of an iterable becomes what the engine wants.
pub(crate) type Convert<T> = fn(&Function, &Bound<'_, PyAny>) -> Result<T>;

/// An item that is a value.
pub(crate) fn item_value(function: &Function, item: &Bound<'_, PyAny>) -> Result<Value> {
    function.to_value(item)
}

/// An item that is a key and a value.
pub(crate) fn item_pair(function: &Function, item: &Bound<'_, PyAny>) -> Result<(Value, Value)> {
    function.to_pair(item)
}

/// The items that a function gives for one record: generators run as far as the engine has taken items.
pub(crate) struct Items<T> {
    state: State,
    convert: Convert<T>,
}

enum State {
    Going(Function, Py<PyIterator>),
    Failed(Error),
    Over,
}

impl<T> Iterator for Items<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Over => None,
            State::Failed(error) => Some(Err(error)),
            State::Going(function, iterator) => Python::attach(|py| {
                let item = match iterator.bind(py).clone().next()? {
                    Ok(item) => (self.convert)(&function, &item),
                    Err(raised) => Err(function.failed(py, raised)),
                };
                self.state = State::Going(function, iterator);
                Some(item)
            }),
        }
    }
}
