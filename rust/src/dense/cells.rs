//! Centers for many points of few dimensions: a sample of the points is gathered into cells that keep their means, and the engine
//! for colors searches among the cells.

use rayon::prelude::*;

use crate::cloud::Cloud;
use crate::dense::scaled::{LANES, Real, Scaled};
use crate::init::Random;
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
/// Tasks at most, since every one fills all cells.
const MOST_CHUNKS: usize = 4;

/// `k` centers near the best, row after row, the best of so many attempts; `None` where points have too many dimensions or cells are too few.
pub fn centers<T: Real>(scaled: &Scaled<T>, k: usize, attempts: usize, random: &mut Random) -> Option<Vec<T>> {
    let dimensions = scaled.dimensions();
    if dimensions > 4 || scaled.len() < LEAST_POINTS {
        return None;
    }
    let bits = if k <= 64 { 16 } else { 20 } / dimensions as u32;
    let (points, weights, codes) = gathered(scaled, k, bits);
    if codes.len() < LEAST_CELLS * k {
        return None;
    }
    let cloud = Cloud::from_points(&points, &weights, codes, bits * dimensions as u32);
    let centers = centers_of(&cloud, k, attempts, random);
    let row = |center: &Point| (0..dimensions).map(|d| scaled.from_scaled(d, center[d])).collect::<Vec<T>>();
    (centers.len() == k).then(|| centers.iter().flat_map(row).collect())
}

/// The means of a sample of the points in each cell that has some, their weights, and the numbers of the cells, ascending: bits of the
/// coordinates in turn.
fn gathered<T: Real>(scaled: &Scaled<T>, k: usize, bits: u32) -> (Vec<Point>, Vec<f64>, Vec<u32>) {
    let dimensions = scaled.dimensions();
    let spread: Vec<Vec<u32>> = (0..dimensions)
        .map(|d| {
            let bit = |value: u32, bit: u32| (value >> bit & 1) << (bit as usize * dimensions + (dimensions - 1 - d));
            (0..1u32 << bits).map(|value| (0..bits).map(|at| bit(value, at)).sum()).collect()
        })
        .collect();
    let last = (1u32 << bits) - 1;
    let widths: Vec<f32> = scaled.reach.iter().map(|&reach| ((last as f32) + 0.99) * 0.5 / reach.max(1e-30)).collect();
    let every = (scaled.len() / SAMPLE.max(SAMPLE_PER_CENTER * k)).max(1);
    let count = scaled.len() / every;
    let chunk = count.div_ceil(MOST_CHUNKS);
    let tables: Vec<Vec<[f64; 5]>> = (0..count.div_ceil(chunk))
        .into_par_iter()
        .map(|number| {
            let mut table = vec![[0.0; 5]; 1 << (bits as usize * dimensions)];
            for drawn in number * chunk..count.min((number + 1) * chunk) {
                // Any of the next so many, by Fibonacci hashing: a fixed one could fall into step with rows of pixels.
                let hash = (drawn as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
                let i = drawn * every + ((hash as usize * every) >> 32);
                let (block, _) = scaled.block(i / LANES);
                let mut point = [0.0f32; 4];
                let mut code = 0;
                for d in 0..dimensions {
                    point[d] = block[d * LANES + i % LANES];
                    let place = (point[d] + scaled.reach[d]) * widths[d];
                    code |= spread[d][(place as u32).min(last) as usize];
                }
                let weight = scaled.points.weight(i);
                let cell = &mut table[code as usize];
                for d in 0..4 {
                    cell[d] += weight * f64::from(point[d]);
                }
                cell[4] += weight;
            }
            table
        })
        .collect();
    let (mut points, mut weights, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for code in 0..1usize << (bits as usize * dimensions) {
        let mut cell = [0.0; 5];
        for table in &tables {
            for d in 0..5 {
                cell[d] += table[code][d];
            }
        }
        if cell[4] > 0.0 {
            points.push([0, 1, 2, 3].map(|d| (cell[d] / cell[4]) as f32));
            weights.push(cell[4]);
            codes.push(code as u32);
        }
    }
    (points, weights, codes)
}
