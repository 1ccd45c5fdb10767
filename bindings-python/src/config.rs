//! Settings: names and texts, as the Python half writes them.

use kstreams::Config;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Settings as an argument: pairs of names and texts, or a mapping as users write it.
pub(crate) struct Settings(pub(crate) Config);

impl<'py> FromPyObject<'_, 'py> for Settings {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let pairs: Vec<(String, String)> = if object.is_instance_of::<PyList>() {
            object.extract()?
        } else {
            let texts = py.import("libkstreams._units")?.getattr("setting_pairs")?;
            texts.call1((object, PyDict::new(py)))?.extract()?
        };
        Ok(Self(pairs.into_iter().collect()))
    }
}
