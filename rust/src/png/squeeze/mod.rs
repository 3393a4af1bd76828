//! Deflate (RFC 1951) that takes its time: rows are parsed again and again for the codes of the last time, and cut into
//! blocks where other codes pay.
//!
//! Each time the cheapest way through the data is found, as J. Alakuijala and L. Vandevenne do ("Data compression using
//! Zopfli", 2013). Matches are sought once, blocks are cut by dynamic programming over places between symbols, and all
//! blocks are parsed at once, each by its codes, so that cuts may move from time to time.

mod codes;
mod matches;

use codes::{Bits, Codes, Counts, END, LONGEST, SHORTEST, distance_symbol, length_symbol};
use matches::Matches;

/// Places between symbols where blocks may end; fewer where there are few symbols.
const PLACES: usize = 100;
const FEWEST: usize = 24;
/// Times in a row that gain nothing, after which it ends.
const IN_VAIN: usize = 2;
/// Bits of what says where a block begins and which codes it has, beside what `Counts::about` counts of these.
const BLOCK: f32 = 100.0;

/// A literal, or a match.
#[derive(Clone, Copy)]
struct Step {
    /// Bytes of the match, 1 of a literal.
    length: u16,
    /// How far back, 0 of a literal.
    distance: u16,
}

/// What the symbols of a block cost, in bits.
#[derive(Clone)]
struct Costs {
    literals: [f32; 256],
    /// For each length, with its extra bits.
    lengths: [f32; LONGEST + 1],
    /// For each symbol, with its extra bits.
    distances: [f32; codes::DISTANCES],
}

/// A block: where its bytes end, and its steps.
#[derive(Clone)]
struct Block {
    end: usize,
    last_step: usize,
    counts: Counts,
}

/// Packs `data` into a zlib stream (RFC 1950), parsed up to `times`.
pub fn zlib(data: &[u8], times: usize) -> Vec<u8> {
    let mut packed = vec![0x78, 0xDA];
    packed.extend(deflate(data, times));
    packed.extend(libdeflater::adler32(data).to_be_bytes());
    packed
}

/// Packs `data` into a deflate stream, parsed up to `times`.
pub fn deflate(data: &[u8], times: usize) -> Vec<u8> {
    let matches = Matches::of(data);
    let mut steps = parse(data, &matches, &[(data.len(), Costs::guessed(data))]);
    let mut best: Option<(u64, Vec<Step>, Vec<Block>)> = None;
    let mut in_vain = 0;
    for _ in 0..=times {
        let blocks = cut(data, &steps);
        let bits = blocks.iter().map(|block| Codes::of(&block.counts).bits(&block.counts)).sum::<u64>() + extra(&steps);
        let costs: Vec<_> = blocks.iter().map(|block| (block.end, Costs::of(&block.counts))).collect();
        let next = parse(data, &matches, &costs);
        in_vain = if best.as_ref().is_none_or(|best| bits < best.0) { 0 } else { in_vain + 1 };
        if in_vain == 0 {
            best = Some((bits, steps, blocks));
        } else if in_vain == IN_VAIN {
            break;
        }
        steps = next;
    }
    let (_, steps, blocks) = best.expect("it is parsed once");
    write(data, &steps, &blocks)
}

impl Costs {
    /// Before anything is known: literals are a bit dearer than codes of single bytes are.
    fn guessed(data: &[u8]) -> Self {
        const DEARER: f32 = 1.0;
        const LENGTH: f32 = 5.0;
        const DISTANCE: f32 = 5.0;
        let mut counts = Counts::NONE;
        data.iter().for_each(|&byte| counts.symbols[usize::from(byte)] += 1);
        let mut costs = Self {
            literals: Self::of(&counts).literals.map(|bits| bits + DEARER),
            lengths: [LENGTH; LONGEST + 1],
            distances: [DISTANCE; codes::DISTANCES],
        };
        costs.add_extra();
        costs
    }

    /// What symbols cost that were used so often; others as if used half a time.
    fn of(counts: &Counts) -> Self {
        let bits = |counts: &[u32]| {
            let total = libm::log2f(counts.iter().sum::<u32>().max(1) as f32);
            move |count: u32| (total - libm::log2f(if count > 0 { count as f32 } else { 0.5 })).max(0.5)
        };
        let (symbol, distance) = (bits(&counts.symbols), bits(&counts.distances));
        let mut costs = Self {
            literals: std::array::from_fn(|i| symbol(counts.symbols[i])),
            lengths: [0.0; LONGEST + 1],
            distances: std::array::from_fn(|i| distance(counts.distances[i])),
        };
        for length in SHORTEST..=LONGEST {
            costs.lengths[length] = symbol(counts.symbols[length_symbol(length).0]);
        }
        costs.add_extra();
        costs
    }

    fn add_extra(&mut self) {
        for length in SHORTEST..=LONGEST {
            self.lengths[length] += length_symbol(length).1 as f32;
        }
        for (symbol, cost) in self.distances.iter_mut().enumerate() {
            *cost += (symbol as u32 / 2).saturating_sub(1) as f32;
        }
    }
}

/// The cheapest way through the data, where costs are those of blocks, each up to its end.
fn parse(data: &[u8], matches: &Matches, costs: &[(usize, Costs)]) -> Vec<Step> {
    let mut least = vec![f32::INFINITY; data.len() + 1];
    let mut last = vec![Step { length: 1, distance: 0 }; data.len() + 1];
    least[0] = 0.0;
    let mut place = 0;
    for (end, costs) in costs {
        while place < *end {
            let here = least[place];
            let found = matches.at(place);
            let behind = if place > 0 && least[place - 1] <= here { matches.at(place - 1) } else { &[] };
            let cost = here + costs.literals[usize::from(data[place])];
            if cost < least[place + 1] {
                (least[place + 1], last[place + 1]) = (cost, Step { length: 1, distance: 0 });
            }
            let mut length = SHORTEST;
            for &(longest, before) in found {
                let longest = usize::from(longest);
                let step = Step { length: 0, distance: before + 1 };
                let cost = here + costs.distances[distance_symbol(usize::from(step.distance)).0];
                // What a match that begins a byte before reaches as well need not be tried again.
                let is_known = behind
                    .iter()
                    .any(|&(other, nearer)| usize::from(other) >= LONGEST.min(longest + 1) && nearer <= before);
                for length in if is_known { length.max(longest) } else { length }..=longest {
                    let cost = cost + costs.lengths[length];
                    if cost < least[place + length] {
                        (least[place + length], last[place + length]) = (cost, Step { length: length as u16, ..step });
                    }
                }
                length = longest + 1;
            }
            place += 1;
        }
    }
    let mut steps = vec![];
    let mut place = data.len();
    while place > 0 {
        steps.push(last[place]);
        place -= usize::from(last[place].length);
    }
    steps.reverse();
    steps
}

/// Cuts steps into the blocks that take the fewest bits.
fn cut(data: &[u8], steps: &[Step]) -> Vec<Block> {
    let apart = steps.len().div_ceil(PLACES).max(FEWEST);
    let mut counts = Counts::NONE;
    let mut place = 0;
    // What comes before each place where blocks may end.
    let mut before = vec![Block { end: 0, last_step: 0, counts: counts.clone() }];
    for (number, step) in (1..).zip(steps) {
        match step.distance {
            0 => counts.symbols[usize::from(data[place])] += 1,
            distance => {
                counts.symbols[length_symbol(usize::from(step.length)).0] += 1;
                counts.distances[distance_symbol(usize::from(distance)).0] += 1;
            }
        }
        place += usize::from(step.length);
        if number % apart == 0 || number == steps.len() {
            before.push(Block { end: place, last_step: number, counts: counts.clone() });
        }
    }
    if steps.is_empty() {
        // A block of nothing but its end.
        before.push(Block { end: 0, last_step: 0, counts: counts.clone() });
    }
    let mut least = vec![(f32::INFINITY, 0); before.len()];
    least[0].0 = 0.0;
    for to in 1..before.len() {
        for from in 0..to {
            let bits = least[from].0 + BLOCK + Counts::between(&before[from].counts, &before[to].counts).about();
            if bits < least[to].0 {
                least[to] = (bits, from);
            }
        }
    }
    let mut ends = vec![];
    let mut to = before.len() - 1;
    while to > 0 {
        ends.push(to);
        to = least[to].1;
    }
    ends.push(0);
    ends.reverse();
    joined(ends, |from, to| {
        let counts = Counts::between(&before[from].counts, &before[to].counts);
        let bits = Codes::of(&counts).bits(&counts);
        (bits, Block { counts, ..before[to].clone() })
    })
}

/// Blocks between some `ends`, those beside each other as one where that takes no more bits: where most is gained first.
fn joined(mut ends: Vec<usize>, block: impl Fn(usize, usize) -> (u64, Block)) -> Vec<Block> {
    let many = |ends: &[usize], apart: usize| -> Vec<_> {
        (0..ends.len().saturating_sub(apart)).map(|i| block(ends[i], ends[i + apart])).collect()
    };
    let (mut single, mut double) = (many(&ends, 1), many(&ends, 2));
    let gain = |i: usize, single: &[(u64, Block)], double: &[(u64, Block)]| {
        (single[i].0 + single[i + 1].0).checked_sub(double[i].0)
    };
    while let Some((_, at)) = (0..double.len())
        .filter_map(|i| gain(i, &single, &double).map(|gain| (gain, i)))
        .max_by_key(|&(gain, i)| (gain, std::cmp::Reverse(i)))
    {
        ends.remove(at + 1);
        single.remove(at);
        single[at] = double.remove(at);
        for i in at.saturating_sub(1)..(at + 1).min(double.len()) {
            double[i] = block(ends[i], ends[i + 2]);
        }
    }
    single.into_iter().map(|(_, block)| block).collect()
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
        let steps = parse(&data, &matches, &[(data.len(), Costs::guessed(&data))]);
        assert!(cut(&data, &steps).len() > 1);
    }
}
