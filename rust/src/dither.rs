//! Error diffusion: each pixel's error is handed to the neighbors that come after it.
//!
//! R. W. Floyd and L. Steinberg, "An adaptive algorithm for spatial greyscale" (1976), on a serpentine path.

use crate::nearest::{Grid, Index, all_opaque, palette_points};
use crate::pixels::{Key, Pixels, Rgba};
use crate::simd::vectorized;
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
    let mut indices = vec![I::default(); pixels.len()];
    let mut row = Row { keys: vec![0; width], points: vec![[0.0; 4]; width], palette, strength };
    let mut errors = vec![[0.0f32; 4]; width];
    let mut below = errors.clone();
    for (y, indices) in indices.chunks_exact_mut(width).enumerate() {
        pixels.slice(y * width, (y + 1) * width).write_keys(&mut row.keys);
        space.to_points(&row.keys, &mut row.points);
        vectorized(
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
    /// Maps the row, from right to left if `BACK`. `errors[x]` came from the row above to pixel x; `below[x]` is what
    /// goes to the next row.
    #[inline(always)]
    fn run<I: Index, const D: usize, const BACK: bool>(
        &self,
        grid: &Grid<D>,
        indices: &mut [I],
        errors: &[Point],
        below: &mut [Point],
    ) {
        let width = indices.len();
        let at = |i: usize| if BACK { width - 1 - i } else { i };
        // The errors of the last two pixels: with this one's, they make up what goes down to the last.
        let (mut before, mut last) = ([0.0; 4], [0.0; 4]);
        for i in 0..width {
            let x = at(i);
            let mut wanted = self.points[x];
            let mut error = [0.0; 4];
            if self.keys[x] == 0 {
                indices[x] = I::narrow(grid.nearest(wanted));
            } else {
                for d in 0..4 {
                    wanted[d] += last[d] * (7.0 / 16.0) + errors[x][d];
                }
                let index = grid.nearest(wanted);
                indices[x] = I::narrow(index);
                let given = self.palette[index as usize];
                for d in 0..4 {
                    error[d] = (wanted[d] - given[d]) * self.strength;
                }
            }
            if i > 0 {
                below[at(i - 1)] = handed_down(before, last, error);
            }
            (before, last) = (last, error);
        }
        below[at(width - 1)] = handed_down(before, last, [0.0; 4]);
    }
}

/// What a pixel gets from the three above it, in the order in which they were mapped.
#[inline(always)]
fn handed_down(first: Point, middle: Point, third: Point) -> Point {
    std::array::from_fn(|d| (first[d] * (1.0 / 16.0) + middle[d] * (5.0 / 16.0)) + third[d] * (3.0 / 16.0))
}
