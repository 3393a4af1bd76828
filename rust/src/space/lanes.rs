//! Numbers side by side, by loops that the compiler turns into vector instructions.
//!
//! None is a loop within a loop: of two the compiler at times takes the outer one to be side by side, and gathers and
//! scatters, at twice the time in all.

use std::array::from_fn;

use super::Matrix;
use crate::pixels::Rgba;

/// Codes of one channel, by shifts of words: of bytes taken one by one the compiler makes no vectors.
#[inline(always)]
pub fn channel<const N: usize>(colors: &[Rgba; N], channel: u32) -> [f32; N] {
    let mut codes = [0.0; N];
    for i in 0..N {
        codes[i] = (u32::from_le_bytes(colors[i]) >> (8 * channel) & 255) as i32 as f32;
    }
    codes
}

/// A coordinate laid over the middle.
#[inline(always)]
pub fn over<const N: usize>(mut values: [f32; N], alpha: &[f32; N], middle: f32) -> [f32; N] {
    for i in 0..N {
        values[i] = values[i] * alpha[i] + middle * (1.0 - alpha[i]);
    }
    values
}

/// A product with a matrix.
#[inline(always)]
pub fn multiply<const N: usize>(matrix: &Matrix, v: &[[f32; N]; 3]) -> [[f32; N]; 3] {
    [multiply_row(&matrix[0], v), multiply_row(&matrix[1], v), multiply_row(&matrix[2], v)]
}

#[inline(always)]
fn multiply_row<const N: usize>(row: &[f64; 3], v: &[[f32; N]; 3]) -> [f32; N] {
    let [x, y, z] = row.map(|factor| factor as f32);
    from_fn(|i| x * v[0][i] + y * v[1][i] + z * v[2][i])
}

/// A function of every number.
#[inline(always)]
pub fn each<const N: usize>(v: &[[f32; N]; 3], f: impl Fn(f32) -> f32) -> [[f32; N]; 3] {
    let mut result = *v;
    for value in result.as_flattened_mut() {
        *value = f(*value);
    }
    result
}
