//! The scales at which the metric sees a picture, each half as large as the last.

use std::array::from_fn;

use rayon::prelude::*;

use super::blur::{Blur, ROWS, blurred, squares};
use super::colors::{OPSIN, Planes, root_planes, xyb_planes};
use super::maps::{Plane, Weights};
use crate::index::Index;

const fn weights(structure: [f64; 2], added: [f64; 2], lost: [f64; 2]) -> Weights {
    Weights { structure, added, lost }
}

const NOTHING: Weights = Weights { structure: [0.0; 2], added: [0.0; 2], lost: [0.0; 2] };

/// By plane, X, Y and B, of six scales each. What is below a hundredth in the metric is left out.
const WEIGHTS: [Weights; 3 * SCALES] = [
    NOTHING,
    weights([0.0, 1.10417], [0.0; 2], [0.0; 2]),
    weights([0.0, 1.84225], [0.0, 11.4412], [0.0; 2]),
    weights([0.0, 1.87876], [0.0, 10.9491], [0.0; 2]),
    weights([0.0; 2], [0.967794, 0.998177], [0.0; 2]),
    NOTHING,
    weights([0.0, 7.46689], [0.0; 2], [0.0, 17.4458]),
    weights([0.0, 6.68368], [0.0; 2], [0.0, 1.02789]),
    weights([225.205, 19.2132], [0.0; 2], [0.0; 2]),
    weights([176.393, 24.433], [0.0, 0.285208], [0.0; 2]),
    weights([0.0, 34.7791], [0.0, 44.8356], [0.0; 2]),
    NOTHING,
    NOTHING,
    NOTHING,
    NOTHING,
    weights([0.0, 8.82698], [0.0, 23.1924], [0.0; 2]),
    weights([95.108, 0.0], [0.986398, 171.267], [0.983438, 0.98078]),
    NOTHING,
];
const SCALES: usize = 6;

/// What a plane weighs at a scale of so many; `None` where nothing.
///
/// The metric takes its weights in a row, so that pictures under 113 pixels, which have fewer scales, are judged with others
/// than were meant: three quarters of what counts here are those, a quarter are the ones meant.
fn weighed(plane: usize, scale: usize, scales: usize) -> Option<Weights> {
    let (meant, taken) = (WEIGHTS[plane * SCALES + scale], WEIGHTS[plane * scales + scale]);
    let mean = |a: [f64; 2], b: [f64; 2]| from_fn(|i| 0.25 * a[i] + 0.75 * b[i]);
    let structure = mean(meant.structure, taken.structure);
    let (added, lost) = (mean(meant.added, taken.added), mean(meant.lost, taken.lost));
    let all = [structure, added, lost];
    (all != [[0.0; 2]; 3]).then_some(Weights { structure, added, lost })
}

/// A picture with a side below this has no further scale.
pub const LEAST_SIDE: usize = 8;

/// A picture at one scale.
pub struct Scale {
    pub width: usize,
    pub height: usize,
    /// By plane; `None` where it weighs nothing.
    pub planes: [Option<Plane>; 3],
}

/// How much a pixel at `at` counts in the one of half the size that holds it: at the end of an odd line, twice.
pub fn share(at: usize, length: usize) -> f32 {
    if at + 1 == length && length % 2 == 1 { 1.0 } else { 0.5 }
}

/// Each pixel the mean of four.
pub fn halved(plane: &[f32], width: usize, height: usize) -> Vec<f32> {
    let (columns, rows) = (width.div_ceil(2), height.div_ceil(2));
    let mut half = vec![0.0; columns * rows];
    for (y, line) in half.chunks_exact_mut(columns).enumerate() {
        let above = &plane[2 * y * width..][..width];
        let below = &plane[(2 * y + 1).min(height - 1) * width..][..width];
        for (x, value) in line.iter_mut().enumerate() {
            let (left, right) = (2 * x, (2 * x + 1).min(width - 1));
            *value = 0.25 * ((above[left] + above[right]) + (below[left] + below[right]));
        }
    }
    half
}

/// The same of the light of entries.
pub fn halved_indices<I: Index>(indices: &[I], light: &[[f32; 3]], width: usize, height: usize) -> Planes {
    let columns = width.div_ceil(2);
    let mut planes: Planes = from_fn(|_| vec![0.0; columns * height.div_ceil(2)]);
    let [r, g, b] = &mut planes;
    let bands = r.par_chunks_mut(columns).zip(g.par_chunks_mut(columns)).zip(b.par_chunks_mut(columns));
    bands.enumerate().with_min_len(ROWS).for_each(|(y, ((r, g), b))| {
        let above = &indices[2 * y * width..][..width];
        let below = &indices[(2 * y + 1).min(height - 1) * width..][..width];
        for x in 0..columns {
            let (left, right) = (2 * x, (2 * x + 1).min(width - 1));
            let four =
                [above[left], above[right], below[left], below[right]].map(|index| light[index.widen() as usize]);
            [r[x], g[x], b[x]] = from_fn(|c| 0.25 * ((four[0][c] + four[1][c]) + (four[2][c] + four[3][c])));
        }
    });
    planes
}

/// How the loss changes with the light of a scale's pixels: by its own planes, and by what is deeper.
pub fn light_slopes(
    slopes: &[Option<Vec<f32>>; 3],
    roots: &Planes,
    deeper: Option<&Planes>,
    width: usize,
    height: usize,
) -> Planes {
    let mut light: Planes = from_fn(|_| vec![0.0; width * height]);
    let of = |c: usize, i: usize| slopes[c].as_ref().map_or(0.0, |slope| slope[i]);
    let [r, g, b] = &mut light;
    let rows = r.par_chunks_mut(width).zip(g.par_chunks_mut(width)).zip(b.par_chunks_mut(width));
    rows.enumerate().with_min_len(ROWS).for_each(|(y, ((r, g), b))| {
        for x in 0..width {
            let i = y * width + x;
            let (dx, dy, db) = (of(0, i), of(1, i), of(2, i));
            let both = 0.5 * (dy - db);
            let by_root = [7.0 * dx + both, both - 7.0 * dx, db];
            let by_response: [f32; 3] = from_fn(|c| by_root[c] / (3.0 * roots[c][i] * roots[c][i]));
            let mut slope: [f32; 3] =
                from_fn(|c| by_response[0] * OPSIN[0][c] + by_response[1] * OPSIN[1][c] + by_response[2] * OPSIN[2][c]);
            if let Some(deeper) = deeper {
                let at = y / 2 * width.div_ceil(2) + x / 2;
                let share = share(x, width) * share(y, height);
                for c in 0..3 {
                    slope[c] += share * deeper[c][at];
                }
            }
            [r[x], g[x], b[x]] = slope;
        }
    });
    light
}

/// All scales of a picture.
pub fn scales(light: Planes, width: usize, height: usize, blur: &Blur) -> Vec<Scale> {
    let (mut light, mut width, mut height) = (light, width, height);
    let mut scales: Vec<Scale> = Vec::new();
    let count = (1..SCALES).take_while(|scale| width.min(height).div_ceil(1 << (scale - 1)) >= LEAST_SIDE).count() + 1;
    for scale in 0..count {
        let values = xyb_planes(&root_planes(&light));
        let planes = values.into_iter().enumerate().map(|(plane, values)| {
            let weights = weighed(plane, scale, count)?;
            let mean = blurred(width, height, blur, |range, line| line.copy_from_slice(&values[range]));
            let mut variance =
                blurred(width, height, blur, |range, line| squares(&values[range.clone()], &values[range], line));
            variance.iter_mut().zip(&mean).for_each(|(variance, mean)| *variance -= mean * mean);
            Some(Plane { weights, values, mean, variance })
        });
        let mut planes = planes;
        let planes = from_fn(|_| planes.next().flatten());
        scales.push(Scale { width, height, planes });
        light = light.each_ref().map(|plane| halved(plane, width, height));
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
    }
    scales
}
