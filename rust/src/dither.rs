//! Error diffusion: each pixel's error is handed to the neighbors that come after it.
//!
//! R. W. Floyd and L. Steinberg, "An adaptive algorithm for spatial greyscale" (1976), on a serpentine path. A pixel
//! waits for the one before it, so pictures are cut into bands of rows, and some bands are walked at once. A band
//! begins some rows early, whose indices are thrown away, so that seams hardly show; the first has none above it.

use rayon::prelude::*;

use crate::candidates::distance;
use crate::nearest::{Grid, Index, Opaque, all_opaque, palette_points};
use crate::pixels::{Pixels, Rgba};
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// Maps pixels to entries of `palette`, which is not empty, diffusing `strength` (0 to 1) of the error in `space`.
///
/// Fully transparent pixels neither take nor hand on an error. Opaque pixels get opaque entries, if there are any, and
/// hand on no error of alpha. Bands are `band_rows(height)` rows high.
pub fn map_floyd_steinberg<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    strength: f32,
) -> Vec<I> {
    let points = &palette_points(palette, space)[..];
    let steps = &steps(points)[..];
    if all_opaque(pixels, palette) {
        let grid = Grid::<3>::new(points, space);
        Diffusion { pixels, width, palette: points, steps, grid, opaque: None, space, strength }.map()
    } else {
        let grid = Grid::<4>::new(points, space);
        let opaque = Opaque::new(points, space);
        Diffusion { pixels, width, palette: points, steps, grid, opaque, space, strength }.map()
    }
}

/// How many rows of a picture of that height a band has: enough bands to be walked at once, and not more.
pub fn band_rows(height: usize) -> usize {
    (height / 16).next_multiple_of(2).clamp(64, 256)
}

/// Rows above a band that are diffused to find out the errors with which it begins. Even, as `band_rows` is: the
/// bands go the same way at the same time.
pub const EARLY: usize = 8;

/// Bands that one core walks at once, pixel by pixel: while one waits for its pixel's error, the others go on.
const TOGETHER: usize = 4;

/// Pixels of a row that are converted at once.
const SEGMENT: usize = 128;

/// Palettes of more entries have steps too small to be seen.
const COARSE: usize = 64;

/// From each entry to the one nearest to it; of a large palette none.
fn steps(palette: &[Point]) -> Vec<Point> {
    if palette.len() > COARSE {
        return Vec::new();
    }
    let step = |&from: &Point| {
        let others = palette.iter().copied().filter(|&other| other != from);
        let nearest = others.min_by(|&a, &b| distance::<4>(a, from).total_cmp(&distance::<4>(b, from)));
        nearest.map_or([0.0; 4], |to| std::array::from_fn(|d| to[d] - from[d]))
    };
    palette.iter().map(step).collect()
}

struct Diffusion<'a, const D: usize> {
    pixels: Pixels<'a>,
    width: usize,
    palette: &'a [Point],
    /// From each entry to the one nearest to it.
    steps: &'a [Point],
    grid: Grid<D>,
    /// What opaque pixels get, where others are not so.
    opaque: Option<Opaque>,
    space: Space,
    strength: f32,
}

/// Consecutive rows, and where their indices go.
struct Band<'a, I> {
    first_row: usize,
    indices: &'a mut [I],
}

/// Pixels of `C` bands side by side, one more at each end, and the indices they get. All that a pixel needs lies
/// together: stores to one array can hold up loads from another.
struct Segment<const C: usize> {
    places: [[Place; C]; SEGMENT + 2],
    indices: [[u32; C]; SEGMENT],
    /// The errors of the last two pixels: with the next one's, they make up what goes down from the last.
    before: [Point; C],
    last: [Point; C],
}

/// A pixel.
#[derive(Clone, Copy, Default)]
struct Place {
    point: Point,
    /// What comes from the row above, and once the pixel is mapped what goes down from there.
    error: Point,
}

impl<const D: usize> Diffusion<'_, D> {
    fn map<I: Index>(&self) -> Vec<I> {
        let mut indices = vec![I::default(); self.pixels.len()];
        let rows = band_rows(self.pixels.len() / self.width);
        let bands = indices.chunks_mut(rows * self.width).enumerate();
        let mut bands: Vec<_> = bands.map(|(i, indices)| Band { first_row: i * rows, indices }).collect();
        let together = bands.len().div_ceil(rayon::current_num_threads()).min(TOGETHER);
        bands.par_chunks_mut(together).for_each(|bands| match bands {
            [a, b, c, d] => self.walk([a, b, c, d]),
            [a, b, c] => self.walk([a, b, c]),
            [a, b] => self.walk([a, b]),
            bands => bands.iter_mut().for_each(|band| self.walk([band])),
        });
        indices
    }

    /// Maps `C` bands, pixel by pixel in turn.
    fn walk<I: Index, const C: usize>(&self, mut bands: [&mut Band<I>; C]) {
        let mut segment = Segment {
            places: [[Place::default(); C]; SEGMENT + 2],
            indices: [[0; C]; SEGMENT],
            before: [[0.0; 4]; C],
            last: [[0.0; 4]; C],
        };
        // One more at each end takes what would leave the picture.
        let mut errors = vec![[[0.0; 4]; C]; self.width + 2];
        let segments = self.width.div_ceil(SEGMENT);
        for step in 0..EARLY + bands[0].indices.len() / self.width {
            let back = step % 2 == 1;
            for i in 0..segments {
                let start = if back { segments - 1 - i } else { i } * SEGMENT;
                let end = self.width.min(start + SEGMENT);
                for (places, errors) in segment.places.iter_mut().zip(&errors[start..end + 2]) {
                    for c in 0..C {
                        places[c].error = errors[c];
                    }
                }
                for (c, band) in bands.iter().enumerate() {
                    self.read((band.first_row + step).checked_sub(EARLY), start, end, c, &mut segment);
                    if step == 0 && band.first_row > 0 {
                        self.stir(start, end, c, &mut segment);
                    }
                }
                vectorized(
                    #[inline(always)]
                    || self.run(end - start, back, i + 1 == segments, &mut segment),
                );
                for (places, errors) in segment.places.iter().zip(&mut errors[start..end + 2]) {
                    for c in 0..C {
                        errors[c] = places[c].error;
                    }
                }
                for (c, band) in bands.iter_mut().enumerate() {
                    let row =
                        step.checked_sub(EARLY).and_then(|row| band.indices.chunks_exact_mut(self.width).nth(row));
                    for (index, found) in row.into_iter().flat_map(|row| &mut row[start..end]).zip(&segment.indices) {
                        *index = I::narrow(found[c]);
                    }
                }
            }
        }
    }

    /// Reads pixels of a row for band `c`; where the picture has no such row, pixels that make no error.
    fn read<const C: usize>(&self, row: Option<usize>, start: usize, end: usize, c: usize, segment: &mut Segment<C>) {
        let mut points = [self.palette[0]; SEGMENT];
        if let Some(at) = row.map(|row| row * self.width).filter(|&at| at < self.pixels.len()) {
            let mut keys = [0; SEGMENT];
            let keys = &mut keys[..end - start];
            self.pixels.slice(at + start, at + end).write_keys(keys);
            self.space.to_points(keys, &mut points[..end - start]);
        }
        for (places, point) in segment.places[1..].iter_mut().zip(points) {
            places[c].point = point;
        }
    }

    /// Gives errors to the pixels with which band `c` begins early that are not exact, as if rows came before: up to a
    /// quarter of the way to another entry. Without them, even areas would begin with the same pattern in every band.
    fn stir<const C: usize>(&self, start: usize, end: usize, c: usize, segment: &mut Segment<C>) {
        if self.steps.is_empty() {
            return;
        }
        for (x, places) in (start..end).zip(&mut segment.places[1..]) {
            let Place { point, error } = &mut places[c];
            let nearest = self.grid.nearest(*point) as usize;
            if self.palette[nearest] != *point {
                // Multiples of the golden ratio, without the whole part, lie evenly.
                let part = (x as u32).wrapping_mul(0x9E37_79B9) as i32 as f32 * (0.25 / 2_147_483_648.0);
                *error = self.steps[nearest].map(|step| step * part * self.strength);
            }
        }
    }

    /// Maps the first pixels of a segment, from right to left if `back`; at the end of a row if `ends`.
    #[inline(always)]
    fn run<const C: usize>(&self, pixels: usize, back: bool, ends: bool, segment: &mut Segment<C>) {
        let Segment { places, indices, before, last } = segment;
        let ahead = self.strength * (7.0 / 16.0);
        for i in 0..pixels {
            let i = if back { pixels - 1 - i } else { i };
            let previous = if back { i + 2 } else { i };
            for c in 0..C {
                let Place { point, error: above } = places[i + 1][c];
                let mut wanted = point;
                let mut error = [0.0; 4];
                if D == 4 && point[3] == 0.0 {
                    indices[i][c] = self.grid.near(point);
                } else {
                    for d in 0..4 {
                        wanted[d] = (point[d] + above[d]) + last[c][d] * ahead;
                    }
                    let opaque = self.opaque.as_ref().filter(|_| D == 4 && point[3] == self.space.alpha_scale());
                    let index = opaque.map_or_else(|| self.grid.near(wanted), |opaque| opaque.near(wanted));
                    indices[i][c] = index;
                    let given = self.palette[index as usize];
                    for d in 0..4 {
                        error[d] = wanted[d] - given[d];
                    }
                    if opaque.is_some() {
                        error[3] = 0.0;
                    }
                }
                places[previous][c].error = self.handed_down(before[c], last[c], error);
                (before[c], last[c]) = (last[c], error);
            }
        }
        if ends {
            for c in 0..C {
                places[if back { 1 } else { pixels }][c].error = self.handed_down(before[c], last[c], [0.0; 4]);
            }
            (*before, *last) = ([[0.0; 4]; C], [[0.0; 4]; C]);
        }
    }

    /// What a pixel gets from the three above it, in the order in which they were mapped.
    #[inline(always)]
    fn handed_down(&self, first: Point, middle: Point, third: Point) -> Point {
        let [one, five, three] = [1.0, 5.0, 3.0].map(|share| share / 16.0 * self.strength);
        std::array::from_fn(|d| (first[d] * one + middle[d] * five) + third[d] * three)
    }
}
