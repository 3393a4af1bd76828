//! Boxes cut across their longest side into halves of as many pixels: P. Heckbert, "Color image quantization for frame
//! buffer display", SIGGRAPH (1982). The box of the most pixels is cut next.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::Weighted;
use crate::space::Point;

/// The means of at most `k` boxes.
pub fn centers(set: &Weighted, k: usize) -> Vec<Point> {
    let mut order: Vec<u32> = (0..set.points.len() as u32).collect();
    let mut boxes = BinaryHeap::from([Group { weight: set.weight(&order), start: Reverse(0), end: order.len() }]);
    let mut whole = Vec::new();
    while boxes.len() + whole.len() < k {
        let Some(fullest) = boxes.pop() else { break };
        let (start, end) = (fullest.start.0, fullest.end);
        match cut(set, &mut order[start..end]) {
            Some((length, weight)) => {
                boxes.push(Group { weight, start: Reverse(start), end: start + length });
                boxes.push(Group { weight: fullest.weight - weight, start: Reverse(start + length), end });
            }
            None => whole.push(fullest),
        }
    }
    whole.extend(boxes);
    whole.sort_unstable_by_key(|one| Reverse(one.start));
    whole.iter().filter_map(|one| set.mean(order[one.start.0..one.end].iter().copied())).collect()
}

/// A run of points: the more pixels, the greater; then the earlier.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    weight: u64,
    start: Reverse<usize>,
    end: usize,
}

/// Puts the points of a box in order along its longest side; returns how many of them are in the lower half, and their
/// weight. Points at the same place stay together; `None` when all are.
fn cut(set: &Weighted, members: &mut [u32]) -> Option<(usize, u64)> {
    let first = set.points[members[0] as usize];
    let (mut low, mut high) = (first, first);
    for &i in members.iter() {
        for d in 0..4 {
            low[d] = low[d].min(set.points[i as usize][d]);
            high[d] = high[d].max(set.points[i as usize][d]);
        }
    }
    let longest = (0..4).reduce(|best, d| if high[d] - low[d] > high[best] - low[best] { d } else { best })?;
    let at = |i: u32| set.points[i as usize][longest];
    members.par_sort_unstable_by(|&a, &b| at(a).total_cmp(&at(b)).then(a.cmp(&b)));
    let total = u128::from(set.weight(members));
    let mut left = 0;
    let mut best: Option<(u128, usize, u64)> = None;
    for (i, pair) in members.windows(2).enumerate() {
        left += set.weights[pair[0] as usize];
        if at(pair[0]).partial_cmp(&at(pair[1])) == Some(Ordering::Less) {
            let off = total.abs_diff(2 * u128::from(left));
            if best.is_none_or(|(least, ..)| off < least) {
                best = Some((off, i + 1, left));
            }
        }
    }
    best.map(|(_, length, weight)| (length, weight))
}
