//! Counting by radix partitioning: chunks sort their opaque pixels into partitions by their red, then each partition adds
//! up its colors in a table that fits in cache.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{Counted, Others, Part, Weigh};
use crate::pixels::{Channels, Layout, Pixels, Rgba, to_key};
use crate::simd::vectorized;

/// Pixels that one task partitions; what it reads and writes stays in cache.
const CHUNK: usize = 1 << 15;

/// Counts `pixels` with their weights.
pub fn counted<W: Weigh>(pixels: Pixels, weights: &[W]) -> Counted {
    let mut partitioned = (vec![0; pixels.len()], vec![W::default(); pixels.len()]);
    let chunks: Vec<(Starts, Others)> = partitioned
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
    Counted {
        opaque: parts.into_iter().map(|(_, part)| part).collect(),
        others: chunks.into_iter().flat_map(|(_, others)| others).collect(),
    }
}

/// Where in a chunk each partition starts, and the end of the last.
type Starts = [u32; 258];

/// Writes green and blue of the opaque `pixels`, and their weights, to `out` ordered by red; returns the others.
fn partition<const C: usize, W: Weigh>(
    pixels: &[[u8; C]],
    weights: &[W],
    out: (&mut [u16], &mut [W]),
) -> (Starts, Others)
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
