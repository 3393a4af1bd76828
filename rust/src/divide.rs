//! First centers by division: again and again, cut the group whose cut lowers the squared error most.
//!
//! A cut is a plane across the group's principal axis, at the place that lowers the error most, after X. Wu, "Color
//! quantization by dynamic programming and principal analysis", ACM Transactions on Graphics 11 (1992).

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use crate::cloud::{BLOCK, Cloud};
use crate::moments::Moments;
use crate::simd::vectorized;
use crate::space::Point;

/// Weighted points that may be put in another order, one plane a coordinate.
pub struct Points {
    planes: [Vec<f32>; 4],
    weights: Vec<f32>,
}

impl Points {
    /// The points of a cloud, group after group; also where each group starts, and the end.
    pub fn grouped(cloud: &Cloud, labels: &[u16], groups: usize) -> (Self, Vec<usize>) {
        let mut starts = vec![0; groups + 1];
        for &label in labels {
            starts[label as usize + 1] += 1;
        }
        for group in 0..groups {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut order = vec![0u32; labels.len()];
        for (i, &label) in labels.iter().enumerate() {
            order[next[label as usize]] = i as u32;
            next[label as usize] += 1;
        }
        let ordered = |plane: &[f32]| order.iter().map(|&i| plane[i as usize]).collect();
        let planes = [0, 1, 2, 3].map(|d| ordered(&cloud.planes[d]));
        (Self { planes, weights: ordered(&cloud.weights) }, starts)
    }

    /// All points from `start` to `end`.
    pub fn slice(&self, start: usize, end: usize) -> Slice<'_> {
        Slice { planes: [0, 1, 2, 3].map(|d| &self.planes[d][start..end]), weights: &self.weights[start..end] }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The points of two runs together, and their moments.
    pub fn union(&self, runs: [Range<usize>; 2]) -> (Self, Moments) {
        let joined = |plane: &[f32]| [&plane[runs[0].clone()], &plane[runs[1].clone()]].concat();
        let union = Self { planes: [0, 1, 2, 3].map(|d| joined(&self.planes[d])), weights: joined(&self.weights) };
        let moments = union.slice(0, union.len()).moments();
        (union, moments)
    }

    fn swap(&mut self, i: usize, j: usize) {
        for plane in &mut self.planes {
            plane.swap(i, j);
        }
        self.weights.swap(i, j);
    }

    /// Moves the points left of the cut to the front of the run; returns where the others start.
    fn partition(&mut self, start: usize, end: usize, cut: &Cut) -> usize {
        let mut middle = start;
        for i in start..end {
            if cut.is_left(self.slice(i, i + 1).point(0)) {
                self.swap(i, middle);
                middle += 1;
            }
        }
        middle
    }
}

/// A run of weighted points.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    planes: [&'a [f32]; 4],
    weights: &'a [f32],
}

impl Slice<'_> {
    /// How many points there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// A point.
    #[inline(always)]
    pub fn point(&self, i: usize) -> Point {
        [self.planes[0][i], self.planes[1][i], self.planes[2][i], self.planes[3][i]]
    }

    /// Up to `BLOCK` points from `start` on and their weights, filled up with weightless ones.
    #[inline(always)]
    pub fn block(&self, start: usize) -> ([[f32; BLOCK]; 4], [f32; BLOCK]) {
        let n = (self.len() - start).min(BLOCK);
        let mut planes = [[0.0; BLOCK]; 4];
        let mut weights = [0.0; BLOCK];
        for d in 0..4 {
            planes[d][..n].copy_from_slice(&self.planes[d][start..start + n]);
        }
        weights[..n].copy_from_slice(&self.weights[start..start + n]);
        (planes, weights)
    }

    /// Weight and sum of the points.
    pub fn moments(&self) -> Moments {
        let mut moments = Moments::default();
        for i in 0..self.len() {
            moments.add(self.point(i), self.weights[i]);
        }
        moments
    }
}

/// A plane through a group of points, and what both sides hold.
#[derive(Clone, Debug)]
pub struct Cut {
    axis: Point,
    mean: Point,
    scale: f32,
    low: f32,
    bucket: usize,
    /// How much the squared error falls when the mean of each side takes the place of the common mean.
    pub gain: f64,
    /// The points on one side.
    pub left: Moments,
    /// The points on the other.
    pub right: Moments,
}

/// Places along the axis that are tried: between any two of at most this many buckets.
const MOST_BUCKETS: usize = 256;
/// Groups larger than this are cut in parallel.
const PARALLEL: usize = 1 << 11;

impl Cut {
    /// The best cut through `points`, whose moments are `whole`; `None` when they are all alike.
    pub fn best(points: Slice, whole: &Moments) -> Option<Self> {
        if points.len() < 2 {
            return None;
        }
        let mean = whole.mean().map(|x| x as f32);
        let axis = principal_axis(points, mean)?;
        let mut cut = Self {
            axis,
            mean,
            scale: 1.0,
            low: 0.0,
            bucket: 0,
            gain: 0.0,
            left: Moments::default(),
            right: Moments::default(),
        };
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for i in 0..points.len() {
            let t = cut.project(points.point(i));
            low = if t < low { t } else { low };
            high = if t > high { t } else { high };
        }
        let count = (2 * points.len()).min(MOST_BUCKETS);
        let scale = count as f32 / (high - low);
        if high <= low || !scale.is_finite() {
            return None;
        }
        (cut.low, cut.scale) = (low, scale);

        // Moments about the mean: both sides' sums cancel, so that one side's sum gives the gain. The mean is rounded, and of a
        // great weight what that leaves is not nothing.
        let left_over: [f64; 4] = std::array::from_fn(|d| whole.mean()[d] - f64::from(mean[d]));
        let mut buckets = vec![Moments::default(); count];
        for i in 0..points.len() {
            let point = points.point(i);
            let mut centered = point;
            for d in 0..4 {
                centered[d] -= mean[d];
            }
            buckets[cut.bucket_of(point).min(count - 1)].add(centered, points.weights[i]);
        }
        let mut left = Moments::default();
        let mut best = Moments::default();
        for (bucket, moments) in buckets.iter().enumerate().take(count - 1) {
            left.merge(moments);
            let right = whole.weight - left.weight;
            if left.weight > 0.0 && right > 0.0 {
                let squared: f64 =
                    left.sum.iter().zip(left_over).map(|(sum, rest)| (sum - left.weight * rest).powi(2)).sum();
                let gain = squared * (1.0 / left.weight + 1.0 / right);
                if gain > cut.gain {
                    cut.gain = gain;
                    cut.bucket = bucket;
                    best = left;
                }
            }
        }
        if cut.gain <= 0.0 {
            return None;
        }
        cut.left =
            Moments { weight: best.weight, sum: [0, 1, 2, 3].map(|d| best.sum[d] + f64::from(mean[d]) * best.weight) };
        cut.right = *whole;
        cut.right.take(&cut.left);
        Some(cut)
    }

    #[inline(always)]
    fn project(&self, point: Point) -> f32 {
        let mut t = 0.0;
        for d in 0..4 {
            t += (point[d] - self.mean[d]) * self.axis[d];
        }
        t
    }

    #[inline(always)]
    fn bucket_of(&self, point: Point) -> usize {
        ((self.project(point) - self.low) * self.scale) as usize
    }

    #[inline(always)]
    fn is_left(&self, point: Point) -> bool {
        self.bucket_of(point) <= self.bucket
    }
}

/// Unit vector along which the points scatter most; `None` when they do not scatter.
fn principal_axis(points: Slice, mean: Point) -> Option<Point> {
    let mut m = [[0.0f64; 4]; 4];
    let lanes = vectorized(
        #[inline(always)]
        || covariance(points, mean),
    );
    let mut lanes = lanes.iter();
    for r in 0..4 {
        for c in r..4 {
            m[r][c] = lanes.next().expect("ten pairs").iter().map(|&x| f64::from(x)).sum();
            m[c][r] = m[r][c];
        }
    }
    // Each squaring doubles the power of the matrix: the largest eigenvalue drowns the others.
    for _ in 0..5 {
        let trace: f64 = (0..4).map(|d| m[d][d]).sum();
        if trace <= 0.0 || !trace.is_finite() {
            return None;
        }
        let unit = m.map(|row| row.map(|v| v / trace));
        m = std::array::from_fn(|r| std::array::from_fn(|c| (0..4).map(|i| unit[r][i] * unit[i][c]).sum()));
    }
    let longest = (0..4).max_by(|&a, &b| m[a][a].total_cmp(&m[b][b]).then(b.cmp(&a)))?;
    let norm = m[longest].iter().map(|v| v * v).sum::<f64>().sqrt();
    (norm > 0.0).then(|| m[longest].map(|v| (v / norm) as f32))
}

/// Weighted products of all pairs of coordinates about the mean, in lanes; the upper triangle, row by row.
#[inline(always)]
fn covariance(points: Slice, mean: Point) -> [[f32; BLOCK]; 10] {
    let mut sums = [[0.0f32; BLOCK]; 10];
    for start in (0..points.len()).step_by(BLOCK) {
        let (planes, weights) = points.block(start);
        for i in 0..BLOCK {
            let (x, y) = (planes[0][i] - mean[0], planes[1][i] - mean[1]);
            let (z, a) = (planes[2][i] - mean[2], planes[3][i] - mean[3]);
            let (wx, wy, wz, wa) = (weights[i] * x, weights[i] * y, weights[i] * z, weights[i] * a);
            sums[0][i] += wx * x;
            sums[1][i] += wx * y;
            sums[2][i] += wx * z;
            sums[3][i] += wx * a;
            sums[4][i] += wy * y;
            sums[5][i] += wy * z;
            sums[6][i] += wy * a;
            sums[7][i] += wz * z;
            sums[8][i] += wz * a;
            sums[9][i] += wa * a;
        }
    }
    sums
}

/// A run of points with the best cut through them.
struct Group {
    start: usize,
    end: usize,
    moments: Moments,
    cut: Option<Cut>,
}

impl Group {
    fn new(points: &Points, start: usize, end: usize, moments: Moments) -> Self {
        Self { start, end, moments, cut: Cut::best(points.slice(start, end), &moments) }
    }

    fn gain(&self) -> f64 {
        self.cut.as_ref().map_or(0.0, |cut| cut.gain)
    }
}

impl Ord for Group {
    fn cmp(&self, other: &Self) -> Ordering {
        self.gain().total_cmp(&other.gain()).then(other.start.cmp(&self.start))
    }
}

impl PartialOrd for Group {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Group {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Group {}

/// Points in groups, of which the one whose cut lowers the error most is cut next.
struct Division {
    points: Points,
    groups: BinaryHeap<Group>,
}

impl Division {
    /// All points in one group.
    fn new(cloud: &Cloud) -> Self {
        let (points, _) = Points::grouped(cloud, &vec![0; cloud.len()], 1);
        let groups = BinaryHeap::from([Group::new(&points, 0, cloud.len(), cloud.all.moments)]);
        Self { points, groups }
    }

    /// Cuts a group in two; returns by how much the error falls, `None` when no group can be cut.
    fn cut(&mut self) -> Option<f64> {
        let mut widest = self.groups.peek_mut()?;
        let cut = widest.cut.take()?;
        let (start, end) = (widest.start, widest.end);
        let middle = self.points.partition(start, end, &cut);
        let points = &self.points;
        let sides = (|| Group::new(points, start, middle, cut.left), || Group::new(points, middle, end, cut.right));
        let (left, right) = if end - start > PARALLEL { rayon::join(sides.0, sides.1) } else { (sides.0(), sides.1()) };
        *widest = left;
        drop(widest);
        self.groups.push(right);
        Some(cut.gain)
    }
}

/// The means of at most `k` groups; fewer when there are fewer distinct points.
pub fn seeds(cloud: &Cloud, k: usize) -> Vec<Point> {
    let mut division = Division::new(cloud);
    while division.groups.len() < k && division.cut().is_some() {}
    let mut groups = division.groups.into_vec();
    groups.sort_unstable_by_key(|group| group.start);
    groups.iter().map(|group| group.moments.mean().map(|x| x as f32)).collect()
}

/// The squared error of 1, 2, ... and at most `k` groups; fewer when there are fewer distinct points.
pub fn errors(cloud: &Cloud, k: usize) -> Vec<f64> {
    let mut division = Division::new(cloud);
    let mut errors = vec![cloud.scatter];
    while errors.len() < k {
        let Some(gain) = division.cut() else { break };
        errors.push((errors[errors.len() - 1] - gain).max(0.0));
    }
    errors
}
