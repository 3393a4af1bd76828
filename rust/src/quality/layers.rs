//! Images as they are seen: opaque, or laid over black and over white.

use std::array::from_fn;
use std::iter::zip;
use std::ops::Deref;

use rayon::prelude::*;

use crate::pixels::{Channels, Layout, Pixels};

/// Levels of grey that translucent images are laid over.
const BACKDROPS: [u8; 2] = [0, 255];
/// Pixels to a task: few enough that a chunk's sum of squares fits `u32` with room to spare.
const CHUNK: usize = 1 << 13;

/// RGB pixels of an image, and those of another.
pub type Pair<'a> = (&'a Vec<[u8; 3]>, &'a Vec<[u8; 3]>);

/// What is seen of an image, in RGB: a single layer where it is opaque, else one over black and one over white.
pub struct Layers(Vec<Vec<[u8; 3]>>);

impl Layers {
    /// Lays pixels over the backdrops, in sRGB as browsers do it.
    pub fn new(pixels: Pixels) -> Self {
        let backdrops = if pixels.is_opaque() { &BACKDROPS[..1] } else { &BACKDROPS[..] };
        Self(backdrops.iter().map(|&backdrop| lay(pixels, [backdrop; 3])).collect())
    }
}

impl Deref for Layers {
    type Target = [Vec<[u8; 3]>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Pairs what is over black with what is over black, and so for white; the only one there is stands for both.
pub fn paired<'a, A, B>(first: &'a [A], second: &'a [B]) -> Vec<(&'a A, &'a B)> {
    (0..first.len().max(second.len())).map(|i| (&first[i % first.len()], &second[i % second.len()])).collect()
}

/// The mean over the pixels of all pairs of the squared RGB distance.
///
/// # Panics
///
/// When the sizes of a pair differ, or there are no pixels.
pub fn mean_square(pairs: &[Pair]) -> f64 {
    let sum: u64 = pairs.iter().map(|(first, second)| square(first, second)).sum();
    sum as f64 / pixels_of(pairs) as f64
}

/// The mean over the pixels of the squared RGB distance, over black and over white where one image is translucent.
/// `weights` says how often each row counts.
///
/// # Panics
///
/// When the sizes differ, or there are no pixels.
pub fn mean_squared_error(first: Pixels, second: Pixels, weights: Option<&[u64]>) -> f64 {
    let (first, second) = (Layers::new(first), Layers::new(second));
    let pairs = paired(&first, &second);
    let Some(weights) = weights else { return mean_square(&pairs) };
    let (mut sum, width) = (0, first[0].len() / weights.len());
    for (first, second) in &pairs {
        let rows = zip(first.chunks(width), second.chunks(width));
        sum += zip(rows, weights).map(|((a, b), &weight)| u128::from(square(a, b)) * u128::from(weight)).sum::<u128>();
    }
    let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    sum as f64 / (total as f64 * (width * pairs.len()) as f64)
}

/// How many pixels the pairs have.
pub fn pixels_of(pairs: &[Pair]) -> usize {
    pairs.iter().map(|pair| pair.0.len()).sum()
}

fn square(first: &[[u8; 3]], second: &[[u8; 3]]) -> u64 {
    assert_eq!(first.len(), second.len(), "images of one size");
    let chunks = first.par_chunks(CHUNK).zip(second.par_chunks(CHUNK));
    let squares = chunks.map(|(a, b)| {
        let bytes = zip(a.as_flattened(), b.as_flattened());
        u64::from(bytes.map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum::<u32>())
    });
    squares.sum()
}

/// What is seen of pixels on a page of one color, blended in sRGB as browsers do it.
pub fn lay(pixels: Pixels, page: [u8; 3]) -> Vec<[u8; 3]> {
    fn all<P: Channels>(pixels: &[P], page: [u8; 3]) -> Vec<[u8; 3]> {
        let laid = pixels.par_iter().with_min_len(CHUNK).map(|pixel| {
            let rgba = pixel.rgba();
            let alpha = u16::from(rgba[3]);
            from_fn(|c| ((u16::from(rgba[c]) * alpha + u16::from(page[c]) * (255 - alpha) + 127) / 255) as u8)
        });
        laid.collect()
    }
    match pixels.layout() {
        Layout::Grey(pixels) => all(pixels, page),
        Layout::Rgb(pixels) => pixels.to_vec(),
        Layout::Rgba(pixels) => all(pixels, page),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squared_error_of_opposites_does_not_overflow() {
        let (black, white) = (vec![[0; 3]; 100_000], vec![[255; 3]; 100_000]);
        assert_eq!(mean_square(&[(&black, &white)]), 3.0 * 255.0 * 255.0);
    }

    #[test]
    fn weights_are_as_rows_repeated() {
        let bytes: Vec<u8> = (0..60).map(|i| (i * i % 256) as u8).collect();
        let (first, second) =
            (Pixels::new(&bytes[..24], 4).expect("RGBA"), Pixels::new(&bytes[24..48], 4).expect("RGBA"));
        let twice = |rows: &[u8]| [&rows[..8], &rows[8..16], &rows[8..16], &rows[16..]].concat();
        let (more, others) = (twice(&bytes[..24]), twice(&bytes[24..48]));
        let expected =
            mean_squared_error(Pixels::new(&more, 4).expect("RGBA"), Pixels::new(&others, 4).expect("RGBA"), None);
        assert!((mean_squared_error(first, second, Some(&[1, 2, 1])) / expected - 1.0).abs() < 1e-12);
    }
}
