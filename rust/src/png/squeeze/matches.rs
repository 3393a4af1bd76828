//! All that a place in the data may repeat: for each length the nearest.
//!
//! Places in the window stand in binary trees, sorted by what begins there, the nearest one at the root, as I. Pavlov's
//! LZMA has them. On the way down to where a place belongs are all that can be longest, from the nearest on. In a run of the
//! same byte only those count that are followed by a run as long: trees of all would be long rows.

use rayon::prelude::*;

use super::codes::{LONGEST, SHORTEST};

/// How far back a match may begin.
const WINDOW: usize = 32 << 10;
/// So many trees there are, each of what begins alike.
const BITS: u32 = 16;
/// No earlier place.
const NONE: u32 = u32::MAX;
/// Places that are looked at on the way down, where few ways are that long; and runs of the same byte.
const LOOKS: usize = 128;
const LOOKS_AT_RUNS: usize = 16;
/// Bytes of a run from which on it counts as one.
const RUN: usize = 4;
/// So many bytes are looked through by themselves, beside the others; a power of two. Trees are grown anew from the
/// window before it.
const PART: usize = 256 << 10;

/// Length and distance less 1.
pub type Match = (u16, u16);

/// Matches of each place.
pub struct Matches {
    parts: Vec<Part>,
}

/// Those of `PART` places.
struct Part {
    /// Where those of a place begin in `found`, and end.
    starts: Vec<u32>,
    /// Of each place lengths and distances, both growing.
    found: Vec<Match>,
}

impl Matches {
    /// Finds those of `data`.
    pub fn of(data: &[u8]) -> Self {
        let parts: Vec<_> = (0..data.len().div_ceil(PART)).collect();
        Self { parts: parts.into_par_iter().map(|part| Part::of(data, part * PART)).collect() }
    }

    /// Those of a place: lengths and distances, both growing.
    #[inline(always)]
    pub fn at(&self, place: usize) -> &[Match] {
        let (part, at) = (&self.parts[place / PART], place % PART);
        &part.found[part.starts[at] as usize..part.starts[at + 1] as usize]
    }
}

impl Part {
    /// Those of the part that begins at `first`.
    fn of(data: &[u8], first: usize) -> Self {
        let (start, end) = (first.saturating_sub(WINDOW), data.len().min(first + PART));
        let runs = runs(&data[start..data.len().min(end + LONGEST)]);
        let mut trees = Trees::new();
        let mut part = Self { starts: Vec::with_capacity(end - first + 1), found: vec![] };
        for place in start..end {
            let from = part.found.len();
            if place >= first {
                part.starts.push(from as u32);
            }
            let found = &mut part.found;
            trees.insert(data, place, usize::from(runs[place - start]), |(length, distance)| {
                while found.len() > from && found[found.len() - 1].1 >= distance {
                    found.pop();
                }
                found.push((length, distance));
            });
            if place < first {
                part.found.clear();
            }
        }
        part.starts.push(part.found.len() as u32);
        part
    }
}

/// Places of a window, sorted by what begins there.
struct Trees {
    roots: Vec<u32>,
    /// Of each place, modulo their number, what comes before it and behind it: the nearest of these.
    children: Vec<[u32; 2]>,
    /// Where the last run of each byte begins, and of such a beginning the one before it.
    last_run: [u32; 256],
    run_before: Vec<(u32, u16)>,
}

impl Trees {
    fn new() -> Self {
        Self {
            roots: vec![NONE; 1 << BITS],
            children: vec![[NONE; 2]; WINDOW + 1],
            last_run: [NONE; 256],
            run_before: vec![(NONE, 0); WINDOW + 1],
        }
    }

    /// Takes a place, with which a run of so many bytes begins, and says which matches it has: each longer than the one before.
    #[inline(always)]
    fn insert(&mut self, data: &[u8], place: usize, run: usize, mut say: impl FnMut(Match)) {
        let most = LONGEST.min(data.len() - place);
        if most < SHORTEST {
            return;
        }
        let wanted = &data[place..place + most];
        let mut longest = SHORTEST - 1;
        if run >= SHORTEST {
            if place > 0 && data[place - 1] == data[place] {
                longest = run.min(most);
                say((longest as u16, 0));
            } else {
                longest = self.insert_run(data[place], place, run, &mut say);
            }
        }
        if longest == most {
            return;
        }
        let said = if run < RUN { 0 } else { run as u32 };
        let [a, b, c] = [wanted[0], wanted[1], wanted[2]].map(u32::from);
        let root = (a << 16 | b << 8 | c | said << 24).wrapping_mul(0x9E37_79B1);
        let root = (root ^ root >> 15) >> (32 - BITS);
        let mut from = std::mem::replace(&mut self.roots[root as usize], place as u32);
        // Where the next one that comes before this place goes, and the next one behind; how much of these is known to be equal.
        let mut open = [(place % (WINDOW + 1), 0), (place % (WINDOW + 1), 1)];
        let mut equal = [0; 2];
        for _ in 0..LOOKS {
            if from == NONE || place - from as usize > WINDOW {
                break;
            }
            let there = &data[from as usize..][..most];
            let known = equal[0].min(equal[1]);
            let length = known + common(&there[known..], &wanted[known..]);
            if length > longest {
                longest = length;
                say((length as u16, (place - from as usize - 1) as u16));
            }
            let at = from as usize % (WINDOW + 1);
            if length == most {
                // This place is as good as that one, and nearer.
                let [before, behind] = self.children[at];
                self.children[open[0].0][open[0].1] = before;
                self.children[open[1].0][open[1].1] = behind;
                return;
            }
            let side = usize::from(there[length] > wanted[length]);
            self.children[open[side].0][open[side].1] = from;
            open[side] = (at, 1 - side);
            equal[side] = length;
            from = self.children[at][1 - side];
        }
        for (at, side) in open {
            self.children[at][side] = NONE;
        }
    }

    /// Takes the first place of a run, says which runs before it are longer than all nearer ones, up to its own length, and
    /// returns how much of it is found.
    fn insert_run(&mut self, byte: u8, place: usize, run: usize, say: &mut impl FnMut(Match)) -> usize {
        let mut from = std::mem::replace(&mut self.last_run[usize::from(byte)], place as u32);
        self.run_before[place % (WINDOW + 1)] = (from, run as u16);
        let mut longest = SHORTEST - 1;
        for _ in 0..LOOKS_AT_RUNS {
            if from == NONE || place - from as usize > WINDOW || longest >= run {
                break;
            }
            let (before, other) = self.run_before[from as usize % (WINDOW + 1)];
            if usize::from(other) > longest {
                let length = run.min(usize::from(other));
                let start = from as usize + usize::from(other) - length;
                longest = length;
                say((length as u16, (place - start - 1) as u16));
            }
            from = before;
        }
        longest
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

/// How many bytes from each on are equal, up to `LONGEST`.
fn runs(data: &[u8]) -> Vec<u16> {
    let mut runs = vec![1u16; data.len()];
    for place in (1..data.len()).rev() {
        if data[place - 1] == data[place] {
            runs[place - 1] = (runs[place] + 1).min(LONGEST as u16);
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
