//! Laws of pictures with many colors, whose centers are searched among cells.

use std::collections::BTreeMap;

use hueclid_core::cells::{gathered, tallied};
use hueclid_core::cube::map_nearest;
use hueclid_core::effort::Effort;
use hueclid_core::fit::pass;
use hueclid_core::init::Init;
use hueclid_core::order::{CODE_BITS, Order};
use hueclid_core::pixels::{Pixels, Rgba, to_key, to_rgba};
use hueclid_core::problem::{Options, Solution};
use hueclid_core::round::Colors;
use hueclid_core::solve::solve;
use hueclid_core::space::{Point, Space};
use hueclid_core::threads::with_threads;
use proptest::prelude::*;

/// Some tens of thousands of opaque colors, ascending, and weights: a cloud around each of a few places.
fn picture(seed: u64, places: usize) -> (Vec<Rgba>, Vec<u64>) {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u32
    };
    let mut found: BTreeMap<u32, u64> = BTreeMap::new();
    let centers: Vec<[u32; 3]> = (0..places).map(|_| [0; 3].map(|_| 40 + next() % 176)).collect();
    for i in 0..60_000 {
        let center = centers[i % places];
        let [r, g, b] = center.map(|c| (c + next() % 40 + next() % 40 - 39).min(255) as u8);
        *found.entry(to_key([r, g, b, 255])).or_default() += 1 + u64::from(next() % 3);
    }
    found.into_iter().map(|(key, weight)| (to_rgba(key), weight)).unzip()
}

fn spaces() -> impl Strategy<Value = Space> {
    prop_oneof![Just(Space::Srgb), Just(Space::Linear), Just(Space::Oklab), Just(Space::Lab)]
}

fn points(palette: &[Rgba], space: Space) -> Vec<Point> {
    palette.iter().map(|&color| space.to_point(to_key(color))).collect()
}

/// What every color is nearest to, one distance at a time.
fn slow_tally(colors: Colors, palette: &[Rgba]) -> (Vec<u64>, f64) {
    let places = points(palette, colors.space);
    let (mut weights, mut error) = (vec![0; palette.len()], 0.0);
    for (&color, &weight) in colors.colors.iter().zip(colors.weights) {
        let point = colors.space.to_point(to_key(color));
        let square = |place: &[f32; 4]| -> f32 { (0..4).map(|d| (point[d] - place[d]) * (point[d] - place[d])).sum() };
        let nearest = (0..places.len()).min_by(|&a, &b| square(&places[a]).total_cmp(&square(&places[b])));
        let nearest = nearest.expect("a palette has colors");
        weights[nearest] += weight;
        error += weight as f64 * f64::from(square(&places[nearest]));
    }
    (weights, error)
}

/// The weight to which each entry is nearer than all others, and that to which no other is nearer.
fn shares(colors: Colors, palette: &[Rgba]) -> Vec<(u64, u64)> {
    let places = points(palette, colors.space);
    let mut shares = vec![(0, 0); palette.len()];
    for (&color, &weight) in colors.colors.iter().zip(colors.weights) {
        let point = colors.space.to_point(to_key(color));
        let square = |place: &Point| -> f32 { (0..4).map(|d| (point[d] - place[d]) * (point[d] - place[d])).sum() };
        let squares: Vec<f32> = places.iter().map(square).collect();
        let least = squares.iter().copied().fold(f32::INFINITY, f32::min);
        let nearest: Vec<usize> = (0..squares.len()).filter(|&i| squares[i] == least).collect();
        for &i in &nearest {
            shares[i].0 += if nearest.len() == 1 { weight } else { 0 };
            shares[i].1 += weight;
        }
    }
    shares
}

fn solved(colors: Colors, k: usize, options: &Options) -> Solution {
    solve(colors.colors, colors.weights, k, options, &mut |_, _| true).expect("nobody cancels")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn colors_stand_where_their_codes_do(seed: u64, places in 1..9usize) {
        let (all, _) = picture(seed, places);
        let (order, _) = Order::of(&all);
        let sorted = order.sort(&all);
        let mut slow: Vec<(u32, u32)> = (0..).zip(&all).map(|(number, &color)| (order.code(color), number)).collect();
        slow.sort_unstable();
        let (codes, numbers): (Vec<u32>, Vec<u32>) = slow.into_iter().unzip();
        prop_assert_eq!(&sorted.codes, &codes);
        prop_assert_eq!(sorted.numbers, numbers);
        let ranks = sorted.ranks.expect("all are opaque");
        let beside = codes.iter().flat_map(|&code| [code.saturating_sub(1), code, (code + 1) % (1 << CODE_BITS)]);
        for code in beside.chain((0..1 << CODE_BITS).step_by(61)) {
            let at = codes.partition_point(|&other| other < code);
            let is_there = codes.get(at) == Some(&code);
            let (found, known) = ranks.view().find(code as usize);
            prop_assert_eq!(known, u64::from(is_there));
            let (least, most) = if is_there { (at, at) } else { (0, codes.len()) };
            prop_assert!(least <= found && found <= most);
        }
    }

    #[test]
    fn tallying_equals_asking_one_by_one(seed: u64, space in spaces(), k in 1..40usize) {
        let (all, weights) = picture(seed, 5);
        let colors = Colors { colors: &all, weights: &weights, space };
        let palette: Vec<Rgba> = (0..k).map(|i| all[i * all.len() / k]).collect();
        let (served, error) = tallied(colors, &palette);
        let (slow, slow_error) = slow_tally(colors, &palette);
        prop_assert_eq!(served, slow);
        prop_assert!((error - slow_error).abs() <= 1e-9 * slow_error);
    }

    #[test]
    fn cells_keep_weights_means_and_scatter(seed: u64, space in spaces(), bits in 12..=CODE_BITS) {
        let (all, weights) = picture(seed, 3);
        let cells = gathered(Colors { colors: &all, weights: &weights, space }, bits);
        let (order, code_bits) = Order::of(&all);
        let mut slow: BTreeMap<u32, [f64; 4]> = BTreeMap::new();
        let (mut sum, mut squares) = ([0.0; 4], 0.0);
        for (&color, &weight) in all.iter().zip(&weights) {
            let [x, y, z, _] = space.to_point(to_key(color)).map(f64::from);
            let weighted = [x, y, z, 1.0].map(|v| v * weight as f64);
            let cell = slow.entry(order.code(color) >> (code_bits - bits)).or_default();
            for d in 0..4 {
                cell[d] += weighted[d];
                sum[d] += weighted[d];
            }
            squares += weight as f64 * (x * x + y * y + z * z);
        }
        prop_assert_eq!(cells.len(), slow.len());
        for (i, [x, y, z, weight]) in slow.into_values().enumerate() {
            prop_assert_eq!(f64::from(cells.weights[i]), weight);
            for (d, sum) in [x, y, z].into_iter().enumerate() {
                prop_assert!((f64::from(cells.planes[d][i]) - sum / weight).abs() <= 1e-5 * f64::from(space.alpha_scale()));
            }
        }
        let scatter = squares - (sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) / sum[3];
        prop_assert!((cells.scatter - scatter).abs() <= 1e-4 * scatter);
    }

    #[test]
    fn few_centers_of_many_colors_are_told_exactly(seed: u64, space in spaces(), k in 2..10usize, fast: bool) {
        let (all, weights) = picture(seed, 7);
        let colors = Colors { colors: &all, weights: &weights, space };
        let options = Options::new(space, if fast { Effort::Fast } else { Effort::Balanced });
        let found = solved(colors, k, &options);
        let error = slow_tally(colors, &found.palette).1;
        // Which of two entries equally near has a color is told by their places before they were put in order.
        prop_assert_eq!(found.weights.iter().sum::<u64>(), weights.iter().sum::<u64>());
        for (i, (least, most)) in shares(colors, &found.palette).into_iter().enumerate() {
            prop_assert!((least..=most).contains(&found.weights[i]), "{} of {least} to {most}", found.weights[i]);
        }
        prop_assert!((found.error - error).abs() <= 1e-9 * error);
        prop_assert_eq!(found.palette.len(), k);
        prop_assert!(found.weights.iter().all(|&weight| weight > 0));
        // A pass over all colors would move the centers hardly at all.
        let moved = pass(colors.colors, colors.weights, points(&found.palette, space), space).1;
        let after = pass(colors.colors, colors.weights, moved, space).2;
        prop_assert!(found.error <= 1.05 * after, "{} of {}", found.error, after);
    }
}

#[test]
fn threads_never_reach_what_is_solved_among_cells() {
    let (all, weights) = picture(7, 9);
    for (space, k) in [(Space::Srgb, 3), (Space::Oklab, 8), (Space::Srgb, 64), (Space::Oklab, 200)] {
        let colors = Colors { colors: &all, weights: &weights, space };
        let options = Options::new(space, Effort::Balanced);
        let alone = with_threads(1, || solved(colors, k, &options));
        for threads in [2, 3, 8] {
            assert_eq!(with_threads(threads, || solved(colors, k, &options)), alone, "{threads} threads, {k} colors");
        }
    }
}

#[test]
fn the_best_is_never_worse_than_what_cells_tell() {
    for seed in 0..4 {
        let (all, weights) = picture(seed, 6);
        let colors = Colors { colors: &all, weights: &weights, space: Space::Srgb };
        for k in [2, 5] {
            let [balanced, best] =
                [Effort::Balanced, Effort::Best].map(|effort| solved(colors, k, &Options::new(Space::Srgb, effort)));
            assert!(best.error <= balanced.error, "{} after {}", best.error, balanced.error);
            assert_eq!(best.attempt_errors, [best.error]);
        }
    }
}

#[test]
fn many_centers_of_very_many_colors_are_found_among_narrow_cells() {
    let levels = |channel: u32| (channel + 60) as u8;
    let color = |i: u32| [levels(i / 104 / 104), levels(i / 104 % 104), levels(i % 104), 255];
    let all: Vec<Rgba> = (0..104 * 104 * 104).map(color).collect();
    let weights: Vec<u64> = (0..all.len() as u64).map(|i| 1 + i * i % 7).collect();
    for (space, k) in [(Space::Srgb, 40), (Space::Oklab, 60)] {
        let colors = Colors { colors: &all, weights: &weights, space };
        let options = Options::new(space, Effort::Balanced);
        let found = solved(colors, k, &options);
        let pixels = Pixels::new(all.as_flattened(), 4).expect("four channels");
        let known = found.known.and_then(|known| known.map::<u8>(pixels));
        assert_eq!(known, Some(map_nearest(pixels, &found.palette, space)));
        let (served, error) = slow_tally(colors, &found.palette);
        assert_eq!(found.weights.iter().sum::<u64>(), served.iter().sum::<u64>());
        assert!((found.error - error).abs() <= 1e-9 * error, "{} is {error}", found.error);
        // A tolerance that is asked for is one of passes over all colors.
        let tolerance = Some(Effort::Balanced.budget(None).tolerance);
        let all_told = solved(colors, k, &Options { tolerance, ..options });
        assert!(all_told.known.is_some());
        assert!(found.error <= 1.01 * all_told.error, "{} beside {}", found.error, all_told.error);
    }
}

#[test]
fn attempts_of_chance_start_differently() {
    let (all, weights) = picture(11, 9);
    let colors = Colors { colors: &all, weights: &weights, space: Space::Srgb };
    let options = Options { init: Init::Random, attempts: 3, ..Options::new(Space::Srgb, Effort::Fast) };
    let mut errors = solved(colors, 64, &options).attempt_errors;
    errors.sort_by(f64::total_cmp);
    errors.dedup();
    assert_eq!(errors.len(), 3);
}

#[test]
fn colors_crowded_in_few_cells_are_solved_all_the_same() {
    let all: Vec<Rgba> = (0..32_768u32).map(|i| [(i >> 10) as u8, (i >> 5 & 31) as u8, (i & 31) as u8, 255]).collect();
    let weights = vec![1; all.len()];
    let colors = Colors { colors: &all, weights: &weights, space: Space::Srgb };
    let found = solved(colors, 8, &Options::new(Space::Srgb, Effort::Balanced));
    let (served, error) = slow_tally(colors, &found.palette);
    assert_eq!(found.weights, served);
    // Eight cubes of 16 colors a side, rounded to colors: 3 (16^2 - 1) / 12 and 3 / 4 for each.
    assert!(error <= 1.01 * 32_768.0 * (3.0 * 255.0 / 12.0 + 0.75), "{error}");
}
