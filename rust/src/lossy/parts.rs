//! The space of what pixels in a row look like, in parts.
//!
//! Some pixels in a row are a shape, a point of 16 coordinates. A tree of cuts tells in which of many parts of that space
//! it lies.

use crate::space::Point;

/// Coordinates of a shape: those of five pixels in three coordinates, or of four in four.
const WIDE: usize = 16;
/// Pixels of a shape, at most.
pub const LONGEST: usize = 5;
/// Cuts from the whole to a part.
const CUTS: u32 = 9;
/// So many parts there are.
pub const PARTS: usize = 1 << CUTS;
/// Shapes of a picture by which space is cut.
const SAMPLE: usize = 1 << 13;
/// Rows that these are from, at most.
const SAMPLED: usize = 64;
/// Black and white are so many steps apart.
const STEPS: f32 = 2000.0;
/// Coordinates go no farther: five white pixels are nearer, and squared distances do not overflow.
const MOST: f32 = 5000.0;
/// What none of the pixels has.
pub const FAR: Shape = [MOST as i16; WIDE];

/// What some pixels in a row look like.
pub type Shape = [i16; WIDE];

/// Rows as shapes, one from each pixel on; beyond the last pixel it goes on as it is.
pub struct Shapes {
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

    /// The shape from column `x` on.
    #[inline(always)]
    pub fn of<const D: usize>(&self, row: &[[f32; D]], x: usize) -> Shape {
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
    pub shapes: Shapes,
    /// Steps squared for a squared distance of 1.
    pub square: f32,
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

    /// The part in which a shape lies.
    #[inline(always)]
    pub fn part(&self, shape: &Shape) -> usize {
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

/// The first coordinates.
#[inline(always)]
pub fn first<const D: usize>(point: &Point) -> [f32; D] {
    std::array::from_fn(
        #[inline(always)]
        |d| point[d],
    )
}

/// The squared distance in steps.
#[inline(always)]
pub fn unlike(a: &Shape, b: &Shape) -> i32 {
    let mut sum = 0i32;
    for i in 0..WIDE {
        let away = i32::from(a[i].wrapping_sub(b[i]));
        sum = sum.wrapping_add(away * away);
    }
    sum
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Two gray levels that make noise, of which row `y` repeats row `y - 3` shifted by five pixels.
    pub fn rows(width: usize, height: usize) -> Vec<u8> {
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

    /// Sixteen colors.
    pub fn entries() -> Vec<Point> {
        (0..16).map(|i| [i as f32 / 16.0, (i % 3) as f32 / 8.0, (i % 5) as f32 / 8.0, 0.0]).collect()
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
        let mut counts = vec![0; PARTS];
        for row in indices.chunks_exact(120) {
            let row: Vec<[f32; 3]> = row.iter().map(|&index| first(&entries[usize::from(index)])).collect();
            (0..120).for_each(|x| counts[parts.part(&parts.shapes.of(&row, x))] += 1);
        }
        let mean = indices.len() / counts.len();
        assert!(counts.into_iter().max() < Some(12 * mean));
    }
}
