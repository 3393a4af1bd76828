//! The laws of k-means in any number of dimensions, checked against computing every distance.

use hueclid_core::dense::scaled::{Points, Real};
use hueclid_core::dense::{Cancelled, Clusters, Limits, Start, assign, cluster};
use hueclid_core::threads::with_threads;
use proptest::collection::vec;
use proptest::prelude::*;

const LIMITS: Limits = Limits { attempts: 1, max_iterations: 50, epsilon: 0.0, together: false, seed: 1 };

fn points<T>(coordinates: &[T], dimensions: usize) -> Points<'_, T> {
    Points { coordinates, dimensions, weights: None }
}

fn square<T: Real>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a.wide() - b.wide()).powi(2)).sum()
}

/// Nearest center by computing every distance, ties to the lower, and its squared distance.
fn nearest<T: Real>(point: &[T], centers: &[T]) -> (i32, f64) {
    let squares = centers.chunks_exact(point.len()).map(|center| square(point, center));
    squares
        .enumerate()
        .fold((-1, f64::INFINITY), |best, (i, square)| if square < best.1 { (i as i32, square) } else { best })
}

/// Labels are nearest but for the last bits of 64, and the compactness is the sum of the squares.
fn check<T: Real>(points: Points<T>, found: &Clusters<T>) {
    let mut sum = 0.0;
    for (i, &label) in found.labels.iter().enumerate() {
        let row = points.row(i);
        let (_, least) = nearest(row, &found.centers);
        let own = square(row, &found.centers[label as usize * points.dimensions..][..points.dimensions]);
        assert!(own <= least * (1.0 + 1e-12), "{own} {least}");
        sum += points.weight(i) * own;
    }
    assert!((sum - found.compactness).abs() <= 1e-9 * sum, "{sum} {}", found.compactness);
}

fn solved<T: Real>(points: Points<T>, k: usize, start: Start<T>, limits: &Limits) -> Clusters<T> {
    cluster(points, k, start, limits, &mut || true).expect("nobody cancels")
}

/// Coordinates of every kind for so many dimensions: spread, on a lattice with ties, far from the origin.
fn coordinates(dimensions: usize, most: usize) -> impl Strategy<Value = Vec<f32>> {
    let rows = dimensions..dimensions * most;
    let whole = move |mut coordinates: Vec<f32>| {
        coordinates.truncate(coordinates.len() / dimensions * dimensions);
        coordinates
    };
    prop_oneof![
        vec(-1.0f32..1.0, rows.clone()),
        vec((-2i8..3).prop_map(f32::from), rows.clone()),
        vec((0i8..9).prop_map(|x| 1e6 + f32::from(x)), rows.clone()),
        vec((-1e30f32..1e30).prop_filter("finite", |x| x.is_finite()), rows),
    ]
    .prop_map(whole)
}

fn cases() -> impl Strategy<Value = (usize, Vec<f32>)> {
    (1usize..40).prop_flat_map(|dimensions| (Just(dimensions), coordinates(dimensions, 60)))
}

proptest! {
    #[test]
    fn labels_are_nearest_and_every_center_serves_a_point((dimensions, data) in cases(), k in 1usize..30, plus in any::<bool>()) {
        let points = points(&data, dimensions);
        let k = k.min(points.len());
        let start = if plus { Start::KMeansPlusPlus } else { Start::Random };
        let found = solved(points, k, start, &LIMITS);
        check(points, &found);
        let mut rows: Vec<&[f32]> = (0..points.len()).map(|i| points.row(i)).collect();
        rows.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        rows.dedup();
        let mut served = found.labels.clone();
        served.sort_unstable();
        served.dedup();
        prop_assert_eq!(served.len(), k.min(rows.len()));
    }

    #[test]
    fn ties_go_to_the_lower_center(data in vec((-2i8..3).prop_map(f32::from), 12..240), dimensions in 1usize..7, k in 1usize..20) {
        let data = &data[..data.len() / dimensions * dimensions];
        let points = points(data, dimensions);
        let centers: Vec<f32> = (0..k).flat_map(|c| points.row(c * 7 % points.len()).to_vec()).collect();
        let (labels, _) = assign(points, &centers);
        for (i, label) in labels.into_iter().enumerate() {
            prop_assert_eq!(label, nearest(points.row(i), &centers).0);
        }
    }

    #[test]
    fn passes_equal_those_that_ask_everyone(data in vec(-1.0f64..1.0, 200..600), dimensions in 1usize..40, k in 2usize..9) {
        let data = &data[..data.len() / dimensions * dimensions];
        let points = points(data, dimensions);
        prop_assume!(points.len() >= k);
        let mut centers = data[..k * dimensions].to_vec();
        for passes in 0..12 {
            let limits = Limits { max_iterations: passes, ..LIMITS };
            let found = solved(points, k, Start::Centers(&data[..k * dimensions]), &limits);
            let labels: Vec<i32> = (0..points.len()).map(|i| nearest(points.row(i), &centers).0).collect();
            prop_assert_eq!(&found.labels, &labels);
            let counts: Vec<usize> = (0..k).map(|c| labels.iter().filter(|&&label| label == c as i32).count()).collect();
            prop_assume!(counts.iter().all(|&count| count > 0));
            centers.fill(0.0);
            for (i, &label) in labels.iter().enumerate() {
                for (d, x) in points.row(i).iter().enumerate() {
                    centers[label as usize * dimensions + d] += x / counts[label as usize] as f64;
                }
            }
        }
    }

    #[test]
    fn weights_stand_for_copies(
        data in vec(-1.0f64..1.0, 40..200),
        copies in vec(0usize..4, 200),
        dimensions in 1usize..5,
    ) {
        let data = &data[..data.len() / dimensions * dimensions];
        let plain = points(data, dimensions);
        let copied: Vec<f64> = (0..plain.len()).flat_map(|i| plain.row(i).repeat(copies[i])).collect();
        prop_assume!(copied.len() >= 3 * dimensions);
        let weights: Vec<f64> = copies[..plain.len()].iter().map(|&n| n as f64).collect();
        let weighted = Points { weights: Some(&weights), ..plain };
        let start = Start::Centers(&data[..3 * dimensions]);
        let limits = Limits { max_iterations: 2, ..LIMITS };
        let (one, other) = (solved(weighted, 3, start, &limits), solved(points(&copied, dimensions), 3, start, &limits));
        prop_assert!((one.compactness - other.compactness).abs() <= 1e-9 * (1.0 + one.compactness));
    }

    #[test]
    fn given_labels_start_from_their_means(data in vec(-1.0f64..1.0, 30..90), labels in vec(0i32..4, 90)) {
        let points = points(&data[..data.len() / 3 * 3], 3);
        let labels = &labels[..points.len()];
        let mut means = vec![0.0; 12];
        for c in 0..4 {
            let own: Vec<usize> = (0..points.len()).filter(|&i| labels[i] == c).collect();
            prop_assume!(!own.is_empty());
            for d in 0..3 {
                means[c as usize * 3 + d] = own.iter().map(|&i| points.row(i)[d]).sum::<f64>() / own.len() as f64;
            }
        }
        let (one, other) = (
            solved(points, 4, Start::Labels(labels), &LIMITS),
            solved(points, 4, Start::Centers(&means), &LIMITS),
        );
        prop_assert!((one.compactness - other.compactness).abs() <= 1e-9);
    }
}

/// Many points in few clouds, the same everywhere.
fn clouds(count: usize, dimensions: usize) -> Vec<f32> {
    let mut state = 7u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    (0..count)
        .flat_map(|i| (0..dimensions).map(|d| next() + ((i * (d + 3)) % 7) as f32 * 2.0).collect::<Vec<f32>>())
        .collect()
}

#[test]
fn threads_never_change_a_result() {
    for (dimensions, k) in [(1, 5), (3, 3), (3, 40), (4, 70), (5, 12), (33, 9)] {
        let data = clouds(20_000, dimensions);
        let limits = Limits { attempts: 2, max_iterations: 8, ..LIMITS };
        let results: Vec<Clusters<f32>> = [1, 2, 5]
            .into_iter()
            .map(|threads| {
                with_threads(threads, || solved(points(&data, dimensions), k, Start::KMeansPlusPlus, &limits))
            })
            .collect();
        assert_eq!(results[0], results[1]);
        assert_eq!(results[0], results[2]);
        check(points(&data, dimensions), &results[0]);
    }
}

#[test]
fn clouds_apart_are_found_in_any_number_of_dimensions() {
    for dimensions in [1, 2, 3, 4, 5, 64, 300] {
        // Seven clouds a unit wide, two units apart in every dimension.
        let data = clouds(21_000 / dimensions.max(7) * 7, dimensions);
        let found = solved(points(&data, dimensions), 7, Start::KMeansPlusPlus, &Limits { attempts: 5, ..LIMITS });
        assert!(found.labels.iter().enumerate().all(|(i, &label)| label == found.labels[i % 7]), "{dimensions}");
    }
}

#[test]
fn outliers_do_not_hide_the_rest() {
    let mut data = clouds(20_000, 2);
    data.extend([1e9, 1e9]);
    let found = solved(points(&data, 2), 8, Start::KMeansPlusPlus, &LIMITS);
    check(points(&data, 2), &found);
    assert!(found.compactness < 20_000.0, "{}", found.compactness);
}

#[test]
fn the_caller_can_end_it() {
    let data = clouds(1000, 6);
    let mut left = 3;
    let mut goes_on = || {
        left -= 1;
        left > 0
    };
    let ended = cluster(points(&data, 6), 9, Start::KMeansPlusPlus, &LIMITS, &mut goes_on);
    assert_eq!(ended.err(), Some(Cancelled));
}
