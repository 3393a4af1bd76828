//! Position-locked dithering: what a pixel gets depends on its color, its place and the palette alone.

use rayon::prelude::*;

use super::Dither;
use super::reach::{Reach, spacing};
use super::thresholds::Thresholds;
use crate::entries::Entries;
use crate::nearest::{Index, all_opaque, palette_points};
use crate::pixels::{Key, Pixels, Rgba, to_key};
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// What a threshold does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It chooses among entries that together make the color: T. Knoll, "Pattern dithering", US patent 6,606,166 (1999,
    /// expired); J. Yliluoma, "Arbitrary-palette positional dithering algorithm" (2011).
    Mixing,
    /// Those of three places are added to the three coordinates, on the scale of the palette's spacing there, before the
    /// nearest entry is taken.
    Amplitude,
}

/// Entries that make a color: more of few, which lie far apart and have many levels between them.
const MIXED: usize = 16;
const MIXED_OF_FEW: usize = 64;
/// Palettes of no more entries have few.
const FEW: usize = 16;
/// Pixels that are mapped at once.
const BLOCK: usize = 16;
/// Part of the error so far that each next entry is to make up for, at full strength. With all of it entries far from the
/// color join, and noise with them; this still brings the mixture to within a sixteenth of the distance between entries.
/// Of two entries none is farther than the other.
fn haste(palette: usize, entries: usize) -> f32 {
    if palette > 2 { 8.0 / entries as f32 } else { 1.0 }
}

/// Maps pixels to entries of `palette`, in `space`.
pub fn map<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    dither: &Dither,
    thresholds: &Thresholds,
    form: Form,
) -> Vec<I> {
    let points = &palette_points(palette, space)[..];
    if all_opaque(pixels, palette) {
        let entries = Entries::<3>::new(points, space);
        Ordered { pixels, width, points, entries, space, dither, thresholds }.map(palette, form)
    } else {
        let entries = Entries::<4>::new(points, space);
        Ordered { pixels, width, points, entries, space, dither, thresholds }.map(palette, form)
    }
}

struct Ordered<'a, const D: usize> {
    pixels: Pixels<'a>,
    width: usize,
    points: &'a [Point],
    entries: Entries<D>,
    space: Space,
    dither: &'a Dither<'a>,
    thresholds: &'a Thresholds,
}

/// Some pixels of a row.
struct Block {
    points: [Point; BLOCK],
    /// Whether they get opaque entries.
    opaque: [bool; BLOCK],
    /// For each coordinate; mixing has one for all.
    thresholds: [[f32; BLOCK]; 3],
    strengths: [f32; BLOCK],
}

/// Where the thresholds for the coordinates are, from the pixel on: so far apart that they have nothing to do with each
/// other.
const PLACES: [[usize; 2]; 3] = [[0, 0], [23, 41], [47, 17]];

impl<const D: usize> Ordered<'_, D> {
    fn map<I: Index>(&self, palette: &[Rgba], form: Form) -> Vec<I> {
        match form {
            Form::Mixing => {
                let (reach, (order, ranks)) = (Reach::new(self.points), by_lightness(palette));
                self.map_blocks(|block| {
                    let mut planes = [0, 1, 2, 3].map(|d| block.points.map(|point| point[d]));
                    reach.clip(planes.each_mut().map(|plane| &mut plane[..]));
                    let points = std::array::from_fn(|i| planes.map(|plane| plane[i]));
                    vectorized(
                        #[inline(always)]
                        || match palette.len() {
                            ..=FEW => self.mix::<MIXED_OF_FEW>(&points, block, &order, &ranks),
                            _ => self.mix::<MIXED>(&points, block, &order, &ranks),
                        },
                    )
                })
            }
            Form::Amplitude => {
                let spacing = spacing::<1>(self.points);
                self.map_blocks(|block| {
                    vectorized(
                        #[inline(always)]
                        || self.shift(block, &spacing),
                    )
                })
            }
        }
    }

    fn map_blocks<I: Index>(&self, choose: impl Fn(&Block) -> [u32; BLOCK] + Sync) -> Vec<I> {
        let mut indices = vec![I::default(); self.pixels.len()];
        indices.par_chunks_mut(self.width).enumerate().for_each(|(y, row)| {
            for (number, indices) in row.chunks_mut(BLOCK).enumerate() {
                let x = number * BLOCK;
                let block = self.read(x, y, indices.len());
                let chosen = choose(&block);
                for (i, index) in indices.iter_mut().enumerate() {
                    *index = I::narrow(match block.strengths[i] {
                        0.0 => self.entries.nearest(block.points[i], block.opaque[i]),
                        _ => chosen[i],
                    });
                }
            }
        });
        indices
    }

    /// Reads `count` pixels, the first at column `x` of row `y`; transparent ones have no strength.
    fn read(&self, x: usize, y: usize, count: usize) -> Block {
        let at = y * self.width + x;
        let mut block = Block {
            points: [self.points[0]; BLOCK],
            opaque: [false; BLOCK],
            thresholds: [[0.5; BLOCK]; 3],
            strengths: [self.dither.strength; BLOCK],
        };
        for (thresholds, [right, down]) in block.thresholds.iter_mut().zip(PLACES) {
            self.thresholds.write(x + right, y + down, &mut thresholds[..count]);
        }
        let mut keys: [Key; BLOCK] = [0; BLOCK];
        self.pixels.slice(at, at + count).write_keys(&mut keys[..count]);
        self.space.to_points(&keys[..count], &mut block.points[..count]);
        for i in 0..count {
            block.opaque[i] = self.entries.keeps_opaque(block.points[i]);
            if let Some(mask) = self.dither.mask {
                block.strengths[i] *= f32::from(mask[at + i]) / 255.0;
            }
            if keys[i] == 0 {
                block.strengths[i] = 0.0;
            }
        }
        block
    }

    /// Finds entries one by one, each to make up for the error of those before; the threshold chooses among them, from
    /// the darkest to the lightest.
    #[inline(always)]
    fn mix<const N: usize>(
        &self,
        points: &[Point; BLOCK],
        block: &Block,
        order: &[u32],
        ranks: &[u32],
    ) -> [u32; BLOCK] {
        let haste = haste(order.len(), N);
        let mut errors = [[0.0; 4]; BLOCK];
        let mut found = [[0; BLOCK]; N];
        for found in &mut found {
            for i in 0..BLOCK {
                let mut wanted = points[i];
                for d in 0..4 {
                    wanted[d] += errors[i][d] * (block.strengths[i] * haste);
                }
                let index = self.entries.near(wanted, block.opaque[i]) as usize;
                for d in 0..4 {
                    errors[i][d] += points[i][d] - self.points[index][d];
                }
                found[i] = ranks[index];
            }
        }
        sort(&mut found);
        std::array::from_fn(|i| order[found[(block.thresholds[0][i] * N as f32) as usize][i] as usize])
    }

    #[inline(always)]
    fn shift(&self, block: &Block, spacing: &[f32]) -> [u32; BLOCK] {
        let mut chosen = [0; BLOCK];
        for i in 0..BLOCK {
            let mut wanted = block.points[i];
            let (nearest, square) = self.entries.near_and_square(wanted, block.opaque[i]);
            // An entry's own color needs no mixing.
            let strength = if square > 0.0 { block.strengths[i] * spacing[nearest as usize] } else { 0.0 };
            for d in 0..3 {
                wanted[d] += (block.thresholds[d][i] - 0.5) * strength;
            }
            chosen[i] = self.entries.near(wanted, block.opaque[i]);
        }
        chosen
    }
}

/// Indices of a palette from the darkest to the lightest color, and the place of each index there.
fn by_lightness(palette: &[Rgba]) -> (Vec<u32>, Vec<u32>) {
    let mut order: Vec<u32> = (0..palette.len() as u32).collect();
    let lightness: Vec<Point> = palette.iter().map(|&color| Space::Oklab.to_point(to_key(color))).collect();
    order.sort_by(|&a, &b| lightness[a as usize][0].total_cmp(&lightness[b as usize][0]).then(a.cmp(&b)));
    let mut ranks = vec![0; order.len()];
    for (rank, &index) in (0..).zip(&order) {
        ranks[index as usize] = rank;
    }
    (order, ranks)
}

/// Sorts each lane: K. E. Batcher, "Sorting networks and their applications", AFIPS 1968 (odd-even mergesort).
#[inline(always)]
fn sort<const N: usize>(lanes: &mut [[u32; BLOCK]; N]) {
    let mut part = 1;
    while part < N {
        let mut apart = part;
        while apart > 0 {
            let mut start = apart % part;
            while start + apart < N {
                for low in start..(start + apart).min(N - apart) {
                    let high = low + apart;
                    if low / (2 * part) == high / (2 * part) {
                        for i in 0..BLOCK {
                            let (a, b) = (lanes[low][i], lanes[high][i]);
                            lanes[low][i] = a.min(b);
                            lanes[high][i] = a.max(b);
                        }
                    }
                }
                start += 2 * apart;
            }
            apart /= 2;
        }
        part *= 2;
    }
}
