//! Functions of whole images: what is counted in them, and which entries their pixels get.

use numpy::{IntoPyArray, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;

use super::arrays::{Colors, Image, Weights, colors_to_array, counts_to_arrays, objective_named, rgba, space_named};
use super::known::Known;
use super::watched::watched;
use super::ways::{Given, Way, form_named};
use crate::alpha::{self, Levels};
use crate::direct::Scene;
use crate::dither::{Dither, Kind};
use crate::fitted::{Fitted, Rest};
use crate::flat::Flat;
use crate::lossy::{Lossy, Patience, Picture};
use crate::threads::with_threads;
use crate::watch::Watch;
use crate::{accents, activity, count, fitted, lossy, polish, served};

#[pyfunction]
pub fn reduce_alpha<'py>(
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
    let reduce = || if dither { alpha::diffuse(pixels, width, levels) } else { alpha::reduce(pixels, levels, matte) };
    let reduced = py.detach(|| with_threads(threads, reduce));
    Ok(reduced.into_flattened().into_pyarray(py).reshape([height, width, 4])?.into_any())
}

#[pyfunction]
pub fn count_colors<'py>(
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
pub fn masking<'py>(
    py: Python<'py>,
    pixels: PyReadonlyArrayDyn<'py, u8>,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let image = Image::new(&pixels)?;
    let importance = || activity::importance(image.pixels, image.width);
    image.indices(py, py.detach(|| with_threads(threads, importance)))
}

#[pyfunction]
pub fn raise_accents<'py>(
    py: Python<'py>,
    colors: PyReadonlyArray2<'py, u8>,
    weights: PyReadonlyArray1<'py, u64>,
    amount: f64,
) -> PyResult<Weights<'py>> {
    let (colors, weights) = (rgba(&colors)?, weights.as_slice()?);
    Ok(py.detach(|| accents::raised(colors, weights, amount)).into_pyarray(py))
}

#[pyfunction]
pub fn palette_served<'py>(
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
pub fn flat_colors<'py>(py: Python<'py>, pixels: PyReadonlyArrayDyn<'py, u8>, threads: usize) -> PyResult<Colors<'py>> {
    let Image { pixels, width, .. } = Image::new(&pixels)?;
    let colors = || Flat::find(pixels, width).map_or_else(Vec::new, |flat| flat.colors());
    colors_to_array(py, py.detach(|| with_threads(threads, colors)))
}

#[pyfunction]
pub fn flat_shares<'py>(
    py: Python<'py>,
    pixels: PyReadonlyArrayDyn<'py, u8>,
    palette: PyReadonlyArray2<'py, u8>,
    threads: usize,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let (image, palette) = (Image::new(&pixels)?, rgba(&palette)?);
    let shares = || Flat::find(image.pixels, image.width).map(|flat| flat.beside(palette).shares());
    py.detach(|| with_threads(threads, shares)).map(|shares| image.indices(py, shares)).transpose()
}

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the options of one call")]
pub fn map_pixels<'py>(
    py: Python<'py>,
    pixels: PyReadonlyArrayDyn<'py, u8>,
    palette: PyReadonlyArray2<'py, u8>,
    space: &str,
    pinned: usize,
    known: Option<PyRef<'py, Known>>,
    dither: &str,
    strength: f32,
    mask: Option<PyReadonlyArray2<'py, u8>>,
    serpentine: bool,
    form: &str,
    given: Option<Given<'py>>,
    seen: bool,
    rounds: usize,
    passes: usize,
    lambda: f32,
    quick: bool,
    threads: usize,
    on_rows: Option<Py<PyAny>>,
) -> PyResult<(Bound<'py, PyAny>, Colors<'py>)> {
    let (image, palette, space) = (Image::new(&pixels)?, rgba(&palette)?, space_named(space)?);
    let way = Way::new(dither, &given)?;
    let mask = mask.as_ref().map(|mask| mask.as_slice()).transpose()?;
    let dither = &Dither { kind: way.kind(serpentine, form_named(form)?), strength, mask };
    let is_nearest = matches!(dither.kind, Kind::None) || strength == 0.0;
    let is_nearest = is_nearest && !seen && rounds + passes == 0 && lambda == 0.0;
    if let Some(known) = known.as_deref().filter(|_| is_nearest).and_then(|known| known.of(palette, space)) {
        let mapped = if palette.len() <= 256 {
            let map = || known.map::<u8>(image.pixels);
            py.detach(|| with_threads(threads, map)).map(|indices| image.indices(py, indices))
        } else {
            let map = || known.map::<u16>(image.pixels);
            py.detach(|| with_threads(threads, map)).map(|indices| image.indices(py, indices))
        };
        if let Some(indices) = mapped {
            return Ok((indices?, colors_to_array(py, palette.to_vec())?));
        }
    }
    let space = if seen { space.seen() } else { space };
    let Image { pixels, width, .. } = image;
    let effort = fitted::Effort { rounds, passes };
    let (indices, palette) = if palette.len() <= 256 {
        let map = |watch: &Watch| {
            let fitted = fitted::map::<u8>(pixels, width, palette, space, dither, effort, pinned);
            if lambda == 0.0 {
                return Some((fitted.palette, fitted.indices));
            }
            let Fitted { palette, indices, shares, .. } = &fitted;
            let picture = Picture { pixels, width, palette, space, mask: shares.as_deref() };
            let dithered = !matches!(dither.kind, Kind::None);
            let patience = if quick { Patience::LITTLE } else { Patience::of(pixels.len()) };
            let lossy = Lossy { lambda, strength: if dithered { strength } else { 0.0 } };
            let importance = activity::importance(pixels, width);
            let indices = lossy::map(picture, lossy, patience, &importance, indices, watch)?;
            let palette = match rounds {
                0 => fitted.palette,
                _ => fitted.moved(pixels, width, space, &indices, dithered),
            };
            Some((palette, indices))
        };
        let map = |watch: &Watch| with_threads(threads, || map(watch));
        let (palette, indices) = match lambda {
            0.0 => py.detach(|| map(&Watch::default())),
            _ => watched(py, on_rows.as_ref(), map)?,
        }
        .expect("whoever ends it says why");
        (image.indices(py, indices)?, palette)
    } else {
        let map = || fitted::map::<u16>(pixels, width, palette, space, dither, effort, pinned);
        let Fitted { palette, indices, .. } = py.detach(|| with_threads(threads, map));
        (image.indices(py, indices)?, palette)
    };
    Ok((indices, colors_to_array(py, palette)?))
}

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the options of one call")]
pub fn polish_picture<'py>(
    py: Python<'py>,
    pixels: PyReadonlyArrayDyn<'py, u8>,
    palette: PyReadonlyArray2<'py, u8>,
    indices: PyReadonlyArray2<'py, u8>,
    space: &str,
    pinned: usize,
    rounds: usize,
    threads: usize,
) -> PyResult<(Bound<'py, PyAny>, Colors<'py>)> {
    let (image, palette, indices) = (Image::new(&pixels)?, rgba(&palette)?, indices.as_slice()?);
    let Image { pixels, width, .. } = image;
    let scene = Scene { pixels, width, space: space_named(space)?.seen(), scale: [1.0; 4], mask: None };
    let polish = || {
        let rest = Rest::inside(Flat::find(pixels, width), palette, pinned);
        polish::polish(&scene, palette, indices.to_vec(), &rest, rounds)
    };
    let (palette, indices) = py.detach(|| with_threads(threads, polish));
    Ok((image.indices(py, indices)?, colors_to_array(py, palette)?))
}

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the options of one call")]
pub fn lossy_cost<'py>(
    py: Python<'py>,
    pixels: PyReadonlyArrayDyn<'py, u8>,
    palette: PyReadonlyArray2<'py, u8>,
    indices: PyReadonlyArray2<'py, u8>,
    space: &str,
    seen: bool,
    strength: f32,
    lambda: f32,
    threads: usize,
) -> PyResult<f64> {
    let (Image { pixels, width, .. }, palette, indices) = (Image::new(&pixels)?, rgba(&palette)?, indices.as_slice()?);
    let space = space_named(space)?;
    let cost = || {
        let shares = Flat::find(pixels, width).map(|flat| flat.beside(palette).shares());
        let space = if seen { space.seen() } else { space };
        let picture = Picture { pixels, width, palette, space, mask: shares.as_deref() };
        lossy::cost(picture, Lossy { lambda, strength }, &activity::importance(pixels, width), indices)
    };
    Ok(py.detach(|| with_threads(threads, cost)))
}

#[pyfunction]
pub fn foretold_bits<'py>(
    py: Python<'py>,
    pixels: PyReadonlyArrayDyn<'py, u8>,
    results: Vec<(PyReadonlyArray2<'py, u8>, PyReadonlyArray2<'py, u8>)>,
    space: &str,
    seen: bool,
    lambda: f32,
    threads: usize,
) -> PyResult<Vec<f64>> {
    let Image { pixels, width, .. } = Image::new(&pixels)?;
    let space = if seen { space_named(space)?.seen() } else { space_named(space)? };
    let results = results
        .iter()
        .map(|(palette, indices)| Ok((rgba(palette)?.to_vec(), indices.as_slice()?)))
        .collect::<PyResult<Vec<_>>>()?;
    Ok(py.detach(|| with_threads(threads, || lossy::foretold(pixels, width, &results, space, lambda))))
}
