//! Ways to dither, as Python names them.

use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::dither::Kind;
use crate::dither::kernels::Kernel;

/// What a `Kind` refers to.
pub enum Way {
    Diffusion { kernel: Kernel, serpentine: bool },
}

impl Way {
    /// The way of that name; a user's `kernel` stands for it when given: rows, and the column of the pixel itself in the
    /// first.
    pub fn new(name: &str, serpentine: bool, kernel: &Option<(PyReadonlyArray2<'_, f32>, usize)>) -> PyResult<Self> {
        if let Some((rows, origin)) = kernel {
            let rows = rows.as_slice()?.chunks(rows.shape()[1]).map(|row| row.iter().copied());
            return Ok(Self::Diffusion { kernel: Kernel::new(*origin, rows), serpentine });
        }
        match Kernel::named(name) {
            Some(kernel) => Ok(Self::Diffusion { kernel, serpentine }),
            None => Err(PyValueError::new_err(format!("no such way to dither: {name:?}"))),
        }
    }

    pub fn kind(&self) -> Kind<'_> {
        match self {
            Self::Diffusion { kernel, serpentine } => Kind::Diffusion { kernel, serpentine: *serpentine },
        }
    }
}
