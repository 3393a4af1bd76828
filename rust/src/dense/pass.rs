//! A pass over a chunk of points of any number of dimensions: who changes the center, and what the centers gain and lose.

use crate::dense::scaled::{LANES, Real, Scaled};
use crate::dense::table::{Asked, Table};

/// Not yet assigned.
pub const NOBODY: i32 = -1;
/// Where centers times dimensions are fewer, asking all centers costs less than the distance to one in 64 bits.
const WORTH_ONE_DISTANCE: usize = 512;
/// So many points of a block that are asked cost as much as the whole.
const WORTH_A_BLOCK: u32 = 8;
/// More than rounding to 32 bits takes away, and what a sum of two may lose or gain by it.
pub const ABOVE: f64 = 1.0 + 1e-6;
/// The same in 32 bits.
pub const UP: f32 = 1.0 + 1e-6;
/// The same, downwards.
pub const DOWN: f32 = 1.0 - 1e-6;

/// Weighted sums of the points of each center.
pub struct Sums {
    /// Weighted sum of each coordinate.
    pub points: Vec<f64>,
    /// Sum of the weights.
    pub weights: Vec<f64>,
    /// How many points of some weight there are: differences of weights need not vanish.
    pub counts: Vec<i64>,
    /// How many points changed their center in the last pass.
    pub changed: usize,
}

impl Sums {
    /// No points.
    pub fn new(k: usize, dimensions: usize) -> Self {
        Self { points: vec![0.0; k * dimensions], weights: vec![0.0; k], counts: vec![0; k], changed: 0 }
    }

    /// Adds a point, or takes it away where `sign` is -1.
    #[inline(always)]
    pub fn add<const D: usize, T: Real>(&mut self, label: i32, point: &[T], weight: f64, sign: f64) {
        let (label, dimensions) = (label as usize, if D > 0 { D } else { point.len() });
        let (sum, point) = (&mut self.points[label * dimensions..][..dimensions], &point[..dimensions]);
        for d in 0..dimensions {
            sum[d] += sign * (weight * point[d].wide());
        }
        self.weights[label] += sign * weight;
        self.counts[label] += if weight > 0.0 { sign as i64 } else { 0 };
    }

    /// Adds what another chunk has.
    pub fn merge(&mut self, other: &Self) {
        self.points.iter_mut().zip(&other.points).for_each(|(a, b)| *a += b);
        self.weights.iter_mut().zip(&other.weights).for_each(|(a, b)| *a += b);
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
        self.changed += other.changed;
    }
}

/// What a pass over a chunk needs.
pub struct Pass<'a, T> {
    /// The points.
    pub scaled: &'a Scaled<'a, T>,
    /// The centers, row after row.
    pub centers: &'a [T],
    /// The same, to be asked.
    pub table: &'a Table,
    /// At most half the way from each center to the nearest other; empty where there are no bounds.
    pub separations: &'a [f32],
}

impl<T: Real> Pass<'_, T> {
    /// Assigns the points from `first` on, as many as there are labels.
    pub fn run<const D: usize>(&self, first: usize, labels: &mut [i32], bounds: &mut [[f32; 2]], sums: &mut Sums) {
        let dimensions = self.scaled.dimensions();
        let mut block = vec![0.0; dimensions * LANES];
        let mut norms = [0.0; LANES];
        let mut waiting = [0; LANES];
        let mut count = 0;
        for start in (0..labels.len()).step_by(LANES) {
            let here = (labels.len() - start).min(LANES);
            let mut asked = (1u32 << here) - 1;
            if !bounds.is_empty() && labels[start] != NOBODY {
                asked = self.unsure(first, start, &labels[start..start + here], &mut bounds[start..start + here]);
            }
            if asked.count_ones() >= WORTH_A_BLOCK.min(here as u32) {
                let (block, norms) = self.scaled.block((first + start) / LANES);
                let mut who = [start; LANES];
                for i in 0..LANES {
                    who[i] += i;
                }
                self.ask::<D>(first, block, norms, &who[..here], labels, bounds, sums);
                continue;
            }
            while asked != 0 {
                let i = start + asked.trailing_zeros() as usize;
                asked &= asked - 1;
                norms[count] = self.scaled.copy(first + i, &mut block, count);
                waiting[count] = i;
                count += 1;
                if count == LANES {
                    self.ask::<D>(first, &block, &norms, &waiting, labels, bounds, sums);
                    count = 0;
                }
            }
        }
        if count > 0 {
            self.ask::<D>(first, &block, &norms, &waiting[..count], labels, bounds, sums);
        }
    }

    /// Which points of a block, one bit each, can have another nearest center than before.
    fn unsure(&self, first: usize, start: usize, labels: &[i32], bounds: &mut [[f32; 2]]) -> u32 {
        let dimensions = self.scaled.dimensions();
        let mut unsure = 0;
        for (i, (&label, bounds)) in labels.iter().zip(bounds).enumerate() {
            let apart = bounds[1].max(self.separations[label as usize]);
            if bounds[0] >= apart && self.centers.len() >= WORTH_ONE_DISTANCE {
                let center = &self.centers[label as usize * dimensions..][..dimensions];
                let square = self.scaled.square(self.scaled.points.row(first + start + i), center);
                bounds[0] = (square.sqrt() * ABOVE) as f32;
            }
            unsure |= u32::from(bounds[0] >= apart) << i;
        }
        unsure
    }

    /// Finds the nearest centers of the points in a block and notes what changes.
    #[expect(clippy::too_many_arguments, reason = "the parts of a chunk, borrowed apart")]
    fn ask<const D: usize>(
        &self,
        first: usize,
        block: &[f32],
        norms: &[f32; LANES],
        who: &[usize],
        labels: &mut [i32],
        bounds: &mut [[f32; 2]],
        sums: &mut Sums,
    ) {
        let Asked { nearest, least, next, slack } = &self.table.ask::<D>(block, norms);
        let points = self.scaled.points;
        for lane in 0..who.len() {
            let i = who[lane];
            let mut label = nearest[lane] as i32;
            let point = points.row(first + i);
            let (mut low, mut high) = (next[lane] - slack[lane], least[lane] + slack[lane]);
            if next[lane] - least[lane] <= 2.0 * slack[lane] {
                label = self.scaled.nearest(point, self.centers) as i32;
                (low, high) = (least[lane] - slack[lane], least[lane] + 3.0 * slack[lane]);
            }
            if !bounds.is_empty() {
                bounds[i] = [(norms[lane] + high).max(0.0).sqrt() * UP, (norms[lane] + low).max(0.0).sqrt() * DOWN];
            }
            if label != labels[i] {
                let weight = points.weight(first + i);
                if labels[i] != NOBODY {
                    sums.add::<D, T>(labels[i], point, weight, -1.0);
                }
                sums.add::<D, T>(label, point, weight, 1.0);
                sums.changed += 1;
                labels[i] = label;
            }
        }
    }
}
