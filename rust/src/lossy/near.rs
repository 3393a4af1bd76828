//! Where rows that are written look nearly as the picture does here.
//!
//! Some pixels in a row are a shape, a point of 16 coordinates. A tree of cuts tells in which of many parts of that space
//! it lies, and the last shapes of each part are kept. Beside these, what was found for the pixels to the left and above
//! is looked at, equally far back (K. He and J. Sun, "Computing nearest-neighbor fields via propagation-assisted
//! KD-trees", 2012).

use super::costs::{SHORTEST, WINDOW};
use crate::space::Point;

/// Coordinates of a shape: those of five pixels in three coordinates, or of four in four.
const WIDE: usize = 16;
const LONGEST: usize = 5;
/// Cuts from the whole to a part.
const CUTS: u32 = 9;
/// Shapes that are kept of each part.
const KEPT: usize = 64;
/// Places that are found.
pub const FOUND: usize = 8;
/// How far aside of the pixel above, at least, is looked.
const ASIDE: usize = 2;
/// Places that are looked at besides those of a part: above, and what was found for the pixels on the left, above and
/// above on the right.
const ASKED: usize = 2 * ASIDE + 1 + 3 * FOUND;
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

/// What is kept of the rows of a band. Places are those in a file, where rows are a byte longer.
pub struct Near<'a, const D: usize> {
    parts: &'a Parts,
    width: usize,
    /// Shapes of the last places, of place `i` at `i` modulo their number, a power of two.
    written: Vec<Shape>,
    /// Last places of each part, the `i`-th of them at `i` modulo `KEPT`, and how many there were.
    kept: Vec<[u32; KEPT]>,
    counts: Vec<u32>,
    /// What the row is to look like.
    wanted: Vec<[f32; D]>,
    /// Distances that were found for the pixels of the row above and of this one, the best first; 0 where there are no more.
    above: Vec<[u32; FOUND]>,
    found: Vec<[u32; FOUND]>,
}

impl<'a, const D: usize> Near<'a, D> {
    /// Nothing is written.
    pub fn new(parts: &'a Parts, width: usize) -> Self {
        Self {
            parts,
            width,
            written: vec![FAR; (WINDOW + 2 * (width + 1)).next_power_of_two()],
            kept: vec![[0; KEPT]; 1 << CUTS],
            counts: vec![0; 1 << CUTS],
            wanted: vec![[0.0; D]; width],
            above: vec![[0; FOUND]; width + 1],
            found: vec![[0; FOUND]; width + 1],
        }
    }

    /// Begins a row that is to look like `wanted`.
    pub fn begin<'b>(&mut self, wanted: impl Iterator<Item = &'b Point>) {
        for (to, point) in self.wanted.iter_mut().zip(wanted) {
            *to = first(point);
        }
        std::mem::swap(&mut self.above, &mut self.found);
        self.found.fill([0; FOUND]);
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
        for x in 0..self.width {
            self.written[(start + x) & last] = self.parts.shapes.of(&self.wanted, x);
        }
        self.written[(start + self.width) & last] = FAR;
        for place in start..(start + self.width + 1).saturating_sub(SHORTEST) {
            let part = self.parts.part(&self.written[place & last]);
            self.kept[part][self.counts[part] as usize % KEPT] = place as u32;
            self.counts[part] += 1;
        }
    }

    /// The distances back from column `x` of row `y` at which a match promises to cost least, the best first, and 0 where
    /// there are no more. A squared distance of 1 costs `gain`, a distance back `bits`; of the places in a part at most so
    /// `many` are looked at.
    #[inline(always)]
    pub fn find(&mut self, x: usize, y: usize, many: usize, gain: f32, bits: impl Fn(u32) -> f32) -> [u32; FOUND] {
        let here = (y * (self.width + 1) + x) as u32;
        let shape = self.parts.shapes.of(&self.wanted, x);
        let part = self.parts.part(&shape);
        let mut distances = [0; ASKED + KEPT];
        for (i, distance) in distances[..2 * ASIDE + 1].iter_mut().enumerate() {
            *distance = (self.width + 1 + ASIDE - i) as u32;
        }
        let left = self.found[x.saturating_sub(1)];
        for (to, list) in
            distances[2 * ASIDE + 1..].chunks_exact_mut(FOUND).zip([left, self.above[x], self.above[x + 1]])
        {
            to.copy_from_slice(&list);
        }
        let count = self.counts[part];
        let many = many.min(count as usize).min(KEPT);
        for i in 0..many {
            distances[ASKED + i] = here - self.kept[part][(count as usize - 1 - i) % KEPT];
        }
        let gain = gain / self.parts.square;
        let mut costs = [f32::INFINITY; ASKED + KEPT];
        for (cost, &distance) in costs[..ASKED + many].iter_mut().zip(&distances) {
            let is_written = distance > x as u32 && distance <= here.min(WINDOW as u32);
            let place = here.wrapping_sub(distance) as usize & (self.written.len() - 1);
            *cost = if is_written { gain * unlike(&shape, &self.written[place]) as f32 } else { f32::INFINITY };
        }
        let (mut least, mut found) = ([f32::INFINITY; FOUND], [0; FOUND]);
        for (&distance, &cost) in distances[..ASKED + many].iter().zip(&costs) {
            if cost < least[FOUND - 1] {
                let cost = cost + bits(distance);
                if cost < least[FOUND - 1] && !found.contains(&distance) {
                    let mut at = FOUND - 1;
                    while at > 0 && least[at - 1] > cost {
                        (least[at], found[at]) = (least[at - 1], found[at - 1]);
                        at -= 1;
                    }
                    (least[at], found[at]) = (cost, distance);
                }
            }
        }
        self.found[x] = found;
        found
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
        let mut near = Near::<3>::new(&parts, width);
        let (mut repeated, mut all) = (0, 0);
        for (y, row) in indices.chunks_exact(width).enumerate() {
            let wanted: Vec<Point> = row.iter().map(|&index| entries[usize::from(index)]).collect();
            near.begin(wanted.iter());
            for x in 0..width {
                let found = near.find(x, y, KEPT, 1e5, |_| 10.0);
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
