//! Keys and values: natural ones in Python, one dynamic type in the engine.

use kstreams::{Error, IntWidth, RealWidth, Result, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString};

/// What the engine's value is in Python: `None`, `bool`, `int`, `float`, `str` or `bytes`.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Text(text) => PyString::new(py, text.as_str()).into_any(),
        Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
        Value::Int(number, _) => PyInt::new(py, *number).into_any(),
        Value::Real(number, _) => PyFloat::new(py, *number).into_any(),
        Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        other => {
            let error = Error::data("value has no form in Python").with("got", other.kind());
            return Err(crate::error::to_python(py, &error));
        }
    })
}

/// What a Python object is in the engine.
///
/// # Errors
/// *Data* for an object of another type, a number that has no 64 bits, or text that has no UTF-8.
pub(crate) fn from_python(object: &Bound<'_, PyAny>) -> Result<Value> {
    if let Ok(text) = object.cast::<PyString>() {
        let text = text.to_str().map_err(|_| Error::data("text has no UTF-8 form").with("got", shown(object)))?;
        return Ok(Value::Text(text.into()));
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Value::Bytes(bytes.as_bytes().into()));
    }
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(number) = object.cast::<PyInt>() {
        let number = number.extract().map_err(|_| {
            Error::data("number is out of range").with("expected", "64 bits").with("got", shown(object))
        })?;
        return Ok(Value::Int(number, IntWidth::Any));
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Value::Real(number.value(), RealWidth::Any));
    }
    Err(Error::data("value is of the wrong type").with("expected", EXPECTED).with("got", type_name(object)))
}

const EXPECTED: &str = "str, bytes, int, float, bool or None";

/// The name of an object's type, for messages.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "unknown".to_owned(), |name| name.to_string())
}

/// An object's representation, for messages.
fn shown(object: &Bound<'_, PyAny>) -> String {
    object.repr().map_or_else(|_| type_name(object), |text| text.to_string_lossy().chars().take(60).collect())
}
