//! How busy a picture is around each pixel: where it is, the eye misses errors (contrast masking).

use std::array::from_fn;

use rayon::prelude::*;

use crate::pixels::Pixels;
use crate::simd::vectorized;
use crate::space::Space;

/// Of a pixel where nothing changes.
const MOST: u8 = 255;

/// Variance, in Oklab with L from 0 to 1, at which a pixel counts 1 / sqrt(2) of one where nothing changes.
const HALF: f32 = 1e-3;

/// Standard deviation in pixels of the Gaussian window, and how far it reaches.
const SIGMA: f64 = 1.5;
const REACH: usize = 5;
const TAPS: usize = 2 * REACH + 1;

/// Sums that are kept in registers.
const LANES: usize = 16;

/// Rows that one task looks at, and columns at a time, so that what is blurred along rows stays near.
const ROWS: usize = 64;
const COLUMNS: usize = 256;

/// The same columns, and those that windows reach on either side.
const PADDED: usize = COLUMNS + 2 * REACH;

/// How much an error at each pixel is seen: 255 sqrt(c / (c + v)), at least 1, where v is the variance of premultiplied
/// Oklab (and alpha) in a Gaussian window of 1.5 pixels, and c is 0.001. Edge pixels are repeated beyond the border.
pub fn importance(pixels: Pixels, width: usize) -> Vec<u8> {
    let mut importance = vec![0; pixels.len()];
    let opaque = pixels.is_opaque();
    importance.par_chunks_mut(ROWS * width).enumerate().for_each(|(chunk, out)| {
        for left in (0..width).step_by(COLUMNS) {
            if opaque {
                block::<3>(pixels, width, chunk * ROWS, left, out);
            } else {
                block::<4>(pixels, width, chunk * ROWS, left, out);
            }
        }
    });
    importance
}

/// Coordinates of pixels side by side, and the sum of their squares, one plane each; the fourth is alpha's.
type Planes<const N: usize> = [[f32; N]; 5];

/// The importance of some columns of consecutive rows, of `D` coordinates.
fn block<const D: usize>(pixels: Pixels, width: usize, first: usize, left: usize, out: &mut [u8]) {
    let height = pixels.len() / width;
    let columns = COLUMNS.min(width - left);
    let window = window();
    let last = (first + out.len() / width + REACH).min(height);
    let from = first.saturating_sub(REACH);
    let used = || (0..D).chain([SQUARES]);
    let mut blurred = vec![[[0.0; COLUMNS]; 5]; last - from];
    let mut planes = [[0.0; PADDED]; 5];
    for (y, blurred) in (from..last).zip(&mut blurred) {
        read::<D>(pixels.slice(y * width, (y + 1) * width), left, columns, &mut planes);
        vectorized(
            #[inline(always)]
            || {
                for plane in used() {
                    let values = &planes[plane];
                    for (group, sums) in blurred[plane].as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                        *sums = weighed(&window, |tap| &values[group * LANES + tap..]);
                    }
                }
            },
        );
    }
    for (y, out) in (first..).zip(out.chunks_exact_mut(width)) {
        vectorized(
            #[inline(always)]
            || {
                let rows =
                    from_fn::<_, TAPS, _>(|tap| &blurred[(y + tap).saturating_sub(REACH).min(height - 1) - from]);
                for (group, out) in out[left..left + columns].chunks_mut(LANES).enumerate() {
                    let mean = |plane: usize| weighed(&window, |tap| &rows[tap][plane][group * LANES..]);
                    let mut variance = mean(SQUARES);
                    for plane in 0..D {
                        let mean = mean(plane);
                        for i in 0..LANES {
                            variance[i] -= mean[i] * mean[i];
                        }
                    }
                    let mut seen = [0; LANES];
                    for i in 0..LANES {
                        let share = (HALF / (HALF + variance[i].max(0.0))).sqrt();
                        seen[i] = (f32::from(MOST) * share + 0.5) as u8;
                    }
                    out.copy_from_slice(&seen[..out.len()]);
                }
            },
        );
    }
}

/// The sum of numbers side by side, each as often as its tap says.
#[inline(always)]
fn weighed<'a>(window: &[f32; TAPS], at: impl Fn(usize) -> &'a [f32]) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for tap in 0..TAPS {
        let values: &[f32; LANES] = at(tap).first_chunk().expect("as many as lanes");
        for i in 0..LANES {
            sums[i] += window[tap] * values[i];
        }
    }
    sums
}

/// The plane of the sums of squares.
const SQUARES: usize = 4;

/// Converts columns of a row, and those beside them: of what lies beyond an end, the pixel there.
fn read<const D: usize>(row: Pixels, left: usize, columns: usize, planes: &mut Planes<PADDED>) {
    let (from, to) = (left.saturating_sub(REACH), (left + columns + REACH).min(row.len()));
    let start = from + REACH - left;
    let inside = start..start + to - from;
    let mut keys = [0; PADDED];
    let keys = &mut keys[..to - from];
    row.slice(from, to).write_keys(keys);
    let [x, y, z, alpha, squares] = planes;
    Space::Oklab.to_planes(keys, [&mut *x, y, z, alpha].map(|plane| &mut plane[inside.clone()]));
    squares.fill(0.0);
    for plane in [x, y, z, alpha].into_iter().take(D) {
        for (square, value) in squares[inside.clone()].iter_mut().zip(&plane[inside.clone()]) {
            *square += value * value;
        }
    }
    for plane in planes {
        let (first, last) = (plane[start], plane[inside.end - 1]);
        plane[..start].fill(first);
        plane[inside.end..].fill(last);
    }
}

/// The shares of the Gaussian window; they add up to 1.
fn window() -> [f32; TAPS] {
    let shares: [f64; 2 * REACH + 1] = from_fn(|i| {
        let distance = i as f64 - REACH as f64;
        libm::exp(-distance * distance / (2.0 * SIGMA * SIGMA))
    });
    let sum: f64 = shares.iter().sum();
    shares.map(|share| (share / sum) as f32)
}
