//! Settings: names and texts, as the Python half has written them.

use kstreams::Config;
use pyo3::prelude::*;

/// Pairs of names and values.
pub(crate) struct Settings(pub(crate) Config);

impl<'py> FromPyObject<'_, 'py> for Settings {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let pairs: Vec<(String, String)> = object.extract()?;
        Ok(Self(pairs.into_iter().collect()))
    }
}
