//! Codes of a deflate block, and the bits they take (RFC 1951, 3.2.5 to 3.2.7).

use std::sync::LazyLock;

/// Symbols of literals and lengths, and of distances.
pub const SYMBOLS: usize = 286;
pub const DISTANCES: usize = 30;
/// The symbol behind which a block ends.
pub const END: usize = 256;
/// Bytes of the shortest and of the longest match.
pub const SHORTEST: usize = 3;
pub const LONGEST: usize = 258;

/// Bits of the longest code of a symbol, and of that of a code length.
const MOST: usize = 15;
const MOST_OF_LENGTHS: usize = 7;
/// The order in which code lengths of code lengths are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// How often symbols are used in a block.
#[derive(Clone, PartialEq)]
pub struct Counts {
    /// Of literals, the end and lengths.
    pub symbols: [u32; SYMBOLS],
    /// Of distances.
    pub distances: [u32; DISTANCES],
}

/// The symbol of a length, its extra bits, and what they say.
pub fn length_symbol(length: usize) -> (usize, u32, u32) {
    let past = (length - SHORTEST) as u32;
    match past {
        255 => (285, 0, 0),
        ..=7 => (257 + past as usize, 0, 0),
        _ => {
            let extra = past.ilog2() - 2;
            (257 + 4 * extra as usize + (past >> extra) as usize, extra, past & ((1 << extra) - 1))
        }
    }
}

/// The symbol of a distance, its extra bits, and what they say.
pub fn distance_symbol(distance: usize) -> (usize, u32, u32) {
    let past = (distance - 1) as u32;
    match past {
        ..=3 => (past as usize, 0, 0),
        _ => {
            let extra = past.ilog2() - 1;
            (2 * extra as usize + (past >> extra) as usize, extra, past & ((1 << extra) - 1))
        }
    }
}

impl Counts {
    /// Of nothing.
    pub const NONE: Self = Self { symbols: [0; SYMBOLS], distances: [0; DISTANCES] };

    /// Of what comes between two places, where all before each is counted.
    pub fn between(before: &Self, after: &Self) -> Self {
        let mut counts = after.clone();
        counts.symbols.iter_mut().zip(&before.symbols).for_each(|(count, less)| *count -= less);
        counts.distances.iter_mut().zip(&before.distances).for_each(|(count, less)| *count -= less);
        counts.symbols[END] = 1;
        counts
    }

    /// About the bits of a block, without what extra bits take.
    pub fn about(&self) -> f32 {
        entropy(&self.symbols) + entropy(&self.distances)
    }
}

/// Bits of symbols by the best of codes, and about those that say which.
fn entropy(counts: &[u32]) -> f32 {
    const SAID: f32 = 4.0;
    let (mut total, mut bits, mut used) = (0, 0.0, 0);
    for &count in counts.iter().filter(|&&count| count > 0) {
        total += count;
        bits -= times_log(count);
        used += 1;
    }
    bits + times_log(total) + SAID * used as f32
}

/// A number times its binary logarithm.
fn times_log(number: u32) -> f32 {
    static KNOWN: LazyLock<Vec<f32>> = LazyLock::new(|| {
        (0..4096).map(|number| number as f32 * if number > 0 { libm::log2f(number as f32) } else { 0.0 }).collect()
    });
    KNOWN.get(number as usize).copied().unwrap_or_else(|| number as f32 * libm::log2f(number as f32))
}

/// The codes of a block, and how they are written.
pub struct Codes {
    /// Bits of each code; 0 of what is not used.
    pub symbols: Vec<u8>,
    /// The same of distances.
    pub distances: Vec<u8>,
    /// Code lengths as they are written: symbol, extra bits, what they say.
    said: Vec<(u8, u32, u32)>,
    /// Bits of the codes of these.
    said_bits: Vec<u8>,
}

impl Codes {
    /// Those with which a block takes the fewest bits, what says which they are included: where symbols beside each other
    /// are used about as often, codes equally long are said in fewer bits.
    pub fn of(counts: &Counts) -> Self {
        let ways = EVENED.into_iter().map(|apart| {
            let even = Counts { symbols: evened(&counts.symbols, apart), distances: evened(&counts.distances, apart) };
            Self::shortest(&even)
        });
        ways.min_by_key(|codes| codes.bits(counts)).expect("several")
    }

    /// The shortest for some counts.
    fn shortest(counts: &Counts) -> Self {
        let trimmed = |mut bits: Vec<u8>, least: usize| {
            let used = bits.iter().rposition(|&bits| bits > 0).map_or(0, |last| last + 1);
            bits.truncate(used.max(least));
            bits
        };
        let symbols = trimmed(lengths(&counts.symbols, MOST), END + 1);
        let distances = trimmed(lengths(&counts.distances, MOST), 1);
        let said = runs(&[&symbols[..], &distances[..]].concat());
        let mut counts = [0; 19];
        said.iter().for_each(|&(symbol, ..)| counts[usize::from(symbol)] += 1);
        Self { symbols, distances, said_bits: lengths(&counts, MOST_OF_LENGTHS), said }
    }

    /// Bits of what says which codes these are.
    fn header(&self) -> u64 {
        let said: u64 = self
            .said
            .iter()
            .map(|&(symbol, extra, _)| u64::from(self.said_bits[usize::from(symbol)]) + u64::from(extra))
            .sum();
        3 + 5 + 5 + 4 + 3 * self.said_codes() as u64 + said
    }

    /// How many codes of code lengths are written.
    fn said_codes(&self) -> usize {
        ORDER.iter().rposition(|&symbol| self.said_bits[symbol] > 0).map_or(4, |last| (last + 1).max(4))
    }

    /// Bits of a block, without what extra bits take.
    pub fn bits(&self, counts: &Counts) -> u64 {
        let sum = |counts: &[u32], bits: &[u8]| -> u64 {
            counts.iter().zip(bits).map(|(&count, &bits)| u64::from(count) * u64::from(bits)).sum()
        };
        self.header() + sum(&counts.symbols, &self.symbols) + sum(&counts.distances, &self.distances)
    }

    /// Writes what says which codes these are.
    pub fn write(&self, to: &mut Bits, is_last: bool) {
        to.put(u32::from(is_last), 1);
        to.put(2, 2);
        to.put((self.symbols.len() - END - 1) as u32, 5);
        to.put((self.distances.len() - 1) as u32, 5);
        to.put((self.said_codes() - 4) as u32, 4);
        for &symbol in &ORDER[..self.said_codes()] {
            to.put(u32::from(self.said_bits[symbol]), 3);
        }
        let codes = canonical(&self.said_bits);
        for &(symbol, extra, past) in &self.said {
            to.put(codes[usize::from(symbol)], u32::from(self.said_bits[usize::from(symbol)]));
            to.put(past, extra);
        }
    }
}

/// How far counts beside each other are from their mean, in times its root and at least, to count as that.
const EVENED: [(f32, f32); 4] = [(0.0, 0.0), (0.5, 1.5), (0.7, 3.5), (1.5, 3.5)];
/// So many of them, or more, do; so many zeros stay.
const EVEN: usize = 4;
const ZEROS: usize = 6;

/// Counts of which some that are nearly alike are made alike.
fn evened<const N: usize>(counts: &[u32; N], (roots, least): (f32, f32)) -> [u32; N] {
    let mut even = *counts;
    let is_even = |mean: f32, count: u32| (count as f32 - mean).abs() <= (roots * libm::sqrtf(mean)).max(least);
    let mut first = 0;
    while first < N && least > 0.0 {
        let zeros = counts[first..].iter().take_while(|&&count| count == 0).count();
        if zeros >= ZEROS || first + zeros == N {
            first += zeros;
            continue;
        }
        let (mut sum, mut end) = (0, first);
        while end < N && (end == first || is_even(sum as f32 / (end - first) as f32, counts[end])) {
            if counts[end..].iter().take(ZEROS).filter(|&&count| count == 0).count() == ZEROS.min(N - end) {
                break;
            }
            sum += counts[end];
            end += 1;
        }
        if end - first >= EVEN {
            even[first..end].fill((sum / (end - first) as u32).max(1));
        }
        first = end;
    }
    even
}

/// Bits of the shortest codes of up to `most` bits (L. L. Larmore and D. S. Hirschberg, "A fast algorithm for optimal
/// length-limited Huffman codes", 1990).
fn lengths(counts: &[u32], most: usize) -> Vec<u8> {
    let mut leaves: Vec<usize> = (0..counts.len()).filter(|&symbol| counts[symbol] > 0).collect();
    leaves.sort_by_key(|&symbol| counts[symbol]);
    let mut lengths = vec![0; counts.len()];
    if leaves.len() < 2 {
        leaves.iter().for_each(|&symbol| lengths[symbol] = 1);
        return lengths;
    }
    // From the longest codes on: the leaves, and pairs of what is a bit longer, sorted; whether each is a leaf.
    let mut weights: Vec<u64> = leaves.iter().map(|&symbol| u64::from(counts[symbol])).collect();
    let mut levels = vec![vec![true; leaves.len()]];
    for _ in 1..most {
        let pairs: Vec<u64> = weights.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
        let (mut merged, mut level) = (vec![], vec![]);
        let (mut leaf, mut pair) = (0, 0);
        while leaf < leaves.len() || pair < pairs.len() {
            let weight = leaves.get(leaf).map(|&symbol| u64::from(counts[symbol]));
            let is_leaf = weight.is_some_and(|weight| pairs.get(pair).is_none_or(|&pair| weight <= pair));
            merged.push(if is_leaf { weight.expect("it is a leaf") } else { pairs[pair] });
            level.push(is_leaf);
            (leaf, pair) = (leaf + usize::from(is_leaf), pair + usize::from(!is_leaf));
        }
        weights = merged;
        levels.push(level);
    }
    let mut taken = 2 * leaves.len() - 2;
    for level in levels.iter().rev() {
        let some = level[..taken].iter().filter(|&&is_leaf| is_leaf).count();
        leaves[..some].iter().for_each(|&symbol| lengths[symbol] += 1);
        taken = 2 * (taken - some);
    }
    lengths
}

/// Code lengths as they are written, runs as one.
fn runs(lengths: &[u8]) -> Vec<(u8, u32, u32)> {
    let mut said = vec![];
    for run in lengths.chunk_by(|a, b| a == b) {
        let (length, mut left) = (run[0], run.len() as u32);
        if length > 0 {
            said.push((length, 0, 0));
            left -= 1;
        }
        while left >= 3 {
            let (symbol, extra, least, most) = match (length, left) {
                (0, 11..) => (18, 7, 11, 138),
                (0, _) => (17, 3, 3, 10),
                _ => (16, 2, 3, 6),
            };
            // Never one or two over, as these would cost a code each.
            let some = if left > most && left < most + 3 { left - 3 } else { left.min(most) };
            said.push((symbol, extra, some - least));
            left -= some;
        }
        said.extend((0..left).map(|_| (length, 0, 0)));
    }
    said
}

/// The codes of some lengths, their first bit lowest.
pub fn canonical(lengths: &[u8]) -> Vec<u32> {
    let mut counts = [0u32; MOST + 1];
    lengths.iter().for_each(|&length| counts[usize::from(length)] += u32::from(length > 0));
    let mut next = [0u32; MOST + 1];
    for length in 1..=MOST {
        next[length] = 2 * (next[length - 1] + counts[length - 1]);
    }
    let mut code = |&length: &u8| {
        let length = usize::from(length);
        next[length] += 1;
        if length == 0 { 0 } else { (next[length] - 1).reverse_bits() >> (32 - length) }
    };
    lengths.iter().map(&mut code).collect()
}

/// Bits that follow one another, the first one lowest.
#[derive(Default)]
pub struct Bits {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    /// The lowest `count` bits, up to 32.
    pub fn put(&mut self, bits: u32, count: u32) {
        self.held |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// All of them, zeros behind the last.
    pub fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.held as u8);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn symbols_are_those_of_the_standard() {
        for (length, symbol) in [
            (3, (257, 0, 0)),
            (10, (264, 0, 0)),
            (12, (265, 1, 1)),
            (19, (269, 2, 0)),
            (130, (280, 4, 15)),
            (257, (284, 5, 30)),
            (258, (285, 0, 0)),
        ] {
            assert_eq!(length_symbol(length), symbol, "{length}");
        }
        for (distance, symbol) in
            [(1, (0, 0, 0)), (4, (3, 0, 0)), (6, (4, 1, 1)), (193, (15, 6, 0)), (32_768, (29, 13, 8191))]
        {
            assert_eq!(distance_symbol(distance), symbol, "{distance}");
        }
    }

    proptest! {
        #[test]
        fn codes_fill_the_space_and_rare_ones_are_no_shorter(counts in prop::collection::vec(0u32..2000, 2..286), most in 9usize..16) {
            let bits = lengths(&counts, most);
            let used = counts.iter().filter(|&&count| count > 0).count();
            let space: u32 = bits.iter().filter(|&&bits| bits > 0).map(|&bits| 1 << (16 - bits)).sum();
            prop_assert_eq!(space, match used { 0 => 0, 1 => 1 << 15, _ => 1 << 16 });
            prop_assert!(bits.iter().all(|&bits| usize::from(bits) <= most));
            for (i, a) in counts.iter().enumerate() {
                for (j, b) in counts.iter().enumerate() {
                    prop_assert!(a <= b || *b == 0 || bits[i] <= bits[j]);
                }
            }
        }

        #[test]
        fn none_are_shorter_where_there_is_no_limit_to_feel(counts in prop::collection::vec(0u32..60, 2..40)) {
            // Huffman's own way: the two least become one, and what they weigh is what it costs.
            let mut weights: Vec<u32> = counts.iter().copied().filter(|&count| count > 0).collect();
            prop_assume!(weights.len() > 1);
            let mut least = 0;
            while weights.len() > 1 {
                weights.sort_unstable_by(|a, b| b.cmp(a));
                let pair = weights.pop().expect("two") + weights.pop().expect("one");
                least += pair;
                weights.push(pair);
            }
            let bits = |most| -> u32 { lengths(&counts, most).iter().zip(&counts).map(|(&bits, count)| u32::from(bits) * count).sum() };
            prop_assert_eq!(bits(15), least);
            prop_assert!(bits(6) >= least);
        }

        #[test]
        fn runs_say_all_lengths(lengths in prop::collection::vec((0u8..16, 1usize..300), 1..20)) {
            let lengths: Vec<u8> = lengths.into_iter().flat_map(|(length, count)| vec![length; count]).collect();
            let mut read = vec![];
            for (symbol, extra, past) in runs(&lengths) {
                prop_assert!(past < 1 << extra || (extra, past) == (0, 0));
                match symbol {
                    16 => { let last = *read.last().expect("one"); read.extend(vec![last; 3 + past as usize]) }
                    17 => read.extend(vec![0; 3 + past as usize]),
                    18 => read.extend(vec![0; 11 + past as usize]),
                    _ => read.push(symbol),
                }
            }
            prop_assert_eq!(read, lengths);
        }
    }
}
