//! Error diffusion: each pixel's error is handed to pixels that come after it.
//!
//! A pixel waits for the one before it, so some bands of rows are walked at once: side by side in vectors, and two such
//! groups in turn, so that one is computed while the other waits. A band begins some rows early, whose indices are thrown
//! away, so that seams hardly show. What comes from above is added up for some pixels at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::group::{Group, Row};
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

/// What diffuses, and how.
pub(super) struct Diffusion<'a, const D: usize> {
    pub(super) pixels: Pixels<'a>,
    width: usize,
    pub(super) palette: &'a [Point],
    /// From each entry to the one nearest to it.
    pub(super) steps: Vec<Point>,
    pub(super) entries: Entries<D>,
    pub(super) reach: Reach,
    /// The most that an error counts, squared, by entry.
    limits: Vec<f32>,
    pub(super) space: Space,
    paths: Paths,
    pub(super) strength: f32,
    /// The index of transparent pixels.
    pub(super) clear: u32,
    pub(super) mask: Option<&'a [u8]>,
    /// Roots of the shares, by value of the mask.
    pub(super) shares: [f32; 256],
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
                for (group, bands) in groups.iter_mut().zip(bands.as_chunks::<C>().0) {
                    let rows = bands.each_ref().map(|band| self.row(band.first_row + step));
                    self.read(rows, start, end, &masked, group);
                    for (c, band) in bands.iter().enumerate() {
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
                for (group, bands) in groups.iter().zip(bands.as_chunks_mut::<C>().0) {
                    let lines = vectorized(
                        #[inline(always)]
                        || group.lines_of_indices(),
                    );
                    for (band, line) in bands.iter_mut().zip(&lines) {
                        if let Some(row) = band.indices.chunks_exact_mut(self.width).nth(y) {
                            row[start..end].copy_from_slice(&line[..end - start]);
                        }
                    }
                }
            }
        }
    }

    /// Where a row begins, counted from `EARLY` rows above the picture; `None` where the picture has none.
    fn row(&self, row: usize) -> Option<usize> {
        row.checked_sub(EARLY).map(|row| row * self.width).filter(|&at| at < self.pixels.len())
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
        for group in groups.iter_mut() {
            group.gather::<MASKED>(&self.paths, step, start, &part);
        }
        let back = self.paths.back(step);
        for i in 0..part.len() {
            let i = if back { part.end - 1 - i } else { part.start + i };
            for group in groups.iter_mut() {
                self.ask::<I, C, MASKED>(i, start, back, group);
                self.settle::<I, C, MASKED>(i, start, group);
            }
        }
    }

    /// Finds the entries of a pixel of each band.
    #[inline(always)]
    fn ask<I: Index, const C: usize, const MASKED: bool>(
        &self,
        i: usize,
        start: usize,
        back: bool,
        group: &mut Group<I, D, C>,
    ) {
        let Group { points, opaque, shares, rows, abreast, .. } = group;
        let (row, share) = (&rows[self.paths.rows], if MASKED { shares[i] } else { [1.0; C] });
        let x = start + self.paths.margin + i;
        let [one, two] = self.paths.last;
        let [last, before] = if back { [x + 1, x + 2] } else { [x - 1, x - 2] };
        planes::<D>(
            #[inline(always)]
            |d| {
                // Copied: what may lie in the same memory is computed number by number.
                let (points, last, before) = (points[d][i], row[d][last], row[d][before]);
                let mut wanted = [0.0; C];
                for c in 0..C {
                    wanted[c] = (points[c] + before[c] * (two * share[c])) + last[c] * (one * share[c]);
                }
                abreast.points[d] = wanted;
            },
        );
        if !self.paths.earlier.is_empty() {
            self.add_earlier(row, x, back, &share, &mut abreast.points);
        }
        if !MASKED || share.iter().any(|&share| share != 0.0) {
            self.entries.near_each(abreast, &opaque[i]);
        }
    }

    /// Adds the errors of those pixels of a row that are farther than two before column `x`, which few kernels hand on.
    #[cold]
    #[inline(never)]
    fn add_earlier<const C: usize>(
        &self,
        row: &Row<D, C>,
        x: usize,
        back: bool,
        share: &[f32; C],
        wanted: &mut [[f32; C]; D],
    ) {
        for (far, part) in (3..).zip(&self.paths.earlier) {
            for d in 0..D {
                let errors = &row[d][if back { x + far } else { x - far }];
                for c in 0..C {
                    wanted[d][c] += errors[c] * (part * share[c]);
                }
            }
        }
    }

    /// Keeps the entries that were found, and their errors.
    #[inline(always)]
    fn settle<I: Index, const C: usize, const MASKED: bool>(&self, i: usize, start: usize, group: &mut Group<I, D, C>) {
        let Group { opaque, shares, fixed, indices, rows, abreast, .. } = group;
        let (row, share) = (&mut rows[self.paths.rows], if MASKED { shares[i] } else { [1.0; C] });
        let x = start + self.paths.margin + i;
        let Abreast { points: wanted, ids: found, .. } = abreast;
        let clear: [bool; C] = std::array::from_fn(|c| D == 4 && wanted[D - 1][c].is_nan());
        for c in 0..C {
            if MASKED && share[c] == 0.0 {
                found[c] = fixed[i][c];
            }
            if clear[c] {
                found[c] = self.clear;
            }
        }
        indices[i] = found.map(I::narrow);
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
    }
}
