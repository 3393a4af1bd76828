//! Counting: pixels to distinct colors with weights, sorted. Knows no color space.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::pixels::{Channels, Key, Layout, Pixels, Rgba, to_key};
use crate::simd::vectorized;

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

/// Pixels that one task partitions; what it reads and writes stays in cache.
const CHUNK: usize = 1 << 15;
/// Most weight of one count: that of a color in a table must not overflow.
const MOST: u64 = u32::MAX as u64;

/// How often a pixel counts.
trait Weigh: Copy + Default + Send + Sync {
    /// The number.
    fn weight(self) -> u32;
}

/// Once.
#[derive(Clone, Copy, Default)]
struct Once;

impl Weigh for Once {
    #[inline(always)]
    fn weight(self) -> u32 {
        1
    }
}

impl Weigh for u8 {
    #[inline(always)]
    fn weight(self) -> u32 {
        u32::from(self)
    }
}

/// Counts the distinct colors of `pixels`, exactly. With `importance`, one for each pixel, it counts that often.
///
/// # Panics
///
/// When there are not as many importances as pixels.
pub fn count(pixels: Pixels, importance: Option<&[u8]>) -> Counts {
    match importance {
        Some(importance) => count_in_pieces(pixels, importance, MOST),
        None => count_in_pieces(pixels, &vec![Once; pixels.len()], MOST),
    }
}

/// Counts halves apart that weigh more than `most`.
fn count_in_pieces<W: Weigh>(pixels: Pixels, weights: &[W], most: u64) -> Counts {
    assert_eq!(pixels.len(), weights.len(), "a weight for each pixel");
    let weight: u64 =
        weights.par_chunks(CHUNK).map(|chunk| chunk.iter().map(|w| u64::from(w.weight())).sum::<u64>()).sum();
    if weight <= most || pixels.len() < 2 {
        return count_piece(pixels, weights);
    }
    let middle = pixels.len() / 2;
    let ((first, rest), (first_weights, rest_weights)) = (pixels.split_at(middle), weights.split_at(middle));
    let counts = count_in_pieces(first, first_weights, most);
    merge_sorted(counts, count_in_pieces(rest, rest_weights, most))
}

/// Radix partitioning in two steps: chunks sort their opaque pixels into partitions by their red, then each partition
/// adds up its colors in a table that fits in cache. The other pixels are sorted.
fn count_piece<W: Weigh>(pixels: Pixels, weights: &[W]) -> Counts {
    let mut partitioned = (vec![0; pixels.len()], vec![W::default(); pixels.len()]);
    let chunks: Vec<(Starts, Vec<(Key, u64)>)> = partitioned
        .0
        .par_chunks_mut(CHUNK)
        .zip(partitioned.1.par_chunks_mut(CHUNK))
        .zip(weights.par_chunks(CHUNK))
        .enumerate()
        .map(|(i, ((colors, out), weights))| {
            let out = (colors, out);
            match pixels.slice(i * CHUNK, i * CHUNK + weights.len()).layout() {
                Layout::Grey(pixels) => partition(pixels, weights, out),
                Layout::Rgb(pixels) => partition(pixels, weights, out),
                Layout::Rgba(pixels) => partition(pixels, weights, out),
            }
        })
        .collect();
    // A table for each thread, not for each task: its memory is dear to touch for the first time.
    let next = AtomicUsize::new(0);
    let work = |_| {
        let mut table = Table::new();
        let mut parts = Vec::new();
        loop {
            let red = next.fetch_add(1, Ordering::Relaxed);
            if red >= 256 {
                return parts;
            }
            let colors = partitioned.0.chunks(CHUNK).zip(partitioned.1.chunks(CHUNK));
            for ((starts, _), (colors, weights)) in chunks.iter().zip(colors) {
                let range = starts[red] as usize..starts[red + 1] as usize;
                table.add(&colors[range.clone()], &weights[range]);
            }
            parts.push((red, table.drain()));
        }
    };
    let threads = rayon::current_num_threads();
    let mut parts: Vec<(usize, Part)> = (0..threads).into_par_iter().with_max_len(1).flat_map_iter(work).collect();
    parts.sort_unstable_by_key(|&(red, _)| red);
    drop(partitioned);
    let opaque = join(&parts);
    let others: Vec<(Key, u64)> = chunks.into_iter().flat_map(|(_, others)| others).collect();
    if others.is_empty() { opaque } else { merge_sorted(opaque, sum_up(others)) }
}

/// Sorts colors in any order and adds up the weights of equal ones; colors of weight 0 are left out.
pub fn merge(keys: &[Key], weights: &[u64]) -> Counts {
    sum_up(keys.iter().copied().zip(weights.iter().copied()).filter(|&(_, weight)| weight > 0).collect())
}

/// Where in a chunk each partition starts, and the end of the last.
type Starts = [u32; 258];

/// Writes green and blue of the opaque `pixels`, and their weights, to `out` ordered by red; returns the others.
fn partition<const C: usize, W: Weigh>(
    pixels: &[[u8; C]],
    weights: &[W],
    out: (&mut [u16], &mut [W]),
) -> (Starts, Vec<(Key, u64)>)
where
    [u8; C]: Channels,
{
    // Neighbors often share their red: with a counter each they need not wait for one another.
    let (fours, rest) = pixels.as_chunks::<4>();
    let (four_weights, rest_weights) = weights.as_chunks::<4>();
    let mut next = [[0u32; 257]; 4];
    for four in fours {
        for i in 0..4 {
            next[i][stream(four[i].rgba())] += 1;
        }
    }
    for pixel in rest {
        next[0][stream(pixel.rgba())] += 1;
    }
    let mut starts = [0; 258];
    for stream in 0..257 {
        starts[stream + 1] = starts[stream];
        for next in &mut next {
            starts[stream + 1] += std::mem::replace(&mut next[stream], starts[stream + 1]);
        }
    }
    let (colors, sorted) = out;
    let mut put = |color: Rgba, weight: W, next: &mut [u32; 257]| {
        let next = &mut next[stream(color)];
        colors[*next as usize] = u16::from_be_bytes([color[1], color[2]]);
        sorted[*next as usize] = weight;
        *next += 1;
    };
    for (four, weights) in fours.iter().zip(four_weights) {
        for i in 0..4 {
            put(four[i].rgba(), weights[i], &mut next[i]);
        }
    }
    for (pixel, &weight) in rest.iter().zip(rest_weights) {
        put(pixel.rgba(), weight, &mut next[0]);
    }
    let others = match starts[257] - starts[256] {
        0 => Vec::new(),
        _ => {
            let pairs = pixels.iter().zip(weights).map(|(pixel, weight)| (pixel.rgba(), u64::from(weight.weight())));
            let others = pairs.filter(|&(color, weight)| color[3] != 255 && weight > 0);
            others.map(|(color, weight)| (to_key(color), weight)).collect()
        }
    };
    (starts, others)
}

/// The partition of a color: its red, or one of its own where it is not opaque.
#[inline(always)]
fn stream(color: Rgba) -> usize {
    if color[3] == 255 { usize::from(color[0]) } else { 256 }
}

/// Green and blue of the colors of one partition, in ascending order, and how often each occurs.
type Part = (Vec<u16>, Vec<u32>);

/// How often each color of one partition occurs, and which occur at all.
struct Table {
    weights: Vec<u32>,
    present: [[u64; 64]; 16],
    found: Vec<u16>,
}

impl Table {
    fn new() -> Self {
        Self { weights: vec![0; 1 << 16], present: [[0; 64]; 16], found: vec![0; (1 << 16) + 8] }
    }

    fn add<W: Weigh>(&mut self, colors: &[u16], times: &[W]) {
        let weights: &mut [u32; 1 << 16] = self.weights.first_chunk_mut().expect("as many as colors");
        for (&color, times) in colors.iter().zip(times) {
            weights[usize::from(color)] += times.weight();
            let present = u64::from(times.weight() > 0) << (color & 63);
            self.present[usize::from(color >> 12)][usize::from(color >> 6 & 63)] |= present;
        }
    }

    /// Returns what was counted and leaves the table empty.
    fn drain(&mut self) -> Part {
        let mut len = 0;
        vectorized(
            #[inline(always)]
            || len = self.find(),
        );
        let weights: &mut [u32; 1 << 16] = self.weights.first_chunk_mut().expect("as many as colors");
        let found = &self.found[..len];
        (found.to_vec(), found.iter().map(|&color| std::mem::take(&mut weights[usize::from(color)])).collect())
    }

    #[inline(always)]
    fn find(&mut self) -> usize {
        let mut len = 0;
        for (block, words) in self.present.iter_mut().enumerate() {
            let mut some = 0u64;
            for i in 0..64 {
                some |= u64::from(words[i] != 0) << i;
            }
            while some != 0 {
                let word = some.trailing_zeros() as usize;
                some &= some - 1;
                let mut bits = std::mem::take(&mut words[word]);
                let start = (block << 12 | word << 6) as u16;
                let end = len + bits.count_ones() as usize;
                // Some more than there are, to branch seldom.
                while len < end {
                    let out: &mut [u16; 4] = self.found[len..].first_chunk_mut().expect("some more than all");
                    for i in 0..4 {
                        out[i] = start.wrapping_add(bits.trailing_zeros() as u16);
                        bits &= bits.wrapping_sub(1);
                    }
                    len += 4;
                }
                len = end;
            }
        }
        len
    }
}

/// Joins the partitions of all reds.
fn join(parts: &[(usize, Part)]) -> Counts {
    let distinct = parts.iter().map(|(_, (colors, _))| colors.len()).sum();
    let mut all = Counts { keys: vec![0; distinct], weights: vec![0; distinct] };
    let (mut keys, mut weights) = (&mut all.keys[..], &mut all.weights[..]);
    let mut tasks = Vec::new();
    for &(red, ref part) in parts {
        let (k, w);
        (k, keys) = keys.split_at_mut(part.0.len());
        (w, weights) = weights.split_at_mut(part.0.len());
        tasks.push((red as Key, part, k, w));
    }
    tasks.into_par_iter().for_each(|(red, part, keys, weights)| {
        for (key, &color) in keys.iter_mut().zip(&part.0) {
            *key = red << 24 | Key::from(color) << 8 | 0xFF;
        }
        for (weight, &counted) in weights.iter_mut().zip(&part.1) {
            *weight = u64::from(counted);
        }
    });
    all
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

/// Merges two sorted runs; the weights of a color in both are added up.
fn merge_sorted(a: Counts, b: Counts) -> Counts {
    let mut merged = Counts::default();
    let (mut i, mut j) = (0, 0);
    while i < a.keys.len() || j < b.keys.len() {
        let (x, y) = (a.keys.get(i), b.keys.get(j));
        let left = y.is_none() || x.is_some_and(|x| Some(x) <= y);
        let right = x.is_none() || y.is_some_and(|y| Some(y) <= x);
        merged.keys.push(if left { a.keys[i] } else { b.keys[j] });
        merged.weights.push(if left { a.weights[i] } else { 0 } + if right { b.weights[j] } else { 0 });
        i += usize::from(left);
        j += usize::from(right);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_in_pieces_equals_counting_at_once() {
        let bytes: Vec<u8> = (0..40_000u32).flat_map(|i| (i * i % 9973).to_le_bytes()).collect();
        let pixels = Pixels::new(&bytes, 4).expect("four channels");
        let weights: Vec<u8> = (0..40_000u32).map(|i| (i % 7) as u8).collect();
        for piece in [1000, 39_999, 40_000] {
            assert_eq!(count_in_pieces(pixels, &[Once; 40_000], piece), count(pixels, None));
            assert_eq!(count_in_pieces(pixels, &weights, piece), count(pixels, Some(&weights)));
        }
    }
}
