//! What each color of a palette is nearest to, and how far that is.

use rayon::prelude::*;

use crate::candidates::distance;
use crate::cube;
use crate::nearest::palette_points;
use crate::pixels::{Pixels, Rgba};
use crate::problem::Objective;
use crate::space::Space;

/// Pixels that one task adds up.
const CHUNK: usize = 1 << 15;

/// How many pixels are nearest to each color of `palette`, and the sum of their distances, as the objective has it.
pub fn served(pixels: Pixels, palette: &[Rgba], space: Space, objective: Objective) -> (Vec<u64>, f64) {
    let indices = cube::map_nearest::<u16>(pixels, palette, space);
    let points = palette_points(palette, space);
    let chunk = CHUNK.max(8 * palette.len());
    let chunks: Vec<(Vec<u64>, f64)> = indices
        .par_chunks(chunk)
        .enumerate()
        .map(|(i, indices)| {
            let start = i * chunk;
            let mut keys = vec![0; indices.len()];
            pixels.slice(start, start + indices.len()).write_keys(&mut keys);
            let mut places = vec![[0.0; 4]; indices.len()];
            space.to_points(&keys, &mut places);
            let (mut weights, mut error) = (vec![0; palette.len()], 0.0);
            for (&index, &place) in indices.iter().zip(&places) {
                weights[usize::from(index)] += 1;
                let square = f64::from(distance::<4>(place, points[usize::from(index)]));
                error += if objective == Objective::Squared { square } else { square.sqrt() };
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
