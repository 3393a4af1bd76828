//! Laws of indices chosen with the file in mind, however long matches are sought.

use proptest::prelude::*;

use super::{Lossy, Patience, Picture, cost, map};
use crate::activity;
use crate::pixels::{Pixels, Rgba};
use crate::png::quick_size;
use crate::space::Space;
use crate::watch::Watch;

const ALL: [Patience; 3] = [Patience::USUAL, Patience::LARGE, Patience::LITTLE];

/// What `map` chooses of a picture whose nearest entries are `plain`, and its bits: of the file and of errors.
fn chosen(picture: Picture, patience: Patience, lambda: f32, plain: &[u8]) -> (Vec<u8>, f64) {
    let importance = activity::importance(picture.pixels, picture.width);
    let lossy = Lossy { lambda, strength: 0.9 };
    let indices = map(picture, lossy, patience, &importance, plain, &Watch::default()).expect("nobody ends it");
    let bits = bits(picture, lossy, &importance, &indices);
    (indices, bits)
}

fn bits(picture: Picture, lossy: Lossy, importance: &[u8], indices: &[u8]) -> f64 {
    8.0 * size(indices, picture.width, picture.palette) as f64 + cost(picture, lossy, importance, indices)
}

fn size(indices: &[u8], width: usize, palette: &[Rgba]) -> usize {
    let (rows, chunks) = quick_size(indices, width, palette);
    rows + chunks
}

fn nearest(colors: &[Rgba], palette: &[Rgba]) -> Vec<u8> {
    let apart = |a: Rgba, b: Rgba| (0..4).map(|d| i32::from(a[d].abs_diff(b[d])).pow(2)).sum::<i32>();
    let nearest = |color: &Rgba| (0..palette.len()).min_by_key(|&i| apart(palette[i], *color)).expect("some") as u8;
    colors.iter().map(nearest).collect()
}

/// Greys that rise and fall, with noise.
fn waves(width: usize, height: usize) -> Vec<Rgba> {
    let mut noise = 7u32;
    let mut next = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 27) as usize
    };
    let level = |i: usize, noise: usize| ((i % width * 2 + i / width * 3) % 210 + noise) as u8;
    (0..width * height).map(|i| level(i, next())).map(|level| [level, level, level / 2, 255]).collect()
}

fn greys(count: u8) -> Vec<Rgba> {
    let step = 255 / (count - 1);
    (0..count).map(|i| [i * step, i * step, i * step / 2, 255]).collect()
}

#[test]
fn files_and_errors_take_fewer_bits_than_those_of_nearest_entries_and_files_shrink_with_what_a_bit_is_worth() {
    let (width, palette) = (160, greys(18));
    let colors = waves(width, 120);
    let plain = nearest(&colors, &palette);
    let pixels = Pixels::new(colors.as_flattened(), 4).expect("RGBA");
    let picture = Picture { pixels, width, palette: &palette, space: Space::Oklab, mask: None };
    let importance = activity::importance(pixels, width);
    for patience in ALL {
        let mut sizes = vec![];
        for lambda in [0.5, 2.0, 8.0] {
            let (indices, with_loss) = chosen(picture, patience, lambda, &plain);
            let without = bits(picture, Lossy { lambda, strength: 0.9 }, &importance, &plain);
            assert!(with_loss < without, "{patience:?} {lambda}: {with_loss} {without}");
            sizes.push(size(&indices, width, &palette));
        }
        assert!(sizes.is_sorted_by(|more, less| more > less), "{patience:?} {sizes:?}");
    }
}

/// A palette that does not reach what is in the picture has mixtures that come nowhere near it: that costs, too.
#[test]
fn fewer_entries_cost_no_less_though_nothing_is_beyond_what_they_mix() {
    let (width, palette) = (160, greys(18));
    let colors = waves(width, 60);
    let pixels = Pixels::new(colors.as_flattened(), 4).expect("RGBA");
    let importance = activity::importance(pixels, width);
    let cost_of = |few: &[Rgba], strength: f32| {
        let picture = Picture { pixels, width, palette: few, space: Space::Oklab, mask: None };
        cost(picture, Lossy { lambda: 1.0, strength }, &importance, &nearest(&colors, few))
    };
    for strength in [0.0, 0.9] {
        // From the middle on, so that each reaches less far than the one before.
        let costs = [&palette[..], &palette[4..14], &palette[7..11], &palette[8..10], &palette[9..10]]
            .map(|few| cost_of(few, strength));
        assert!(costs.is_sorted_by(|less, more| less < more), "{strength}: {costs:?}");
    }
}

proptest! {
    #[test]
    fn what_is_opaque_or_clear_stays_so_and_exact_colors_are_found_where_bits_are_worth_nothing(
        (width, height) in (1usize..40, 1usize..12),
        palette in prop::collection::hash_set((0u8..6, 0u8..6, prop::bool::ANY), 2..20),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 480),
        flat in any::<bool>(),
        lambda in 0.01f32..20.0,
    ) {
        let mut palette: Vec<Rgba> = palette
            .into_iter()
            .map(|(a, b, clear)| if clear { [0, 0, 0, 0] } else { [40 * a, 40 * b, 90, 255] })
            .collect();
        palette.sort_unstable();
        palette.dedup();
        let colors: Vec<Rgba> = picks[..width * height].iter().map(|pick| *pick.get(&palette)).collect();
        let plain = nearest(&colors, &palette);
        let pixels = Pixels::new(colors.as_flattened(), 4).expect("RGBA");
        let mask: Vec<u8> = (0..colors.len()).map(|i| if i % 3 == 0 { 0 } else { 255 }).collect();
        let mask = flat.then_some(&mask[..]);
        let picture = Picture { pixels, width, palette: &palette, space: Space::Oklab, mask };
        for patience in ALL {
            let (indices, _) = chosen(picture, patience, lambda, &plain);
            for (i, (&index, color)) in indices.iter().zip(&colors).enumerate() {
                prop_assert_eq!(palette[usize::from(index)][3], color[3]);
                if mask.is_some_and(|mask| mask[i] == 0) {
                    prop_assert_eq!(palette[usize::from(index)], *color);
                }
            }
            prop_assert_eq!(&chosen(picture, patience, 1e-6, &plain).0, &plain);
        }
    }
}
