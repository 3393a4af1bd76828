//! Counting: pixels to distinct colors with weights, sorted. Knows no color space.

use rayon::prelude::*;

use crate::pixels::{Key, Pixels};

/// Distinct colors in ascending order and how often each occurs; both of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The colors.
    pub keys: Vec<Key>,
    /// Their weights.
    pub weights: Vec<u64>,
}

impl Counts {
    /// All but the lowest color.
    pub fn without_first(&self) -> Self {
        Self { keys: self.keys[1..].to_vec(), weights: self.weights[1..].to_vec() }
    }
}

/// Pixels that one task partitions; the buffers of a task stay in cache.
const CHUNK: usize = 1 << 17;
/// Each partition holds the keys of one value of their upper bits.
const PARTITION_BITS: u32 = 10;
const PARTITIONS: usize = 1 << PARTITION_BITS;
/// The bits that tell the opaque colors of one partition apart: what is left of RGB.
const TABLE_BITS: u32 = 24 - PARTITION_BITS;

/// Counts the distinct colors of `pixels`, exactly.
///
/// Radix partitioning in two steps: chunks sort their keys into partitions by their upper bits, then each partition adds
/// up its opaque colors in a table that fits in cache, and sorts the others.
pub fn count(pixels: Pixels) -> Counts {
    let mut partitioned = vec![0; pixels.len()];
    let starts: Vec<Vec<u32>> = partitioned
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(i, out)| partition(pixels.slice(i * CHUNK, i * CHUNK + out.len()), out))
        .collect();

    let segments = |p: usize| {
        starts.iter().zip(partitioned.chunks(CHUNK)).map(move |(s, keys)| &keys[s[p] as usize..s[p + 1] as usize])
    };
    let parts: Vec<Counts> = (0..PARTITIONS)
        .into_par_iter()
        .map_init(Table::new, |table, p| {
            let mut others = Vec::new();
            for segment in segments(p) {
                table.add(segment, &mut others);
            }
            merge_sorted(table.drain(p as Key), sum_up(others.into_iter().map(|key| (key, 1)).collect()))
        })
        .collect();
    drop(partitioned);

    let distinct = parts.iter().map(|part| part.keys.len()).sum();
    let mut all = Counts { keys: Vec::with_capacity(distinct), weights: Vec::with_capacity(distinct) };
    for part in parts {
        all.keys.extend_from_slice(&part.keys);
        all.weights.extend_from_slice(&part.weights);
    }
    all
}

/// Sorts colors in any order and adds up the weights of equal ones; colors of weight 0 are left out.
pub fn merge(keys: &[Key], weights: &[u64]) -> Counts {
    sum_up(keys.iter().copied().zip(weights.iter().copied()).filter(|&(_, weight)| weight > 0).collect())
}

/// Writes the keys of `pixels` to `out` ordered by partition; returns where each partition starts, and the end.
fn partition(pixels: Pixels, out: &mut [Key]) -> Vec<u32> {
    let mut keys = vec![0; pixels.len()];
    pixels.write_keys(&mut keys);
    let mut starts = vec![0; PARTITIONS + 1];
    for &key in &keys {
        starts[(key >> (32 - PARTITION_BITS)) as usize + 1] += 1;
    }
    for p in 0..PARTITIONS {
        starts[p + 1] += starts[p];
    }
    let mut next = starts.clone();
    for &key in &keys {
        let slot = &mut next[(key >> (32 - PARTITION_BITS)) as usize];
        out[*slot as usize] = key;
        *slot += 1;
    }
    starts
}

/// How often each opaque color of one partition occurs, and which occur at all.
struct Table {
    weights: Vec<u64>,
    present: Vec<u64>,
}

impl Table {
    fn new() -> Self {
        Self { weights: vec![0; 1 << TABLE_BITS], present: vec![0; 1 << (TABLE_BITS - 6)] }
    }

    /// Counts the opaque colors among `keys`, hands the others to `others`.
    fn add(&mut self, keys: &[Key], others: &mut Vec<Key>) {
        for &key in keys {
            if key & 0xFF == 0xFF {
                let color = (key >> 8) as usize & ((1 << TABLE_BITS) - 1);
                self.weights[color] += 1;
                self.present[color >> 6] |= 1 << (color & 63);
            } else {
                others.push(key);
            }
        }
    }

    /// Returns what was counted in partition `p` and leaves the table empty.
    fn drain(&mut self, p: Key) -> Counts {
        let distinct = self.present.iter().map(|bits| bits.count_ones() as usize).sum();
        let mut counts = Counts { keys: Vec::with_capacity(distinct), weights: Vec::with_capacity(distinct) };
        for (word, bits) in self.present.iter_mut().enumerate() {
            while *bits != 0 {
                let color = word << 6 | bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                counts.keys.push(p << (32 - PARTITION_BITS) | (color as Key) << 8 | 0xFF);
                counts.weights.push(std::mem::take(&mut self.weights[color]));
            }
        }
        counts
    }
}

fn sum_up(mut pairs: Vec<(Key, u64)>) -> Counts {
    pairs.par_sort_unstable();
    let mut counts = Counts::default();
    for (key, weight) in pairs {
        if counts.keys.last() == Some(&key) {
            *counts.weights.last_mut().expect("as long as the keys") += weight;
        } else {
            counts.keys.push(key);
            counts.weights.push(weight);
        }
    }
    counts
}

/// Merges two sorted runs that share no color.
fn merge_sorted(a: Counts, b: Counts) -> Counts {
    if b.keys.is_empty() {
        return a;
    }
    let (mut i, mut j) = (0, 0);
    let mut merged = Counts::default();
    while i < a.keys.len() || j < b.keys.len() {
        let (from, at) =
            if j == b.keys.len() || (i < a.keys.len() && a.keys[i] < b.keys[j]) { (&a, &mut i) } else { (&b, &mut j) };
        merged.keys.push(from.keys[*at]);
        merged.weights.push(from.weights[*at]);
        *at += 1;
    }
    merged
}
