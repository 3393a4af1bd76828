//! Error diffusion: each pixel's error is handed to the neighbors that come after it.
//!
//! R. W. Floyd and L. Steinberg, "An adaptive algorithm for spatial greyscale" (1976), on a serpentine path.

use crate::nearest::{Grid, Index, all_opaque, palette_points};
use crate::pixels::{Key, Pixels, Rgba};
use crate::space::{Point, Space};

/// Maps pixels to entries of `palette`, which is not empty, diffusing `strength` (0 to 1) of the error in `space`.
///
/// Fully transparent pixels neither take nor hand on an error.
pub fn map_floyd_steinberg<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    strength: f32,
) -> Vec<I> {
    let points = palette_points(palette, space);
    if all_opaque(pixels, palette) {
        diffuse(pixels, width, &points, &Grid::<3>::new(&points, space), space, strength)
    } else {
        diffuse(pixels, width, &points, &Grid::<4>::new(&points, space), space, strength)
    }
}

fn diffuse<I: Index, const D: usize>(
    pixels: Pixels,
    width: usize,
    palette: &[Point],
    grid: &Grid<D>,
    space: Space,
    strength: f32,
) -> Vec<I> {
    let arch = pulp::Arch::new();
    let mut indices = vec![I::default(); pixels.len()];
    let mut row = Row { keys: vec![0; width], points: vec![[0.0; 4]; width], palette, strength };
    // One more error on either side, so that the edge needs no exception.
    let mut errors = vec![[0.0f32; 4]; width + 2];
    let mut below = errors.clone();
    for (y, indices) in indices.chunks_exact_mut(width).enumerate() {
        pixels.slice(y * width, (y + 1) * width).write_keys(&mut row.keys);
        space.to_points(&row.keys, &mut row.points);
        below.fill([0.0; 4]);
        arch.dispatch(
            #[inline(always)]
            || {
                if y % 2 == 0 {
                    row.run::<I, D, false>(grid, indices, &errors, &mut below);
                } else {
                    row.run::<I, D, true>(grid, indices, &errors, &mut below);
                }
            },
        );
        std::mem::swap(&mut errors, &mut below);
    }
    indices
}

/// One row of pixels, as colors and as points.
struct Row<'a> {
    keys: Vec<Key>,
    points: Vec<Point>,
    palette: &'a [Point],
    strength: f32,
}

impl Row<'_> {
    /// Maps the row, from right to left if `BACK`. `errors[x + 1]` came from the row above to pixel x; `below[x + 1]`
    /// is what goes to the next row.
    #[inline(always)]
    fn run<I: Index, const D: usize, const BACK: bool>(
        &self,
        grid: &Grid<D>,
        indices: &mut [I],
        errors: &[Point],
        below: &mut [Point],
    ) {
        let width = indices.len();
        // What the last pixel hands to this one, and what this and the last hand to the row below.
        let mut ahead = [0.0f32; 4];
        for i in 0..width {
            let x = if BACK { width - 1 - i } else { i };
            let transparent = self.keys[x] == 0;
            let mut wanted = self.points[x];
            if !transparent {
                for d in 0..D {
                    wanted[d] += ahead[d] + errors[x + 1][d];
                }
            }
            let index = grid.nearest(wanted);
            indices[x] = I::narrow(index);
            let given = self.palette[index as usize];
            let (before, after) = if BACK { (x + 2, x) } else { (x, x + 2) };
            for d in 0..D {
                let error = if transparent { 0.0 } else { (wanted[d] - given[d]) * self.strength };
                ahead[d] = error * (7.0 / 16.0);
                below[before][d] += error * (3.0 / 16.0);
                below[x + 1][d] += error * (5.0 / 16.0);
                below[after][d] += error * (1.0 / 16.0);
            }
        }
    }
}
