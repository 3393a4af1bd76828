//! One pass of Lloyd's algorithm, exact, at a cost far below points times centers.
//!
//! The filtering of T. Kanungo et al., "An efficient k-means clustering algorithm: analysis and implementation" (2002):
//! down the tree, each box keeps only the centers that can be nearest to one of its points; where one is left the whole
//! box goes to it. A leaf computes the distances to the centers left in plain 32-bit arithmetic. Labels equal those of
//! computing every distance, ties to the lower center.
//!
//! Only points that change their center are added up anew, so that the passes near the end cost less.

use rayon::prelude::*;

use crate::candidates::{Candidates, distance};
use crate::cloud::{BLOCK, Cloud, Node, Tree};
use crate::moments::Moments;
use crate::simd::vectorized;
use crate::space::Point;

/// Which points belong to which centers.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Index of the center nearest to each point.
    pub labels: Vec<u32>,
    /// Weight and sum of the points of each center.
    pub moments: Vec<Moments>,
    /// Weighted sum of squared distances to the nearest centers.
    pub error: f64,
}

/// Not yet assigned.
const NOBODY: u32 = u32::MAX;

impl Assignment {
    /// Assigns every point of `cloud` to the nearest of `centers`.
    pub fn new(cloud: &Cloud, centers: &[Point]) -> Self {
        let mut assignment = Self {
            labels: vec![NOBODY; cloud.len()],
            moments: vec![Moments::default(); centers.len()],
            error: f64::INFINITY,
        };
        assignment.update(cloud, centers);
        assignment
    }

    /// Assigns every point anew, after centers moved.
    pub fn update(&mut self, cloud: &Cloud, centers: &[Point]) {
        let all = Candidates::new(centers, cloud);
        let flat = is_flat(cloud, centers);
        let run = |changes: &mut Changes, (tree, labels): (&Tree, &mut [u32])| {
            vectorized(
                #[inline(always)]
                || match flat {
                    true => changes.run::<3>(cloud, tree, &all, labels),
                    false => changes.run::<4>(cloud, tree, &all, labels),
                },
            )
        };
        let mut tasks = Vec::new();
        let mut rest = &mut self.labels[..];
        for tree in &cloud.trees {
            let labels;
            (labels, rest) = rest.split_at_mut(tree.nodes[0].end - tree.nodes[0].start);
            tasks.push((tree, labels));
        }
        let done: Vec<Vec<(u32, Moments)>> = if tasks.len() == 1 {
            let mut changes = Changes::new(centers.len());
            tasks.into_iter().map(|task| run(&mut changes, task)).collect()
        } else {
            tasks.into_par_iter().map_init(|| Changes::new(centers.len()), run).collect()
        };
        for (center, change) in done.into_iter().flatten() {
            let moments = &mut self.moments[center as usize];
            moments.merge(&change);
            if moments.weight == 0.0 {
                *moments = Moments::default();
            }
        }
        self.error = self.error_of(cloud, centers);
    }

    /// Weighted sum of squared distances, from the moments alone.
    fn error_of(&self, cloud: &Cloud, centers: &[Point]) -> f64 {
        // About the mean of all points, |x - c|^2 = |x|^2 - 2 x c + |c|^2; the first adds up to the scatter.
        let mean = cloud.all.moments.mean();
        let mut error = cloud.scatter;
        for (center, moments) in centers.iter().zip(&self.moments) {
            for d in 0..4 {
                let center = f64::from(center[d]) - mean[d];
                error += center * (moments.weight * center - 2.0 * (moments.sum[d] - moments.weight * mean[d]));
            }
        }
        error.max(0.0)
    }

    /// Squared distance of each point to its center.
    pub fn distances(&self, cloud: &Cloud, centers: &[Point]) -> Vec<f32> {
        let square = |(i, &label): (usize, &u32)| distance::<4>(cloud.point(i), centers[label as usize]);
        self.labels.par_iter().enumerate().with_min_len(4096).map(square).collect()
    }
}

/// Whether all points and centers have one alpha, so that three dimensions tell them apart.
fn is_flat(cloud: &Cloud, centers: &[Point]) -> bool {
    let alpha = cloud.all.low[3];
    alpha == cloud.all.high[3] && centers.iter().all(|center| center[3] == alpha)
}

/// What centers gain and lose, and room to work in.
struct Changes {
    moments: Vec<Moments>,
    is_touched: Vec<bool>,
    touched: Vec<u32>,
    /// The centers left at each depth of the tree.
    levels: Vec<Candidates>,
    /// Those left in each leaf of a node.
    kept: Vec<[u32; BLOCK]>,
    /// Those left in one leaf.
    near: Vec<(Point, u32)>,
}

/// The deepest a tree can be: one level for each bit of a code.
const MOST_DEPTH: usize = 32;

impl Changes {
    fn new(centers: usize) -> Self {
        Self {
            moments: vec![Moments::default(); centers],
            is_touched: vec![false; centers],
            touched: Vec::new(),
            levels: Vec::new(),
            kept: Vec::new(),
            near: Vec::new(),
        }
    }

    /// Assigns the points of a tree; returns what centers gained and lost.
    #[inline(always)]
    fn run<const D: usize>(
        &mut self,
        cloud: &Cloud,
        tree: &Tree,
        all: &Candidates,
        labels: &mut [u32],
    ) -> Vec<(u32, Moments)> {
        let first = tree.nodes[0].start;
        let mut ends = [0; MOST_DEPTH];
        let (mut at, mut depth) = (0, 0);
        while at < tree.nodes.len() {
            while depth > 0 && at >= ends[depth] {
                depth -= 1;
            }
            if self.levels.len() == depth {
                self.levels.push(Candidates::default());
            }
            let node = &tree.nodes[at];
            let (above, below) = self.levels.split_at_mut(depth);
            let from = if depth == 0 { all } else { &above[depth - 1] };
            from.filter::<D>(node.low, node.high, &mut below[0]);
            if below[0].len() == 1 {
                let (_, id) = below[0].get(0);
                self.give(cloud, &node.moments, node.start, &mut labels[node.start - first..node.end - first], id);
                at += node.size;
            } else if node.size > 1 {
                depth += 1;
                ends[depth] = at + node.size;
                at += 1;
            } else {
                self.leaves::<D>(cloud, tree, node, depth, labels);
                at += 1;
            }
        }
        let mut changed = Vec::with_capacity(self.touched.len());
        for center in self.touched.drain(..) {
            self.is_touched[center as usize] = false;
            changed.push((center, std::mem::take(&mut self.moments[center as usize])));
        }
        changed
    }

    /// Assigns the points of a node without children, whose centers stand at `depth`.
    #[inline(always)]
    fn leaves<const D: usize>(&mut self, cloud: &Cloud, tree: &Tree, node: &Node, depth: usize, labels: &mut [u32]) {
        let first = tree.nodes[0].start;
        let mut low = [&[0.0; BLOCK]; D];
        let mut high = low;
        for d in 0..D {
            low[d] = tree.low[d][node.leaves.start..].first_chunk().expect("planes are padded");
            high[d] = tree.high[d][node.leaves.start..].first_chunk().expect("planes are padded");
        }
        let mut kept = std::mem::take(&mut self.kept);
        let mut near = std::mem::take(&mut self.near);
        self.levels[depth].filter_boxes::<D>(low, high, &mut kept);
        for (lane, leaf) in tree.leaves[node.leaves.clone()].iter().enumerate() {
            near.clear();
            for (block, kept) in kept.iter().enumerate() {
                let mut left = kept[lane];
                while left != 0 {
                    near.push(self.levels[depth].get(block * BLOCK + left.trailing_zeros() as usize));
                    left &= left - 1;
                }
            }
            let labels = &mut labels[leaf.start - first..leaf.end - first];
            if let [(_, id)] = near[..] {
                self.give(cloud, &leaf.moments, leaf.start, labels, id);
            } else {
                self.leaf::<D>(cloud, leaf.start, &near, labels);
            }
        }
        (self.kept, self.near) = (kept, near);
    }

    /// Gives all points from `start` on, whose moments are `whole`, to one center.
    #[inline(always)]
    fn give(&mut self, cloud: &Cloud, whole: &Moments, start: usize, labels: &mut [u32], id: u32) {
        let old = labels[0];
        let mut differing = 0;
        for &label in labels.iter() {
            differing |= label ^ old;
        }
        if differing == 0 {
            if old != id {
                self.of(id).merge(whole);
                if old != NOBODY {
                    self.of(old).take(whole);
                }
                labels.fill(id);
            }
            return;
        }
        for (i, label) in labels.iter_mut().enumerate() {
            if *label != id {
                self.change(cloud, start + i, *label, id);
                *label = id;
            }
        }
    }

    /// Gives each point from `start` on to the nearest of the centers `near` it.
    #[inline(always)]
    fn leaf<const D: usize>(&mut self, cloud: &Cloud, start: usize, near: &[(Point, u32)], labels: &mut [u32]) {
        for (chunk, labels) in labels.chunks_mut(BLOCK).enumerate() {
            let start = start + chunk * BLOCK;
            let mut points = [[0.0f32; BLOCK]; D];
            for d in 0..D {
                points[d].copy_from_slice(&cloud.planes[d][start..start + BLOCK]);
            }
            let mut least = [f32::INFINITY; BLOCK];
            let mut nearest = [0u32; BLOCK];
            for &(center, id) in near {
                for i in 0..BLOCK {
                    let mut square = 0.0;
                    for d in 0..D {
                        let x = points[d][i] - center[d];
                        square += x * x;
                    }
                    let nearer = square < least[i];
                    least[i] = if nearer { square } else { least[i] };
                    nearest[i] = if nearer { id } else { nearest[i] };
                }
            }
            let mut old = nearest;
            old[..labels.len()].copy_from_slice(labels);
            let mut changed = [0u32; BLOCK];
            for i in 0..BLOCK {
                changed[i] = if old[i] != nearest[i] { 1 << i } else { 0 };
            }
            let mut width = BLOCK;
            while width > 1 {
                width /= 2;
                for i in 0..width {
                    changed[i] |= changed[i + width];
                }
            }
            let mut changed = changed[0];
            if changed == 0 {
                continue;
            }
            while changed != 0 {
                let i = changed.trailing_zeros() as usize;
                changed &= changed - 1;
                self.change(cloud, start + i, labels[i], nearest[i]);
            }
            labels.copy_from_slice(&nearest[..labels.len()]);
        }
    }

    /// Moves a point from one center to another.
    #[inline(always)]
    fn change(&mut self, cloud: &Cloud, i: usize, from: u32, to: u32) {
        let (point, weight) = (cloud.point(i), cloud.weights[i]);
        self.of(to).add(point, weight);
        if from != NOBODY {
            self.of(from).add(point, -weight);
        }
    }

    #[inline(always)]
    fn of(&mut self, center: u32) -> &mut Moments {
        let center = center as usize;
        if !self.is_touched[center] {
            self.is_touched[center] = true;
            self.touched.push(center as u32);
        }
        &mut self.moments[center]
    }
}
