//! Some moves of centers, tried: made, and repaired by a few passes over the cells.

use crate::cloud::Cloud;
use crate::effort::Budget;
use crate::fit::{Descent, Fit, Pace};
use crate::search::Move;

/// A trial is given up when it would need so many steps like the last one to reach what it shall undercut.
const HOPE: f64 = 4.0;

/// Centers after some moves and the repair.
pub struct Trial {
    /// What came of it.
    pub fit: Fit,
    /// Passes made.
    pub passes: usize,
}

impl Trial {
    /// Applies moves to `fit` and repairs, in at most `most` passes.
    pub fn new(cells: &Cloud, fit: &Fit, moves: &[&Move], budget: &Budget, most: usize) -> Self {
        let goal = fit.error();
        let mut fit = fit.clone();
        let mut centers = fit.centers.clone();
        moves.iter().for_each(|one| one.apply(&mut centers));
        fit.replace(cells, centers);
        let mut descent = Descent::new(Pace::BRISK, budget.repair_passes.min(most) - 1, budget.tolerance);
        while !descent.is_over() {
            let before = fit.error();
            descent.step(cells, &mut fit);
            if fit.error() - goal > HOPE * (before - fit.error()).max(0.0) {
                break;
            }
        }
        Self { fit, passes: 1 + descent.made }
    }
}
