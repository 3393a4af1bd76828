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
use crate::cloud::{BLOCK, Cloud};
use crate::moments::Moments;
use crate::simd::{Least, any, vectorized};
use crate::space::Point;
use crate::tree::{Node, Tree};

/// Centers that an assignment can tell apart.
pub const MOST_CENTERS: usize = 1 << 16;

/// Which points belong to which centers, `MOST_CENTERS` at most.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Weight and sum of the points of each center.
    pub moments: Vec<Moments>,
    /// Weighted sum of squared distances to the nearest centers.
    pub error: f64,
    /// One a tree.
    owners: Vec<Owners>,
}

/// The centers of a tree's points.
#[derive(Clone, Debug)]
struct Owners {
    /// The center of all points of a leaf, or `SHARED`, or `NOBODY`.
    leaves: Vec<u32>,
    /// The center of each point, up to date in leaves that are `SHARED`; `BLOCK` more behind the last.
    points: Vec<u16>,
}

/// Where errors are a smaller share of the scatter, rounding is seen in what is left of the sums.
const CANCELLED: f64 = 1e-9;
/// Not yet assigned.
const NOBODY: u32 = u32::MAX;
/// The points of a leaf may have different centers.
const SHARED: u32 = u32::MAX - 1;

impl Assignment {
    /// Assigns every point of `cloud` to the nearest of `centers`.
    pub fn new(cloud: &Cloud, centers: &[Point]) -> Self {
        assert!(centers.len() <= MOST_CENTERS, "{} centers are too many", centers.len());
        let unowned =
            |tree: &Tree| Owners { leaves: vec![NOBODY; tree.leaves.len()], points: vec![0; tree.len() + BLOCK] };
        let mut assignment = Self {
            moments: vec![Moments::default(); centers.len()],
            error: f64::INFINITY,
            owners: cloud.trees.iter().map(unowned).collect(),
        };
        assignment.update(cloud, centers);
        assignment
    }

    /// Assigns every point anew, after centers moved.
    pub fn update(&mut self, cloud: &Cloud, centers: &[Point]) {
        let all = Candidates::new(centers, cloud);
        let flat = is_flat(cloud, centers);
        let run = |changes: &mut Changes, (tree, owners): (&Tree, &mut Owners)| {
            vectorized(
                #[inline(always)]
                || match flat {
                    true => changes.run::<3>(cloud, tree, &all, owners),
                    false => changes.run::<4>(cloud, tree, &all, owners),
                },
            )
        };
        let done: Vec<Vec<(u32, Moments)>> = if let [tree] = &cloud.trees[..] {
            vec![run(&mut Changes::new(centers.len()), (tree, &mut self.owners[0]))]
        } else {
            let tasks = cloud.trees.par_iter().zip(&mut self.owners);
            tasks.map_init(|| Changes::new(centers.len()), run).collect()
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

    /// Index of the center nearest to each point.
    pub fn labels(&self, cloud: &Cloud) -> Vec<u16> {
        let mut labels = vec![0; cloud.len()];
        let mut rest = &mut labels[..];
        let runs = cloud.trees.iter().map(|tree| rest.split_off_mut(..tree.len()).expect("all points are in trees"));
        let runs: Vec<&mut [u16]> = runs.collect();
        cloud.trees.par_iter().zip(&self.owners).zip(runs).for_each(|((tree, owners), labels)| {
            for (leaf, &owner) in tree.leaves.iter().zip(&owners.leaves) {
                let points = leaf.start - tree.start()..leaf.end - tree.start();
                match owner {
                    SHARED => labels[points.clone()].copy_from_slice(&owners.points[points]),
                    owner => labels[points].fill(owner as u16),
                }
            }
        });
        labels
    }

    /// Weighted sum of squared distances, from the moments alone where that doesn't cancel them out.
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
        if error > CANCELLED * cloud.scatter {
            return error;
        }
        let distances = self.distances(cloud, centers);
        distances.iter().zip(&cloud.weights).map(|(&square, &weight)| f64::from(weight) * f64::from(square)).sum()
    }

    /// Squared distance of each point to its center.
    pub fn distances(&self, cloud: &Cloud, centers: &[Point]) -> Vec<f32> {
        let square = |(i, &label): (usize, &u16)| distance::<4>(cloud.point(i), centers[label as usize]);
        self.labels(cloud).par_iter().enumerate().with_min_len(4096).map(square).collect()
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
        }
    }

    /// Assigns the points of a tree; returns what centers gained and lost.
    #[inline(always)]
    fn run<const D: usize>(
        &mut self,
        cloud: &Cloud,
        tree: &Tree,
        all: &Candidates,
        owners: &mut Owners,
    ) -> Vec<(u32, Moments)> {
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
                self.give::<D>(cloud, tree, node, owners, id);
                at += node.size;
            } else if node.size > 1 {
                depth += 1;
                ends[depth] = at + node.size;
                at += 1;
            } else {
                self.divide::<D>(cloud, tree, node, depth, owners);
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
    fn divide<const D: usize>(&mut self, cloud: &Cloud, tree: &Tree, node: &Node, depth: usize, owners: &mut Owners) {
        let mut low = [&[0.0; BLOCK]; D];
        let mut high = low;
        for d in 0..D {
            low[d] = tree.low[d][node.leaves.start..].first_chunk().expect("planes are padded");
            high[d] = tree.high[d][node.leaves.start..].first_chunk().expect("planes are padded");
        }
        let centers = std::mem::take(&mut self.levels[depth]);
        let mut kept = std::mem::take(&mut self.kept);
        centers.filter_boxes::<D>(low, high, &mut kept);
        for (lane, number) in node.leaves.clone().enumerate() {
            let mut count = 0;
            let mut last = 0;
            for (block, kept) in kept.iter().enumerate() {
                count += kept[lane].count_ones();
                last = if kept[lane] == 0 { last } else { block * BLOCK + kept[lane].trailing_zeros() as usize };
            }
            if count == 1 {
                let (_, id) = centers.get(last);
                self.give_leaf::<D>(cloud, tree, number, owners, id);
            } else {
                self.share_leaf::<D>(cloud, tree, number, owners, &centers, &kept, lane);
            }
        }
        self.levels[depth] = centers;
        self.kept = kept;
    }

    /// Gives all points of a node to one center.
    #[inline(always)]
    fn give<const D: usize>(&mut self, cloud: &Cloud, tree: &Tree, node: &Node, owners: &mut Owners, id: u32) {
        let leaves = &mut owners.leaves[node.leaves.clone()];
        let old = leaves[0];
        if old == SHARED || leaves.iter().any(|&owner| owner != old) {
            for number in node.leaves.clone() {
                self.give_leaf::<D>(cloud, tree, number, owners, id);
            }
        } else if old != id {
            self.hand_over(&node.moments, old, id);
            leaves.fill(id);
        }
    }

    /// Gives all points of a leaf to one center.
    #[inline(always)]
    fn give_leaf<const D: usize>(&mut self, cloud: &Cloud, tree: &Tree, number: usize, owners: &mut Owners, id: u32) {
        let old = std::mem::replace(&mut owners.leaves[number], id);
        let leaf = &tree.leaves[number];
        if old == SHARED {
            for i in leaf.start..leaf.end {
                let from = u32::from(owners.points[i - tree.start()]);
                if from != id {
                    self.change::<D>(cloud, i, from, id);
                }
            }
        } else if old != id {
            self.hand_over(&leaf.moments, old, id);
        }
    }

    /// Gives each point of a leaf to the nearest of the centers of which lane `lane` has kept some.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "what a leaf is, and who can have it")]
    fn share_leaf<const D: usize>(
        &mut self,
        cloud: &Cloud,
        tree: &Tree,
        number: usize,
        owners: &mut Owners,
        centers: &Candidates,
        kept: &[[u32; BLOCK]],
        lane: usize,
    ) {
        let leaf = &tree.leaves[number];
        for start in (leaf.start..leaf.end).step_by(BLOCK) {
            let mut points = [&[0.0f32; BLOCK]; D];
            for d in 0..D {
                points[d] = cloud.planes[d][start..].first_chunk().expect("planes are padded");
            }
            let mut least = Least::<BLOCK>::new();
            for (block, kept) in kept.iter().enumerate() {
                let mut left = kept[lane];
                while left != 0 {
                    let (center, id) = centers.get(block * BLOCK + left.trailing_zeros() as usize);
                    left &= left - 1;
                    let mut squares = [0.0; BLOCK];
                    for i in 0..BLOCK {
                        for d in 0..D {
                            let x = points[d][i] - center[d];
                            squares[i] += x * x;
                        }
                    }
                    least.offer(squares, id);
                }
            }
            let nearest = least.ids;
            let mut owner = owners.leaves[number];
            if owner == NOBODY {
                owner = nearest[0];
                owners.leaves[number] = owner;
                self.hand_over(&leaf.moments, NOBODY, owner);
            }
            let at = start - tree.start();
            let old: [u32; BLOCK] = match owner {
                SHARED => {
                    let points: &[u16; BLOCK] = owners.points[at..].first_chunk().expect("points are padded");
                    points.map(u32::from)
                }
                owner => [owner; BLOCK],
            };
            let mut differ = [0u32; BLOCK];
            for i in 0..BLOCK {
                differ[i] = if old[i] != nearest[i] { 1 << i } else { 0 };
            }
            let mut changed = any(differ) & ((1u64 << (leaf.end - start).min(BLOCK)) - 1) as u32;
            if changed == 0 {
                continue;
            }
            if owner != SHARED {
                owners.leaves[number] = SHARED;
                owners.points[leaf.start - tree.start()..leaf.end - tree.start()].fill(owner as u16);
            }
            while changed != 0 {
                let i = changed.trailing_zeros() as usize;
                changed &= changed - 1;
                self.change::<D>(cloud, start + i, old[i], nearest[i]);
                owners.points[at + i] = nearest[i] as u16;
            }
        }
    }

    /// Gives all points that add up to `moments` from one center, or nobody, to another.
    #[inline(always)]
    fn hand_over(&mut self, moments: &Moments, from: u32, to: u32) {
        self.of(to).merge(moments);
        if from != NOBODY {
            self.of(from).take(moments);
        }
    }

    /// Moves a point from one center to another.
    #[inline(always)]
    fn change<const D: usize>(&mut self, cloud: &Cloud, i: usize, from: u32, to: u32) {
        // In three dimensions all share the last coordinate, and its plane stays out of the way.
        let mut point = cloud.all.low;
        for d in 0..D {
            point[d] = cloud.planes[d][i];
        }
        let weight = cloud.weights[i];
        self.of(to).add(point, weight);
        self.of(from).add(point, -weight);
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
