//! A grid of levels in each channel of sRGB, as many as fit, whatever the picture.
//!
//! The levels grow one by one, in the channel that has the fewest, green before red before blue, as the eye tells them
//! apart; alpha is a channel where it differs. 256 colors are 6 x 7 x 6 levels, 16 are 2 x 3 x 2.

use super::Weighted;
use crate::pixels::to_key;
use crate::space::{Point, Space};

/// Green, red, blue, alpha.
const ORDER: [usize; 4] = [1, 0, 2, 3];

/// The points of the grid, at most `k`.
pub fn centers(set: &Weighted, k: usize, space: Space) -> Vec<Point> {
    let channels = if set.colors.iter().all(|color| color[3] == 255) { 3 } else { 4 };
    let counts = counts(k, channels);
    let mut centers = Vec::new();
    for r in 0..counts[0] {
        for g in 0..counts[1] {
            for b in 0..counts[2] {
                for a in 0..counts[3] {
                    let [r, g, b] = [(r, counts[0]), (g, counts[1]), (b, counts[2])].map(|(i, count)| level(i, count));
                    let alpha = (255 * (a + 1) / counts[3]) as u8;
                    centers.push(space.to_point(to_key([r, g, b, alpha])));
                }
            }
        }
    }
    centers
}

/// Levels of each channel.
fn counts(k: usize, channels: usize) -> [usize; 4] {
    let mut counts = [1; 4];
    loop {
        let fewest =
            ORDER[..channels].iter().copied().reduce(|best, d| if counts[d] < counts[best] { d } else { best });
        let mut grown = counts;
        fewest.into_iter().for_each(|d| grown[d] += 1);
        if grown.iter().product::<usize>() > k {
            return counts;
        }
        counts = grown;
    }
}

/// A code from 0 to 255; the middle where there is one level.
fn level(i: usize, count: usize) -> u8 {
    if count == 1 { 128 } else { ((255 * i + (count - 1) / 2) / (count - 1)) as u8 }
}
