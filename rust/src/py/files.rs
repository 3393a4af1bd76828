//! Functions of whole files.

use numpy::{PyReadonlyArray2, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::arrays::{Image, rgba};
use crate::gif;
use crate::threads::with_threads;

#[pyfunction]
pub fn encode_gif<'py>(
    py: Python<'py>,
    indices: PyReadonlyArray2<'py, u8>,
    palette: PyReadonlyArray2<'py, u8>,
    pixels: Option<PyReadonlyArrayDyn<'py, u8>>,
    bit_worth: f32,
    diffused: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let (height, width) = (indices.shape()[0], indices.shape()[1]);
    let pixels = pixels.as_ref().map(Image::new).transpose()?;
    if pixels.as_ref().is_some_and(|pixels| (pixels.width, pixels.height) != (width, height)) {
        return Err(PyValueError::new_err("indices and pixels are of one size"));
    }
    let sides = (u16::try_from(width).ok().filter(|&width| width > 0), u16::try_from(height));
    let (Some(width), Ok(_)) = sides else {
        return Err(PyValueError::new_err("sides are 1 to 65,535"));
    };
    let (indices, palette) = (indices.as_slice()?, rgba(&palette)?);
    let encode = || match pixels {
        Some(Image { pixels, .. }) => gif::encode_lossy(pixels, indices, width, palette, bit_worth, diffused),
        None => gif::encode_gif(indices, width, palette),
    };
    Ok(PyBytes::new(py, &py.detach(|| with_threads(0, encode))))
}
