//! What the loss would be if a pixel had another entry.

use super::colors::{Planes, roots, xyb};
use super::scales::share;

/// How the loss changes with the pixels of a picture over one backdrop.
pub struct Field {
    /// What this backdrop counts.
    pub share: f32,
    /// Of the picture.
    pub width: usize,
    /// Of the picture.
    pub height: usize,
    /// What entries look like there.
    pub entries: Vec<Entry>,
    /// How the loss grows with X, Y and B at full size, where these count.
    pub first: [Option<Vec<f32>>; 3],
    /// With light at half size.
    pub deeper: Option<Planes>,
    /// With lightness squared.
    pub noise: Vec<f32>,
    /// How much structure differs around pixels, and the variance in all.
    pub rough: Vec<[f32; 2]>,
    /// How the loss grows with the cube of such a difference.
    pub cubes: f32,
}

/// What a color looks like: its light, and X, Y and B.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Linear.
    pub light: [f32; 3],
    /// But for constants that change nothing.
    pub xyb: [f32; 3],
}

/// How the loss changes with one pixel.
#[derive(Clone, Copy)]
pub struct Spot {
    by_light: [f32; 3],
    by_xyb: [f32; 3],
    by_square: f32,
    differs: f32,
    all: f32,
    fourths: f32,
}

/// Entries that a pixel may change to.
pub const NEAR: usize = 16;

/// From an entry to each of those near it.
pub struct Steps {
    light: [[f32; NEAR]; 3],
    xyb: [[f32; NEAR]; 3],
}

/// The sum of the squares of the blur's weights, of their third and of their fourth powers: a Gaussian's of 1.5 pixels.
const POWERS: [f32; 3] = [0.035_4, 0.001_67, 0.000_088];
/// What chroma counts in damping.
const CHROMA: f32 = 2.0;

impl Entry {
    /// A color of this light.
    pub fn new(light: [f32; 3]) -> Self {
        Self { light, xyb: xyb(roots(light)) }
    }

    /// The squared distance.
    pub fn apart(&self, other: &Self) -> f32 {
        let [x, y, b]: [f32; 3] = std::array::from_fn(|c| self.xyb[c] - other.xyb[c]);
        y * y + CHROMA * (x * x + b * b)
    }
}

impl Field {
    /// What the square of an error in lightness costs on average.
    pub fn level(&self) -> f32 {
        let sum: f64 = self.noise.iter().map(|&noise| f64::from(noise)).sum();
        self.share * (sum / self.noise.len() as f64) as f32
    }

    /// The ways from an entry to others; what is beyond these stays where it is.
    pub fn steps(&self, from: usize, to: &[u32]) -> Steps {
        let mut steps = Steps { light: [[0.0; NEAR]; 3], xyb: [[0.0; NEAR]; 3] };
        for (i, &to) in to.iter().enumerate() {
            let (from, to) = (&self.entries[from], &self.entries[to as usize]);
            for c in 0..3 {
                steps.light[c][i] = to.light[c] - from.light[c];
                steps.xyb[c][i] = to.xyb[c] - from.xyb[c];
            }
        }
        steps
    }

    /// The pixel at `i`.
    #[inline(always)]
    pub fn at(&self, i: usize) -> Spot {
        let (x, y) = (i % self.width, i / self.width);
        let mut by_light = [0.0; 3];
        if let Some(deeper) = &self.deeper {
            let at = y / 2 * self.width.div_ceil(2) + x / 2;
            let share = self.share * share(x, self.width) * share(y, self.height);
            for c in 0..3 {
                by_light[c] = share * deeper[c][at];
            }
        }
        let mut by_xyb = [0.0; 3];
        for c in 0..3 {
            if let Some(first) = &self.first[c] {
                by_xyb[c] = self.share * first[i];
            }
        }
        let [differs, all] = self.rough[i];
        Spot { by_light, by_xyb, by_square: self.share * self.noise[i], differs, all, fourths: self.share * self.cubes }
    }
}

impl Spot {
    /// Adds what the loss grows by, as far as that can be told from here, when the pixel changes its color.
    ///
    /// Its lightness's square grows the variance around it, of which structure is the more different the less variance there
    /// was: with d the difference, v the growth over the variance and b the blur's weights, (d + b v)^4 - d^4.
    #[inline(always)]
    pub fn add_changes(&self, steps: &Steps, changes: &mut [f32; NEAR]) {
        let d = self.differs;
        let (cube, once) = (self.fourths * d * d * d, 1.5 * POWERS[0] * d * d);
        let mut sums = *changes;
        for i in 0..NEAR {
            for c in 0..3 {
                sums[i] += self.by_light[c] * steps.light[c][i];
                sums[i] += self.by_xyb[c] * steps.xyb[c][i];
            }
            let square = steps.xyb[1][i] * steps.xyb[1][i];
            let v = square / self.all;
            let (flat, rough) = (self.by_square * square, cube * v);
            let powers = once + POWERS[1] * d * v + 0.25 * POWERS[2] * v * v;
            sums[i] += if flat > rough { flat } else { rough } + self.fourths * powers * v * v;
        }
        *changes = sums;
    }
}
