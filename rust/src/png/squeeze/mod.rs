//! Deflate (RFC 1951) that takes its time: rows are parsed again and again for the codes of the last time, and cut into
//! blocks where other codes pay.
//!
//! Each time the cheapest way through the data is found, as J. Alakuijala and L. Vandevenne do ("Data compression using
//! Zopfli", 2013). Matches are sought once, blocks are cut by dynamic programming over places between symbols, and all
//! blocks are parsed at once, each by its codes, so that cuts may move from time to time.

mod blocks;
mod codes;
mod matches;
mod parse;

use blocks::{Block, cut};
use codes::{Bits, Codes, END, distance_symbol, length_symbol};
use matches::Matches;
use parse::{Costs, parse};

/// Times in a row that gain nothing, after which it ends.
const IN_VAIN: usize = 2;

/// A literal, or a match.
#[derive(Clone, Copy)]
struct Step {
    /// Bytes of the match, 1 of a literal.
    length: u16,
    /// How far back, 0 of a literal.
    distance: u16,
}

/// Data on its way to the fewest bits.
pub struct Squeeze<'a> {
    data: &'a [u8],
    matches: Matches,
    /// What comes next.
    steps: Vec<Step>,
    best: Way,
    in_vain: usize,
}

/// A way through the data, and the bits it takes.
struct Way {
    bits: u64,
    steps: Vec<Step>,
    blocks: Vec<Block>,
}

impl<'a> Squeeze<'a> {
    /// Parses `data` for codes that are guessed, and for those of that.
    pub fn of(data: &'a [u8]) -> Self {
        let matches = Matches::of(data);
        let best = Way::of(data, parse(data, &matches, &[(data.len(), Costs::guessed(data))], &[]));
        let steps = best.next(data, &matches);
        Self { data, matches, steps, best, in_vain: 0 }
    }

    /// Parses it so many times more, unless that gains nothing any more.
    pub fn go_on(&mut self, times: usize) {
        for _ in 0..times {
            if self.in_vain == IN_VAIN {
                break;
            }
            let way = Way::of(self.data, std::mem::take(&mut self.steps));
            self.steps = way.next(self.data, &self.matches);
            let is_better = way.bits < self.best.bits;
            self.in_vain = if is_better { 0 } else { self.in_vain + 1 };
            if is_better {
                self.best = way;
            }
        }
    }

    /// What is packed.
    pub fn data(&self) -> &[u8] {
        self.data
    }

    /// The fewest bytes so far of a deflate stream.
    pub fn len(&self) -> usize {
        self.best.bits.div_ceil(8) as usize
    }

    /// That stream.
    pub fn deflate(&self) -> Vec<u8> {
        write(self.data, &self.best.steps, &self.best.blocks)
    }

    /// The same as a zlib stream (RFC 1950).
    pub fn zlib(&self) -> Vec<u8> {
        let mut packed = vec![0x78, 0xDA];
        packed.extend(self.deflate());
        packed.extend(libdeflater::adler32(self.data).to_be_bytes());
        packed
    }
}

impl Way {
    fn of(data: &[u8], steps: Vec<Step>) -> Self {
        let blocks = cut(data, &steps);
        let bits = blocks.iter().map(|block| Codes::of(&block.counts).bits(&block.counts)).sum::<u64>() + extra(&steps);
        Self { bits, steps, blocks }
    }

    /// The cheapest way for the codes of this one.
    fn next(&self, data: &[u8], matches: &Matches) -> Vec<Step> {
        let costs: Vec<_> = self.blocks.iter().map(|block| (block.end, Costs::of(&block.counts))).collect();
        parse(data, matches, &costs, &self.steps)
    }
}

/// Bits that say more than symbols do.
fn extra(steps: &[Step]) -> u64 {
    let more = |step: &Step| match step.distance {
        0 => 0,
        distance => length_symbol(usize::from(step.length)).1 + distance_symbol(usize::from(distance)).1,
    };
    steps.iter().map(|step| u64::from(more(step))).sum()
}

fn write(data: &[u8], steps: &[Step], blocks: &[Block]) -> Vec<u8> {
    let mut bits = Bits::default();
    let (mut place, mut first) = (0, 0);
    for (number, block) in blocks.iter().enumerate() {
        let codes = Codes::of(&block.counts);
        codes.write(&mut bits, number + 1 == blocks.len());
        let (symbols, distances) = (codes::canonical(&codes.symbols), codes::canonical(&codes.distances));
        for step in &steps[first..block.last_step] {
            match step.distance {
                0 => {
                    let symbol = usize::from(data[place]);
                    bits.put(symbols[symbol], u32::from(codes.symbols[symbol]));
                }
                distance => {
                    let (symbol, extra, past) = length_symbol(usize::from(step.length));
                    bits.put(symbols[symbol], u32::from(codes.symbols[symbol]));
                    bits.put(past, extra);
                    let (symbol, extra, past) = distance_symbol(usize::from(distance));
                    bits.put(distances[symbol], u32::from(codes.distances[symbol]));
                    bits.put(past, extra);
                }
            }
            place += usize::from(step.length);
        }
        bits.put(symbols[END], u32::from(codes.symbols[END]));
        first = block.last_step;
    }
    bits.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn deflate(data: &[u8], times: usize) -> Vec<u8> {
        let mut squeeze = Squeeze::of(data);
        squeeze.go_on(times);
        assert_eq!(squeeze.len(), squeeze.deflate().len());
        squeeze.deflate()
    }

    fn zlib(data: &[u8], times: usize) -> Vec<u8> {
        let mut squeeze = Squeeze::of(data);
        squeeze.go_on(times);
        squeeze.zlib()
    }

    /// By two decoders that share nothing with each other or with this encoder.
    fn inflated(packed: &[u8], size: usize) -> Vec<u8> {
        let data = miniz_oxide::inflate::decompress_to_vec_zlib(packed).expect("zlib");
        let mut again = vec![0; size];
        let read = libdeflater::Decompressor::new().zlib_decompress(packed, &mut again).expect("zlib");
        assert_eq!((&data, data.len()), (&again, read));
        data
    }

    #[test]
    fn of_every_small_size() {
        for size in (0..40).chain(250..270) {
            for data in
                [vec![7; size], (0..size).map(|i| i as u8).collect(), (0..size).map(|i| (i % 2) as u8).collect()]
            {
                assert_eq!(inflated(&zlib(&data, 3), size), data);
            }
        }
    }

    /// Codes of up to 15 bits do not suffice for the best ones.
    #[test]
    fn bytes_of_which_each_is_as_frequent_as_all_rarer_ones() {
        let mut data: Vec<u8> = (0..17u8).flat_map(|byte| vec![byte; 1 << byte]).collect();
        let size = data.len();
        // In an order with hardly a match.
        for i in (1..size).rev() {
            data.swap(i, (i.wrapping_mul(2_654_435_761) >> 7) % (i + 1));
        }
        assert_eq!(inflated(&zlib(&data, 2), size), data);
    }

    /// More bytes than a window has: noise that comes back just before it is out of reach and just after, zeros, and dots,
    /// which begin alike more often than is looked.
    #[test]
    fn more_than_a_window() {
        let mut noise = 1u32;
        let mut random = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 16) as u8
        };
        let (part, dots): (Vec<u8>, Vec<u8>) = (0..300_000).map(|_| (random(), u8::from(random() < 25))).unzip();
        let near = part[..32 << 10].repeat(3);
        let far = part[..(32 << 10) + 1].repeat(3);
        let (near_size, far_size) = (zlib(&near, 1).len(), zlib(&far, 1).len());
        assert!(near_size < 34_000 && far_size > 98_000, "{near_size} {far_size}");
        for data in [near, far, vec![0; 300_000], dots] {
            assert_eq!(inflated(&zlib(&data, 1), data.len()), data);
        }
    }

    proptest! {
        #[test]
        fn inflating_gives_back_the_data(
            noise in prop::collection::vec(any::<u8>(), 0..3000),
            (levels, repeats, times) in (1u8..=255, 1usize..30, 1usize..4),
        ) {
            let data: Vec<u8> = noise.iter().map(|byte| byte % levels).cycle().take(noise.len() * repeats).collect();
            let packed = zlib(&data, times);
            prop_assert_eq!(inflated(&packed, data.len()), data);
        }
    }

    /// Words of which some are drawn again and again, others in places, and a slope.
    fn picture() -> Vec<u8> {
        let mut noise = 1u32;
        let mut random = |most: u32| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 8) % most
        };
        let words: Vec<Vec<u8>> =
            (0..200).map(|i| (0..3 + random(9)).map(|_| (20 * (i / 50) + random(30)) as u8).collect()).collect();
        let mut data = vec![];
        for part in 0..8 {
            for _ in 0..400 {
                let word = random(60) * random(3) + 10 * part;
                data.extend(&words[word as usize]);
                data.extend(vec![0; random(12) as usize * (part as usize % 2)]);
            }
            data.extend((0..900).map(|x| (x / 9 + random(2)) as u8));
        }
        data
    }

    #[test]
    fn it_is_smaller_than_what_a_near_optimal_matcher_makes() {
        let data = picture();
        let (quick, slow) = (crate::deflate::deflate(&data, 12), deflate(&data, 8));
        assert!(slow.len() < quick.len(), "{} {}", slow.len(), quick.len());
    }

    #[test]
    fn more_times_are_no_larger() {
        let data = picture();
        let sizes: Vec<usize> = [1, 2, 4, 12].into_iter().map(|times| deflate(&data, times).len()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    }

    #[test]
    fn what_is_unlike_gets_other_codes() {
        let data: Vec<u8> = (0..60_000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 28) as u8 + if i < 30_000 { 0 } else { 100 })
            .collect();
        let matches = Matches::of(&data);
        let steps = parse(&data, &matches, &[(data.len(), Costs::guessed(&data))], &[]);
        assert!(cut(&data, &steps).len() > 1);
    }
}
