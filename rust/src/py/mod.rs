//! The Python module `hueclid._core`: takes arrays, releases the GIL, calls, gives arrays back. Nothing else.

mod arrays;
mod files;
mod images;
mod known;
mod original;
mod rows;
mod watched;
mod ways;

use std::time::{Duration, Instant};

use numpy::ndarray::Array2;
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArrayDyn, PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::count;
use crate::dense::Limits;
use crate::init::Init;
use crate::methods::{self, Method};
use crate::nearest;
use crate::pins::Pins;
use crate::pixels::Rgba;
use crate::png::{self, Optimize};
use crate::problem::{Ended, Options, Solution};
use crate::solve;
use crate::threads::with_threads;
use crate::{fit, quality};
use arrays::{
    Colors, Image, Weights, colors_to_array, counts_to_arrays, effort_named, init_named, keys, method_named,
    objective_named, rgba, solution_to_arrays, space_named,
};
use rows::{Clustered, Floats, assigned, clustered};

/// Keeps freed memory for the next call, where the system's allocator gives it back and pays for every page anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long Ctrl-C may wait.
const SIGNALS: Duration = Duration::from_millis(20);

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::files::encode_gif;
    #[pymodule_export]
    use super::images::{
        count_colors, flat_colors, flat_shares, foretold_bits, lossy_cost, map_pixels, masking, palette_served,
        polish_picture, raise_accents, reduce_alpha,
    };
    #[pymodule_export]
    use super::known::Known;
    #[pymodule_export]
    use super::original::Original;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
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
        pinned: PyReadonlyArray2<'py, u8>,
        anchors: PyReadonlyArray2<'py, u8>,
        init: &str,
        centers: Option<PyReadonlyArray2<'py, u8>>,
        attempts: usize,
        max_iterations: Option<usize>,
        tolerance: Option<f64>,
        seed: u64,
        time_limit: Option<f64>,
        known: bool,
        threads: usize,
        on_pass: Option<Py<PyAny>>,
    ) -> PyResult<(Colors<'py>, Weights<'py>, f64, usize, Vec<f64>, &'static str, Option<Known>)> {
        let (colors, weights) = (rgba(&colors)?, weights.as_slice()?);
        let init = match &centers {
            Some(centers) => Init::Centers(keys(rgba(centers)?)),
            None => init_named(init)?,
        };
        let (space, objective, effort) = (space_named(space)?, objective_named(objective)?, effort_named(effort)?);
        // Times beyond what the clock can say never come.
        let time_limit = time_limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let (pinned, anchors) = (Pins::new(rgba(&pinned)?), keys(rgba(&anchors)?));
        let options = Options {
            space,
            objective,
            effort,
            pinned,
            anchors,
            init,
            attempts,
            seed,
            max_iterations,
            tolerance,
            known,
            time_limit,
        };
        let mut raised = None;
        let mut asked = Instant::now();
        let mut tell = |pass: usize, error: f64| {
            // Passes can be shorter than it takes to wait for the interpreter.
            if on_pass.is_none() && asked.elapsed() < SIGNALS {
                return true;
            }
            asked = Instant::now();
            let told = Python::attach(|py| {
                py.check_signals()?;
                on_pass.as_ref().map_or(Ok(()), |f| f.call1(py, (pass, error)).map(drop))
            });
            raised = told.err();
            raised.is_none()
        };
        let solved = py.detach(|| with_threads(threads, || solve::solve(colors, weights, k, &options, &mut tell)));
        let Ok(Solution { palette, weights, known, error, iterations, attempt_errors, ended }) = solved else {
            return Err(raised.unwrap_or_else(|| PyValueError::new_err("cancelled")));
        };
        let known = known.map(|known| Known { known, palette: palette.clone(), space });
        let ended = match ended {
            Ended::Converged => "converged",
            Ended::Iterations => "iterations",
            Ended::Time => "time",
        };
        let (colors, weights) = (colors_to_array(py, palette)?, weights.into_pyarray(py));
        Ok((colors, weights, error, iterations, attempt_errors, ended, known))
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
    #[expect(clippy::too_many_arguments, reason = "the options of one call")]
    fn palette_by_method<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
        k: usize,
        method: &str,
        space: &str,
        pinned: PyReadonlyArray2<'py, u8>,
        threads: usize,
    ) -> PyResult<(Colors<'py>, Weights<'py>, f64)> {
        let pins = Pins::new(rgba(&pinned)?);
        let (method, space) = (method_named(method)?, space_named(space)?);
        let (colors, weights) = (rgba(&colors)?, weights.as_slice()?);
        let solve = || with_threads(threads, || methods::solve(colors, weights, k, &method, space, &pins));
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
        pinned: PyReadonlyArray2<'py, u8>,
        threads: usize,
    ) -> PyResult<(Colors<'py>, Weights<'py>, f64)> {
        let pins = Pins::new(rgba(&pinned)?);
        let method = Method::Centers(centers.as_slice()?.as_chunks().0.to_vec());
        let (colors, weights, space) = (rgba(&colors)?, weights.as_slice()?, space_named(space)?);
        let solve = || with_threads(threads, || methods::solve(colors, weights, 0, &method, space, &pins));
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
        may_be_grey: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let optimize = match optimize {
            "fast" => Optimize::Fast,
            "draft" => Optimize::Draft,
            "default" => Optimize::Default,
            "max" => Optimize::Max,
            other => return Err(PyValueError::new_err(format!("no such optimize: {other:?}"))),
        };
        let (height, width) = (indices.shape()[0], indices.shape()[1]);
        let (indices, palette) = (indices.as_slice()?, rgba(&palette)?);
        let encode = || png::encode_png(indices, width as u32, height as u32, palette, optimize, may_be_grey);
        let encoded = py.detach(|| with_threads(0, encode));
        Ok(PyBytes::new(py, &encoded.map_err(|error| PyValueError::new_err(error.to_string()))?))
    }

    #[pyfunction]
    fn mean_squared_error<'py>(
        py: Python<'py>,
        first: PyReadonlyArrayDyn<'py, u8>,
        second: PyReadonlyArrayDyn<'py, u8>,
        weights: Option<PyReadonlyArray1<'py, u64>>,
        threads: usize,
    ) -> PyResult<f64> {
        let (first, second) = (Image::new(&first)?, Image::new(&second)?);
        if (first.width, first.height) != (second.width, second.height) {
            return Err(PyValueError::new_err("images are of one size"));
        }
        let weights = weights.as_ref().map(|weights| weights.as_slice()).transpose()?;
        if weights.is_some_and(|weights| weights.len() != first.height) {
            return Err(PyValueError::new_err("each row has a weight"));
        }
        let measure = || quality::mean_squared_error(first.pixels, second.pixels, weights);
        Ok(py.detach(|| with_threads(threads, measure)))
    }
}
