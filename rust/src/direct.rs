//! Direct search: each pixel takes the entry with which the picture, seen from some distance, is nearest to the original.
//!
//! M. Analoui and J. P. Allebach, "Model-based halftoning using direct binary search" (1992), for palettes of any size.
//! With e the errors, B a blur and q = B e, another entry p' in place of p changes the sum of e B e by
//! B(0) |p' - (p - q / B(0))|^2 and a constant: the best entry is the one nearest to p - q / B(0), one question.

use rayon::prelude::*;

use crate::entries::Entries;
use crate::index::Index;
use crate::near::Near;
use crate::nearest::{all_opaque, palette_points};
use crate::pixels::{Pixels, Rgba};
use crate::refit::Sight;
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// Rows that one task searches, while those above and below rest.
const ROWS: usize = 32;

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
    let points = palette_points(palette, space);
    let scene = Scene { pixels, width, space, scale: [1.0; 4], mask };
    if all_opaque(pixels, palette) {
        let entries = Entries::<3>::new(&points, space, pixels.len() * passes);
        Search { scene, palette: points, entries, kernel: kernel::<5>(sight) }.run(passes, false, indices);
    } else {
        let entries = Entries::<4>::new(&points, space, pixels.len() * passes);
        Search { scene, palette: points, entries, kernel: kernel::<5>(sight) }.run(passes, false, indices);
    }
}

/// One more such pass, in which each pixel's error in the first coordinate counts as often as `noise` says on top of what
/// is seen of it, and chroma `chroma` times; from the end if `back`.
pub fn refine<I: Index>(
    scene: &Scene,
    palette: &[Rgba],
    sight: &Sight,
    chroma: f32,
    noise: &[f32],
    back: bool,
    indices: &mut [I],
) {
    let scene = Scene { scale: [1.0, chroma, chroma, 1.0], ..*scene };
    let scaled = |point: Point| std::array::from_fn(|d| point[d] * scene.scale[d]);
    let palette: Vec<Point> = palette_points(palette, scene.space).into_iter().map(scaled).collect();
    let kernel = kernel::<7>(sight);
    let entries = Weighed::new(&palette, noise, kernel[3][3], scene.space.alpha_scale());
    Search { scene, palette, entries, kernel }.run(1, back, indices);
}

/// A picture, and how it is looked at.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The picture.
    pub pixels: Pixels<'a>,
    /// Of its rows.
    pub width: usize,
    /// Where errors are made and seen.
    pub space: Space,
    /// What each coordinate counts.
    pub scale: Point,
    /// Pixels of 0 keep their entries.
    pub mask: Option<&'a [u8]>,
}

/// Finds the entry that a pixel is to have.
trait Choice: Sync {
    /// The best for pixel number `at`, whose own color is `point`, where the blurred errors ask for `wanted`.
    fn entry(&self, at: usize, point: Point, wanted: Point) -> u32;
}

impl<const D: usize> Choice for Entries<D> {
    #[inline(always)]
    fn entry(&self, _: usize, point: Point, wanted: Point) -> u32 {
        self.near(wanted, self.keeps_opaque(point))
    }
}

/// Entries for pixels whose first coordinate counts more for some than for others.
struct Weighed<'a> {
    all: Near,
    /// The opaque ones, of which opaque pixels get one; all where there is none.
    opaque: Near,
    noise: &'a [f32],
    /// What the kernel sees of a pixel's own error.
    middle: f32,
    whole: f32,
}

impl<'a> Weighed<'a> {
    fn new(palette: &[Point], noise: &'a [f32], middle: f32, whole: f32) -> Self {
        let all: Vec<u32> = (0..palette.len() as u32).collect();
        let opaque: Vec<u32> = all.iter().copied().filter(|&i| palette[i as usize][3] == whole).collect();
        let opaque = Near::new(palette, if opaque.is_empty() { all.clone() } else { opaque });
        Self { all: Near::new(palette, all), opaque, noise, middle, whole }
    }
}

impl Choice for Weighed<'_> {
    /// With w the noise's weight and m the kernel's middle, w (p - x)^2 + m (p - t)^2 is (w + m) (p - c)^2 and a
    /// constant, where c lies between.
    #[inline(always)]
    fn entry(&self, at: usize, point: Point, wanted: Point) -> u32 {
        let more = self.noise[at] / self.middle;
        let first = (more * point[0] + wanted[0]) / (1.0 + more);
        let near = if point[3] == self.whole { &self.opaque } else { &self.all };
        near.entry([first, wanted[1], wanted[2], wanted[3]], 1.0 + more)
    }
}

/// What is seen of an error, by distance in rows and columns.
fn kernel<const SIDE: usize>(sight: &Sight) -> [[f32; SIDE]; SIDE] {
    let reach = SIDE / 2;
    let variance = 4.0 * sight.sigma * sight.sigma;
    let line: [f64; SIDE] = std::array::from_fn(|i| {
        let distance = i as f64 - reach as f64;
        libm::exp(-distance * distance / variance)
    });
    let sum: f64 = line.iter().sum();
    std::array::from_fn(|y| {
        std::array::from_fn(|x| {
            let blurred = (1.0 - sight.sharp) * line[y] * line[x] / (sum * sum);
            (if (y, x) == (reach, reach) { blurred + sight.sharp } else { blurred }) as f32
        })
    })
}

struct Search<'a, C, const SIDE: usize> {
    scene: Scene<'a>,
    palette: Vec<Point>,
    entries: C,
    kernel: [[f32; SIDE]; SIDE],
}

/// The rows of one task: what they should be, which entries they have, and what is seen of their errors and of those
/// around; with a margin on either side.
struct Band {
    points: Vec<Point>,
    seen: Vec<Point>,
}

impl<C: Choice, const SIDE: usize> Search<'_, C, SIDE> {
    /// Pixels that a blurred error reaches, in each direction.
    const REACH: usize = SIDE / 2;

    /// Every other pass goes back, the first one if `back`.
    fn run<I: Index>(&self, passes: usize, back: bool, indices: &mut [I]) {
        for pass in usize::from(back)..passes + usize::from(back) {
            for parity in 0..2 {
                let before = indices.to_vec();
                let bands = indices.par_chunks_mut(ROWS * self.scene.width).enumerate();
                bands.filter(|(number, _)| number % 2 == parity).for_each(|(number, band)| {
                    self.band(number * ROWS, &before, band, pass % 2 == 1);
                });
            }
        }
    }

    /// Searches the rows from `first` on, whose entries are `band`; `before` are those of the whole picture.
    fn band<I: Index>(&self, first: usize, before: &[I], band: &mut [I], back: bool) {
        let (width, rows, reach) = (self.scene.width, band.len() / self.scene.width, Self::REACH);
        let padded = width + 2 * reach;
        let Band { points, mut seen } = self.look(first, rows, before);
        let middle = self.kernel[reach][reach];
        vectorized(
            #[inline(always)]
            || {
                for step in 0..rows * width {
                    let i = if back { rows * width - 1 - step } else { step };
                    let (y, x) = (i / width, i % width);
                    let at = (y + reach) * padded + x + reach;
                    let still = self.scene.mask.is_some_and(|mask| mask[first * width + i] == 0);
                    if still || points[i][3] == 0.0 {
                        continue;
                    }
                    let now = self.palette[band[i].widen() as usize];
                    let better: Point = std::array::from_fn(|d| now[d] - seen[at][d] / middle);
                    let index = self.entries.entry(first * width + i, points[i], better);
                    if index == band[i].widen() {
                        continue;
                    }
                    band[i] = I::narrow(index);
                    let then = self.palette[index as usize];
                    let change: Point = std::array::from_fn(|d| then[d] - now[d]);
                    for (dy, shares) in self.kernel.iter().enumerate() {
                        let row = &mut seen[at + dy * padded - reach * padded - reach..][..SIDE];
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
        let Scene { pixels, width, space, scale, .. } = self.scene;
        let (height, reach) = (before.len() / width, Self::REACH);
        let padded = width + 2 * reach;
        let mut points = vec![[0.0; 4]; rows * width];
        let mut errors = vec![[0.0; 4]; (rows + 2 * reach) * padded];
        let mut keys = vec![0; width];
        let mut line = vec![[0.0; 4]; width];
        for y in 0..rows + 2 * reach {
            let Some(row) = (first + y).checked_sub(reach).filter(|&row| row < height) else { continue };
            let range = row * width..(row + 1) * width;
            pixels.slice(range.start, range.end).write_keys(&mut keys);
            space.to_points(&keys, &mut line);
            for point in &mut line {
                *point = std::array::from_fn(|d| point[d] * scale[d]);
            }
            let errors = &mut errors[y * padded + reach..][..width];
            for ((error, point), index) in errors.iter_mut().zip(&line).zip(&before[range]) {
                let given = self.palette[index.widen() as usize];
                *error = std::array::from_fn(|d| given[d] - point[d]);
            }
            if (reach..reach + rows).contains(&y) {
                points[(y - reach) * width..(y - reach + 1) * width].copy_from_slice(&line);
            }
        }
        let mut seen = vec![[0.0; 4]; errors.len()];
        vectorized(
            #[inline(always)]
            || {
                for y in reach..reach + rows {
                    for (dy, shares) in self.kernel.iter().enumerate() {
                        for (dx, &share) in shares.iter().enumerate() {
                            let from = (y + dy - reach) * padded + dx;
                            let errors = errors[from..from + width].as_flattened();
                            let seen = seen[y * padded + reach..][..width].as_flattened_mut();
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
