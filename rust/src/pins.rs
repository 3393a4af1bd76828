//! Colors that are in the palette whatever comes: centers that never move, before all others.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::candidates::distance;
use crate::pixels::{Key, Rgba, to_key, to_rgba};
use crate::problem::Solution;
use crate::round::Colors;
use crate::space::{Point, Space};

/// Pinned colors, distinct, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(Vec<Key>);

impl Pins {
    /// These colors.
    pub fn new(colors: &[Rgba]) -> Self {
        Self(colors.iter().map(|&color| to_key(color)).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of `k` colors is the fully transparent one, when some pixels are: one of two or more, if the pins
    /// leave room for it.
    pub fn leave_clear(&self, k: usize) -> bool {
        k > 1 && (self.len() < k || self.0.contains(&0))
    }

    /// Those that are visible, or all, which takes the transparent one for a color like the others.
    pub fn keys(&self, visible: bool) -> Vec<Key> {
        self.0.iter().copied().filter(|&key| !visible || key != 0).collect()
    }

    /// Those and all other colors, exact; `None` where the others are too many for `k`.
    pub fn exact(&self, colors: &[Rgba], weights: &[u64], k: usize) -> Option<Solution> {
        let mut entries: HashMap<Rgba, u64> = self.0.iter().map(|&key| (to_rgba(key), 0)).collect();
        let pinned = colors.iter().filter(|&color| entries.contains_key(color)).count();
        if colors.len() - pinned + self.len() > k {
            return None;
        }
        entries.extend(colors.iter().copied().zip(weights.iter().copied()));
        Some(self.ordered(Solution::default(), entries.into_iter().collect()))
    }

    /// A solution of these colors: the pinned ones as they were given, then the most used first.
    pub fn ordered(&self, solution: Solution, mut entries: Vec<(Rgba, u64)>) -> Solution {
        let places: HashMap<Key, usize> = self.0.iter().copied().zip(0..).collect();
        let place = |color| places.get(&to_key(color)).copied().unwrap_or(usize::MAX);
        entries.sort_unstable_by_key(|&(color, weight)| (place(color), Reverse(weight), color));
        let (palette, weights) = entries.into_iter().unzip();
        Solution { palette, weights, ..solution }
    }
}

/// An entry of which so much has the color of one flat area becomes that color.
const MOST: f64 = 0.5;

/// The entries of a solution, those that are to stay first: the pinned ones, and the most used anchor that an entry serves in
/// the place of it. `None` where that changes nothing. `colors` are ascending, with their weights; the transparent color is
/// left out if `clear`.
pub fn anchored(
    anchors: &[Key],
    pins: &Pins,
    solution: &Solution,
    colors: Colors,
    clear: bool,
) -> Option<(Vec<Key>, Vec<Key>)> {
    if anchors.is_empty() {
        return None;
    }
    let entries: Vec<Key> = solution.palette.iter().map(|&color| to_key(color)).collect();
    let centers = points(&entries, colors.space);
    let mut chosen: Vec<Option<(u64, Reverse<Key>)>> = vec![None; entries.len()];
    for (&key, point) in anchors.iter().zip(points(anchors, colors.space)) {
        let Ok(at) = colors.colors.binary_search(&to_rgba(key)) else { continue };
        let square = |i: usize| distance::<4>(centers[i], point);
        let nearest = (0..centers.len()).min_by(|&a, &b| square(a).total_cmp(&square(b)).then(a.cmp(&b)))?;
        chosen[nearest] = chosen[nearest].max(Some((colors.weights[at], Reverse(key))));
    }
    let mut fixed = pins.keys(clear);
    let mut others = Vec::new();
    let mut changed = false;
    for (i, &entry) in
        entries.iter().enumerate().filter(|&(_, entry)| !(pins.0.contains(entry) || clear && *entry == 0))
    {
        match chosen[i] {
            Some((weight, Reverse(key))) if weight as f64 >= MOST * solution.weights[i] as f64 => {
                fixed.push(key);
                changed |= key != entry;
            }
            _ => others.push(entry),
        }
    }
    others.retain(|entry| !fixed.contains(entry));
    changed.then_some((fixed, others))
}

/// Pinned centers, then others: of those that are too many for `k` in all, each pinned one takes the place of the nearest.
pub fn around(pinned: &[Point], mut others: Vec<Point>, k: usize) -> Vec<Point> {
    let square = |i: usize, others: &[Point], pin| distance::<4>(others[i], pin);
    for &pin in pinned {
        if pinned.len() + others.len() <= k {
            break;
        }
        let nearest = (0..others.len())
            .min_by(|&a, &b| square(a, &others, pin).total_cmp(&square(b, &others, pin)).then(a.cmp(&b)));
        nearest.map(|i| others.remove(i));
    }
    [pinned, &others].concat()
}

/// Keys as points of a space.
pub fn points(keys: &[Key], space: Space) -> Vec<Point> {
    let mut points = vec![[0.0; 4]; keys.len()];
    space.to_points(keys, &mut points);
    points
}
