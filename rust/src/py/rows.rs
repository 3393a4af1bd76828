//! Points of any number of dimensions, of 32 or 64 bits.

use numpy::{
    Element, IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::dense::scaled::{Points, Real};
use crate::dense::{self, Limits, Start};
use crate::threads::with_threads;

/// Rows of 32 or 64 bits.
#[derive(FromPyObject)]
pub enum Floats<'py> {
    Single(PyReadonlyArray2<'py, f32>),
    Double(PyReadonlyArray2<'py, f64>),
}

/// Labels, centers as the points are, compactness, and moves.
pub type Clustered<'py> = (Bound<'py, PyArray1<i32>>, Bound<'py, PyAny>, f64, usize);

#[expect(clippy::too_many_arguments, reason = "the options of one call")]
pub fn clustered<'py, T: Real + Element>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, T>,
    weights: &Option<PyReadonlyArray1<'py, f64>>,
    k: usize,
    init: &str,
    centers: Option<&PyReadonlyArray2<'py, T>>,
    labels: Option<&[i32]>,
    limits: &Limits,
    threads: usize,
) -> PyResult<Clustered<'py>> {
    let points = rows(points, weights)?;
    let start = match (centers, labels, init) {
        (Some(centers), _, _) => Start::Centers(centers.as_slice()?),
        (None, Some(labels), _) => Start::Labels(labels),
        (None, None, "k-means++") => Start::KMeansPlusPlus,
        (None, None, "random") => Start::Random,
        (None, None, other) => return Err(PyValueError::new_err(format!("no such init: {other:?}"))),
    };
    let mut raised = None;
    let mut goes_on = || {
        raised = Python::attach(|py| py.check_signals()).err();
        raised.is_none()
    };
    let found = py.detach(|| with_threads(threads, || dense::cluster(points, k, start, limits, &mut goes_on)));
    let Ok(found) = found else {
        return Err(raised.unwrap_or_else(|| PyValueError::new_err("cancelled")));
    };
    let centers = found.centers.into_pyarray(py).reshape([k, points.dimensions])?;
    Ok((found.labels.into_pyarray(py), centers.into_any(), found.compactness, found.iterations))
}

pub fn assigned<'py, T: Real + Element>(
    py: Python<'py>,
    points: &PyReadonlyArray2<'py, T>,
    weights: &Option<PyReadonlyArray1<'py, f64>>,
    centers: &PyReadonlyArray2<'py, T>,
    threads: usize,
) -> PyResult<(Bound<'py, PyArray1<i32>>, f64)> {
    let (points, centers) = (rows(points, weights)?, centers.as_slice()?);
    let (labels, compactness) = py.detach(|| with_threads(threads, || dense::assign(points, centers)));
    Ok((labels.into_pyarray(py), compactness))
}

fn rows<'a, T: Real + Element>(
    points: &'a PyReadonlyArray2<'_, T>,
    weights: &'a Option<PyReadonlyArray1<'_, f64>>,
) -> PyResult<Points<'a, T>> {
    let weights = weights.as_ref().map(|weights| weights.as_slice()).transpose()?;
    Ok(Points { coordinates: points.as_slice()?, dimensions: points.shape()[1], weights })
}
