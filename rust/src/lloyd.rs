//! One pass of Lloyd's algorithm, exact, at a cost far below points times centers.
//!
//! The filtering of T. Kanungo et al., "An efficient k-means clustering algorithm: analysis and implementation" (2002):
//! down the tree, each box keeps only the centers that can be nearest to one of its points; where one is left the whole
//! box goes to it. A leaf computes the distances to the centers left in plain 32-bit arithmetic. Labels equal those of
//! computing every distance, ties to the lower center.

use rayon::prelude::*;

use crate::cloud::{BLOCK, Cloud, Moments, Node, squared};
use crate::simd::vectorized;
use crate::space::Point;

/// What a pass finds out.
pub struct Pass {
    /// Weight and sum of the points nearest to each center.
    pub moments: Vec<Moments>,
    /// Weighted sum of squared distances to the nearest centers.
    pub error: f64,
}

/// The nearest center of each point, and the squared distance to it.
pub struct Labels {
    /// Indices of centers.
    pub nearest: Vec<u32>,
    /// Squared distances.
    pub distance: Vec<f32>,
}

/// Assigns every point to its nearest center and adds up what each center got.
pub fn pass(cloud: &Cloud, centers: &[Point]) -> Pass {
    let all = Candidates::new(centers, reach(cloud, centers));
    let flat = is_flat(cloud, centers);
    let tasks = cloud.tasks();
    let done: Vec<(Vec<(u32, Moments)>, f64)> = tasks
        .par_iter()
        .map_init(
            || (Walk::new(), Sums::new(centers.len())),
            |(walk, sums), &root| {
                let error = match flat {
                    true => walk.run::<3>(cloud, &all, root, sums),
                    false => walk.run::<4>(cloud, &all, root, sums),
                };
                (sums.drain(), error)
            },
        )
        .collect();
    let mut pass = Pass { moments: vec![Moments::default(); centers.len()], error: cloud.inner_scatter };
    for (sums, error) in done {
        for (center, moments) in sums {
            pass.moments[center as usize].merge(&moments);
        }
        pass.error += error;
    }
    pass
}

/// Assigns every point to its nearest center.
pub fn label(cloud: &Cloud, centers: &[Point]) -> Labels {
    let all = Candidates::new(centers, reach(cloud, centers));
    let flat = is_flat(cloud, centers);
    let mut labels = Labels { nearest: vec![0; cloud.len()], distance: vec![0.0; cloud.len()] };
    let (mut nearest, mut distance) = (&mut labels.nearest[..], &mut labels.distance[..]);
    let mut tasks = Vec::new();
    for root in cloud.tasks() {
        let points = cloud.nodes[root].end - cloud.nodes[root].start;
        let (n, d);
        (n, nearest) = nearest.split_at_mut(points);
        (d, distance) = distance.split_at_mut(points);
        tasks.push((root, n, d));
    }
    tasks.into_par_iter().for_each_init(Walk::new, |walk, (root, nearest, distance)| {
        let mut record = Record { first: cloud.nodes[root].start, nearest, distance };
        match flat {
            true => walk.run::<3>(cloud, &all, root, &mut record),
            false => walk.run::<4>(cloud, &all, root, &mut record),
        };
    });
    labels
}

/// Largest coordinate of points and centers: what bounds the rounding of their products.
fn reach(cloud: &Cloud, centers: &[Point]) -> f32 {
    let root = &cloud.nodes[0];
    let corners = [root.low, root.high];
    corners.iter().chain(centers).flatten().fold(0.0, |reach, x| x.abs().max(reach))
}

/// Whether all points and centers have one alpha, so that three dimensions tell them apart.
fn is_flat(cloud: &Cloud, centers: &[Point]) -> bool {
    let root = &cloud.nodes[0];
    root.low[3] == root.high[3] && centers.iter().all(|center| center[3] == root.low[3])
}

/// What becomes of the points of a box.
trait Sink {
    /// Takes all points of `node`; returns the squared distance of those to `center`.
    fn whole<const D: usize>(&mut self, cloud: &Cloud, node: &Node, center: u32, at: Point) -> f64;
    /// Takes point `i`, `squared` away from `center`.
    fn one(&mut self, cloud: &Cloud, i: usize, center: u32, squared: f32);
}

/// Adds up what each center gets.
struct Sums {
    moments: Vec<Moments>,
    touched: Vec<u32>,
}

impl Sums {
    fn new(centers: usize) -> Self {
        Self { moments: vec![Moments::default(); centers], touched: Vec::new() }
    }

    fn of(&mut self, center: u32) -> &mut Moments {
        let moments = &mut self.moments[center as usize];
        if moments.weight == 0.0 {
            self.touched.push(center);
        }
        moments
    }

    fn drain(&mut self) -> Vec<(u32, Moments)> {
        self.touched.drain(..).map(|center| (center, std::mem::take(&mut self.moments[center as usize]))).collect()
    }
}

impl Sink for Sums {
    fn whole<const D: usize>(&mut self, _: &Cloud, node: &Node, center: u32, at: Point) -> f64 {
        self.of(center).merge(&node.moments);
        node.scatter + node.moments.weight * squared(node.moments.mean(), at.map(f64::from))
    }

    #[inline(always)]
    fn one(&mut self, cloud: &Cloud, i: usize, center: u32, _: f32) {
        self.of(center).add(cloud.point(i).map(f64::from), cloud.weights[i]);
    }
}

/// Records labels and distances of the points from `first` on.
struct Record<'a> {
    first: usize,
    nearest: &'a mut [u32],
    distance: &'a mut [f32],
}

impl Sink for Record<'_> {
    fn whole<const D: usize>(&mut self, cloud: &Cloud, node: &Node, center: u32, at: Point) -> f64 {
        for i in node.start..node.end {
            self.one(cloud, i, center, distance::<D>(cloud.point(i), at));
        }
        0.0
    }

    #[inline(always)]
    fn one(&mut self, _: &Cloud, i: usize, center: u32, squared: f32) {
        self.nearest[i - self.first] = center;
        self.distance[i - self.first] = squared;
    }
}

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

/// Some of the centers, in ascending order.
#[derive(Clone, Default)]
pub struct Candidates {
    blocks: Vec<Block>,
    len: usize,
    /// What bounds the coordinates of the points asked about and of the centers.
    reach: f32,
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

const NOBODY: Block = Block { planes: [[NOWHERE; BLOCK]; 4], ids: [u32::MAX; BLOCK] };

impl Block {
    /// Squared distances to a point.
    #[inline(always)]
    fn distances<const D: usize>(&self, point: Point) -> [f32; BLOCK] {
        let mut squares = [0.0; BLOCK];
        for d in 0..D {
            for i in 0..BLOCK {
                let x = point[d] - self.planes[d][i];
                squares[i] += x * x;
            }
        }
        squares
    }
}

impl Candidates {
    /// All of `centers`; `reach` bounds their coordinates and those of all points that will be asked about.
    pub fn new(centers: &[Point], reach: f32) -> Self {
        let mut all = Self { reach, ..Self::default() };
        for (id, &center) in centers.iter().enumerate() {
            all.push(center, id as u32);
        }
        all
    }

    /// How many centers there are.
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
        let (block, i) = (&self.blocks[i / BLOCK], i % BLOCK);
        (block.planes.map(|plane| plane[i]), block.ids[i])
    }

    #[inline(always)]
    fn push(&mut self, center: Point, id: u32) {
        let (block, i) = (self.len / BLOCK, self.len % BLOCK);
        if i == 0 {
            self.blocks.push(NOBODY);
        }
        for (plane, x) in self.blocks[block].planes.iter_mut().zip(center) {
            plane[i] = x;
        }
        self.blocks[block].ids[i] = id;
        self.len += 1;
    }

    /// Puts into `kept` the centers that can be nearest to a point in the box from `low` to `high`.
    ///
    /// A center is dropped when another, the one nearest to the box's middle, is nearer to every corner, by more than
    /// rounding can make up for.
    #[inline(always)]
    pub fn filter<const D: usize>(&self, low: Point, high: Point, kept: &mut Candidates) {
        let middle: Point = std::array::from_fn(|d| (low[d] + high[d]) * 0.5);
        let radius = distance::<D>(low, middle);
        let best = self.get(self.find::<D>(middle).0).0;

        kept.blocks.clear();
        kept.len = 0;
        kept.reach = self.reach;
        for block in &self.blocks {
            let squares = block.distances::<D>(middle);
            let mut farther = [0.0f32; BLOCK];
            let mut length = [0.0f32; BLOCK];
            for d in 0..D {
                for i in 0..BLOCK {
                    let x = block.planes[d][i];
                    let toward = x - best[d];
                    let corner = if toward > 0.0 { high[d] } else { low[d] };
                    farther[i] += toward * ((x - corner) + (best[d] - corner));
                    length[i] += toward.abs();
                }
            }
            let mut keep = [false; BLOCK];
            for i in 0..BLOCK {
                let rounding = 2e-6 * (squares[i] + radius) + 2e-6 * self.reach * length[i];
                keep[i] = farther[i] <= rounding;
            }
            for (i, keep) in keep.into_iter().enumerate() {
                if keep {
                    kept.push(block.planes.map(|plane| plane[i]), block.ids[i]);
                }
            }
        }
    }

    /// Number among these of the center nearest to `point`, and the squared distance; ties to the lower.
    #[inline(always)]
    pub fn find<const D: usize>(&self, point: Point) -> (usize, f32) {
        let mut least = [f32::INFINITY; BLOCK];
        let mut at = [0u32; BLOCK];
        for (number, block) in self.blocks.iter().enumerate() {
            let squares = block.distances::<D>(point);
            for i in 0..BLOCK {
                let nearer = squares[i] < least[i];
                least[i] = if nearer { squares[i] } else { least[i] };
                at[i] = if nearer { (number * BLOCK + i) as u32 } else { at[i] };
            }
        }
        let smallest = least.iter().fold(f32::INFINITY, |a, &b| if b < a { b } else { a });
        let mut first = u32::MAX;
        for i in 0..BLOCK {
            first = if least[i] == smallest && at[i] < first { at[i] } else { first };
        }
        (first as usize, smallest)
    }

    /// Index among all of the center nearest to `point`; ties to the lower.
    #[inline(always)]
    pub fn nearest<const D: usize>(&self, point: Point) -> u32 {
        self.get(self.find::<D>(point).0).1
    }
}

/// A walk down the tree, with the candidates left at each depth.
struct Walk {
    levels: Vec<Candidates>,
}

impl Walk {
    fn new() -> Self {
        Self { levels: vec![Candidates::default()] }
    }

    /// Hands every point below `root` to `sink`; returns their weighted sum of squared distances.
    fn run<const D: usize>(&mut self, cloud: &Cloud, all: &Candidates, root: usize, sink: &mut impl Sink) -> f64 {
        let node = &cloud.nodes[root];
        vectorized(
            #[inline(always)]
            || all.filter::<D>(node.low, node.high, &mut self.levels[0]),
        );
        self.visit::<D>(cloud, root, 0, sink)
    }

    /// Handles a node whose candidates stand at `depth`.
    fn visit<const D: usize>(&mut self, cloud: &Cloud, at: usize, depth: usize, sink: &mut impl Sink) -> f64 {
        let node = &cloud.nodes[at];
        if self.levels[depth].len() == 1 {
            let (center, id) = self.levels[depth].get(0);
            return sink.whole::<D>(cloud, node, id, center);
        }
        if node.size == 1 {
            return vectorized(
                #[inline(always)]
                || leaf::<D>(cloud, node, &self.levels[depth], sink),
            );
        }
        if self.levels.len() == depth + 1 {
            self.levels.push(Candidates::default());
        }
        let mut error = 0.0;
        let mut child = at + 1;
        while child < at + node.size {
            let Node { low, high, size, .. } = cloud.nodes[child];
            let (above, below) = self.levels.split_at_mut(depth + 1);
            vectorized(
                #[inline(always)]
                || above[depth].filter::<D>(low, high, &mut below[0]),
            );
            error += self.visit::<D>(cloud, child, depth + 1, sink);
            child += size;
        }
        error
    }
}

/// Hands each point of a leaf to its nearest candidate.
#[inline(always)]
fn leaf<const D: usize>(cloud: &Cloud, node: &Node, candidates: &Candidates, sink: &mut impl Sink) -> f64 {
    let mut error = 0.0;
    for start in (node.start..node.end).step_by(BLOCK) {
        let points: [&[f32; BLOCK]; D] =
            std::array::from_fn(|d| cloud.planes[d][start..].first_chunk().expect("planes are padded"));
        let mut least = [f32::INFINITY; BLOCK];
        let mut nearest = [0u32; BLOCK];
        for c in 0..candidates.len() {
            let (center, _) = candidates.get(c);
            let mut squares = [0.0f32; BLOCK];
            for d in 0..D {
                for i in 0..BLOCK {
                    let x = points[d][i] - center[d];
                    squares[i] += x * x;
                }
            }
            for i in 0..BLOCK {
                let nearer = squares[i] < least[i];
                least[i] = if nearer { squares[i] } else { least[i] };
                nearest[i] = if nearer { c as u32 } else { nearest[i] };
            }
        }
        for i in 0..BLOCK.min(node.end - start) {
            let (_, id) = candidates.get(nearest[i] as usize);
            sink.one(cloud, start + i, id, least[i]);
            error += cloud.weights[start + i] * f64::from(least[i]);
        }
    }
    error
}
