//! First centers by division: again and again, cut the group whose cut lowers the squared error most.
//!
//! A cut is a plane across the group's principal axis, at the place that lowers the error most, after X. Wu, "Color
//! quantization by dynamic programming and principal analysis", ACM Transactions on Graphics 11 (1992).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::cloud::{Cloud, Moments};
use crate::space::Point;

/// A point with its weight.
pub type Weighted = (Point, f64);

/// A plane through a group of points, and what both sides hold.
#[derive(Clone, Debug)]
pub struct Cut {
    axis: [f64; 4],
    mean: [f64; 4],
    scale: f64,
    low: f64,
    bucket: usize,
    /// How much the squared error falls when the mean of each side takes the place of the common mean.
    pub gain: f64,
    /// The points on one side.
    pub left: Moments,
    /// The points on the other.
    pub right: Moments,
}

/// Places along the axis that are tried: between any two of this many buckets.
const BUCKETS: usize = 256;
/// Groups larger than this are cut in parallel.
const PARALLEL: usize = 1 << 11;

impl Cut {
    /// The best cut through `points`, whose moments are `whole`; `None` when they are all alike.
    pub fn best(points: &[Weighted], whole: &Moments) -> Option<Self> {
        if points.len() < 2 {
            return None;
        }
        let mean = whole.mean();
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
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &(point, _) in points {
            let t = cut.project(point);
            low = if t < low { t } else { low };
            high = if t > high { t } else { high };
        }
        if high <= low {
            return None;
        }
        cut.low = low;
        cut.scale = BUCKETS as f64 / (high - low);

        // Moments about the mean: both sides' sums cancel, so that one side's sum gives the gain.
        let mut buckets = [Moments::default(); BUCKETS];
        for &(point, weight) in points {
            let centered = std::array::from_fn(|d| f64::from(point[d]) - mean[d]);
            buckets[cut.bucket_of(point)].add(centered, weight);
        }
        let mut left = Moments::default();
        let mut best = Moments::default();
        for (bucket, moments) in buckets.iter().enumerate().take(BUCKETS - 1) {
            left.merge(moments);
            let right = whole.weight - left.weight;
            if left.weight > 0.0 && right > 0.0 {
                let squared: f64 = left.sum.iter().map(|s| s * s).sum();
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
        cut.left = Moments { weight: best.weight, sum: std::array::from_fn(|d| best.sum[d] + mean[d] * best.weight) };
        cut.right = Moments {
            weight: whole.weight - best.weight,
            sum: std::array::from_fn(|d| whole.sum[d] - cut.left.sum[d]),
        };
        Some(cut)
    }

    #[inline(always)]
    fn project(&self, point: Point) -> f64 {
        let c: [f64; 4] = std::array::from_fn(|d| (f64::from(point[d]) - self.mean[d]) * self.axis[d]);
        c[0] + c[1] + c[2] + c[3]
    }

    #[inline(always)]
    fn bucket_of(&self, point: Point) -> usize {
        (((self.project(point) - self.low) * self.scale) as usize).min(BUCKETS - 1)
    }

    fn is_left(&self, point: Point) -> bool {
        self.bucket_of(point) <= self.bucket
    }
}

/// Unit vector along which the points scatter most; `None` when they do not scatter.
fn principal_axis(points: &[Weighted], mean: [f64; 4]) -> Option<[f64; 4]> {
    let mut m = [[0.0f64; 4]; 4];
    for &(point, weight) in points {
        let x: [f64; 4] = std::array::from_fn(|d| f64::from(point[d]) - mean[d]);
        for r in 0..4 {
            let wx = weight * x[r];
            for c in r..4 {
                m[r][c] += wx * x[c];
            }
        }
    }
    for r in 0..4 {
        for c in 0..r {
            m[r][c] = m[c][r];
        }
    }
    // Each squaring doubles the power of the matrix: the largest eigenvalue drowns the others.
    for _ in 0..6 {
        let trace: f64 = (0..4).map(|d| m[d][d]).sum();
        if trace <= 0.0 || !trace.is_finite() {
            return None;
        }
        let unit = m.map(|row| row.map(|v| v / trace));
        m = std::array::from_fn(|r| std::array::from_fn(|c| (0..4).map(|i| unit[r][i] * unit[i][c]).sum()));
    }
    let longest = (0..4).max_by(|&a, &b| m[a][a].total_cmp(&m[b][b]).then(b.cmp(&a)))?;
    let norm = m[longest].iter().map(|v| v * v).sum::<f64>().sqrt();
    (norm > 0.0).then(|| m[longest].map(|v| v / norm))
}

/// A run of points with the best cut through them.
struct Group {
    start: usize,
    end: usize,
    moments: Moments,
    cut: Option<Cut>,
}

impl Group {
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

/// The means of at most `k` groups; fewer when there are fewer distinct points.
pub fn seeds(cloud: &Cloud, k: usize) -> Vec<Point> {
    let mut points: Vec<Weighted> = (0..cloud.len()).map(|i| (cloud.point(i), cloud.weights[i])).collect();
    let moments = cloud.nodes[0].moments;
    let mut groups =
        BinaryHeap::from([Group { start: 0, end: points.len(), moments, cut: Cut::best(&points, &moments) }]);
    while groups.len() < k {
        let Some(mut widest) = groups.peek_mut() else { break };
        let Some(cut) = widest.cut.take() else { break };
        let (start, end) = (widest.start, widest.end);
        let middle = start + partition(&mut points[start..end], &cut);
        let side = |start: usize, end: usize, moments: Moments| Group {
            start,
            end,
            moments,
            cut: Cut::best(&points[start..end], &moments),
        };
        let sides = (|| side(start, middle, cut.left), || side(middle, end, cut.right));
        let (left, right) = if end - start > PARALLEL { rayon::join(sides.0, sides.1) } else { (sides.0(), sides.1()) };
        *widest = left;
        drop(widest);
        groups.push(right);
    }
    let mut groups = groups.into_vec();
    groups.sort_unstable_by_key(|group| group.start);
    groups.iter().map(|group| group.moments.mean().map(|x| x as f32)).collect()
}

/// Moves the points left of the cut to the front; returns how many.
fn partition(points: &mut [Weighted], cut: &Cut) -> usize {
    let mut lefts = 0;
    for i in 0..points.len() {
        if cut.is_left(points[i].0) {
            points.swap(i, lefts);
            lefts += 1;
        }
    }
    lefts
}
