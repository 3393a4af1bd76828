//! The laws of dithering, for every way there is.

use hueclid_core::cube::map_nearest;
use hueclid_core::dither::kernels::Kernel;
use hueclid_core::dither::ordered::Form;
use hueclid_core::dither::ostromoukhov::shares;
use hueclid_core::dither::riemersma::curve;
use hueclid_core::dither::thresholds::Thresholds;
use hueclid_core::dither::{self, Dither, Kind};
use hueclid_core::pixels::{Pixels, Rgba, to_key};
use hueclid_core::space::Space;
use hueclid_core::threads::with_threads;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const KERNELS: [(&str, f32); 10] = [
    ("floyd-steinberg", 1.0),
    ("false-floyd-steinberg", 1.0),
    ("jarvis-judice-ninke", 1.0),
    ("stucki", 1.0),
    ("burkes", 1.0),
    ("sierra", 1.0),
    ("sierra-two-row", 1.0),
    ("sierra-lite", 1.0),
    ("atkinson", 0.75),
    ("stevenson-arce", 1.0),
];
const TILES: [(&str, usize); 7] = [
    ("bayer-2", 2),
    ("bayer-4", 4),
    ("bayer-8", 8),
    ("bayer-16", 16),
    ("blue-noise-64", 64),
    ("blue-noise-128", 128),
    ("clustered-dot", 8),
];

/// A way that owns what its kind refers to.
#[derive(Clone, Debug)]
enum Way {
    Kernel(Kernel, bool),
    Ostromoukhov(bool),
    Riemersma,
    Thresholds(Thresholds, Form),
}

impl Way {
    fn kind(&self) -> Kind<'_> {
        match self {
            Way::Kernel(kernel, serpentine) => Kind::Diffusion { kernel, serpentine: *serpentine },
            Way::Ostromoukhov(serpentine) => Kind::Ostromoukhov { serpentine: *serpentine },
            Way::Riemersma => Kind::Riemersma,
            Way::Thresholds(thresholds, form) => Kind::Ordered { thresholds, form: *form },
        }
    }
}

fn tile(name: &str) -> Thresholds {
    Thresholds::named(name).expect("it is known")
}

fn kernel(name: &str) -> Kernel {
    Kernel::named(name).expect("it is known")
}

fn forms() -> impl Strategy<Value = Form> {
    select(vec![Form::Mixing, Form::Amplitude])
}

fn tiles() -> impl Strategy<Value = (Thresholds, usize)> {
    select(&TILES[..]).prop_map(|(name, side)| (tile(name), side))
}

fn diffusions() -> impl Strategy<Value = Way> {
    let given = vec(0.0..0.05f32, 20).prop_map(|shares| {
        let row = |start: usize| shares[start..start + 5].to_vec();
        let mut rows = vec![row(0), row(5), row(10), row(15)];
        rows[0][0] = 0.0;
        Kernel::new(0, rows)
    });
    let named = select(&KERNELS[..]).prop_map(|(name, _)| kernel(name));
    prop_oneof![
        (prop_oneof![named, given], any::<bool>()).prop_map(|(kernel, path)| Way::Kernel(kernel, path)),
        Just(Way::Riemersma),
    ]
}

/// All that take palettes of any size.
fn ways() -> impl Strategy<Value = Way> {
    let noise = Just((Thresholds::GradientNoise, 1));
    prop_oneof![
        diffusions(),
        (prop_oneof![tiles(), noise], forms()).prop_map(|((thresholds, _), form)| Way::Thresholds(thresholds, form)),
    ]
}

fn spaces() -> impl Strategy<Value = Space> {
    select(vec![Space::Srgb, Space::Linear, Space::Oklab, Space::Lab])
}

fn colors(most: usize) -> impl Strategy<Value = Vec<Rgba>> {
    prop_oneof![
        vec(any::<[u8; 3]>().prop_map(|[r, g, b]| [r, g, b, 255]), 1..most),
        vec(any::<Rgba>(), 1..most),
        vec(any::<u8>().prop_map(|v| [v, v, v, 255]), 1..most),
    ]
}

fn distinct(colors: &[Rgba]) -> Vec<Rgba> {
    let mut colors = colors.to_vec();
    colors.sort_unstable_by_key(|&color| to_key(color));
    colors.dedup_by_key(|color| to_key(*color));
    colors
}

/// A picture of these colors, over and over, but never in the same columns.
fn picture(colors: &[Rgba], width: usize, height: usize) -> Vec<Rgba> {
    (0..width * height).map(|i| colors[(i + i / colors.len() * 7) % colors.len()]).collect()
}

fn map(picture: &[Rgba], width: usize, palette: &[Rgba], space: Space, dither: &Dither) -> Vec<u8> {
    dither::map(Pixels::new(picture.as_flattened(), 4).expect("four channels"), width, palette, space, dither)
}

fn nearest(picture: &[Rgba], palette: &[Rgba], space: Space) -> Vec<u8> {
    map_nearest(Pixels::new(picture.as_flattened(), 4).expect("four channels"), palette, space)
}

#[test]
fn kernels_hand_on_what_their_papers_say() {
    for (name, total) in KERNELS {
        let sum: f32 = kernel(name).taps.iter().map(|tap| tap.share).sum();
        assert!((sum - total).abs() < 1e-6, "{name}: {sum}");
    }
}

#[test]
fn kernels_hand_on_to_later_pixels_alone() {
    for (name, _) in KERNELS {
        for tap in kernel(name).taps {
            assert!(tap.below > 0 || tap.ahead > 0, "{name}: {tap:?}");
        }
    }
}

/// Rows of the table in the appendix of the paper.
#[test]
fn shares_by_level_are_those_of_the_table() {
    let shares = shares();
    let table = [
        (0, [13, 0, 5]),
        (7, [15, 3, 8]),
        (11, [501, 224, 211]),
        (31, [1227, 638, 1075]),
        (37, [2005, 1160, 1539]),
        (63, [2447, 2200, 57]),
        (70, [458, 571, 63]),
        (75, [72, 41, 17]),
        (90, [35, 14, 11]),
        (101, [5, 3, 2]),
        (114, [335, 152, 113]),
        (126, [395, 104, 101]),
    ];
    for (level, parts) in table {
        let unit: i32 = parts.iter().sum();
        for (share, part) in shares[level].into_iter().zip(parts) {
            assert!((share - part as f32 / unit as f32).abs() < 1e-6, "{level}");
        }
        assert_eq!(shares[level], shares[255 - level]);
    }
}

#[test]
fn every_rank_of_a_tile_occurs_once() {
    for (name, side) in TILES {
        let mut seen = vec![0.0; side * side];
        for (y, row) in seen.chunks_exact_mut(side).enumerate() {
            tile(name).write(0, y, row);
        }
        seen.sort_by(f32::total_cmp);
        for (rank, value) in seen.iter().enumerate() {
            assert_eq!((value * (side * side) as f32 - 0.5).round() as usize, rank, "{name}");
        }
    }
}

proptest! {
    #[test]
    fn the_curve_goes_through_every_pixel_from_one_to_a_neighbor(width in 1..90usize, height in 1..90usize) {
        let curve = curve(width, height);
        let mut sorted = curve.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..width * height).collect::<Vec<_>>());
        for step in curve.windows(2) {
            let [(ax, ay), (bx, by)] = [step[0], step[1]].map(|at| (at % width, at / width));
            prop_assert!(ax.abs_diff(bx) <= 1 && ay.abs_diff(by) <= 1);
        }
    }

    #[test]
    fn colors_of_the_palette_stay_exact(
        colors in colors(40), way in diffusions(), width in 1..40usize, height in 1..150usize, space in spaces(),
        strength in 0.0..=1.0f32
    ) {
        let (palette, picture) = (distinct(&colors), picture(&colors, width, height));
        let dither = Dither { kind: way.kind(), strength, mask: None };
        for (index, &color) in map(&picture, width, &palette, space, &dither).into_iter().zip(&picture) {
            prop_assert_eq!(to_key(palette[usize::from(index)]), to_key(color));
        }
    }

    #[test]
    fn a_mask_of_nothing_is_no_dithering_and_one_of_all_is_no_mask(
        colors in colors(300), chosen in colors(40), way in ways(), width in 1..60usize, height in 1..80usize,
        space in spaces(), strength in 0.0..=1.0f32
    ) {
        let (picture, palette) = (picture(&colors, width, height), distinct(&chosen));
        let masked = |share: u8| {
            let mask = vec![share; picture.len()];
            map(&picture, width, &palette, space, &Dither { kind: way.kind(), strength, mask: Some(&mask) })
        };
        let whole = map(&picture, width, &palette, space, &Dither { kind: way.kind(), strength, mask: None });
        prop_assert_eq!(masked(255), whole);
        prop_assert_eq!(masked(0), nearest(&picture, &palette, space));
        let none = Dither { kind: way.kind(), strength: 0.0, mask: None };
        prop_assert_eq!(map(&picture, width, &palette, space, &none), nearest(&picture, &palette, space));
    }

    #[test]
    fn rows_above_a_mask_are_as_without_it(
        colors in colors(300), chosen in colors(40), number in 0..KERNELS.len(), serpentine in any::<bool>(),
        width in 100..300usize, height in 100..300usize, above in 0.0..1.0f64, seed in any::<u8>(), space in spaces(),
    ) {
        let (picture, palette) = (picture(&colors, width, height), distinct(&chosen));
        let above = (above * height as f64) as usize * width;
        let share = |i: usize| if i < above { 255 } else { (i * 7 % 256) as u8 ^ seed };
        let mask: Vec<u8> = (0..picture.len()).map(share).collect();
        let kernel = kernel(KERNELS[number].0);
        let kind = Kind::Diffusion { kernel: &kernel, serpentine };
        let [masked, whole] = [Some(&mask[..]), None]
            .map(|mask| map(&picture, width, &palette, space, &Dither { kind, strength: 0.9, mask }));
        prop_assert_eq!(&masked[..above], &whole[..above]);
    }

    #[test]
    fn pixels_that_are_masked_keep_out_of_it(
        colors in colors(300), chosen in colors(40), way in ways(), other in any::<Rgba>(), width in 1..40usize,
        height in 1..40usize, space in spaces()
    ) {
        let (mut picture, palette) = (picture(&colors, width, height), distinct(&chosen));
        let mask: Vec<u8> = (0..picture.len()).map(|i| if i % 3 == 1 { 0 } else { 200 }).collect();
        let dither = Dither { kind: way.kind(), strength: 0.9, mask: Some(&mask) };
        let before = map(&picture, width, &palette, space, &dither);
        let plain = nearest(&picture, &palette, space);
        for pixel in picture.iter_mut().skip(1).step_by(3) {
            *pixel = other;
        }
        let after = map(&picture, width, &palette, space, &dither);
        for i in 0..picture.len() {
            if mask[i] == 0 {
                prop_assert_eq!(before[i], plain[i]);
            } else {
                prop_assert_eq!(before[i], after[i]);
            }
        }
    }

    #[test]
    fn threads_change_nothing(
        colors in colors(900), chosen in colors(60), way in ways(), width in 1..90usize, height in 1..400usize,
        space in spaces()
    ) {
        let (picture, palette) = (picture(&colors, width, height), distinct(&chosen));
        let dither = Dither { kind: way.kind(), strength: 0.8, mask: None };
        let alone = with_threads(1, || map(&picture, width, &palette, space, &dither));
        for threads in [2, 5] {
            prop_assert_eq!(&with_threads(threads, || map(&picture, width, &palette, space, &dither)), &alone);
        }
    }

    #[test]
    fn thresholds_look_at_the_place_alone(
        colors in colors(300), chosen in colors(60), (thresholds, side) in tiles(), form in forms(), space in spaces(),
        across in 0..2usize, down in 0..2usize, rest in 1..30usize
    ) {
        let (width, height) = ((across + 1) * side + rest, (down + 1) * side + rest);
        let (picture, palette) = (picture(&colors, width, height), distinct(&chosen));
        let dither = Dither { kind: Kind::Ordered { thresholds: &thresholds, form }, strength: 0.8, mask: None };
        let cropped = |from: &[Rgba]| -> Vec<Rgba> {
            from.chunks(width).skip(down * side).flat_map(|row| row[across * side..].to_vec()).collect()
        };
        let whole = map(&picture, width, &palette, space, &dither);
        let whole = whole.chunks(width).skip(down * side).flat_map(|row| &row[across * side..]).copied();
        let part = map(&cropped(&picture), width - across * side, &palette, space, &dither);
        prop_assert_eq!(part, whole.collect::<Vec<_>>());
    }

    /// A flat area's mean is the color, where the palette reaches it.
    #[test]
    fn flat_areas_keep_their_color(grey in 8..248u8, way in ways()) {
        let atkinson = matches!(&way, Way::Kernel(kernel, _) if kernel.taps.iter().map(|tap| tap.share).sum::<f32>() < 0.99);
        let coarse = matches!(&way, Way::Thresholds(Thresholds::Tile { values, .. }, _) if values.len() < 64);
        let amplitude = matches!(&way, Way::Thresholds(_, Form::Amplitude));
        prop_assume!(!atkinson && !coarse && !amplitude);
        let (side, palette) = (128, [[0, 0, 0, 255], [255, 255, 255, 255]]);
        let picture = vec![[grey, grey, grey, 255]; side * side];
        let dither = Dither { kind: way.kind(), strength: 1.0, mask: None };
        let light = map(&picture, side, &palette, Space::Srgb, &dither).into_iter().map(f64::from).sum::<f64>();
        let mean = light / (side * side) as f64;
        // Sixteen errors, the older the less, count for 5.6: a tenth of the way is too little for them to tip a pixel.
        let slack = if matches!(way, Way::Riemersma) { 0.1 } else { 0.05 };
        prop_assert!((mean - f64::from(grey) / 255.0).abs() < slack, "{mean} for {grey}");
    }

    #[test]
    fn two_colors_are_mixed_by_level(
        grey in 8..248u8, path in any::<bool>(), colors in colors(100), share in any::<u8>(), space in spaces()
    ) {
        let palette = [[0, 0, 0, 255], [255, 255, 255, 255]];
        let way = Way::Ostromoukhov(path);
        let whole = Dither { kind: way.kind(), strength: 1.0, mask: None };
        let flat = map(&vec![[grey, grey, grey, 255]; 128 * 128], 128, &palette, Space::Srgb, &whole);
        let mean = flat.into_iter().map(f64::from).sum::<f64>() / (128.0 * 128.0);
        prop_assert!((mean - f64::from(grey) / 255.0).abs() < 0.02, "{mean} for {grey}");

        let picture = picture(&colors, 30, 20);
        let mut mask = vec![share; picture.len()];
        mask[..300].fill(0);
        let masked = Dither { kind: way.kind(), strength: 0.9, mask: Some(&mask) };
        let mapped = map(&picture, 30, &palette, space, &masked);
        prop_assert_eq!(&mapped[..300], &nearest(&picture, &palette, space)[..300]);
        let exact = map(&palette.repeat(40), 8, &palette, space, &whole);
        prop_assert!(exact.chunks(2).all(|pair| pair == [0, 1]));
        let one = map(&picture, 30, &palette[..1], space, &whole);
        prop_assert!(one.iter().all(|&index| index == 0));
    }
}
