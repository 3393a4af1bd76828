//! The Python module `hueclid._core`: takes arrays, releases the GIL, calls, gives arrays back. Nothing else.

use std::time::Duration;

use numpy::ndarray::{Array1, Array2};
use numpy::{
    Element, IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArrayDyn,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::count::{self, Counts};
use crate::dense::scaled::{Points, Real};
use crate::dense::{self, Limits, Start};
use crate::effort::Effort;
use crate::init::Init;
use crate::methods::{self, Method};
use crate::nearest::{self, Index};
use crate::pixels::{Key, Pixels, Rgba, to_key, to_rgba};
use crate::png::{self, Optimize};
use crate::solve::{self, Ended, Objective, Options, Solution};
use crate::space::Space;
use crate::threads::with_threads;
use crate::{cube, dither, fit, quality};

/// Keeps freed memory for the next call, where the system's allocator gives it back and pays for every page anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Colors<'py> = Bound<'py, PyArray2<u8>>;
type Weights<'py> = Bound<'py, PyArray1<u64>>;

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    #[pyfunction]
    fn count_colors<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        threads: usize,
    ) -> PyResult<(Colors<'py>, Weights<'py>)> {
        let image = Image::new(&pixels)?;
        let counts = py.detach(|| with_threads(threads, || count::count(image.pixels)));
        counts_to_arrays(py, counts)
    }

    #[pyfunction]
    fn merge_colors<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
    ) -> PyResult<(Colors<'py>, Weights<'py>)> {
        let (colors, weights) = (rgba(&colors)?, weights.as_slice()?);
        let counts = py.detach(|| with_threads(0, || count::merge(&keys(colors), weights)));
        counts_to_arrays(py, counts)
    }

    #[pyfunction]
    #[expect(clippy::too_many_arguments, reason = "the options of one call")]
    #[expect(clippy::type_complexity, reason = "the parts of one result")]
    fn solve_palette<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
        k: usize,
        space: &str,
        objective: &str,
        effort: &str,
        init: &str,
        centers: Option<PyReadonlyArray2<'py, u8>>,
        attempts: usize,
        max_iterations: Option<usize>,
        tolerance: Option<f64>,
        seed: u64,
        time_limit: Option<f64>,
        threads: usize,
        on_pass: Option<Py<PyAny>>,
    ) -> PyResult<(Colors<'py>, Weights<'py>, f64, usize, Vec<f64>, &'static str)> {
        let (colors, weights) = (rgba(&colors)?, weights.as_slice()?);
        let init = match &centers {
            Some(centers) => Init::Centers(keys(rgba(centers)?)),
            None => init_named(init)?,
        };
        let (space, objective, effort) = (space_named(space)?, objective_named(objective)?, effort_named(effort)?);
        // Times beyond what the clock can say never come.
        let time_limit = time_limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let options = Options { space, objective, effort, init, attempts, seed, max_iterations, tolerance, time_limit };
        let mut raised = None;
        let mut tell = |pass: usize, error: f64| {
            let told = Python::attach(|py| {
                py.check_signals()?;
                on_pass.as_ref().map_or(Ok(()), |f| f.call1(py, (pass, error)).map(drop))
            });
            raised = told.err();
            raised.is_none()
        };
        let solved = py.detach(|| with_threads(threads, || solve::solve(colors, weights, k, &options, &mut tell)));
        let Ok(Solution { palette, weights, error, iterations, attempt_errors, ended }) = solved else {
            return Err(raised.unwrap_or_else(|| PyValueError::new_err("cancelled")));
        };
        let ended = match ended {
            Ended::Converged => "converged",
            Ended::Iterations => "iterations",
            Ended::Time => "time",
        };
        let (colors, weights) = (colors_to_array(py, palette)?, weights.into_pyarray(py));
        Ok((colors, weights, error, iterations, attempt_errors, ended))
    }

    #[pyfunction]
    #[expect(clippy::type_complexity, reason = "the parts of one result")]
    fn lloyd_pass<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
        centers: PyReadonlyArray2<'py, f32>,
        space: &str,
        threads: usize,
    ) -> PyResult<(Bound<'py, PyArray1<u32>>, Bound<'py, PyArray2<f32>>, f64)> {
        let (colors, weights, space) = (rgba(&colors)?, weights.as_slice()?, space_named(space)?);
        let centers = centers.as_slice()?.as_chunks().0.to_vec();
        let (labels, centers, error) =
            py.detach(|| with_threads(threads, || fit::pass(colors, weights, centers, space)));
        Ok((labels.into_pyarray(py), Array2::from(centers).into_pyarray(py), error))
    }

    #[pyfunction]
    fn palette_by_method<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
        k: usize,
        method: &str,
        space: &str,
        threads: usize,
    ) -> PyResult<(Colors<'py>, Weights<'py>, f64)> {
        let (method, space) = (method_named(method)?, space_named(space)?);
        let (colors, weights) = (rgba(&colors)?, weights.as_slice()?);
        let solve = || with_threads(threads, || methods::solve(colors, weights, k, &method, space));
        let solved = py.detach(solve);
        solution_to_arrays(py, solved)
    }

    #[pyfunction]
    fn palette_of_centers<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
        centers: PyReadonlyArray2<'py, f32>,
        space: &str,
        threads: usize,
    ) -> PyResult<(Colors<'py>, Weights<'py>, f64)> {
        let method = Method::Centers(centers.as_slice()?.as_chunks().0.to_vec());
        let (colors, weights, space) = (rgba(&colors)?, weights.as_slice()?, space_named(space)?);
        let solve = || with_threads(threads, || methods::solve(colors, weights, 0, &method, space));
        let solved = py.detach(solve);
        solution_to_arrays(py, solved)
    }

    #[pyfunction]
    fn divisive_errors<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
        k: usize,
        space: &str,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let (colors, weights, space) = (rgba(&colors)?, weights.as_slice()?, space_named(space)?);
        let errors = || solve::divisive_errors(colors, weights, k, space);
        Ok(py.detach(|| with_threads(threads, errors)).into_pyarray(py))
    }

    #[pyfunction]
    #[expect(clippy::too_many_arguments, reason = "the options of one call")]
    fn cluster_points<'py>(
        py: Python<'py>,
        points: Floats<'py>,
        weights: Option<PyReadonlyArray1<'py, f64>>,
        k: usize,
        init: &str,
        centers: Option<Floats<'py>>,
        labels: Option<PyReadonlyArray1<'py, i32>>,
        attempts: usize,
        max_iterations: usize,
        epsilon: f64,
        together: bool,
        seed: u64,
        threads: usize,
    ) -> PyResult<Clustered<'py>> {
        let limits = Limits { attempts, max_iterations, epsilon, together, seed };
        let labels = labels.as_ref().map(|labels| labels.as_slice()).transpose()?;
        match (&points, &centers) {
            (Floats::Single(points), None) => clustered(py, points, &weights, k, init, None, labels, &limits, threads),
            (Floats::Double(points), None) => clustered(py, points, &weights, k, init, None, labels, &limits, threads),
            (Floats::Single(points), Some(Floats::Single(centers))) => {
                clustered(py, points, &weights, k, init, Some(centers), labels, &limits, threads)
            }
            (Floats::Double(points), Some(Floats::Double(centers))) => {
                clustered(py, points, &weights, k, init, Some(centers), labels, &limits, threads)
            }
            _ => Err(PyTypeError::new_err("points and centers are of one type")),
        }
    }

    #[pyfunction]
    fn assign_points<'py>(
        py: Python<'py>,
        points: Floats<'py>,
        weights: Option<PyReadonlyArray1<'py, f64>>,
        centers: Floats<'py>,
        threads: usize,
    ) -> PyResult<(Bound<'py, PyArray1<i32>>, f64)> {
        match (&points, &centers) {
            (Floats::Single(points), Floats::Single(centers)) => assigned(py, points, &weights, centers, threads),
            (Floats::Double(points), Floats::Double(centers)) => assigned(py, points, &weights, centers, threads),
            _ => Err(PyTypeError::new_err("points and centers are of one type")),
        }
    }

    #[pyfunction]
    fn map_nearest<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        palette: PyReadonlyArray2<'py, u8>,
        space: &str,
        threads: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (image, palette, space) = (Image::new(&pixels)?, rgba(&palette)?, space_named(space)?);
        if palette.len() <= 256 {
            let map = || cube::map_nearest::<u8>(image.pixels, palette, space);
            image.indices(py, py.detach(|| with_threads(threads, map)))
        } else {
            let map = || cube::map_nearest::<u16>(image.pixels, palette, space);
            image.indices(py, py.detach(|| with_threads(threads, map)))
        }
    }

    #[pyfunction]
    fn map_floyd_steinberg<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        palette: PyReadonlyArray2<'py, u8>,
        space: &str,
        strength: f32,
        threads: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (image, palette, space) = (Image::new(&pixels)?, rgba(&palette)?, space_named(space)?);
        let Image { pixels, width, .. } = image;
        if palette.len() <= 256 {
            let map = || dither::map_floyd_steinberg::<u8>(pixels, width, palette, space, strength);
            image.indices(py, py.detach(|| with_threads(threads, map)))
        } else {
            let map = || dither::map_floyd_steinberg::<u16>(pixels, width, palette, space, strength);
            image.indices(py, py.detach(|| with_threads(threads, map)))
        }
    }

    #[pyfunction]
    fn to_space<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        space: &str,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (colors, space) = (rgba(&colors)?, space_named(space)?);
        let points = py.detach(|| nearest::palette_points(colors, space));
        Ok(Array2::from(points).into_pyarray(py))
    }

    #[pyfunction]
    fn from_space<'py>(py: Python<'py>, points: PyReadonlyArray2<'py, f32>, space: &str) -> PyResult<Colors<'py>> {
        let (points, space) = (points.as_slice()?.as_chunks::<4>().0, space_named(space)?);
        let colors =
            py.detach(|| points.iter().map(|point| space.to_rgba(point.map(f64::from))).collect::<Vec<Rgba>>());
        colors_to_array(py, colors)
    }

    #[pyfunction]
    fn encode_png<'py>(
        py: Python<'py>,
        indices: PyReadonlyArray2<'py, u8>,
        palette: PyReadonlyArray2<'py, u8>,
        optimize: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let optimize = match optimize {
            "fast" => Optimize::Fast,
            "default" => Optimize::Default,
            "max" => Optimize::Max,
            other => return Err(PyValueError::new_err(format!("no such optimize: {other:?}"))),
        };
        let (height, width) = (indices.shape()[0], indices.shape()[1]);
        let (indices, palette) = (indices.as_slice()?, rgba(&palette)?);
        let encoded =
            py.detach(|| with_threads(0, || png::encode_png(indices, width as u32, height as u32, palette, optimize)));
        Ok(PyBytes::new(py, &encoded.map_err(|error| PyValueError::new_err(error.to_string()))?))
    }

    #[pyfunction]
    fn squared_error<'py>(
        py: Python<'py>,
        first: PyReadonlyArrayDyn<'py, u8>,
        second: PyReadonlyArrayDyn<'py, u8>,
        threads: usize,
    ) -> PyResult<u64> {
        let (first, second) = (first.as_slice()?, second.as_slice()?);
        Ok(py.detach(|| with_threads(threads, || quality::squared_error(first, second))))
    }

    #[pyfunction]
    fn ciede2000<'py>(
        py: Python<'py>,
        first: PyReadonlyArrayDyn<'py, u8>,
        second: PyReadonlyArrayDyn<'py, u8>,
        threads: usize,
    ) -> PyResult<(f64, f64)> {
        let (first, second) = (first.as_slice()?, second.as_slice()?);
        Ok(py.detach(|| with_threads(threads, || quality::ciede2000(first, second))))
    }

    #[pyfunction]
    fn ssimulacra2<'py>(
        py: Python<'py>,
        first: PyReadonlyArrayDyn<'py, u8>,
        second: PyReadonlyArrayDyn<'py, u8>,
        threads: usize,
    ) -> PyResult<f64> {
        let (height, width) = (first.shape()[0], first.shape()[1]);
        let (first, second) = (first.as_slice()?, second.as_slice()?);
        Ok(py.detach(|| with_threads(threads, || quality::ssimulacra2(first, second, width, height))))
    }
}

/// Rows of 32 or 64 bits.
#[derive(FromPyObject)]
enum Floats<'py> {
    Single(PyReadonlyArray2<'py, f32>),
    Double(PyReadonlyArray2<'py, f64>),
}

/// Labels, centers as the points are, compactness, and moves.
type Clustered<'py> = (Bound<'py, PyArray1<i32>>, Bound<'py, PyAny>, f64, usize);

#[expect(clippy::too_many_arguments, reason = "the options of one call")]
fn clustered<'py, T: Real + Element>(
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

fn assigned<'py, T: Real + Element>(
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

/// An image array and its shape.
#[derive(Clone, Copy)]
struct Image<'a> {
    pixels: Pixels<'a>,
    width: usize,
    height: usize,
}

impl<'a> Image<'a> {
    fn new(array: &'a PyReadonlyArrayDyn<'_, u8>) -> PyResult<Self> {
        let (height, width, channels) = match *array.shape() {
            [height, width] => (height, width, 1),
            [height, width, channels] => (height, width, channels),
            _ => return Err(PyValueError::new_err("pixels are (H, W), (H, W, 3) or (H, W, 4)")),
        };
        let pixels = Pixels::new(array.as_slice()?, channels)
            .ok_or_else(|| PyValueError::new_err("pixels have 1, 3 or 4 channels"))?;
        Ok(Self { pixels, width, height })
    }

    fn indices<'py, I: Index + numpy::Element>(self, py: Python<'py>, indices: Vec<I>) -> PyResult<Bound<'py, PyAny>> {
        Ok(indices.into_pyarray(py).reshape([self.height, self.width])?.into_any())
    }
}

fn rgba<'a>(array: &'a PyReadonlyArray2<'_, u8>) -> PyResult<&'a [Rgba]> {
    if array.shape()[1] != 4 {
        return Err(PyTypeError::new_err("colors are of shape (n, 4)"));
    }
    Ok(array.as_slice()?.as_chunks().0)
}

fn keys(colors: &[Rgba]) -> Vec<Key> {
    colors.iter().map(|&color| to_key(color)).collect()
}

/// Arrays that nobody can write to: nouns share them.
fn counts_to_arrays<'py>(py: Python<'py>, counts: Counts) -> PyResult<(Colors<'py>, Weights<'py>)> {
    let colors: Vec<Rgba> = counts.keys.into_iter().map(to_rgba).collect();
    let colors = colors_to_array(py, colors)?;
    let weights = Array1::from(counts.weights).into_pyarray(py);
    colors.readwrite().make_nonwriteable();
    weights.readwrite().make_nonwriteable();
    Ok((colors, weights))
}

fn solution_to_arrays(py: Python<'_>, solution: Solution) -> PyResult<(Colors<'_>, Weights<'_>, f64)> {
    Ok((colors_to_array(py, solution.palette)?, solution.weights.into_pyarray(py), solution.error))
}

fn colors_to_array(py: Python<'_>, colors: Vec<Rgba>) -> PyResult<Colors<'_>> {
    let shape = [colors.len(), 4];
    colors.into_flattened().into_pyarray(py).reshape(shape)
}

fn space_named(name: &str) -> PyResult<Space> {
    match name {
        "srgb" => Ok(Space::Srgb),
        "linear" => Ok(Space::Linear),
        "oklab" => Ok(Space::Oklab),
        "lab" => Ok(Space::Lab),
        other => Err(PyValueError::new_err(format!("no such space: {other:?}"))),
    }
}

fn method_named(name: &str) -> PyResult<Method> {
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

fn init_named(name: &str) -> PyResult<Init> {
    match name {
        "divisive" => Ok(Init::Divisive),
        "k-means++" => Ok(Init::KMeansPlusPlus),
        "random" => Ok(Init::Random),
        "maximin" => Ok(Init::Maximin),
        other => Err(PyValueError::new_err(format!("no such init: {other:?}"))),
    }
}

fn objective_named(name: &str) -> PyResult<Objective> {
    match name {
        "squared" => Ok(Objective::Squared),
        "euclidean" => Ok(Objective::Euclidean),
        other => Err(PyValueError::new_err(format!("no such objective: {other:?}"))),
    }
}

fn effort_named(name: &str) -> PyResult<Effort> {
    match name {
        "fast" => Ok(Effort::Fast),
        "balanced" => Ok(Effort::Balanced),
        "best" => Ok(Effort::Best),
        other => Err(PyValueError::new_err(format!("no such effort: {other:?}"))),
    }
}
