//! Functions of the program, as the engine calls them: inside a session, on the environment's thread.

use std::sync::Arc;

use kstreams::{Error, ErrorKind, Result, Value};

use crate::host::{Helper, Link, Reference};
use crate::raw::{self, Js, Type, Val};
use crate::{error, value};

/// A function of the program. Clones are the same function.
#[derive(Clone)]
pub(crate) struct Function(Arc<Inner>);

struct Inner {
    call: Reference,
    name: String,
}

impl Function {
    /// A function from an argument.
    ///
    /// # Errors
    /// *Invalid* for anything else.
    pub(crate) fn new(val: Val<'_>) -> Result<Self> {
        if val.kind() != Type::Function {
            return Err(Error::invalid("a function is needed here").with("got", value::type_name(val)));
        }
        let name = val.property(c"name").ok().and_then(Val::as_text).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "anonymous".to_owned());
        let call = Reference::new(val).ok_or_else(gone)?;
        Ok(Self(Arc::new(Inner { call, name })))
    }

    /// A function from an argument that may be left out.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn optional(val: Val<'_>) -> Result<Option<Self>> {
        if val.is_nullish() { Ok(None) } else { Self::new(val).map(Some) }
    }

    /// Calls it with values and takes a value.
    pub(crate) fn value<const N: usize>(&self, arguments: [&Value; N]) -> Result<Value> {
        inside(|js| self.to_value(self.on_values(js, arguments)?))
    }

    /// Calls it with values and takes a truth value, as `if` would.
    pub(crate) fn truth(&self, arguments: [&Value; 2]) -> Result<bool> {
        inside(|js| {
            let answer = self.on_values(js, arguments)?;
            if let Some(truth) = answer.as_bool() {
                return Ok(truth);
            }
            self.refuse_promise(answer)?;
            Ok(answer.truth())
        })
    }

    /// Calls it with values and takes a key and a value.
    pub(crate) fn pair(&self, arguments: [&Value; 2]) -> Result<(Value, Value)> {
        inside(|js| self.to_pair(self.on_values(js, arguments)?))
    }

    /// Calls it with values for what it does.
    pub(crate) fn effect(&self, arguments: [&Value; 2]) -> Result<()> {
        inside(|js| self.refuse_promise(self.on_values(js, arguments)?))
    }

    /// Calls it with values and takes any number of items: those of an array at once, those of another iterable one
    /// after the other, as the engine asks for them.
    pub(crate) fn items<T>(&self, arguments: [&Value; 2], convert: Convert<T>) -> Items<T> {
        let state = inside(|js| {
            let answer = self.on_values(js, arguments)?;
            if answer.is_array() {
                let items: Vec<_> = answer.items().map(|item| convert(self, item)).collect();
                return Ok(State::There(items.into_iter()));
            }
            self.iterator(js, answer).map(|iterator| State::Going(self.clone(), iterator))
        });
        Items { state: state.unwrap_or_else(|error| State::There(vec![Err(error)].into_iter())), convert }
    }

    fn iterator<'s>(&self, js: Js<'s>, answer: Val<'s>) -> Result<Reference> {
        let wrong = || self.wrong_type("an array or another iterable", answer);
        // Text and bytes can be iterated too, but whoever returns one has forgotten the array around it.
        if answer.kind() != Type::Object || answer.with_bytes(|_| ()).is_some() {
            return Err(wrong());
        }
        let helper = Link::helper(js, Helper::Iterator).ok_or_else(gone)?;
        let iterator = helper.call(&[answer]).map_err(|thrown| self.failed(thrown))?;
        if iterator.is_nullish() {
            return Err(wrong());
        }
        Reference::new(iterator).ok_or_else(gone)
    }

    /// Calls it with anything.
    pub(crate) fn call<'s>(&self, js: Js<'s>, arguments: &[Val<'s>]) -> Result<Val<'s>> {
        let function = self.0.call.get(js).ok_or_else(gone)?;
        function.call(arguments).map_err(|thrown| self.failed(thrown))
    }

    /// The error for something that it threw.
    fn failed(&self, thrown: Val<'_>) -> Error {
        error::from_js(thrown, &self.0.name)
    }

    /// The error for something that it returned.
    pub(crate) fn wrong_type(&self, expected: &str, got: Val<'_>) -> Error {
        Error::data("function returned a value of the wrong type")
            .with("function", &self.0.name)
            .with("expected", expected)
            .with("got", value::type_name(got))
    }

    fn on_values<'s, const N: usize>(&self, js: Js<'s>, arguments: [&Value; N]) -> Result<Val<'s>> {
        let mut converted = [js.undefined(); N];
        for (place, argument) in converted.iter_mut().zip(arguments) {
            *place = value::to_js(js, argument)?;
        }
        self.call(js, &converted)
    }

    fn to_value(&self, answer: Val<'_>) -> Result<Value> {
        value::from_js(answer).map_err(|error| {
            let error = Error::data("function returned a value that cannot be used").caused_by(error);
            error.with("function", &self.0.name).with("got", value::type_name(answer))
        })
    }

    fn to_pair(&self, answer: Val<'_>) -> Result<(Value, Value)> {
        const EXPECTED: &str = "an array of key and value";
        if !answer.is_array() {
            return Err(self.wrong_type(EXPECTED, answer));
        }
        match answer.length() {
            2 => Ok((self.to_value(answer.item(0))?, self.to_value(answer.item(1))?)),
            other => Err(self.wrong_type(EXPECTED, answer).with("length", other)),
        }
    }

    /// An `async` function would be called, and nobody would wait for its end or see it fail.
    fn refuse_promise(&self, answer: Val<'_>) -> Result<()> {
        let is_promise =
            answer.kind() == Type::Object && answer.property(c"then").is_ok_and(|then| then.kind() == Type::Function);
        if is_promise { Err(self.wrong_type("a result that is there, not a Promise", answer)) } else { Ok(()) }
    }
}

/// Runs something in the environment that runs the session.
#[inline]
fn inside<T>(body: impl for<'s> FnOnce(Js<'s>) -> Result<T>) -> Result<T> {
    raw::with_current(body).unwrap_or_else(|| Err(gone()))
}

pub(crate) fn gone() -> Error {
    Error::new(ErrorKind::Cancelled, "the JavaScript environment of this function has ended")
}

/// How an item of an iterable becomes what the engine wants.
pub(crate) type Convert<T> = fn(&Function, Val<'_>) -> Result<T>;

/// An item that is a value.
pub(crate) fn item_value(function: &Function, item: Val<'_>) -> Result<Value> {
    function.to_value(item)
}

/// An item that is a key and a value.
pub(crate) fn item_pair(function: &Function, item: Val<'_>) -> Result<(Value, Value)> {
    function.to_pair(item)
}

/// The items that a function gives for one record: generators run as far as the engine has taken items.
pub(crate) struct Items<T> {
    state: State<T>,
    convert: Convert<T>,
}

enum State<T> {
    There(std::vec::IntoIter<Result<T>>),
    Going(Function, Reference),
}

impl<T> Iterator for Items<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        let (function, iterator) = match &mut self.state {
            State::There(items) => return items.next(),
            State::Going(function, iterator) => (function, iterator),
        };
        let convert = self.convert;
        let item = inside(|js| {
            let iterator = iterator.get(js).ok_or_else(gone)?;
            let step = iterator.property(c"next").and_then(|next| next.call_on(iterator, &[]));
            let step = step.map_err(|thrown| function.failed(thrown))?;
            let done = step.property(c"done").map_err(|thrown| function.failed(thrown))?;
            if done.truth() {
                return Ok(None);
            }
            let item = step.property(c"value").map_err(|thrown| function.failed(thrown))?;
            convert(function, item).map(Some)
        });
        if !matches!(item, Ok(Some(_))) {
            self.state = State::There(Vec::new().into_iter());
        }
        item.transpose()
    }
}
