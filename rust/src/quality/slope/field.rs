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
    pub entries: Vec<Seen>,
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
pub struct Seen {
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
    damping: f32,
}

/// The sum of the squares of the blur's weights, of their third and of their fourth powers: a Gaussian's of 1.5 pixels.
const POWERS: [f32; 3] = [0.035_4, 0.001_67, 0.000_088];
/// What chroma counts in damping.
const CHROMA: f32 = 2.0;

impl Seen {
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

    /// The pixel at `i`, where each squared step costs `damping` more.
    pub fn at(&self, i: usize, damping: f32) -> Spot {
        let (x, y) = (i % self.width, i / self.width);
        let by_light = self.deeper.as_ref().map_or([0.0; 3], |deeper| {
            let at = y / 2 * self.width.div_ceil(2) + x / 2;
            let share = self.share * share(x, self.width) * share(y, self.height);
            deeper.each_ref().map(|plane| share * plane[at])
        });
        let [differs, all] = self.rough[i];
        Spot {
            by_light,
            by_xyb: self.first.each_ref().map(|first| first.as_ref().map_or(0.0, |first| self.share * first[i])),
            by_square: self.share * self.noise[i],
            differs,
            all,
            fourths: self.share * self.cubes,
            damping,
        }
    }
}

impl Spot {
    /// What the loss grows by, as far as that can be told from here, when the pixel changes its color.
    ///
    /// Its lightness's square grows the variance around it, of which structure is the more different the less variance there
    /// was: with d the difference, v the growth over the variance and b the blur's weights, (d + b v)^4 - d^4.
    pub fn change(&self, from: &Seen, to: &Seen) -> f32 {
        let mut change = self.damping * from.apart(to);
        for c in 0..3 {
            change += self.by_light[c] * (to.light[c] - from.light[c]);
            change += self.by_xyb[c] * (to.xyb[c] - from.xyb[c]);
        }
        let step = to.xyb[1] - from.xyb[1];
        let square = step * step;
        let (d, v) = (self.differs, square / self.all);
        let once = (self.by_square * square).max(self.fourths * d * d * d * v);
        let powers = 1.5 * POWERS[0] * d * d + POWERS[1] * d * v + 0.25 * POWERS[2] * v * v;
        change + once + self.fourths * powers * v * v
    }
}
