//! Steps cut into blocks, each of which has codes of its own.

use super::Step;
use super::codes::{Codes, Counts, distance_symbol, length_symbol};

/// Places between symbols where blocks may end; fewer where there are few symbols.
const PLACES: usize = 100;
const FEWEST: usize = 24;
/// The least number of symbols by which an end is moved to where it is better.
const NEAREST: usize = 8;
/// Bits of what says where a block begins and which codes it has, beside what `Counts::about` counts of these.
const BLOCK: f32 = 100.0;

/// A block: where its bytes end, and its steps.
#[derive(Clone)]
pub struct Block {
    /// Behind its last byte.
    pub end: usize,
    /// Behind its last step.
    pub last_step: usize,
    /// Of its symbols.
    pub counts: Counts,
}

/// Cuts steps into the blocks that take the fewest bits: first at some places, then where beside these is best.
pub fn cut(data: &[u8], steps: &[Step]) -> Vec<Block> {
    let apart = steps.len().div_ceil(PLACES).max(FEWEST);
    // What comes before each place where blocks may end.
    let mut before = vec![Block { end: 0, last_step: 0, counts: Counts::NONE }];
    // At least a block of nothing but its end.
    for last in (apart..steps.len()).step_by(apart).chain([steps.len()]) {
        before.push(before[before.len() - 1].after(data, steps, last));
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
        ends.push(before[to].clone());
        to = least[to].1;
    }
    ends.push(before[0].clone());
    ends.reverse();
    let mut shift = apart / 2;
    while shift >= NEAREST {
        for i in 1..ends.len() - 1 {
            let (first, here, last) = (&ends[i - 1], &ends[i], &ends[i + 1]);
            let bits = |at: &Block| {
                Counts::between(&first.counts, &at.counts).about() + Counts::between(&at.counts, &last.counts).about()
            };
            let others = [here.last_step.saturating_sub(shift), here.last_step + shift].into_iter();
            let others = others.filter(|step| (first.last_step + 1..last.last_step).contains(step));
            let others = others.map(|step| before[step / apart].after(data, steps, step));
            let best = std::iter::once(here.clone()).chain(others).map(|block| (bits(&block), block));
            ends[i] = best.min_by(|a, b| a.0.total_cmp(&b.0)).expect("one at least").1;
        }
        shift /= 2;
    }
    let numbers = (0..ends.len()).collect();
    joined(numbers, |from, to| {
        let counts = Counts::between(&ends[from].counts, &ends[to].counts);
        let bits = Codes::of(&counts).bits(&counts);
        (bits, Block { counts, ..ends[to].clone() })
    })
}

impl Block {
    /// All up to the step before `last`, where this is all up to one that is no later.
    fn after(&self, data: &[u8], steps: &[Step], last: usize) -> Self {
        let mut all = self.clone();
        for step in &steps[self.last_step..last] {
            match step.distance {
                0 => all.counts.symbols[usize::from(data[all.end])] += 1,
                distance => {
                    all.counts.symbols[length_symbol(usize::from(step.length)).0] += 1;
                    all.counts.distances[distance_symbol(usize::from(distance)).0] += 1;
                }
            }
            all.end += usize::from(step.length);
        }
        all.last_step = last;
        all
    }
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
