//! What two images differ by from afar: dithering is gone there, banding is not.

use rayon::prelude::*;

use super::layers::{Pair, pixels_of};
use crate::simd::vectorized;
use crate::space::Space;

/// Rows to a task.
const BAND: usize = 64;
/// Pixels that are converted at once.
const LANES: usize = 16;
/// Half of a Gaussian of one pixel, up to four.
const TAPS: [f32; REACH + 1] = [1.0, 0.606_530_66, 0.135_335_28, 0.011_108_997, 0.000_335_462_63];
const REACH: usize = 4;
/// With it, L goes from 0 to 100 as in CIELAB, squared.
const SCALE: f64 = 1e4;

/// Light in rows: red, green and blue.
type Rows = [Vec<f32>; 3];

/// Mean squared Oklab distance, L from 0 to 100, of all pairs of images of rows of `width`, after a Gaussian of one pixel
/// in linear light. Beyond the edges there is nothing: what is inside has all the weight.
///
/// # Panics
///
/// When the sizes of a pair differ, or there are no pixels.
pub fn error(pairs: &[Pair], width: usize) -> f64 {
    let sum: f64 = pairs.iter().map(|(first, second)| squared_distances(first, second, width)).sum();
    sum / pixels_of(pairs) as f64 * SCALE
}

fn squared_distances(first: &[[u8; 3]], second: &[[u8; 3]], width: usize) -> f64 {
    assert_eq!(first.len(), second.len(), "images of one size");
    let height = first.len() / width;
    let across = shares(width);
    let bands = height.div_ceil(BAND);
    let sums = (0..bands).into_par_iter().map(|band| {
        let (start, end) = (band * BAND, height.min((band + 1) * BAND));
        let (from, to) = (start.saturating_sub(REACH), height.min(end + REACH));
        let [first, second] = [first, second].map(|pixels| blur_rows(&pixels[from * width..to * width], &across));
        (start..end).map(|y| distances_of_row(&first, &second, y - from, to - from, &across)).sum::<f64>()
    });
    sums.collect::<Vec<f64>>().into_iter().sum()
}

/// One by the weight that the filter has inside, for each place of a line.
fn shares(length: usize) -> Vec<f32> {
    let inside = |at: usize| (0..length).skip(at.saturating_sub(REACH)).take_while(move |&other| other <= at + REACH);
    (0..length).map(|at| 1.0 / inside(at).map(|other| TAPS[at.abs_diff(other)]).sum::<f32>()).collect()
}

/// The light of rows, blurred along them; each takes a whole number of `LANES`.
fn blur_rows(pixels: &[[u8; 3]], shares: &[f32]) -> Rows {
    let (width, stride) = (shares.len(), shares.len().next_multiple_of(LANES));
    let rows = pixels.len() / width;
    let mut blurred: Rows = std::array::from_fn(|_| vec![0.0; rows * stride]);
    let mut line = [const { Vec::new() }; 3].map(|_: Vec<f32>| vec![0.0; width + 2 * REACH]);
    vectorized(
        #[inline(always)]
        || {
            for (y, row) in pixels.chunks_exact(width).enumerate() {
                for (x, pixel) in row.iter().enumerate() {
                    for c in 0..3 {
                        line[c][REACH + x] = Space::Oklab.light(pixel[c]);
                    }
                }
                for c in 0..3 {
                    let out = &mut blurred[c][y * stride..][..width];
                    let mut taps: [&[f32]; 2 * REACH + 1] = [&[]; 2 * REACH + 1];
                    for (shift, tap) in taps.iter_mut().enumerate() {
                        *tap = &line[c][shift..][..width];
                    }
                    for x in 0..width {
                        let mut sum = TAPS[0] * taps[REACH][x];
                        for reach in 1..=REACH {
                            sum += TAPS[reach] * (taps[REACH - reach][x] + taps[REACH + reach][x]);
                        }
                        out[x] = sum * shares[x];
                    }
                }
            }
        },
    );
    blurred
}

/// The sum of squared Oklab distances of row `y` of `rows`, blurred across the rows.
fn distances_of_row(first: &Rows, second: &Rows, y: usize, rows: usize, across: &[f32]) -> f64 {
    let stride = across.len().next_multiple_of(LANES);
    let (from, to) = (y.saturating_sub(REACH), rows.min(y + REACH + 1));
    let share = 1.0 / (from..to).map(|row| TAPS[row.abs_diff(y)]).sum::<f32>();
    let mut sums = [0.0; LANES];
    vectorized(
        #[inline(always)]
        || {
            for x in (0..stride).step_by(LANES) {
                let mut light = [[[0.0; LANES]; 3]; 2];
                for row in from..to {
                    let tap = TAPS[row.abs_diff(y)] * share;
                    for (light, image) in light.iter_mut().zip([first, second]) {
                        for c in 0..3 {
                            let values = &image[c][row * stride + x..][..LANES];
                            for i in 0..LANES {
                                light[c][i] += tap * values[i];
                            }
                        }
                    }
                }
                let [first, second] = light.map(
                    #[inline(always)]
                    |light| Space::Oklab.opaque(&light),
                );
                for c in 0..3 {
                    for i in 0..LANES {
                        let gap = first[c][i] - second[c][i];
                        sums[i] += f64::from(gap * gap);
                    }
                }
            }
        },
    );
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::super::layers::mean_square;
    use super::*;

    fn grey(levels: impl Iterator<Item = u8>) -> Vec<[u8; 3]> {
        levels.map(|level| [level; 3]).collect()
    }

    #[test]
    fn of_flat_images_it_is_the_distance_of_their_colors() {
        for (width, height) in [(1, 1), (1, 9), (40, 3), (17, 70)] {
            let (black, white) = (vec![[0; 3]; width * height], vec![[255; 3]; width * height]);
            let error = error(&[(&black, &white)], width);
            assert!((error - 1e4).abs() < 0.1, "{error}");
        }
    }

    #[test]
    fn the_same_whichever_way_the_image_lies() {
        let (width, height) = (37, 150);
        let pixels: Vec<[u8; 3]> =
            (0..width * height).map(|i| [i % 256, i * 7 % 256, i * 31 % 256].map(|v| v as u8)).collect();
        let other = pixels.iter().map(|&[r, g, b]| [g, b, r]).collect::<Vec<_>>();
        let turned = |pixels: &[[u8; 3]]| {
            (0..width * height).map(|i| pixels[i % height * width + i / height]).collect::<Vec<_>>()
        };
        let lying = error(&[(&turned(&pixels), &turned(&other))], height);
        assert!((error(&[(&pixels, &other)], width) / lying - 1.0).abs() < 1e-5);
    }

    #[test]
    fn bands_are_seen_and_a_fine_pattern_is_not() {
        let ramp = grey((0..256 * 64_usize).map(|i| (i % 256) as u8));
        let bands = grey((0..256 * 64_usize).map(|i| ((i % 256) / 16 * 16 + 8) as u8));
        let pattern = grey((0..256 * 64_usize).map(|i| {
            if (i + i / 256) % 2 == 0 { (i % 256).saturating_sub(5) as u8 } else { (i % 256 + 5).min(255) as u8 }
        }));
        let (bands, pattern) = ([(&ramp, &bands)], [(&ramp, &pattern)]);
        let (seen, unseen) = (error(&bands, 256), error(&pattern, 256));
        assert!(seen > 10.0 * unseen, "{seen} {unseen}");
        assert!(mean_square(&bands) < mean_square(&pattern));
    }
}
