//! The metric's blur.

use std::ops::Range;

use rayon::prelude::*;

use crate::refit::half_gaussian;
use crate::simd::vectorized;

/// The deviation of the blur, and how far it reaches here.
const SIGMA: f64 = 1.5;
const REACH: usize = 5;
/// Rows that one task has.
pub const ROWS: usize = 32;
/// Pixels at a time: as many sums as stay in registers.
const LANES: usize = 16;

/// The weights of the blur, from the middle on.
pub type Blur = [f32; REACH + 1];

/// The metric's.
pub fn weights() -> Blur {
    std::array::from_fn(|i| half_gaussian(SIGMA, REACH)[i])
}

#[inline(always)]
pub fn squares(a: &[f32], b: &[f32], line: &mut [f32]) {
    for (value, (a, b)) in line.iter_mut().zip(a.iter().zip(b)) {
        *value = a * b;
    }
}

/// A plane, blurred; `write` writes the rows of what is to be. Nothing comes from beyond the ends.
pub fn blurred(width: usize, height: usize, blur: &Blur, write: impl Fn(Range<usize>, &mut [f32]) + Sync) -> Vec<f32> {
    let mut out = vec![0.0; width * height];
    out.par_chunks_mut(ROWS * width).enumerate().for_each(|(band, out)| {
        let (first, rows) = (band * ROWS, out.len() / width);
        let mut across = vec![0.0; (rows + 2 * REACH) * width];
        let mut padded = vec![0.0; width + 2 * REACH];
        for (y, line) in (first..).zip(across.chunks_exact_mut(width)) {
            let Some(y) = y.checked_sub(REACH).filter(|&y| y < height) else { continue };
            write(y * width..(y + 1) * width, &mut padded[REACH..REACH + width]);
            vectorized(
                #[inline(always)]
                || along(&padded, 1, blur, line),
            );
        }
        for (y, line) in out.chunks_exact_mut(width).enumerate() {
            vectorized(
                #[inline(always)]
                || along(&across[y * width..][..(2 * REACH + 1) * width], width, blur, line),
            );
        }
    });
    out
}

/// Blurs what lies `step` apart.
#[inline(always)]
fn along(padded: &[f32], step: usize, blur: &Blur, out: &mut [f32]) {
    let whole = out.len() - out.len() % LANES;
    for at in (0..whole).step_by(LANES) {
        out[at..at + LANES].copy_from_slice(&sums::<LANES>(padded, at, step, blur));
    }
    for at in whole..out.len() {
        [out[at]] = sums(padded, at, step, blur);
    }
}

#[inline(always)]
fn sums<const N: usize>(padded: &[f32], at: usize, step: usize, blur: &Blur) -> [f32; N] {
    let mut sums = take(&padded[at + REACH * step..]);
    for sum in &mut sums {
        *sum *= blur[0];
    }
    for distance in 1..=REACH {
        let before: [f32; N] = take(&padded[at + (REACH - distance) * step..]);
        let after: [f32; N] = take(&padded[at + (REACH + distance) * step..]);
        for i in 0..N {
            sums[i] += blur[distance] * (before[i] + after[i]);
        }
    }
    sums
}

#[inline(always)]
fn take<const N: usize>(values: &[f32]) -> [f32; N] {
    let mut lanes = [0.0; N];
    lanes.copy_from_slice(&values[..N]);
    lanes
}
