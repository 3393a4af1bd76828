//! Greys that stay grey where a palette of few colors is fitted to its picture.
//!
//! Where a grey entry is mixed with others it can make up for their hue by taking on the opposite one. Seen from some
//! distance that is right there; but of few colors each lies alone somewhere, too, and there a grey helmet is green. A
//! tint shows most on grey (CIE 142:2001, "Improvement to industrial colour-difference evaluation": S_C and S_H of
//! CIEDE2000 grow with chroma).

use rayon::prelude::*;

use crate::index::Index;
use crate::pixels::Pixels;
use crate::refit::{ROWS, Sums, total};
use crate::space::{Point, Space};

/// Up to so many colors greys are tied to themselves; of more, by the cube of this over their number.
const TIED: f64 = 8.0;
/// Colors above which too little is left of that.
const MOST_TIED: usize = 24;
/// Chroma, where white has a lightness of 1, at which a tie is weaker by e.
const GREYISH: f64 = 0.02;

/// The coordinates that are 0 for greys.
const CHROMA: [usize; 2] = [1, 2];

/// What ties an entry to the chroma of its own pixels: as many of them as `strength` says pull by `pull` in all.
#[derive(Clone, Copy, Default)]
pub struct Tie {
    /// How strongly, in pixels.
    pub strength: [f64; 4],
    /// The way to their mean times that.
    pub pull: [f64; 4],
}

/// The ties of entries at `points`, which `used` pixels have each.
pub fn ties<I: Index>(
    pixels: Pixels,
    width: usize,
    indices: &[I],
    points: &[Point],
    used: &[f64],
    space: Space,
) -> Vec<Tie> {
    let mut ties = vec![Tie::default(); points.len()];
    if points.len() > MOST_TIED || !space.has_chroma() {
        return ties;
    }
    let share = (TIED / points.len() as f64).min(1.0);
    let share = share * share * share;
    let greyish = GREYISH * 2.0 * f64::from(space.alpha_scale());
    let own = own(pixels, width, indices, points.len(), space);
    let entries = ties.iter_mut().zip(own).zip(points.iter().zip(used)).filter(|(_, (_, used))| **used > 0.0);
    for ((tie, sum), (point, used)) in entries {
        let mean = sum.map(|x| x / used);
        let square: f64 = CHROMA.iter().map(|&d| mean[d] * mean[d]).sum();
        let strength = share * used * libm::exp(-square / (greyish * greyish));
        for d in CHROMA {
            tie.strength[d] = strength;
            tie.pull[d] = strength * (mean[d] - f64::from(point[d]));
        }
    }
    ties
}

/// The sum of each entry's own pixels.
fn own<I: Index>(pixels: Pixels, width: usize, indices: &[I], entries: usize, space: Space) -> Sums {
    let band = ROWS * width;
    let bands = indices.par_chunks(band).enumerate().map(|(i, indices)| {
        let mut keys = vec![0; indices.len()];
        let mut points = vec![[0.0; 4]; indices.len()];
        pixels.slice(i * band, i * band + indices.len()).write_keys(&mut keys);
        space.to_points(&keys, &mut points);
        let mut sums = vec![[0.0; 4]; entries];
        for (point, index) in points.iter().zip(indices) {
            let sum = &mut sums[index.widen() as usize];
            for d in 0..4 {
                sum[d] += f64::from(point[d]);
            }
        }
        sums
    });
    total(bands.collect::<Vec<_>>(), entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Rgba;
    use crate::refit::{Sight, refit};

    const SIGHT: Sight = Sight { sigma: 1.0, sharp: 0.05, hold: 0.02 };
    const GREY: Rgba = [128, 128, 128, 255];
    const RED: Rgba = [190, 90, 80, 255];

    /// Where the first of `palette` goes in a grey picture, of which a third is mixed with red.
    fn grey_among_red(palette: &[Rgba], space: Space) -> Rgba {
        let (width, height) = (48, 48);
        let pixels = vec![128; 3 * width * height];
        let indices: Vec<u8> = (0..width * height).map(|i| u8::from(i < width * 16 && i % 2 == 0)).collect();
        let fixed: Vec<bool> = (0..palette.len()).map(|i| i > 0).collect();
        let pixels = Pixels::new(&pixels, 3).expect("RGB");
        refit(pixels, width, palette, &fixed, &indices, space, &SIGHT)[0]
    }

    fn spread(color: Rgba) -> u8 {
        color[..3].iter().max().expect("three") - color[..3].iter().min().expect("three")
    }

    #[test]
    fn grey_stays_grey_among_few_colors() {
        let many: Vec<Rgba> = [GREY, RED].into_iter().chain((0..40).map(|i| [i, 0, 0, 255])).collect();
        for space in [Space::SeenOklab, Space::Lab] {
            let [few, many] = [&many[..2], &many].map(|palette| spread(grey_among_red(palette, space)));
            assert!(many > 5, "{many}");
            assert!(3 * few < 2 * many, "{few} of {many}");
        }
    }

    #[test]
    fn spaces_without_chroma_tie_nothing() {
        let many: Vec<Rgba> = [GREY, RED].into_iter().chain((0..40).map(|i| [i, 0, 0, 255])).collect();
        assert_eq!(grey_among_red(&many[..2], Space::Srgb), grey_among_red(&many, Space::Srgb));
    }
}
