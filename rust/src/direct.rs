//! Direct search: each pixel takes the entry with which the picture, seen from some distance, is nearest to the original.
//!
//! M. Analoui and J. P. Allebach, "Model-based halftoning using direct binary search" (1992), for palettes of any size.
//! With e the errors, B a blur and q = B e, another entry p' in place of p changes the sum of e B e by
//! B(0) |p' - (p - q / B(0))|^2 and a constant: the best entry is the one nearest to p - q / B(0), one question.

use rayon::prelude::*;

use crate::entries::Entries;
use crate::nearest::{Index, all_opaque, palette_points};
use crate::pixels::{Pixels, Rgba};
use crate::refit::Sight;
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// Rows that one task searches, while those above and below rest.
const ROWS: usize = 32;

/// Pixels that a blurred error reaches, in each direction.
const REACH: usize = 2;
const SIDE: usize = 2 * REACH + 1;

/// Gives pixels better entries of `palette`, `passes` times all of them in turn. Fully transparent pixels keep theirs,
/// and so do those where the mask is 0.
#[expect(clippy::too_many_arguments, reason = "a picture, a palette, and how to bring them together")]
pub fn search<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    sight: &Sight,
    mask: Option<&[u8]>,
    passes: usize,
    indices: &mut [I],
) {
    let points = &palette_points(palette, space)[..];
    let kernel = kernel(sight);
    if all_opaque(pixels, palette) {
        let entries = Entries::<3>::new(points, space);
        Search { pixels, width, palette: points, space, entries, kernel, mask }.run(passes, indices);
    } else {
        let entries = Entries::<4>::new(points, space);
        Search { pixels, width, palette: points, space, entries, kernel, mask }.run(passes, indices);
    }
}

/// What is seen of an error, by distance in rows and columns.
fn kernel(sight: &Sight) -> [[f32; SIDE]; SIDE] {
    let variance = 4.0 * sight.sigma * sight.sigma;
    let line: [f64; SIDE] = std::array::from_fn(|i| {
        let distance = i as f64 - REACH as f64;
        libm::exp(-distance * distance / variance)
    });
    let sum: f64 = line.iter().sum();
    std::array::from_fn(|y| {
        std::array::from_fn(|x| {
            let blurred = (1.0 - sight.sharp) * line[y] * line[x] / (sum * sum);
            (if (y, x) == (REACH, REACH) { blurred + sight.sharp } else { blurred }) as f32
        })
    })
}

struct Search<'a, const D: usize> {
    pixels: Pixels<'a>,
    width: usize,
    palette: &'a [Point],
    space: Space,
    entries: Entries<D>,
    kernel: [[f32; SIDE]; SIDE],
    mask: Option<&'a [u8]>,
}

/// The rows of one task: what they should be, which entries they have, and what is seen of their errors and of those
/// around; with a margin of `REACH` columns on either side.
struct Band {
    points: Vec<Point>,
    seen: Vec<Point>,
}

impl<const D: usize> Search<'_, D> {
    fn run<I: Index>(&self, passes: usize, indices: &mut [I]) {
        for pass in 0..passes {
            for parity in 0..2 {
                let before = indices.to_vec();
                let bands = indices.par_chunks_mut(ROWS * self.width).enumerate();
                bands.filter(|(number, _)| number % 2 == parity).for_each(|(number, band)| {
                    self.band(number * ROWS, &before, band, pass % 2 == 1);
                });
            }
        }
    }

    /// Searches the rows from `first` on, whose entries are `band`; `before` are those of the whole picture.
    fn band<I: Index>(&self, first: usize, before: &[I], band: &mut [I], back: bool) {
        let (width, rows) = (self.width, band.len() / self.width);
        let padded = width + 2 * REACH;
        let Band { points, mut seen } = self.look(first, rows, before);
        let middle = self.kernel[REACH][REACH];
        vectorized(
            #[inline(always)]
            || {
                for step in 0..rows * width {
                    let i = if back { rows * width - 1 - step } else { step };
                    let (y, x) = (i / width, i % width);
                    let at = (y + REACH) * padded + x + REACH;
                    let still = self.mask.is_some_and(|mask| mask[first * width + i] == 0);
                    if still || (D == 4 && points[i][3] == 0.0) {
                        continue;
                    }
                    let now = self.palette[band[i].widen() as usize];
                    let better: Point = std::array::from_fn(|d| now[d] - seen[at][d] / middle);
                    let index = self.entries.near(better, self.entries.keeps_opaque(points[i]));
                    if index == band[i].widen() {
                        continue;
                    }
                    band[i] = I::narrow(index);
                    let then = self.palette[index as usize];
                    let change: Point = std::array::from_fn(|d| then[d] - now[d]);
                    for (dy, shares) in self.kernel.iter().enumerate() {
                        let row = &mut seen[at + dy * padded - REACH * padded - REACH..][..SIDE];
                        for (seen, share) in row.iter_mut().zip(shares) {
                            for d in 0..4 {
                                seen[d] += share * change[d];
                            }
                        }
                    }
                }
            },
        );
    }

    fn look<I: Index>(&self, first: usize, rows: usize, before: &[I]) -> Band {
        let (width, height) = (self.width, before.len() / self.width);
        let padded = width + 2 * REACH;
        let mut points = vec![[0.0; 4]; rows * width];
        let mut errors = vec![[0.0; 4]; (rows + 2 * REACH) * padded];
        let mut keys = vec![0; width];
        let mut line = vec![[0.0; 4]; width];
        for y in 0..rows + 2 * REACH {
            let Some(row) = (first + y).checked_sub(REACH).filter(|&row| row < height) else { continue };
            let range = row * width..(row + 1) * width;
            self.pixels.slice(range.start, range.end).write_keys(&mut keys);
            self.space.to_points(&keys, &mut line);
            let errors = &mut errors[y * padded + REACH..][..width];
            for ((error, point), index) in errors.iter_mut().zip(&line).zip(&before[range]) {
                let given = self.palette[index.widen() as usize];
                *error = std::array::from_fn(|d| given[d] - point[d]);
            }
            if (REACH..REACH + rows).contains(&y) {
                points[(y - REACH) * width..(y - REACH + 1) * width].copy_from_slice(&line);
            }
        }
        let mut seen = vec![[0.0; 4]; errors.len()];
        vectorized(
            #[inline(always)]
            || {
                for y in REACH..REACH + rows {
                    for (dy, shares) in self.kernel.iter().enumerate() {
                        for (dx, &share) in shares.iter().enumerate() {
                            let from = (y + dy - REACH) * padded + dx;
                            let errors = errors[from..from + width].as_flattened();
                            let seen = seen[y * padded + REACH..][..width].as_flattened_mut();
                            for (seen, error) in seen.iter_mut().zip(errors) {
                                *seen += share * error;
                            }
                        }
                    }
                }
            },
        );
        Band { points, seen }
    }
}
