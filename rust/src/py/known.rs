//! What solving found out of the nearest entry of each color.

use pyo3::prelude::*;

use crate::known;

/// What `known::Known` is.
#[pyclass(frozen, module = "hueclid._core")]
pub struct Known(pub known::Known);
