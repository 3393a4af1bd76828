//! Points of any number of dimensions, ready for distances in 32 bits.

use rayon::prelude::*;

use crate::simd::vectorized;

/// Numbers of 32 or 64 bits.
pub trait Real: Copy + Send + Sync + PartialOrd + 'static {
    /// The same number.
    fn wide(self) -> f64;
    /// The nearest number.
    fn narrow(number: f64) -> Self;
}

impl Real for f32 {
    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn narrow(number: f64) -> Self {
        number as f32
    }
}

impl Real for f64 {
    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }

    #[inline(always)]
    fn narrow(number: f64) -> Self {
        number
    }
}

/// Points, and how much each counts.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a, T> {
    /// The coordinates, point after point.
    pub coordinates: &'a [T],
    /// How many a point has; not 0.
    pub dimensions: usize,
    /// Not negative, one for each point; all 1 when left out.
    pub weights: Option<&'a [f64]>,
}

impl<'a, T> Points<'a, T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.coordinates.len() / self.dimensions
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.coordinates.is_empty()
    }

    /// The coordinates of a point.
    #[inline(always)]
    pub fn row(&self, i: usize) -> &'a [T] {
        &self.coordinates[i * self.dimensions..(i + 1) * self.dimensions]
    }

    /// How much a point counts.
    #[inline(always)]
    pub fn weight(&self, i: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[i])
    }
}

/// Points that are handled at once.
pub const LANES: usize = 16;
/// Points that one task looks through.
const CHUNK: usize = 1 << 13;

/// Points, and the same about their middle, scaled by a power of two so that no coordinate is beyond 1.
///
/// The middle is the median of some points: where many crowd together, coordinates are exactest, wherever outliers are.
pub struct Scaled<'a, T> {
    /// The points as they came.
    pub points: Points<'a, T>,
    /// What coordinates are multiplied by.
    pub scale: f64,
    /// What is 0, unscaled.
    pub middle: Vec<f64>,
    /// Least coordinates, scaled.
    pub low: Vec<f32>,
    /// Greatest coordinates, scaled.
    pub high: Vec<f32>,
    /// Sixteen points after sixteen points, one plane a coordinate; zeros behind the last.
    blocks: Vec<f32>,
    /// Squared distances to the middle.
    norms: Vec<[f32; LANES]>,
}

impl<'a, T: Real> Scaled<'a, T> {
    /// Scales `points`, which are finite and not empty.
    pub fn new(points: Points<'a, T>) -> Self {
        let dimensions = points.dimensions;
        let (low, high) = bounds(points);
        let middle = medians(points);
        // Halves: the difference of two great numbers could be too great.
        let far = |ends: &[f64]| ends.iter().zip(&middle).map(|(x, m)| (x * 0.5 - m * 0.5).abs()).fold(0.0, f64::max);
        let scale = power_above(far(&low).max(far(&high))) * 0.5;
        let low = low.iter().zip(&middle).map(|(&x, &middle)| scaled(x, middle, scale)).collect();
        let high = high.iter().zip(&middle).map(|(&x, &middle)| scaled(x, middle, scale)).collect();
        let count = points.len().div_ceil(LANES);
        let mut blocks = vec![0.0; count * dimensions * LANES];
        let mut norms = vec![[0.0; LANES]; count];
        let task = blocks.par_chunks_mut(CHUNK * dimensions).zip(norms.par_chunks_mut(CHUNK / LANES));
        task.enumerate().for_each(|(number, (blocks, norms))| {
            let rows = &points.coordinates[number * CHUNK * dimensions..];
            vectorized(
                #[inline(always)]
                || match dimensions {
                    3 => fill::<3, T>(rows, &middle, scale, blocks, norms),
                    _ => fill::<0, T>(rows, &middle, scale, blocks, norms),
                },
            );
        });
        Self { points, scale, middle, low, high, blocks, norms }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// How many coordinates a point has.
    #[inline(always)]
    pub fn dimensions(&self) -> usize {
        self.points.dimensions
    }

    /// Sixteen points, a plane each coordinate, and their squared distances to the middle.
    #[inline(always)]
    pub fn block(&self, number: usize) -> (&[f32], &[f32; LANES]) {
        let size = self.dimensions() * LANES;
        (&self.blocks[number * size..(number + 1) * size], &self.norms[number])
    }

    /// Copies a point into a lane of `block`; returns its squared distance to the middle.
    #[inline(always)]
    pub fn copy(&self, i: usize, block: &mut [f32], lane: usize) -> f32 {
        let (from, norms) = self.block(i / LANES);
        for d in 0..self.dimensions() {
            block[d * LANES + lane] = from[d * LANES + i % LANES];
        }
        norms[i % LANES]
    }

    /// A coordinate as it stands in blocks.
    pub fn to_scaled(&self, d: usize, coordinate: T) -> f32 {
        scaled(coordinate, self.middle[d], self.scale)
    }

    /// The coordinate that stands so in blocks.
    pub fn from_scaled(&self, d: usize, coordinate: f32) -> T {
        T::narrow(f64::from(coordinate) / self.scale + self.middle[d])
    }

    /// Squared distance in 64 bits, scaled: the one by which centers are nearer or farther.
    #[inline(always)]
    pub fn square(&self, a: &[T], b: &[T]) -> f64 {
        let mut sum = 0.0;
        let b = &b[..a.len()];
        for d in 0..a.len() {
            let x = a[d].wide() * self.scale - b[d].wide() * self.scale;
            sum += x * x;
        }
        sum
    }

    /// Number of the nearest of `centers`, row after row, by computing every distance; ties to the lower.
    #[cold]
    #[inline(never)]
    pub fn nearest(&self, point: &[T], centers: &[T]) -> usize {
        let (mut best, mut least) = (0, f64::INFINITY);
        for (number, center) in centers.chunks_exact(self.dimensions()).enumerate() {
            let square = self.square(point, center);
            if square < least {
                (best, least) = (number, square);
            }
        }
        best
    }
}

/// The rounding of the difference and of the result are relative to it.
#[inline(always)]
fn scaled<T: Real>(coordinate: T, middle: f64, scale: f64) -> f32 {
    ((coordinate.wide() - middle) * scale) as f32
}

/// The power of two that brings a number that is not negative to between 1/2 and 1; 1 for 0.
fn power_above(number: f64) -> f64 {
    if number == 0.0 {
        return 1.0;
    }
    let (mut scale, mut number) = (1.0, number);
    while number > 1.0 && scale > f64::MIN_POSITIVE {
        (scale, number) = (scale * 0.5, number * 0.5);
    }
    while number < 0.5 && scale < f64::MAX / 4.0 {
        (scale, number) = (scale * 2.0, number * 2.0);
    }
    scale
}

/// Brings rows into blocks.
#[inline(always)]
fn fill<const D: usize, T: Real>(
    rows: &[T],
    middle: &[f64],
    scale: f64,
    blocks: &mut [f32],
    norms: &mut [[f32; LANES]],
) {
    let dimensions = if D > 0 { D } else { middle.len() };
    let middle = &middle[..dimensions];
    let count = rows.len() / dimensions;
    for number in 0..norms.len() {
        let block = &mut blocks[number * dimensions * LANES..(number + 1) * dimensions * LANES];
        let start = number * LANES;
        for lane in 0..LANES.min(count - start) {
            let row = &rows[(start + lane) * dimensions..(start + lane + 1) * dimensions];
            for d in 0..dimensions {
                block[d * LANES + lane] = scaled(row[d], middle[d], scale);
            }
        }
        let planes = block.as_chunks::<LANES>().0;
        let mut sums = [0.0; LANES];
        for d in 0..dimensions {
            for i in 0..LANES {
                sums[i] += f64::from(planes[d][i]) * f64::from(planes[d][i]);
            }
        }
        for i in 0..LANES {
            norms[number][i] = sums[i] as f32;
        }
    }
}

/// Points of which the median is taken.
const SAMPLE: usize = 255;

/// The median of each coordinate among some of the points.
fn medians<T: Real>(points: Points<T>) -> Vec<f64> {
    let every = points.len().div_ceil(SAMPLE);
    let median = |d: usize| {
        let mut drawn: Vec<f64> = (0..points.len()).step_by(every).map(|i| points.row(i)[d].wide()).collect();
        let middle = drawn.len() / 2;
        *drawn.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    (0..points.dimensions).map(median).collect()
}

/// Least and greatest coordinates.
fn bounds<T: Real>(points: Points<T>) -> (Vec<f64>, Vec<f64>) {
    let dimensions = points.dimensions;
    let chunks = points.coordinates.par_chunks(CHUNK * dimensions);
    let found: Vec<(Vec<T>, Vec<T>)> = chunks
        .map(|rows| {
            // Several rows side by side, so that there is something to do at once in few dimensions.
            let width = if rows.len() < dimensions * LANES { dimensions } else { dimensions * LANES };
            let (mut low, mut high) = (rows[..width].to_vec(), rows[..width].to_vec());
            let mut narrow = |rows: &[T]| {
                vectorized(
                    #[inline(always)]
                    || {
                        for ((low, high), &x) in low.iter_mut().zip(&mut high).zip(rows) {
                            *low = if x < *low { x } else { *low };
                            *high = if x > *high { x } else { *high };
                        }
                    },
                );
            };
            rows.chunks(width).for_each(&mut narrow);
            (low, high)
        })
        .collect();
    let (mut lowest, mut highest) = (vec![f64::INFINITY; dimensions], vec![f64::NEG_INFINITY; dimensions]);
    for (low, high) in found {
        for (i, (low, high)) in low.iter().zip(&high).enumerate() {
            lowest[i % dimensions] = lowest[i % dimensions].min(low.wide());
            highest[i % dimensions] = highest[i % dimensions].max(high.wide());
        }
    }
    (lowest, highest)
}
