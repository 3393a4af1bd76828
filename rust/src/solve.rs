//! The k-means engine: from counted colors to a palette of exactly k distinct 8-bit colors.
//!
//! Coarse to fine: the colors are gathered into cells that keep exact means; first centers, Lloyd's passes and the search
//! for a better optimum run on the cells; a few exact passes on all distinct colors finish.

use std::time::Instant;

use crate::cloud::Cloud;
use crate::divide;
use crate::effort::Effort;
use crate::init::{Init, Random};
use crate::pins::points;
use crate::pixels::Rgba;
use crate::problem::{Cancelled, Options, Solution};
use crate::round::Colors;
use crate::run::{Ground, LEAST_CELLS, Run, coarsened};
use crate::space::{Point, Space};

/// Finds `k` colors for `colors`, ascending and not empty, with their weights; all of them when there are no more. The
/// pinned ones, at most `k`, are among them and come first.
///
/// `on_pass(pass, error)` runs after each pass; `false` ends the solving.
pub fn solve(
    colors: &[Rgba],
    weights: &[u64],
    k: usize,
    options: &Options,
    on_pass: &mut (dyn FnMut(usize, f64) -> bool + Send),
) -> Result<Solution, Cancelled> {
    if let Some(exact) = options.pinned.exact(colors, weights, k) {
        return Ok(exact);
    }
    // What is fully transparent stays so: that color is an entry of its own, the others share the rest.
    let clear = colors[0][3] == 0 && options.pinned.leave_clear(k);
    let first = usize::from(clear);
    let pinned = options.pinned.keys(clear);
    let visible = Colors { colors: &colors[first..], weights: &weights[first..], space: options.space };
    let clear_weight = clear.then_some(weights[0]);
    let deadline = options.time_limit.and_then(|limit| Instant::now().checked_add(limit));
    let pins = points(&pinned, options.space);
    let mut run = Run::new(pins, deadline, on_pass);
    let mut random = Random::new(options.seed);
    let mut quick = None;
    if let Some(cells) = Ground::cells(visible, k - first, options) {
        let options = Options { effort: options.effort.min(Effort::Balanced), ..options.clone() };
        quick = run.solve(&cells, k - first, &pinned, clear_weight, &options, &mut random)?;
    }
    if let Some(quick) = quick.take_if(|_| options.effort < Effort::Best) {
        return Ok(quick);
    }
    let ground = run.placed(visible, k - first, options, &mut random)?;
    let solution = run.solve(&ground, k - first, &pinned, clear_weight, options, &mut random)?;
    let solution = solution.expect("all colors tell whatever there is to tell");
    Ok(match quick {
        // So that more effort is not worse.
        Some(quick) if quick.error < solution.error => quick.with_attempts_of(solution),
        _ => solution,
    })
}

/// Finds `k` centers for the points of `cloud`, as they are; fewer where it has fewer points.
///
/// The first attempt starts by division. The others start by k-means++ and are quick; one that ends nearer nevertheless is
/// searched as well.
pub fn centers_of(cloud: &Cloud, k: usize, attempts: usize, random: &mut Random) -> Vec<Point> {
    let mut go_on = |_, _| true;
    let mut run = Run::new(Vec::new(), None, &mut go_on);
    let mut options = Options::new(Space::Srgb, Effort::Balanced);
    let mut fit = |effort: Effort, start: Option<Vec<Point>>, options: &Options| {
        run.attempt(cloud, k, &effort.budget(None), options, start, random).expect("nobody cancels")
    };
    let mut best = fit(Effort::Balanced, None, &options);
    options.init = Init::KMeansPlusPlus;
    for _ in 1..attempts {
        let quick = fit(Effort::Fast, None, &options);
        if quick.error() < best.error() {
            let searched = fit(Effort::Balanced, Some(quick.centers.clone()), &options);
            best = if searched.error() < quick.error() { searched } else { quick };
        }
    }
    best.centers
}

/// The squared errors of 1, 2, ... and at most `k` groups of colors, each of them one cut after the last: what k-means
/// comes to, but for some percent. Fewer errors when there are fewer colors.
pub fn divisive_errors(colors: &[Rgba], weights: &[u64], k: usize, space: Space) -> Vec<f64> {
    let cloud = Cloud::new(colors, weights, space);
    let few = coarsened(&cloud, (MODEL_CELLS * k).max(LEAST_CELLS));
    divide::errors(few.as_ref().unwrap_or(&cloud), k)
}

/// Cells wanted per group for the errors of groups.
const MODEL_CELLS: usize = 16;
