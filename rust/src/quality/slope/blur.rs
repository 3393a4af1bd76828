//! The metric's blur.

use std::ops::Range;

use rayon::prelude::*;

use crate::refit::{along, half_gaussian};
use crate::simd::vectorized;

/// The deviation of the blur, and how far it reaches here.
const SIGMA: f64 = 1.5;
const REACH: usize = 5;
/// Rows that one task has.
pub const ROWS: usize = 32;

/// The weights of the blur, from the middle on.
pub fn weights() -> Vec<f32> {
    half_gaussian(SIGMA, REACH)
}

#[inline(always)]
pub fn squares(a: &[f32], b: &[f32], line: &mut [f32]) {
    for (value, (a, b)) in line.iter_mut().zip(a.iter().zip(b)) {
        *value = a * b;
    }
}

/// A plane, blurred; `write` writes the rows of what is to be. Nothing comes from beyond the ends.
pub fn blurred(width: usize, height: usize, blur: &[f32], write: impl Fn(Range<usize>, &mut [f32]) + Sync) -> Vec<f32> {
    let mut out = vec![0.0; width * height];
    out.par_chunks_mut(ROWS * width).enumerate().for_each(|(band, out)| {
        let (first, rows) = (band * ROWS, out.len() / width);
        let (from, to) = (first.saturating_sub(REACH), height.min(first + rows + REACH));
        let mut across = vec![0.0; (to - from) * width];
        let mut padded = vec![0.0; width + 2 * REACH];
        for (y, line) in (from..to).zip(across.chunks_exact_mut(width)) {
            write(y * width..(y + 1) * width, &mut padded[REACH..REACH + width]);
            vectorized(
                #[inline(always)]
                || along(&padded, 1, blur, line),
            );
        }
        for (y, line) in (first..).zip(out.chunks_exact_mut(width)) {
            vectorized(
                #[inline(always)]
                || {
                    for other in y.saturating_sub(REACH)..height.min(y + REACH + 1) {
                        let share = blur[y.abs_diff(other)];
                        for (value, from) in line.iter_mut().zip(&across[(other - from) * width..][..width]) {
                            *value += share * from;
                        }
                    }
                },
            );
        }
    });
    out
}
