//! Position-locked dithering: what a pixel gets depends on its color, its place and the palette alone.

use rayon::prelude::*;

use super::Dither;
use super::reach::{Reach, gaps};
use super::thresholds::Thresholds;
use crate::abreast::{Abreast, planes};
use crate::entries::Entries;
use crate::index::Index;
use crate::nearest::{all_opaque, palette_points};
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
/// Pixels or colors that are mapped at once.
const BLOCK: usize = 16;
/// Pixels of a band, about, whose distinct colors are mixed once.
const BAND: usize = 1 << 16;
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
        let entries = Entries::<3>::new(points, space, pixels.len());
        Ordered { pixels, width, points, entries, space, dither, thresholds }.map(palette, form)
    } else {
        let entries = Entries::<4>::new(points, space, pixels.len());
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
    /// For each coordinate.
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
                let lightness = by_lightness(palette);
                match palette.len() {
                    ..=FEW => self.map_mixed::<I, MIXED_OF_FEW>(&lightness),
                    _ => self.map_mixed::<I, MIXED>(&lightness),
                }
            }
            Form::Amplitude => self.map_shifted(),
        }
    }

    fn map_shifted<I: Index>(&self) -> Vec<I> {
        let spacing = gaps(self.points);
        let mut indices = vec![I::default(); self.pixels.len()];
        indices.par_chunks_mut(self.width).enumerate().for_each(|(y, row)| {
            for (number, indices) in row.chunks_mut(BLOCK).enumerate() {
                let block = self.read(number * BLOCK, y, indices.len());
                let chosen = vectorized(
                    #[inline(always)]
                    || self.shift(&block, &spacing),
                );
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
            block.strengths[i] *= self.dither.mask.map_or(1.0, |mask| f32::from(mask[at + i]) / 255.0);
            if keys[i] == 0 {
                block.strengths[i] = 0.0;
            }
        }
        block
    }

    /// Mixes each color of a band once, and chooses from its mixture wherever it is.
    fn map_mixed<I: Index, const N: usize>(&self, lightness: &Lightness) -> Vec<I> {
        let reach = Reach::new(self.points);
        let rows = (BAND / self.width).max(1);
        let mut indices = vec![I::default(); self.pixels.len()];
        indices.par_chunks_mut(rows * self.width).enumerate().for_each(|(band, indices)| {
            let start = band * rows * self.width;
            let mut keys = vec![0; indices.len()];
            self.pixels.slice(start, start + indices.len()).write_keys(&mut keys);
            let share = |i: usize| self.dither.mask.map_or(255, |mask| mask[start + i]);
            let (colors, numbers) = distinct(keys.iter().enumerate().map(|(i, &key)| (key, share(i))));
            let mixtures: Vec<[u16; N]> =
                colors.chunks(BLOCK).flat_map(|colors| self.mixtures(colors, &reach, &lightness.ranks)).collect();
            let mut thresholds = vec![0.0; self.width];
            for (y, (row, numbers)) in indices.chunks_mut(self.width).zip(numbers.chunks(self.width)).enumerate() {
                self.thresholds.write(0, band * rows + y, &mut thresholds);
                for ((index, &number), threshold) in row.iter_mut().zip(numbers).zip(&thresholds) {
                    let rank = mixtures[number as usize][(threshold * N as f32) as usize];
                    *index = I::narrow(lightness.order[usize::from(rank)]);
                }
            }
        });
        indices
    }

    /// The entries that make each of up to `BLOCK` colors at a share of the strength, as ranks from the darkest to the
    /// lightest.
    fn mixtures<const N: usize>(&self, colors: &[(Key, u8)], reach: &Reach, ranks: &[u16]) -> Vec<[u16; N]> {
        let mut keys = [0; BLOCK];
        let (mut points, mut opaque, mut strengths) = ([self.points[0]; BLOCK], [false; BLOCK], [0.0; BLOCK]);
        for (i, &(key, share)) in colors.iter().enumerate() {
            keys[i] = key;
            strengths[i] = if key == 0 { 0.0 } else { self.dither.strength * (f32::from(share) / 255.0) };
        }
        self.space.to_points(&keys[..colors.len()], &mut points[..colors.len()]);
        for (opaque, &point) in opaque.iter_mut().zip(&points) {
            *opaque = self.entries.keeps_opaque(point);
        }
        let mut clipped = [0, 1, 2, 3].map(|d| points.map(|point| point[d]));
        reach.clip(clipped.each_mut().map(|plane| &mut plane[..]));
        let mut mixtures = vectorized(
            #[inline(always)]
            || self.mix::<N>(&clipped, &opaque, &strengths, ranks),
        );
        mixtures.truncate(colors.len());
        for (i, mixture) in mixtures.iter_mut().enumerate() {
            if strengths[i] == 0.0 {
                mixture.fill(ranks[self.entries.nearest(points[i], opaque[i]) as usize]);
            }
        }
        mixtures
    }

    /// Finds entries one by one, each to make up for the error of those before.
    #[inline(always)]
    fn mix<const N: usize>(
        &self,
        points: &[[f32; BLOCK]; 4],
        opaque: &[bool; BLOCK],
        strengths: &[f32; BLOCK],
        ranks: &[u16],
    ) -> Vec<[u16; N]> {
        let haste = haste(ranks.len(), N);
        let mut abreast = Abreast::<D, BLOCK>::default();
        let mut errors = [[0.0; BLOCK]; D];
        let mut found = [[0; BLOCK]; N];
        for found in &mut found {
            planes::<D>(
                #[inline(always)]
                |d| {
                    for i in 0..BLOCK {
                        abreast.points[d][i] = points[d][i] + errors[d][i] * (strengths[i] * haste);
                    }
                },
            );
            self.entries.near_each(&mut abreast, opaque);
            for i in 0..BLOCK {
                let index = abreast.ids[i] as usize;
                let entry = self.points[index];
                for d in 0..D {
                    errors[d][i] += points[d][i] - entry[d];
                }
                found[i] = u32::from(ranks[index]);
            }
        }
        sort(&mut found);
        (0..BLOCK).map(|i| found.map(|ranks| ranks[i] as u16)).collect()
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
struct Lightness {
    order: Vec<u32>,
    ranks: Vec<u16>,
}

fn by_lightness(palette: &[Rgba]) -> Lightness {
    let mut order: Vec<u32> = (0..palette.len() as u32).collect();
    let lightness: Vec<Point> = palette.iter().map(|&color| Space::Oklab.to_point(to_key(color))).collect();
    order.sort_by(|&a, &b| lightness[a as usize][0].total_cmp(&lightness[b as usize][0]).then(a.cmp(&b)));
    let mut ranks = vec![0; order.len()];
    for (rank, &index) in order.iter().enumerate() {
        ranks[index as usize] = rank as u16;
    }
    Lightness { order, ranks }
}

/// The distinct ones of a series, in the order they come, and the number of each one's.
fn distinct(series: impl ExactSizeIterator<Item = (Key, u8)>) -> (Vec<(Key, u8)>, Vec<u32>) {
    let bits = (2 * series.len()).next_power_of_two().ilog2();
    let mut places = vec![u32::MAX; 1 << bits];
    let mut distinct: Vec<(Key, u8)> = Vec::new();
    let number = |one: (Key, u8)| {
        // D. E. Knuth, "The art of computer programming", volume 3, 6.4: multiply by the golden ratio, keep the first bits.
        let mut place = (one.0 ^ u32::from(one.1) << 12).wrapping_mul(0x9E37_79B9) as usize >> (32 - bits);
        loop {
            match places[place] {
                u32::MAX => {
                    places[place] = distinct.len() as u32;
                    distinct.push(one);
                    return places[place];
                }
                number if distinct[number as usize] == one => return number,
                _ => place = (place + 1) % places.len(),
            }
        }
    };
    let numbers = series.map(number).collect();
    (distinct, numbers)
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
