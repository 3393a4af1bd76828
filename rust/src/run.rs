//! The way from first centers to a palette: coarse to fine, out of local optima, told pass after pass.

use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use crate::cells::gathered;
use crate::cloud::Cloud;
use crate::compared::Compared;
use crate::cube::Cube;
use crate::effort::Budget;
use crate::fit::{Descent, Fit, Pace};
use crate::init::Random;
use crate::known::{Known, Ranked};
use crate::lloyd::Assignment;
use crate::medians::Medians;
use crate::order::CELL_BITS;
use crate::pins::{anchored, around, points};
use crate::pixels::{Key, Rgba, to_key};
use crate::problem::{Cancelled, Ended, Objective, Options, Solution};
use crate::round::{Colors, rounded, tallied};
use crate::search::{Move, moves, pairs, together};
use crate::space::Point;
use crate::trial::Trial;

/// What passes run on: all colors, or cells of them.
pub struct Ground<'a> {
    colors: Colors<'a>,
    cloud: Cloud,
    gathered: bool,
}

impl<'a> Ground<'a> {
    /// All colors.
    pub fn all(colors: Colors<'a>) -> Self {
        Self { colors, cloud: Cloud::new(colors.colors, colors.weights, colors.space), gathered: false }
    }

    /// Cells, where so many of them are there for each of `k` centers that all colors would tell nothing more: what is
    /// lost is some thousandths of the error.
    pub fn cells(colors: Colors<'a>, k: usize, options: &Options) -> Option<Self> {
        let is_plain =
            options.objective == Objective::Squared && options.tolerance.is_none() && options.max_iterations.is_none();
        let (bits, least) = match k {
            0..=COARSELY => (CELL_BITS - 3, 4),
            k if k <= FINELY => (CELL_BITS, 4),
            _ => (CELL_BITS + 3, 256),
        };
        if !is_plain || colors.colors.len() < GATHER * k.max(least) || !colors.are_opaque() {
            return None;
        }
        let cloud = gathered(colors, bits);
        (cloud.len() >= GATHERED_CELLS * k).then(|| Self { colors, cloud: cloud.planted(), gathered: true })
    }

    /// Colors for the centers of a fit, with the weights they serve, and what the objective comes to; `None` where cells
    /// can't tell.
    fn settled(
        &self,
        fit: Fit,
        k: usize,
        pinned: &[Key],
        clear: Option<u64>,
        objective: Objective,
    ) -> Option<(Vec<(Rgba, u64)>, f64)> {
        if self.gathered {
            return tallied(&self.cloud, self.colors, &fit, k, pinned, clear);
        }
        let (entries, fit) = rounded(&self.cloud, self.colors, fit, k, pinned, clear);
        Some((entries, objective.error(&self.cloud, &fit)))
    }

    /// Which color of `palette` is nearest to each color; `None` where some are not opaque, as then it is not only nearness
    /// that counts, and where to compare all takes no longer.
    fn known(&self, palette: &[Rgba]) -> Option<Known> {
        let Colors { colors, weights, space } = self.colors;
        if !self.colors.are_opaque() || palette.iter().any(|color| color[3] != 255) {
            return None;
        }
        let pixels = weights.iter().sum::<u64>();
        if let Some(ranks) = self.cloud.ranks.as_ref().filter(|_| pixels <= MANY * colors.len() as u64) {
            let keys: Vec<Key> = palette.iter().map(|&color| to_key(color)).collect();
            let assignment = Assignment::new(&self.cloud, &points(&keys, space));
            return Some(Known::Colors(Ranked::new(Arc::clone(ranks), assignment.labels(&self.cloud))));
        }
        let is_compared = Compared::suits(palette.len(), space, pixels);
        (!is_compared).then(|| match palette.len() {
            ..=256 => Known::Cells(Cube::around(colors, palette, space)),
            _ => Known::WideCells(Cube::around(colors, palette, space)),
        })
    }
}

/// What is fixed, passes so far, and whom to tell.
pub struct Run<'a> {
    pins: Vec<Point>,
    made: usize,
    most: usize,
    deadline: Option<Instant>,
    ended: Ended,
    /// Centers that were searched already: the next attempt goes on from them.
    searched: Option<Vec<Point>>,
    on_pass: &'a mut (dyn FnMut(usize, f64) -> bool + Send),
}

impl<'a> Run<'a> {
    /// Nothing is made yet; `pins` are fixed.
    pub fn new(
        pins: Vec<Point>,
        deadline: Option<Instant>,
        on_pass: &'a mut (dyn FnMut(usize, f64) -> bool + Send),
    ) -> Self {
        Self { pins, made: 0, most: usize::MAX, deadline, ended: Ended::Converged, searched: None, on_pass }
    }

    /// All colors, placed; meanwhile centers are searched among cells, if that is what the first attempt would do.
    pub fn placed<'b>(
        &mut self,
        colors: Colors<'b>,
        k: usize,
        options: &Options,
        random: &mut Random,
    ) -> Result<Ground<'b>, Cancelled> {
        let budget = options.effort.budget(options.tolerance);
        let wanted = (budget.cells * k).max(LEAST_CELLS);
        let is_first = options.effort.stages(colors.colors.len()).next() == Some(options.effort);
        if !is_first
            || options.objective != Objective::Squared
            || colors.colors.len() < 2 * wanted
            || !colors.are_opaque()
        {
            return Ok(Ground::all(colors));
        }
        let gathered = gathered(colors, CELL_BITS);
        self.most = options.max_iterations.unwrap_or(usize::MAX);
        let search = || {
            let cells = coarsened(&gathered, wanted)?;
            Some(self.coarse(&cells, k, &budget, options, None, random))
        };
        let (found, ground) = rayon::join(search, || Ground::all(colors));
        self.searched = found.transpose()?.map(|fit| fit.centers);
        Ok(ground)
    }

    /// The best of all attempts for `k` visible colors, of which the first are `pinned`; `None` where cells can't tell.
    pub fn solve(
        &mut self,
        ground: &Ground,
        k: usize,
        pinned: &[Key],
        clear: Option<u64>,
        options: &Options,
        random: &mut Random,
    ) -> Result<Option<Solution>, Cancelled> {
        let cloud = &ground.cloud;
        self.pins = points(pinned, options.space);
        let mut best = Solution { error: f64::INFINITY, ..Solution::default() };
        let mut attempt_errors = Vec::new();
        'attempts: for _ in 0..options.attempts {
            let made = if self.searched.is_some() { 0 } else { self.made };
            self.most = options.max_iterations.map_or(usize::MAX, |most| made.saturating_add(most));
            let mut attempt_error = f64::INFINITY;
            let mut start = None;
            for effort in options.effort.stages(ground.colors.colors.len()) {
                let budget = effort.budget(options.tolerance);
                let fits = self.stage(cloud, k, &budget, options, start, random)?;
                start = Some(fits[0].centers.clone());
                for fit in fits {
                    let settled = ground.settled(fit, k, pinned, clear, options.objective);
                    let Some((entries, error)) = settled else { return Ok(None) };
                    attempt_error = attempt_error.min(error);
                    if error < best.error {
                        let found = Solution { error, ended: self.ended, ..Solution::default() };
                        best = options.pinned.ordered(found, entries);
                    }
                }
                if self.ended == Ended::Time {
                    attempt_errors.push(attempt_error);
                    best.ended = Ended::Time;
                    break 'attempts;
                }
            }
            attempt_errors.push(attempt_error);
        }
        let anchored = anchored(&options.anchors, &options.pinned, &best, ground.colors, clear.is_some());
        if let Some((fixed, others)) = anchored {
            self.pins = points(&fixed, options.space);
            let start = Some(points(&[&fixed[..], &others].concat(), options.space));
            let budget = options.effort.budget(options.tolerance);
            for fit in self.stage(cloud, k, &budget, options, start, random)? {
                let settled = ground.settled(fit, k, &fixed, clear, options.objective);
                let Some((entries, error)) = settled else { return Ok(None) };
                best.error = error;
                best = options.pinned.ordered(best, entries);
            }
        }
        let known = if options.known { ground.known(&best.palette) } else { None };
        Ok(Some(Solution { known, iterations: self.made, attempt_errors, ..best }))
    }

    /// Counts passes and tells of the last one.
    fn tell(&mut self, passes: usize, error: f64) -> Result<(), Cancelled> {
        self.made += passes;
        if (self.on_pass)(self.made, error) { Ok(()) } else { Err(Cancelled) }
    }

    /// Whether another pass is allowed; remembers why not.
    fn goes_on(&mut self) -> bool {
        if self.made >= self.most {
            self.ended = Ended::Iterations;
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.ended = Ended::Time;
        } else {
            return true;
        }
        false
    }

    /// The centers that k-means ends with, and what k-medians makes of them where distances are not to be squared. Then
    /// k-means gets half of what is left of passes and time.
    fn stage(
        &mut self,
        cloud: &Cloud,
        k: usize,
        budget: &Budget,
        options: &Options,
        start: Option<Vec<Point>>,
        random: &mut Random,
    ) -> Result<Vec<Fit>, Cancelled> {
        if options.objective == Objective::Squared {
            return Ok(vec![self.attempt(cloud, k, budget, options, start, random)?]);
        }
        let (most, deadline) = (self.most, self.deadline);
        self.most = self.made + (most - self.made) / 2;
        self.deadline = deadline.map(|deadline| {
            let now = Instant::now();
            now + deadline.saturating_duration_since(now) / 2
        });
        let fit = self.attempt(cloud, k, budget, options, start, random)?;
        (self.most, self.deadline, self.ended) = (most, deadline, Ended::Iterations);
        let mut medians = Medians::new(cloud, fit.clone());
        for _ in 0..budget.fine_passes {
            if !self.goes_on() {
                break;
            }
            let before = medians.error;
            medians.step(cloud);
            self.tell(1, medians.error)?;
            if before - medians.error <= budget.tolerance * before {
                self.ended = Ended::Converged;
                break;
            }
        }
        Ok(vec![fit, medians.fit])
    }

    /// From first centers, or from `start`, to centers of all points.
    pub fn attempt(
        &mut self,
        cloud: &Cloud,
        k: usize,
        budget: &Budget,
        options: &Options,
        start: Option<Vec<Point>>,
        random: &mut Random,
    ) -> Result<Fit, Cancelled> {
        let mut fit = if let Some(centers) = self.searched.take() {
            Fit::new(cloud, centers).pin(self.pins.len())
        } else if let Some(cells) = coarsened(cloud, (budget.cells * k).max(LEAST_CELLS)) {
            let found = self.coarse(&cells, k, budget, options, start, random)?;
            Fit::new(cloud, found.centers).pin(self.pins.len())
        } else {
            self.coarse(cloud, k, budget, options, start, random)?
        };
        self.descend(cloud, &mut fit, Descent::new(Pace::BOLD, self.left(budget.fine_passes), budget.tolerance))?;
        Ok(fit)
    }

    /// From first centers, or from `start`, to centers that were searched among cells.
    fn coarse(
        &mut self,
        cells: &Cloud,
        k: usize,
        budget: &Budget,
        options: &Options,
        start: Option<Vec<Point>>,
        random: &mut Random,
    ) -> Result<Fit, Cancelled> {
        let centers = start.unwrap_or_else(|| {
            let few = coarsened(cells, (SEED_CELLS * k).max(LEAST_CELLS));
            let others = options.init.centers(few.as_ref().unwrap_or(cells), k, options.space, random);
            around(&self.pins, others, k)
        });
        let mut fit = Fit::new(cells, centers).pin(self.pins.len());
        self.descend(cells, &mut fit, Descent::new(Pace::BRISK, self.left(budget.coarse_passes), budget.tolerance))?;
        self.search(cells, &mut fit, budget)?;
        Ok(fit)
    }

    /// Of `most` passes, those that are still allowed.
    fn left(&self, most: usize) -> usize {
        most.min(self.most - self.made)
    }

    /// Steps until one gains too little.
    fn descend(&mut self, cloud: &Cloud, fit: &mut Fit, mut descent: Descent) -> Result<(), Cancelled> {
        self.ended = Ended::Iterations;
        while self.goes_on() && !descent.is_over() {
            descent.step(cloud, fit);
            self.tell(1, fit.error())?;
        }
        if descent.converged {
            self.ended = Ended::Converged;
        }
        Ok(())
    }

    /// Leaves a local optimum: moves many centers at once while that lowers the error, then one at a time.
    ///
    /// What doesn't lower the error after a few steps of repair is taken back.
    fn search(&mut self, cells: &Cloud, fit: &mut Fit, budget: &Budget) -> Result<(), Cancelled> {
        let k = fit.centers.len();
        if !(2..=SEARCHED).contains(&k) {
            return Ok(());
        }
        let mut most = k;
        let mut trials = match budget.trials / (k * k) {
            ..LEAST_TRIALS => 0,
            trials => trials.min(budget.most_trials),
        };
        let mut rounds = budget.rounds;
        'rounds: while (rounds > 0 || trials > 0) && self.goes_on() {
            let moves = moves(cells, fit);
            let many = together(&moves, k, most);
            if many.len() > 1 && rounds > 0 {
                rounds -= 1;
                let tried = Trial::new(cells, fit, &many, budget, self.most - self.made);
                self.tell(tried.passes, tried.fit.error().min(fit.error()))?;
                if tried.fit.error() < fit.error() {
                    *fit = tried.fit;
                } else {
                    most = many.len() / 2;
                }
                continue;
            }
            let singles = moves.iter().map(|one| vec![one]);
            let tries: Vec<Vec<&Move>> = singles.chain(pairs(&moves[..moves.len().min(budget.paired)])).collect();
            for some in tries.chunks(AT_ONCE) {
                if !self.goes_on() {
                    break 'rounds;
                }
                let left = self.most - self.made;
                let some = &some[..some.len().min(trials).min(left)];
                if some.is_empty() {
                    break 'rounds;
                }
                let each = left / some.len();
                let tried: Vec<Trial> = some.par_iter().map(|few| Trial::new(cells, fit, few, budget, each)).collect();
                let passes = tried.iter().map(|trial| trial.passes).sum();
                let better = tried.iter().position(|trial| trial.fit.error() < fit.error() * (1.0 - budget.tolerance));
                trials -= better.map_or(some.len(), |number| number + 1);
                let next = better.and_then(|number| tried.into_iter().nth(number));
                self.tell(passes, next.as_ref().map_or(fit.error(), |trial| trial.fit.error()))?;
                if let Some(trial) = next {
                    *fit = trial.fit;
                    continue 'rounds;
                }
            }
            break;
        }
        Ok(())
    }
}

/// The cells of `cloud`, as few as number at least `wanted`; `None` when that saves little.
pub fn coarsened(cloud: &Cloud, wanted: usize) -> Option<Cloud> {
    cloud.coarse_bits(wanted).map(|bits| cloud.coarsen(bits))
}

/// So many pixels a color are many: what is known of all colors around takes one look less for each.
const MANY: u64 = 8;
/// Colors for each center, of four at least, or of 256 where cells are narrow, from which on cells are gathered.
const GATHER: usize = 1 << 12;
/// Cells that must be there for each center.
const GATHERED_CELLS: usize = 512;
/// So few centers are told apart by cells twice as wide.
const COARSELY: usize = 2;
/// More need cells half as wide.
const FINELY: usize = 32;
/// Cells wanted at least.
pub const LEAST_CELLS: usize = 512;
/// Cells wanted per center for first centers.
const SEED_CELLS: usize = 8;
/// The most centers among which better places are searched: the search compares all pairs.
const SEARCHED: usize = 4096;
/// Fewer moves than that, tried one by one, are not worth looking for.
const LEAST_TRIALS: usize = 8;
/// Moves that are tried side by side; the first that helps is kept, as if they were tried one after another.
const AT_ONCE: usize = 4;
