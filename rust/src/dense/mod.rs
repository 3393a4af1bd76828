//! k-means for points of any number of dimensions.
//!
//! Lloyd's algorithm (S. P. Lloyd, "Least squares quantization in PCM", 1982). A point whose nearest center cannot have
//! changed is not asked again: a bound on the way to its own center and one on the way to any other tell (G. Hamerly,
//! "Making k-means even faster", 2010). The others are asked sixteen at once in 32 bits, as |c|^2 - 2xc; where rounding
//! could have decided, 64 bits decide, so that labels equal those of computing every distance in 64 bits, ties to the
//! lower center. Sums are of 64 bits, in fixed chunks that are merged in their order.

use rayon::prelude::*;

use crate::dense::pass::{ABOVE, DOWN, NOBODY, Pass, Sums, UP};
use crate::dense::scaled::{LANES, Points, Real, Scaled};
use crate::dense::table::Table;
use crate::init::Random;

mod cells;
mod pass;
pub mod scaled;
mod seeds;
mod table;

/// Where the first attempt starts.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a, T> {
    /// From cells of the points in few dimensions, by k-means++ in many.
    KMeansPlusPlus,
    /// Points drawn at random, each as likely as its weight.
    Random,
    /// These centers, `k` rows.
    Centers(&'a [T]),
    /// The means of the points that share a label, one for each point, from 0 to `k` - 1.
    Labels(&'a [i32]),
}

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Starts; the best result counts. From the second on they are by k-means++ unless they are random.
    pub attempts: usize,
    /// Most moves of the centers in an attempt.
    pub max_iterations: usize,
    /// A move of every center by at most this distance ends an attempt.
    pub epsilon: f64,
    /// Whether `epsilon` is for all centers together: for the root of the sum of their squared moves.
    pub together: bool,
    /// What random numbers depend on.
    pub seed: u64,
}

/// What k-means found.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters<T> {
    /// Number of the center nearest to each point.
    pub labels: Vec<i32>,
    /// The centers, row after row.
    pub centers: Vec<T>,
    /// Weighted sum of squared distances to the nearest centers.
    pub compactness: f64,
    /// Moves of the centers in the attempt that counts.
    pub iterations: usize,
}

/// The work was ended by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Finds `k` centers for `points`, of which there are at least `k`, all finite. `goes_on` is asked before each pass.
///
/// Every center is nearest to some point as long as there are that many distinct points of some weight.
pub fn cluster<T: Real>(
    points: Points<T>,
    k: usize,
    start: Start<T>,
    limits: &Limits,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Clusters<T>, Cancelled> {
    let scaled = Scaled::new(points);
    let mut random = Random::new(limits.seed);
    let mut best: Option<Clusters<T>> = None;
    for attempt in 0..limits.attempts {
        let start = if attempt == 0 || matches!(start, Start::Random) { start } else { Start::KMeansPlusPlus };
        let mut coarse = None;
        if let Start::KMeansPlusPlus = start {
            coarse = cells::centers(&scaled, k, limits.attempts - attempt, &mut random);
        }
        // What cells give is the same each time.
        let is_last = coarse.is_some();
        let mut lloyd = match start {
            Start::Labels(labels) => Lloyd::from_labels(&scaled, k, labels),
            Start::Centers(centers) => Lloyd::new(&scaled, centers.to_vec()),
            Start::Random => Lloyd::new(&scaled, seeds::random(&scaled, k, &mut random)),
            Start::KMeansPlusPlus => {
                Lloyd::new(&scaled, coarse.unwrap_or_else(|| seeds::plus_plus(&scaled, k, &mut random)))
            }
        };
        let iterations = lloyd.run(limits, goes_on)?;
        let compactness = lloyd.compactness();
        if best.as_ref().is_none_or(|best| compactness < best.compactness) {
            let Lloyd { labels, centers, .. } = lloyd;
            best = Some(Clusters { labels, centers, compactness, iterations });
        }
        if is_last {
            break;
        }
    }
    Ok(best.expect("at least one attempt"))
}

/// The number of the center nearest to each point, ties to the lower, and the weighted sum of squared distances.
pub fn assign<T: Real>(points: Points<T>, centers: &[T]) -> (Vec<i32>, f64) {
    let scaled = Scaled::new(points);
    let mut lloyd = Lloyd::new(&scaled, centers.to_vec());
    lloyd.assign();
    let compactness = lloyd.compactness();
    (lloyd.labels, compactness)
}

/// Points of a chunk: at least so many, and at least so many for each center, so that sums stay smaller than points.
const CHUNK: usize = 1 << 12;
const CHUNK_PER_CENTER: usize = 4;
/// Chunks there are at most.
const MOST_CHUNKS: usize = 64;
/// Where centers times dimensions are fewer, asking all costs less than remembering.
const WORTH_BOUNDS: usize = 48;

/// Points, centers, and whose each point is.
struct Lloyd<'a, T> {
    scaled: &'a Scaled<'a, T>,
    k: usize,
    centers: Vec<T>,
    labels: Vec<i32>,
    /// At least the distance of each point to its center, and at most that to any other, both scaled; empty where centers
    /// are few.
    bounds: Vec<[f32; 2]>,
    sums: Sums,
}

/// How far centers moved.
struct Moved {
    farthest: f64,
    together: f64,
}

impl Moved {
    fn by(&self, together: bool) -> f64 {
        if together { self.together } else { self.farthest }
    }
}

impl<'a, T: Real> Lloyd<'a, T> {
    fn new(scaled: &'a Scaled<'a, T>, centers: Vec<T>) -> Self {
        let (n, dimensions) = (scaled.len(), scaled.dimensions());
        let k = centers.len() / dimensions;
        let bounds = if k * dimensions < WORTH_BOUNDS { Vec::new() } else { vec![[f32::INFINITY, 0.0]; n] };
        Self { scaled, k, centers, labels: vec![NOBODY; n], bounds, sums: Sums::new(k, dimensions) }
    }

    fn from_labels(scaled: &'a Scaled<'a, T>, k: usize, labels: &[i32]) -> Self {
        let points = scaled.points;
        let mut lloyd = Self::new(scaled, vec![T::narrow(0.0); k * points.dimensions]);
        for (i, &label) in labels.iter().enumerate() {
            lloyd.sums.add::<0, T>(label, points.row(i), points.weight(i), 1.0);
        }
        lloyd.labels.copy_from_slice(labels);
        let mut centers = lloyd.means();
        // Labels that nobody has: the points worst served by the others take them.
        let empty = lloyd.empty();
        if empty.len() < k {
            let first = (0..k).find(|c| !empty.contains(c)).expect("some label is there");
            for &c in &empty {
                let row = centers[first * points.dimensions..][..points.dimensions].to_vec();
                centers[c * points.dimensions..][..points.dimensions].copy_from_slice(&row);
            }
        }
        Self::new(scaled, centers)
    }

    /// Moves the centers until they rest or a limit is reached; returns how often.
    fn run(&mut self, limits: &Limits, goes_on: &mut dyn FnMut() -> bool) -> Result<usize, Cancelled> {
        let mut pass = |lloyd: &mut Self| {
            if !goes_on() {
                return Err(Cancelled);
            }
            lloyd.assign();
            Ok(())
        };
        pass(self)?;
        let mut made = 0;
        while made < limits.max_iterations {
            made += 1;
            let mut centers = self.means();
            self.relocate(&mut centers);
            let moved = self.move_to(centers);
            pass(self)?;
            if moved.by(limits.together) <= limits.epsilon || self.sums.changed == 0 && self.empty().is_empty() {
                break;
            }
        }
        // The distance of every point to its nearest center only falls here, so this ends.
        loop {
            let mut centers = self.centers.clone();
            if !self.relocate(&mut centers) {
                return Ok(made);
            }
            self.move_to(centers);
            pass(self)?;
        }
    }

    /// The centers that have no point of some weight.
    fn empty(&self) -> Vec<usize> {
        (0..self.k).filter(|&c| self.sums.counts[c] == 0).collect()
    }

    /// The mean of each center's points; the center itself where it has none.
    fn means(&self) -> Vec<T> {
        let dimensions = self.scaled.dimensions();
        let mut centers = self.centers.clone();
        for c in (0..self.k).filter(|&c| self.sums.counts[c] > 0) {
            for at in c * dimensions..(c + 1) * dimensions {
                centers[at] = T::narrow(self.sums.points[at] / self.sums.weights[c]);
            }
        }
        centers
    }

    /// Puts centers without points at the points farthest from theirs, each at another place; whether there were both.
    fn relocate(&self, centers: &mut [T]) -> bool {
        let empty = self.empty();
        if empty.is_empty() {
            return false;
        }
        let (points, dimensions) = (self.scaled.points, self.scaled.dimensions());
        let squares: Vec<f64> =
            self.labels.par_iter().enumerate().with_min_len(CHUNK).map(|(i, &label)| self.square(i, label)).collect();
        let mut farthest: Vec<usize> =
            (0..squares.len()).filter(|&i| squares[i] > 0.0 && points.weight(i) > 0.0).collect();
        farthest.sort_unstable_by(|&a, &b| squares[b].total_cmp(&squares[a]).then(a.cmp(&b)));
        let mut taken: Vec<&[T]> = Vec::new();
        for row in farthest.iter().map(|&i| points.row(i)) {
            if taken.len() == empty.len() {
                break;
            }
            if !taken.contains(&row) {
                taken.push(row);
            }
        }
        for (&c, row) in empty.iter().zip(&taken) {
            centers[c * dimensions..][..dimensions].copy_from_slice(row);
        }
        !taken.is_empty()
    }

    /// Takes other centers and widens the bounds.
    fn move_to(&mut self, centers: Vec<T>) -> Moved {
        let dimensions = self.scaled.dimensions();
        let rows = self.centers.chunks_exact(dimensions).zip(centers.chunks_exact(dimensions));
        let moves: Vec<f64> = rows.map(|(from, to)| self.scaled.square(from, to).sqrt()).collect();
        let farthest = (0..self.k).max_by(|&a, &b| moves[a].total_cmp(&moves[b])).expect("there are centers");
        let others = (0..self.k).filter(|&c| c != farthest).map(|c| moves[c]).fold(0.0, f64::max);
        let up: Vec<f32> = moves.iter().map(|&moved| (moved * ABOVE) as f32).collect();
        let down = |c: usize| ((if c == farthest { others } else { moves[farthest] }) * ABOVE) as f32;
        let down: Vec<f32> = (0..self.k).map(down).collect();
        let labelled = self.bounds.par_iter_mut().zip(&self.labels).with_min_len(CHUNK);
        labelled.for_each(|(bounds, &label)| {
            bounds[0] = (bounds[0] + up[label as usize]) * UP;
            bounds[1] = (bounds[1] - down[label as usize]).max(0.0) * DOWN;
        });
        self.centers = centers;
        let together = moves.iter().map(|moved| moved * moved).sum::<f64>().sqrt();
        Moved { farthest: moves[farthest] / self.scaled.scale, together: together / self.scaled.scale }
    }

    /// Gives every point to its nearest center.
    fn assign(&mut self) {
        let Self { scaled, k, .. } = *self;
        let table = Table::new(scaled, &self.centers);
        let separations = if self.bounds.is_empty() { Vec::new() } else { table.half_separations() };
        let chunk = CHUNK.max(self.labels.len().div_ceil(MOST_CHUNKS)).max(CHUNK_PER_CENTER * k);
        let chunk = chunk.next_multiple_of(LANES);
        let pass = Pass { scaled, centers: &self.centers, table: &table, separations: &separations };
        let run = |(number, (labels, bounds)): (usize, (&mut [i32], &mut [[f32; 2]]))| {
            let mut sums = Sums::new(k, scaled.dimensions());
            match scaled.dimensions() {
                1 => pass.run::<1>(number * chunk, labels, bounds, &mut sums),
                2 => pass.run::<2>(number * chunk, labels, bounds, &mut sums),
                3 => pass.run::<3>(number * chunk, labels, bounds, &mut sums),
                4 => pass.run::<4>(number * chunk, labels, bounds, &mut sums),
                _ => pass.run::<0>(number * chunk, labels, bounds, &mut sums),
            }
            sums
        };
        let labels = self.labels.par_chunks_mut(chunk);
        let done: Vec<Sums> = if self.bounds.is_empty() {
            labels.enumerate().map(|(number, labels)| run((number, (labels, &mut [])))).collect()
        } else {
            labels.zip(self.bounds.par_chunks_mut(chunk)).enumerate().map(run).collect()
        };
        self.sums.changed = 0;
        done.iter().for_each(|sums| self.sums.merge(sums));
    }

    /// Squared distance of a point to a center, scaled.
    #[inline(always)]
    fn square(&self, i: usize, label: i32) -> f64 {
        let (points, dimensions) = (self.scaled.points, self.scaled.dimensions());
        let center = &self.centers[label as usize * dimensions..][..dimensions];
        self.scaled.square(points.row(i), center)
    }

    /// Weighted sum of the squared distances, scaled, of the points from `first` on.
    fn error<const D: usize>(&self, first: usize, labels: &[i32]) -> f64 {
        let (scaled, dimensions) = (self.scaled, if D > 0 { D } else { self.scaled.dimensions() });
        let rows = scaled.points.coordinates[first * dimensions..].chunks_exact(dimensions);
        let mut sum = 0.0;
        for ((i, row), &label) in (first..).zip(rows).zip(labels) {
            let center = &self.centers[label as usize * dimensions..][..dimensions];
            sum += scaled.points.weight(i) * scaled.square(row, center);
        }
        sum
    }

    fn compactness(&self) -> f64 {
        let chunks = self.labels.par_chunks(CHUNK).enumerate();
        let sum = |(chunk, labels): (usize, &[i32])| match self.scaled.dimensions() {
            3 => self.error::<3>(chunk * CHUNK, labels),
            _ => self.error::<0>(chunk * CHUNK, labels),
        };
        let sums: Vec<f64> = chunks.map(sum).collect();
        // Twice, lest the square of the scale be too large or too small for a number.
        sums.iter().sum::<f64>() / self.scaled.scale / self.scaled.scale
    }
}
