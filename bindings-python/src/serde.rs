//! Serdes: from natural values to the bytes of a topic, and back.

use kstreams::serde::{SerdeRef, named};
use kstreams::{Error, Payload, Value};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::{self, OrRaise};
use crate::value;

/// Writes values as bytes and reads them back, in the same form as Kafka's own serde of that name.
///
/// Serdes are in the module :mod:`libkstreams.serde`; wherever one is needed, its name does as well.
#[pyclass(frozen, module = "libkstreams", from_py_object)]
#[derive(Clone)]
pub(crate) struct Serde(pub(crate) SerdeRef);

#[pymethods]
impl Serde {
    /// The serde of that name: ``bytes``, ``string``, ``short``, ``int``, ``long``, ``float``, ``double`` or ``boolean``.
    #[new]
    fn new(py: Python<'_>, name: &str) -> PyResult<Self> {
        find(py, name).map(Self)
    }

    /// Kafka's word for it, such as ``long``.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// The bytes of a value; ``None`` stays ``None``.
    ///
    /// Raises
    /// ------
    /// DataError
    ///     The value is of another type or out of range.
    fn serialize<'py>(&self, py: Python<'py>, value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.write(py, value)?.map(|bytes| PyBytes::new(py, &bytes)))
    }

    /// The value of bytes; ``None`` stays ``None``.
    ///
    /// Raises
    /// ------
    /// DataError
    ///     The bytes are not of this form.
    fn deserialize<'py>(&self, py: Python<'py>, data: Option<&[u8]>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, data.map(Payload::from).as_ref())
    }

    fn __repr__(&self) -> String {
        format!("Serde({:?})", self.0.name())
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0.name() == other.0.name()
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.0.name().hash(&mut hasher);
        hasher.finish()
    }
}

impl Serde {
    /// The bytes of a Python value; none for `None`.
    pub(crate) fn write(&self, py: Python<'_>, object: &Bound<'_, PyAny>) -> PyResult<Option<Payload>> {
        let value = value::from_python(object).or_raise(py)?;
        if value.is_null() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.0.serialize(&value, &mut bytes).or_raise(py)?;
        Ok(Some(bytes.into()))
    }

    /// The Python value of bytes; `None` for none.
    pub(crate) fn read<'py>(&self, py: Python<'py>, bytes: Option<&Payload>) -> PyResult<Bound<'py, PyAny>> {
        let value = bytes.map_or(Ok(Value::Null), |bytes| self.0.deserialize(bytes)).or_raise(py)?;
        value::to_python(py, &value)
    }
}

/// A serde or its name, as an argument.
#[derive(Clone)]
pub(crate) struct SerdeArgument(pub(crate) SerdeRef);

impl<'py> FromPyObject<'_, 'py> for SerdeArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(serde) = object.cast::<Serde>() {
            return Ok(Self(serde.get().0.clone()));
        }
        match object.extract::<&str>() {
            Ok(name) => find(object.py(), name).map(Self),
            Err(_) => Err(PyTypeError::new_err(format!(
                "a serde of libkstreams.serde or its name is needed here, not an object of type {}",
                value::type_name(&object)
            ))),
        }
    }
}

impl SerdeArgument {
    /// The serde as Python sees it.
    pub(crate) fn serde(self) -> Serde {
        Serde(self.0)
    }
}

fn find(py: Python<'_>, name: &str) -> PyResult<SerdeRef> {
    let unknown = || {
        Error::invalid("unknown serde")
            .with("got", name)
            .with("expected", "bytes, string, short, int, long, float, double or boolean")
    };
    named(name).ok_or_else(|| error::to_python(py, &unknown()))
}
