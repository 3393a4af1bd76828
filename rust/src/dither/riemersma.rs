//! Error diffusion along a curve that fills the picture.
//!
//! T. Riemersma, "A balanced dithering technique", C/C++ Users Journal 16 (1998): the last errors along a Hilbert curve
//! count, the older the less. The curve is that of J. Červený ("gilbert", 2018), which fills any rectangle.

use rayon::prelude::*;

use super::reach::Reach;
use super::{Dither, root_shares};
use crate::entries::Entries;
use crate::index::Index;
use crate::nearest::{all_opaque, palette_points};
use crate::pixels::{Key, Pixels, Rgba, to_key};
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// Errors that count. All of one kind, they add up to 5.6 of them: less than a tenth of the way to another entry never tips
/// a pixel, so colors near an entry stay plain.
const MEMORY: usize = 16;
/// How often the oldest of them goes into the newest.
const RATIO: f64 = 16.0;
/// Pixels of the curve that are walked apart.
const CHUNK: usize = 1 << 14;
/// Pixels before those that are walked to find out the errors with which they begin.
const EARLY: usize = 4 * MEMORY;

/// Maps pixels to entries of `palette`, diffusing in `space`.
pub fn map<I: Index>(pixels: Pixels, width: usize, palette: &[Rgba], space: Space, dither: &Dither) -> Vec<I> {
    let curve = curve(width, pixels.len() / width);
    let points = &palette_points(palette, space)[..];
    let found: Vec<u32> = if all_opaque(pixels, palette) {
        walk(&Entries::<3>::new(points, space, pixels.len()), pixels, &curve, points, space, dither)
    } else {
        walk(&Entries::<4>::new(points, space, pixels.len()), pixels, &curve, points, space, dither)
    };
    let mut indices = vec![I::default(); pixels.len()];
    for (at, index) in curve.into_iter().zip(found) {
        indices[at] = I::narrow(index);
    }
    indices
}

/// Indices in the order of the curve.
fn walk<const D: usize>(
    entries: &Entries<D>,
    pixels: Pixels,
    curve: &[usize],
    palette: &[Point],
    space: Space,
    dither: &Dither,
) -> Vec<u32> {
    let (reach, roots) = (Reach::new(palette), root_shares());
    let parts: [f32; MEMORY] = std::array::from_fn(|age| {
        let share = libm::pow(RATIO, -(age as f64) / (MEMORY - 1) as f64);
        share as f32 * dither.strength
    });
    let mut found = vec![0; curve.len()];
    found.par_chunks_mut(CHUNK).enumerate().for_each(|(number, found)| {
        let first = number * CHUNK;
        let early = first.saturating_sub(EARLY);
        let places = &curve[early..first + found.len()];
        let mut points = vec![[0.0; 4]; places.len()];
        let keys: Vec<Key> = places.iter().map(|&at| to_key(pixels.get(at))).collect();
        space.to_points(&keys, &mut points);
        let mut planes = [(); 4].map(|()| vec![0.0; places.len()]);
        space.to_planes(&keys, planes.each_mut().map(|plane| &mut plane[..]));
        reach.clip(planes.each_mut().map(|plane| &mut plane[..]));
        // The newest error last, in a window that moves on through the errors of all.
        let mut errors = vec![[0.0; 4]; places.len() + MEMORY];
        vectorized(
            #[inline(always)]
            || {
                for (i, &point) in points.iter().enumerate() {
                    let share = dither.mask.map_or(1.0, |mask| roots[usize::from(mask[places[i]])]);
                    let opaque = entries.keeps_opaque(point);
                    let index = if share == 0.0 || (D == 4 && point[3] == 0.0) {
                        entries.nearest(point, opaque)
                    } else {
                        let mut sum = [0.0; 4];
                        for (error, part) in errors[i..i + MEMORY].iter().rev().zip(parts) {
                            for d in 0..4 {
                                sum[d] += error[d] * part;
                            }
                        }
                        let reached = planes.each_ref().map(|plane| plane[i]);
                        let mut wanted = reached;
                        for d in 0..4 {
                            wanted[d] += sum[d] * share;
                        }
                        let index = entries.near(wanted, opaque);
                        let given = palette[index as usize];
                        for d in 0..4 {
                            errors[i + MEMORY][d] = (reached[d] - given[d]) * share;
                        }
                        if opaque {
                            errors[i + MEMORY][3] = 0.0;
                        }
                        index
                    };
                    if let Some(place) = i.checked_sub(first - early) {
                        found[place] = index;
                    }
                }
            },
        );
    });
    found
}

/// Numbers of all pixels of a picture in the order of the curve.
pub fn curve(width: usize, height: usize) -> Vec<usize> {
    let mut order = Vec::with_capacity(width * height);
    let mut put = |[x, y]: Step| order.push(y as usize * width + x as usize);
    let (right, down) = ([width as i64, 0], [0, height as i64]);
    if width >= height {
        fill([0, 0], right, down, &mut put)
    } else {
        fill([0, 0], down, right, &mut put)
    }
    order
}

type Step = [i64; 2];

fn sum(a: Step, b: Step) -> Step {
    [a[0] + b[0], a[1] + b[1]]
}

fn less(a: Step, b: Step) -> Step {
    [a[0] - b[0], a[1] - b[1]]
}

fn length(a: Step) -> i64 {
    (a[0] + a[1]).abs()
}

/// Walks the rectangle from the corner `at` along `side`, so that it ends at that side's other end; `across` is the other
/// side.
fn fill(at: Step, side: Step, across: Step, put: &mut impl FnMut(Step)) {
    let (long, wide) = (length(side), length(across));
    let (ahead, aside) = (side.map(i64::signum), across.map(i64::signum));
    if wide == 1 || long == 1 {
        let step = if wide == 1 { ahead } else { aside };
        (0..long.max(wide)).for_each(|i| put(sum(at, step.map(|s| s * i))));
        return;
    }
    // Halves of even length, so that parts end where the next ones begin.
    let half = |a: Step, unit: Step, length: i64| {
        let half = a.map(|v| v / 2);
        if length > 2 && (length / 2) % 2 == 1 { sum(half, unit) } else { half }
    };
    if 2 * long > 3 * wide {
        let first = half(side, ahead, long);
        fill(at, first, across, put);
        fill(sum(at, first), less(side, first), across, put);
    } else {
        let (first, near) = (side.map(|v| v / 2), half(across, aside, wide));
        fill(at, near, first, put);
        fill(sum(at, near), side, less(across, near), put);
        let last = sum(sum(at, less(side, ahead)), less(near, aside));
        fill(last, near.map(|v| -v), less(first, side), put);
    }
}
