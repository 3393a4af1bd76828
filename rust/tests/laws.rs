//! The laws that each pass obeys, checked against slow and obvious twins.

use std::collections::BTreeMap;

use hueclid_core::cloud::Cloud;
use hueclid_core::count::{Counts, count, merge};
use hueclid_core::cube::map_nearest;
use hueclid_core::dither::diffuse::{EARLY, band_rows};
use hueclid_core::dither::kernels::Kernel;
use hueclid_core::dither::{self, Dither, Kind};
use hueclid_core::effort::Effort;
use hueclid_core::fit::{Fit, Pace};
use hueclid_core::init::Init;
use hueclid_core::lloyd::Assignment;
use hueclid_core::methods::{self, Method};
use hueclid_core::nearest::{Grid, palette_points};
use hueclid_core::pins::Pins;
use hueclid_core::pixels::{Key, Pixels, Rgba, to_key, to_rgba};
use hueclid_core::problem::{Cancelled, Ended, Options, Solution};
use hueclid_core::solve::solve;
use hueclid_core::space::{BOXES, Point, Space};
use hueclid_core::threads::with_threads;
use proptest::collection::vec;
use proptest::prelude::*;

fn spaces() -> impl Strategy<Value = Space> {
    prop_oneof![Just(Space::Srgb), Just(Space::Linear), Just(Space::Oklab), Just(Space::Lab)]
}

fn efforts() -> impl Strategy<Value = Effort> {
    prop_oneof![Just(Effort::Fast), Just(Effort::Balanced), Just(Effort::Best)]
}

/// Colors of every kind: opaque or not, spread, crowded together, on one line.
fn colors(most: usize) -> impl Strategy<Value = Vec<Rgba>> {
    prop_oneof![
        vec(any::<[u8; 3]>().prop_map(|[r, g, b]| [r, g, b, 255]), 1..most),
        vec(any::<Rgba>(), 1..most),
        vec([100..110u8, 50..60u8, 20..30u8].prop_map(|[r, g, b]| [r, g, b, 255]), 1..most),
        vec(any::<u8>().prop_map(|v| [v, v, v, 255]), 1..most),
    ]
}

fn counted(colors: &[Rgba]) -> Counts {
    count(Pixels::new(colors.as_flattened(), 4).expect("four channels"), None)
}

fn cloud(counts: &Counts, space: Space) -> Cloud {
    let colors: Vec<Rgba> = counts.keys.iter().map(|&key| to_rgba(key)).collect();
    Cloud::new(&colors, &counts.weights, space)
}

fn solve_counts(
    counts: &Counts,
    k: usize,
    options: &Options,
    on_pass: &mut (dyn FnMut(usize, f64) -> bool + Send),
) -> Result<Solution, Cancelled> {
    let colors: Vec<Rgba> = counts.keys.iter().map(|&key| to_rgba(key)).collect();
    solve(&colors, &counts.weights, k, options, on_pass)
}

fn distinct(colors: &[Rgba]) -> Vec<Rgba> {
    let mut keys: Vec<Key> = colors.iter().map(|&color| to_key(color)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(to_rgba).collect()
}

fn solved(counts: &Counts, k: usize, space: Space, effort: Effort) -> Solution {
    solve_counts(counts, k, &Options::new(space, effort), &mut |_, _| true).expect("nobody cancels")
}

/// A picture of these colors, over and over, but never in the same columns.
fn tall(colors: &[Rgba], width: usize, height: usize) -> Vec<Rgba> {
    (0..width * height).map(|i| colors[(i + i / colors.len() * 7) % colors.len()]).collect()
}

fn floyd_steinberg(pixels: Pixels, width: usize, palette: &[Rgba], space: Space, strength: f32) -> Vec<u8> {
    let kernel = &Kernel::named("floyd-steinberg").expect("it is published");
    let kind = Kind::Diffusion { kernel, serpentine: true };
    dither::map(pixels, width, palette, space, &Dither { kind, strength, mask: None })
}

fn viewed(colors: &[Rgba]) -> Pixels<'_> {
    Pixels::new(colors.as_flattened(), 4).expect("four channels")
}

/// Nearest center by computing every distance; ties to the lower.
fn nearest_by_force(point: Point, centers: &[Point]) -> u32 {
    let square = |center: &Point| {
        let d: [f32; 4] = std::array::from_fn(|i| point[i] - center[i]);
        ((d[0] * d[0] + d[1] * d[1]) + d[2] * d[2]) + d[3] * d[3]
    };
    let mut best = 0;
    for (i, center) in centers.iter().enumerate() {
        if square(center) < square(&centers[best]) {
            best = i;
        }
    }
    best as u32
}

/// Nearest entry by computing every distance; of an opaque color the nearest opaque entry, if there is one.
fn entry_by_force(point: Point, palette: &[Point], space: Space) -> u32 {
    let opaque = |point: &Point| point[3] == space.alpha_scale();
    if !opaque(&point) || !palette.iter().any(opaque) {
        return nearest_by_force(point, palette);
    }
    let (ids, entries): (Vec<u32>, Vec<Point>) = (0..).zip(palette.iter().copied()).filter(|(_, p)| opaque(p)).unzip();
    ids[nearest_by_force(point, &entries) as usize]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn counting_equals_a_map(colors in colors(3000), threads in 1..5usize) {
        let mut expected = BTreeMap::new();
        for &color in &colors {
            *expected.entry(to_key(color)).or_insert(0u64) += 1;
        }
        let counts = with_threads(threads, || counted(&colors));
        prop_assert_eq!(counts.keys.into_iter().zip(counts.weights).collect::<BTreeMap<_, _>>(), expected);
    }

    #[test]
    fn channels_that_say_nothing_change_no_count(values in vec(any::<u8>(), 1..3000)) {
        let spread = |channels: usize| -> Vec<u8> {
            values.iter().flat_map(|&v| [v, v, v, 255].into_iter().take(channels)).collect()
        };
        let of = |channels| count(Pixels::new(&spread(channels), channels).expect("1, 3 or 4 channels"), None);
        prop_assert_eq!(&of(1), &of(4));
        prop_assert_eq!(&of(3), &of(4));
    }

    #[test]
    fn counting_apart_and_merging_equals_counting_together(a in colors(500), b in colors(500)) {
        let (x, y) = (counted(&a), counted(&b));
        let merged = merge(&[x.keys, y.keys].concat(), &[x.weights, y.weights].concat());
        prop_assert_eq!(merged, counted(&[a, b].concat()));
    }

    #[test]
    fn every_label_is_the_nearest_center(colors in colors(3000), chosen in colors(300), space in spaces()) {
        let cloud = cloud(&counted(&colors), space);
        let centers = palette_points(&distinct(&chosen), space);
        let labels = Assignment::new(&cloud, &centers).labels(&cloud);
        for i in 0..cloud.len() {
            prop_assert_eq!(u32::from(labels[i]), nearest_by_force(cloud.point(i), &centers));
        }
    }

    #[test]
    fn what_solving_knows_of_each_color_is_its_nearest(
        colors in colors(2000),
        others in colors(20),
        copies in prop_oneof![Just(1), Just(9)],
        k in 1..40usize,
        space in spaces(),
        effort in efforts(),
    ) {
        let counts = counted(&colors.repeat(copies));
        let Solution { palette, known, .. } = solved(&counts, k, space, effort);
        let opaque = colors.iter().all(|color| color[3] == 255);
        prop_assert!(known.is_none() || opaque && counts.keys.len() > k);
        if let Some(known) = known {
            let is_new = |color: &Rgba| !counts.keys.contains(&to_key(*color));
            for some in [&colors, &others] {
                let pixels = Pixels::new(some.as_flattened(), 4).expect("four channels");
                let mapped = known.map::<u8>(pixels);
                prop_assert!(mapped.is_some() || some.iter().any(is_new));
                let nearest = map_nearest(pixels, &palette, space);
                prop_assert_eq!(mapped.as_ref().unwrap_or(&nearest), &nearest);
            }
        }
    }

    #[test]
    fn a_grid_finds_what_is_nearest_however_many_questions_it_is_made_for(
        chosen in colors(400),
        asked in colors(200),
        errors in vec([-2.0..2.0f32, -2.0..2.0f32, -2.0..2.0f32], 200),
        questions in prop_oneof![Just(1usize), Just(usize::MAX)],
        space in spaces(),
    ) {
        let opaque = |colors: &[Rgba]| colors.iter().map(|&[r, g, b, _]| [r, g, b, 255]).collect::<Vec<Rgba>>();
        let palette = palette_points(&distinct(&opaque(&chosen)), space);
        let grid = Grid::<3>::new(&palette, space, questions);
        for (mut point, error) in palette_points(&opaque(&asked), space).into_iter().zip(errors) {
            prop_assert_eq!(grid.nearest(point), nearest_by_force(point, &palette));
            // Errors lead out of the box.
            let reach = space.to_point(0xFFFF_FFFF)[0];
            (0..3).for_each(|d| point[d] += error[d] * reach);
            prop_assert_eq!(grid.nearest(point), nearest_by_force(point, &palette));
        }
    }

    #[test]
    fn a_pass_adds_up_what_the_labels_say(colors in colors(2000), chosen in colors(100), space in spaces()) {
        let cloud = cloud(&counted(&colors), space);
        let centers = palette_points(&distinct(&chosen), space);
        let found = Assignment::new(&cloud, &centers);
        let (labels, distances) = (found.labels(&cloud), found.distances(&cloud, &centers));
        let mut weights = vec![0.0; centers.len()];
        let mut error = 0.0;
        for i in 0..cloud.len() {
            weights[labels[i] as usize] += f64::from(cloud.weights[i]);
            error += f64::from(cloud.weights[i]) * f64::from(distances[i]);
        }
        prop_assert_eq!(found.moments.iter().map(|m| m.weight).collect::<Vec<_>>(), weights);
        prop_assert!((found.error - error).abs() <= 1e-4 * error + 1e-9, "{} {}", found.error, error);
    }

    #[test]
    fn assigning_anew_equals_assigning_at_once(colors in colors(2000), chosen in colors(100), space in spaces()) {
        let cloud = cloud(&counted(&colors), space);
        let centers = palette_points(&distinct(&chosen), space);
        let first: Vec<Point> = (0..centers.len()).map(|i| cloud.point(i % cloud.len())).collect();
        let mut moved = Assignment::new(&cloud, &first);
        moved.update(&cloud, &centers);
        let fresh = Assignment::new(&cloud, &centers);
        prop_assert_eq!(moved.labels(&cloud), fresh.labels(&cloud));
        prop_assert_eq!(moved.error, fresh.error);
        for (moved, fresh) in moved.moments.iter().zip(&fresh.moments) {
            prop_assert_eq!(moved.weight, fresh.weight);
            for d in 0..4 {
                prop_assert!((moved.sum[d] - fresh.sum[d]).abs() <= 1e-9 * fresh.weight * 256.0);
            }
        }
    }

    #[test]
    fn the_error_never_grows(colors in colors(2000), k in 1..40usize, space in spaces()) {
        let cloud = cloud(&counted(&colors), space);
        let mut fit = Fit::new(&cloud, (0..k.min(cloud.len())).map(|i| cloud.point(i)).collect());
        for _ in 0..12 {
            let before = fit.error();
            fit.step(&cloud, Pace::PLAIN);
            prop_assert!(fit.error() <= before * (1.0 + 1e-6) + 1e-9, "{} after {before}", fit.error());
        }
    }

    #[test]
    fn every_pixel_gets_its_nearest_entry(
        colors in colors(3000), chosen in colors(400), space in spaces(), threads in 1..4usize
    ) {
        // Entries in any order, some of them twice.
        let palette: Vec<Rgba> = chosen.iter().chain(&chosen[..chosen.len() / 9]).copied().collect();
        let centers = palette_points(&palette, space);
        let expected = |color: Rgba| entry_by_force(space.to_point(to_key(color)), &centers, space);
        // Few pixels a color and many go different ways.
        for (channels, copies) in [(1, 1), (3, 1), (4, 1), (3, 5), (4, 5)] {
            let once: Vec<u8> = colors.iter().flat_map(|color| &color[..channels]).copied().collect();
            let bytes = once.repeat(copies);
            let pixels = Pixels::new(&bytes, channels).expect("a number of channels that there is");
            let indices = with_threads(threads, || map_nearest::<u16>(pixels, &palette, space));
            for (pixel, &index) in bytes.chunks(channels).zip(&indices) {
                let color = match *pixel {
                    [v] => [v, v, v, 255],
                    [r, g, b] => [r, g, b, 255],
                    _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
                };
                prop_assert_eq!(u32::from(index), expected(color));
            }
            if palette.len() <= 256 {
                let narrow = map_nearest::<u8>(pixels, &palette, space);
                prop_assert!(narrow.iter().zip(&indices).all(|(&narrow, &index)| u16::from(narrow) == index));
            }
        }
    }

    #[test]
    fn bounds_hold_all_colors_between_two(
        pairs in any::<[[[u8; 3]; 2]; BOXES]>(), within in vec(any::<[u8; 3]>(), 64), space in spaces()
    ) {
        prop_assume!(pairs.as_flattened().chunks(2).all(|pair| (0..3).all(|d| pair[0][d] != pair[1][d])));
        let end = |of: fn(u8, u8) -> u8| [0, 1, 2].map(|d| pairs.map(|[a, b]| space.light(of(a[d], b[d]))));
        let [least, most] = space.bounds(&end(u8::min), &end(u8::max));
        for (box_, pair) in pairs.iter().enumerate() {
            for inner in within.iter().chain(pair) {
                let inner: [u8; 3] = std::array::from_fn(|d| inner[d].clamp(pair[0][d].min(pair[1][d]), pair[0][d].max(pair[1][d])));
                let [r, g, b] = inner;
                let point = space.to_point(to_key([r, g, b, 255]));
                for d in 0..3 {
                    prop_assert!(least[d][box_] <= point[d] && point[d] <= most[d][box_], "{inner:?} of {pair:?}");
                }
            }
        }
    }

    #[test]
    fn exactly_k_distinct_used_colors_come_back(
        colors in colors(800), k in 1..300usize, space in spaces(), effort in efforts()
    ) {
        let counts = counted(&colors);
        let Solution { palette, weights, .. } = solved(&counts, k, space, effort);
        prop_assert_eq!(distinct(&palette).len(), k.min(counts.keys.len()));
        prop_assert_eq!(palette.len(), weights.len());
        prop_assert!(weights.iter().all(|&weight| weight > 0));
        prop_assert_eq!(weights.iter().sum::<u64>(), colors.len() as u64);
        prop_assert!(weights.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn few_colors_stay_exact(colors in colors(60), space in spaces(), strength in 0.0..=1.0f32) {
        let counts = counted(&colors);
        let Solution { palette, error, .. } = solved(&counts, 60, space, Effort::Balanced);
        prop_assert_eq!(error, 0.0);
        prop_assert_eq!(distinct(&palette), distinct(&colors));
        let pixels = Pixels::new(colors.as_flattened(), 4).expect("four channels");
        let dithered = floyd_steinberg(pixels, colors.len(), &palette, space, strength);
        let kept: Vec<Key> = dithered.iter().map(|&i| to_key(palette[i as usize])).collect();
        prop_assert_eq!(kept, colors.iter().map(|&color| to_key(color)).collect::<Vec<_>>());
    }

    #[test]
    fn few_colors_stay_exact_in_every_band(
        colors in colors(40), width in 1..5usize, space in spaces(), strength in 0.0..=1.0f32
    ) {
        let palette = distinct(&colors);
        let picture = tall(&colors, width, 200);
        let dithered = floyd_steinberg(viewed(&picture), width, &palette, space, strength);
        for (&color, index) in picture.iter().zip(dithered) {
            prop_assert_eq!(to_key(palette[usize::from(index)]), to_key(color));
        }
    }

    #[test]
    fn threads_never_reach_the_dithering(
        colors in colors(900), chosen in colors(100), width in 1..9usize, height in 1..700usize, space in spaces()
    ) {
        let (picture, palette) = (tall(&colors, width, height), distinct(&chosen));
        let map = |threads| {
            with_threads(threads, || floyd_steinberg(viewed(&picture), width, &palette, space, 0.9))
        };
        let alone = map(1);
        for threads in [2, 3, 8] {
            prop_assert_eq!(&map(threads), &alone);
        }
    }

    #[test]
    fn the_first_band_is_diffused_as_if_alone(
        colors in colors(900), chosen in colors(100), width in 1..300usize, space in spaces()
    ) {
        let (picture, palette) = (tall(&colors, width, 150), distinct(&chosen));
        let map = |picture: &[Rgba]| floyd_steinberg(viewed(picture), width, &palette, space, 0.9);
        let band = width * band_rows(150);
        prop_assert_eq!(&map(&picture)[..band], &map(&picture[..band]));
    }

    /// Palettes of more than 64 entries, whose bands begin without errors.
    #[test]
    fn a_later_band_is_diffused_as_if_some_rows_above_were_the_first(
        colors in colors(900), chosen in vec(any::<[u8; 3]>().prop_map(|[r, g, b]| [r, g, b, 255]), 80..200),
        width in 1..300usize, space in spaces()
    ) {
        let (picture, palette) = (tall(&colors, width, 150), distinct(&chosen));
        let map = |picture: &[Rgba]| floyd_steinberg(viewed(picture), width, &palette, space, 0.9);
        let (rows, whole) = (band_rows(150), map(&picture));
        for first in [rows, 2 * rows] {
            let (early, end) = (first - EARLY, 150.min(first - EARLY + rows));
            let alone = map(&picture[early * width..end * width]);
            prop_assert_eq!(&whole[first * width..end * width], &alone[EARLY * width..]);
        }
    }

    #[test]
    fn threads_never_reach_the_result(colors in colors(3000), k in 1..64usize, space in spaces()) {
        let counts = counted(&colors);
        let alone = with_threads(1, || solved(&counts, k, space, Effort::Balanced));
        for threads in [2, 3, 8] {
            prop_assert_eq!(&with_threads(threads, || solved(&counts, k, space, Effort::Balanced)), &alone);
        }
    }

    #[test]
    fn the_error_is_that_of_the_palette(colors in colors(800), k in 1..64usize, space in spaces()) {
        let counts = counted(&colors);
        let solution = solved(&counts, k, space, Effort::Balanced);
        let centers = palette_points(&solution.palette, space);
        let mut error = 0.0;
        for (&key, &weight) in counts.keys.iter().zip(&counts.weights) {
            let point = space.to_point(key);
            let center = centers[nearest_by_force(point, &centers) as usize];
            error += weight as f64 * (0..4).map(|d| f64::from(point[d] - center[d]).powi(2)).sum::<f64>();
        }
        prop_assert!((solution.error - error).abs() <= 1e-5 * error, "{} {}", solution.error, error);
    }
}

fn inits() -> impl Strategy<Value = Init> {
    prop_oneof![Just(Init::Divisive), Just(Init::KMeansPlusPlus), Just(Init::Random), Just(Init::Maximin)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn more_effort_is_never_worse(colors in colors(1500), k in 1..64usize, space in spaces(), init in inits()) {
        let counts = counted(&colors);
        let mut last = f64::INFINITY;
        for effort in [Effort::Fast, Effort::Balanced, Effort::Best] {
            let options = Options { init: init.clone(), ..Options::new(space, effort) };
            let error = solve_counts(&counts, k, &options, &mut |_, _| true).expect("nobody cancels").error;
            prop_assert!(error <= last, "{effort:?}: {error} after {last}");
            last = error;
        }
    }

    #[test]
    fn pinned_colors_come_first_and_others_are_found_around_them(
        colors in colors(800), chosen in colors(8), more in 1..24usize, init in inits(), effort in efforts(), anchor in 0..800usize
    ) {
        let counts = counted(&colors);
        let pinned = distinct(&chosen);
        let anchors = vec![counts.keys[anchor % counts.keys.len()]];
        let options =
            Options { init, anchors, pinned: Pins::new(&pinned), ..Options::new(Space::Oklab, effort) };
        let k = pinned.len() + more;
        let solve = || solve_counts(&counts, k, &options, &mut |_, _| true).expect("nobody cancels");
        let alone = with_threads(1, solve);
        prop_assert_eq!(&with_threads(3, solve), &alone);
        prop_assert_eq!(&alone.palette[..pinned.len()], &pinned[..]);
        prop_assert_eq!(distinct(&alone.palette).len(), alone.palette.len());
        let own = counts.keys.iter().filter(|&&key| !pinned.contains(&to_rgba(key))).count();
        prop_assert_eq!(alone.palette.len(), k.min(pinned.len() + own));
        prop_assert_eq!(alone.weights.iter().sum::<u64>(), colors.len() as u64);
        prop_assert!(alone.weights[pinned.len()..].iter().all(|&weight| weight > 0));
    }

    #[test]
    fn the_best_attempt_counts(colors in colors(800), k in 1..32usize, init in inits(), seed in any::<u64>()) {
        let counts = counted(&colors);
        let options = Options { init, seed, attempts: 4, ..Options::new(Space::Srgb, Effort::Fast) };
        let solution = solve_counts(&counts, k, &options, &mut |_, _| true).expect("nobody cancels");
        if counts.keys.len() > k {
            prop_assert_eq!(solution.attempt_errors.len(), 4);
            let least = solution.attempt_errors.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert_eq!(solution.error, least);
        }
        let alone = Options { attempts: 1, ..options.clone() };
        let first = solve_counts(&counts, k, &alone, &mut |_, _| true).expect("nobody cancels");
        prop_assert_eq!(first.attempt_errors.first(), solution.attempt_errors.first());
        prop_assert_eq!(solve_counts(&counts, k, &options, &mut |_, _| true).expect("nobody cancels"), solution);
    }

    #[test]
    fn no_more_passes_than_allowed(colors in colors(800), k in 1..32usize, init in inits(), most in 0..5usize) {
        let counts = counted(&colors);
        let options = Options { init, max_iterations: Some(most), ..Options::new(Space::Oklab, Effort::Best) };
        let solution = solve_counts(&counts, k, &options, &mut |_, _| true).expect("nobody cancels");
        prop_assert!(solution.iterations <= most, "{}", solution.iterations);
        prop_assert_eq!(solution.palette.len(), k.min(counts.keys.len()));
        if most == 0 && counts.keys.len() > k {
            prop_assert_eq!((solution.iterations, solution.ended), (0, Ended::Iterations));
        }
    }

    #[test]
    fn given_centers_that_fit_stay(colors in colors(300), k in 1..20usize, space in spaces()) {
        let counts = counted(&colors);
        prop_assume!(counts.keys.len() > k && counts.keys[0] != 0);
        let chosen: Vec<Key> = counts.keys[..k].to_vec();
        let options = Options {
            init: Init::Centers(chosen.clone()),
            max_iterations: Some(0),
            ..Options::new(space, Effort::Fast)
        };
        let solution = solve_counts(&counts, k, &options, &mut |_, _| true).expect("nobody cancels");
        prop_assert_eq!(distinct(&solution.palette), chosen.into_iter().map(to_rgba).collect::<Vec<_>>());
    }
}

#[test]
fn without_time_the_first_centers_come_back() {
    let colors: Vec<Rgba> = (0..5000u32).map(|i| to_rgba(i.wrapping_mul(0x9E37_79B9) | 0xFF)).collect();
    let options = Options { time_limit: Some(std::time::Duration::ZERO), ..Options::new(Space::Srgb, Effort::Best) };
    let solution =
        solve_counts(&counted(&colors), 32, &options, &mut |_, _| panic!("no pass")).expect("nobody cancels");
    assert_eq!((solution.iterations, solution.ended, solution.palette.len()), (0, Ended::Time, 32));
}

#[test]
fn a_weight_of_a_trillion_and_one_of_one_go_together() {
    let counts =
        Counts { keys: vec![0x0000_00FF, 0x0A0A_0AFF, 0xFAFA_FAFF, 0xFFFF_FFFF], weights: vec![1 << 40, 1, 1, 1] };
    for effort in [Effort::Fast, Effort::Balanced, Effort::Best] {
        let Solution { palette, weights, .. } = solved(&counts, 2, Space::Srgb, effort);
        assert_eq!(weights, [(1 << 40) + 1, 2]);
        assert_eq!(palette, [[0, 0, 0, 255], [253, 253, 253, 255]]);
    }
}

#[test]
fn a_caller_can_cancel_at_any_pass() {
    let colors: Vec<Rgba> = (0..5000u32).map(|i| to_rgba(i.wrapping_mul(0x9E37_79B9) | 0xFF)).collect();
    let counts = counted(&colors);
    for last in 1..5 {
        let mut seen = 0;
        let cancelled = solve_counts(&counts, 32, &Options::new(Space::Oklab, Effort::Balanced), &mut |pass, _| {
            assert!(seen < last, "asked to end at {seen}");
            seen = pass;
            pass < last
        });
        assert!(cancelled.is_err());
        assert!(seen >= last);
    }
}

#[test]
fn every_color_there_is_gets_its_nearest_entry() {
    let bytes: Vec<u8> = (0..1u32 << 24).flat_map(|rgb| rgb.to_be_bytes().into_iter().skip(1)).collect();
    let pixels = Pixels::new(&bytes, 3).expect("three channels");
    let opaque = [[0, 0, 0, 255], [12, 3, 200, 255], [13, 3, 200, 255], [255, 255, 255, 255], [128, 127, 126, 255]];
    let mixed = [[250, 120, 3, 255], [250, 120, 3, 250], [40, 90, 60, 128], [7, 7, 8, 255]];
    // Of few in sRGB every distance is computed; these are more.
    let many: Vec<Rgba> = (0..17).map(|i| [15 * i, 255 - 13 * i, i * (i / 2), 255]).collect();
    for space in [Space::Srgb, Space::Linear, Space::Oklab, Space::Lab] {
        let palettes = [&opaque[..], &mixed[..], &many[..]];
        for palette in &palettes[..if space == Space::Srgb { 3 } else { 2 }] {
            let centers = palette_points(palette, space);
            let indices = map_nearest::<u8>(pixels, palette, space);
            let mut points = vec![[0.0; 4]; 1 << 16];
            for (part, indices) in indices.chunks(1 << 16).enumerate() {
                let keys: Vec<Key> = (0..1 << 16).map(|gb| (part as u32) << 24 | gb << 8 | 0xFF).collect();
                space.to_points(&keys, &mut points);
                for (&point, &index) in points.iter().zip(indices) {
                    assert_eq!(u32::from(index), entry_by_force(point, &centers, space), "{space:?} {point:?}");
                }
            }
        }
    }
}

#[test]
fn large_palettes_are_solved_and_mapped() {
    let colors: Vec<Rgba> = (0..70_000u32).map(|i| to_rgba(i.wrapping_mul(0x9E37_79B9) | 0xFF)).collect();
    let counts = counted(&colors);
    let Solution { palette, .. } = solved(&counts, 65_536, Space::Oklab, Effort::Fast);
    assert_eq!(distinct(&palette).len(), 65_536);
    let pixels = Pixels::new(colors.as_flattened(), 4).expect("four channels");
    let indices = map_nearest::<u16>(pixels, &palette, Space::Oklab);
    let centers = palette_points(&palette, Space::Oklab);
    for (i, &color) in colors.iter().enumerate().step_by(997) {
        assert_eq!(u32::from(indices[i]), nearest_by_force(Space::Oklab.to_point(to_key(color)), &centers));
    }
}

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Wu),
        Just(Method::MedianCut),
        Just(Method::Octree),
        Just(Method::Maxmin),
        Just(Method::Popularity),
        Just(Method::Uniform)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_method_keeps_the_promises(
        colors in colors(1500), k in 1..300usize, method in methods(), space in spaces()
    ) {
        let counts = counted(&colors);
        let keys: Vec<Rgba> = counts.keys.iter().map(|&key| to_rgba(key)).collect();
        let solve = || methods::solve(&keys, &counts.weights, k, &method, space, &Pins::default());
        let alone = with_threads(1, solve);
        prop_assert_eq!(&with_threads(3, solve), &alone);
        let Solution { palette, weights, error, .. } = alone;
        let asked = k.min(keys.len());
        prop_assert!(palette.len() == asked || method == Method::Uniform && palette.len() < asked);
        prop_assert_eq!(distinct(&palette).len(), palette.len());
        prop_assert_eq!(weights.iter().sum::<u64>(), colors.len() as u64);
        prop_assert!(weights.iter().all(|&weight| weight > 0));
        prop_assert!(counts.keys[0] != 0 || k == 1 || palette.contains(&[0; 4]));
        let centers = palette_points(&palette, space);
        let mut expected = 0.0;
        for (&key, &weight) in counts.keys.iter().zip(&counts.weights) {
            let point = space.to_point(key);
            let center = centers[nearest_by_force(point, &centers) as usize];
            expected += weight as f64 * (0..4).map(|d| f64::from(point[d] - center[d]).powi(2)).sum::<f64>();
        }
        prop_assert!((error - expected).abs() <= 1e-5 * expected, "{} {}", error, expected);
    }

    #[test]
    fn given_centers_come_back_where_they_are_used(colors in colors(300), chosen in colors(40), space in spaces()) {
        let counts = counted(&colors);
        let keys: Vec<Rgba> = counts.keys.iter().map(|&key| to_rgba(key)).collect();
        let visible: Vec<Rgba> = distinct(&chosen).into_iter().filter(|color| color[3] > 0).collect();
        prop_assume!(!visible.is_empty());
        let method = Method::Centers(palette_points(&visible, space));
        let Solution { palette, weights, .. } = methods::solve(&keys, &counts.weights, 0, &method, space, &Pins::default());
        let clear = (counts.keys[0] == 0).then_some([0; 4]);
        let offered: Vec<Rgba> = visible.iter().copied().chain(clear).collect();
        let centers = palette_points(&offered, space);
        let mut served = BTreeMap::new();
        for (&key, &weight) in counts.keys.iter().zip(&counts.weights) {
            let nearest = offered[nearest_by_force(space.to_point(key), &centers) as usize];
            *served.entry(if key == 0 { [0; 4] } else { nearest }).or_insert(0u64) += weight;
        }
        prop_assert_eq!(palette.into_iter().zip(weights).collect::<BTreeMap<_, _>>(), served);
    }
}
