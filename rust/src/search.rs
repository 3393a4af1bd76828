//! Out of local optima: take away the center that is missed least, cut in two the one that gains most by it.
//!
//! Lloyd's passes move centers only a little; a center that is wasted on one region stays there. Each round pairs the
//! centers that are missed least with the most gainful cuts, repairs by a few passes, and is kept only if the error fell.

use rayon::prelude::*;

use crate::candidates::distance;
use crate::cloud::{BLOCK, Cloud};
use crate::divide::{Cut, Points, Slice};
use crate::fit::Fit;
use crate::moments::{Moments, squared};
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
    /// What becoming two gains less what the loss costs, before any repair.
    gain: f64,
}

impl Move {
    /// The centers that it is about.
    fn centers(&self) -> [usize; 3] {
        [self.freed, self.heir, self.split]
    }

    /// Moves the centers.
    pub fn apply(&self, centers: &mut [Point]) {
        [centers[self.freed], centers[self.split]] = self.halves;
    }
}

/// A center, its points, and what would become of them.
struct Site {
    start: usize,
    end: usize,
    moments: Moments,
    /// How much the error grows when the points turn to the centers nearest to this one, and where most turn to.
    loss: f64,
    heir: usize,
    /// How the center would best become two.
    pair: Option<Pair>,
}

/// Two places for the points of one center, and by how much the squared error falls.
struct Pair {
    places: [Point; 2],
    gain: f64,
}

impl Pair {
    /// The means of both sides of the best cut; `None` when the points are all alike.
    fn halves(points: Slice, whole: &Moments) -> Option<Self> {
        let cut = Cut::best(points, whole)?;
        Some(Self { places: [cut.left, cut.right].map(|side| place(&side)), gain: cut.gain })
    }

    /// A pinned center, and a new one for one side of the best cut, or for all; `None` when it is where its points are.
    fn beside(pin: Point, points: Slice, whole: &Moments) -> Option<Self> {
        let cut = Cut::best(points, whole);
        let sides = cut.iter().flat_map(|cut| [cut.left, cut.right]).chain([*whole]);
        let gained = sides.map(|side| (apart_from(pin, &side), place(&side)));
        let (gain, place) = gained.reduce(|a, b| if b.0 > a.0 { b } else { a })?;
        (gain > 0.0).then_some(Self { places: [place, pin], gain })
    }
}

fn place(moments: &Moments) -> Point {
    moments.mean().map(|x| x as f32)
}

/// What it costs to turn points from their mean to a pinned center.
fn apart_from(pin: Point, moments: &Moments) -> f64 {
    if moments.weight > 0.0 { moments.weight * squared(moments.mean(), pin.map(f64::from)) } else { 0.0 }
}

/// What can be done about the centers of a fit, of which there are two or more: moves, those that gain most or lose least
/// before any repair first.
pub fn moves(cloud: &Cloud, fit: &Fit) -> Vec<Move> {
    let centers = &fit.centers[..];
    let (points, starts) = Points::grouped(cloud, &fit.assignment.labels(cloud), centers.len());
    let all: Vec<usize> = (0..centers.len()).collect();
    let sites: Vec<Site> =
        all.par_iter().with_min_len(8).map(|&i| Site::new(fit, i, &points, starts[i], starts[i + 1])).collect();
    let mut widest: Vec<(usize, &Pair)> =
        sites.iter().enumerate().filter_map(|(i, site)| Some((i, site.pair.as_ref()?))).collect();
    widest.sort_by(|(_, a), (_, b)| b.gain.total_cmp(&a.gain));
    let mut cheapest = all[fit.pinned..].to_vec();
    cheapest.sort_by(|&a, &b| sites[a].loss.total_cmp(&sites[b].loss));

    let mut moves = Vec::new();
    for (rank, &freed) in cheapest.iter().enumerate() {
        let (site, heir) = (&sites[freed], sites[freed].heir);
        let mut propose = |split: usize, pair: &Pair, cost: f64| {
            moves.push(Move { freed, heir, split, halves: pair.places, gain: pair.gain - cost });
        };
        // All pairings of the first few; beyond them, the next cheapest with the next widest.
        let (skip, take) = if rank < PAIRED { (0, PAIRED) } else { (rank, 1) };
        for &(split, pair) in widest.iter().skip(skip).take(take).filter(|&&(split, _)| split != freed) {
            propose(split, pair, site.loss);
        }
        if rank < PAIRED {
            let (union, moments) = points.union([site, &sites[heir]].map(|site| site.start..site.end));
            let union = union.slice(0, union.len());
            let (pair, cost) = if heir < fit.pinned {
                (Pair::beside(centers[heir], union, &moments), apart_from(centers[heir], &site.moments))
            } else {
                (Pair::halves(union, &moments), site.moments.apart(&sites[heir].moments))
            };
            if let Some(pair) = pair {
                propose(heir, &pair, cost);
            }
        }
    }
    moves.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    moves
}

impl Site {
    fn new(fit: &Fit, i: usize, points: &Points, start: usize, end: usize) -> Self {
        let centers = &fit.centers[..];
        let own = points.slice(start, end);
        let moments = own.moments();
        let pair = match moments.weight > 0.0 {
            true if i < fit.pinned => Pair::beside(centers[i], own, &moments),
            true => Pair::halves(own, &moments),
            false => None,
        };
        let around = neighbors(centers, i);
        let (loss, turned) = vectorized(
            #[inline(always)]
            || turn(own, centers, i, &around),
        );
        let most = (0..around.len()).max_by(|&a, &b| turned[a].total_cmp(&turned[b]).then(b.cmp(&a)));
        let heir = around[most.expect("there are two centers or more")];
        Self { start, end, moments, loss, heir, pair }
    }
}

/// The centers nearest to center `i`, at most `AROUND` of them.
fn neighbors(centers: &[Point], i: usize) -> Vec<usize> {
    let mut others = vec![0u64; centers.len()];
    vectorized(
        #[inline(always)]
        || {
            for (j, &other) in centers.iter().enumerate() {
                // Squares are not negative: their bits order as they do.
                others[j] = u64::from(distance::<4>(centers[i], other).to_bits()) << 32 | j as u64;
            }
        },
    );
    others.swap_remove(i);
    if others.len() > AROUND {
        others.select_nth_unstable(AROUND - 1);
        others.truncate(AROUND);
        others.sort_unstable();
    }
    others.into_iter().map(|packed| packed as u32 as usize).collect()
}

/// How many neighbors of a center are thought to get its points when it goes.
const AROUND: usize = 16;

/// What it costs to turn all points of center `i` to the nearest of the centers `around`, and what weight each gets.
#[inline(always)]
fn turn(points: Slice, centers: &[Point], i: usize, around: &[usize]) -> (f64, [f64; AROUND]) {
    let mut loss = 0.0;
    let mut turned = [0.0; AROUND];
    for start in (0..points.len()).step_by(BLOCK) {
        let (planes, weights) = points.block(start);
        let mut least = [f32::INFINITY; BLOCK];
        let mut to = [0u32; BLOCK];
        for (number, &other) in around.iter().enumerate() {
            let squares = squares(&planes, centers[other]);
            for lane in 0..BLOCK {
                let nearer = squares[lane] < least[lane];
                least[lane] = if nearer { squares[lane] } else { least[lane] };
                to[lane] = if nearer { number as u32 } else { to[lane] };
            }
        }
        let before = squares(&planes, centers[i]);
        for lane in 0..BLOCK {
            loss += f64::from(weights[lane]) * f64::from(least[lane] - before[lane]);
            turned[to[lane] as usize] += f64::from(weights[lane]);
        }
    }
    (loss, turned)
}

#[inline(always)]
fn squares(planes: &[[f32; BLOCK]; 4], center: Point) -> [f32; BLOCK] {
    let mut squares = [0.0; BLOCK];
    for lane in 0..BLOCK {
        for d in 0..4 {
            let x = planes[d][lane] - center[d];
            squares[lane] += x * x;
        }
    }
    squares
}

/// Every two of `moves` that share no center: what neither does alone they may do together.
pub fn pairs(moves: &[Move]) -> impl Iterator<Item = Vec<&Move>> {
    let apart = |a: &Move, b: &Move| !b.centers().iter().any(|center| a.centers().contains(center));
    let with =
        move |(i, one)| moves[i + 1..].iter().filter(move |other| apart(one, other)).map(move |other| vec![one, other]);
    moves.iter().enumerate().flat_map(with)
}

/// The first `most` of `moves` that gain and share no center.
pub fn together(moves: &[Move], centers: usize, most: usize) -> Vec<&Move> {
    let mut taken = vec![false; centers];
    let mut chosen = Vec::new();
    for step in moves.iter().take_while(|step| step.gain > 0.0) {
        if chosen.len() < most && !step.centers().iter().any(|&center| taken[center]) {
            for center in step.centers() {
                taken[center] = true;
            }
            chosen.push(step);
        }
    }
    chosen
}

/// Of so many cheapest losses and widest cuts, every pairing is proposed.
const PAIRED: usize = 16;
