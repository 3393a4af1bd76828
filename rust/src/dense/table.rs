//! Centers of any number of dimensions that are asked by sixteen points at once.

use pulp::{Arch, Simd, WithSimd};

use crate::dense::scaled::{LANES, Real, Scaled};

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

/// Compares all centers of a table for one block.
///
/// In vectors by name: the compiler does not find them in loops over lanes when least and next are wanted at once. Some
/// machines round once where others round twice, which is within the slack.
struct Compare<'a, const D: usize> {
    table: &'a Table,
    block: &'a [f32],
    asked: &'a mut Asked,
}

impl<const D: usize> WithSimd for Compare<'_, D> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let dimensions = if D > 0 { D } else { self.table.dimensions };
        let planes = &S::as_simd_f32s(self.block).0[..dimensions * LANES / S::F32_LANES];
        let width = LANES / S::F32_LANES;
        for part in 0..width {
            let mut nearest = simd.splat_u32s(0);
            let mut least = simd.splat_f32s(f32::INFINITY);
            let mut next = least;
            for number in 0..self.table.norms.len() {
                let tile = &self.table.tiles[number * dimensions..(number + 1) * dimensions];
                let mut squares = self.table.norms[number].map(
                    #[inline(always)]
                    |norm| simd.splat_f32s(norm),
                );
                for d in 0..dimensions {
                    let plane = planes[d * width + part];
                    for j in 0..TILE {
                        squares[j] = simd.mul_add_e_f32s(simd.splat_f32s(tile[d][j]), plane, squares[j]);
                    }
                }
                for j in 0..TILE {
                    let nearer = simd.less_than_f32s(squares[j], least);
                    let farther = simd.max_f32s(squares[j], least);
                    next = simd.min_f32s(farther, next);
                    least = simd.min_f32s(squares[j], least);
                    nearest = simd.select_u32s(nearer, simd.splat_u32s((number * TILE + j) as u32), nearest);
                }
            }
            S::as_mut_simd_u32s(&mut self.asked.nearest).0[part] = nearest;
            S::as_mut_simd_f32s(&mut self.asked.least).0[part] = least;
            S::as_mut_simd_f32s(&mut self.asked.next).0[part] = next;
        }
    }
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
    pub fn ask<const D: usize>(&self, block: &[f32], norms: &[f32; LANES]) -> Asked {
        let mut asked = Asked {
            nearest: [0; LANES],
            least: [f32::INFINITY; LANES],
            next: [f32::INFINITY; LANES],
            slack: [0.0; LANES],
        };
        Arch::new().dispatch(Compare::<D> { table: self, block, asked: &mut asked });
        for i in 0..LANES {
            asked.slack[i] = self.slack(norms[i]);
        }
        asked
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
            let asked = self.ask::<0>(&block, &norms);
            for lane in 0..here {
                let square = norms[lane] + asked.next[lane] - asked.slack[lane];
                halves.push(square.max(0.0).sqrt() * (0.5 - 1e-6));
            }
        }
        halves
    }
}
