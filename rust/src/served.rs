//! What each color of a palette is nearest to, and how far that is.

use rayon::prelude::*;

use crate::count::count;
use crate::cube;
use crate::nearest::palette_points;
use crate::pixels::{Pixels, Rgba, to_rgba};
use crate::problem::Objective;
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// Colors that one task adds up, and those that are converted at once.
const CHUNK: usize = 1 << 15;
const BLOCK: usize = 256;

/// How many pixels are nearest to each color of `palette`, and the sum of their distances, as the objective has it.
///
/// Each distinct color is asked once: they are counted in less time than the pixels are.
pub fn served(pixels: Pixels, palette: &[Rgba], space: Space, objective: Objective) -> (Vec<u64>, f64) {
    let counts = count(pixels, None);
    let mut colors = vec![[0; 4]; counts.keys.len()];
    colors.par_iter_mut().zip(&counts.keys).with_min_len(CHUNK).for_each(|(color, &key)| *color = to_rgba(key));
    let colors = Pixels::new(colors.as_flattened(), 4).expect("four channels");
    let indices = cube::map_nearest::<u16>(colors, palette, space);
    let points = palette_points(palette, space);
    let chunk = CHUNK.max(8 * palette.len());
    let parts = indices.par_chunks(chunk).zip(counts.weights.par_chunks(chunk)).enumerate();
    let parts = parts.map(|(i, (indices, weights))| {
        let (mut sums, mut error) = (vec![0; palette.len()], 0.0);
        for (part, (indices, weights)) in indices.chunks(BLOCK).zip(weights.chunks(BLOCK)).enumerate() {
            let start = i * chunk + part * BLOCK;
            let mut squares = [0.0; BLOCK];
            let squares = &mut squares[..indices.len()];
            write_squares(colors.slice(start, start + indices.len()), indices, &points, space, squares);
            for ((&index, &weight), &square) in indices.iter().zip(weights).zip(&*squares) {
                sums[usize::from(index)] += weight;
                let square = f64::from(square);
                error += weight as f64 * if objective == Objective::Squared { square } else { square.sqrt() };
            }
        }
        (sums, error)
    });
    let parts: Vec<(Vec<u64>, f64)> = parts.collect();
    let (mut weights, mut error) = (vec![0; palette.len()], 0.0);
    for (some, part) in parts {
        weights.iter_mut().zip(some).for_each(|(all, some)| *all += some);
        error += part;
    }
    (weights, error)
}

/// Writes the squared distance of each color to its entry of `palette`.
fn write_squares(pixels: Pixels, indices: &[u16], palette: &[Point], space: Space, squares: &mut [f32]) {
    let mut keys = [0; BLOCK];
    let keys = &mut keys[..indices.len()];
    pixels.write_keys(keys);
    let mut planes = [[0.0; BLOCK]; 4];
    space.to_planes(keys, planes.each_mut().map(|plane| &mut plane[..indices.len()]));
    let mut entries = [[0.0; BLOCK]; 4];
    for (i, &index) in indices.iter().enumerate() {
        for d in 0..4 {
            entries[d][i] = palette[usize::from(index)][d];
        }
    }
    vectorized(
        #[inline(always)]
        || {
            for (plane, entries) in planes.iter().zip(&entries) {
                for (square, (place, entry)) in squares.iter_mut().zip(plane.iter().zip(entries)) {
                    *square += (place - entry) * (place - entry);
                }
            }
        },
    );
}
