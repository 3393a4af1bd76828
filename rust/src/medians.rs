//! Weighted k-medians: Lloyd's passes whose centers go to the geometric median of their points instead of the mean, so
//! that the sum of distances falls and not that of their squares.
//!
//! The geometric median has no formula (A. Weber, "Über den Standort der Industrien", 1909). Here it is approached by
//! steps of E. Weiszfeld ("Sur le point pour lequel la somme des distances de n points donnés est minimum", 1937), which
//! never go up, as Y. Vardi and C.-H. Zhang ("The multivariate L1-median and associated data depth", 2000) mend them for
//! places where a point lies; before each, two bolder places are tried: the point that pulls most, and a step of Newton.
//! Along a line, where Newton's step is not to be had, steps double while that lowers the sum.

use rayon::prelude::*;

use crate::cloud::{BLOCK, Cloud};
use crate::divide::{Points, Slice};
use crate::fit::{Fit, Pace};
use crate::moments::squared;
use crate::simd::vectorized;
use crate::space::Point;

/// Centers with their points, and the sum of distances between them.
pub struct Medians {
    /// The centers and their points.
    pub fit: Fit,
    /// Weighted sum of distances of the points to their centers.
    pub error: f64,
    /// Where the centers were before the last step.
    before: Vec<Point>,
}

impl Medians {
    /// Starts from the centers of `fit`.
    pub fn new(cloud: &Cloud, fit: Fit) -> Self {
        let error = distances(cloud, &fit);
        Self { before: fit.centers.clone(), fit, error }
    }

    /// Moves each center that is not pinned a step toward the median of its points and on, as `Pace` says, or no farther
    /// where that fails, and assigns anew; the error never grows. More steps in a pass gained nothing.
    pub fn step(&mut self, cloud: &Cloud) {
        let now = self.fit.centers.clone();
        let (points, starts) = Points::grouped(cloud, &self.fit.assignment.labels(cloud), now.len());
        let numbers: Vec<usize> = (0..now.len()).collect();
        let medians = numbers.par_iter().with_max_len(1).map(|&i| {
            let own = points.slice(starts[i], starts[i + 1]);
            if own.is_empty() || i < self.fit.pinned { now[i] } else { toward_median(own, now[i]) }
        });
        let medians: Vec<Point> = medians.collect();
        for pace in [Pace::BRISK, Pace::PLAIN] {
            let paced = |i: usize| pace.step(now[i], medians[i].map(f64::from), self.before[i]);
            self.fit.replace(cloud, numbers.iter().map(|&i| paced(i)).collect());
            let error = distances(cloud, &self.fit);
            if error < self.error {
                (self.error, self.before) = (error, now);
                return;
            }
        }
        self.fit.replace(cloud, now);
    }
}

/// Points that one task looks at.
const CHUNK: usize = 1 << 13;

/// Weighted sum of distances of all points to their centers.
pub fn distances(cloud: &Cloud, fit: &Fit) -> f64 {
    let labels = fit.assignment.labels(cloud);
    let sums: Vec<f64> = labels
        .par_chunks(CHUNK)
        .enumerate()
        .map(|(chunk, labels)| {
            let start = chunk * CHUNK;
            let distance = |(i, &label): (usize, &u16)| {
                let (point, center) = (cloud.point(start + i), fit.centers[label as usize]);
                let square = squared(point.map(f64::from), center.map(f64::from));
                f64::from(cloud.weights[start + i]) * square.sqrt()
            };
            labels.iter().enumerate().map(distance).sum()
        })
        .collect();
    sums.iter().sum()
}

/// A place nearer to the median of `points`, of which there must be some, than `place` is: one step. The weighted sum of
/// distances is lower there; where no step lowers it, `place` itself.
pub fn toward_median(points: Slice, place: Point) -> Point {
    let pull = Pull::at(points, place);
    if pull.is_balanced() {
        return place;
    }
    let newton = pull.newton();
    let bold = [pull.strongest_point(), newton].into_iter().flatten();
    if let Some(lower) = bold.into_iter().find(|&tried| Pull::at(points, tried).error < pull.error) {
        return lower;
    }
    // On a line the force is all but nothing wherever about half of the weight is on either side.
    let strides = if newton.is_none() { STRIDES } else { 1 };
    let (mut lowest, mut lower) = (pull.error, place);
    for stride in 0..strides {
        let tried = pull.weiszfeld(f64::from(1u32 << stride));
        let error = Pull::at(points, tried).error;
        if error >= lowest {
            break;
        }
        (lowest, lower) = (error, tried);
    }
    lower
}

/// What points do to a place.
#[derive(Clone, Copy)]
struct Pull {
    place: Point,
    /// Weighted sum of their distances.
    error: f64,
    /// Weight of all of them, and of those that lie here.
    weight: f64,
    here: f64,
    /// Sum of weights times unit vectors to the others: where the error falls, and how steeply.
    force: [f64; 4],
    /// Sum of weights over distances.
    stiffness: f64,
    /// That times the products of all pairs of coordinates of the unit vectors, row by row.
    along: [f64; 10],
    /// The greatest weight over distance, and the point that has it.
    strongest: (f64, Point),
}

impl Pull {
    fn at(points: Slice, place: Point) -> Self {
        let starts: Vec<usize> = (0..points.len()).step_by(CHUNK).collect();
        let of = |&start: &usize| {
            vectorized(
                #[inline(always)]
                || Self::of(points, start, points.len().min(start + CHUNK), place),
            )
        };
        let parts: Vec<Self> = if starts.len() > 1 {
            starts.par_iter().with_max_len(1).map(of).collect()
        } else {
            starts.iter().map(of).collect()
        };
        parts.into_iter().reduce(Self::and).expect("there are points")
    }

    /// The pull of these and of those.
    fn and(mut self, other: Self) -> Self {
        self.error += other.error;
        self.weight += other.weight;
        self.here += other.here;
        self.stiffness += other.stiffness;
        self.force.iter_mut().zip(other.force).for_each(|(sum, x)| *sum += x);
        self.along.iter_mut().zip(other.along).for_each(|(sum, x)| *sum += x);
        if other.strongest.0 > self.strongest.0 {
            self.strongest = other.strongest;
        }
        self
    }

    /// The pull of a run of points.
    #[inline(always)]
    fn of(points: Slice, start: usize, end: usize, place: Point) -> Self {
        let mut sums = [[0.0f64; LANES]; 18];
        let (mut most, mut strongest) = ([0.0f64; LANES], [start as u64; LANES]);
        for first in (start..end).step_by(BLOCK) {
            let (planes, weights) = points.block(first);
            for half in (0..BLOCK).step_by(LANES) {
                for i in 0..LANES {
                    let lane = half + i;
                    let way: [f64; 4] = [0, 1, 2, 3].map(|d| f64::from(planes[d][lane]) - f64::from(place[d]));
                    let square = way[0] * way[0] + way[1] * way[1] + way[2] * way[2] + way[3] * way[3];
                    let weight = if first + lane < end { f64::from(weights[lane]) } else { 0.0 };
                    let (distance, lies_here) = (square.sqrt(), square == 0.0);
                    let pull = if lies_here { 0.0 } else { weight / distance };
                    let bend = if lies_here { 0.0 } else { pull / square };
                    sums[0][i] += weight * distance;
                    sums[1][i] += weight;
                    sums[2][i] += if lies_here { weight } else { 0.0 };
                    sums[3][i] += pull;
                    let (x, y, z, a) = (bend * way[0], bend * way[1], bend * way[2], bend * way[3]);
                    for d in 0..4 {
                        sums[4 + d][i] += pull * way[d];
                        sums[8 + d][i] += x * way[d];
                    }
                    for d in 1..4 {
                        sums[11 + d][i] += y * way[d];
                    }
                    sums[15][i] += z * way[2];
                    sums[16][i] += z * way[3];
                    sums[17][i] += a * way[3];
                    let stronger = pull > most[i];
                    most[i] = if stronger { pull } else { most[i] };
                    strongest[i] = if stronger { (first + lane) as u64 } else { strongest[i] };
                }
            }
        }
        let sum = |number: usize| sums[number].iter().sum::<f64>();
        let lane = (1..LANES).fold(0, |best, i| if most[i] > most[best] { i } else { best });
        Self {
            place,
            error: sum(0),
            weight: sum(1),
            here: sum(2),
            stiffness: sum(3),
            force: [4, 5, 6, 7].map(sum),
            along: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17].map(sum),
            strongest: (most[lane], points.point(strongest[lane] as usize)),
        }
    }

    fn strength(&self) -> f64 {
        self.force.iter().map(|x| x * x).sum::<f64>().sqrt()
    }

    /// Whether this is a median: the weight that lies here withstands the force.
    fn is_balanced(&self) -> bool {
        self.strength() <= self.here + BALANCE * self.weight
    }

    /// The place of the strongest point, when it alone pulls at least as much as all others together.
    fn strongest_point(&self) -> Option<Point> {
        (2.0 * self.strongest.0 >= self.stiffness).then_some(self.strongest.1)
    }

    /// Where the force would vanish, were it to change on as it does here; `None` where points lie here or on a line.
    fn newton(&self) -> Option<Point> {
        if self.here > 0.0 {
            return None;
        }
        let mut rest = self.along.iter();
        let mut lower = [[0.0f64; 4]; 4];
        for r in 0..4 {
            for c in r..4 {
                lower[c][r] = -rest.next().expect("ten pairs");
            }
            lower[r][r] += self.stiffness;
        }
        // Cholesky's factor, in place; then the two triangles are solved.
        for c in 0..4 {
            for r in c..4 {
                let known: f64 = (0..c).map(|i| lower[r][i] * lower[c][i]).sum();
                let left = lower[r][c] - known;
                if r == c && left < FLAT * self.stiffness {
                    return None;
                }
                lower[r][c] = if r == c { left.sqrt() } else { left / lower[c][c] };
            }
        }
        let mut step = self.force;
        for r in 0..4 {
            let known: f64 = (0..r).map(|i| lower[r][i] * step[i]).sum();
            step[r] = (step[r] - known) / lower[r][r];
        }
        for r in (0..4).rev() {
            let known: f64 = (r + 1..4).map(|i| lower[i][r] * step[i]).sum();
            step[r] = (step[r] - known) / lower[r][r];
        }
        Some(self.moved(step, 1.0))
    }

    /// So many times Weiszfeld's step: the mean of the points elsewhere by their weights over distances, as far as the
    /// weight that lies here lets go.
    fn weiszfeld(&self, times: f64) -> Point {
        let freed = 1.0 - self.here / self.strength();
        self.moved(self.force, times * freed / self.stiffness)
    }

    fn moved(&self, way: [f64; 4], times: f64) -> Point {
        [0, 1, 2, 3].map(|d| (f64::from(self.place[d]) + way[d] * times) as f32)
    }
}

/// Steps of Weiszfeld are doubled less often than that.
const STRIDES: usize = 16;
/// Sums that run side by side.
const LANES: usize = 8;
/// A force of this share of the weight is none: the error is within this share of the way to the median.
const BALANCE: f64 = 1e-6;
/// Points whose sum of distances bends by less than this share of the most that it can, in some direction, lie on a line.
const FLAT: f64 = 1e-6;
