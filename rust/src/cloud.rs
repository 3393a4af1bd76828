//! Weighted points in a working space, in an order that keeps near ones together, with a tree of boxes above them.
//!
//! Colors are sorted by the upper bits of their channels, interleaved, so that every cell of the color cube is one run of
//! points. A cell keeps its bounding box and its exact moments, so that a pass can treat it as one point where all of it
//! has the same nearest center, and so that cells can stand in for their colors (`coarsen`).

use std::sync::Arc;

use rayon::prelude::*;

use crate::moments::{Moments, squared};
use crate::order::{Order, Sorted};
use crate::pixels::{Key, Rgba, to_key};
use crate::ranks::Ranks;
use crate::simd::vectorized;
use crate::space::{Point, Space};
use crate::tree::{Leaf, Node, Tree};

/// Weighted points and trees over them.
pub struct Cloud {
    /// The coordinates, one plane each, `BLOCK` zeros behind the last point.
    pub planes: [Vec<f32>; 4],
    /// The weights, padded alike.
    pub weights: Vec<f32>,
    /// Which color of the histogram each point is; empty after `coarsen`.
    pub colors: Vec<u32>,
    /// Trees over runs of points, in order; each is a task of its own for whoever looks at all points.
    pub trees: Vec<Tree>,
    /// All points together.
    pub all: Node,
    /// Weighted sum of squared distances of the points to their mean; of those that they stand for, after `coarsen`.
    pub scatter: f64,
    /// Ascending; points are near each other where leading bits are the same.
    pub codes: Vec<u32>,
    code_bits: u32,
    /// Where the codes are, of opaque colors that were placed.
    pub ranks: Option<Arc<Ranks>>,
}

/// Points that are handled at once: reading a whole block past the end of a run is always allowed.
pub const BLOCK: usize = 16;
/// A run with at most this many points is not divided further.
const LEAF: usize = 32;
/// Points of a run that is short.
const SHORT: usize = 256;
/// Points of a tree: at least so many where there are as many.
const TREE: usize = 1 << 11;
/// Points that one task converts or gathers.
const CHUNK: usize = 1 << 13;

impl Cloud {
    /// Places colors, ascending, and their weights in `space`.
    pub fn new(palette: &[Rgba], weights: &[u64], space: Space) -> Self {
        let (order, code_bits) = Order::of(palette);
        let Sorted { codes, numbers: colors, ranks } = order.sort(palette);
        let mut cloud = Self { codes, colors, ranks, code_bits, ..Self::unbuilt(palette.len()) };
        let [x, y, z, a] = &mut cloud.planes;
        let planes = x.par_chunks_mut(CHUNK).zip(y.par_chunks_mut(CHUNK));
        let planes = planes.zip(z.par_chunks_mut(CHUNK).zip(a.par_chunks_mut(CHUNK)));
        let points = cloud.weights.par_chunks_mut(CHUNK).zip(planes);
        cloud.colors.par_chunks(CHUNK).zip(points).for_each(|(colors, (floats, ((x, y), (z, a))))| {
            let keys: Vec<Key> = colors.iter().map(|&color| to_key(palette[color as usize])).collect();
            space.to_planes(&keys, [x, y, z, a].map(|plane| &mut plane[..keys.len()]));
            for (float, &color) in floats.iter_mut().zip(colors) {
                *float = weights[color as usize] as f32;
            }
        });
        cloud.finished()
    }

    /// Takes points as they are. Those that share leading bits of their codes, ascending and `code_bits` long, are near
    /// each other.
    pub fn from_points(points: &[Point], weights: &[f64], codes: Vec<u32>, code_bits: u32) -> Self {
        let planes = [0, 1, 2, 3].map(|d| points.iter().map(|point| point[d]).collect());
        let weights = weights.iter().map(|&weight| weight as f32).collect();
        Self::from_planes(planes, weights, codes, code_bits)
    }

    /// The same, their coordinates one plane each.
    pub fn from_planes(planes: [Vec<f32>; 4], weights: Vec<f32>, codes: Vec<u32>, code_bits: u32) -> Self {
        Self::unplanted(planes, weights, codes, code_bits).finished()
    }

    /// The same, without what passes need: it can be coarsened, or planted.
    pub fn unplanted(planes: [Vec<f32>; 4], weights: Vec<f32>, codes: Vec<u32>, code_bits: u32) -> Self {
        let mut cloud = Self { planes, weights, codes, code_bits, ..Self::unbuilt(0) };
        let padded = cloud.len() + BLOCK;
        cloud.planes.iter_mut().chain([&mut cloud.weights]).for_each(|plane| plane.resize(padded, 0.0));
        cloud
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// A point.
    #[inline(always)]
    pub fn point(&self, i: usize) -> Point {
        [self.planes[0][i], self.planes[1][i], self.planes[2][i], self.planes[3][i]]
    }

    /// The least number of leading code bits that tell at least `wanted` cells apart; `None` when there are not so many, or
    /// when that many leave more than two thirds of the points.
    pub fn coarse_bits(&self, wanted: usize) -> Option<u32> {
        // Neighbors in the order part at the highest bit in which they differ.
        let mut parted = [0usize; 33];
        for pair in self.codes.windows(2) {
            parted[(pair[0] ^ pair[1]).leading_zeros() as usize] += 1;
        }
        let mut cells = 1;
        for bits in 0..=self.code_bits {
            if bits > 0 {
                cells += parted[(32 - self.code_bits + bits - 1) as usize];
            }
            if cells >= wanted {
                return (cells * 3 < self.len() * 2).then_some(bits);
            }
        }
        None
    }

    /// The same, planted, and its scatter known.
    fn finished(self) -> Self {
        let cloud = self.planted();
        Self { scatter: cloud.scattered(), ..cloud }
    }

    /// Replaces the points of each cell, whose codes share the leading `bits`, by one point at their mean.
    pub fn coarsen(&self, bits: u32) -> Self {
        let shift = self.code_bits - bits;
        let mut codes = Vec::new();
        let mut starts = Vec::new();
        for (i, &code) in self.codes.iter().enumerate() {
            if codes.last() != Some(&(code >> shift)) {
                codes.push(code >> shift);
                starts.push(i);
            }
        }
        starts.push(self.len());
        let summed: Vec<Moments> =
            starts.par_windows(2).with_min_len(512).map(|cell| self.moments(cell[0], cell[1])).collect();
        let mut cloud = Self { codes, code_bits: bits, scatter: self.scatter, ..Self::unbuilt(summed.len()) };
        for (i, moments) in summed.iter().enumerate() {
            let mean = moments.mean();
            for d in 0..4 {
                cloud.planes[d][i] = mean[d] as f32;
            }
            cloud.weights[i] = moments.weight as f32;
        }
        cloud.planted()
    }

    fn unbuilt(points: usize) -> Self {
        Self {
            planes: std::array::from_fn(|_| vec![0.0; points + BLOCK]),
            weights: vec![0.0; points + BLOCK],
            colors: Vec::new(),
            trees: Vec::new(),
            all: Node::default(),
            scatter: 0.0,
            codes: Vec::new(),
            code_bits: 0,
            ranks: None,
        }
    }

    /// Puts trees above the points.
    pub fn planted(mut self) -> Self {
        let mut runs = Vec::new();
        self.cut(0, self.len(), self.code_bits, (self.len() / 64).max(TREE), &mut runs);
        self.trees =
            runs.into_par_iter().with_max_len(1).map(|(start, end, level)| self.tree(start, end, level)).collect();
        let roots = self.trees.iter().map(|tree| tree.nodes[0].clone());
        self.all = roots.reduce(|all, root| all.join(&root)).expect("there are points");
        self
    }

    /// Where a run of points, whose codes agree above `level` bits, parts at the next bit, and that bit's level; `None`
    /// when all codes agree.
    fn part(&self, start: usize, end: usize, level: u32) -> Option<(usize, u32)> {
        let differing = (self.codes[start] ^ self.codes[end - 1]) & (u32::MAX >> (32 - level.max(1)));
        let level = differing.checked_ilog2()?;
        let run = &self.codes[start..end];
        let upper = self.codes[end - 1] >> level;
        // Of a short run all are asked, which takes no guesses.
        let lower = match run.len() {
            ..=SHORT => run.iter().map(|&code| u32::from(code >> level < upper)).sum::<u32>() as usize,
            _ => run.partition_point(|&code| code >> level < upper),
        };
        Some((start + lower, level))
    }

    /// Cuts a run of points into such as have at most `most` points, as far as their codes differ.
    fn cut(&self, start: usize, end: usize, level: u32, most: usize, runs: &mut Vec<(usize, usize, u32)>) {
        let parted = if end - start > most { self.part(start, end, level) } else { None };
        let Some((middle, level)) = parted else {
            runs.push((start, end, level));
            return;
        };
        self.cut(start, middle, level, most, runs);
        self.cut(middle, end, level, most, runs);
    }

    /// The tree over a run of points whose codes agree above `level` bits.
    fn tree(&self, start: usize, end: usize, level: u32) -> Tree {
        let mut tree = Tree::default();
        self.grow(start, end, level, &mut tree);
        for plane in tree.low.iter_mut().chain(&mut tree.high) {
            plane.resize(tree.leaves.len() + BLOCK, 0.0);
        }
        vectorized(
            #[inline(always)]
            || {
                for (number, leaf) in tree.leaves.iter_mut().enumerate() {
                    leaf.moments = self.summed(leaf.start, leaf.end);
                    let (low, high) = self.bounds(leaf.start, leaf.end);
                    for d in 0..4 {
                        tree.low[d][number] = low[d];
                        tree.high[d][number] = high[d];
                    }
                }
            },
        );
        for at in (0..tree.nodes.len()).rev() {
            let node = &tree.nodes[at];
            let joined = if node.size == 1 {
                let parts = node.leaves.clone().map(|number| tree.leaf(number));
                parts.reduce(|all, part| all.join(&part)).expect("a node has leaves")
            } else {
                tree.nodes[at + 1].join(&tree.nodes[at + 1 + tree.nodes[at + 1].size])
            };
            tree.nodes[at] = Node { size: node.size, ..joined };
        }
        tree
    }

    /// Appends the nodes over a run of points whose codes agree above `level` bits, and the leaves; nothing is measured yet.
    fn grow(&self, start: usize, end: usize, level: u32, tree: &mut Tree) {
        let at = tree.nodes.len();
        let first = tree.leaves.len();
        tree.nodes.push(Node { start, end, size: 1, ..Node::default() });
        let parted = if end - start > LEAF { self.part(start, end, level) } else { None };
        if let Some((middle, level)) = parted {
            self.grow(start, middle, level, tree);
            self.grow(middle, end, level, tree);
            if tree.leaves.len() - first <= BLOCK {
                tree.nodes.truncate(at + 1);
            }
        } else {
            tree.leaves.push(Leaf { start, end, moments: Moments::default() });
        }
        tree.nodes[at].size = tree.nodes.len() - at;
        tree.nodes[at].leaves = first..tree.leaves.len();
    }

    /// Least and greatest coordinates of a run of points.
    #[inline(always)]
    fn bounds(&self, start: usize, end: usize) -> (Point, Point) {
        let first = self.point(start);
        let (mut lowest, mut highest) = (first, first);
        for d in 0..4 {
            let (mut low, mut high) = ([first[d]; BLOCK], [first[d]; BLOCK]);
            for at in (start..end).step_by(BLOCK) {
                let block: &[f32; BLOCK] = self.planes[d][at..].first_chunk().expect("planes are padded");
                for i in 0..BLOCK {
                    let x = if at + i < end { block[i] } else { first[d] };
                    low[i] = if x < low[i] { x } else { low[i] };
                    high[i] = if x > high[i] { x } else { high[i] };
                }
            }
            let mut width = BLOCK;
            while width > 1 {
                width /= 2;
                for i in 0..width {
                    low[i] = if low[i + width] < low[i] { low[i + width] } else { low[i] };
                    high[i] = if high[i + width] > high[i] { high[i + width] } else { high[i] };
                }
            }
            (lowest[d], highest[d]) = (low[0], high[0]);
        }
        (lowest, highest)
    }

    /// Moments of a run of points that is not empty.
    fn moments(&self, start: usize, end: usize) -> Moments {
        if end - start <= LANES / 2 {
            let mut moments = Moments::default();
            (start..end).for_each(|i| moments.add(self.point(i), self.weights[i]));
            return moments;
        }
        vectorized(
            #[inline(always)]
            || self.summed(start, end),
        )
    }

    #[inline(always)]
    fn summed(&self, start: usize, end: usize) -> Moments {
        let mut sums = [[0.0f64; LANES]; 5];
        for at in (start..end).step_by(LANES) {
            let block: &[f32; LANES] = self.weights[at..].first_chunk().expect("weights are padded");
            let planes: [&[f32; LANES]; 4] =
                [0, 1, 2, 3].map(|d| self.planes[d][at..].first_chunk().expect("planes are padded"));
            for i in 0..LANES {
                let weight = if at + i < end { f64::from(block[i]) } else { 0.0 };
                sums[0][i] += weight * f64::from(planes[0][i]);
                sums[1][i] += weight * f64::from(planes[1][i]);
                sums[2][i] += weight * f64::from(planes[2][i]);
                sums[3][i] += weight * f64::from(planes[3][i]);
                sums[4][i] += weight;
            }
        }
        let mut width = LANES;
        while width > 1 {
            width /= 2;
            for sum in &mut sums {
                for i in 0..width {
                    sum[i] += sum[i + width];
                }
            }
        }
        Moments { weight: sums[4][0], sum: [sums[0][0], sums[1][0], sums[2][0], sums[3][0]] }
    }

    /// Weighted sum of squared distances of all points to their mean.
    fn scattered(&self) -> f64 {
        let mean = self.all.moments.mean();
        let chunks = self.weights[..self.len()].par_chunks(CHUNK).enumerate();
        let sums: Vec<f64> = chunks
            .map(|(chunk, weights)| {
                let square = |i: usize| squared(self.point(chunk * CHUNK + i).map(f64::from), mean);
                weights.iter().enumerate().map(|(i, &weight)| f64::from(weight) * square(i)).sum()
            })
            .collect();
        sums.iter().sum()
    }
}

/// Sums that run side by side.
const LANES: usize = 8;
