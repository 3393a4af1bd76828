//! Error diffusion between two colors, whose shares change with the level.
//!
//! V. Ostromoukhov, "A simple and efficient error-diffusion algorithm", SIGGRAPH 2001.

use super::{Dither, root_shares};
use crate::candidates::distance;
use crate::index::Index;
use crate::nearest::palette_points;
use crate::pixels::{Key, Pixels, Rgba};
use crate::space::Space;

/// Levels and what becomes of an error there: parts that go ahead, below and behind, and straight below. Between these
/// levels shares change evenly; from 128 on they are those of 255 less the level. This is the whole of the paper's table.
const LEVELS: [(usize, [f32; 3]); 15] = [
    (0, [13.0, 0.0, 5.0]),
    (1, [13.0, 0.0, 5.0]),
    (2, [21.0, 0.0, 10.0]),
    (3, [7.0, 0.0, 4.0]),
    (4, [8.0, 0.0, 5.0]),
    (10, [7.0, 3.0, 3.0]),
    (22, [3.0, 2.0, 1.0]),
    (32, [20.0, 10.0, 19.0]),
    (64, [11.0, 10.0, 0.0]),
    (72, [5.0, 7.0, 1.0]),
    (77, [4.0, 1.0, 1.0]),
    (85, [4.0, 1.0, 1.0]),
    (95, [5.0, 3.0, 2.0]),
    (107, [5.0, 3.0, 2.0]),
    (127, [4.0, 1.0, 1.0]),
];

/// Shares of an error by level: ahead, below and behind, straight below.
pub fn shares() -> [[f32; 3]; 256] {
    std::array::from_fn(|level| {
        let level = level.min(255 - level);
        let next = LEVELS.iter().position(|&(key, _)| key >= level).expect("127 is the last");
        let ((low, from), (high, to)) = (LEVELS[next.saturating_sub(1)], LEVELS[next]);
        let way = if high > low { (level - low) as f32 / (high - low) as f32 } else { 0.0 };
        let share = |parts: [f32; 3], i: usize| parts[i] / (parts[0] + parts[1] + parts[2]);
        std::array::from_fn(|i| share(from, i) + (share(to, i) - share(from, i)) * way)
    })
}

/// Maps pixels to the entries of `palette`, of which there are at most two.
///
/// A color's level is its place on the line from one entry to the other, in `space`.
pub fn map<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    dither: &Dither,
    serpentine: bool,
) -> Vec<I> {
    let mut indices = vec![I::default(); pixels.len()];
    let points = palette_points(palette, space);
    let [from, to] = points[..] else { return indices };
    let apart = distance::<4>(from, to).max(f32::MIN_POSITIVE);
    let (shares, roots) = (shares(), root_shares());
    let mut keys: Vec<Key> = vec![0; width];
    let mut colors = vec![[0.0; 4]; width];
    // One more at each end takes what would leave the picture.
    let (mut errors, mut below) = (vec![0.0; width + 2], vec![0.0; width + 2]);
    for (y, row) in indices.chunks_exact_mut(width).enumerate() {
        pixels.slice(y * width, (y + 1) * width).write_keys(&mut keys);
        space.to_points(&keys, &mut colors);
        let back = serpentine && y % 2 == 1;
        for i in 0..width {
            let x = if back { width - 1 - i } else { i };
            let share = dither.mask.map_or(1.0, |mask| roots[usize::from(mask[y * width + x])]);
            if share == 0.0 || colors[x][3] == 0.0 {
                row[x] = I::narrow(u32::from(distance::<4>(colors[x], to) < distance::<4>(colors[x], from)));
                continue;
            }
            let along: f32 = (0..4).map(|d| (colors[x][d] - from[d]) * (to[d] - from[d])).sum();
            let level = (along / apart).clamp(0.0, 1.0);
            let wanted = level + errors[x + 1] * share;
            let index = u32::from(wanted > 0.5);
            row[x] = I::narrow(index);
            let error = (wanted - index as f32) * share * dither.strength;
            let [ahead, behind, straight] = shares[(level * 255.0 + 0.5) as usize];
            let (next, last) = if back { (x, x + 2) } else { (x + 2, x) };
            errors[next] += error * ahead;
            below[last] += error * behind;
            below[x + 1] += error * straight;
        }
        std::mem::swap(&mut errors, &mut below);
        below.fill(0.0);
    }
    indices
}
