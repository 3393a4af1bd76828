//! Counting many pixels: each task has a small counter for every opaque color there is, and notes which of them ran over.
//! Most pixels look like their neighbors: what is touched of the counters stays in cache.

use rayon::prelude::*;

use super::{Counted, Others, Part, Weigh};
use crate::pixels::{Channels, Layout, Pixels, to_key};
use crate::simd::vectorized;

/// Opaque colors.
const COLORS: usize = 1 << 24;
/// Those of one red.
const RED: usize = 1 << 16;
/// Colors that are looked at at once.
const LANES: usize = 64;

/// A number that may run over.
pub trait Counter: Copy + Default + Send + Sync {
    /// The greatest.
    const MOST: u32;
    /// The number.
    fn get(self) -> u32;
    /// The counter for a number.
    fn of(number: u32) -> Self;
}

macro_rules! counter {
    ($number:ty) => {
        impl Counter for $number {
            const MOST: u32 = <$number>::MAX as u32;

            #[inline(always)]
            fn get(self) -> u32 {
                u32::from(self)
            }

            #[inline(always)]
            fn of(number: u32) -> Self {
                number as $number
            }
        }
    };
}
counter!(u8);
counter!(u16);

/// Counts `pixels` with their weights, a share of them in each task.
pub fn counted<W: Weigh>(pixels: Pixels, weights: &[W], tasks: usize) -> Counted {
    let share = pixels.len().div_ceil(tasks).max(1);
    let shares = weights.par_chunks(share).enumerate().with_max_len(1);
    let (tables, others): (Vec<_>, Vec<_>) = shares
        .map(|(i, weights)| match pixels.slice(i * share, i * share + weights.len()).layout() {
            Layout::Grey(pixels) => table(pixels, weights),
            Layout::Rgb(pixels) => table(pixels, weights),
            Layout::Rgba(pixels) => table(pixels, weights),
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
struct Table<C> {
    /// Red, green and blue in the bits of a number tell which counter is whose: 0 where a color doesn't occur, else more.
    counters: Vec<C>,
    /// The numbers of colors that occur `MOST` times more than that, ascending, each as often as it does so.
    more: Vec<u32>,
}

/// Counts the opaque `pixels`; returns the others, too.
fn table<P: Channels, W: Weigh>(pixels: &[P], weights: &[W]) -> (Table<W::Counter>, Others) {
    let (mut counters, mut more, mut others) = (vec![W::Counter::default(); COLORS], Vec::new(), Vec::new());
    let all: &mut [W::Counter; COLORS] = counters.first_chunk_mut().expect("a counter a color");
    for (pixel, weight) in pixels.iter().zip(weights) {
        let ([r, g, b, a], weight) = (pixel.rgba(), weight.weight());
        if a == 255 {
            let number = u32::from_be_bytes([0, r, g, b]);
            let counter = &mut all[number as usize];
            let mut sum = counter.get() + weight;
            if sum > W::Counter::MOST {
                more.push(number);
                sum -= W::Counter::MOST;
            }
            *counter = W::Counter::of(sum);
        } else if weight > 0 {
            others.push((to_key([r, g, b, a]), u64::from(weight)));
        }
    }
    more.sort_unstable();
    (Table { counters, more }, others)
}

/// The colors of one red, found in `room`.
fn part<C: Counter>(tables: &[Table<C>], red: usize, room: &mut Part) -> Part {
    let colors = red * RED..(red + 1) * RED;
    let (found, times) = room;
    let mut len = 0;
    let counters: Vec<&[C]> = tables.iter().map(|table| &table.counters[colors.clone()]).collect();
    vectorized(
        #[inline(always)]
        || len = find(&counters, found, times),
    );
    for Table { more, .. } in tables {
        let [start, end] =
            [colors.start, colors.end].map(|end| more.partition_point(|&number| (number as usize) < end));
        for color in more[start..end].iter().map(|&number| number as u16) {
            times[found[..len].binary_search(&color).expect("what ran over is not 0")] += C::MOST;
        }
    }
    (found[..len].to_vec(), times[..len].to_vec())
}

/// Writes which colors some counter is not 0 for, and what theirs add up to; returns how many.
#[inline(always)]
fn find<C: Counter>(counters: &[&[C]], found: &mut [u16], times: &mut [u32]) -> usize {
    let mut len = 0;
    for block in (0..RED).step_by(LANES) {
        let mut sums = [0; LANES];
        for counters in counters {
            let counters: &[C; LANES] = counters[block..].first_chunk().expect("all colors of a red");
            for i in 0..LANES {
                sums[i] += counters[i].get();
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
