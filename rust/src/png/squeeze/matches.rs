//! All that a place in the data may repeat: for each length the nearest.

use super::codes::{LONGEST, SHORTEST};

/// How far back a match may begin.
const WINDOW: usize = 32 << 10;
const BITS: u32 = 16;
/// No earlier place.
const NONE: u32 = u32::MAX;
/// Places that begin alike that are looked at, and those in a run, most of which end otherwise.
const LOOKS: usize = 1500;
const LOOKS_IN_RUN: usize = 16;
/// Looks that may be spent on all places together: some, and so many more for each, where dots or stripes begin alike again
/// and again. Small drawings need fewer; what large ones lose by it, libdeflate has.
const SPENT: usize = 1 << 26;
const SPENT_OF_EACH: usize = 100;
/// Bytes of a run from which on it counts as one.
const RUN: usize = 4;

/// Matches of each place.
pub struct Matches {
    /// Where those of a place begin in `found`, and end.
    starts: Vec<u32>,
    /// Length and distance, both growing.
    found: Vec<(u16, u16)>,
}

/// Places that begin alike, each with the one before it.
struct Chain {
    last: Vec<u32>,
    before: Vec<u32>,
}

impl Chain {
    fn new(size: usize) -> Self {
        Self { last: vec![NONE; 1 << BITS], before: vec![NONE; size] }
    }

    fn add(&mut self, key: usize, place: usize) {
        self.before[place] = std::mem::replace(&mut self.last[key], place as u32);
    }
}

impl Matches {
    /// Finds those of `data`.
    pub fn of(data: &[u8]) -> Self {
        let run = runs(data);
        let key = |place: usize, run: u8| {
            let [a, b, c] = [data[place], data[place + 1], data[place + 2]].map(u32::from);
            let mixed = (a << 24 | b << 16 | c << 8 | u32::from(run)).wrapping_mul(0x9E37_79B1);
            ((mixed ^ mixed >> 15) >> (32 - BITS)) as usize
        };
        let (mut alike, mut run_alike) = (Chain::new(data.len()), Chain::new(data.len()));
        let mut matches = Self { starts: Vec::with_capacity(data.len() + 1), found: vec![] };
        let mut left = SPENT;
        for place in 0..data.len() {
            left += SPENT_OF_EACH;
            let first = matches.found.len();
            matches.starts.push(first as u32);
            if place + SHORTEST > data.len() {
                continue;
            }
            let in_run = usize::from(run[place]) >= RUN;
            let (here, with_run) = (key(place, 0), key(place, run[place]));
            let looks = if in_run { LOOKS_IN_RUN } else { LOOKS }.min(left);
            left -= matches.follow(data, place, first, &alike, alike.last[here], looks);
            if in_run {
                let looks = LOOKS.min(left);
                left -= matches.follow(data, place, first, &run_alike, run_alike.last[with_run], looks);
            }
            alike.add(here, place);
            if in_run {
                run_alike.add(with_run, place);
            }
        }
        matches.starts.push(matches.found.len() as u32);
        matches
    }

    /// Those of a place: length and distance, both growing.
    pub fn at(&self, place: usize) -> &[(u16, u16)] {
        &self.found[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// Keeps what is longer than all that is nearer; how many looks it took.
    fn follow(&mut self, data: &[u8], place: usize, first: usize, chain: &Chain, from: u32, looks: usize) -> usize {
        let most = LONGEST.min(data.len() - place);
        let wanted = &data[place..place + most];
        let mut longest = self.found[first..].last().map_or(SHORTEST - 1, |&(length, _)| usize::from(length));
        let mut from = from;
        for look in 0..looks {
            if from == NONE || longest >= most || place - from as usize > WINDOW {
                return look;
            }
            let there = &data[from as usize..from as usize + most];
            if there[longest] == wanted[longest] && there[..SHORTEST] == wanted[..SHORTEST] {
                let length = common(there, wanted);
                if length > longest {
                    let distance = (place - from as usize) as u16 - 1;
                    while self.found.len() > first && self.found[self.found.len() - 1].1 >= distance {
                        self.found.pop();
                    }
                    self.found.push((length as u16, distance));
                    longest = length;
                }
            }
            from = chain.before[from as usize];
        }
        looks
    }
}

/// Bytes that are equal from the first on.
fn common(a: &[u8], b: &[u8]) -> usize {
    let (a, b) = (&a[..a.len().min(b.len())], &b[..a.len().min(b.len())]);
    let (wide_a, wide_b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    for (i, (x, y)) in wide_a.iter().zip(wide_b).enumerate() {
        let unlike = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if unlike > 0 {
            return 8 * i + unlike.trailing_zeros() as usize / 8;
        }
    }
    let from = 8 * wide_a.len();
    from + a[from..].iter().zip(&b[from..]).take_while(|(x, y)| x == y).count()
}

/// How many bytes from each on are equal, up to 255.
fn runs(data: &[u8]) -> Vec<u8> {
    let mut runs = vec![1u8; data.len()];
    for place in (1..data.len()).rev() {
        if data[place - 1] == data[place] {
            runs[place - 1] = runs[place].saturating_add(1);
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn matches_are_true_and_all_lengths_are_found(noise in prop::collection::vec(0u8..4, 1..300), repeats in 1usize..4) {
            let data = noise.repeat(repeats);
            let matches = Matches::of(&data);
            for place in 0..data.len() {
                let found = matches.at(place);
                prop_assert!(found.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
                for &(length, before) in found {
                    let from = place - usize::from(before) - 1;
                    prop_assert_eq!(&data[from..from + usize::from(length)], &data[place..place + usize::from(length)]);
                }
            }
        }

        #[test]
        fn what_is_a_window_away_is_found_and_nothing_farther(apart in WINDOW - 3..WINDOW + 4) {
            // Beside zeros only in two places.
            let word = [7, 1, 2, 3, 4, 5];
            let mut data = vec![0; apart + 2 * word.len()];
            data[..word.len()].copy_from_slice(&word);
            data[apart..apart + word.len()].copy_from_slice(&word);
            let found = Matches::of(&data);
            let distance = found.at(apart).last().map(|&(_, before)| usize::from(before) + 1);
            prop_assert_eq!(distance, (apart <= WINDOW).then_some(apart));
        }

        #[test]
        fn the_longest_is_found_where_there_is_little(noise in prop::collection::vec(0u8..9, 4..200)) {
            let matches = Matches::of(&noise);
            for place in 0..noise.len() {
                let longest = (0..place).map(|from| common(&noise[from..], &noise[place..])).max().unwrap_or(0);
                let found = matches.at(place).last().map_or(0, |&(length, _)| usize::from(length));
                prop_assert_eq!(found, if longest < SHORTEST { 0 } else { longest });
            }
        }
    }
}
