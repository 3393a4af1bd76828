//! Where matches may come from.

use super::costs::{SHORTEST, WINDOW};
use super::parse::Band;
use super::similar::NONE;

/// So many places there are at most.
pub const MOST: usize = 16;
/// The first of them are the last pixels: so many distances from 1 on.
pub const RUNS: usize = 2;
/// The others are what looks nearly alike where errors are diffused. Elsewhere pictures repeat exactly: the next are in the
/// row above, from straight above to so many pixels aside, and the others what looks alike.
const ASIDE: usize = 2;

/// Where matches may come from.
pub struct Sources {
    /// How many there are.
    pub len: usize,
    /// How far back they begin in the file, where rows are a byte longer.
    pub distance: [u32; MOST],
    /// Pixels to the end of their row, or of this one.
    pub pixels: [u32; MOST],
}

impl Sources {
    const NONE: Self = Self { len: 0, distance: [0; MOST], pixels: [0; MOST] };
}

impl<const D: usize, const N: usize> Band<'_, D, N> {
    /// Where matches at column `x` of row `y` may come from, up to `most` places.
    #[inline(always)]
    pub fn sources(&mut self, x: usize, y: usize, most: usize) -> Sources {
        let width = self.model.width;
        let (left, here) = (width - x, (y * (width + 1) + x) as u32);
        let mut sources = Sources::NONE;
        let mut add = |distance: usize, pixels: usize| {
            if pixels >= SHORTEST && distance <= WINDOW {
                let lane = sources.len;
                sources.distance[lane] = distance as u32;
                sources.pixels[lane] = pixels as u32;
                sources.len += 1;
            }
            sources.len < most.min(MOST)
        };
        for distance in 1..=RUNS.min(x) {
            add(distance, left);
        }
        if y == 0 {
            return sources;
        }
        let pixel = &self.errors.row[x];
        if let Some(near) = self.near.as_mut().filter(|_| pixel.share == 1.0) {
            let costs = &self.costs;
            let found = near.find(
                x,
                y,
                pixel.gain,
                #[inline(always)]
                |distance| costs.distance_bits(distance),
            );
            for distance in found {
                let column = ((here - distance) % (width as u32 + 1)) as usize;
                if distance == 0 || !add(distance as usize, left.min(width.saturating_sub(column))) {
                    break;
                }
            }
            return sources;
        }
        for column in x.saturating_sub(ASIDE)..(x + ASIDE + 1).min(width) {
            if !add(width + 1 + x - column, left.min(width - column)) {
                return sources;
            }
        }
        let mut link = self.links[y * width + x];
        for _ in 0..self.patience.links {
            if link == NONE {
                break;
            }
            let from = link as usize - self.start;
            let (up, column) = (y - from / width, from % width);
            let known = up == 0 || up == 1 && column.abs_diff(x) <= ASIDE;
            let distance = up * (width + 1) + x - column;
            if distance > WINDOW || !known && !add(distance, left.min(width - column)) {
                break;
            }
            link = self.links[from];
        }
        sources
    }
}
