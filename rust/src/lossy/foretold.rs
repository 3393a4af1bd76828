//! Which of several results of a picture is worth its bits, before any is chosen with the file in mind.

use rayon::prelude::*;

use super::{Lossy, Picture, cost};
use crate::activity;
use crate::flat::Flat;
use crate::pixels::{Pixels, Rgba};
use crate::png;
use crate::space::Space;

/// What a loss and packing as well as can be leave of a file.
const PACKED: f64 = 0.7;

/// Bits of the file and of the errors of each result, a palette and the nearest indices, where a bit is worth `lambda`.
///
/// Files are packed quickly and nothing is diffused; what is saved later is of all numbers of colors about the same part.
pub fn foretold(pixels: Pixels, width: usize, results: &[(Vec<Rgba>, &[u8])], space: Space, lambda: f32) -> Vec<f64> {
    let importance = activity::importance(pixels, width);
    let flat = Flat::find(pixels, width);
    let bits = |(palette, indices): &(Vec<Rgba>, &[u8])| {
        let shares = flat.as_ref().map(|flat| flat.shares(palette));
        let picture = Picture { pixels, width, palette, space, mask: shares.as_deref() };
        let lossy = Lossy { lambda, strength: 0.0 };
        PACKED * 8.0 * png::quick_size(indices, width, palette) as f64 + cost(picture, lossy, &importance, indices)
    };
    results.par_iter().map(bits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREYS: usize = 6;

    /// Steps of grey as wide as high, as often as there are.
    fn picture() -> (Vec<u8>, usize) {
        let (width, height) = (48, 40);
        ((0..width * height).map(|i| (40 * (i % width / 8)) as u8).collect(), width)
    }

    fn result(levels: &[u8]) -> (Vec<Rgba>, Vec<u8>) {
        let palette = levels.iter().map(|&level| [level, level, level, 255]).collect();
        let nearest = |grey: &u8| (0..levels.len()).min_by_key(|&i| levels[i].abs_diff(*grey)).expect("some") as u8;
        (palette, picture().0.iter().map(nearest).collect())
    }

    #[test]
    fn errors_are_weighed_against_bytes() {
        let (pixels, width) = picture();
        let pixels = Pixels::new(&pixels, 1).expect("grey");
        let all: Vec<u8> = (0..GREYS as u8).map(|i| 40 * i).collect();
        let (many, few) = (result(&all), result(&[20, 160]));
        let results = [(many.0, &many.1[..]), (few.0, &few.1[..])];
        let bits = |lambda: f32| foretold(pixels, width, &results, Space::Oklab, lambda);
        let [dear, cheap] = [bits(1e-3), bits(1e6)];
        assert!(dear[0] < dear[1] && cheap[0] > cheap[1], "{dear:?} {cheap:?}");
        assert_eq!(dear[0], cheap[0], "what is exact costs its bytes alone");
        assert!(dear[1] > cheap[1]);
    }
}
