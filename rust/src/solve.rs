//! The k-means engine: from counted colors to a palette of exactly k distinct 8-bit colors.
//!
//! Coarse to fine: the colors are gathered into cells that keep exact means; seeds, Lloyd's passes and the search for a
//! better optimum run on the cells; a few exact passes on all distinct colors finish.

use crate::cloud::Cloud;
use crate::count::Counts;
use crate::divide::seeds;
use crate::lloyd::{Labels, label};
use crate::pixels::{Key, Rgba, to_key, to_rgba};
use crate::search::{moves, step, together, worst_served};
use crate::space::{Point, Space};

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Seeds, a few passes.
    Fast,
    /// With a search for a better optimum.
    Balanced,
    /// Until nothing moves.
    Best,
}

/// What an effort allows.
struct Budget {
    /// Cells wanted per center.
    cells: usize,
    /// Passes on the cells before the search.
    coarse_passes: usize,
    /// Rounds of moving many centers at once.
    rounds: usize,
    /// Moves tried one by one, times the number of centers.
    trials: usize,
    /// Passes that repair one round.
    repair_passes: usize,
    /// Passes on all colors.
    fine_passes: usize,
    /// A pass that lowers the error by a smaller share ends the passes.
    tolerance: f64,
}

impl Effort {
    fn budget(self) -> Budget {
        match self {
            Effort::Fast => Budget {
                cells: 16,
                coarse_passes: 8,
                rounds: 0,
                trials: 0,
                repair_passes: 0,
                fine_passes: 2,
                tolerance: 1e-3,
            },
            Effort::Balanced => Budget {
                cells: 32,
                coarse_passes: 6,
                rounds: 40,
                trials: 512,
                repair_passes: 8,
                fine_passes: 8,
                tolerance: 2e-4,
            },
            Effort::Best => Budget {
                cells: 128,
                coarse_passes: 60,
                rounds: 80,
                trials: 4096,
                repair_passes: 8,
                fine_passes: 200,
                tolerance: 1e-6,
            },
        }
    }
}

/// A solved palette.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The colors, the most used first.
    pub palette: Vec<Rgba>,
    /// How many pixels each color is nearest to.
    pub weights: Vec<u64>,
    /// Weighted sum of squared distances to the nearest color, in the working space.
    pub error: f64,
    /// Passes made.
    pub passes: usize,
    /// Whether the last pass gained less than the tolerance.
    pub converged: bool,
}

/// Solving was ended by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Finds `k` colors for `counts`, which is not empty; all of its colors when it has no more than `k`.
///
/// `on_pass(pass, error)` runs after each pass; `false` ends the solving.
pub fn solve(
    counts: &Counts,
    k: usize,
    space: Space,
    effort: Effort,
    on_pass: &mut dyn FnMut(usize, f64) -> bool,
) -> Result<Solution, Cancelled> {
    if counts.keys.len() <= k {
        return Ok(in_order(counts.keys.iter().copied().zip(counts.weights.iter().copied()).collect()));
    }
    let budget = effort.budget();
    let whole = Cloud::new(counts, space);
    // What is fully transparent stays so: that color is an entry of its own, the others share the rest.
    let clear = counts.keys[0] == 0 && k > 1;
    let visible = clear.then(|| Cloud::new(&counts.without_first(), space));
    let cloud = visible.as_ref().unwrap_or(&whole);
    let k = k - usize::from(clear);
    let mut run = Run { passes: 0, converged: false, on_pass };

    let coarse = coarsened(cloud, budget.cells * k);
    let cells = coarse.as_ref().unwrap_or(cloud);
    let mut centers = seeds(cells, k);
    let error = run.descend(cells, &mut centers, budget.coarse_passes, budget.tolerance)?;
    run.search(cells, &mut centers, error, &budget)?;
    run.descend(cloud, &mut centers, budget.fine_passes, budget.tolerance)?;

    let mut palette: Vec<Key> = centers.iter().map(|c| to_key(space.to_rgba(c.map(f64::from)))).collect();
    if clear {
        palette.push(0);
    }
    let (palette, labels) = distinct(&whole, counts, palette, k + usize::from(clear), space);
    let (weights, error) = served(&whole, counts, &labels, palette.len());
    let solution = in_order(palette.into_iter().zip(weights).collect());
    Ok(Solution { error, passes: run.passes, converged: run.converged, ..solution })
}

/// The most used first.
fn in_order(mut entries: Vec<(Key, u64)>) -> Solution {
    entries.sort_unstable_by_key(|&(key, weight)| (std::cmp::Reverse(weight), key));
    let (keys, weights): (Vec<Key>, Vec<u64>) = entries.into_iter().unzip();
    let palette = keys.into_iter().map(to_rgba).collect();
    Solution { palette, weights, error: 0.0, passes: 0, converged: true }
}

/// Fewest cells, of a width that is a power of two, that number at least `wanted`; `None` when that saves little.
fn coarsened(cloud: &Cloud, wanted: usize) -> Option<Cloud> {
    let bits = (3..=6).find(|&bits| cloud.count_cells(bits) >= wanted.max(2048))?;
    (cloud.count_cells(bits) * 3 < cloud.len() * 2).then(|| cloud.coarsen(bits))
}

/// Passes so far, and whom to tell.
struct Run<'a> {
    passes: usize,
    converged: bool,
    on_pass: &'a mut dyn FnMut(usize, f64) -> bool,
}

impl Run<'_> {
    fn step(&mut self, cloud: &Cloud, centers: &mut [Point]) -> Result<f64, Cancelled> {
        let error = step(cloud, centers);
        self.passes += 1;
        if (self.on_pass)(self.passes, error) { Ok(error) } else { Err(Cancelled) }
    }

    /// Lloyd's passes until one gains too little; returns the last error seen.
    fn descend(&mut self, cloud: &Cloud, centers: &mut [Point], most: usize, tolerance: f64) -> Result<f64, Cancelled> {
        let mut error = f64::INFINITY;
        for _ in 0..most {
            let before = error;
            error = self.step(cloud, centers)?;
            self.converged = before - error <= tolerance * error;
            if self.converged {
                break;
            }
        }
        Ok(error)
    }

    /// Leaves a local optimum: moves many centers at once while that lowers the error, then one at a time.
    ///
    /// What doesn't lower the error after a few passes of repair is taken back.
    fn search(
        &mut self,
        cells: &Cloud,
        centers: &mut Vec<Point>,
        error: f64,
        budget: &Budget,
    ) -> Result<(), Cancelled> {
        if !(2..=SEARCHED).contains(&centers.len()) {
            return Ok(());
        }
        let mut best = error;
        let mut most = centers.len();
        let mut trials = budget.trials.div_ceil(centers.len());
        'rounds: for _ in 0..budget.rounds {
            let moves = moves(cells, centers);
            let many = together(&moves, centers.len(), most);
            if many.len() > 1 {
                let mut moved = centers.clone();
                many.iter().for_each(|step| step.apply(&mut moved));
                let error = self.descend(cells, &mut moved, budget.repair_passes, budget.tolerance)?;
                if error < best {
                    (best, *centers) = (error, moved);
                } else {
                    most = many.len() / 2;
                }
                continue;
            }
            for one in &moves {
                if trials == 0 {
                    break;
                }
                trials -= 1;
                let mut moved = centers.clone();
                one.apply(&mut moved);
                let error = self.descend(cells, &mut moved, budget.repair_passes, budget.tolerance)?;
                if error < best {
                    (best, *centers) = (error, moved);
                    continue 'rounds;
                }
            }
            break;
        }
        Ok(())
    }
}

/// The most centers among which better places are searched: the search compares all pairs.
const SEARCHED: usize = 4096;

/// Rounds that look for exactly k used colors before an unused one is let pass.
const FILLINGS: usize = 64;

/// Makes of rounded centers exactly `k` distinct colors, and labels all points with them: where two became one or one
/// serves nothing, the color that is served worst takes the place.
fn distinct(cloud: &Cloud, counts: &Counts, mut palette: Vec<Key>, k: usize, space: Space) -> (Vec<Key>, Labels) {
    let mut fillings = 0..FILLINGS;
    loop {
        palette.sort_unstable();
        palette.dedup();
        let labels = label(cloud, &points(&palette, space));
        let mut used = vec![false; palette.len()];
        for &nearest in &labels.nearest {
            used[nearest as usize] = true;
        }
        let more = fillings.next().is_some();
        if palette.len() == k && (!more || used.iter().all(|&used| used)) {
            return (palette, labels);
        }
        if more {
            let mut used = used.into_iter();
            palette.retain(|_| used.next().unwrap_or(false));
        }
        let worst = worst_served(cloud, &labels, k - palette.len());
        palette.extend(worst.into_iter().map(|point| counts.keys[cloud.colors[point] as usize]));
    }
}

fn points(palette: &[Key], space: Space) -> Vec<Point> {
    let mut points = vec![[0.0; 4]; palette.len()];
    space.to_points(palette, &mut points);
    points
}

/// What each color of a palette serves, and the weighted squared error.
fn served(cloud: &Cloud, counts: &Counts, labels: &Labels, colors: usize) -> (Vec<u64>, f64) {
    let mut weights = vec![0; colors];
    let mut error = 0.0;
    for ((&color, &nearest), &distance) in cloud.colors.iter().zip(&labels.nearest).zip(&labels.distance) {
        let weight = counts.weights[color as usize];
        weights[nearest as usize] += weight;
        error += weight as f64 * f64::from(distance);
    }
    (weights, error)
}
