//! What the metric's maps of one plane at one scale say of a result, and how that changes with each of its values.

use std::array::from_fn;

use rayon::prelude::*;

use super::blur::{Blur, ROWS, blurred, squares};
use crate::simd::vectorized;

/// What the maps of a plane weigh in the loss: their means, and the fourth roots of the means of their fourth powers.
#[derive(Clone, Copy)]
pub struct Weights {
    /// Structure that differs.
    pub structure: [f64; 2],
    /// Edges that are not in the original.
    pub added: [f64; 2],
    /// Edges that are missing.
    pub lost: [f64; 2],
}

/// What keeps quotients of variances finite.
const C2: f32 = 0.0009;

/// A plane, its blur, and the variance around each pixel.
pub struct Plane {
    pub weights: Weights,
    pub values: Vec<f32>,
    pub mean: Vec<f32>,
    pub variance: Vec<f32>,
}

/// What the maps of one plane at one scale say of a result.
pub struct Verdict {
    pub loss: f64,
    /// The mean of each map's values, and the fourth root of that of their fourth powers.
    means: [[f64; 2]; 3],
    /// The result blurred, its squares, and its products with the original; the last two are empty where they weigh nothing.
    mean: Vec<f32>,
    square: Vec<f32>,
    product: Vec<f32>,
}

/// How that changes with the result.
pub struct Growth {
    /// How the loss grows with each value, and with the local mean of squares.
    pub slope: Vec<f32>,
    pub noise: Vec<f32>,
    /// How the loss grows with the cube of a difference in structure.
    pub cubes: f32,
}

impl Plane {
    fn structured(&self) -> bool {
        self.weights.structure != [0.0; 2]
    }

    fn weighed(&self) -> [[f64; 2]; 3] {
        let Weights { structure, added, lost } = self.weights;
        [structure, added, lost]
    }

    /// Judges a plane of a result.
    pub fn verdict(&self, values: &[f32], width: usize, blur: &Blur) -> Verdict {
        let (count, height) = (values.len() as f64, values.len() / width);
        let mean = blurred(width, height, blur, |range, line| line.copy_from_slice(&values[range]));
        let of_squares = |other: &[f32]| {
            if self.structured() {
                blurred(width, height, blur, |range, line| squares(&values[range.clone()], &other[range], line))
            } else {
                Vec::new()
            }
        };
        let (square, product) = (of_squares(values), of_squares(&self.values));
        let mut verdict = Verdict { loss: 0.0, means: [[0.0; 2]; 3], mean, square, product };
        let planes = Both { own: self, values, verdict: &verdict };
        let bands: Vec<(usize, usize)> =
            (0..values.len()).step_by(ROWS * width).map(|at| (at, values.len().min(at + ROWS * width))).collect();
        let parts: Vec<[[f64; 2]; 3]> = bands.par_iter().map(|&(start, end)| planes.tally(start, end)).collect();
        let mut sums = [[0.0; 2]; 3];
        for part in parts {
            sums.as_flattened_mut().iter_mut().zip(part.as_flattened()).for_each(|(sum, part)| *sum += part);
        }
        verdict.means = sums.map(|[sum, fourth]| [sum / count, (fourth / count).sqrt().sqrt()]);
        let (weights, means) = (self.weighed(), verdict.means);
        verdict.loss =
            weights.as_flattened().iter().zip(means.as_flattened()).map(|(weight, mean)| weight * mean).sum();
        verdict
    }

    /// Says how a verdict changes with the plane that was judged.
    pub fn growth(&self, values: &[f32], verdict: &Verdict, width: usize, blur: &Blur) -> Growth {
        let (count, height) = (values.len() as f64, values.len() / width);
        let planes = Both { own: self, values, verdict };
        // The loss grows with a map's value v by a + b v^3.
        let growth: [[f32; 2]; 3] = from_fn(|map| {
            let ([once, fourth], norm) = (self.weighed()[map], verdict.means[map][1]);
            let cubes = if norm > 0.0 { fourth / (count * norm * norm * norm) } else { 0.0 };
            [(once / count) as f32, cubes as f32]
        });
        let mut by_edge = vec![0.0; values.len()];
        let mut by_mean = vec![0.0; values.len()];
        let mut by_square = vec![0.0; values.len()];
        let mut by_product = vec![0.0; values.len()];
        let parts = by_edge.par_chunks_mut(ROWS * width).zip(by_mean.par_chunks_mut(ROWS * width));
        let parts = parts.zip(by_square.par_chunks_mut(ROWS * width)).zip(by_product.par_chunks_mut(ROWS * width));
        parts.enumerate().for_each(|(band, (((by_edge, by_mean), by_square), by_product))| {
            planes.grow(band * ROWS * width, &growth, [by_edge, by_mean, by_square, by_product]);
        });
        let blur_of = |plane: &[f32]| blurred(width, height, blur, |range, line| line.copy_from_slice(&plane[range]));
        let mut slope = blur_of(&by_mean);
        if !self.structured() {
            slope.iter_mut().zip(&by_edge).for_each(|(slope, edge)| *slope += edge);
            return Growth { slope, noise: Vec::new(), cubes: 0.0 };
        }
        let (noise, by_product) = (blur_of(&by_square), blur_of(&by_product));
        slope.par_chunks_mut(ROWS * width).enumerate().for_each(|(band, slope)| {
            let at = band * ROWS * width;
            let terms = noise[at..].iter().zip(&by_product[at..]).zip(&by_edge[at..]);
            let terms = terms.zip(values[at..].iter().zip(&self.values[at..]));
            for (slope, (((noise, product), edge), (other, own))) in slope.iter_mut().zip(terms) {
                *slope += edge + 2.0 * other * noise + own * product;
            }
        });
        Growth { slope, noise, cubes: growth[0][1] }
    }

    /// Around each value: how much structure differs, 0 to 1, and the variance in all.
    pub fn rough(&self, values: &[f32], verdict: &Verdict, width: usize) -> Vec<[f32; 2]> {
        let planes = Both { own: self, values, verdict };
        let mut rough = vec![[0.0; 2]; values.len()];
        rough
            .par_chunks_mut(ROWS * width)
            .enumerate()
            .for_each(|(band, rough)| planes.rough(band * ROWS * width, rough));
        rough
    }
}

/// A plane of the original, and the same of a result.
struct Both<'a> {
    own: &'a Plane,
    values: &'a [f32],
    verdict: &'a Verdict,
}

/// What pixels' neighborhoods in two planes have in common.
struct Structure<const N: usize> {
    nearness: [f32; N],
    common: [f32; N],
    all: [f32; N],
    quotient: [f32; N],
}

impl Both<'_> {
    /// The sums of the three maps of a range, and of their fourth powers.
    fn tally(&self, start: usize, end: usize) -> [[f64; 2]; 3] {
        let mut lanes = [[[0.0f32; LANES]; 2]; 3];
        let mut rest = [[[0.0f32; 1]; 2]; 3];
        vectorized(
            #[inline(always)]
            || {
                let whole = end - (end - start) % LANES;
                for at in (start..whole).step_by(LANES) {
                    self.add(at, &mut lanes);
                }
                for at in whole..end {
                    self.add(at, &mut rest);
                }
            },
        );
        let sum = |values: &[f32]| values.iter().map(|&value| f64::from(value)).sum::<f64>();
        from_fn(|map| from_fn(|power| sum(&lanes[map][power]) + sum(&rest[map][power])))
    }

    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, sums: &mut [[[f32; N]; 2]; 3]) {
        let edge = self.edge::<N>(at);
        let mut maps = [[0.0; N], edge, edge];
        if self.own.structured() {
            let structure = self.structure::<N>(at);
            for i in 0..N {
                maps[0][i] = 1.0 - structure.quotient[i];
            }
        }
        for i in 0..N {
            maps[2][i] = -edge[i];
        }
        for (sums, map) in sums.iter_mut().zip(&maps) {
            for i in 0..N {
                let value = if map[i] > 0.0 { map[i] } else { 0.0 };
                let square = value * value;
                sums[0][i] += value;
                sums[1][i] += square * square;
            }
        }
    }

    /// How the loss grows with the edges, the local means, the means of squares and those of products, from `start` on.
    fn grow(&self, start: usize, growth: &[[f32; 2]; 3], outs: [&mut [f32]; 4]) {
        let [by_edge, by_mean, by_square, by_product] = outs;
        vectorized(
            #[inline(always)]
            || {
                let whole = by_edge.len() - by_edge.len() % LANES;
                for at in (0..whole).step_by(LANES) {
                    let grown = self.grown::<LANES>(start + at, growth);
                    by_edge[at..at + LANES].copy_from_slice(&grown[0]);
                    by_mean[at..at + LANES].copy_from_slice(&grown[1]);
                    by_square[at..at + LANES].copy_from_slice(&grown[2]);
                    by_product[at..at + LANES].copy_from_slice(&grown[3]);
                }
                for at in whole..by_edge.len() {
                    let grown = self.grown::<1>(start + at, growth);
                    [by_edge[at], by_mean[at], by_square[at], by_product[at]] = grown.map(|value| value[0]);
                }
            },
        );
    }

    /// How much structure differs, and the variance in all, from `start` on.
    fn rough(&self, start: usize, rough: &mut [[f32; 2]]) {
        vectorized(
            #[inline(always)]
            || {
                let whole = rough.len() - rough.len() % LANES;
                for at in (0..whole).step_by(LANES) {
                    rough[at..at + LANES].copy_from_slice(&self.rough_at::<LANES>(start + at));
                }
                for at in whole..rough.len() {
                    [rough[at]] = self.rough_at::<1>(start + at);
                }
            },
        );
    }

    #[inline(always)]
    fn rough_at<const N: usize>(&self, at: usize) -> [[f32; 2]; N] {
        let Structure { all, quotient, .. } = self.structure::<N>(at);
        let mut rough = [[0.0; 2]; N];
        for i in 0..N {
            let differs = 1.0 - quotient[i];
            rough[i] = [if differs > 0.0 { differs } else { 0.0 }, all[i]];
        }
        rough
    }

    #[inline(always)]
    fn grown<const N: usize>(&self, at: usize, growth: &[[f32; 2]; 3]) -> [[f32; N]; 4] {
        let (own, own_mean) = (take::<N>(&self.own.values, at), take::<N>(&self.own.mean, at));
        let (values, mean) = (take::<N>(self.values, at), take::<N>(&self.verdict.mean, at));
        let edge = self.edge::<N>(at);
        let mut grown = [[0.0; N]; 4];
        for i in 0..N {
            let value = edge[i];
            let cube = value * value * value;
            let (more, less) = (growth[1][0] + growth[1][1] * cube, growth[2][1] * cube - growth[2][0]);
            let steep = if value > 0.0 { more } else { less };
            let steep = if values[i] > mean[i] { steep } else { -steep };
            grown[0][i] = steep / (1.0 + (own[i] - own_mean[i]).abs());
            grown[1][i] = -grown[0][i];
        }
        if self.own.structured() {
            let Structure { nearness, common, all, quotient } = self.structure::<N>(at);
            for i in 0..N {
                let differs = 1.0 - quotient[i];
                let steep = growth[0][0] + growth[0][1] * (differs * differs * differs);
                let steep = if differs > 0.0 { steep / all[i] } else { 0.0 };
                let (first, second) = (own_mean[i], mean[i]);
                let risen = 2.0 * (first - second) * common[i] - 2.0 * first * nearness[i] + 2.0 * second * quotient[i];
                grown[1][i] -= steep * risen;
                grown[2][i] = steep * quotient[i];
                grown[3][i] = -2.0 * steep * nearness[i];
            }
        }
        grown
    }

    /// By how much edges are stronger than in the original, as a share.
    #[inline(always)]
    fn edge<const N: usize>(&self, at: usize) -> [f32; N] {
        let (own, own_mean) = (take::<N>(&self.own.values, at), take::<N>(&self.own.mean, at));
        let (values, mean) = (take::<N>(self.values, at), take::<N>(&self.verdict.mean, at));
        let mut edge = [0.0; N];
        for i in 0..N {
            edge[i] = (1.0 + (values[i] - mean[i]).abs()) / (1.0 + (own[i] - own_mean[i]).abs()) - 1.0;
        }
        edge
    }

    #[inline(always)]
    fn structure<const N: usize>(&self, at: usize) -> Structure<N> {
        let (first, variance) = (take::<N>(&self.own.mean, at), take::<N>(&self.own.variance, at));
        let (second, square) = (take::<N>(&self.verdict.mean, at), take::<N>(&self.verdict.square, at));
        let product = take::<N>(&self.verdict.product, at);
        let [mut nearness, mut common, mut all, mut quotient] = [[0.0; N]; 4];
        for i in 0..N {
            let apart = first[i] - second[i];
            nearness[i] = 1.0 - apart * apart;
            common[i] = 2.0 * (product[i] - first[i] * second[i]) + C2;
            all[i] = variance[i] + (square[i] - second[i] * second[i]) + C2;
            quotient[i] = nearness[i] * common[i] / all[i];
        }
        Structure { nearness, common, all, quotient }
    }
}

#[inline(always)]
fn take<const N: usize>(plane: &[f32], at: usize) -> [f32; N] {
    let mut lanes = [0.0; N];
    lanes.copy_from_slice(&plane[at..at + N]);
    lanes
}

/// Numbers that are added up side by side.
const LANES: usize = 16;
