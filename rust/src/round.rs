//! From centers to a palette: 8-bit colors, all distinct, all used, and what each of them serves.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::cells;
use crate::cloud::Cloud;
use crate::fit::Fit;
use crate::pins::points;
use crate::pixels::{Key, Rgba, to_key, to_rgba};
use crate::space::{Point, Space};

/// The colors of a cloud.
#[derive(Clone, Copy)]
pub struct Colors<'a> {
    /// The colors, ascending.
    pub colors: &'a [Rgba],
    /// Their exact weights.
    pub weights: &'a [u64],
    /// The space that the cloud is in.
    pub space: Space,
}

impl Colors<'_> {
    /// Whether all are opaque.
    pub fn are_opaque(&self) -> bool {
        self.colors.iter().fold(0xFF, |all, color| all & color[3]) == 0xFF
    }
}

/// Rounds before an unused color is let pass.
const FILLINGS: usize = 64;

/// Rounds the centers to exactly `k` distinct colors that each serve some point, where that can be: where two became one
/// or one serves nothing, the color that is served worst takes the place. The first centers are `pinned` and stay, whatever
/// they serve. Where there is a `clear` weight, the transparent color comes behind all and serves it, too. Returns the colors with the weights they serve, and
/// their fit.
pub fn rounded(
    cloud: &Cloud,
    colors: Colors,
    mut fit: Fit,
    k: usize,
    pinned: &[Key],
    clear: Option<u64>,
) -> (Vec<(Rgba, u64)>, Fit) {
    let mut palette = entries(cloud, colors.space, &fit, pinned);
    let last: Vec<Key> = clear.map(|_| 0).into_iter().collect();
    for filling in 0.. {
        let mut seen: HashSet<Key> = last.iter().copied().collect();
        palette.retain(|&key| seen.insert(key));
        let all = [&palette[..], &last].concat();
        fit.replace(cloud, points(&all, colors.space));
        if filling < FILLINGS {
            let mut moments = fit.assignment.moments.iter().enumerate();
            palette.retain(|_| moments.next().is_some_and(|(i, moments)| i < pinned.len() || moments.weight > 0.0));
        }
        if palette.len() == k {
            break;
        }
        let worst = fit.worst_served(cloud, k - palette.len());
        palette.extend(worst.into_iter().map(|point| to_key(colors.colors[cloud.colors[point] as usize])));
    }
    palette.extend(last);
    let mut weights = served(cloud, colors, &fit);
    if let (Some(clear), Some(last)) = (clear, weights.last_mut()) {
        *last += clear;
    }
    (palette.into_iter().map(to_rgba).zip(weights).collect(), fit)
}

/// The same where `cloud` has cells of opaque colors for points: all colors are tallied. `None` where fewer than `k` would be
/// distinct or serve some color.
pub fn tallied(
    cloud: &Cloud,
    colors: Colors,
    fit: &Fit,
    k: usize,
    pinned: &[Key],
    clear: Option<u64>,
) -> Option<(Vec<(Rgba, u64)>, f64)> {
    let mut palette = entries(cloud, colors.space, fit, pinned);
    let distinct: HashSet<Key> = palette.iter().copied().collect();
    if palette.len() != k || distinct.len() < k {
        return None;
    }
    let colors_of: Vec<Rgba> = palette.iter().copied().map(to_rgba).collect();
    let (mut weights, error) = cells::tallied(colors, &colors_of);
    if weights[pinned.len()..].contains(&0) {
        return None;
    }
    palette.extend(clear.map(|_| 0));
    weights.extend(clear);
    Some((palette.into_iter().map(to_rgba).zip(weights).collect(), error))
}

/// Rounds the centers to colors and keeps those that are distinct and serve some point, and the first, which are `pinned`.
/// Where there is a `clear` weight, the transparent color comes behind them. Returns the colors with the weights they serve, and the weighted
/// squared error.
pub fn used(
    cloud: &Cloud,
    colors: Colors,
    centers: &[Point],
    pinned: &[Key],
    clear: Option<u64>,
) -> (Vec<(Rgba, u64)>, f64) {
    let mut seen: HashSet<Key> = clear.map(|_| 0).into_iter().collect();
    let mut palette = entries(cloud, colors.space, &Fit::new(cloud, centers.to_vec()), pinned);
    palette.retain(|&key| seen.insert(key));
    let visible = palette.len();
    palette.extend(clear.map(|_| 0));
    let fit = Fit::new(cloud, points(&palette, colors.space));
    let mut weights = served(cloud, colors, &fit);
    if let (Some(clear), Some(last)) = (clear, weights.last_mut()) {
        *last += clear;
    }
    let entries = palette.into_iter().map(to_rgba).zip(weights).enumerate();
    let kept = entries.filter(|&(i, (_, weight))| i < pinned.len() || i == visible || weight > 0);
    (kept.map(|(_, entry)| entry).collect(), fit.error())
}

/// The pinned colors, and the colors of the centers behind them. Where a fifth of what a center serves is opaque, so is its color, unless the center was a color
/// already: opaque pixels get opaque entries alone. With a half for the fifth they get too few, and icons of 32 colors lose
/// a point of SSIMULACRA2.
fn entries(cloud: &Cloud, space: Space, fit: &Fit, pinned: &[Key]) -> Vec<Key> {
    let others = fit.centers[pinned.len()..].iter().map(|c| to_key(space.to_rgba(c.map(f64::from))));
    let mut keys: Vec<Key> = pinned.iter().copied().chain(others).collect();
    let whole = space.alpha_scale();
    if cloud.all.low[3] < whole {
        let mut opaque = vec![0.0; keys.len()];
        for (i, label) in fit.assignment.labels(cloud).into_iter().enumerate() {
            if cloud.point(i)[3] == whole {
                opaque[label as usize] += f64::from(cloud.weights[i]);
            }
        }
        for (i, key) in keys.iter_mut().enumerate().skip(pinned.len()) {
            if 5.0 * opaque[i] > fit.assignment.moments[i].weight && space.to_point(*key) != fit.centers[i] {
                *key |= 0xFF;
            }
        }
    }
    keys
}

/// The exact weight that each center serves.
fn served(cloud: &Cloud, colors: Colors, fit: &Fit) -> Vec<u64> {
    let k = fit.centers.len();
    if colors.weights.iter().all(|&weight| weight < EXACT) {
        return fit.assignment.moments.iter().map(|moments| moments.weight as u64).collect();
    }
    let chunk = SERVED.max(8 * k);
    let numbers = cloud.colors.par_chunks(chunk);
    let served: Vec<Vec<u64>> = fit
        .assignment
        .labels(cloud)
        .par_chunks(chunk)
        .zip(numbers)
        .map(|(labels, numbers)| {
            let mut weights = vec![0; k];
            for (&label, &number) in labels.iter().zip(numbers) {
                weights[label as usize] += colors.weights[number as usize];
            }
            weights
        })
        .collect();
    let mut total = vec![0; k];
    for weights in served {
        total.iter_mut().zip(weights).for_each(|(total, weight)| *total += weight);
    }
    total
}

/// Weights below are whole numbers in 32-bit arithmetic, and what passes add up of them is exact.
const EXACT: u64 = 1 << 24;
/// Points that one task looks through.
const SERVED: usize = 1 << 15;
