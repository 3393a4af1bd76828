//! First centers at random, for points of any number of dimensions.

use rayon::prelude::*;

use crate::dense::scaled::{LANES, Real, Scaled};
use crate::init::Random;
use crate::simd::vectorized;

/// Points that one task looks through, a multiple of the lanes.
const CHUNK: usize = 1 << 12;

/// `k` of the points, each as likely as its weight.
pub fn random<T: Real>(scaled: &Scaled<T>, k: usize, random: &mut Random) -> Vec<T> {
    // The k largest of u^(1/w) are a weighted sample (P. Efraimidis and P. Spirakis, 2006).
    let keyed = |i: usize| (-libm::log(random.unit()) / scaled.points.weight(i), i);
    let mut keyed: Vec<(f64, usize)> = (0..scaled.len()).map(keyed).collect();
    keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    keyed.iter().take(k).flat_map(|&(_, i)| scaled.points.row(i).iter().copied()).collect()
}

/// One point after another, the likelier the farther from those before, by squared distance, the best of a few each time
/// (D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", 2007). The first ones again where
/// there are fewer than `k` distinct points of some weight.
pub fn plus_plus<T: Real>(scaled: &Scaled<T>, k: usize, random: &mut Random) -> Vec<T> {
    // About 2 + ln k, as the authors' own program tries.
    let trials = 2 + k.ilog2() as usize * 7 / 10;
    let mut least = vec![[f32::INFINITY; LANES]; scaled.len().div_ceil(LANES)];
    let weights = (0..scaled.len()).map(|i| scaled.points.weight(i));
    let mut chosen = random.pick(weights.clone(), weights.sum());
    let mut indices = Vec::with_capacity(k);
    while let Some(i) = chosen {
        indices.push(i);
        if indices.len() == k {
            break;
        }
        let shares = approach(scaled, i, &mut least);
        let total = shares.iter().sum();
        let mut drawn = || {
            let chunk = random.pick(shares.iter().copied(), total)?;
            let first = chunk * CHUNK;
            let share = |i: usize| f64::from(least[i / LANES][i % LANES]) * scaled.points.weight(i);
            let inside = (first..scaled.len().min(first + CHUNK)).map(share);
            random.pick(inside, shares[chunk]).map(|inside| first + inside)
        };
        let drawn: Vec<usize> = (0..trials).filter_map(|_| drawn()).collect();
        let left = potentials(scaled, &drawn, &least);
        chosen = (0..drawn.len()).min_by(|&a, &b| left[a].total_cmp(&left[b])).map(|best| drawn[best]);
    }
    let found = indices.len().max(1);
    let rows = (0..k).map(|number| indices.get(number % found).copied().unwrap_or(0));
    rows.flat_map(|i| scaled.points.row(i).iter().copied()).collect()
}

/// Squared distances of the points of a block to a point.
#[inline(always)]
fn squares(block: &[f32], center: &[f32]) -> [f32; LANES] {
    let mut squares = [0.0f32; LANES];
    for (plane, &center) in block.as_chunks::<LANES>().0.iter().zip(center) {
        for i in 0..LANES {
            let x = plane[i] - center;
            squares[i] += x * x;
        }
    }
    squares
}

fn weights<T: Real>(scaled: &Scaled<T>, block: usize) -> [f64; LANES] {
    std::array::from_fn(|i| {
        let i = block * LANES + i;
        if i < scaled.len() { scaled.points.weight(i) } else { 0.0 }
    })
}

fn place<T: Real>(scaled: &Scaled<T>, i: usize) -> Vec<f32> {
    let row = scaled.points.row(i);
    (0..row.len()).map(|d| scaled.to_scaled(d, row[d])).collect()
}

/// Lowers the `least` squared distances by a new center; returns the weighted sum of each chunk.
fn approach<T: Real>(scaled: &Scaled<T>, i: usize, least: &mut [[f32; LANES]]) -> Vec<f64> {
    let center = place(scaled, i);
    let chunks = least.par_chunks_mut(CHUNK / LANES).enumerate();
    chunks
        .map(|(chunk, least)| {
            let mut sum = 0.0;
            for (number, least) in least.iter_mut().enumerate() {
                let number = chunk * (CHUNK / LANES) + number;
                let squares = vectorized(
                    #[inline(always)]
                    || squares(scaled.block(number).0, &center),
                );
                let weights = weights(scaled, number);
                for i in 0..LANES {
                    least[i] = if squares[i] < least[i] { squares[i] } else { least[i] };
                    sum += f64::from(least[i]) * weights[i];
                }
            }
            sum
        })
        .collect()
}

/// What would be left of the weighted sum with each of some points as a center more.
fn potentials<T: Real>(scaled: &Scaled<T>, drawn: &[usize], least: &[[f32; LANES]]) -> Vec<f64> {
    let centers: Vec<Vec<f32>> = drawn.iter().map(|&i| place(scaled, i)).collect();
    let chunks = least.par_chunks(CHUNK / LANES).enumerate();
    let sums: Vec<Vec<f64>> = chunks
        .map(|(chunk, least)| {
            let mut sums = vec![0.0; centers.len()];
            for (number, least) in least.iter().enumerate() {
                let number = chunk * (CHUNK / LANES) + number;
                let weights = weights(scaled, number);
                for (center, sum) in centers.iter().zip(&mut sums) {
                    let squares = vectorized(
                        #[inline(always)]
                        || squares(scaled.block(number).0, center),
                    );
                    for i in 0..LANES {
                        let least = if squares[i] < least[i] { squares[i] } else { least[i] };
                        *sum += f64::from(least) * weights[i];
                    }
                }
            }
            sums
        })
        .collect();
    (0..drawn.len()).map(|number| sums.iter().map(|sums| sums[number]).sum()).collect()
}
