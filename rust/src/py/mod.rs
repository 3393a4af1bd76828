//! The Python module `hueclid._core`: takes arrays, releases the GIL, calls, gives arrays back. Nothing else.

mod arrays;
mod original;
mod rows;
mod ways;

use std::time::Duration;

use numpy::ndarray::Array2;
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArrayDyn,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::alpha::{self, Levels};
use crate::count;
use crate::dense::Limits;
use crate::dither::Dither;
use crate::flat::Flat;
use crate::init::Init;
use crate::methods::{self, Method};
use crate::nearest;
use crate::pins::Pins;
use crate::pixels::Rgba;
use crate::png::{self, Optimize};
use crate::solve::{self, Ended, Options, Solution};
use crate::threads::with_threads;
use crate::{accents, activity, fit, fitted, quality, served};
use arrays::{
    Colors, Image, Weights, colors_to_array, counts_to_arrays, effort_named, init_named, keys, method_named,
    objective_named, rgba, solution_to_arrays, space_named,
};
use rows::{Clustered, Floats, assigned, clustered};
use ways::{Given, Way, form_named};

/// Keeps freed memory for the next call, where the system's allocator gives it back and pays for every page anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::original::Original;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    #[pyfunction]
    fn reduce_alpha<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        levels: u16,
        threshold: u8,
        dither: bool,
        matte: Option<[u8; 3]>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (image, bytes) = (Image::new(&pixels)?, pixels.as_slice()?);
        let Image { width, height, .. } = image;
        let pixels = bytes.as_chunks::<4>().0;
        let levels = match (levels, threshold) {
            (0, _) => Levels::Full,
            (2, threshold) => Levels::Binary(threshold),
            (levels, _) => Levels::Even(levels),
        };
        let reduce =
            || if dither { alpha::diffuse(pixels, width, levels) } else { alpha::reduce(pixels, levels, matte) };
        let reduced = py.detach(|| with_threads(threads, reduce));
        Ok(reduced.into_flattened().into_pyarray(py).reshape([height, width, 4])?.into_any())
    }

    #[pyfunction]
    fn count_colors<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        importance: Option<PyReadonlyArray2<'py, u8>>,
        threads: usize,
    ) -> PyResult<(Colors<'py>, Weights<'py>)> {
        let image = Image::new(&pixels)?;
        let importance = importance.as_ref().map(|importance| importance.as_slice()).transpose()?;
        let counts = py.detach(|| with_threads(threads, || count::count(image.pixels, importance)));
        counts_to_arrays(py, counts)
    }

    #[pyfunction]
    fn masking<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let image = Image::new(&pixels)?;
        let importance = || activity::importance(image.pixels, image.width);
        image.indices(py, py.detach(|| with_threads(threads, importance)))
    }

    #[pyfunction]
    fn raise_accents<'py>(
        py: Python<'py>,
        colors: PyReadonlyArray2<'py, u8>,
        weights: PyReadonlyArray1<'py, u64>,
        amount: f64,
    ) -> PyResult<Weights<'py>> {
        let (colors, weights) = (rgba(&colors)?, weights.as_slice()?);
        Ok(py.detach(|| accents::raised(colors, weights, amount)).into_pyarray(py))
    }

    #[pyfunction]
    fn palette_served<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        palette: PyReadonlyArray2<'py, u8>,
        space: &str,
        objective: &str,
        threads: usize,
    ) -> PyResult<(Weights<'py>, f64)> {
        let (image, palette, space) = (Image::new(&pixels)?, rgba(&palette)?, space_named(space)?);
        let objective = objective_named(objective)?;
        let served = || served::served(image.pixels, palette, space, objective);
        let (weights, error) = py.detach(|| with_threads(threads, served));
        Ok((weights.into_pyarray(py), error))
    }

    #[pyfunction]
    fn flat_colors<'py>(py: Python<'py>, pixels: PyReadonlyArrayDyn<'py, u8>, threads: usize) -> PyResult<Colors<'py>> {
        let Image { pixels, width, .. } = Image::new(&pixels)?;
        let colors = || Flat::find(pixels, width).map_or_else(Vec::new, |flat| flat.colors());
        colors_to_array(py, py.detach(|| with_threads(threads, colors)))
    }

    #[pyfunction]
    fn flat_shares<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        palette: PyReadonlyArray2<'py, u8>,
        threads: usize,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (image, palette) = (Image::new(&pixels)?, rgba(&palette)?);
        let shares = || Flat::find(image.pixels, image.width).map(|flat| flat.shares(palette));
        py.detach(|| with_threads(threads, shares)).map(|shares| image.indices(py, shares)).transpose()
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
            time_limit,
        };
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
    #[expect(clippy::too_many_arguments, reason = "the options of one call")]
    fn map_pixels<'py>(
        py: Python<'py>,
        pixels: PyReadonlyArrayDyn<'py, u8>,
        palette: PyReadonlyArray2<'py, u8>,
        space: &str,
        pinned: usize,
        dither: &str,
        strength: f32,
        mask: Option<PyReadonlyArray2<'py, u8>>,
        serpentine: bool,
        form: &str,
        given: Option<Given<'py>>,
        seen: bool,
        rounds: usize,
        passes: usize,
        threads: usize,
    ) -> PyResult<(Bound<'py, PyAny>, Colors<'py>)> {
        let (image, palette, space) = (Image::new(&pixels)?, rgba(&palette)?, space_named(space)?);
        let way = Way::new(dither, &given)?;
        let mask = mask.as_ref().map(|mask| mask.as_slice()).transpose()?;
        let dither = &Dither { kind: way.kind(serpentine, form_named(form)?), strength, mask };
        let space = if seen { space.seen() } else { space };
        let Image { pixels, width, .. } = image;
        let effort = fitted::Effort { rounds, passes };
        let (indices, palette) = if palette.len() <= 256 {
            let map = || fitted::map::<u8>(pixels, width, palette, space, dither, effort, pinned);
            let (palette, indices) = py.detach(|| with_threads(threads, map));
            (image.indices(py, indices)?, palette)
        } else {
            let map = || fitted::map::<u16>(pixels, width, palette, space, dither, effort, pinned);
            let (palette, indices) = py.detach(|| with_threads(threads, map));
            (image.indices(py, indices)?, palette)
        };
        Ok((indices, colors_to_array(py, palette)?))
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
