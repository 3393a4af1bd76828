//! The laws that each pass obeys, checked against slow and obvious twins.

use std::collections::BTreeMap;

use hueclid_core::cloud::Cloud;
use hueclid_core::count::{Counts, count, merge};
use hueclid_core::dither::map_floyd_steinberg;
use hueclid_core::lloyd::{label, pass};
use hueclid_core::nearest::{map_nearest, palette_points};
use hueclid_core::pixels::{Key, Pixels, Rgba, to_key, to_rgba};
use hueclid_core::search::step;
use hueclid_core::solve::{Effort, Solution, solve};
use hueclid_core::space::{Point, Space};
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
    count(Pixels::new(colors.as_flattened(), 4).expect("four channels"))
}

fn distinct(colors: &[Rgba]) -> Vec<Rgba> {
    let mut keys: Vec<Key> = colors.iter().map(|&color| to_key(color)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(to_rgba).collect()
}

fn solved(counts: &Counts, k: usize, space: Space, effort: Effort) -> Solution {
    solve(counts, k, space, effort, &mut |_, _| true).expect("nobody cancels")
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
    fn counting_apart_and_merging_equals_counting_together(a in colors(500), b in colors(500)) {
        let (x, y) = (counted(&a), counted(&b));
        let merged = merge(&[x.keys, y.keys].concat(), &[x.weights, y.weights].concat());
        prop_assert_eq!(merged, counted(&[a, b].concat()));
    }

    #[test]
    fn every_label_is_the_nearest_center(colors in colors(3000), chosen in colors(300), space in spaces()) {
        let cloud = Cloud::new(&counted(&colors), space);
        let centers = palette_points(&distinct(&chosen), space);
        let labels = label(&cloud, &centers);
        for i in 0..cloud.len() {
            prop_assert_eq!(labels.nearest[i], nearest_by_force(cloud.point(i), &centers));
        }
    }

    #[test]
    fn a_pass_adds_up_what_the_labels_say(colors in colors(2000), chosen in colors(100), space in spaces()) {
        let cloud = Cloud::new(&counted(&colors), space);
        let centers = palette_points(&distinct(&chosen), space);
        let (labels, found) = (label(&cloud, &centers), pass(&cloud, &centers));
        let mut weights = vec![0.0; centers.len()];
        let mut error = 0.0;
        for i in 0..cloud.len() {
            weights[labels.nearest[i] as usize] += cloud.weights[i];
            error += cloud.weights[i] * f64::from(labels.distance[i]);
        }
        prop_assert_eq!(found.moments.iter().map(|m| m.weight).collect::<Vec<_>>(), weights);
        prop_assert!((found.error - error).abs() <= 1e-4 * error + 1e-9, "{} {}", found.error, error);
    }

    #[test]
    fn the_error_never_grows(colors in colors(2000), k in 1..40usize, space in spaces()) {
        let cloud = Cloud::new(&counted(&colors), space);
        let mut centers: Vec<Point> = (0..k.min(cloud.len())).map(|i| cloud.point(i)).collect();
        let mut before = f64::INFINITY;
        for _ in 0..12 {
            let error = step(&cloud, &mut centers);
            prop_assert!(error <= before * (1.0 + 1e-6) + 1e-9, "{error} after {before}");
            before = error;
        }
    }

    #[test]
    fn every_pixel_gets_its_nearest_entry(
        colors in colors(3000), chosen in colors(400), space in spaces(), threads in 1..4usize
    ) {
        let palette: Vec<Rgba> = distinct(&chosen);
        let pixels = Pixels::new(colors.as_flattened(), 4).expect("four channels");
        let indices = with_threads(threads, || map_nearest::<u16>(pixels, &palette, space));
        let centers = palette_points(&palette, space);
        for (&color, index) in colors.iter().zip(indices) {
            prop_assert_eq!(u32::from(index), nearest_by_force(space.to_point(to_key(color)), &centers));
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
        let dithered = map_floyd_steinberg::<u8>(pixels, colors.len(), &palette, space, strength);
        let kept: Vec<Key> = dithered.iter().map(|&i| to_key(palette[i as usize])).collect();
        prop_assert_eq!(kept, colors.iter().map(|&color| to_key(color)).collect::<Vec<_>>());
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

#[test]
fn a_caller_can_cancel_at_any_pass() {
    let colors: Vec<Rgba> = (0..5000u32).map(|i| to_rgba(i.wrapping_mul(0x9E37_79B9) | 0xFF)).collect();
    let counts = counted(&colors);
    for last in 1..5 {
        let mut seen = 0;
        let cancelled = solve(&counts, 32, Space::Oklab, Effort::Balanced, &mut |pass, _| {
            seen = pass;
            pass < last
        });
        assert!(cancelled.is_err());
        assert_eq!(seen, last);
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
