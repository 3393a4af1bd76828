//! Weight and sum of some points: all that their mean and their error need.

use crate::space::Point;

/// Weight and weighted sum of some points.
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
    pub fn add(&mut self, point: Point, weight: f32) {
        let weight = f64::from(weight);
        self.weight += weight;
        for d in 0..4 {
            self.sum[d] += weight * f64::from(point[d]);
        }
    }

    /// Adds the points of `other`.
    #[inline(always)]
    pub fn merge(&mut self, other: &Moments) {
        self.weight += other.weight;
        for d in 0..4 {
            self.sum[d] += other.sum[d];
        }
    }

    /// Takes the points of `other` away.
    #[inline(always)]
    pub fn take(&mut self, other: &Moments) {
        self.weight -= other.weight;
        for d in 0..4 {
            self.sum[d] -= other.sum[d];
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
        let mut mean = self.sum;
        for d in 0..4 {
            mean[d] /= self.weight;
        }
        mean
    }
}

/// Squared distance.
#[inline(always)]
pub fn squared(a: [f64; 4], b: [f64; 4]) -> f64 {
    let d: [f64; 4] = std::array::from_fn(|i| a[i] - b[i]);
    d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + d[3] * d[3]
}
