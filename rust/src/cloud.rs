//! Weighted points in a working space, in an order that keeps near ones together, with a tree of boxes above them.
//!
//! Colors are sorted along the Morton curve of their sRGB bits, so that every cell of the color cube is one run of points.
//! A cell keeps its bounding box and its exact moments, so that a pass can treat it as one point where all of it has the
//! same nearest center, and so that cells can stand in for their colors (`coarsen`).

use rayon::prelude::*;

use crate::count::Counts;
use crate::pixels::Key;
use crate::simd::vectorized;
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

    /// How much more the points of both scatter about their common mean than about their own (J. H. Ward, "Hierarchical
    /// grouping to optimize an objective function", 1963); 0 if there are none on a side.
    pub fn apart(&self, other: &Moments) -> f64 {
        if self.weight == 0.0 || other.weight == 0.0 {
            return 0.0;
        }
        squared(self.mean(), other.mean()) * (self.weight * other.weight / (self.weight + other.weight))
    }

    /// The mean; the weight must not be 0.
    #[inline(always)]
    pub fn mean(&self) -> [f64; 4] {
        self.sum.map(|sum| sum / self.weight)
    }
}

/// A run of points with its bounding box. Children follow their parent; a leaf has none.
#[derive(Clone, Debug, Default)]
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
    /// The weights, padded alike.
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

impl Node {
    /// The node above this and the next.
    fn beside(&self, next: &Self) -> Self {
        let mut moments = self.moments;
        moments.merge(&next.moments);
        Self {
            start: self.start,
            end: next.end,
            size: 1 + self.size + next.size,
            low: std::array::from_fn(|d| self.low[d].min(next.low[d])),
            high: std::array::from_fn(|d| self.high[d].max(next.high[d])),
            moments,
            scatter: self.scatter + next.scatter + self.moments.apart(&next.moments),
        }
    }
}

impl Cloud {
    /// Places the colors of a histogram in `space`.
    pub fn new(counts: &Counts, space: Space) -> Self {
        let (codes, colors) = morton_order(&counts.keys);
        let mut cloud = Self { codes, colors, ..Self::unbuilt(counts.keys.len()) };
        let [x, y, z, a] = &mut cloud.planes;
        let planes = x.par_chunks_mut(CHUNK).zip(y.par_chunks_mut(CHUNK));
        let planes = planes.zip(z.par_chunks_mut(CHUNK).zip(a.par_chunks_mut(CHUNK)));
        let points = cloud.weights.par_chunks_mut(CHUNK).zip(planes);
        cloud.colors.par_chunks(CHUNK).zip(points).for_each(|(colors, (weights, ((x, y), (z, a))))| {
            let keys: Vec<Key> = colors.iter().map(|&color| counts.keys[color as usize]).collect();
            space.to_planes(&keys, [x, y, z, a].map(|plane| &mut plane[..keys.len()]));
            for (weight, &color) in weights.iter_mut().zip(colors) {
                *weight = counts.weights[color as usize] as f64;
            }
        });
        cloud.nodes = cloud.tree();
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
    pub fn point(&self, i: usize) -> Point {
        [self.planes[0][i], self.planes[1][i], self.planes[2][i], self.planes[3][i]]
    }

    /// How many points `coarsen(bits)` would leave.
    pub fn count_cells(&self, bits: u32) -> usize {
        let shift = CODE_BITS - 4 * bits;
        1 + self.codes.windows(2).filter(|pair| pair[0] >> shift != pair[1] >> shift).count()
    }

    /// Replaces the colors of each cell that share the upper `bits` of every channel by one point at their mean.
    pub fn coarsen(&self, bits: u32) -> Self {
        let shift = CODE_BITS - 4 * bits;
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
        let mut cloud = Self::unbuilt(cells.len());
        cloud.codes = codes;
        for (i, (moments, scatter)) in summed.iter().enumerate() {
            for (plane, x) in cloud.planes.iter_mut().zip(moments.mean()) {
                plane[i] = x as f32;
            }
            cloud.weights[i] = moments.weight;
            cloud.inner_scatter += scatter;
        }
        cloud.inner_scatter += self.inner_scatter;
        cloud.nodes = cloud.tree();
        cloud
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

    fn unbuilt(points: usize) -> Self {
        Self {
            planes: std::array::from_fn(|_| vec![0.0; points + BLOCK]),
            weights: vec![0.0; points + BLOCK],
            colors: Vec::new(),
            nodes: Vec::new(),
            inner_scatter: 0.0,
            codes: Vec::new(),
        }
    }

    fn tree(&self) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(self.len() / 4);
        self.grow(0, self.len(), CODE_BITS, &mut nodes);
        nodes
    }

    /// Appends the tree over a run of points whose codes agree above `level` bits.
    fn grow(&self, start: usize, end: usize, mut level: u32, nodes: &mut Vec<Node>) {
        let agree = |level: u32| self.codes[start] >> level == self.codes[end - 1] >> level;
        if end - start <= LEAF || agree(0) {
            nodes.push(self.leaf(start, end));
            return;
        }
        while agree(level - 1) {
            level -= 1;
        }
        level -= 1;
        let upper = self.codes[end - 1] >> level;
        let middle = start + self.codes[start..end].partition_point(|&code| code >> level < upper);

        let at = nodes.len();
        nodes.push(Node::default());
        if end - start > PARALLEL {
            let half = |start: usize, end: usize| {
                let mut nodes = Vec::with_capacity((end - start) / 4);
                self.grow(start, end, level, &mut nodes);
                nodes
            };
            let (left, right) = rayon::join(|| half(start, middle), || half(middle, end));
            nodes.extend(left);
            nodes.extend(right);
        } else {
            self.grow(start, middle, level, nodes);
            self.grow(middle, end, level, nodes);
        }
        let left = &nodes[at + 1];
        let right = &nodes[at + 1 + left.size];
        nodes[at] = left.beside(right);
    }

    fn leaf(&self, start: usize, end: usize) -> Node {
        let (mut low, mut high) = (self.point(start), self.point(start));
        vectorized(
            #[inline(always)]
            || {
                for d in 0..4 {
                    for &x in &self.planes[d][start..end] {
                        low[d] = if x < low[d] { x } else { low[d] };
                        high[d] = if x > high[d] { x } else { high[d] };
                    }
                }
            },
        );
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

/// The Morton codes of the colors, ascending, and which color each is of.
fn morton_order(keys: &[Key]) -> (Vec<u32>, Vec<u32>) {
    let mut codes: Vec<u32> = keys.iter().map(|&key| morton(key)).collect();
    let mut colors: Vec<u32> = (0..keys.len() as u32).collect();
    let (mut sorted_codes, mut sorted_colors) = (codes.clone(), colors.clone());
    for digit in 0..CODE_BITS / 8 {
        let of = |code: u32| (code >> (8 * digit)) as usize & 0xFF;
        let mut next = [0; 257];
        for &code in &codes {
            next[of(code) + 1] += 1;
        }
        for value in 0..256 {
            next[value + 1] += next[value];
        }
        for (&code, &color) in codes.iter().zip(&colors) {
            let slot = &mut next[of(code)];
            sorted_codes[*slot] = code;
            sorted_colors[*slot] = color;
            *slot += 1;
        }
        std::mem::swap(&mut codes, &mut sorted_codes);
        std::mem::swap(&mut colors, &mut sorted_colors);
    }
    (codes, colors)
}

/// Bits of a code: the upper six of each channel. Colors that differ less share a leaf.
const CODE_BITS: u32 = 24;

/// The upper bits of the four channels in turn, the highest first.
fn morton(key: Key) -> u32 {
    key.to_be_bytes().iter().fold(0, |code, &channel| code << 1 | spread(channel >> 2))
}

/// Moves bit i to bit 4 i.
fn spread(channel: u8) -> u32 {
    let v = u32::from(channel);
    let v = (v | v << 12) & 0x000F_000F;
    let v = (v | v << 6) & 0x0303_0303;
    (v | v << 3) & 0x1111_1111
}
