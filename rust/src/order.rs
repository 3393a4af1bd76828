//! An order of colors in which near ones stand together.

use rayon::prelude::*;

use crate::pixels::Rgba;

/// The order of the points: by the upper three bits of red, green and blue, then by the upper bits of alpha where it
/// differs, then by the other bits of the colors, interleaved.
pub struct Order {
    spread: [[u32; 256]; 3],
    alpha: [u32; 256],
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
        let mut order = Self { spread: [[0; 256]; 3], alpha: [0; 256] };
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

    /// The codes of `colors`, ascending, and which color each is of. Colors ascend: each slab of red is a run already.
    pub fn sort(&self, colors: &[Rgba]) -> (Vec<u32>, Vec<u32>) {
        let (mut codes, mut numbers) = (vec![0; colors.len()], vec![0; colors.len()]);
        let (mut rest_codes, mut rest_numbers) = (&mut codes[..], &mut numbers[..]);
        let mut slabs = Vec::new();
        for (start, colors) in self.slabs(colors) {
            let (slab_codes, slab_numbers);
            (slab_codes, rest_codes) = rest_codes.split_at_mut(colors.len());
            (slab_numbers, rest_numbers) = rest_numbers.split_at_mut(colors.len());
            slabs.push((start, colors, slab_codes, slab_numbers));
        }
        slabs.into_par_iter().with_max_len(1).for_each(|(first, colors, codes, numbers)| {
            let mut pairs: Vec<u64> =
                colors.iter().zip(first as u64..).map(|(&color, i)| u64::from(self.code(color)) << 32 | i).collect();
            sort_by_code(&mut pairs);
            for (pair, (code, number)) in pairs.into_iter().zip(codes.iter_mut().zip(numbers)) {
                (*code, *number) = ((pair >> 32) as u32, pair as u32);
            }
        });
        (codes, numbers)
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
