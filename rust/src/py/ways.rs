//! Ways to dither, as Python names them.

use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::dither::Kind;
use crate::dither::kernels::Kernel;
use crate::dither::ordered::Form;
use crate::dither::thresholds::Thresholds;

/// What a `Kind` refers to.
pub enum Way {
    None,
    Diffusion(Kernel),
    Ostromoukhov,
    Riemersma,
    Ordered(Thresholds),
}

/// A user's kernel: rows, and the column of the pixel itself in the first. Or a tile of thresholds.
#[derive(FromPyObject)]
pub enum Given<'py> {
    Kernel(PyReadonlyArray2<'py, f32>, usize),
    Thresholds(PyReadonlyArray2<'py, f32>),
}

impl Way {
    /// The way of that name, or what stands for it.
    pub fn new(name: &str, given: &Option<Given<'_>>) -> PyResult<Self> {
        match given {
            Some(Given::Kernel(rows, origin)) => {
                let rows = rows.as_slice()?.chunks(rows.shape()[1]).map(|row| row.iter().copied());
                return Ok(Self::Diffusion(Kernel::new(*origin, rows)));
            }
            Some(Given::Thresholds(tile)) => {
                let (width, values) = (tile.shape()[1], tile.as_slice()?.to_vec());
                return Ok(Self::Ordered(Thresholds::Tile { width, values }));
            }
            None => {}
        }
        let found = match name {
            "none" => Some(Self::None),
            "ostromoukhov" => Some(Self::Ostromoukhov),
            "riemersma" => Some(Self::Riemersma),
            name => Kernel::named(name).map(Self::Diffusion).or_else(|| Thresholds::named(name).map(Self::Ordered)),
        };
        found.ok_or_else(|| PyValueError::new_err(format!("no such way to dither: {name:?}")))
    }

    pub fn kind(&self, serpentine: bool, form: Form) -> Kind<'_> {
        match self {
            Self::None => Kind::None,
            Self::Diffusion(kernel) => Kind::Diffusion { kernel, serpentine },
            Self::Ostromoukhov => Kind::Ostromoukhov { serpentine },
            Self::Riemersma => Kind::Riemersma,
            Self::Ordered(thresholds) => Kind::Ordered { thresholds, form },
        }
    }
}

pub fn form_named(name: &str) -> PyResult<Form> {
    match name {
        "mixing" => Ok(Form::Mixing),
        "amplitude" => Ok(Form::Amplitude),
        other => Err(PyValueError::new_err(format!("no such form: {other:?}"))),
    }
}
