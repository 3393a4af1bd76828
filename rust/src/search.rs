//! Out of local optima: merge the two centers that are cheapest to merge, cut in two the one that gains most by it.
//!
//! Lloyd's passes move centers only a little; a center that is wasted on one region stays there. Each round pairs the
//! cheapest merges with the most gainful cuts as long as a cut gains more than its merge costs, repairs by a few
//! passes, and is kept only if the error fell.

use rayon::prelude::*;

use crate::cloud::{Cloud, Moments, squared};
use crate::divide::{Cut, Weighted};
use crate::lloyd::{label, pass};
use crate::space::Point;

/// One way to spend a center better.
#[derive(Clone)]
pub struct Move {
    /// The two centers that become one at `merged`.
    kept: usize,
    freed: usize,
    merged: Point,
    /// The center that becomes two; `kept` itself where the union of both is cut anew.
    split: usize,
    halves: [Point; 2],
    /// What the cut gains less what the merge costs, before any repair.
    gain: f64,
}

impl Move {
    /// Moves the centers.
    pub fn apply(&self, centers: &mut [Point]) {
        centers[self.kept] = self.merged;
        [centers[self.freed], centers[self.split]] = self.halves;
    }
}

/// What can be done about `centers`: the moves that gain most, or lose least, before any repair.
pub fn moves(cloud: &Cloud, centers: &[Point]) -> Vec<Move> {
    let groups = groups(cloud, centers);
    let moments: Vec<Moments> = groups.par_iter().map(|points| sum(points)).collect();
    let cuts: Vec<Option<Cut>> =
        groups.par_iter().zip(&moments).map(|(points, moments)| Cut::best(points, moments)).collect();
    let mut widest: Vec<usize> = (0..centers.len()).filter(|&i| cuts[i].is_some()).collect();
    let gain = |i: usize| cuts[i].as_ref().map_or(0.0, |cut| cut.gain);
    widest.sort_by(|&a, &b| gain(b).total_cmp(&gain(a)));

    let mut merges: Vec<Merge> =
        (0..centers.len()).into_par_iter().flat_map_iter(|i| cheapest_merges(&moments, i)).collect();
    merges.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let recut = merges.len().min(RECUTS);
    let unions: Vec<Option<Cut>> = merges[..recut]
        .par_iter()
        .map(|merge| Cut::best(&[&groups[merge.kept][..], &groups[merge.freed]].concat(), &merge.moments))
        .collect();

    let mut moves = Vec::new();
    for (i, &Merge { cost, kept, freed, moments }) in merges.iter().enumerate() {
        let merged = narrow(moments.mean());
        let mut propose = |split: usize, cut: &Cut| {
            let halves = [narrow(cut.left.mean()), narrow(cut.right.mean())];
            moves.push(Move { kept, freed, merged, split, halves, gain: cut.gain - cost });
        };
        // The i-th cheapest merge pays for the i-th widest cut and those about it.
        let others = widest.iter().filter(|&&split| split != kept && split != freed);
        for &split in others.clone().skip(i.min(widest.len().saturating_sub(4))).take(1) {
            propose(split, cuts[split].as_ref().expect("only such are listed"));
        }
        if i < RECUTS {
            for &split in others.take(4) {
                propose(split, cuts[split].as_ref().expect("only such are listed"));
            }
        }
        if let Some(Some(cut)) = unions.get(i) {
            propose(kept, cut);
        }
    }
    moves.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    moves
}

/// The first `most` of `moves` that gain and share no center.
pub fn together(moves: &[Move], centers: usize, most: usize) -> Vec<&Move> {
    let mut taken = vec![false; centers];
    let mut chosen = Vec::new();
    for step in moves.iter().take_while(|step| step.gain > 0.0) {
        if chosen.len() < most && ![step.kept, step.freed, step.split].iter().any(|&center| taken[center]) {
            for center in [step.kept, step.freed, step.split] {
                taken[center] = true;
            }
            chosen.push(step);
        }
    }
    chosen
}

/// Merges for which all other cuts, and the cut of the union, are proposed.
const RECUTS: usize = 16;

fn narrow(point: [f64; 4]) -> Point {
    point.map(|x| x as f32)
}

/// The points of each center.
fn groups(cloud: &Cloud, centers: &[Point]) -> Vec<Vec<Weighted>> {
    let labels = label(cloud, centers);
    let mut groups = vec![Vec::new(); centers.len()];
    for (i, &center) in labels.nearest.iter().enumerate() {
        groups[center as usize].push((cloud.point(i), cloud.weights[i]));
    }
    groups
}

fn sum(points: &[Weighted]) -> Moments {
    let mut moments = Moments::default();
    for &(point, weight) in points {
        moments.add(point.map(f64::from), weight);
    }
    moments
}

/// Two centers that could be one, and what that costs.
struct Merge {
    cost: f64,
    kept: usize,
    freed: usize,
    moments: Moments,
}

/// The cheapest merges of center `i` with a later one: all of them when there are few, else one (J. H. Ward,
/// "Hierarchical grouping to optimize an objective function", 1963).
fn cheapest_merges(moments: &[Moments], i: usize) -> Vec<Merge> {
    let mine = &moments[i];
    let merge = |j: usize| {
        let mut both = *mine;
        both.merge(&moments[j]);
        let apart = squared(mine.mean(), moments[j].mean());
        Merge { cost: apart * (mine.weight * moments[j].weight / both.weight), kept: j, freed: i, moments: both }
    };
    if mine.weight == 0.0 {
        return Vec::new();
    }
    let few = moments.len() <= 16;
    let partners = (0..moments.len()).filter(|&j| j != i && (!few || j > i) && moments[j].weight > 0.0).map(merge);
    if few { partners.collect() } else { partners.min_by(|a, b| a.cost.total_cmp(&b.cost)).into_iter().collect() }
}

/// Runs one pass and moves each center to the mean of its points; returns the error before the move.
///
/// A center that got no point goes to the worst-served one.
pub fn step(cloud: &Cloud, centers: &mut [Point]) -> f64 {
    let found = pass(cloud, centers);
    let empty: Vec<usize> = (0..centers.len()).filter(|&i| found.moments[i].weight == 0.0).collect();
    let worst = if empty.is_empty() { Vec::new() } else { worst_served(cloud, centers, empty.len()) };
    for (center, moments) in centers.iter_mut().zip(&found.moments) {
        if moments.weight > 0.0 {
            *center = narrow(moments.mean());
        }
    }
    for (center, point) in empty.into_iter().zip(worst) {
        centers[center] = cloud.point(point);
    }
    found.error
}

/// The `most` points that add most to the error, the worst first; only such as add to it.
pub fn worst_served(cloud: &Cloud, centers: &[Point], most: usize) -> Vec<usize> {
    let labels = label(cloud, centers);
    let share = |i: usize| cloud.weights[i] * f64::from(labels.distance[i]);
    let mut points: Vec<usize> = (0..cloud.len()).filter(|&i| share(i) > 0.0).collect();
    let order = |&a: &usize, &b: &usize| share(b).total_cmp(&share(a)).then(a.cmp(&b));
    if most < points.len() {
        points.select_nth_unstable_by(most, order);
        points.truncate(most);
    }
    points.sort_unstable_by(order);
    points
}
