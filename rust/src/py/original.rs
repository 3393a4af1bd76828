//! An original that results are compared with.

use numpy::PyReadonlyArrayDyn;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::arrays::Image;
use crate::quality::{self, Quality};
use crate::threads::with_threads;

/// What `quality::Original` is, and its size.
#[pyclass(frozen, module = "hueclid._core")]
pub struct Original {
    original: quality::Original,
    width: usize,
    height: usize,
}

#[pymethods]
impl Original {
    #[new]
    fn new<'py>(py: Python<'py>, pixels: PyReadonlyArrayDyn<'py, u8>, threads: usize) -> PyResult<Self> {
        let Image { pixels, width, height } = Image::new(&pixels)?;
        let original = py.detach(|| with_threads(threads, || quality::Original::new(pixels, width)));
        Ok(Self { original, width, height })
    }

    fn compare<'py>(
        &self,
        py: Python<'py>,
        result: PyReadonlyArrayDyn<'py, u8>,
        threads: usize,
    ) -> PyResult<(f64, f64, f64, f64, f64)> {
        let result = self.sized(Image::new(&result)?)?;
        let compare = || with_threads(threads, || self.original.compare(result.pixels));
        let Quality { mse, delta_e, delta_e_p95, ssimulacra2, blurred_error } = py.detach(compare);
        Ok((mse, delta_e, delta_e_p95, ssimulacra2, blurred_error))
    }

    fn ssimulacra2<'py>(&self, py: Python<'py>, result: PyReadonlyArrayDyn<'py, u8>, threads: usize) -> PyResult<f64> {
        let result = self.sized(Image::new(&result)?)?;
        Ok(py.detach(|| with_threads(threads, || self.original.ssimulacra2(result.pixels))))
    }
}

impl Original {
    fn sized<'a>(&self, image: Image<'a>) -> PyResult<Image<'a>> {
        if (image.width, image.height) != (self.width, self.height) {
            return Err(PyValueError::new_err("images are of one size"));
        }
        Ok(image)
    }
}
