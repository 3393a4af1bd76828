//! How busy a picture is around each pixel: where it is, the eye misses errors (contrast masking).

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

/// Rows that one task looks at.
const ROWS: usize = 48;

/// How much an error at each pixel is seen: 255 sqrt(c / (c + v)), at least 1, where v is the variance of premultiplied
/// Oklab (and alpha) in a Gaussian window of 1.5 pixels, and c is 0.001. Edge pixels are repeated beyond the border.
pub fn importance(pixels: Pixels, width: usize) -> Vec<u8> {
    let mut importance = vec![0; pixels.len()];
    let opaque = pixels.is_opaque();
    importance.par_chunks_mut(ROWS * width).enumerate().for_each(|(chunk, out)| {
        if opaque {
            band::<3>(pixels, width, chunk * ROWS, out);
        } else {
            band::<4>(pixels, width, chunk * ROWS, out);
        }
    });
    importance
}

/// The importance of consecutive rows, of `D` coordinates.
fn band<const D: usize>(pixels: Pixels, width: usize, first: usize, out: &mut [u8]) {
    let height = pixels.len() / width;
    let window = window();
    let last = (first + out.len() / width + REACH).min(height);
    let from = first.saturating_sub(REACH);
    // The coordinates and the sum of their squares, blurred along each row.
    let mut blurred = vec![0.0f32; (last - from) * 5 * width];
    let mut keys = vec![0; width];
    let mut planes = vec![0.0f32; 5 * (width + 2 * REACH)];
    for (y, rows) in (from..last).zip(blurred.chunks_exact_mut(5 * width)) {
        pixels.slice(y * width, (y + 1) * width).write_keys(&mut keys);
        vectorized(
            #[inline(always)]
            || {
                read::<D>(&keys, &mut planes);
                for (row, plane) in rows.chunks_exact_mut(width).zip(planes.chunks_exact(width + 2 * REACH)) {
                    for (i, row) in row.iter_mut().enumerate() {
                        *row = 0.0;
                        for (share, value) in window.iter().zip(&plane[i..i + 2 * REACH + 1]) {
                            *row += share * value;
                        }
                    }
                }
            },
        );
    }
    let mut means = vec![0.0f32; 5 * width];
    for (y, out) in (first..).zip(out.chunks_exact_mut(width)) {
        vectorized(
            #[inline(always)]
            || {
                means.fill(0.0);
                for (i, &share) in window.iter().enumerate() {
                    let row = (y + i).saturating_sub(REACH).min(height - 1) - from;
                    for (mean, value) in means.iter_mut().zip(&blurred[row * 5 * width..(row + 1) * 5 * width]) {
                        *mean += share * value;
                    }
                }
                let (coordinates, squares) = means.split_at(4 * width);
                for (i, out) in out.iter_mut().enumerate() {
                    let mut variance = squares[i];
                    for d in 0..D {
                        variance -= coordinates[d * width + i] * coordinates[d * width + i];
                    }
                    let seen = f32::from(MOST) * (HALF / (HALF + variance.max(0.0))).sqrt();
                    *out = (seen + 0.5) as u8;
                }
            },
        );
    }
}

/// Converts a row to planes of `D` coordinates, of none, and of the sum of squares, each with its ends repeated.
#[inline(always)]
fn read<const D: usize>(keys: &[u32], planes: &mut [f32]) {
    let width = keys.len();
    let padded = width + 2 * REACH;
    {
        let mut rows = planes.chunks_exact_mut(padded).map(|row| &mut row[REACH..REACH + width]);
        let coordinates: [&mut [f32]; 4] = std::array::from_fn(|_| rows.next().expect("five planes"));
        Space::Oklab.to_planes(keys, coordinates);
    }
    let (coordinates, squares) = planes.split_at_mut(4 * padded);
    squares.fill(0.0);
    for plane in coordinates.chunks_exact(padded).take(D) {
        for (square, value) in squares[REACH..REACH + width].iter_mut().zip(&plane[REACH..]) {
            *square += value * value;
        }
    }
    for row in planes.chunks_exact_mut(padded) {
        let (left, right) = (row[REACH], row[REACH + width - 1]);
        row[..REACH].fill(left);
        row[REACH + width..].fill(right);
    }
}

/// The shares of the Gaussian window; they add up to 1.
fn window() -> [f32; 2 * REACH + 1] {
    let shares: [f64; 2 * REACH + 1] = std::array::from_fn(|i| {
        let distance = i as f64 - REACH as f64;
        libm::exp(-distance * distance / (2.0 * SIGMA * SIGMA))
    });
    let sum: f64 = shares.iter().sum();
    shares.map(|share| (share / sum) as f32)
}
