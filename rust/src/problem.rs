//! What solving is asked, and what it answers.

use std::time::Duration;

use crate::cloud::Cloud;
use crate::effort::Effort;
use crate::fit::Fit;
use crate::init::Init;
use crate::known::Known;
use crate::medians;
use crate::pins::Pins;
use crate::pixels::{Key, Rgba};
use crate::space::Space;

/// What to make small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// The weighted sum of squared distances: k-means.
    Squared,
    /// The weighted sum of distances: k-medians, from where k-means ends.
    Euclidean,
}

impl Objective {
    /// What the objective comes to for the points of `cloud`.
    pub fn error(self, cloud: &Cloud, fit: &Fit) -> f64 {
        match self {
            Objective::Squared => fit.error(),
            Objective::Euclidean => medians::distances(cloud, fit),
        }
    }
}

/// How to solve.
#[derive(Clone, Debug)]
pub struct Options {
    /// The space in which colors are near or far.
    pub space: Space,
    /// What to make small.
    pub objective: Objective,
    /// How long to search.
    pub effort: Effort,
    /// Colors that are in the palette whatever comes.
    pub pinned: Pins,
    /// Colors of flat areas: an entry that mostly serves one of them becomes it.
    pub anchors: Vec<Key>,
    /// Where to start.
    pub init: Init,
    /// How many starts; the best result counts.
    pub attempts: usize,
    /// What the starts' random numbers depend on.
    pub seed: u64,
    /// Most passes of an attempt; the effort decides when left out.
    pub max_iterations: Option<usize>,
    /// The relative gain of a pass below which passes end; the effort decides when left out.
    pub tolerance: Option<f64>,
    /// Whether to find out which entry is nearest to each color.
    pub known: bool,
    /// Time after which nothing more begins: no pass over all colors, no trial of a few passes over cells.
    pub time_limit: Option<Duration>,
}

impl Options {
    /// The defaults.
    pub fn new(space: Space, effort: Effort) -> Self {
        Self {
            space,
            objective: Objective::Squared,
            effort,
            pinned: Pins::default(),
            anchors: Vec::new(),
            init: Init::Divisive,
            attempts: 1,
            seed: 0,
            max_iterations: None,
            tolerance: None,
            known: true,
            time_limit: None,
        }
    }
}

/// A solved palette.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Solution {
    /// The colors: the pinned ones, then the most used first.
    pub palette: Vec<Rgba>,
    /// How many pixels each color is nearest to.
    pub weights: Vec<u64>,
    /// Which of them is nearest to each of the colors that were to be served; `None` where that is not known, and where
    /// some are not opaque.
    pub known: Option<Known>,
    /// The objective: weighted sum of squared distances, or of distances, to the nearest color, in the working space.
    pub error: f64,
    /// Passes made, in all attempts.
    pub iterations: usize,
    /// The error of each attempt.
    pub attempt_errors: Vec<f64>,
    /// Why the passes ended.
    pub ended: Ended,
}

impl Solution {
    /// The palette of this one, found on the way to another that is no nearer.
    pub fn with_attempts_of(self, other: Solution) -> Self {
        let mut attempt_errors = other.attempt_errors;
        attempt_errors[0] = attempt_errors[0].min(self.error);
        Self { attempt_errors, iterations: other.iterations, ended: other.ended, ..self }
    }
}

/// Why passes ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ended {
    /// The last one gained less than the tolerance.
    #[default]
    Converged,
    /// There had been as many as allowed.
    Iterations,
    /// The time was over.
    Time,
}

/// Solving was ended by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;
