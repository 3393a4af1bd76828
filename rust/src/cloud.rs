//! Weighted points in a working space, in an order that keeps near ones together, with a tree of boxes above them.
//!
//! Colors are sorted along the Morton curve of their sRGB bits, so that every cell of the color cube is one run of points.
//! A cell keeps its bounding box and its exact moments, so that a pass can treat it as one point where all of it has the
//! same nearest center, and so that cells can stand in for their colors (`coarsen`).

use rayon::prelude::*;

use crate::count::Counts;
use crate::pixels::Key;
use crate::space::{Point, Space};

/// Weight, weighted sum, and what is left: the moments of some points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Sum of the weights.
    pub weight: f64,
    /// Sum of the points times their weights.
    pub sum: [f64; 4],
}

impl Moments {
    /// Adds a point.
    #[inline(always)]
    pub fn add(&mut self, point: [f64; 4], weight: f64) {
        self.weight += weight;
        for (sum, x) in self.sum.iter_mut().zip(point) {
            *sum += weight * x;
        }
    }

    /// Adds the points of `other`.
    #[inline(always)]
    pub fn merge(&mut self, other: &Moments) {
        self.weight += other.weight;
        for (sum, more) in self.sum.iter_mut().zip(other.sum) {
            *sum += more;
        }
    }

    /// The mean; the weight must not be 0.
    #[inline(always)]
    pub fn mean(&self) -> [f64; 4] {
        self.sum.map(|sum| sum / self.weight)
    }
}

/// A run of points with its bounding box. Children follow their parent; a leaf has none.
#[derive(Clone, Debug)]
pub struct Node {
    /// The first point.
    pub start: usize,
    /// One past the last point.
    pub end: usize,
    /// Nodes in this subtree, itself included.
    pub size: usize,
    /// Least coordinates.
    pub low: Point,
    /// Greatest coordinates.
    pub high: Point,
    /// Weight and sum of the points.
    pub moments: Moments,
    /// Weighted sum of squared distances of the points to their mean.
    pub scatter: f64,
}

/// Weighted points and their tree.
pub struct Cloud {
    /// The coordinates, one plane each, `BLOCK` zeros behind the last point.
    pub planes: [Vec<f32>; 4],
    /// The weights.
    pub weights: Vec<f64>,
    /// Which color of the histogram each point is; empty after `coarsen`.
    pub colors: Vec<u32>,
    /// The tree in preorder; the root covers all points.
    pub nodes: Vec<Node>,
    /// Squared distance that coarsening left inside the points.
    pub inner_scatter: f64,
    codes: Vec<u32>,
}

/// Points that are handled at once: reading a whole block past the end of a run is always allowed.
pub const BLOCK: usize = 16;
/// A run with at most this many points is not divided further.
const LEAF: usize = 32;
/// Subtrees larger than this are built in parallel.
const PARALLEL: usize = 1 << 13;
/// Points that one task converts or gathers.
const CHUNK: usize = 1 << 14;

impl Cloud {
    /// Places the colors of a histogram in `space`.
    pub fn new(counts: &Counts, space: Space) -> Self {
        let sorted = morton_order(&counts.keys);
        let keys: Vec<Key> = sorted.iter().map(|&(_, color)| counts.keys[color as usize]).collect();
        let mut points = vec![[0.0; 4]; keys.len()];
        points.par_chunks_mut(CHUNK).zip(keys.par_chunks(CHUNK)).for_each(|(p, k)| space.to_points(k, p));
        let weights = sorted.iter().map(|&(_, color)| counts.weights[color as usize] as f64).collect();
        let (codes, colors) = sorted.into_iter().unzip();
        Self { colors, ..Self::build(codes, &points, weights, 0.0) }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// A point.
    pub fn point(&self, i: usize) -> Point {
        [self.planes[0][i], self.planes[1][i], self.planes[2][i], self.planes[3][i]]
    }

    /// How many points `coarsen(bits)` would leave.
    pub fn count_cells(&self, bits: u32) -> usize {
        let shift = 32 - 4 * bits;
        1 + self.codes.windows(2).filter(|pair| pair[0] >> shift != pair[1] >> shift).count()
    }

    /// Replaces the colors of each cell that share the upper `bits` of every channel by one point at their mean.
    pub fn coarsen(&self, bits: u32) -> Self {
        let shift = 32 - 4 * bits;
        let mut codes = Vec::new();
        let mut cells: Vec<(usize, usize)> = Vec::new();
        for (i, &code) in self.codes.iter().enumerate() {
            match codes.last() {
                Some(&last) if last >> shift == code >> shift => cells.last_mut().expect("one a code").1 = i + 1,
                _ => {
                    codes.push(code);
                    cells.push((i, i + 1));
                }
            }
        }
        let summed: Vec<(Moments, f64)> =
            cells.par_iter().with_min_len(256).map(|&(start, end)| self.moments(start, end)).collect();
        let points: Vec<Point> = summed.iter().map(|(moments, _)| moments.mean().map(|x| x as f32)).collect();
        let weights = summed.iter().map(|(moments, _)| moments.weight).collect();
        let inner = self.inner_scatter + summed.iter().map(|(_, scatter)| scatter).sum::<f64>();
        Self::build(codes, &points, weights, inner)
    }

    /// Roots of subtrees that cover all points in order and are large enough to be a task each.
    pub fn tasks(&self) -> Vec<usize> {
        let most = (self.len() / 64).max(512);
        let mut tasks = Vec::new();
        let mut i = 0;
        while i < self.nodes.len() {
            let node = &self.nodes[i];
            if node.size == 1 || node.end - node.start <= most {
                tasks.push(i);
                i += node.size;
            } else {
                i += 1;
            }
        }
        tasks
    }

    fn build(codes: Vec<u32>, points: &[Point], weights: Vec<f64>, inner_scatter: f64) -> Self {
        let planes = std::array::from_fn(|d| {
            let padding = std::iter::repeat_n(0.0, BLOCK);
            points.iter().map(|point| point[d]).chain(padding).collect()
        });
        let mut cloud = Self { planes, weights, colors: Vec::new(), nodes: Vec::new(), inner_scatter, codes };
        cloud.nodes = cloud.subtree(0, cloud.len(), 32);
        cloud
    }

    /// Builds the tree over a run of points whose codes agree above `level` bits.
    fn subtree(&self, start: usize, end: usize, level: u32) -> Vec<Node> {
        if end - start <= LEAF || level == 0 {
            return vec![self.leaf(start, end)];
        }
        let shift = level - 4;
        let mut runs = Vec::new();
        let mut from = start;
        while from < end {
            let cell = self.codes[from] >> shift;
            let to = from + self.codes[from..end].partition_point(|&code| code >> shift == cell);
            runs.push((from, to));
            from = to;
        }
        if let [(start, end)] = runs[..] {
            return self.subtree(start, end, shift);
        }
        let children: Vec<Vec<Node>> = if end - start > PARALLEL {
            runs.into_par_iter().map(|(start, end)| self.subtree(start, end, shift)).collect()
        } else {
            runs.into_iter().map(|(start, end)| self.subtree(start, end, shift)).collect()
        };
        let mut nodes = vec![above(children.iter().map(|nodes| &nodes[0]))];
        nodes.extend(children.into_iter().flatten());
        nodes[0].size = nodes.len();
        nodes
    }

    fn leaf(&self, start: usize, end: usize) -> Node {
        let mut low = self.point(start);
        let mut high = low;
        for d in 0..4 {
            for &x in &self.planes[d][start..end] {
                low[d] = low[d].min(x);
                high[d] = high[d].max(x);
            }
        }
        let (moments, scatter) = self.moments(start, end);
        Node { start, end, size: 1, low, high, moments, scatter }
    }

    fn moments(&self, start: usize, end: usize) -> (Moments, f64) {
        let mut moments = Moments::default();
        for i in start..end {
            moments.add(self.point(i).map(f64::from), self.weights[i]);
        }
        let mean = moments.mean();
        let scatter = (start..end).map(|i| self.weights[i] * squared(self.point(i).map(f64::from), mean)).sum();
        (moments, scatter)
    }
}

/// Squared distance.
#[inline(always)]
pub fn squared(a: [f64; 4], b: [f64; 4]) -> f64 {
    let d: [f64; 4] = std::array::from_fn(|i| a[i] - b[i]);
    d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + d[3] * d[3]
}

/// The node above some children; its size is left to the caller.
fn above<'a>(children: impl Iterator<Item = &'a Node> + Clone) -> Node {
    let mut node = children.clone().next().expect("a node has children").clone();
    node.moments = Moments::default();
    for child in children.clone() {
        node.end = child.end;
        node.moments.merge(&child.moments);
        for d in 0..4 {
            node.low[d] = node.low[d].min(child.low[d]);
            node.high[d] = node.high[d].max(child.high[d]);
        }
    }
    let mean = node.moments.mean();
    node.scatter =
        children.map(|child| child.scatter + child.moments.weight * squared(child.moments.mean(), mean)).sum();
    node
}

/// Colors with their Morton codes, ascending: the bits of the four channels in turn, the highest first.
fn morton_order(keys: &[Key]) -> Vec<(u32, u32)> {
    let mut order: Vec<(u32, u32)> = keys.iter().zip(0..).map(|(&key, color)| (morton(key), color)).collect();
    let mut spare = order.clone();
    for digit in 0..4 {
        let of = |code: u32| (code >> (8 * digit)) as usize & 0xFF;
        let mut next = [0; 257];
        for &(code, _) in &order {
            next[of(code) + 1] += 1;
        }
        for value in 0..256 {
            next[value + 1] += next[value];
        }
        for &pair in &order {
            let slot = &mut next[of(pair.0)];
            spare[*slot] = pair;
            *slot += 1;
        }
        std::mem::swap(&mut order, &mut spare);
    }
    order
}

fn morton(key: Key) -> u32 {
    key.to_be_bytes().iter().fold(0, |code, &channel| code << 1 | spread(channel))
}

/// Moves bit i to bit 4 i.
fn spread(channel: u8) -> u32 {
    let v = u32::from(channel);
    let v = (v | v << 12) & 0x000F_000F;
    let v = (v | v << 6) & 0x0303_0303;
    (v | v << 3) & 0x1111_1111
}
