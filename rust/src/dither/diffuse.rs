//! Error diffusion: each pixel's error is handed to pixels that come after it.
//!
//! A pixel waits for the one before it, so some bands of rows are walked at once: side by side in vectors, and two such
//! groups in turn, so that one is computed while the other waits. A band begins some rows early, whose indices are thrown
//! away, so that seams hardly show. What comes from above is added up for some pixels at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::group::Group;
use super::kernels::Kernel;
use super::paths::Paths;
use super::reach::{Reach, spacing, steps};
use super::stretches::{SEGMENT, Stretches};
use super::{Dither, root_shares};
use crate::abreast::{Abreast, planes};
use crate::entries::Entries;
use crate::index::Index;
use crate::nearest::{all_opaque, palette_points};
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
    (height / 32).next_multiple_of(2).clamp(64, 256)
}

/// Rows above a band that are diffused to find out its first errors. Even, as `band_rows` is: all bands go the same way.
pub const EARLY: usize = 8;

/// Bands that one core walks at once.
const TOGETHER: usize = 16;

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
            let (sixteens, bands) = bands.as_chunks_mut::<16>();
            let (eights, bands) = bands.as_chunks_mut::<8>();
            let (fours, bands) = bands.as_chunks_mut::<4>();
            let (twos, ones) = bands.as_chunks_mut::<2>();
            sixteens.iter_mut().for_each(|bands| self.walk::<I, 8, 2>(bands));
            eights.iter_mut().for_each(|bands| self.walk::<I, 4, 2>(bands));
            fours.iter_mut().for_each(|bands| self.walk::<I, 2, 2>(bands));
            twos.iter_mut().for_each(|bands| self.walk::<I, 1, 2>(bands));
            ones.iter_mut().for_each(|band| self.walk::<I, 1, 1>(std::array::from_mut(band)));
        });
        indices
    }

    /// Maps `G` groups of `C` bands, pixel by pixel in turn.
    fn walk<I: Index, const C: usize, const G: usize>(&self, bands: &mut [Band<I>]) {
        let mut groups: [Group<I, D, C>; G] = std::array::from_fn(|_| Group::new(self.width, &self.paths));
        let mut masked = Stretches::default();
        let segments = self.width.div_ceil(SEGMENT);
        for step in 0..EARLY + bands[0].indices.len() / self.width {
            let back = self.paths.back(step);
            groups.iter_mut().for_each(Group::begin_row);
            for i in 0..segments {
                let start = if back { segments - 1 - i } else { i } * SEGMENT;
                let end = self.width.min(start + SEGMENT);
                let starts = bands.iter().filter_map(|band| self.row(band.first_row + step));
                masked.mask(starts.filter_map(|at| Some(&self.mask?[at + start..at + end])));
                for (group, bands) in groups.iter_mut().zip(bands.chunks(C)) {
                    for (c, band) in bands.iter().enumerate() {
                        self.read(self.row(band.first_row + step), start, end, c, &masked, group);
                        if step == 0 && band.first_row > 0 {
                            self.stir(start, end, c, &masked, group);
                        }
                    }
                }
                for (part, masked) in masked.walk(end - start, back) {
                    vectorized(
                        #[inline(always)]
                        || match masked {
                            true => self.run::<I, C, G, true>(step, start, part.clone(), &mut groups),
                            false => self.run::<I, C, G, false>(step, start, part.clone(), &mut groups),
                        },
                    );
                }
                let Some(y) = step.checked_sub(EARLY) else { continue };
                for (band, indices) in bands.iter_mut().zip(groups.iter().flat_map(|group| &group.indices)) {
                    if let Some(row) = band.indices.chunks_exact_mut(self.width).nth(y) {
                        row[start..end].copy_from_slice(&indices[..end - start]);
                    }
                }
            }
        }
    }

    /// Where a row begins, counted from `EARLY` rows above the picture; `None` where the picture has none.
    fn row(&self, row: usize) -> Option<usize> {
        row.checked_sub(EARLY).map(|row| row * self.width).filter(|&at| at < self.pixels.len())
    }

    /// Reads pixels of the row that begins at `row` for band `c` of a group; where there is none, pixels that make no error.
    fn read<I, const C: usize>(
        &self,
        row: Option<usize>,
        start: usize,
        end: usize,
        c: usize,
        masked: &Stretches,
        group: &mut Group<I, D, C>,
    ) {
        let Some(at) = row else {
            for d in 0..D {
                group.points[d].iter_mut().for_each(|points| points[c] = self.palette[0][d]);
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
            for (points, &coordinate) in group.points[d].iter_mut().zip(&planes[d]) {
                points[c] = coordinate;
            }
        }
        if D == 4 {
            for (i, &key) in keys.iter().enumerate() {
                group.opaque[i][c] = self.entries.keeps_opaque(self.space.to_point(key));
                if key == 0 {
                    group.points.iter_mut().for_each(|plane| plane[i][c] = f32::NAN);
                }
            }
        }
        let mask = self.mask.filter(|_| masked.any()).map_or(&[][..], |mask| &mask[at + start..at + end]);
        for (i, &share) in mask.iter().enumerate() {
            group.shares[i][c] = self.shares[usize::from(share)];
            if share == 0 && keys[i] != 0 {
                let point = self.space.to_point(keys[i]);
                for d in 0..D {
                    group.points[d][i][c] = point[d];
                }
            }
        }
    }

    /// Gives errors to the pixels with which band `c` of a group begins early that are not exact, as if rows came before:
    /// up to a quarter of the way to another entry. Without them, even areas would begin with the same pattern in every
    /// band.
    fn stir<I, const C: usize>(
        &self,
        start: usize,
        end: usize,
        c: usize,
        masked: &Stretches,
        group: &mut Group<I, D, C>,
    ) {
        if self.steps.is_empty() {
            return;
        }
        for (i, x) in (start..end).enumerate() {
            let mut point = self.palette[0];
            for d in 0..D {
                point[d] = group.points[d][i][c];
            }
            let nearest = self.entries.nearest(point, false) as usize;
            if self.palette[nearest] != point && !point[3].is_nan() {
                // Multiples of the golden ratio, without the whole part, lie evenly.
                let part = (x as u32).wrapping_mul(0x9E37_79B9) as i32 as f32 * (0.25 / 2_147_483_648.0);
                let share = if masked.holds(i) { group.shares[i][c] } else { 1.0 };
                for d in 0..D {
                    group.points[d][i][c] += self.steps[nearest][d] * part * self.strength * share;
                }
            }
        }
    }

    /// Maps part of the segment that begins at `start`; if `MASKED`, pixels may take less than all of their error.
    #[inline(always)]
    fn run<I: Index, const C: usize, const G: usize, const MASKED: bool>(
        &self,
        step: usize,
        start: usize,
        part: Range<usize>,
        groups: &mut [Group<I, D, C>; G],
    ) {
        groups.iter_mut().for_each(|group| group.gather::<MASKED>(&self.paths, step, start, &part));
        let back = self.paths.back(step);
        let [one, two] = self.paths.last;
        let mut lasts: [_; G] = std::array::from_fn(|g| groups[g].last);
        // Where nothing is diffused, colors come in runs.
        let mut still = [[([f32::NAN; 4], 0); C]; G];
        for i in 0..part.len() {
            let i = if back { part.end - 1 - i } else { part.start + i };
            let x = start + self.paths.margin + i;
            for g in 0..G {
                let Group { points, opaque, shares, indices, rows, abreast, .. } = &mut groups[g];
                let (row, still, [last, before]) = (&mut rows[self.paths.rows], &mut still[g], lasts[g]);
                let share = if MASKED { shares[i] } else { [1.0; C] };
                planes::<D>(
                    #[inline(always)]
                    |d| {
                        let (points, wanted) = (&points[d][i], &mut abreast.points[d]);
                        for c in 0..C {
                            wanted[c] = (points[c] + before[d][c] * (two * share[c])) + last[d][c] * (one * share[c]);
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
                    self.entries.near_each(abreast, &opaque[i]);
                }
                let Abreast { points: wanted, ids: found, .. } = abreast;
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
                        found[c] = still[c].1;
                    }
                    if clear[c] {
                        found[c] = self.clear;
                    }
                    indices[c][i] = I::narrow(found[c]);
                }
                let (mut limits, mut squares, mut parts) = ([0.0; C], [0.0; C], [0.0; C]);
                let (mut given, mut errors) = ([[0.0; C]; D], [[0.0; C]; D]);
                for c in 0..C {
                    let entry = &self.palette[found[c] as usize];
                    limits[c] = self.limits[found[c] as usize];
                    for d in 0..D {
                        given[d][c] = entry[d];
                    }
                }
                planes::<D>(
                    #[inline(always)]
                    |d| {
                        for c in 0..C {
                            errors[d][c] = wanted[d][c] - given[d][c];
                            squares[c] += errors[d][c] * errors[d][c];
                        }
                    },
                );
                for c in 0..C {
                    // Without a branch, which nobody could foretell.
                    let limit = limits[c];
                    let most = if squares[c] > limit { squares[c] } else { limit };
                    parts[c] = (limit / if most > f32::MIN_POSITIVE { most } else { f32::MIN_POSITIVE }).sqrt();
                }
                planes::<D>(
                    #[inline(always)]
                    |d| {
                        for c in 0..C {
                            let error = errors[d][c] * parts[c] * share[c];
                            errors[d][c] = if clear[c] || d == 3 && opaque[i][c] { 0.0 } else { error };
                        }
                        row[d][x] = errors[d];
                    },
                );
                lasts[g] = [errors, last];
            }
        }
        for g in 0..G {
            groups[g].last = lasts[g];
        }
    }
}
