//! Error diffusion: each pixel's error is handed to pixels that come after it.
//!
//! A pixel waits for the one before it, so some bands of rows are walked at once. A band begins some rows early, whose
//! indices are thrown away, so that seams hardly show. What comes from above is added up for some pixels at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::kernels::Kernel;
use super::paths::Paths;
use super::reach::{Reach, spacing, steps};
use super::stretches::{SEGMENT, STRETCH, Stretches};
use super::{Dither, root_shares};
use crate::abreast::{Abreast, planes};
use crate::entries::Entries;
use crate::nearest::{Index, all_opaque, palette_points};
use crate::pixels::{Pixels, Rgba};
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// Maps pixels to entries of `palette`, diffusing in `space`.
///
/// Bands are `band_rows(height)` rows high. If `serpentine`, rows are walked in turn from the left and from the right.
pub fn map<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    dither: &Dither,
    kernel: &Kernel,
    serpentine: bool,
) -> Vec<I> {
    let points = &palette_points(palette, space)[..];
    if all_opaque(pixels, palette) {
        Diffusion::<3>::new(pixels, width, points, space, dither, kernel, serpentine).map()
    } else {
        Diffusion::<4>::new(pixels, width, points, space, dither, kernel, serpentine).map()
    }
}

/// How many rows of a picture of that height a band has: enough bands to be walked at once, and not more.
pub fn band_rows(height: usize) -> usize {
    (height / 16).next_multiple_of(2).clamp(64, 256)
}

/// Rows above a band that are diffused to find out its first errors. Even, as `band_rows` is: all bands go the same way.
pub const EARLY: usize = 8;

/// Bands that one core walks at once, pixel by pixel: while one waits for its pixel's error, the others go on.
const TOGETHER: usize = 8;

struct Diffusion<'a, const D: usize> {
    pixels: Pixels<'a>,
    width: usize,
    palette: &'a [Point],
    /// From each entry to the one nearest to it.
    steps: Vec<Point>,
    entries: Entries<D>,
    reach: Reach,
    /// The most that an error counts, squared, by entry.
    limits: Vec<f32>,
    space: Space,
    paths: Paths,
    strength: f32,
    /// The index of transparent pixels.
    clear: u32,
    mask: Option<&'a [u8]>,
    /// Roots of the shares, by value of the mask.
    shares: [f32; 256],
}

/// Consecutive rows, and where their indices go.
struct Band<'a, I> {
    first_row: usize,
    indices: &'a mut [I],
}

/// A coordinate of pixels of `C` bands, side by side.
type Plane<const C: usize> = [[f32; C]; SEGMENT];

/// Pixels of `C` bands side by side, and what becomes of them.
struct Segment<const D: usize, const C: usize> {
    /// The colors; once errors from above are added, what is wanted but for those of this row, and no numbers where a
    /// pixel is transparent.
    points: [Plane<C>; D],
    /// Whether they get opaque entries.
    opaque: [[bool; C]; SEGMENT],
    /// Where some take less than all of their error.
    masked: Stretches,
    /// Roots of their shares.
    shares: [[f32; C]; SEGMENT],
    indices: [[u32; C]; SEGMENT],
    /// The errors of the last two pixels, the last one's first.
    last: [[[f32; C]; D]; 2],
    /// What is wanted for a pixel of each band, the entries they get, and these.
    abreast: Abreast<D, C>,
    given: [[f32; C]; D],
    parts: [f32; C],
}

/// The errors of a row of each of `C` bands, one plane a coordinate, with a margin at both ends, where they are 0.
type Row<const D: usize, const C: usize> = [Vec<[f32; C]>; D];

impl<'a, const D: usize> Diffusion<'a, D> {
    fn new(
        pixels: Pixels<'a>,
        width: usize,
        palette: &'a [Point],
        space: Space,
        dither: &Dither<'a>,
        kernel: &Kernel,
        serpentine: bool,
    ) -> Self {
        let entries = Entries::new(palette, space, pixels.len());
        let clear = entries.near(space.to_point(0), false);
        let paths = Paths::new(kernel, serpentine, dither.strength);
        Self {
            pixels,
            width,
            palette,
            steps: steps(palette),
            entries,
            reach: Reach::new(palette),
            limits: spacing::<4>(palette).into_iter().map(|limit| limit * limit).collect(),
            space,
            paths,
            strength: dither.strength,
            clear,
            mask: dither.mask,
            shares: root_shares(),
        }
    }

    fn map<I: Index>(&self) -> Vec<I> {
        let mut indices = vec![I::default(); self.pixels.len()];
        let rows = band_rows(self.pixels.len() / self.width);
        let bands = indices.chunks_mut(rows * self.width).enumerate();
        let mut bands: Vec<_> = bands.map(|(i, indices)| Band { first_row: i * rows, indices }).collect();
        let together = bands.len().div_ceil(rayon::current_num_threads()).min(TOGETHER);
        bands.par_chunks_mut(together).for_each(|bands| {
            let (eights, bands) = bands.as_chunks_mut::<8>();
            let (fours, bands) = bands.as_chunks_mut::<4>();
            let (twos, ones) = bands.as_chunks_mut::<2>();
            eights.iter_mut().for_each(|bands| self.walk(bands));
            fours.iter_mut().for_each(|bands| self.walk(bands));
            twos.iter_mut().for_each(|bands| self.walk(bands));
            ones.iter_mut().for_each(|band| self.walk(std::array::from_mut(band)));
        });
        indices
    }

    /// Maps `C` bands, pixel by pixel in turn.
    fn walk<I: Index, const C: usize>(&self, bands: &mut [Band<I>; C]) {
        let mut segment = Segment {
            points: [[[0.0; C]; SEGMENT]; D],
            opaque: [[false; C]; SEGMENT],
            masked: Stretches::default(),
            shares: [[1.0; C]; SEGMENT],
            indices: [[0; C]; SEGMENT],
            last: [[[0.0; C]; D]; 2],
            abreast: Abreast::default(),
            given: [[0.0; C]; D],
            parts: [0.0; C],
        };
        // The last is that of the row that is walked.
        let row: Row<D, C> = std::array::from_fn(|_| vec![[0.0; C]; self.width + 2 * self.paths.margin]);
        let mut rows = vec![row; self.paths.rows + 1];
        let segments = self.width.div_ceil(SEGMENT);
        for step in 0..EARLY + bands[0].indices.len() / self.width {
            let back = self.paths.back(step);
            rows.rotate_left(1);
            segment.last = [[[0.0; C]; D]; 2];
            for i in 0..segments {
                let start = if back { segments - 1 - i } else { i } * SEGMENT;
                let end = self.width.min(start + SEGMENT);
                let starts = bands.each_ref().map(|band| self.row(band.first_row + step));
                segment.masked.mask(starts.iter().flatten().filter_map(|at| Some(&self.mask?[at + start..at + end])));
                for (c, row) in starts.into_iter().enumerate() {
                    self.read(row, start, end, c, &mut segment);
                    if step == 0 && bands[c].first_row > 0 {
                        self.stir(start, end, c, &mut segment);
                    }
                }
                for (stretch, masked) in segment.masked.walk(end - start, back) {
                    vectorized(
                        #[inline(always)]
                        || match masked {
                            true => self.run::<C, true>(&mut rows, step, start, stretch.clone(), &mut segment),
                            false => self.run::<C, false>(&mut rows, step, start, stretch.clone(), &mut segment),
                        },
                    );
                }
                for (c, band) in bands.iter_mut().enumerate() {
                    let row = step.checked_sub(EARLY).and_then(|y| band.indices.chunks_exact_mut(self.width).nth(y));
                    for (index, found) in row.into_iter().flat_map(|row| &mut row[start..end]).zip(&segment.indices) {
                        *index = I::narrow(found[c]);
                    }
                }
            }
        }
    }

    /// Where a row begins, counted from `EARLY` rows above the picture; `None` where the picture has none.
    fn row(&self, row: usize) -> Option<usize> {
        row.checked_sub(EARLY).map(|row| row * self.width).filter(|&at| at < self.pixels.len())
    }

    /// Reads pixels of the row that begins at `row` for band `c`; where there is none, pixels that make no error.
    fn read<const C: usize>(
        &self,
        row: Option<usize>,
        start: usize,
        end: usize,
        c: usize,
        segment: &mut Segment<D, C>,
    ) {
        let Some(at) = row else {
            for d in 0..D {
                segment.points[d].iter_mut().for_each(|points| points[c] = self.palette[0][d]);
            }
            return;
        };
        let mut keys = [0; SEGMENT];
        let keys = &mut keys[..end - start];
        let mut planes = [[0.0; SEGMENT]; 4];
        self.pixels.slice(at + start, at + end).write_keys(keys);
        self.space.to_planes(keys, planes.each_mut().map(|plane| &mut plane[..keys.len()]));
        self.reach.clip(planes.each_mut().map(|plane| &mut plane[..keys.len()]));
        for d in 0..D {
            for (points, &coordinate) in segment.points[d].iter_mut().zip(&planes[d]) {
                points[c] = coordinate;
            }
        }
        if D == 4 {
            for (i, &key) in keys.iter().enumerate() {
                segment.opaque[i][c] = self.entries.keeps_opaque(self.space.to_point(key));
                if key == 0 {
                    segment.points.iter_mut().for_each(|plane| plane[i][c] = f32::NAN);
                }
            }
        }
        let mask = self.mask.filter(|_| segment.masked.any()).map_or(&[][..], |mask| &mask[at + start..at + end]);
        for (i, &share) in mask.iter().enumerate() {
            segment.shares[i][c] = self.shares[usize::from(share)];
            if share == 0 && keys[i] != 0 {
                let point = self.space.to_point(keys[i]);
                for d in 0..D {
                    segment.points[d][i][c] = point[d];
                }
            }
        }
    }

    /// Gives errors to the pixels with which band `c` begins early that are not exact, as if rows came before: up to a
    /// quarter of the way to another entry. Without them, even areas would begin with the same pattern in every band.
    fn stir<const C: usize>(&self, start: usize, end: usize, c: usize, segment: &mut Segment<D, C>) {
        if self.steps.is_empty() {
            return;
        }
        for (i, x) in (start..end).enumerate() {
            let mut point = self.palette[0];
            for d in 0..D {
                point[d] = segment.points[d][i][c];
            }
            let nearest = self.entries.nearest(point, false) as usize;
            if self.palette[nearest] != point && !point[3].is_nan() {
                // Multiples of the golden ratio, without the whole part, lie evenly.
                let part = (x as u32).wrapping_mul(0x9E37_79B9) as i32 as f32 * (0.25 / 2_147_483_648.0);
                let share = if segment.masked.holds(i) { segment.shares[i][c] } else { 1.0 };
                for d in 0..D {
                    segment.points[d][i][c] += self.steps[nearest][d] * part * self.strength * share;
                }
            }
        }
    }

    /// Adds what comes from the rows above to part of the segment that begins at `start`; if `MASKED`, each pixel its share.
    #[inline(always)]
    fn gather<const C: usize, const MASKED: bool>(
        &self,
        rows: &[Row<D, C>],
        step: usize,
        start: usize,
        stretch: &Range<usize>,
        segment: &mut Segment<D, C>,
    ) {
        for d in 0..D {
            let points = segment.points[d][stretch.clone()].chunks_mut(STRETCH);
            let shares = segment.shares[stretch.clone()].chunks(STRETCH);
            for (at, (points, shares)) in (start + stretch.start..).step_by(STRETCH).zip(points.zip(shares)) {
                let mut sums = [[0.0; C]; STRETCH];
                for tap in &self.paths.above {
                    let forth = if self.paths.back(step + tap.below) { tap.ahead } else { -tap.ahead } as isize;
                    let errors =
                        &rows[self.paths.rows - tap.below][d][(at + self.paths.margin).wrapping_add_signed(forth)..];
                    for (sums, errors) in sums[..points.len()].iter_mut().zip(errors) {
                        for c in 0..C {
                            sums[c] += errors[c] * tap.share;
                        }
                    }
                }
                for ((points, sums), shares) in points.iter_mut().zip(&sums).zip(shares) {
                    for c in 0..C {
                        points[c] += if MASKED { sums[c] * shares[c] } else { sums[c] };
                    }
                }
            }
        }
    }

    /// Maps the pixels of part of the segment that begins at `start`.
    #[inline(always)]
    fn run<const C: usize, const MASKED: bool>(
        &self,
        rows: &mut [Row<D, C>],
        step: usize,
        start: usize,
        stretch: Range<usize>,
        segment: &mut Segment<D, C>,
    ) {
        self.gather::<C, MASKED>(rows, step, start, &stretch, segment);
        let (back, row) = (self.paths.back(step), &mut rows[self.paths.rows]);
        let Segment { points, opaque, shares, indices, last, abreast, given, parts, .. } = segment;
        let [one, two] = self.paths.last;
        let [mut last_errors, mut before] = *last;
        // Where nothing is diffused, colors come in runs.
        let mut still = [([f32::NAN; 4], 0); C];
        for i in 0..stretch.len() {
            let i = if back { stretch.end - 1 - i } else { stretch.start + i };
            let x = start + self.paths.margin + i;
            let share = if MASKED { shares[i] } else { [1.0; C] };
            planes::<D>(
                #[inline(always)]
                |d| {
                    let (points, wanted) = (&points[d][i], &mut abreast.points[d]);
                    for c in 0..C {
                        wanted[c] =
                            (points[c] + before[d][c] * (two * share[c])) + last_errors[d][c] * (one * share[c]);
                    }
                },
            );
            for (far, part) in (3..).zip(&self.paths.earlier) {
                for d in 0..D {
                    let errors = &row[d][if back { x + far } else { x - far }];
                    for c in 0..C {
                        abreast.points[d][c] += errors[c] * (part * share[c]);
                    }
                }
            }
            if !MASKED || share.iter().any(|&share| share != 0.0) {
                self.entries.near_and_squares(abreast, &opaque[i]);
            }
            let Abreast { points: wanted, ids: found, squares, .. } = abreast;
            let clear: [bool; C] = std::array::from_fn(|c| D == 4 && wanted[D - 1][c].is_nan());
            for c in 0..C {
                if MASKED && share[c] == 0.0 {
                    let mut point = [0.0; 4];
                    for d in 0..D {
                        point[d] = wanted[d][c];
                    }
                    if point != still[c].0 {
                        still[c] = (point, self.entries.nearest(point, D == 4 && opaque[i][c]));
                    }
                    (found[c], squares[c]) = (still[c].1, 0.0);
                }
                if clear[c] {
                    found[c] = self.clear;
                }
            }
            for c in 0..C {
                parts[c] = self.limits[found[c] as usize];
                let entry = &self.palette[found[c] as usize];
                for d in 0..D {
                    given[d][c] = entry[d];
                }
            }
            for c in 0..C {
                // Without a branch, which nobody could foretell.
                let limit = parts[c];
                let most = if squares[c] > limit { squares[c] } else { limit };
                parts[c] = (limit / if most > f32::MIN_POSITIVE { most } else { f32::MIN_POSITIVE }).sqrt();
            }
            let mut errors = [[0.0; C]; D];
            planes::<D>(
                #[inline(always)]
                |d| {
                    for c in 0..C {
                        let error = (wanted[d][c] - given[d][c]) * parts[c] * share[c];
                        errors[d][c] = if clear[c] || d == 3 && opaque[i][c] { 0.0 } else { error };
                    }
                    row[d][x] = errors[d];
                },
            );
            indices[i] = *found;
            (before, last_errors) = (last_errors, errors);
        }
        *last = [last_errors, before];
    }
}
