//! An order of colors in which near ones stand together.

use std::sync::Arc;

use rayon::prelude::*;

use crate::pixels::Rgba;
use crate::ranks::{Ranks, Run, cells_of};
use crate::simd::vectorized;

/// The order of the points: by the upper three bits of red, green and blue, then by the upper bits of alpha where it
/// differs, then by the other bits of the colors, interleaved.
pub struct Order {
    spread: [[u32; 256]; 3],
    alpha: [u32; 256],
    /// Whether no two colors have the same code.
    opaque: bool,
}

/// Bits of a channel.
const CHANNEL_BITS: u32 = 8;
/// Bits of red that sort slabs; they lead in the order of colors and of codes alike.
const SLAB_BITS: u32 = 3;
/// Bits of the code of an opaque color among such: no two have the same.
pub const CODE_BITS: u32 = 3 * CHANNEL_BITS;
/// Bits that the codes of opaque colors share in cells of 4x4x4.
pub const CELL_BITS: u32 = 3 * (CHANNEL_BITS - 2);
/// Such cells.
pub const CELLS: usize = 1 << CELL_BITS;
/// The colors of each.
pub const CELL: usize = 1 << (CODE_BITS - CELL_BITS);
/// Slabs of red.
pub const SLABS: usize = 1 << SLAB_BITS;

impl Order {
    /// The order for these colors, and how many bits its codes have.
    pub fn of(colors: &[Rgba]) -> (Self, u32) {
        Self::where_opaque(colors.iter().fold(0xFF, |all, color| all & color[3]) == 0xFF)
    }

    /// The order for opaque colors.
    pub fn opaque() -> Self {
        Self::where_opaque(true).0
    }

    fn where_opaque(opaque: bool) -> (Self, u32) {
        let alpha_bits = if opaque { 0 } else { 3 };
        let mut order = Self { spread: [[0; 256]; 3], alpha: [0; 256], opaque };
        let rest = CHANNEL_BITS - SLAB_BITS;
        for value in 0..256u32 {
            for channel in 0..3u32 {
                let upper = (value >> (8 - SLAB_BITS)) << (SLAB_BITS * (2 - channel));
                let mut code = upper << (3 * rest + alpha_bits);
                for bit in 0..rest {
                    let set = value >> (8 - SLAB_BITS - rest + bit) & 1;
                    code |= set << (3 * bit + 2 - channel);
                }
                order.spread[channel as usize][value as usize] = code;
            }
            order.alpha[value as usize] = if opaque { 0 } else { (value >> 5) << (3 * rest) };
        }
        (order, CODE_BITS + alpha_bits)
    }

    /// The code of a color.
    #[inline(always)]
    pub fn code(&self, color: Rgba) -> u32 {
        let [r, g, b, a] = color.map(usize::from);
        self.spread[0][r] | self.spread[1][g] | self.spread[2][b] | self.alpha[a]
    }

    /// Colors, ascending, of each slab, and where it starts: their codes lead with its number.
    pub fn slabs<'a>(&self, colors: &'a [Rgba]) -> Vec<(usize, &'a [Rgba])> {
        let mut start = 0;
        let slab = |slab: usize| {
            let end = start + colors[start..].partition_point(|color| usize::from(color[0]) * SLABS / 256 <= slab);
            let run = (start, &colors[start..end]);
            start = end;
            run
        };
        (0..SLABS).map(slab).collect()
    }

    /// The codes of `colors`, ascending, and which color each is of; and the ranks where all are opaque. Colors ascend:
    /// each slab of red is a run already.
    pub fn sort(&self, colors: &[Rgba]) -> Sorted {
        let (mut codes, mut numbers) = (vec![0; colors.len()], vec![0; colors.len()]);
        let (mut rest_codes, mut rest_numbers) = (&mut codes[..], &mut numbers[..]);
        let mut slabs = Vec::new();
        for (number, (start, colors)) in self.slabs(colors).into_iter().enumerate() {
            let (slab_codes, slab_numbers);
            (slab_codes, rest_codes) = rest_codes.split_at_mut(colors.len());
            (slab_numbers, rest_numbers) = rest_numbers.split_at_mut(colors.len());
            slabs.push(Slab { number, start, colors, codes: slab_codes, numbers: slab_numbers });
        }
        let sort = |mut slab: Slab| match self.opaque {
            false => {
                slab.sort(self);
                Vec::new()
            }
            true if slab.colors.len() < FEW => {
                slab.sort(self);
                cells_of(slab.codes, slab.start)
            }
            true => vectorized(
                #[inline(always)]
                || slab.rank(self),
            ),
        };
        let cells: Vec<Vec<(usize, Run)>> = slabs.into_par_iter().with_max_len(1).map(sort).collect();
        Sorted { codes, numbers, ranks: self.opaque.then(|| Arc::new(Ranks::new(&cells))) }
    }
}

/// Colors in the order of their codes.
pub struct Sorted {
    /// The codes, ascending.
    pub codes: Vec<u32>,
    /// Which color each is of.
    pub numbers: Vec<u32>,
    /// Where the codes are, of opaque colors.
    pub ranks: Option<Arc<Ranks>>,
}

/// Colors that share the leading bits of red, and where their codes go.
struct Slab<'a> {
    number: usize,
    /// The number of the first color.
    start: usize,
    colors: &'a [Rgba],
    codes: &'a mut [u32],
    numbers: &'a mut [u32],
}

/// Where a slab has fewer colors, they are sorted: to go through all of its cells would take longer.
const FEW: usize = 1 << 12;
/// Cells of a slab.
const SLAB_CELLS: usize = CELLS / SLABS;

impl Slab<'_> {
    fn sort(&mut self, order: &Order) {
        let colors = self.colors.iter().zip(self.start as u64..);
        let mut pairs: Vec<u64> = colors.map(|(&color, i)| u64::from(order.code(color)) << 32 | i).collect();
        sort_by_code(&mut pairs);
        for (pair, (code, number)) in pairs.into_iter().zip(self.codes.iter_mut().zip(&mut *self.numbers)) {
            (*code, *number) = ((pair >> 32) as u32, pair as u32);
        }
    }

    /// Sorts opaque colors, no two of which have the same code, by how many codes are below; returns their cells.
    #[inline(always)]
    fn rank(&mut self, order: &Order) -> Vec<(usize, Run)> {
        let mut all = vec![Run::default(); SLAB_CELLS];
        let codes: Vec<u32> = self.colors.iter().map(|&color| order.code(color)).collect();
        for &code in &codes {
            all[code as usize / CELL % SLAB_CELLS].present |= 1 << (code as usize % CELL);
        }
        let mut cells = Vec::new();
        let mut start = self.start as u32;
        for (cell, run) in all.iter_mut().enumerate().filter(|(_, run)| run.present != 0) {
            run.start = start;
            start += run.present.count_ones();
            cells.push((self.number * SLAB_CELLS + cell, *run));
        }
        for (&code, number) in codes.iter().zip(self.start..) {
            let (at, _) = all[code as usize / CELL % SLAB_CELLS].find(code as usize);
            (self.codes[at - self.start], self.numbers[at - self.start]) = (code, number as u32);
        }
        cells
    }
}

/// Bits in which codes order as colors do where all above are the same.
const ORDERED_BITS: usize = 3;

/// Radix sort by the upper half, stable, of pairs that ascend where only its last `ORDERED_BITS` differ.
fn sort_by_code(pairs: &mut Vec<u64>) {
    let (some, all) = pairs.iter().fold((0, u64::MAX), |(some, all), &pair| (some | pair >> 32, all & pair >> 32));
    let mut sorted = vec![0; pairs.len()];
    let mut next = [0u32; 1 << DIGIT];
    for shift in (ORDERED_BITS..u32::BITS as usize).step_by(DIGIT) {
        let of = |pair: u64| (pair >> (32 + shift)) as usize & ((1 << DIGIT) - 1);
        if of((some ^ all) << 32) == 0 {
            continue;
        }
        next.fill(0);
        for &pair in pairs.iter() {
            next[of(pair)] += 1;
        }
        let mut start = 0;
        for next in &mut next {
            start += std::mem::replace(next, start);
        }
        for &pair in pairs.iter() {
            let slot = &mut next[of(pair)];
            sorted[*slot as usize] = pair;
            *slot += 1;
        }
        std::mem::swap(pairs, &mut sorted);
    }
}

/// Bits of a code that are sorted by at once.
const DIGIT: usize = 9;
