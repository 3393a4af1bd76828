//! Which of several results of a picture is worth its bits, before any is chosen with the file in mind.

use rayon::prelude::*;

use super::{Lossy, Picture, cost};
use crate::activity;
use crate::flat::Flat;
use crate::pixels::{Pixels, Rgba};
use crate::png;
use crate::sample::{REPEATED, Sample};
use crate::space::Space;

/// What a loss and packing as well as can be leave of a file.
const PACKED: f64 = 0.7;
/// Pixels that suffice to compare results by.
const ENOUGH: usize = 1 << 20;

/// Bits of the file and of the errors of each result, a palette and the nearest indices, where a bit is worth `lambda`.
///
/// Files are packed quickly and nothing is diffused; what is saved later is of all numbers of colors about the same part.
/// Strips of a large picture stand for it.
pub fn foretold(pixels: Pixels, width: usize, results: &[(Vec<Rgba>, &[u8])], space: Space, lambda: f32) -> Vec<f64> {
    let of_picture = sample(pixels, width);
    let seen = of_picture.as_ref().map_or(pixels, Sample::pixels);
    let times = pixels.len() as f64 / seen.len() as f64;
    let importance = activity::importance(seen, width);
    let flat = Flat::find(seen, width);
    let bits = |(palette, indices): &(Vec<Rgba>, &[u8])| {
        let of_indices = sample(Pixels::new(indices, 1).expect("whole pixels"), width);
        let indices = of_indices.as_ref().map_or(*indices, |sample| sample.pixels().bytes().0);
        let shares = flat.as_ref().map(|flat| flat.beside(palette).shares());
        let picture = Picture { pixels: seen, width, palette, space, mask: shares.as_deref() };
        let lossy = Lossy { lambda, strength: 0.0 };
        let (rows, chunks) = png::quick_size(indices, width, palette);
        PACKED * 8.0 * (times * rows as f64 + chunks as f64) + times * cost(picture, lossy, &importance, indices)
    };
    results.par_iter().map(bits).collect()
}

fn sample(pixels: Pixels, width: usize) -> Option<Sample> {
    Sample::of(pixels, width, None, ENOUGH, REPEATED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREYS: usize = 6;

    /// Steps of grey as wide as high, as often as there are, and all of it so many times.
    fn picture(times: usize) -> (Vec<u8>, usize) {
        let (width, height) = (48, 40 * times);
        ((0..width * height).map(|i| (40 * (i % width / 8)) as u8).collect(), width)
    }

    fn result(pixels: &[u8], levels: &[u8]) -> (Vec<Rgba>, Vec<u8>) {
        let palette = levels.iter().map(|&level| [level, level, level, 255]).collect();
        let nearest = |grey: &u8| (0..levels.len()).min_by_key(|&i| levels[i].abs_diff(*grey)).expect("some") as u8;
        (palette, pixels.iter().map(nearest).collect())
    }

    #[test]
    fn errors_are_weighed_against_bytes_of_small_pictures_and_of_large_ones() {
        for times in [1, 2 * ENOUGH / (48 * 40) + 1] {
            let (pixels, width) = picture(times);
            let all: Vec<u8> = (0..GREYS as u8).map(|i| 40 * i).collect();
            let (many, few) = (result(&pixels, &all), result(&pixels, &[20, 160]));
            let pixels = Pixels::new(&pixels, 1).expect("grey");
            let results = [(many.0, &many.1[..]), (few.0, &few.1[..])];
            let bits = |lambda: f32| foretold(pixels, width, &results, Space::Oklab, lambda);
            let [dear, cheap] = [bits(1e-3), bits(1e6)];
            assert!(dear[0] < dear[1] && cheap[0] > cheap[1], "{dear:?} {cheap:?}");
            assert_eq!(dear[0], cheap[0], "what is exact costs its bytes alone");
            assert!(dear[1] > cheap[1]);
        }
    }

    #[test]
    fn strips_cost_what_all_does() {
        let (pixels, width) = picture(2 * ENOUGH / (48 * 40) + 1);
        let (palette, indices) = result(&pixels, &[20, 160]);
        let pixels = Pixels::new(&pixels, 1).expect("grey");
        let (space, lossy) = (Space::Oklab, Lossy { lambda: 1e-3, strength: 0.0 });
        let shares = Flat::find(pixels, width).map(|flat| flat.beside(&palette).shares());
        let picture = Picture { pixels, width, palette: &palette, space, mask: shares.as_deref() };
        let whole = cost(picture, lossy, &activity::importance(pixels, width), &indices);
        let [bits] = foretold(pixels, width, &[(palette, &indices[..])], space, lossy.lambda)[..] else {
            panic!("one")
        };
        assert!((bits / whole - 1.0).abs() < 0.01, "{bits} {whole}");
    }
}
