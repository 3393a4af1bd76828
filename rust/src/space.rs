//! Color spaces: 8-bit sRGB to points whose Euclidean distance is the distance of colors, and back.
//!
//! A point is a color laid over the grey in the middle between black and white, and its alpha on such a scale that squared
//! distances are the mean of two: of the colors laid over black, and over white, where colors mix as the space's coordinates
//! do. For with p the color times alpha, and black at the origin, what lies over black and over white differs by
//! (dp)^2 and (dp - w da)^2, and their mean is (dp - w/2 da)^2 + (w/2)^2 da^2. Opaque colors are their coordinates.
//!
//! Forward is 32-bit, back is 64-bit; both use only operations that IEEE 754 rounds alike everywhere, so points are the
//! same on every machine.

use std::sync::LazyLock;

use crate::pixels::{Key, Rgba, to_rgba};
use crate::simd::vectorized;
use lanes::{channel, each, multiply, over};

mod lanes;

/// Three coordinates, over middle grey, and alpha.
pub type Point = [f32; 4];

/// A space in which colors are near or far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// sRGB as coded, 0 to 255.
    Srgb,
    /// Linear light, 0 to 1.
    Linear,
    /// Oklab (B. Ottosson, "A perceptual color space for image processing", 2020, matrices of 2021), L from 0 to 1.
    Oklab,
    /// Oklab with a and b times `CHROMA`, in which errors are diffused.
    SeenOklab,
    /// CIELAB 1976 relative to D65, L from 0 to 100.
    Lab,
}

/// What chroma counts, beside lightness, for errors as small as a pixel. Measured: SSIMULACRA2 of photographs in 256 and 64
/// colors is best between 0.7 and 0.8, in 16 colors between 0.8 and 1.
const CHROMA: f64 = 0.8;

type Matrix = [[f64; 3]; 3];

/// Linear sRGB to cone responses, and their cube roots to Oklab: the second matrix of the source, and the first with
/// the conversion from sRGB multiplied in.
const OKLAB_LMS: Matrix = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const OKLAB_LAB: Matrix = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
const SEEN_LAB: Matrix = [OKLAB_LAB[0], times(CHROMA, OKLAB_LAB[1]), times(CHROMA, OKLAB_LAB[2])];
/// Linear sRGB to XYZ (IEC 61966-2-1); its row sums are the white point.
const XYZ: Matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];
/// f(X/Xn), f(Y/Yn), f(Z/Zn) to L, a, b, without the constant -16 of L.
const LAB: Matrix = [[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]];
/// Where CIELAB's f turns from a line into a cube root, and the slope of the line (CIE 15:2004).
const LAB_KNEE: f64 = 216.0 / 24389.0;
const LAB_SLOPE: f64 = 24389.0 / 27.0 / 116.0;

/// The tables that the conversions share.
struct Tables {
    /// 8-bit sRGB to linear light (IEC 61966-2-1).
    linear: [f32; 256],
    /// Linear light half-way between the codes i and i + 1: above it, a color is coded i + 1.
    threshold: [f64; 255],
    oklab_lms_back: Matrix,
    oklab_lab_back: Matrix,
    seen_lab_back: Matrix,
    xyz_white: Matrix,
    xyz_white_back: Matrix,
    lab_back: Matrix,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let xyz_white = XYZ.map(|row| row.map(|v| v / (row[0] + row[1] + row[2])));
    Tables {
        linear: std::array::from_fn(|i| decode(i as f64 / 255.0) as f32),
        threshold: std::array::from_fn(|i| decode((i as f64 + 0.5) / 255.0)),
        oklab_lms_back: inverse(OKLAB_LMS),
        oklab_lab_back: inverse(OKLAB_LAB),
        seen_lab_back: inverse(SEEN_LAB),
        xyz_white,
        xyz_white_back: inverse(xyz_white),
        lab_back: inverse(LAB),
    }
});

/// sRGB's transfer function, code to light; `libm` is the same arithmetic on every machine.
fn decode(code: f64) -> f64 {
    if code <= 0.04045 { code / 12.92 } else { libm::pow((code + 0.055) / 1.055, 2.4) }
}

impl Space {
    /// The grey in the middle between black and white, over which translucent colors are laid.
    fn middle(self) -> [f32; 3] {
        match self {
            Space::Srgb => [127.5; 3],
            Space::Linear => [0.5; 3],
            Space::Oklab | Space::SeenOklab => [0.5, 0.0, 0.0],
            Space::Lab => [50.0, 0.0, 0.0],
        }
    }

    /// The value of alpha's coordinate where a color is opaque: how far the middle is from black.
    pub fn alpha_scale(self) -> f32 {
        let [x, y, z] = self.middle();
        (x * x + y * y + z * z).sqrt()
    }

    /// Whether the second and the third coordinate are 0 for greys.
    pub fn has_chroma(self) -> bool {
        !matches!(self, Space::Srgb | Space::Linear)
    }

    /// The space in which the errors of pixels are diffused, where colors are near or far in this one.
    pub fn seen(self) -> Self {
        if self == Space::Oklab { Space::SeenOklab } else { self }
    }

    /// Converts colors to points.
    pub fn to_points(self, keys: &[Key], points: &mut [Point]) {
        debug_assert_eq!(keys.len(), points.len());
        vectorized(
            #[inline(always)]
            || {
                for (keys, points) in keys.chunks(LANES).zip(points.chunks_mut(LANES)) {
                    let planes = self.block_to_planes::<LANES>(keys);
                    for (i, point) in points.iter_mut().enumerate() {
                        *point = [planes[0][i], planes[1][i], planes[2][i], planes[3][i]];
                    }
                }
            },
        );
    }

    /// Converts colors to points, one plane a coordinate, each as long as `keys`.
    pub fn to_planes(self, keys: &[Key], planes: [&mut [f32]; 4]) {
        let [x, y, z, a] = planes;
        let outs = x.chunks_mut(LANES).zip(y.chunks_mut(LANES)).zip(z.chunks_mut(LANES)).zip(a.chunks_mut(LANES));
        let mut blocks = keys.chunks(LANES).zip(outs);
        vectorized(
            #[inline(always)]
            || {
                for (keys, (((x, y), z), a)) in blocks.by_ref() {
                    let block = self.block_to_planes::<LANES>(keys);
                    for (plane, values) in [x, y, z, a].into_iter().zip(&block) {
                        fill(plane, values);
                    }
                }
            },
        );
    }

    /// Converts one color to a point.
    pub fn to_point(self, key: Key) -> Point {
        // Not as one of many: sixteen times the work.
        self.block_to_planes::<1>(&[key]).map(|[coordinate]| coordinate)
    }

    /// Converts up to `N` colors: plain loops, which the compiler turns into vector instructions.
    #[inline(always)]
    pub fn block_to_planes<const N: usize>(self, colors: &[Key]) -> [[f32; N]; 4] {
        let mut rgba = [[0; 4]; N];
        for (rgba, &key) in rgba.iter_mut().zip(colors) {
            *rgba = to_rgba(key);
        }
        let [x, y, z] = self.opaque_to_planes(&rgba);
        let (middle, scale) = (self.middle(), self.alpha_scale());
        if colors.iter().fold(Key::MAX, |all, key| all & key) as u8 == u8::MAX {
            return [x, y, z, [scale; N]];
        }
        let alpha = channel(&rgba, 3).map(|a| a / 255.0);
        let whole = alpha.map(|a| a * scale);
        [over(x, &alpha, middle[0]), over(y, &alpha, middle[1]), over(z, &alpha, middle[2]), whole]
    }

    /// Converts colors, as if all were opaque, to the first three coordinates of their points.
    #[inline(always)]
    pub fn opaque_to_planes<const N: usize>(self, colors: &[Rgba; N]) -> [[f32; N]; 3] {
        if self == Space::Srgb {
            return [channel(colors, 0), channel(colors, 1), channel(colors, 2)];
        }
        let mut v = [[0.0; N]; 3];
        let linear = &TABLES.linear;
        for i in 0..N {
            for d in 0..3 {
                v[d][i] = linear[usize::from(colors[i][d])];
            }
        }
        self.opaque(&v)
    }

    /// Bounds the points of the opaque colors whose light is from `low` to `high` in every channel, of which it is less:
    /// the least and the greatest first three coordinates, or a little beyond.
    ///
    /// Coordinates are `M f(A x)`, where x is linear light, A is not negative and f is concave. Seen from the middle of
    /// the box f rises by a slope between those of its chords to both ends, so M f A is a matrix known within an interval.
    #[inline(always)]
    pub fn bounds(self, low: &Bound, high: &Bound) -> [Bound; 2] {
        let margin = 2e-5 * self.alpha_scale();
        match self {
            Space::Srgb | Space::Linear => [*low, *high],
            Space::Oklab => around(&OKLAB_LMS, cbrt, &OKLAB_LAB, [0.0; 3], margin, low, high),
            Space::SeenOklab => around(&OKLAB_LMS, cbrt, &SEEN_LAB, [0.0; 3], margin, low, high),
            Space::Lab => around(&TABLES.xyz_white, lab_f, &LAB, [-16.0, 0.0, 0.0], margin, low, high),
        }
    }

    /// What conversions make of a channel first: linear light, or the code itself.
    #[inline(always)]
    pub fn light(self, code: u8) -> f32 {
        if self == Space::Srgb { f32::from(code) } else { TABLES.linear[usize::from(code)] }
    }

    /// The coordinates of opaque colors whose red, green and blue light is `v`.
    #[inline(always)]
    pub fn opaque<const N: usize>(self, v: &[[f32; N]; 3]) -> [[f32; N]; 3] {
        match self {
            Space::Srgb | Space::Linear => *v,
            Space::Oklab => multiply(&OKLAB_LAB, &each(&multiply(&OKLAB_LMS, v), cbrt)),
            Space::SeenOklab => multiply(&SEEN_LAB, &each(&multiply(&OKLAB_LMS, v), cbrt)),
            Space::Lab => {
                let mut lab = multiply(&LAB, &each(&multiply(&TABLES.xyz_white, v), lab_f));
                for l in &mut lab[0] {
                    *l -= 16.0;
                }
                lab
            }
        }
    }

    /// Returns the 8-bit color nearest to a point, after clipping it to what sRGB holds.
    pub fn to_rgba(self, point: [f64; 4]) -> Rgba {
        let tables = &*TABLES;
        let alpha = (point[3] / f64::from(self.alpha_scale())).clamp(0.0, 1.0);
        let a = round(alpha * 255.0);
        if a == 0 {
            return [0; 4];
        }
        let middle = self.middle().map(f64::from);
        let [x, y, z] = [0, 1, 2].map(|d| (point[d] - middle[d] * (1.0 - alpha)) / alpha);
        let linear = match self {
            Space::Srgb => return [round(x), round(y), round(z), a],
            Space::Linear => [x, y, z],
            Space::Oklab => apply(&tables.oklab_lms_back, apply(&tables.oklab_lab_back, [x, y, z]).map(|v| v * v * v)),
            Space::SeenOklab => {
                apply(&tables.oklab_lms_back, apply(&tables.seen_lab_back, [x, y, z]).map(|v| v * v * v))
            }
            Space::Lab => apply(&tables.xyz_white_back, apply(&tables.lab_back, [x + 16.0, y, z]).map(lab_f_back)),
        };
        let [r, g, b] = linear.map(|v| tables.threshold.partition_point(|&t| t < v) as u8);
        [r, g, b, a]
    }
}

/// Colors that are converted at once.
const LANES: usize = 16;

/// Boxes that are bounded at once.
pub const BOXES: usize = 8;
/// A corner of each.
pub type Bound = [[f32; BOXES]; 3];

/// Copies as many values as there is room for; all of them, mostly, by one move.
#[inline(always)]
pub fn fill<const N: usize>(plane: &mut [f32], values: &[f32; N]) {
    match <&mut [f32; N]>::try_from(&mut *plane) {
        Ok(plane) => *plane = *values,
        Err(_) => plane.copy_from_slice(&values[..plane.len()]),
    }
}

fn round(v: f64) -> u8 {
    // `as` clips to the range of a byte.
    (v + 0.5).floor() as u8
}

/// Bounds `M f(A x) + constant`, where A is `responses` and M is `matrix`, for x between `from` and `to`.
#[inline(always)]
fn around(
    responses: &Matrix,
    f: impl Fn(f32) -> f32,
    matrix: &Matrix,
    constant: [f32; 3],
    margin: f32,
    from: &Bound,
    to: &Bound,
) -> [Bound; 2] {
    // The lower corners, the middles and the upper corners, side by side.
    let mut x = [[0.0; 4 * BOXES]; 3];
    for d in 0..3 {
        for i in 0..BOXES {
            x[d][i] = from[d][i];
            x[d][i + BOXES] = 0.5 * (from[d][i] + to[d][i]);
            x[d][i + 2 * BOXES] = to[d][i];
        }
    }
    let t = multiply(responses, &x);
    let v = each(&t, f);
    // The slopes from the lower corners, which are the steepest, and to the upper ones.
    let mut slopes = [[0.0; 2 * BOXES]; 3];
    for d in 0..3 {
        for i in 0..2 * BOXES {
            slopes[d][i] = (v[d][i + BOXES] - v[d][i]) / (t[d][i + BOXES] - t[d][i]);
        }
    }
    let mut bounds = [[[0.0; BOXES]; 3]; 2];
    for r in 0..3 {
        let (mut center, mut reach) = ([constant[r]; BOXES], [margin; BOXES]);
        for c in 0..3 {
            let (mut least, mut most) = ([0.0; BOXES], [0.0; BOXES]);
            for d in 0..3 {
                let weight = (matrix[r][d] * responses[d][c]) as f32;
                let (at_least, at_most) = if weight > 0.0 { (BOXES, 0) } else { (0, BOXES) };
                for i in 0..BOXES {
                    least[i] += weight * slopes[d][i + at_least];
                    most[i] += weight * slopes[d][i + at_most];
                }
            }
            for i in 0..BOXES {
                let slope = if most[i] > -least[i] { most[i] } else { -least[i] };
                // A little more than that, for the rounding of slopes.
                reach[i] += 1.001 * slope * (x[c][i + 2 * BOXES] - x[c][i + BOXES]);
                center[i] += matrix[r][c] as f32 * v[c][i + BOXES];
            }
        }
        for i in 0..BOXES {
            bounds[0][r][i] = center[i] - reach[i];
            bounds[1][r][i] = center[i] + reach[i];
        }
    }
    bounds
}

fn apply(matrix: &Matrix, v: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// Cube root of a number from 0 to about 1: a guess from the exponent, then two of Halley's steps.
#[inline(always)]
pub(crate) fn cbrt(x: f32) -> f32 {
    // The guess for black would have a cube too small for a normal number, which takes twenty times as long.
    let safe = if x > 1e-30 { x } else { 1e-30 };
    let mut t = f32::from_bits(safe.to_bits() / 3 + 0x2A51_19F2);
    for _ in 0..2 {
        let cube = t * t * t;
        t *= (cube + safe + safe) / (cube + cube + safe);
    }
    if x > 0.0 { t } else { 0.0 }
}

#[inline(always)]
fn lab_f(t: f32) -> f32 {
    if t > LAB_KNEE as f32 { cbrt(t) } else { t * LAB_SLOPE as f32 + (16.0 / 116.0) }
}

fn lab_f_back(f: f64) -> f64 {
    let cube = f * f * f;
    if cube > LAB_KNEE { cube } else { (f - 16.0 / 116.0) / LAB_SLOPE }
}

const fn times(factor: f64, row: [f64; 3]) -> [f64; 3] {
    [factor * row[0], factor * row[1], factor * row[2]]
}

/// Inverse by cofactors.
fn inverse(m: Matrix) -> Matrix {
    let cofactor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant: f64 = (0..3).map(|c| m[0][c] * cofactor(0, c)).sum();
    std::array::from_fn(|r| std::array::from_fn(|c| cofactor(c, r) / determinant))
}

#[cfg(test)]
mod tests;
