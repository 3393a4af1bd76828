//! Arrays and names of Python's as the core takes them, and back.

use numpy::ndarray::Array1;
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyReadonlyArrayDyn, PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::count::Counts;
use crate::effort::Effort;
use crate::index::Index;
use crate::init::Init;
use crate::methods::Method;
use crate::pixels::{Key, Pixels, Rgba, to_key, to_rgba};
use crate::problem::{Objective, Solution};
use crate::space::Space;

/// Colors `(n, 4)`.
pub type Colors<'py> = Bound<'py, PyArray2<u8>>;
/// Their weights `(n,)`.
pub type Weights<'py> = Bound<'py, PyArray1<u64>>;

/// An image array and its shape.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    pub pixels: Pixels<'a>,
    pub width: usize,
    pub height: usize,
}

impl<'a> Image<'a> {
    pub fn new(array: &'a PyReadonlyArrayDyn<'_, u8>) -> PyResult<Self> {
        let (height, width, channels) = match *array.shape() {
            [height, width] => (height, width, 1),
            [height, width, channels] => (height, width, channels),
            _ => return Err(PyValueError::new_err("pixels are (H, W), (H, W, 3) or (H, W, 4)")),
        };
        let pixels = Pixels::new(array.as_slice()?, channels)
            .ok_or_else(|| PyValueError::new_err("pixels have 1, 3 or 4 channels"))?;
        Ok(Self { pixels, width, height })
    }

    pub fn indices<'py, I: Index + numpy::Element>(
        self,
        py: Python<'py>,
        indices: Vec<I>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Ok(indices.into_pyarray(py).reshape([self.height, self.width])?.into_any())
    }
}

pub fn rgba<'a>(array: &'a PyReadonlyArray2<'_, u8>) -> PyResult<&'a [Rgba]> {
    if array.shape()[1] != 4 {
        return Err(PyTypeError::new_err("colors are of shape (n, 4)"));
    }
    Ok(array.as_slice()?.as_chunks().0)
}

pub fn keys(colors: &[Rgba]) -> Vec<Key> {
    colors.iter().map(|&color| to_key(color)).collect()
}

/// Arrays that nobody can write to: nouns share them.
pub fn counts_to_arrays<'py>(py: Python<'py>, counts: Counts) -> PyResult<(Colors<'py>, Weights<'py>)> {
    let colors: Vec<Rgba> = counts.keys.into_iter().map(to_rgba).collect();
    let colors = colors_to_array(py, colors)?;
    let weights = Array1::from(counts.weights).into_pyarray(py);
    colors.readwrite().make_nonwriteable();
    weights.readwrite().make_nonwriteable();
    Ok((colors, weights))
}

pub fn solution_to_arrays(py: Python<'_>, solution: Solution) -> PyResult<(Colors<'_>, Weights<'_>, f64)> {
    Ok((colors_to_array(py, solution.palette)?, solution.weights.into_pyarray(py), solution.error))
}

pub fn colors_to_array(py: Python<'_>, colors: Vec<Rgba>) -> PyResult<Colors<'_>> {
    let shape = [colors.len(), 4];
    colors.into_flattened().into_pyarray(py).reshape(shape)
}

pub fn space_named(name: &str) -> PyResult<Space> {
    match name {
        "srgb" => Ok(Space::Srgb),
        "linear" => Ok(Space::Linear),
        "oklab" => Ok(Space::Oklab),
        "lab" => Ok(Space::Lab),
        other => Err(PyValueError::new_err(format!("no such space: {other:?}"))),
    }
}

pub fn method_named(name: &str) -> PyResult<Method> {
    match name {
        "wu" => Ok(Method::Wu),
        "median-cut" => Ok(Method::MedianCut),
        "octree" => Ok(Method::Octree),
        "maxmin" => Ok(Method::Maxmin),
        "popularity" => Ok(Method::Popularity),
        "uniform" => Ok(Method::Uniform),
        other => Err(PyValueError::new_err(format!("no such method: {other:?}"))),
    }
}

pub fn init_named(name: &str) -> PyResult<Init> {
    match name {
        "divisive" => Ok(Init::Divisive),
        "k-means++" => Ok(Init::KMeansPlusPlus),
        "random" => Ok(Init::Random),
        "maximin" => Ok(Init::Maximin),
        other => Err(PyValueError::new_err(format!("no such init: {other:?}"))),
    }
}

pub fn objective_named(name: &str) -> PyResult<Objective> {
    match name {
        "squared" => Ok(Objective::Squared),
        "euclidean" => Ok(Objective::Euclidean),
        other => Err(PyValueError::new_err(format!("no such objective: {other:?}"))),
    }
}

pub fn effort_named(name: &str) -> PyResult<Effort> {
    match name {
        "fast" => Ok(Effort::Fast),
        "balanced" => Ok(Effort::Balanced),
        "best" => Ok(Effort::Best),
        other => Err(PyValueError::new_err(format!("no such effort: {other:?}"))),
    }
}
