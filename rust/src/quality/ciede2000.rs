//! The CIEDE2000 color difference: about 1 can just be seen.

use rayon::prelude::*;

use super::layers::{Pair, pixels_of};
use super::wide::{LANES, Wide};
use crate::simd::vectorized;
use crate::space::Space;

/// Pixels to a task.
const CHUNK: usize = 1 << 13;

/// L, a and b relative to D65.
type Lab = [Wide; 3];

/// Mean and 95th percentile (nearest rank) of the differences of all pairs of RGB images (sRGB).
///
/// # Panics
///
/// When the sizes of a pair differ, or there are no pixels.
pub fn mean_and_percentile(pairs: &[Pair]) -> (f64, f64) {
    let mut differences = vec![0.0; pixels_of(pairs)];
    let (mut sum, mut rest) = (0.0, &mut differences[..]);
    for (first, second) in pairs {
        assert_eq!(first.len(), second.len(), "images of one size");
        let (here, after) = rest.split_at_mut(first.len());
        let chunks = here.par_chunks_mut(CHUNK).zip(first.par_chunks(CHUNK).zip(second.par_chunks(CHUNK)));
        let sums: Vec<f64> = chunks.map(|(found, (first, second))| compare(first, second, found)).collect();
        sum += sums.iter().sum::<f64>();
        rest = after;
    }
    let (pixels, rank) = (differences.len(), (differences.len() * 95).div_ceil(100));
    let (_, percentile, _) = differences.select_nth_unstable_by(rank - 1, f32::total_cmp);
    (sum / pixels as f64, f64::from(*percentile))
}

/// Writes the difference of each pair of pixels, and returns their sum.
fn compare(first: &[[u8; 3]], second: &[[u8; 3]], differences: &mut [f32]) -> f64 {
    let mut sum = 0.0;
    vectorized(
        #[inline(always)]
        || {
            let blocks = first.chunks(LANES).zip(second.chunks(LANES)).zip(differences.chunks_mut(LANES));
            for ((first, second), differences) in blocks {
                let lanes = difference(to_lab(first), to_lab(second)).0;
                for (difference, lane) in differences.iter_mut().zip(lanes) {
                    *difference = lane as f32;
                    sum += lane;
                }
            }
        },
    );
    sum
}

/// Up to `LANES` pixels, a plane a coordinate; black where there are none.
#[inline(always)]
fn to_lab(pixels: &[[u8; 3]]) -> Lab {
    let mut light = [[0.0; LANES]; 3];
    for (i, pixel) in pixels.iter().enumerate() {
        for c in 0..3 {
            light[c][i] = Space::Lab.light(pixel[c]);
        }
    }
    let mut lab = [Wide::all(0.0); 3];
    for (wide, plane) in lab.iter_mut().zip(Space::Lab.opaque(&light)) {
        for i in 0..LANES {
            wide.0[i] = f64::from(plane[i]);
        }
    }
    lab
}

/// The differences of pairs of colors (G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference formula", 2005).
///
/// Hues are kept as directions, which needs none of the formula's angles but one: the mean hue halves the angle between
/// two colors, and cosines of its multiples are polynomials.
#[inline(always)]
fn difference([l1, a1, b1]: Lab, [l2, a2, b2]: Lab) -> Wide {
    let (zero, one) = (Wide::all(0.0), Wide::all(1.0));
    let mean_chroma = 0.5 * (length(a1, b1) + length(a2, b2));
    let stretch = 1.5 - 0.5 * saturation(mean_chroma);
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (length(a1, b1), length(a2, b2));
    let (product, dot, cross) = (c1 * c2, a1 * a2 + b1 * b2, a1 * b2 - b1 * a2);
    // 1 where the first hue is below 180 degrees, -1 beyond: which of two opposite hues is the lesser.
    let half = b1.if_positive(one, (-b1).if_positive(-one, a1.if_positive(one, -one)));

    // The chord of the angle between the hues, in the form that does not cancel, and which way it goes.
    let square = (-dot).if_positive(2.0 * (product - dot), 2.0 * cross * cross / (product + dot));
    let chord = product.if_positive(square.sqrt(), zero);
    let hue = cross.if_positive(chord, (-cross).if_positive(-chord, chord * half));

    // The direction halfway; that of exact opposites is a right angle beyond the lesser hue.
    let (x, y) = (a1 * c2 + a2 * c1, b1 * c2 + b2 * c1);
    let apart = x * x + y * y - 1e-18 * product * product;
    let (x, y) = (apart.if_positive(x, -b1 * half), apart.if_positive(y, a1 * half));
    let r = length(x, y);
    let (cos, sin) = (r.if_positive(x / r, one), r.if_positive(y / r, zero));
    let (cos2, sin2) = (2.0 * cos * cos - 1.0, 2.0 * sin * cos);
    let (cos3, sin3) = (cos2 * cos - sin2 * sin, sin2 * cos + cos2 * sin);
    let (cos4, sin4) = (2.0 * cos2 * cos2 - 1.0, 2.0 * sin2 * cos2);
    let t = 1.0 - 0.17 * (cos * COS_30 + sin * SIN_30) + 0.24 * cos2 + 0.32 * (cos3 * COS_6 - sin3 * SIN_6)
        - 0.2 * (cos4 * COS_63 + sin4 * SIN_63);

    // How near the mean hue is to blue's 275 degrees. Hues are counted from 0 to 360: from 95 on down they are far.
    let (along, across) = (cos * COS_275 + sin * SIN_275, sin * COS_275 - cos * SIN_275);
    let near = exp_minus(squared_angle(1.0 - along) * PER_25_DEGREES);
    let near = across.if_positive((along - COS_85).if_positive(near, zero), near);

    let (mean_lightness, mean_chroma) = (0.5 * (l1 + l2) - 50.0, 0.5 * (c1 + c2));
    let from_50 = mean_lightness * mean_lightness;
    let dl = (l2 - l1) / (1.0 + 0.015 * from_50 / (20.0 + from_50).sqrt());
    let dc = (c2 - c1) / (1.0 + 0.045 * mean_chroma);
    let dh = hue / (1.0 + 0.015 * mean_chroma * t);
    let rotation = -2.0 * saturation(mean_chroma) * sine(SIXTY_DEGREES * near);
    let square = dl * dl + dc * dc + dh * dh + rotation * dc * dh;
    square.if_positive(square.sqrt(), zero)
}

const COS_30: f64 = 0.866_025_403_784_438_6;
const SIN_30: f64 = 0.5;
const COS_6: f64 = 0.994_521_895_368_273_3;
const SIN_6: f64 = 0.104_528_463_267_653_46;
const COS_63: f64 = 0.453_990_499_739_546_8;
const SIN_63: f64 = 0.891_006_524_188_367_9;
const COS_275: f64 = 0.087_155_742_747_658_17;
const SIN_275: f64 = -0.996_194_698_091_745_5;
const COS_85: f64 = COS_275;
const SIXTY_DEGREES: f64 = std::f64::consts::PI / 3.0;
const PER_25_DEGREES: f64 = (180.0 / std::f64::consts::PI / 25.0) * (180.0 / std::f64::consts::PI / 25.0);

#[inline(always)]
fn length(x: Wide, y: Wide) -> Wide {
    (x * x + y * y).sqrt()
}

/// The formula's weight of chroma: 0 for grey, near 1 far above 25.
#[inline(always)]
fn saturation(chroma: Wide) -> Wide {
    let cube = chroma * chroma * chroma;
    let seventh = cube * cube * chroma;
    (seventh / (seventh + 6_103_515_625.0)).sqrt()
}

/// The square of the angle whose cosine is `1 - w`, in radians: right to 1e-8 up to 60 degrees, a little small above 90.
///
/// Twelve terms of arcsin(x)^2 = sum of (2 x)^(2 n) / (2 n^2 binomial(2 n, n)), x being the sine of half the angle.
#[inline(always)]
fn squared_angle(w: Wide) -> Wide {
    let mut sum = Wide::all(0.0);
    for term in SQUARED_ANGLE {
        sum = sum * w + term;
    }
    sum * w
}

/// From the highest power of `w` to the first.
const SQUARED_ANGLE: [f64; 12] = {
    let (mut terms, mut binomial, mut power) = ([0.0; 12], 1.0, 1.0);
    let mut n = 1;
    while n <= 12 {
        let order = n as f64;
        binomial *= 2.0 * (2.0 * order - 1.0) / order;
        power *= 2.0;
        terms[12 - n] = 2.0 * power / (order * order * binomial);
        n += 1;
    }
    terms
};

/// 1 / n! for n from 0: Taylor's series.
const INVERSE_FACTORIALS: [f64; 12] = {
    let (mut inverse, mut n) = ([1.0; 12], 1);
    while n < 12 {
        inverse[n] = inverse[n - 1] / n as f64;
        n += 1;
    }
    inverse
};

/// e^-x for x from 0 to 700: a power of two, and a series for the rest, right to 1e-9.
#[inline(always)]
fn exp_minus(x: Wide) -> Wide {
    /// Adding it leaves no bits for fractions: those of the sum end in the integer.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let power = x * -std::f64::consts::LOG2_E;
    let rounded = power + ROUND;
    let rest = (power - (rounded - ROUND)) * std::f64::consts::LN_2;
    let mut series = Wide::all(0.0);
    for n in (0..=8).rev() {
        series = series * rest + INVERSE_FACTORIALS[n];
    }
    for i in 0..LANES {
        series.0[i] = f64::from_bits(series.0[i].to_bits().wrapping_add(rounded.0[i].to_bits() << 52));
    }
    series
}

/// The sine of an angle from 0 to 60 degrees: a series, right to 1e-9.
#[inline(always)]
fn sine(x: Wide) -> Wide {
    let square = -x * x;
    let mut series = Wide::all(0.0);
    for n in [11, 9, 7, 5, 3, 1] {
        series = series * square + INVERSE_FACTORIALS[n];
    }
    series * x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two colors and their difference: table 1 of Sharma, Wu and Dalal, made to find what implementations get wrong.
    const PUBLISHED: [([f64; 3], [f64; 3], f64); 34] = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 3.1571, -77.2803], [50.0, 0.0, -82.7485], 2.8615),
        ([50.0, 2.8361, -74.0200], [50.0, 0.0, -82.7485], 3.4412),
        ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, -1.1848, -84.8006], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, -0.9009, -85.5211], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, -1.0, 2.0], [50.0, 0.0, 0.0], 2.3669),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0009], 7.1792),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0010], 7.1792),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0011], 7.2195),
        ([50.0, 2.4900, -0.0010], [50.0, -2.4900, 0.0012], 7.2195),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0009, -2.4900], 4.8045),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0010, -2.4900], 4.8045),
        ([50.0, -0.0010, 2.4900], [50.0, 0.0011, -2.4900], 4.7461),
        ([50.0, 2.5, 0.0], [50.0, 0.0, -2.5], 4.3065),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
        ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
        ([50.0, 2.5, 0.0], [50.0, 3.1736, 0.5854], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 3.2972, 0.0], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 1.8634, 0.5757], 1.0000),
        ([50.0, 2.5, 0.0], [50.0, 3.2592, 0.3350], 1.0000),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([63.0109, -31.0961, -5.8663], [62.8187, -29.7946, -4.0864], 1.2630),
        ([61.2901, 3.7196, -5.3901], [61.4292, 2.2480, -4.9620], 1.8731),
        ([35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([36.4612, 47.8580, 18.3852], [36.2715, 50.5065, 21.2231], 1.4146),
        ([90.8027, -2.0831, 1.4410], [91.1528, -1.6435, 0.0447], 1.4441),
        ([90.9257, -0.5406, -0.9208], [88.6381, -0.8985, -0.7239], 1.5381),
        ([6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ];

    #[test]
    fn differences_are_those_published() {
        for (first, second, published) in PUBLISHED {
            let [first, second] = [first, second].map(|lab| lab.map(Wide::all));
            for found in [difference(first, second), difference(second, first)].map(|found| found.0[LANES - 1]) {
                assert!((found - published).abs() < 1e-4, "{first:?} {second:?}: {found}, not {published}");
            }
        }
    }

    #[test]
    fn elementary_functions_are_right() {
        let of = |function: fn(Wide) -> Wide, x: f64| function(Wide::all(x)).0[0];
        for i in 0..=1000 {
            let x = i as f64 / 1000.0;
            assert!((of(sine, x * SIXTY_DEGREES) - libm::sin(x * SIXTY_DEGREES)).abs() < 1e-9);
            assert!((of(exp_minus, 30.0 * x) - libm::exp(-30.0 * x)).abs() < 1e-9);
            let angle = libm::acos(1.0 - x / 2.0);
            assert!((of(squared_angle, x / 2.0) - angle * angle).abs() < 1e-8);
            let (angle, found) = (libm::acos(1.0 - 2.0 * x), of(squared_angle, 2.0 * x));
            assert!(found <= angle * angle + 1e-9 && found >= 0.75 * angle * angle);
        }
    }

    #[test]
    fn percentile_is_the_nearest_rank() {
        let black = vec![[0; 3]; 100];
        let mut second = black.clone();
        second[95..].fill([255; 3]); // 5 of 100 pixels are white, so that the 95th is still black
        let (mean, percentile) = mean_and_percentile(&[(&black, &second)]);
        assert!((mean - 5.0).abs() < 1e-5 && percentile == 0.0, "{mean} {percentile}");
        second[94] = [255; 3];
        assert!((mean_and_percentile(&[(&black, &second)]).1 - 100.0).abs() < 1e-4);
    }
}
