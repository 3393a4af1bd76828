//! Centers for many points of few dimensions: a sample of the points is gathered into cells that keep their means, and
//! the engine for colors searches among the cells.

use rayon::prelude::*;

use crate::cloud::Cloud;
use crate::dense::scaled::{LANES, Real, Scaled};
use crate::init::Random;
use crate::lloyd::MOST_CENTERS;
use crate::moments::Moments;
use crate::solve::centers_of;
use crate::space::Point;

/// Fewer points are not worth it.
const LEAST_POINTS: usize = 1 << 14;
/// Where there are fewer cells for each center, as when almost all points crowd together, they tell too little.
const LEAST_CELLS: usize = 8;
/// Points that are gathered: one in every so many that at least these remain, for all centers and for each. More would
/// move the centers by less than the passes over all points that follow.
const SAMPLE: usize = 1 << 16;
const SAMPLE_PER_CENTER: usize = 1 << 11;
/// Points that one task looks at, at least.
const CHUNK: usize = 1 << 13;

/// `k` centers near the best, row after row, the best of so many attempts; `None` where points have too many dimensions,
/// cells are too few, or centers too many or weights too large for the engine.
pub fn centers<T: Real>(scaled: &Scaled<T>, k: usize, attempts: usize, random: &mut Random) -> Option<Vec<T>> {
    let dimensions = scaled.dimensions();
    if dimensions > 4 || scaled.len() < LEAST_POINTS || k > MOST_CENTERS {
        return None;
    }
    let bits = (if k <= 16 { 16 } else { 20 } / dimensions as u32).min(16);
    let (points, weights, codes) = gathered(scaled, k, bits);
    if codes.len() < LEAST_CELLS * k || !weights.iter().all(|&weight| (weight as f32).is_finite()) {
        return None;
    }
    let cloud = Cloud::from_points(&points, &weights, codes, bits * dimensions as u32);
    let centers = centers_of(&cloud, k, attempts, random);
    let row = |center: &Point| (0..dimensions).map(|d| scaled.from_scaled(d, center[d])).collect::<Vec<T>>();
    (centers.len() == k).then(|| centers.iter().flat_map(row).collect())
}

/// The means of a sample of the points in each cell that has some, their weights, and the numbers of the cells, ascending:
/// bits of the coordinates in turn.
fn gathered<T: Real>(scaled: &Scaled<T>, k: usize, bits: u32) -> (Vec<Point>, Vec<f64>, Vec<u32>) {
    let dimensions = scaled.dimensions();
    let spread: Vec<Vec<u32>> = (0..dimensions)
        .map(|d| {
            let bit = |value: u32, bit: u32| (value >> bit & 1) << (bit as usize * dimensions + (dimensions - 1 - d));
            (0..1u32 << bits).map(|value| (0..bits).map(|at| bit(value, at)).sum()).collect()
        })
        .collect();
    let last = (1u32 << bits) - 1;
    let (low, high) = (&scaled.low[..], &scaled.high[..]);
    let widths: Vec<f32> = low.iter().zip(high).map(|(l, h)| ((last as f32) + 0.99) / (h - l).max(1e-30)).collect();
    let every = (scaled.len() / SAMPLE.max(SAMPLE_PER_CENTER * k)).max(1);
    let drawn = |number: usize| {
        // Any of the next so many, by Fibonacci hashing: a fixed one could fall into step with rows of pixels.
        let hash = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        number * every + ((hash as usize * every) >> 32)
    };
    let coded = |number: usize| {
        let i = drawn(number);
        let (block, _) = scaled.block(i / LANES);
        let code = (0..dimensions).fold(0, |code, d| {
            let place = (block[d * LANES + i % LANES] - low[d]) * widths[d];
            code | spread[d][(place as u32).min(last) as usize]
        });
        (code, i)
    };
    let mut sample: Vec<(u32, usize)> =
        (0..scaled.len() / every).into_par_iter().with_min_len(CHUNK).map(coded).collect();
    sample.par_sort_unstable();
    let (mut means, mut weights, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for cell in sample.chunk_by(|a, b| a.0 == b.0) {
        let mut moments = Moments::default();
        for &(_, i) in cell {
            let (block, _) = scaled.block(i / LANES);
            let mut point = [0.0; 4];
            for d in 0..dimensions {
                point[d] = block[d * LANES + i % LANES];
            }
            moments.add(point, scaled.points.weight(i) as f32);
        }
        if moments.weight > 0.0 {
            means.push(moments.mean().map(|x| x as f32));
            weights.push(moments.weight);
            codes.push(cell[0].0);
        }
    }
    (means, weights, codes)
}
