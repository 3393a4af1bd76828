//! The entry nearest to a point where the first coordinate counts more than the others, each time as much as it is told.
//!
//! Entries lie in blocks of neighbors, cut as a k-d tree cuts them (J. L. Bentley, "Multidimensional binary search trees used
//! for associative searching", 1975). The boxes of all blocks are looked at first, side by side, then the few blocks whose
//! boxes are nearer than what was found.

use crate::simd::{Least, any, lane_of, least};
use crate::space::Point;

/// Entries of a block, and boxes that are looked at at once.
const LANES: usize = 16;

/// Entries to be found.
pub struct Near {
    shelves: Vec<Shelf>,
}

/// The boxes of some blocks, and these.
struct Shelf {
    low: [[f32; LANES]; 4],
    high: [[f32; LANES]; 4],
    blocks: Vec<Block>,
}

/// Entries side by side, one plane a coordinate.
struct Block {
    planes: [[f32; LANES]; 4],
    ids: [u32; LANES],
}

impl Near {
    /// Prepares those entries of `palette` that are named, at least one.
    pub fn new(palette: &[Point], mut ids: Vec<u32>) -> Self {
        let mut blocks = Vec::new();
        cut(palette, &mut ids, &mut blocks);
        let mut shelves = Vec::new();
        let mut blocks = blocks.into_iter().peekable();
        while blocks.peek().is_some() {
            let blocks: Vec<Block> = blocks.by_ref().take(LANES).collect();
            let of = |end: fn(f32, f32) -> f32, none: f32| {
                std::array::from_fn(|d| {
                    std::array::from_fn(|i| {
                        blocks.get(i).map_or(f32::INFINITY, |block| block.planes[d].into_iter().fold(none, end))
                    })
                })
            };
            shelves.push(Shelf { low: of(f32::min, f32::INFINITY), high: of(f32::max, f32::NEG_INFINITY), blocks });
        }
        Self { shelves }
    }

    /// The entry nearest to `point`, where the first coordinate's square counts `first` times.
    #[inline(always)]
    pub fn entry(&self, point: Point, first: f32) -> u32 {
        let mut least = Least::<LANES>::new();
        let mut nearest = f32::INFINITY;
        for shelf in &self.shelves {
            let bounds = shelf.bounds(point, first);
            let closest = lane_of_least(&bounds);
            let mut at = closest;
            let mut left = nearer(&bounds, nearest) & !(1 << closest);
            if bounds[closest] < nearest {
                loop {
                    shelf.blocks[at].offer(point, first, &mut least);
                    nearest = least.values[lane_of_least(&least.values)];
                    left &= nearer(&bounds, nearest);
                    if left == 0 {
                        break;
                    }
                    at = left.trailing_zeros() as usize;
                    left &= left - 1;
                }
            }
        }
        least.ids[lane_of_least(&least.values)]
    }
}

impl Shelf {
    /// How near entries of each block can be at the most; never more than they are, as they are rounded alike.
    #[inline(always)]
    fn bounds(&self, point: Point, first: f32) -> [f32; LANES] {
        let mut bounds = [0.0; LANES];
        for d in 0..4 {
            for i in 0..LANES {
                let (below, above) = (self.low[d][i] - point[d], point[d] - self.high[d][i]);
                let apart = if below > above { below } else { above };
                let apart = if apart > 0.0 { apart } else { 0.0 };
                let square = apart * apart;
                bounds[i] += if d == 0 { first * square } else { square };
            }
        }
        bounds
    }
}

impl Block {
    #[inline(always)]
    fn offer(&self, point: Point, first: f32, least: &mut Least<LANES>) {
        let mut squares = [0.0; LANES];
        for d in 0..4 {
            for i in 0..LANES {
                let apart = self.planes[d][i] - point[d];
                let square = apart * apart;
                squares[i] += if d == 0 { first * square } else { square };
            }
        }
        least.offer_each(squares, self.ids);
    }
}

/// Cuts entries in two where they reach farthest, until they fill blocks.
fn cut(palette: &[Point], ids: &mut [u32], blocks: &mut Vec<Block>) {
    if ids.len() <= LANES {
        // A block is filled up with what it has.
        let ids: [u32; LANES] = std::array::from_fn(|i| ids[i.min(ids.len() - 1)]);
        let planes = std::array::from_fn(|d| ids.map(|id| palette[id as usize][d]));
        return blocks.push(Block { planes, ids });
    }
    let reach = |d: &usize| {
        let values = ids.iter().map(|&id| palette[id as usize][*d]);
        values.clone().fold(f32::NEG_INFINITY, f32::max) - values.fold(f32::INFINITY, f32::min)
    };
    let widest = (0..4).max_by(|a, b| reach(a).total_cmp(&reach(b))).expect("coordinates");
    ids.sort_unstable_by(|&a, &b| palette[a as usize][widest].total_cmp(&palette[b as usize][widest]).then(a.cmp(&b)));
    let (left, right) = ids.split_at_mut(ids.len().div_ceil(LANES).div_ceil(2) * LANES);
    cut(palette, left, blocks);
    cut(palette, right, blocks);
}

/// A bit for each lane that is below a bound.
#[inline(always)]
fn nearer(lanes: &[f32; LANES], bound: f32) -> u32 {
    let mut bits = [0; LANES];
    for i in 0..LANES {
        bits[i] = if lanes[i] < bound { 1 << i } else { 0 };
    }
    any(bits)
}

/// The first lane that has the least value.
#[inline(always)]
fn lane_of_least(lanes: &[f32; LANES]) -> usize {
    lane_of(lanes, least(lanes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn square(a: Point, b: Point, first: f32) -> f32 {
        (0..4).map(|d| (a[d] - b[d]) * (a[d] - b[d]) * if d == 0 { first } else { 1.0 }).sum()
    }

    proptest! {
        #[test]
        fn none_is_nearer(
            palette in prop::collection::vec(prop::array::uniform4(0.0f32..100.0), 1..300),
            points in prop::collection::vec((prop::array::uniform4(-50.0f32..150.0), 1.0f32..5.0), 20),
        ) {
            let odd: Vec<u32> = (0..palette.len() as u32).filter(|i| i % 3 != 1).collect();
            let near = Near::new(&palette, odd.clone());
            for (point, first) in points {
                let found = near.entry(point, first);
                prop_assert!(odd.contains(&found));
                let least = odd.iter().map(|&i| square(palette[i as usize], point, first)).fold(f32::INFINITY, f32::min);
                prop_assert!(square(palette[found as usize], point, first) <= least * 1.0001);
            }
        }
    }
}
