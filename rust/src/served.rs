//! What each color of a palette is nearest to, and how far that is.

use rayon::prelude::*;

use crate::cube;
use crate::nearest::palette_points;
use crate::pixels::{Pixels, Rgba};
use crate::problem::Objective;
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// Pixels that one task adds up, and those that are converted at once.
const CHUNK: usize = 1 << 15;
const BLOCK: usize = 256;

/// How many pixels are nearest to each color of `palette`, and the sum of their distances, as the objective has it.
pub fn served(pixels: Pixels, palette: &[Rgba], space: Space, objective: Objective) -> (Vec<u64>, f64) {
    let indices = cube::map_nearest::<u16>(pixels, palette, space);
    let points = palette_points(palette, space);
    let chunk = CHUNK.max(8 * palette.len());
    let chunks: Vec<(Vec<u64>, f64)> = indices
        .par_chunks(chunk)
        .enumerate()
        .map(|(i, indices)| {
            let (mut weights, mut error) = (vec![0; palette.len()], 0.0);
            for (part, indices) in indices.chunks(BLOCK).enumerate() {
                let start = i * chunk + part * BLOCK;
                let mut squares = [0.0; BLOCK];
                let squares = &mut squares[..indices.len()];
                write_squares(pixels.slice(start, start + indices.len()), indices, &points, space, squares);
                for (&index, &square) in indices.iter().zip(&*squares) {
                    weights[usize::from(index)] += 1;
                    let square = f64::from(square);
                    error += if objective == Objective::Squared { square } else { square.sqrt() };
                }
            }
            (weights, error)
        })
        .collect();
    let (mut weights, mut error) = (vec![0; palette.len()], 0.0);
    for (some, part) in chunks {
        weights.iter_mut().zip(some).for_each(|(all, some)| *all += some);
        error += part;
    }
    (weights, error)
}

/// Writes the squared distance of each pixel to its entry of `palette`.
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
