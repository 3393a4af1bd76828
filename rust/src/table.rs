//! Centers of any number of dimensions that are asked by sixteen points at once.

use crate::scaled::{LANES, Real, Scaled};
use crate::simd::vectorized;

/// Centers that are compared at once.
const TILE: usize = 4;
/// Half the distance from 1 to the next number of 32 bits.
const ROUNDING: f32 = f32::EPSILON / 2.0;
/// More than the bound on rounding misses by its own rounding and by terms of second order.
const SAFETY: f32 = 1.1;

/// Centers as their points ask for them.
pub struct Table {
    dimensions: usize,
    k: usize,
    /// Four centers after four centers, -2 times each coordinate of the four.
    tiles: Vec<[f32; TILE]>,
    /// Their squared distances to the middle; infinite behind the last center.
    norms: Vec<[f32; TILE]>,
    /// The greatest distance to the middle.
    reach: f32,
}

/// What sixteen points hear. The squares lack the point's own norm.
pub struct Asked {
    /// Number of a center that is nearest but for rounding.
    pub nearest: [u32; LANES],
    /// Square of the distance to it.
    pub least: [f32; LANES],
    /// Square of the distance to the next.
    pub next: [f32; LANES],
    /// How far a square can be from the true one.
    pub slack: [f32; LANES],
}

impl Table {
    /// Prepares centers, row after row.
    pub fn new<T: Real>(scaled: &Scaled<T>, centers: &[T]) -> Self {
        let dimensions = scaled.dimensions();
        let k = centers.len() / dimensions;
        let mut tiles = vec![[0.0; TILE]; k.div_ceil(TILE) * dimensions];
        let mut norms = vec![[f32::INFINITY; TILE]; k.div_ceil(TILE)];
        let mut reach: f64 = 0.0;
        for (number, center) in centers.chunks_exact(dimensions).enumerate() {
            let (tile, lane) = (number / TILE, number % TILE);
            let mut norm = 0.0;
            for (d, &coordinate) in center.iter().enumerate() {
                let x = scaled.to_scaled(d, coordinate);
                norm += f64::from(x) * f64::from(x);
                tiles[tile * dimensions + d][lane] = -2.0 * x;
            }
            norms[tile][lane] = norm as f32;
            reach = reach.max(norm.sqrt());
        }
        Self { dimensions, k, tiles, norms, reach: reach as f32 }
    }

    /// Compares all centers for the points of a block whose squared distances to the middle are `norms`.
    #[inline(always)]
    pub fn ask<const D: usize>(&self, block: &[f32], norms: &[f32; LANES]) -> Asked {
        let dimensions = if D > 0 { D } else { self.dimensions };
        let planes = &block.as_chunks::<LANES>().0[..dimensions];
        let mut nearest = [0u32; LANES];
        let (mut least, mut next) = ([f32::INFINITY; LANES], [f32::INFINITY; LANES]);
        for (number, (tile, own)) in self.tiles.chunks_exact(dimensions).zip(&self.norms).enumerate() {
            let mut squares = [[0.0f32; LANES]; TILE];
            for j in 0..TILE {
                squares[j] = [own[j]; LANES];
            }
            for d in 0..dimensions {
                for j in 0..TILE {
                    for i in 0..LANES {
                        squares[j][i] += tile[d][j] * planes[d][i];
                    }
                }
            }
            for j in 0..TILE {
                let id = (number * TILE + j) as u32;
                for i in 0..LANES {
                    let square = squares[j][i];
                    let nearer = square < least[i];
                    let farther = if nearer { least[i] } else { square };
                    next[i] = if farther < next[i] { farther } else { next[i] };
                    least[i] = if nearer { square } else { least[i] };
                    nearest[i] = if nearer { id } else { nearest[i] };
                }
            }
        }
        let mut slack = [0.0; LANES];
        for i in 0..LANES {
            slack[i] = self.slack(norms[i]);
        }
        Asked { nearest, least, next, slack }
    }

    /// How far the computed square for a point so far from the middle can be from the true one.
    ///
    /// Both coordinates were rounded, which moves each end by at most its norm times the rounding; then as many products
    /// and sums were rounded as there are dimensions (N. J. Higham, "Accuracy and stability of numerical algorithms",
    /// 2002, section 3.1).
    #[inline(always)]
    fn slack(&self, norm: f32) -> f32 {
        let (own, reach) = (norm.sqrt(), self.reach);
        let (both, terms) = (own + reach, (self.dimensions + 3) as f32);
        let sum = 2.0 * both * both + terms * (reach * (reach + 2.0 * own)) + norm;
        sum * ROUNDING * SAFETY + f32::MIN_POSITIVE
    }

    /// At most half the way from each center to the nearest other, scaled.
    pub fn half_separations(&self) -> Vec<f32> {
        let mut halves = Vec::with_capacity(self.norms.len() * TILE);
        let mut block = vec![0.0; self.dimensions * LANES];
        for start in (0..self.k).step_by(LANES) {
            let here = (self.k - start).min(LANES);
            let mut norms = [0.0; LANES];
            for (lane, number) in (start..start + here).enumerate() {
                norms[lane] = self.norms[number / TILE][number % TILE];
                for d in 0..self.dimensions {
                    block[d * LANES + lane] = -0.5 * self.tiles[number / TILE * self.dimensions + d][number % TILE];
                }
            }
            let asked = vectorized(
                #[inline(always)]
                || self.ask::<0>(&block, &norms),
            );
            for lane in 0..here {
                let square = norms[lane] + asked.next[lane] - asked.slack[lane];
                halves.push(square.max(0.0).sqrt() * (0.5 - 1e-6));
            }
        }
        halves
    }
}
