//! The centers that can still be nearest to something, handled sixteen at once.

use crate::cloud::{BLOCK, Cloud};
use crate::simd::any;
use crate::space::Point;

/// Squared distance in 32 bits: the one formula by which centers are nearer or farther.
#[inline(always)]
pub fn distance<const D: usize>(a: Point, b: Point) -> f32 {
    let mut sum = 0.0;
    for d in 0..D {
        let x = a[d] - b[d];
        sum += x * x;
    }
    sum
}

/// Some of the centers, in ascending order of their indices.
#[derive(Clone, Default)]
pub struct Candidates {
    blocks: Vec<Block>,
    len: usize,
    /// Squared distances that differ by less may have been rounded out of order.
    slack: f32,
}

/// Centers that are handled at once, one plane a coordinate; the last block is filled up with such as are nearest to
/// nothing.
#[derive(Clone, Copy)]
struct Block {
    planes: [[f32; BLOCK]; 4],
    ids: [u32; BLOCK],
}

/// Far from everything, yet its square is finite.
pub const NOWHERE: f32 = 1e15;

const VACANT: Block = Block { planes: [[NOWHERE; BLOCK]; 4], ids: [u32::MAX; BLOCK] };

impl Block {
    #[inline(always)]
    fn get(&self, i: usize) -> (Point, u32) {
        let mut center = [0.0; 4];
        for d in 0..4 {
            center[d] = self.planes[d][i];
        }
        (center, self.ids[i])
    }

    /// Which centers, one bit each, `best` doesn't beat everywhere in the box from `low` to `high`.
    #[inline(always)]
    fn unbeaten<const D: usize>(&self, best: Point, low: Point, high: Point, slack: f32) -> u32 {
        let mut bits = [0u32; BLOCK];
        for i in 0..BLOCK {
            let mut farther = 0.0;
            for d in 0..D {
                let x = self.planes[d][i];
                let toward = x - best[d];
                let at_low = toward * ((x - low[d]) + (best[d] - low[d]));
                let at_high = toward * ((x - high[d]) + (best[d] - high[d]));
                farther += if at_low < at_high { at_low } else { at_high };
            }
            bits[i] = if farther <= slack { 1 << i } else { 0 };
        }
        any(bits)
    }
}

impl Candidates {
    /// All of `centers`, to be asked about points of `cloud`.
    pub fn new(centers: &[Point], cloud: &Cloud) -> Self {
        let corners = [cloud.all.low, cloud.all.high];
        Self::within(centers, corners.iter().chain(centers).flatten().fold(0.0, |reach, x| x.abs().max(reach)))
    }

    /// All of `centers`; `reach` bounds their coordinates and those of all points that will be asked about.
    pub fn within(centers: &[Point], reach: f32) -> Self {
        // No square is above 16 reach^2, and no more than 16 of its roundings add up.
        let mut all = Self { slack: 256.0 * f32::EPSILON * reach * reach, ..Self::default() };
        for (id, &center) in centers.iter().enumerate() {
            all.push(center, id as u32);
        }
        all
    }

    /// How many centers there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Center number `i` of these, and its index among all.
    #[inline(always)]
    pub fn get(&self, i: usize) -> (Point, u32) {
        self.blocks[i / BLOCK].get(i % BLOCK)
    }

    #[inline(always)]
    fn push(&mut self, center: Point, id: u32) {
        let (block, i) = (self.len / BLOCK, self.len % BLOCK);
        if i == 0 {
            self.blocks.push(VACANT);
        }
        let block = &mut self.blocks[block];
        for d in 0..4 {
            block.planes[d][i] = center[d];
        }
        block.ids[i] = id;
        self.len += 1;
    }

    /// Puts into `kept` the centers that can be nearest to a point in the box from `low` to `high`.
    ///
    /// A center is left out when another, the one nearest to the box's middle, is nearer to every corner, by more than
    /// rounding can make up for.
    #[inline(always)]
    pub fn filter<const D: usize>(&self, low: Point, high: Point, kept: &mut Candidates) {
        kept.blocks.clear();
        kept.len = 0;
        kept.slack = self.slack;
        let mut middle = low;
        for d in 0..4 {
            middle[d] = (low[d] + high[d]) * 0.5;
        }
        let best = self.get(self.find::<D>(middle).0).0;
        for block in &self.blocks {
            let mut left = block.unbeaten::<D>(best, low, high, self.slack);
            while left != 0 {
                let (center, id) = block.get(left.trailing_zeros() as usize);
                kept.push(center, id);
                left &= left - 1;
            }
        }
    }

    /// Leaves out the centers that any other of these beats, in the same way.
    #[inline(always)]
    pub fn filter_by_all<const D: usize>(&mut self, low: Point, high: Point) {
        let all = std::mem::take(self);
        self.slack = all.slack;
        let mut left: Vec<u32> = vec![u32::MAX; all.blocks.len()];
        for number in 0..all.len {
            let (best, _) = all.get(number);
            for (left, block) in left.iter_mut().zip(&all.blocks) {
                *left &= block.unbeaten::<D>(best, low, high, all.slack);
            }
        }
        for number in 0..all.len {
            if left[number / BLOCK] >> (number % BLOCK) & 1 == 1 {
                let (center, id) = all.get(number);
                self.push(center, id);
            }
        }
    }

    /// For each of up to `BLOCK` boxes at once: which centers can be nearest to a point in it, one bit each, a block of
    /// centers in turn.
    #[inline(always)]
    pub fn filter_boxes<const D: usize>(
        &self,
        low: [&[f32; BLOCK]; D],
        high: [&[f32; BLOCK]; D],
        kept: &mut Vec<[u32; BLOCK]>,
    ) {
        // Of the center nearest to each box's middle.
        let mut least = [f32::INFINITY; BLOCK];
        let mut best = [[0.0f32; BLOCK]; D];
        for number in 0..self.len {
            let (center, _) = self.get(number);
            for i in 0..BLOCK {
                let mut square = 0.0;
                for d in 0..D {
                    let x = center[d] - (low[d][i] + high[d][i]) * 0.5;
                    square += x * x;
                }
                let nearer = square < least[i];
                least[i] = if nearer { square } else { least[i] };
                for d in 0..D {
                    best[d][i] = if nearer { center[d] } else { best[d][i] };
                }
            }
        }
        kept.clear();
        for number in 0..self.len {
            if number % BLOCK == 0 {
                kept.push([0; BLOCK]);
            }
            let kept = &mut kept[number / BLOCK];
            let bit = 1 << (number % BLOCK);
            let (center, _) = self.get(number);
            for i in 0..BLOCK {
                let mut farther = 0.0;
                for d in 0..D {
                    let x = center[d];
                    let toward = x - best[d][i];
                    let at_low = toward * ((x - low[d][i]) + (best[d][i] - low[d][i]));
                    let at_high = toward * ((x - high[d][i]) + (best[d][i] - high[d][i]));
                    farther += if at_low < at_high { at_low } else { at_high };
                }
                kept[i] |= if farther <= self.slack { bit } else { 0 };
            }
        }
    }

    /// Number among these of the center nearest to `point`, and the squared distance; ties to the lower.
    #[inline(always)]
    pub fn find<const D: usize>(&self, point: Point) -> (usize, f32) {
        let mut least = [f32::INFINITY; BLOCK];
        let mut at = [0u32; BLOCK];
        for (number, block) in self.blocks.iter().enumerate() {
            for i in 0..BLOCK {
                let mut square = 0.0;
                for d in 0..D {
                    let x = point[d] - block.planes[d][i];
                    square += x * x;
                }
                let nearer = square < least[i];
                least[i] = if nearer { square } else { least[i] };
                at[i] = if nearer { (number * BLOCK + i) as u32 } else { at[i] };
            }
        }
        let mut smallest = least;
        let mut width = BLOCK;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                smallest[i] = if smallest[i + width] < smallest[i] { smallest[i + width] } else { smallest[i] };
            }
        }
        let mut first = [u32::MAX; BLOCK];
        for i in 0..BLOCK {
            first[i] = if least[i] == smallest[0] { at[i] } else { u32::MAX };
        }
        let mut width = BLOCK;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                first[i] = first[i].min(first[i + width]);
            }
        }
        (first[0] as usize, smallest[0])
    }

    /// Index among all of the center nearest to `point`; ties to the lower.
    #[inline(always)]
    pub fn nearest<const D: usize>(&self, point: Point) -> u32 {
        self.get(self.find::<D>(point).0).1
    }
}
