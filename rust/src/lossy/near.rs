//! Where rows that are written look nearly as the picture does here.
//!
//! Some pixels in a row are a shape, a point of 16 coordinates. A tree of cuts tells in which of many parts of that space
//! it lies, and the last shapes of each part are kept. Beside these, what was found for the pixels to the left and above
//! is looked at, equally far back (K. He and J. Sun, "Computing nearest-neighbor fields via propagation-assisted
//! KD-trees", 2012).

use super::costs::{SHORTEST, WINDOW};
use super::least::{LEAST, least, merge};
use crate::space::Point;

/// Coordinates of a shape: those of five pixels in three coordinates, or of four in four.
const WIDE: usize = 16;
const LONGEST: usize = 5;
/// Cuts from the whole to a part.
const CUTS: u32 = 9;
/// Shapes that are kept of each part, at most.
const KEPT: usize = 64;
/// Places that are found.
const FOUND: usize = LEAST;
/// How far aside of the pixel above, at least, is looked.
const ASIDE: u32 = 2;
/// Places that are looked at besides those of a part: above, and what was found for the pixel on the left.
const ASKED: usize = 2 * ASIDE as usize + 1 + FOUND;
/// The upper bits of a key are those of a cost, the others tell whose it is.
const WHOSE: u32 = 127;
/// The key of no place.
const NOTHING: u32 = f32::INFINITY.to_bits();
/// None is there yet.
const NOWHERE: u32 = u32::MAX;
const NO_PART: u16 = u16::MAX;
/// Shapes of a picture by which space is cut.
const SAMPLE: usize = 1 << 13;
/// Rows that these are from, at most.
const SAMPLED: usize = 64;
/// Black and white are so many steps apart.
const STEPS: f32 = 2000.0;
/// Coordinates go no farther: five white pixels are nearer, and squared distances do not overflow.
const MOST: f32 = 5000.0;
/// What none of the pixels has.
const FAR: Shape = [MOST as i16; WIDE];

type Shape = [i16; WIDE];

/// Rows as shapes, one from each pixel on; beyond the last pixel it goes on as it is.
struct Shapes {
    /// Cosines, so that the first coordinates tell most; orthonormal, so that distances stay what they are (N. Ahmed,
    /// T. Natarajan and K. R. Rao, "Discrete cosine transform", 1974).
    waves: [[f32; LONGEST]; LONGEST],
}

impl Shapes {
    /// Of points that are, times `scale`, in a space where black and white are 1 apart.
    fn new<const D: usize>(scale: f32) -> Self {
        let pixels = (WIDE / D) as f64;
        let wave = |k: usize, i: usize| {
            let norm = libm::sqrt(if k == 0 { 1.0 } else { 2.0 } / pixels);
            (norm * libm::cos(std::f64::consts::PI / pixels * (i as f64 + 0.5) * k as f64)) as f32 * (STEPS * scale)
        };
        Self { waves: std::array::from_fn(|k| std::array::from_fn(|i| wave(k, i))) }
    }

    #[inline(always)]
    fn of<const D: usize>(&self, row: &[[f32; D]], x: usize) -> Shape {
        let mut sums = [[0.0; D]; LONGEST];
        for i in 0..WIDE / D {
            let point = row[(x + i).min(row.len() - 1)];
            for k in 0..WIDE / D {
                for d in 0..D {
                    sums[k][d] += self.waves[k][i] * point[d];
                }
            }
        }
        let mut shape = [0; WIDE];
        for k in 0..WIDE / D {
            for d in 0..D {
                shape[k * D + d] = sums[k][d].clamp(-MOST, MOST) as i16;
            }
        }
        shape
    }
}

/// The parts of space.
pub struct Parts {
    /// Coordinate and place of each cut; cut `i` is followed by `2 i + 1` below that place and by `2 i + 2` from it on.
    cuts: Vec<(u8, i16)>,
    shapes: Shapes,
    /// Steps squared for a squared distance of 1.
    square: f32,
}

impl Parts {
    /// Parts that hold about as much each of a picture whose indices are about `indices`, with entries that are, times
    /// `scale`, in a space where black and white are 1 apart.
    pub fn of<const D: usize>(indices: &[u8], width: usize, entries: &[Point], scale: f32) -> Self {
        let shapes = Shapes::new::<D>(scale);
        let down = (indices.len() / width).div_ceil(SAMPLED);
        let across = (indices.len() / down / SAMPLE).max(1);
        let mut sample = Vec::new();
        for (number, row) in indices.chunks_exact(width).step_by(down).enumerate() {
            let row: Vec<[f32; D]> = row.iter().map(|&index| first(&entries[usize::from(index)])).collect();
            sample.extend((number % across..width).step_by(across).map(|x| shapes.of(&row, x)));
        }
        let mut cuts = vec![(0, 0); (1 << CUTS) - 1];
        cut(&mut sample, 0, &mut cuts);
        Self { cuts, shapes, square: (STEPS * scale) * (STEPS * scale) }
    }

    #[inline(always)]
    fn part(&self, shape: &Shape) -> usize {
        let mut at = 0;
        for _ in 0..CUTS {
            let (coordinate, place) = self.cuts[at];
            at = 2 * at + 1 + usize::from(shape[usize::from(coordinate) % WIDE] >= place);
        }
        at - self.cuts.len()
    }
}

/// Makes cut `at` and those that follow it, each so that half of the sample is on either side, across the coordinate in
/// which it spreads most.
fn cut(sample: &mut [Shape], at: usize, cuts: &mut [(u8, i16)]) {
    if at >= cuts.len() || sample.is_empty() {
        return;
    }
    let (mut sums, mut squares) = ([0i64; WIDE], [0i64; WIDE]);
    for shape in &*sample {
        for d in 0..WIDE {
            sums[d] += i64::from(shape[d]);
            squares[d] += i64::from(shape[d]) * i64::from(shape[d]);
        }
    }
    let spread = |&d: &usize| squares[d] * sample.len() as i64 - sums[d] * sums[d];
    let coordinate = (0..WIDE).max_by_key(spread).expect("16 coordinates");
    sample.sort_unstable_by_key(|shape| shape[coordinate]);
    let place = sample[sample.len() / 2][coordinate];
    cuts[at] = (coordinate as u8, place);
    let (below, from) = sample.split_at_mut(sample.partition_point(|shape| shape[coordinate] < place));
    cut(below, 2 * at + 1, cuts);
    cut(from, 2 * at + 2, cuts);
}

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
            kept: vec![Kept::NOTHING; 1 << CUTS],
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
        let mut keys = [[NOTHING; KEPT / LEAST]; LEAST];
        for i in 0..self.many {
            let distance = here.wrapping_sub(kept.places[i]);
            distances[i] = distance;
            keys.as_flattened_mut()[i] = promise.key(distance, unlike(&shape, &kept.shapes[i]), i);
        }
        let in_part = least(keys);
        let mut keys = [[NOTHING; 2]; LEAST];
        let last = self.written.len() - 1;
        for (i, distance) in self.asked().into_iter().enumerate() {
            let at = here.wrapping_sub(distance) as usize & last;
            let (there, its_part) = &self.written[at];
            // What the part has is known already.
            let is_known = usize::from(*its_part) == part && kept.has(self.many, here.wrapping_sub(distance));
            distances[KEPT + i] = if is_known { 0 } else { distance };
            keys.as_flattened_mut()[i] = promise.key(distances[KEPT + i], unlike(&shape, there), KEPT + i);
        }
        for (found, key) in self.found.iter_mut().zip(merge(in_part, least(keys))) {
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

/// The first coordinates.
#[inline(always)]
fn first<const D: usize>(point: &Point) -> [f32; D] {
    std::array::from_fn(
        #[inline(always)]
        |d| point[d],
    )
}

/// The squared distance in steps.
#[inline(always)]
fn unlike(a: &Shape, b: &Shape) -> i32 {
    let mut sum = 0i32;
    for i in 0..WIDE {
        let away = i32::from(a[i].wrapping_sub(b[i]));
        sum = sum.wrapping_add(away * away);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two gray levels that make noise, of which row `y` repeats row `y - 3` shifted by five pixels.
    fn rows(width: usize, height: usize) -> Vec<u8> {
        let mut noise = 7u32;
        let mut next = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 28) as u8
        };
        let mut indices: Vec<u8> = vec![];
        for y in 0..height {
            for x in 0..width {
                indices.push(if y >= 3 && x >= 5 { indices[(y - 3) * width + x - 5] } else { next() });
            }
        }
        indices
    }

    fn entries() -> Vec<Point> {
        (0..16).map(|i| [i as f32 / 16.0, (i % 3) as f32 / 8.0, (i % 5) as f32 / 8.0, 0.0]).collect()
    }

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

    #[test]
    fn shapes_are_as_far_apart_as_their_pixels() {
        let shapes = Shapes::new::<3>(1.0);
        let (a, b): (Vec<[f32; 3]>, Vec<[f32; 3]>) =
            (0..8).map(|i| ([0.1 * i as f32, 0.2, 0.0], [0.5, 0.05 * i as f32, 0.1])).unzip();
        for x in 0..3 {
            let squares = (x..x + LONGEST).flat_map(|i| (0..3).map(move |d| (i, d)));
            let apart: f32 = squares.map(|(i, d)| (a[i][d] - b[i][d]) * (a[i][d] - b[i][d])).sum();
            let steps = unlike(&shapes.of(&a, x), &shapes.of(&b, x)) as f32 / (STEPS * STEPS);
            assert!((steps - apart).abs() < 0.01 * apart, "{steps} {apart}");
        }
    }

    #[test]
    fn parts_hold_about_as_much_each() {
        let (indices, entries) = (rows(120, 70), entries());
        let parts = Parts::of::<3>(&indices, 120, &entries, 1.0);
        let mut counts = vec![0; 1 << CUTS];
        for row in indices.chunks_exact(120) {
            let row: Vec<[f32; 3]> = row.iter().map(|&index| first(&entries[usize::from(index)])).collect();
            (0..120).for_each(|x| counts[parts.part(&parts.shapes.of(&row, x))] += 1);
        }
        let mean = indices.len() / counts.len();
        assert!(counts.into_iter().max() < Some(12 * mean));
    }
}
