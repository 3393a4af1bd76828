//! Where rows that are written look nearly as the picture does here.
//!
//! The last shapes of each part of their space are kept. Beside these, what was found for the pixels to the left and above
//! is looked at, equally far back (K. He and J. Sun, "Computing nearest-neighbor fields via propagation-assisted
//! KD-trees", 2012).

use super::costs::{SHORTEST, WINDOW};
use super::least::{LEAST, least, merge};
use super::parts::{FAR, PARTS, Parts, Shape, first, unlike};
use crate::space::Point;

/// Shapes that are kept of each part, at most.
const KEPT: usize = 64;
/// Places that are found.
const FOUND: usize = LEAST;
/// How far aside of the pixel above, at least, is looked.
const ASIDE: u32 = 2;
/// Places that are looked at besides those of a part: above, and what was found for the pixel on the left.
const ABOVE: usize = 2 * ASIDE as usize + 1;
const ASKED: usize = ABOVE + FOUND;
/// Where no more of each part are looked at, they and those above are sorted at once, and nothing else is asked.
pub const FEW: usize = 4 * LEAST - ABOVE;
/// The upper bits of a key are those of a cost, the others tell whose it is.
const WHOSE: u32 = 127;
/// The key of no place.
const NOTHING: u32 = f32::INFINITY.to_bits();
/// None is there yet.
const NOWHERE: u32 = u32::MAX;
const NO_PART: u16 = u16::MAX;

/// What is kept of a part.
#[derive(Clone)]
struct Kept {
    places: [u32; KEPT],
    /// The shapes there, side by side, as processors fetch them at once.
    shapes: [Shape; KEPT],
    /// How many there were.
    count: u32,
}

impl Kept {
    const NOTHING: Self = Self { places: [NOWHERE; KEPT], shapes: [FAR; KEPT], count: 0 };

    /// Takes a shape instead of the oldest of so `many`.
    #[inline(always)]
    fn take(&mut self, many: usize, place: u32, shape: &Shape) {
        let at = self.count as usize % many % KEPT;
        (self.places[at], self.shapes[at]) = (place, *shape);
        self.count += 1;
    }

    /// Whether a place that was taken is still there, of so `many`.
    #[inline(always)]
    fn has(&self, many: usize, place: u32) -> bool {
        let oldest = self.places[self.count as usize % many % KEPT];
        oldest == NOWHERE || place >= oldest
    }
}

/// What is kept of the rows of a band. Places are those in a file, where rows are a byte longer.
pub struct Near<'a, const D: usize> {
    parts: &'a Parts,
    width: usize,
    /// Shapes that are kept of each part.
    many: usize,
    /// Shapes of the last places and the parts that these are in, of place `i` at `i` modulo their number, a power of two.
    written: Vec<(Shape, u16)>,
    kept: Vec<Kept>,
    /// What the row is to look like.
    wanted: Vec<[f32; D]>,
    /// Distances that were found last in this row, the best first; 0 where there are no more.
    found: [u32; FOUND],
}

impl<'a, const D: usize> Near<'a, D> {
    /// Nothing is written; so `many` places are to be looked at in each part, up to 64.
    pub fn new(parts: &'a Parts, width: usize, many: usize) -> Self {
        Self {
            parts,
            width,
            many: many.clamp(1, KEPT),
            written: vec![(FAR, NO_PART); (WINDOW + 2 * (width + 1)).next_power_of_two()],
            kept: vec![Kept::NOTHING; PARTS],
            wanted: vec![[0.0; D]; width],
            found: [0; FOUND],
        }
    }

    /// Begins a row that is to look like `wanted`.
    pub fn begin<'b>(&mut self, wanted: impl Iterator<Item = &'b Point>) {
        for (to, point) in self.wanted.iter_mut().zip(wanted) {
            *to = first(point);
        }
        self.found = [0; FOUND];
    }

    /// Takes row `y` as it is written.
    #[inline(always)]
    pub fn take(&mut self, y: usize, indices: &[u8], entries: &[Point]) {
        let start = y * (self.width + 1);
        let last = self.written.len() - 1;
        // What was wanted is no longer.
        for (to, &index) in self.wanted.iter_mut().zip(indices) {
            *to = first(&entries[usize::from(index)]);
        }
        for x in 0..=self.width {
            let place = start + x;
            let near_end = x + SHORTEST > self.width;
            self.written[place & last] = if near_end {
                (FAR, NO_PART)
            } else {
                let shape = self.parts.shapes.of(&self.wanted, x);
                let part = self.parts.part(&shape);
                self.kept[part].take(self.many, place as u32, &shape);
                (shape, part as u16)
            };
        }
    }

    /// The distances back from column `x` of row `y` at which a match promises to cost least, the best first, and 0 where
    /// there are no more. A squared distance of 1 costs `gain`, a distance back `bits`.
    #[inline(always)]
    pub fn find(&mut self, x: usize, y: usize, gain: f32, bits: impl Fn(u32) -> f32) -> [u32; FOUND] {
        let here = (y * (self.width + 1) + x) as u32;
        let farthest = here.min(WINDOW as u32);
        let gain = gain / self.parts.square;
        let promise = Promise { gain, bits, nearest: x as u32, farthest };
        let mut distances = [0; WHOSE as usize + 1];
        let shape = self.parts.shapes.of(&self.wanted, x);
        let part = self.parts.part(&shape);
        let kept = &self.kept[part];
        let mut in_part = [NOTHING; KEPT];
        for i in 0..self.many {
            distances[i] = here.wrapping_sub(kept.places[i]);
            in_part[i] = promise.key(distances[i], unlike(&shape, &kept.shapes[i]), i);
        }
        let mut asked = [NOTHING; 2 * LEAST];
        let last = self.written.len() - 1;
        let is_few = self.many <= FEW;
        for (i, distance) in self.asked().into_iter().take(if is_few { ABOVE } else { ASKED }).enumerate() {
            let (there, its_part) = &self.written[here.wrapping_sub(distance) as usize & last];
            // What the part has is known already.
            let is_known = usize::from(*its_part) == part && kept.has(self.many, here.wrapping_sub(distance));
            distances[KEPT + i] = if is_known { 0 } else { distance };
            asked[i] = promise.key(distances[KEPT + i], unlike(&shape, there), KEPT + i);
        }
        let best = if is_few {
            let mut keys = [[NOTHING; 4]; LEAST];
            keys.as_flattened_mut()[..FEW].copy_from_slice(&in_part[..FEW]);
            keys.as_flattened_mut()[FEW..].copy_from_slice(&asked[..ABOVE]);
            least(keys)
        } else {
            let (mut keys, mut more) = ([[NOTHING; KEPT / LEAST]; LEAST], [[NOTHING; 2]; LEAST]);
            keys.as_flattened_mut().copy_from_slice(&in_part);
            more.as_flattened_mut().copy_from_slice(&asked);
            merge(least(keys), least(more))
        };
        for (found, key) in self.found.iter_mut().zip(best) {
            *found = if key < NOTHING { distances[(key & WHOSE) as usize] } else { 0 };
        }
        self.found
    }

    /// Distances that are looked at besides those of a part.
    #[inline(always)]
    fn asked(&self) -> [u32; ASKED] {
        let above = self.width as u32 + 1;
        let mut asked = [0; ASKED];
        for aside in 0..=2 * ASIDE {
            asked[aside as usize] = above + ASIDE - aside;
        }
        for (asked, &found) in asked[2 * ASIDE as usize + 1..].iter_mut().zip(&self.found) {
            *asked = if found.wrapping_sub(above - ASIDE) <= 2 * ASIDE { 0 } else { found };
        }
        asked
    }
}

/// What a match promises to cost.
struct Promise<B: Fn(u32) -> f32> {
    gain: f32,
    bits: B,
    /// It begins farther back than that, and no farther than this.
    nearest: u32,
    farthest: u32,
}

impl<B: Fn(u32) -> f32> Promise<B> {
    /// Sorts by the cost, and tells whose it is.
    #[inline(always)]
    fn key(&self, distance: u32, unlike: i32, whose: usize) -> u32 {
        let cost = self.gain * unlike as f32 + (self.bits)(distance);
        let is_written = (distance > self.nearest) & (distance <= self.farthest);
        if is_written { cost.to_bits() & !WHOSE | whose as u32 } else { NOTHING }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::LONGEST;
    use super::super::parts::tests::{entries, rows};
    use super::*;

    #[test]
    fn what_repeats_is_found_and_every_distance_leads_to_rows_that_are_written() {
        let (width, height) = (120, 12);
        let (indices, entries) = (rows(width, height), entries());
        let parts = Parts::of::<3>(&indices, width, &entries, 1.0);
        let mut near = Near::<3>::new(&parts, width, KEPT);
        let (mut repeated, mut all) = (0, 0);
        for (y, row) in indices.chunks_exact(width).enumerate() {
            let wanted: Vec<Point> = row.iter().map(|&index| entries[usize::from(index)]).collect();
            near.begin(wanted.iter());
            for x in 0..width {
                let found = near.find(x, y, 1e5, |distance| 10.0 + 1e-3 * distance as f32);
                for distance in found.into_iter().take_while(|&distance| distance > 0) {
                    assert!(
                        distance as usize > x && distance as usize <= y * (width + 1) + x,
                        "{distance} at {x}, {y}"
                    );
                }
                if y >= 3 && (5..width - LONGEST).contains(&x) {
                    all += 1;
                    repeated += usize::from(found[0] as usize == 3 * (width + 1) + 5);
                }
            }
            near.take(y, row, &entries);
        }
        assert_eq!(repeated, all);
    }
}
