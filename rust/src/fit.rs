//! Centers with their points, and one step of Lloyd's algorithm (S. P. Lloyd, "Least squares quantization in PCM", 1982).

use crate::cloud::Cloud;
use crate::lloyd::Assignment;
use crate::pixels::Rgba;
use crate::space::{Point, Space};

/// Centers, and which points of a cloud each has.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The centers.
    pub centers: Vec<Point>,
    /// The points of each.
    pub assignment: Assignment,
    /// So many of them, the first, never move.
    pub pinned: usize,
    /// Where the centers were before the last step.
    before: Vec<Point>,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Times the way to the mean.
    pub stretch: f64,
    /// Times the last step on top of that.
    pub momentum: f64,
}

impl Pace {
    /// Straight to the means: the error never grows.
    pub const PLAIN: Self = Self { stretch: 1.0, momentum: 0.0 };
    /// Beyond the means, and on in the last direction (B. T. Polyak, "Some methods of speeding up the convergence of
    /// iteration methods", 1964): after as many steps the error is lower. Searches find better optima at this pace than
    /// at a greater one.
    pub const BRISK: Self = Self { stretch: 1.8, momentum: 0.5 };
    /// The same, farther: the fastest way down to the next optimum.
    pub const BOLD: Self = Self { stretch: 3.0, momentum: 0.5 };

    /// Where a center gets that is at `now`, was at `before` and shall go toward `goal`.
    pub fn step(self, now: Point, goal: [f64; 4], before: Point) -> Point {
        [0, 1, 2, 3].map(|d| {
            let x = f64::from(now[d]);
            let step = (goal[d] - x) * self.stretch + (x - f64::from(before[d])) * self.momentum;
            (x + step) as f32
        })
    }
}

impl Fit {
    /// Assigns the points of `cloud` to `centers`.
    pub fn new(cloud: &Cloud, centers: Vec<Point>) -> Self {
        Self { assignment: Assignment::new(cloud, &centers), pinned: 0, before: centers.clone(), centers }
    }

    /// The same, the first `pinned` centers fixed.
    pub fn pin(self, pinned: usize) -> Self {
        Self { pinned, ..self }
    }

    /// Weighted sum of squared distances of the points to their centers.
    pub fn error(&self) -> f64 {
        self.assignment.error
    }

    /// Puts other centers in the places of these.
    pub fn replace(&mut self, cloud: &Cloud, centers: Vec<Point>) {
        if centers.len() == self.centers.len() {
            self.assignment.update(cloud, &centers);
            (self.before, self.centers) = (centers.clone(), centers);
        } else {
            *self = Self::new(cloud, centers).pin(self.pinned);
        }
    }

    /// Moves each center that is not pinned toward the mean of its points, and assigns anew. One that has no points goes
    /// to the worst-served one.
    pub fn step(&mut self, cloud: &Cloud, pace: Pace) {
        let moments = &self.assignment.moments;
        let empty: Vec<usize> = (self.pinned..self.centers.len()).filter(|&i| moments[i].weight == 0.0).collect();
        if !empty.is_empty() {
            for (center, point) in empty.iter().zip(self.worst_served(cloud, empty.len())) {
                self.centers[*center] = cloud.point(point);
                self.before[*center] = cloud.point(point);
            }
        }
        let free = self.centers.iter_mut().zip(&mut self.before).zip(moments).skip(self.pinned);
        for ((center, before), moments) in free {
            if moments.weight > 0.0 {
                let now = *center;
                *center = pace.step(now, moments.mean(), *before);
                *before = now;
            }
        }
        self.assignment.update(cloud, &self.centers);
    }

    /// The `most` points that add most to the error, the worst first; only such as add to it.
    pub fn worst_served(&self, cloud: &Cloud, most: usize) -> Vec<usize> {
        let distances = self.assignment.distances(cloud, &self.centers);
        let share = |i: usize| f64::from(cloud.weights[i]) * f64::from(distances[i]);
        let mut points: Vec<usize> = (0..cloud.len()).filter(|&i| share(i) > 0.0).collect();
        let order = |&a: &usize, &b: &usize| share(b).total_cmp(&share(a)).then(a.cmp(&b));
        if most < points.len() {
            points.select_nth_unstable_by(most, order);
            points.truncate(most);
        }
        points.sort_unstable_by(order);
        points
    }
}

/// One of Lloyd's passes as textbooks have it: the center of each color, where the centers go, the error before they do.
pub fn pass(colors: &[Rgba], weights: &[u64], centers: Vec<Point>, space: Space) -> (Vec<u32>, Vec<Point>, f64) {
    let cloud = Cloud::new(colors, weights, space);
    let mut fit = Fit::new(&cloud, centers);
    let mut labels = vec![0; colors.len()];
    for (&color, label) in cloud.colors.iter().zip(fit.assignment.labels(&cloud)) {
        labels[color as usize] = u32::from(label);
    }
    let error = fit.error();
    fit.step(&cloud, Pace::PLAIN);
    (labels, fit.centers, error)
}

/// Steps at a pace, plain ones after one that failed, after one that gained little, and at the end.
pub struct Descent {
    /// Steps made.
    pub made: usize,
    pace: Pace,
    most: usize,
    tolerance: f64,
    /// Whether the next step is a plain one.
    plain: bool,
    /// Whether the last step was a plain one and gained less than the tolerance.
    pub converged: bool,
}

impl Descent {
    /// At most `most` steps, until one gains a share of less than `tolerance`.
    pub fn new(pace: Pace, most: usize, tolerance: f64) -> Self {
        Self { made: 0, pace, most, tolerance, plain: false, converged: false }
    }

    /// Whether no step is left.
    pub fn is_over(&self) -> bool {
        self.converged || self.made == self.most
    }

    /// Makes a step.
    pub fn step(&mut self, cloud: &Cloud, fit: &mut Fit) {
        self.made += 1;
        let before = fit.error();
        let plain = self.plain || self.made == self.most;
        fit.step(cloud, if plain { Pace::PLAIN } else { self.pace });
        self.plain = before - fit.error() <= self.tolerance * before;
        self.converged = plain && self.plain;
    }
}
