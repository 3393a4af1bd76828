//! The laws of k-medians, and its median against a slow twin.

use hueclid_core::cloud::Cloud;
use hueclid_core::divide::{Points, errors, seeds};
use hueclid_core::fit::Fit;
use hueclid_core::lloyd::Assignment;
use hueclid_core::medians::{Medians, distances, toward_median};
use hueclid_core::pixels::Rgba;
use hueclid_core::space::{Point, Space};
use hueclid_core::threads::with_threads;
use proptest::collection::vec;
use proptest::prelude::*;

fn spaces() -> impl Strategy<Value = Space> {
    prop_oneof![Just(Space::Srgb), Just(Space::Linear), Just(Space::Oklab), Just(Space::Lab)]
}

/// What a cloud is made of.
#[derive(Clone, Debug)]
struct Weighted(Vec<Rgba>, Vec<u64>, Space);

impl Weighted {
    fn cloud(&self) -> Cloud {
        Cloud::new(&self.0, &self.1, self.2)
    }
}

/// Colors of every kind and weights, even and very uneven: spread, translucent, crowded together, on one line.
fn weighted(most: usize) -> impl Strategy<Value = Weighted> {
    let colors = prop_oneof![
        vec(any::<[u8; 3]>().prop_map(|[r, g, b]| [r, g, b, 255]), 1..most),
        vec(any::<Rgba>().prop_map(|[r, g, b, a]| [r, g, b, a.max(1)]), 1..most),
        vec([100..110u8, 50..60u8, 20..30u8].prop_map(|[r, g, b]| [r, g, b, 255]), 1..most),
        vec(any::<u8>().prop_map(|v| [v, v, v, 255]), 1..most),
    ];
    let weights = prop_oneof![1..4u64, 1..100_000u64];
    (colors, vec(weights, most), spaces()).prop_map(|(mut colors, mut weights, space)| {
        colors.sort_unstable();
        colors.dedup();
        weights.truncate(colors.len());
        Weighted(colors, weights, space)
    })
}

fn sum_of_distances(cloud: &Cloud, place: [f64; 4]) -> f64 {
    let distance = |i: usize| {
        let squares = (0..4).map(|d| (f64::from(cloud.point(i)[d]) - place[d]).powi(2));
        f64::from(cloud.weights[i]) * squares.sum::<f64>().sqrt()
    };
    (0..cloud.len()).map(distance).sum()
}

/// The lowest sum of distances: at a point, or where Weiszfeld's plain steps from the mean lead in the end.
fn lowest(cloud: &Cloud) -> f64 {
    let mut place = cloud.all.moments.mean();
    for _ in 0..3000 {
        let (mut sum, mut total) = ([0.0; 4], 0.0);
        for i in 0..cloud.len() {
            let point = cloud.point(i).map(f64::from);
            let distance = (0..4).map(|d| (point[d] - place[d]).powi(2)).sum::<f64>().sqrt();
            if distance > 0.0 {
                let pull = f64::from(cloud.weights[i]) / distance;
                (0..4).for_each(|d| sum[d] += pull * point[d]);
                total += pull;
            }
        }
        if total > 0.0 {
            place = sum.map(|x| x / total);
        }
    }
    let points = (0..cloud.len()).map(|i| sum_of_distances(cloud, cloud.point(i).map(f64::from)));
    points.fold(sum_of_distances(cloud, place), f64::min)
}

fn median_of(cloud: &Cloud, most: usize) -> Point {
    let (points, _) = Points::grouped(cloud, &vec![0; cloud.len()], 1);
    let mean = cloud.all.moments.mean().map(|x| x as f32);
    (0..most).fold(mean, |place, _| toward_median(points.slice(0, points.len()), place))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_place_is_lower_than_the_median(colors in weighted(60)) {
        let cloud = colors.cloud();
        let (error, lowest) = (sum_of_distances(&cloud, median_of(&cloud, 1000).map(f64::from)), lowest(&cloud));
        // 32-bit coordinates of greys in Oklab lie on a line but for their last bits.
        let rounding = 1e-7 * cloud.all.moments.weight * f64::from(cloud.all.high[3]);
        prop_assert!(error <= lowest * (1.0 + 2e-4) + rounding, "{error} {lowest}");
    }

    #[test]
    fn no_step_goes_up(colors in weighted(200), most in 0..12usize) {
        let cloud = colors.cloud();
        let error = |steps: usize| sum_of_distances(&cloud, median_of(&cloud, steps).map(f64::from));
        prop_assert!(error(most + 1) <= error(most) * (1.0 + 1e-12));
    }

    #[test]
    fn no_pass_raises_the_sum_of_distances(colors in weighted(600), k in 1..20usize) {
        let cloud = colors.cloud();
        let mut medians = Medians::new(&cloud, Fit::new(&cloud, seeds(&cloud, k)));
        for _ in 0..6 {
            let before = medians.error;
            medians.step(&cloud);
            prop_assert!(medians.error <= before, "{} after {before}", medians.error);
            prop_assert_eq!(distances(&cloud, &medians.fit), medians.error);
            let fresh = Assignment::new(&cloud, &medians.fit.centers);
            prop_assert_eq!(fresh.labels(&cloud), medians.fit.assignment.labels(&cloud));
        }
    }

    #[test]
    fn each_cut_lowers_the_error_to_that_of_the_groups(colors in weighted(300), k in 2..40usize) {
        let cloud = colors.cloud();
        let errors = errors(&cloud, k);
        prop_assert!(errors.windows(2).all(|pair| pair[1] <= pair[0]));
        let centers = seeds(&cloud, k);
        prop_assert_eq!(errors.len(), centers.len());
        // Nearest points are not farther than those of the group.
        let nearest = Assignment::new(&cloud, &centers).error;
        prop_assert!(nearest <= errors[errors.len() - 1] + 1e-5 * cloud.scatter, "{nearest} {errors:?}");
    }
}

#[test]
fn a_long_way_on_a_line_is_gone_where_the_weights_are_all_but_even() {
    let greys = [0, 1, 2, 3, 4, 5, 6, 7, 118, 205, 211, 221, 222, 223].map(|v| [v, v, v, 255]);
    let weights = [1, 58898, 92353, 1, 2, 1, 2, 72479, 2, 73987, 2, 1, 82809, 66478];
    let cloud = Cloud::new(&greys, &weights, Space::Srgb);
    assert_eq!(median_of(&cloud, 100)[..3], [7.0; 3]);
}

#[test]
fn cuts_beside_a_great_weight_gain_what_they_say() {
    let colors = [
        [100, 50, 20],
        [100, 55, 25],
        [101, 51, 20],
        [101, 53, 22],
        [102, 50, 24],
        [102, 53, 23],
        [103, 57, 27],
        [104, 53, 23],
        [104, 54, 24],
        [105, 55, 22],
        [106, 58, 20],
        [107, 53, 22],
        [107, 56, 26],
        [108, 54, 20],
        [109, 50, 27],
    ];
    let colors = colors.map(|[r, g, b]| [r, g, b, 255]);
    let weights = [1, 1, 1, 1, 1, 1, 3, 1, 1, 6342, 2, 2, 2, 2, 2];
    let cloud = Cloud::new(&colors, &weights, Space::Oklab);
    let errors = errors(&cloud, 14);
    let nearest = Assignment::new(&cloud, &seeds(&cloud, 14)).error;
    assert!(nearest <= errors[13] + 1e-7 * cloud.scatter, "{nearest} {errors:?}");
}

#[test]
fn threads_never_reach_the_medians() {
    let colors: Vec<Rgba> =
        (0..70_000u32).map(|i| (i * 61_001).to_be_bytes()).map(|[_, r, g, b]| [r, g, b, 255]).collect();
    let mut colors = colors;
    colors.sort_unstable();
    colors.dedup();
    let weights: Vec<u64> = (0..colors.len() as u64).map(|i| 1 + i * i % 977).collect();
    let cloud = Cloud::new(&colors, &weights, Space::Oklab);
    let run = |threads| {
        with_threads(threads, || {
            let mut medians = Medians::new(&cloud, Fit::new(&cloud, seeds(&cloud, 5)));
            (0..4).for_each(|_| medians.step(&cloud));
            (medians.fit.centers, medians.error)
        })
    };
    let alone = run(1);
    for threads in [2, 3, 8] {
        assert_eq!(run(threads), alone);
    }
}
