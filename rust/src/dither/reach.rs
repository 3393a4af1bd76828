//! How far a palette's mixtures reach, so that errors that nothing can make up for are not handed on for ever.

use rayon::prelude::*;

use crate::candidates::distance;
use crate::simd::{least, most, vectorized};
use crate::space::{Point, fill};

/// Slabs that hold every mixture of a palette's entries: across 13 directions, those from a cube's middle to its faces,
/// edges and corners, stretched as the palette is.
///
/// Errors of diffusion stay bounded as long as the colors are mixtures of the entries: R. Adler et al., "The mathematics
/// of halftoning", IBM J. Res. Dev. 47 (2003).
pub struct Reach {
    slabs: [Slab; DIRECTIONS.len()],
    /// The same side by side: their normals, one array a coordinate, and their bounds.
    normals: [[f32; ABREAST]; 3],
    lows: [f32; ABREAST],
    highs: [f32; ABREAST],
    least_alpha: f32,
    most_alpha: f32,
}

/// What lies between two parallel planes.
#[derive(Clone, Copy)]
struct Slab {
    normal: [f32; 3],
    low: f32,
    high: f32,
}

const DIRECTIONS: [[f32; 3]; 13] = [
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
    [1.0, 1.0, 0.0],
    [1.0, -1.0, 0.0],
    [1.0, 0.0, 1.0],
    [1.0, 0.0, -1.0],
    [0.0, 1.0, 1.0],
    [0.0, 1.0, -1.0],
    [1.0, 1.0, 1.0],
    [1.0, 1.0, -1.0],
    [1.0, -1.0, 1.0],
    [1.0, -1.0, -1.0],
];

/// Points that are moved at once.
const LANES: usize = 64;
/// Slabs that are looked at at once: those of all directions, and some that hold everything.
const ABREAST: usize = DIRECTIONS.len().next_power_of_two();

impl Reach {
    /// The reach of `palette`, which is not empty.
    pub fn new(palette: &[Point]) -> Self {
        let bounds = |along: &dyn Fn(&Point) -> f32| {
            palette.iter().map(along).fold((f32::MAX, f32::MIN), |(low, high), v| (v.min(low), v.max(high)))
        };
        let extents = [0, 1, 2].map(|d| bounds(&|point| point[d])).map(|(low, high)| high - low);
        let longest = extents.into_iter().fold(f32::MIN_POSITIVE, f32::max);
        let slabs = DIRECTIONS.map(|direction| {
            let normal: [f32; 3] = std::array::from_fn(|d| direction[d] / (extents[d] / longest).max(1e-3));
            let length = normal.iter().map(|v| v * v).sum::<f32>().sqrt();
            let normal = normal.map(|v| v / length);
            let (low, high) = bounds(&|&[x, y, z, _]| along(&normal, [x, y, z]));
            Slab { normal, low, high }
        });
        let everything = Slab { normal: [0.0; 3], low: 0.0, high: 0.0 };
        let abreast: [Slab; ABREAST] = std::array::from_fn(|i| slabs.get(i).copied().unwrap_or(everything));
        let normals = [0, 1, 2].map(|d| abreast.map(|slab| slab.normal[d]));
        let (lows, highs) = (abreast.map(|slab| slab.low), abreast.map(|slab| slab.high));
        let (least_alpha, most_alpha) = bounds(&|point| point[3]);
        Self { slabs, normals, lows, highs, least_alpha, most_alpha }
    }

    /// Leaves points that all slabs hold; moves others straight into one slab after the other, which brings them near to
    /// what all hold. To repeat it until all do was no better on photographs. One plane a coordinate.
    pub fn clip(&self, planes: [&mut [f32]; 4]) {
        let [x, y, z, alpha] = planes;
        vectorized(
            #[inline(always)]
            || self.clip_inline([&mut *x, &mut *y, &mut *z, &mut *alpha]),
        );
    }

    /// The same, for what is compiled for vectors already.
    #[inline(always)]
    pub fn clip_inline(&self, [x, y, z, alpha]: [&mut [f32]; 4]) {
        for ((x, y), z) in x.chunks_mut(LANES).zip(y.chunks_mut(LANES)).zip(z.chunks_mut(LANES)) {
            self.clip_block([x, y, z]);
        }
        for a in alpha {
            *a = within(*a, self.least_alpha, self.most_alpha);
        }
    }

    #[inline(always)]
    fn clip_block(&self, planes: [&mut [f32]; 3]) {
        let mut block = [[0.0; LANES]; 3];
        for (lanes, plane) in block.iter_mut().zip(&planes) {
            match <&[f32; LANES]>::try_from(&**plane) {
                Ok(plane) => *lanes = *plane,
                Err(_) => lanes[..plane.len()].copy_from_slice(plane),
            }
        }
        if self.holds(&block) {
            return;
        }
        let [x, y, z] = &mut block;
        for Slab { normal, low, high } in &self.slabs {
            for i in 0..LANES {
                let at = along(normal, [x[i], y[i], z[i]]);
                let beyond = at - within(at, *low, *high);
                x[i] -= beyond * normal[0];
                y[i] -= beyond * normal[1];
                z[i] -= beyond * normal[2];
            }
        }
        for (lanes, plane) in block.iter().zip(planes) {
            fill(plane, lanes);
        }
    }

    /// Whether all slabs hold the box around points, and so each of them: rounded products and sums keep their order.
    #[inline(always)]
    fn holds(&self, points: &[[f32; LANES]; 3]) -> bool {
        let (mut low, mut high) = ([0.0; ABREAST], [0.0; ABREAST]);
        for (plane, normals) in points.iter().zip(&self.normals) {
            let (least, most) = (least(plane), most(plane));
            for i in 0..ABREAST {
                let (a, b) = (least * normals[i], most * normals[i]);
                low[i] += if a < b { a } else { b };
                high[i] += if a < b { b } else { a };
            }
        }
        let mut beyond = 0;
        for i in 0..ABREAST {
            beyond |= u32::from(low[i] < self.lows[i]) | u32::from(high[i] > self.highs[i]);
        }
        beyond == 0
    }
}

#[inline(always)]
fn along(normal: &[f32; 3], [x, y, z]: [f32; 3]) -> f32 {
    (x * normal[0] + y * normal[1]) + z * normal[2]
}

#[inline(always)]
fn within(v: f32, low: f32, high: f32) -> f32 {
    let v = if v < low { low } else { v };
    if v > high { high } else { v }
}

/// Palettes of more entries have steps too small to be seen.
const COARSE: usize = 64;

/// From each entry to the one nearest to it; of a large palette none.
pub fn steps(palette: &[Point]) -> Vec<Point> {
    if palette.len() > COARSE {
        return Vec::new();
    }
    let step = |&from: &Point| {
        let others = palette.iter().copied().filter(|&other| other != from);
        let nearest = others.min_by(|&a, &b| distance::<4>(a, from).total_cmp(&distance::<4>(b, from)));
        nearest.map_or([0.0; 4], |to| std::array::from_fn(|d| to[d] - from[d]))
    };
    palette.iter().map(step).collect()
}

/// From each entry to the nearest other one.
pub fn gaps(palette: &[Point]) -> Vec<f32> {
    palette.par_iter().map(|&from| average(&nearest::<1>(palette, from))).collect()
}

/// How far an error is let go at each entry: a little farther than the average distance to the `NEIGHBORS` nearest to it.
/// Of a palette of up to ten it is to fewer, as the others are far: single dots of them show more than they make up for.
pub fn spacing<const NEIGHBORS: usize>(palette: &[Point]) -> Vec<f32> {
    let near = (palette.len() / 2).saturating_sub(1).clamp(1, NEIGHBORS);
    palette.par_iter().map(|&from| SLACK * average(&nearest::<NEIGHBORS>(palette, from)[..near])).collect()
}

/// Of a photograph in 4 colors, errors let go by no more than the distance lose hues that are mixed of far entries; by 1.3
/// times of it, and dots are back.
const SLACK: f32 = 1.15;

/// The squared distances to the `NEIGHBORS` nearest to `from`, the nearest first; infinite ones where there are fewer.
fn nearest<const NEIGHBORS: usize>(palette: &[Point], from: Point) -> [f32; NEIGHBORS] {
    let mut nearest = [f32::INFINITY; NEIGHBORS];
    for &to in palette {
        let mut square = distance::<4>(from, to);
        // Few are among the nearest so far.
        if square > 0.0 && square < nearest[NEIGHBORS - 1] {
            for known in &mut nearest {
                (*known, square) = (known.min(square), known.max(square));
            }
        }
    }
    nearest
}

/// The average of the distances there are, given their squares.
fn average(squares: &[f32]) -> f32 {
    let found = squares.iter().filter(|square| square.is_finite());
    found.clone().map(|square| square.sqrt()).sum::<f32>() / found.count().max(1) as f32
}
