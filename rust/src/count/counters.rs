//! Counting many pixels: each task has a byte for every opaque color there is, and notes which of them ran over. Most
//! pixels look like their neighbors: what is touched of the bytes stays in cache.

use rayon::prelude::*;

use super::{Counted, Others, Part};
use crate::pixels::{Channels, Layout, Pixels, to_key};
use crate::simd::vectorized;

/// Opaque colors.
const COLORS: usize = 1 << 24;
/// Those of one red.
const RED: usize = 1 << 16;
/// Colors that are looked at at once.
const LANES: usize = 64;
/// The most that a byte counts.
const MOST: u8 = u8::MAX;

/// Counts `pixels`, a share of them in each task.
pub fn counted(pixels: Pixels, tasks: usize) -> Counted {
    let share = pixels.len().div_ceil(tasks).max(1);
    let starts = (0..pixels.len()).into_par_iter().step_by(share).with_max_len(1);
    let (tables, others): (Vec<_>, Vec<_>) = starts
        .map(|start| match pixels.slice(start, pixels.len().min(start + share)).layout() {
            Layout::Grey(pixels) => table(pixels),
            Layout::Rgb(pixels) => table(pixels),
            Layout::Rgba(pixels) => table(pixels),
        })
        .unzip();
    let room = || (vec![0; RED], vec![0; RED]);
    let part = |room: &mut Part, red| part(&tables, red, room);
    Counted {
        opaque: (0..COLORS / RED).into_par_iter().map_init(room, part).collect(),
        others: others.into_iter().flatten().collect(),
    }
}

/// How often each opaque color occurs.
struct Table {
    /// Red, green and blue in the bits of a number tell which byte is whose: 0 where a color doesn't occur, else more.
    bytes: Vec<u8>,
    /// The numbers of colors that occur `MOST` times more than that, ascending, each as often as it does so.
    more: Vec<u32>,
}

/// Counts the opaque `pixels`; returns the others, too.
fn table<P: Channels>(pixels: &[P]) -> (Table, Others) {
    let (mut table, mut more, mut others) = (vec![0; COLORS], Vec::new(), Vec::new());
    let bytes: &mut [u8; COLORS] = table.first_chunk_mut().expect("a byte a color");
    for pixel in pixels {
        let [r, g, b, a] = pixel.rgba();
        if a == 255 {
            let number = u32::from_be_bytes([0, r, g, b]);
            let byte = &mut bytes[number as usize];
            if *byte == MOST {
                more.push(number);
                *byte = 0;
            }
            *byte += 1;
        } else {
            others.push((to_key([r, g, b, a]), 1));
        }
    }
    more.sort_unstable();
    (Table { bytes: table, more }, others)
}

/// The colors of one red, found in `room`.
fn part(tables: &[Table], red: usize, room: &mut Part) -> Part {
    let colors = red * RED..(red + 1) * RED;
    let (found, times) = room;
    let mut len = 0;
    let bytes: Vec<&[u8]> = tables.iter().map(|table| &table.bytes[colors.clone()]).collect();
    vectorized(
        #[inline(always)]
        || len = find(&bytes, found, times),
    );
    for Table { more, .. } in tables {
        let below = |end: usize| more.partition_point(|&number| (number as usize) < end);
        for color in more[below(colors.start)..below(colors.end)].iter().map(|&number| number as u16) {
            times[found[..len].binary_search(&color).expect("what ran over is not 0")] += u32::from(MOST);
        }
    }
    (found[..len].to_vec(), times[..len].to_vec())
}

/// Writes which bytes are not all 0, and what they add up to; returns how many.
#[inline(always)]
fn find(bytes: &[&[u8]], found: &mut [u16], times: &mut [u32]) -> usize {
    let mut len = 0;
    for block in (0..RED).step_by(LANES) {
        let mut sums = [0; LANES];
        for bytes in bytes {
            let bytes: &[u8; LANES] = bytes[block..].first_chunk().expect("all colors of a red");
            for i in 0..LANES {
                sums[i] += u32::from(bytes[i]);
            }
        }
        let mut some = 0u64;
        for i in 0..LANES {
            some |= u64::from(sums[i] != 0) << i;
        }
        while some != 0 {
            let i = some.trailing_zeros() as usize;
            some &= some - 1;
            (found[len], times[len]) = ((block + i) as u16, sums[i]);
            len += 1;
        }
    }
    len
}
