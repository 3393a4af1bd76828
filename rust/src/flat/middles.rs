//! Pixels in the middle of 3 x 3 equal ones.

use rayon::prelude::*;

use super::{ROWS, Strip};
use crate::pixels::{Key, Pixels};
use crate::simd::vectorized;

/// No fewer pixels than are equal to all eight around them: as many as there are runs of bytes, as long as a pixel is, that
/// are equal to those of the four pixels beside them; and the border. To look at bytes takes less than to look at pixels.
pub fn most(pixels: Pixels, width: usize) -> usize {
    let (bytes, channels) = pixels.bytes();
    if channels == 4 {
        // Transparent pixels are equal whatever their bytes are.
        return pixels.len();
    }
    let (stride, height) = (width * channels, pixels.len() / width);
    let runs = |[equal, runs]: &mut [Vec<u8>; 2], y: usize| {
        let rows = [y - 1, y, y + 1].map(|y| &bytes[y * stride..][..stride]);
        let mut count = 0;
        vectorized(
            #[inline(always)]
            || count = equal_runs(rows, channels, equal, runs),
        );
        count
    };
    // A whole number of words.
    let room = || [0; 2].map(|_| vec![0; stride.next_multiple_of(8)]);
    let rows = (1..height.max(2) - 1).into_par_iter().with_min_len(ROWS);
    rows.map_init(room, runs).sum::<usize>() + 2 * (width + height)
}

/// In how many places of the second of three rows do as many bytes as a pixel has begin that are equal to those above and
/// below, and on both sides.
#[inline(always)]
fn equal_runs(rows: [&[u8]; 3], channels: usize, equal: &mut [u8], runs: &mut [u8]) -> usize {
    let [above, here, below] = rows;
    for ((equal, here), (above, below)) in equal.iter_mut().zip(here).zip(above.iter().zip(below)) {
        *equal = u8::from((here == above) & (here == below));
    }
    for (equal, (left, here)) in equal[channels..].iter_mut().zip(here.iter().zip(&here[channels..])) {
        *equal &= u8::from(left == here);
    }
    for (equal, (here, right)) in equal.iter_mut().zip(here.iter().zip(&here[channels..])) {
        *equal &= u8::from(here == right);
    }
    runs.copy_from_slice(equal);
    for more in 1..channels {
        for (run, equal) in runs.iter_mut().zip(&equal[more..]) {
            *run &= equal;
        }
    }
    runs.as_chunks().0.iter().map(|&word| u64::from_le_bytes(word).count_ones() as usize).sum()
}

/// Which pixels of a row are equal to all eight around them; beyond the border everything goes on as it is there.
fn of_row(keys: &[Key], width: usize, y: usize) -> Vec<bool> {
    let row = |y: usize| &keys[y * width..][..width];
    let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(keys.len() / width - 1)));
    let (mut upright, mut level, mut middles) = (vec![true; width], vec![true; width + 1], vec![true; width]);
    vectorized(
        #[inline(always)]
        || {
            for (upright, ((above, here), below)) in upright.iter_mut().zip(above.iter().zip(here).zip(below)) {
                *upright = (above == here) & (below == here);
            }
            for (level, (left, right)) in level[1..].iter_mut().zip(here.iter().zip(&here[1..])) {
                *level = left == right;
            }
            for (middle, (upright, (left, right))) in
                middles.iter_mut().zip(upright.iter().zip(level.iter().zip(&level[1..])))
            {
                *middle = *upright & *left & *right;
            }
            for (middle, upright) in middles[1..].iter_mut().zip(&upright) {
                *middle &= *upright;
            }
            for (middle, upright) in middles.iter_mut().zip(&upright[1..]) {
                *middle &= *upright;
            }
        },
    );
    middles
}

/// Marks what lies in the 3 x 3 pixels around a middle in the rows of `strip`; returns how many middles are in them.
pub fn spread(strip: &Strip, width: usize, inside: &mut [bool]) -> usize {
    let all = strip.keys.len() / width;
    let middles: Vec<Vec<bool>> = strip.rows.clone().map(|y| of_row(&strip.keys, width, y)).collect();
    let beside = |y: Option<usize>| y.filter(|&y| y < all).map(|y| of_row(&strip.keys, width, y));
    let (before, after) = (beside(strip.rows.start.checked_sub(1)), beside(Some(strip.rows.end)));
    // With nothing beyond either end.
    let mut tall = vec![false; width + 2];
    for (y, inside) in inside.chunks_exact_mut(width).enumerate() {
        let here = &middles[y];
        let above = if y == 0 { before.as_ref() } else { middles.get(y - 1) }.unwrap_or(here);
        let below = middles.get(y + 1).or(after.as_ref()).unwrap_or(here);
        vectorized(
            #[inline(always)]
            || {
                for (tall, ((above, here), below)) in tall[1..].iter_mut().zip(above.iter().zip(here).zip(below)) {
                    *tall = above | here | below;
                }
                for (inside, ((left, here), right)) in
                    inside.iter_mut().zip(tall.iter().zip(&tall[1..]).zip(&tall[2..]))
                {
                    *inside = left | here | right;
                }
            },
        );
    }
    middles.iter().flatten().filter(|&&is_middle| is_middle).count()
}
