//! Out of local optima: take away the center that is missed least, cut in two the one that gains most by it.
//!
//! Lloyd's passes move centers only a little; a center that is wasted on one region stays there. Each round pairs the
//! centers that are missed least with the most gainful cuts, repairs by a few passes, and is kept only if the error fell.

use rayon::prelude::*;

use crate::cloud::{BLOCK, Cloud, Moments};
use crate::divide::{Cut, Weighted};
use crate::lloyd::{Candidates, Labels, distance, label, pass};
use crate::simd::vectorized;
use crate::space::Point;

/// One way to spend a center better.
pub struct Move {
    /// The center that goes elsewhere, and the one to which most of its points turn then.
    freed: usize,
    heir: usize,
    /// The center that becomes two; `heir` where the union of it and `freed` is cut anew.
    split: usize,
    halves: [Point; 2],
    /// What the cut gains less what the loss costs, before any repair.
    gain: f64,
}

impl Move {
    /// Moves the centers.
    pub fn apply(&self, centers: &mut [Point]) {
        [centers[self.freed], centers[self.split]] = self.halves;
    }
}

/// A center, its points, and what would become of them.
struct Site {
    points: Vec<Weighted>,
    moments: Moments,
    /// How much the error grows when the points turn to the centers nearest to this one, and where most turn to.
    loss: f64,
    heir: usize,
    /// How the center would best become two.
    cut: Option<Cut>,
}

/// What can be done about `centers`, of which there are two or more: moves, those that gain most or lose least before
/// any repair first.
pub fn moves(cloud: &Cloud, centers: &[Point]) -> Vec<Move> {
    let mut groups = vec![Vec::new(); centers.len()];
    for (i, &center) in label(cloud, centers).nearest.iter().enumerate() {
        groups[center as usize].push((cloud.point(i), cloud.weights[i]));
    }
    let sites: Vec<Site> =
        groups.into_par_iter().enumerate().map(|(i, points)| Site::new(centers, i, points)).collect();
    let mut widest: Vec<(usize, &Cut)> =
        sites.iter().enumerate().filter_map(|(i, site)| Some((i, site.cut.as_ref()?))).collect();
    widest.sort_by(|(_, a), (_, b)| b.gain.total_cmp(&a.gain));
    let mut cheapest: Vec<usize> = (0..centers.len()).collect();
    cheapest.sort_by(|&a, &b| sites[a].loss.total_cmp(&sites[b].loss));

    let mut moves = Vec::new();
    for (rank, &freed) in cheapest.iter().enumerate() {
        let (site, heir) = (&sites[freed], sites[freed].heir);
        let mut propose = |split: usize, cut: &Cut, cost: f64| {
            let halves = [cut.left, cut.right].map(|side| side.mean().map(|x| x as f32));
            moves.push(Move { freed, heir, split, halves, gain: cut.gain - cost });
        };
        // All pairings of the first few; beyond them, the next cheapest with the next widest.
        let (skip, take) = if rank < PAIRED { (0, PAIRED) } else { (rank, 1) };
        for &(split, cut) in widest.iter().skip(skip).take(take).filter(|&&(split, _)| split != freed) {
            propose(split, cut, site.loss);
        }
        if rank < PAIRED {
            let union = [&site.points[..], &sites[heir].points].concat();
            let mut moments = site.moments;
            moments.merge(&sites[heir].moments);
            if let Some(cut) = Cut::best(&union, &moments) {
                propose(heir, &cut, site.moments.apart(&sites[heir].moments));
            }
        }
    }
    moves.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    moves
}

impl Site {
    fn new(centers: &[Point], i: usize, points: Vec<Weighted>) -> Self {
        let mut moments = Moments::default();
        for &(point, weight) in &points {
            moments.add(point.map(f64::from), weight);
        }
        let mut others: Vec<(f32, usize)> =
            centers.iter().map(|&other| distance::<4>(centers[i], other)).zip(0..).filter(|&(_, j)| j != i).collect();
        if others.len() > BLOCK {
            others.select_nth_unstable_by(BLOCK - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            others.truncate(BLOCK);
        }
        let around: Vec<Point> = others.iter().map(|&(_, j)| centers[j]).collect();
        let around = Candidates::new(&around, 0.0);
        let mut loss = 0.0;
        let mut turned = [0.0; BLOCK];
        vectorized(
            #[inline(always)]
            || {
                for &(point, weight) in &points {
                    let (to, square) = around.find::<4>(point);
                    loss += weight * f64::from(square - distance::<4>(point, centers[i]));
                    turned[to] += weight;
                }
            },
        );
        let most = (0..others.len()).max_by(|&a, &b| turned[a].total_cmp(&turned[b]).then(b.cmp(&a)));
        let heir = others[most.expect("there are two centers or more")].1;
        let cut = Cut::best(&points, &moments);
        Self { points, moments, loss, heir, cut }
    }
}

/// The first `most` of `moves` that gain and share no center.
pub fn together(moves: &[Move], centers: usize, most: usize) -> Vec<&Move> {
    let mut taken = vec![false; centers];
    let mut chosen = Vec::new();
    for step in moves.iter().take_while(|step| step.gain > 0.0) {
        if chosen.len() < most && ![step.freed, step.heir, step.split].iter().any(|&center| taken[center]) {
            for center in [step.freed, step.heir, step.split] {
                taken[center] = true;
            }
            chosen.push(step);
        }
    }
    chosen
}

/// Of so many cheapest losses and widest cuts, every pairing is proposed.
const PAIRED: usize = 16;

/// Runs one pass and moves each center to the mean of its points; returns the error before the move.
///
/// A center that got no point goes to the worst-served one.
pub fn step(cloud: &Cloud, centers: &mut [Point]) -> f64 {
    let found = pass(cloud, centers);
    let empty: Vec<usize> = (0..centers.len()).filter(|&i| found.moments[i].weight == 0.0).collect();
    if !empty.is_empty() {
        let worst = worst_served(cloud, &label(cloud, centers), empty.len());
        for (center, point) in empty.into_iter().zip(worst) {
            centers[center] = cloud.point(point);
        }
    }
    for (center, moments) in centers.iter_mut().zip(&found.moments) {
        if moments.weight > 0.0 {
            *center = moments.mean().map(|x| x as f32);
        }
    }
    found.error
}

/// The `most` points that add most to the error, the worst first; only such as add to it.
pub fn worst_served(cloud: &Cloud, labels: &Labels, most: usize) -> Vec<usize> {
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
