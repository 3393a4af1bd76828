//! How far a palette's mixtures reach, so that errors that nothing can make up for are not handed on for ever.

use rayon::prelude::*;

use crate::candidates::distance;
use crate::simd::vectorized;
use crate::space::Point;

/// Slabs that hold every mixture of a palette's entries: across 13 directions, those from a cube's middle to its faces,
/// edges and corners, stretched as the palette is.
///
/// Errors of diffusion stay bounded as long as the colors are mixtures of the entries: R. Adler et al., "The mathematics
/// of halftoning", IBM J. Res. Dev. 47 (2003).
pub struct Reach {
    normals: [[f32; LANES]; 3],
    low: [f32; LANES],
    high: [f32; LANES],
    least_alpha: f32,
    most_alpha: f32,
    /// What counts as within.
    slack: f32,
}

/// Directions and some that are none, to fill vectors.
const LANES: usize = 16;
/// A color beyond several slabs is brought back across one after the other, at most so often.
const ROUNDS: usize = 12;

/// Of the palette's extent; far below what the eye sees, and above rounding.
const SLACK: f32 = 1e-3;

const DIRECTIONS: [[f32; 3]; 13] = [
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
    [1.0, 1.0, 0.0],
    [1.0, -1.0, 0.0],
    [1.0, 0.0, 1.0],
    [1.0, 0.0, -1.0],
    [0.0, 1.0, 1.0],
    [0.0, 1.0, -1.0],
    [1.0, 1.0, 1.0],
    [1.0, 1.0, -1.0],
    [1.0, -1.0, 1.0],
    [1.0, -1.0, -1.0],
];

impl Reach {
    /// The reach of `palette`, which is not empty.
    pub fn new(palette: &[Point]) -> Self {
        let bounds = |d: usize| palette.iter().fold((f32::MAX, f32::MIN), |(l, h), p| (p[d].min(l), p[d].max(h)));
        let extents = [0, 1, 2].map(|d| bounds(d).1 - bounds(d).0);
        let longest = extents.into_iter().fold(f32::MIN_POSITIVE, f32::max);
        let mut reach = Self {
            normals: [[0.0; LANES]; 3],
            low: [0.0; LANES],
            high: [0.0; LANES],
            least_alpha: bounds(3).0,
            most_alpha: bounds(3).1,
            slack: SLACK * longest,
        };
        for (i, direction) in DIRECTIONS.into_iter().enumerate() {
            let normal: [f32; 3] = std::array::from_fn(|d| direction[d] / (extents[d] / longest).max(1e-3));
            let length = normal.iter().map(|v| v * v).sum::<f32>().sqrt();
            for d in 0..3 {
                reach.normals[d][i] = normal[d] / length;
            }
        }
        (reach.low, reach.high) = ([f32::MAX; LANES], [f32::MIN; LANES]);
        for &point in palette {
            let along = reach.along(point);
            for i in 0..LANES {
                reach.low[i] = reach.low[i].min(along[i]);
                reach.high[i] = reach.high[i].max(along[i]);
            }
        }
        reach
    }

    #[inline(always)]
    fn along(&self, point: Point) -> [f32; LANES] {
        let mut along = [0.0; LANES];
        for i in 0..LANES {
            along[i] = (point[0] * self.normals[0][i] + point[1] * self.normals[1][i]) + point[2] * self.normals[2][i];
        }
        along
    }

    /// Leaves points that all slabs hold; puts the others where they hold them, or nearly, near to where they were.
    pub fn clip(&self, points: &mut [Point]) {
        vectorized(
            #[inline(always)]
            || {
                for points in points.chunks_mut(LANES) {
                    let outside = self.outside(points);
                    for (point, outside) in points.iter_mut().zip(outside) {
                        if outside {
                            self.bring_back(point);
                        }
                    }
                }
            },
        );
    }

    /// Which of some points are beyond a slab.
    #[inline(always)]
    fn outside(&self, points: &[Point]) -> [bool; LANES] {
        let mut planes = [[0.0; LANES]; 4];
        for (i, point) in points.iter().enumerate() {
            for d in 0..4 {
                planes[d][i] = point[d];
            }
        }
        let mut outside = [false; LANES];
        for i in 0..LANES {
            outside[i] = (planes[3][i] < self.least_alpha) | (planes[3][i] > self.most_alpha);
        }
        for slab in 0..DIRECTIONS.len() {
            let [x, y, z] = [0, 1, 2].map(|d| self.normals[d][slab]);
            for i in 0..LANES {
                let along = (planes[0][i] * x + planes[1][i] * y) + planes[2][i] * z;
                outside[i] |= (along > self.high[slab]) | (along < self.low[slab]);
            }
        }
        outside
    }

    #[inline(always)]
    fn bring_back(&self, point: &mut Point) {
        for _ in 0..ROUNDS {
            let along = self.along(*point);
            let (mut beyond, mut sizes) = ([0.0; LANES], [0; LANES]);
            for i in 0..LANES {
                let (over, under) = (along[i] - self.high[i], along[i] - self.low[i]);
                beyond[i] = if over > 0.0 { over } else { 0.0 } + if under < 0.0 { under } else { 0.0 };
                // Numbers without their sign compare as their bits do; the lowest bits number the slabs.
                sizes[i] = (beyond[i].abs().to_bits() & !(LANES as u32 - 1)) | i as u32;
            }
            let worst = most(sizes);
            if f32::from_bits(worst) < self.slack {
                break;
            }
            let worst = worst as usize % LANES;
            for d in 0..3 {
                point[d] -= beyond[worst] * self.normals[d][worst];
            }
        }
        point[3] = point[3].clamp(self.least_alpha, self.most_alpha);
    }
}

#[inline(always)]
fn most(mut values: [u32; LANES]) -> u32 {
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            values[i] = values[i].max(values[i + width]);
        }
    }
    values[0]
}

/// The average distance from each entry to the `NEIGHBORS` nearest to it, or to as many as there are.
pub fn spacing<const NEIGHBORS: usize>(palette: &[Point]) -> Vec<f32> {
    let average = |&from: &Point| {
        let mut nearest = [f32::INFINITY; NEIGHBORS];
        for &to in palette {
            let mut square = distance::<4>(from, to);
            if square > 0.0 {
                for known in &mut nearest {
                    (*known, square) = (known.min(square), known.max(square));
                }
            }
        }
        let found = nearest.iter().filter(|square| square.is_finite());
        found.clone().map(|square| square.sqrt()).sum::<f32>() / found.count().max(1) as f32
    };
    palette.par_iter().map(average).collect()
}
