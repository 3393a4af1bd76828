//! The cheapest way through the data, where what symbols cost is known.

use rayon::prelude::*;

use super::Step;
use super::codes::{Counts, DISTANCES, LONGEST, SHORTEST, distance_symbol, length_symbol};
use super::matches::{Match, Matches};
use crate::simd::vectorized;

/// Of a bit, in which costs are counted: whole numbers, so that sums are exact.
const UNITS: f32 = 1024.0;
/// Bits of a key below its cost: those of a length and of a distance less 1. Of two ways the cheaper one has the lesser key.
const OF_LENGTH: u32 = 9;
const OF_DISTANCE: u32 = 15;
const BELOW: u32 = OF_LENGTH + OF_DISTANCE;
/// About so many bytes are parsed by themselves, beside the others. A cut costs the match that would have crossed it.
const PART: usize = 128 << 10;

/// What the symbols of a block cost, in `UNITS` of a bit.
#[derive(Clone)]
pub struct Costs {
    literals: [u64; 256],
    /// For each length, with its extra bits, as a key.
    lengths: [u64; LONGEST + 1],
    /// For each symbol, with its extra bits.
    distances: [u64; DISTANCES],
}

impl Costs {
    /// Before anything is known: literals are a bit dearer than codes of single bytes are.
    pub fn guessed(data: &[u8]) -> Self {
        const DEARER: f32 = 1.0;
        const LENGTH: f32 = 5.0;
        const DISTANCE: f32 = 5.0;
        let mut counts = Counts::NONE;
        data.iter().for_each(|&byte| counts.symbols[usize::from(byte)] += 1);
        let literal = bits_of(&counts.symbols);
        Self::new(|byte| literal(counts.symbols[byte]) + DEARER, |_| LENGTH, |_| DISTANCE)
    }

    /// What symbols cost that were used so often; others as if used half a time.
    pub fn of(counts: &Counts) -> Self {
        let (symbol, distance) = (bits_of(&counts.symbols), bits_of(&counts.distances));
        Self::new(
            |byte| symbol(counts.symbols[byte]),
            |length| symbol(counts.symbols[length_symbol(length).0]),
            |code| distance(counts.distances[code]),
        )
    }

    /// Of bits without extra bits.
    fn new(literal: impl Fn(usize) -> f32, length: impl Fn(usize) -> f32, distance: impl Fn(usize) -> f32) -> Self {
        let units = |bits: f32| (UNITS * bits) as u64;
        let mut lengths = [0; LONGEST + 1];
        for (many, key) in lengths.iter_mut().enumerate().skip(SHORTEST) {
            *key = units(length(many) + length_symbol(many).1 as f32) << BELOW | (many as u64) << OF_DISTANCE;
        }
        Self {
            literals: std::array::from_fn(|byte| units(literal(byte))),
            lengths,
            distances: std::array::from_fn(|code| units(distance(code) + (code as u32 / 2).saturating_sub(1) as f32)),
        }
    }
}

fn bits_of(counts: &[u32]) -> impl Fn(u32) -> f32 {
    let total = libm::log2f(counts.iter().sum::<u32>().max(1) as f32);
    move |count| (total - libm::log2f(if count > 0 { count as f32 } else { 0.5 })).max(0.5)
}

/// The cheapest way through the data, where costs are those of blocks, each up to its end. It begins anew at some of
/// the places where `before`, a way that was taken, has the end of a step.
pub fn parse(data: &[u8], matches: &Matches, costs: &[(usize, Costs)], before: &[Step]) -> Vec<Step> {
    let parts = data.len().div_ceil(PART).max(1);
    let mut starts = vec![0];
    let (mut place, mut steps) = (0, before.iter());
    for part in 1..parts {
        while place < part * data.len() / parts {
            place += steps.next().map_or(usize::MAX, |step| usize::from(step.length)).min(data.len() - place);
        }
        if place > starts[starts.len() - 1] && place < data.len() {
            starts.push(place);
        }
    }
    let ends = starts[1..].iter().copied().chain([data.len()]);
    let ways: Vec<_> = starts.iter().copied().zip(ends).collect();
    let ways: Vec<_> = ways.into_par_iter().map(|(start, end)| way(data, matches, costs, start, end)).collect();
    ways.concat()
}

/// The cheapest way from a place to another.
fn way(data: &[u8], matches: &Matches, costs: &[(usize, Costs)], start: usize, end: usize) -> Vec<Step> {
    // For each place the key of the cheapest way to it.
    let mut keys = vec![u64::MAX; end - start + LONGEST + 1];
    keys[0] = 0;
    vectorized(
        #[inline(always)]
        || {
            let mut place = start;
            let first = costs.partition_point(|&(to, _)| to <= start);
            for (to, costs) in &costs[first..] {
                while place < end.min(*to) {
                    let at = place - start;
                    let is_dearer = at > 0 && keys[at - 1] >> BELOW <= keys[at] >> BELOW;
                    let behind = if is_dearer { matches.at(place - 1) } else { &[] };
                    step(data[place], matches.at(place), behind, costs, end - place, &mut keys[at..]);
                    place += 1;
                }
            }
        },
    );
    let mut steps = vec![];
    let mut left = end - start;
    while left > 0 {
        let key = keys[left];
        let length = (key >> OF_DISTANCE) as u16 & ((1 << OF_LENGTH) - 1);
        let distance = if length == 1 { 0 } else { (key as u16 & ((1 << OF_DISTANCE) - 1)) + 1 };
        steps.push(Step { length, distance });
        left -= usize::from(length);
    }
    steps.reverse();
    steps
}

/// Goes on from a place by a literal and by the matches found there, of up to `most` bytes. What those of the place
/// `behind` reach as well need not be tried again. `keys` are those of this place and of what follows.
#[inline(always)]
fn step(byte: u8, found: &[Match], behind: &[Match], costs: &Costs, most: usize, keys: &mut [u64]) {
    let here = keys[0] >> BELOW;
    let literal = (here + costs.literals[usize::from(byte)]) << BELOW | 1 << OF_DISTANCE;
    keys[1] = keys[1].min(literal);
    let mut length = SHORTEST;
    for &(longest, before) in found {
        let longest = usize::from(longest).min(most);
        let key = (here + costs.distances[distance_symbol(usize::from(before) + 1).0]) << BELOW | u64::from(before);
        let is_known =
            behind.iter().any(|&(other, nearer)| usize::from(other) >= LONGEST.min(longest + 1) && nearer <= before);
        let from = if is_known { length.max(longest) } else { length };
        if from <= longest {
            for (to, of_length) in keys[from..=longest].iter_mut().zip(&costs.lengths[from..=longest]) {
                *to = (*to).min(key + of_length);
            }
        }
        length = longest + 1;
    }
}
