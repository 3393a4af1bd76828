//! Cells of the color cube straight from the colors, without placing every color: means of cells tell few centers apart as
//! well as the colors do.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::cloud::Cloud;
use crate::cube::map_nearest;
use crate::order::{Order, SLABS};
use crate::pixels::{Pixels, Rgba, to_key};
use crate::round::Colors;
use crate::simd::{Least, vectorized};
use crate::space::Point;

/// Colors that are converted at once.
const LANES: usize = 16;

/// The cells of opaque colors, whose codes share the leading `bits`, each as one point at its exact mean; not planted yet.
pub fn gathered(colors: Colors, bits: u32) -> Cloud {
    let (order, code_bits) = Order::of(colors.colors);
    let slabs: Vec<(usize, &[Rgba])> = order.slabs(colors.colors);
    let alpha = colors.space.alpha_scale();
    let next = AtomicUsize::new(0);
    // A table for each thread, not for each task: its memory is dear to touch for the first time.
    let work = |_| {
        let mut table = Table::new(bits);
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(start, slab)) = slabs.get(number) else { return done };
            let weights = &colors.weights[start..start + slab.len()];
            let squares = vectorized(
                #[inline(always)]
                || table.add(&order, code_bits - bits, Colors { colors: slab, weights, ..colors }),
            );
            done.push((number, squares, table.drain((number << table.bits) as u32, alpha)));
        }
    };
    let threads = rayon::current_num_threads();
    let mut slabs: Vec<_> = (0..threads).into_par_iter().with_max_len(1).flat_map_iter(work).collect();
    slabs.sort_unstable_by_key(|&(number, ..)| number);
    let (squares, cells) = slabs
        .into_iter()
        .fold((0.0, Points::default()), |(squares, all), (_, some, cells)| (squares + some, all.followed_by(cells)));
    let mut cloud = Cloud::unplanted(cells.planes, cells.weights, cells.codes, bits);
    // |x - mean|^2 adds up to |x|^2 less |mean|^2; all share the last coordinate.
    let [x, y, z, weight] = cells.sum;
    cloud.scatter = (squares - (x * x + y * y + z * z) / weight).max(0.0);
    cloud
}

/// Points of a cloud, one plane a coordinate.
#[derive(Default)]
struct Points {
    codes: Vec<u32>,
    planes: [Vec<f32>; 4],
    weights: Vec<f32>,
    /// The weighted sum of the first three coordinates of all, and their weight.
    sum: [f64; 4],
}

impl Points {
    fn followed_by(mut self, others: Self) -> Self {
        self.codes.extend(others.codes);
        self.weights.extend(others.weights);
        for (plane, other) in self.planes.iter_mut().zip(others.planes) {
            plane.extend(other);
        }
        for d in 0..4 {
            self.sum[d] += others.sum[d];
        }
        self
    }
}

/// What the cells of one slab add up to.
struct Table {
    /// The bits of a cell's number within the slab.
    bits: u32,
    /// The weighted sum of the first three coordinates of each cell, and its weight.
    sums: Vec<[f32; 4]>,
    /// One bit a cell: whether it has colors.
    present: Vec<u64>,
}

impl Table {
    fn new(bits: u32) -> Self {
        let bits = bits - SLABS.ilog2();
        Self { bits, sums: vec![[0.0; 4]; 1 << bits], present: vec![0; (1 << bits) / 64] }
    }

    /// Adds the colors of one slab; returns the weighted sum of their squares, of three coordinates.
    #[inline(always)]
    fn add(&mut self, order: &Order, shift: u32, colors: Colors) -> f64 {
        let mask = (1usize << self.bits) - 1;
        let mut squares = [0.0f64; LANES];
        let (sums, present) = (&mut self.sums[..], &mut self.present[..]);
        each_block(
            colors,
            #[inline(always)]
            |block, weights| {
                let [x, y, z] = colors.space.opaque_to_planes(block);
                let mut added = [[0.0f32; 4]; LANES];
                for i in 0..LANES {
                    let weight = weights[i] as f32;
                    squares[i] += f64::from(weight * (x[i] * x[i] + y[i] * y[i] + z[i] * z[i]));
                    added[i] = [weight * x[i], weight * y[i], weight * z[i], weight];
                }
                for (&color, added) in block.iter().zip(added) {
                    let cell = (order.code(color) >> shift) as usize & mask;
                    present[cell / 64] |= u64::from(added[3] > 0.0) << (cell % 64);
                    let sums = &mut sums[cell];
                    for d in 0..4 {
                        sums[d] += added[d];
                    }
                }
            },
        );
        squares.iter().sum()
    }

    /// Returns the cells that have colors, ascending, `first` added to their numbers, and leaves the table empty.
    fn drain(&mut self, first: u32, alpha: f32) -> Points {
        let mut cells = Points::default();
        for (word, bits) in self.present.iter_mut().enumerate() {
            let mut left = std::mem::take(bits);
            while left != 0 {
                let cell = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let sums = std::mem::take(&mut self.sums[cell]);
                for d in 0..4 {
                    cells.sum[d] += f64::from(sums[d]);
                }
                let [x, y, z, weight] = sums;
                cells.codes.push(first + cell as u32);
                cells.weights.push(weight);
                for (plane, sum) in cells.planes.iter_mut().zip([x, y, z]) {
                    plane.push(sum / weight);
                }
            }
        }
        cells.planes[3].resize(cells.codes.len(), alpha);
        cells
    }
}

/// Does something with colors and their weights, so many at once; the last ones are filled up with weightless ones.
#[inline(always)]
fn each_block(colors: Colors, mut work: impl FnMut(&[Rgba; LANES], &[u64; LANES])) {
    let (blocks, rest) = colors.colors.as_chunks();
    let (weights, rest_weights) = colors.weights.as_chunks();
    for (block, weights) in blocks.iter().zip(weights) {
        work(block, weights);
    }
    if let Some(&color) = rest.first() {
        let (mut block, mut weights) = ([color; LANES], [0; LANES]);
        block[..rest.len()].copy_from_slice(rest);
        weights[..rest.len()].copy_from_slice(rest_weights);
        work(&block, &weights);
    }
}

/// The exact weight that each entry of `palette` is nearest to among all colors, which are opaque, and the weighted sum of
/// squared distances.
pub fn tallied(colors: Colors, palette: &[Rgba]) -> (Vec<u64>, f64) {
    let centers: Vec<Point> = palette.iter().map(|&color| colors.space.to_point(to_key(color))).collect();
    let all = colors.colors.as_flattened();
    let labels = match palette.len() {
        ..=COMPARED => Vec::new(),
        _ => map_nearest::<u16>(Pixels::new(all, 4).expect("four bytes a color"), palette, colors.space),
    };
    let tally = |number: usize, some: &[Rgba], weights: &[u64]| {
        let colors = Colors { colors: some, weights, ..colors };
        let labels = labels.get(number * CHUNK..number * CHUNK + some.len());
        vectorized(
            #[inline(always)]
            || match labels {
                None => tally(colors, &centers, nearest_of(&centers)),
                Some(labels) => tally(colors, &centers, labelled(&centers, labels)),
            },
        )
    };
    let chunks = colors.colors.par_chunks(CHUNK).zip(colors.weights.par_chunks(CHUNK)).enumerate();
    let chunks: Vec<(Vec<u64>, f64)> = chunks.map(|(number, (some, weights))| tally(number, some, weights)).collect();
    let (mut weights, mut error) = (vec![0; centers.len()], 0.0);
    for (some, part) in chunks {
        weights.iter_mut().zip(some).for_each(|(all, some)| *all += some);
        error += part;
    }
    (weights, error)
}

/// To so many centers every distance is computed.
const COMPARED: usize = 32;
/// Colors that one task tallies.
const CHUNK: usize = 1 << 13;

/// Adds up what each center is nearest to, as `find` tells of one block after another.
#[inline(always)]
fn tally(
    colors: Colors,
    centers: &[Point],
    mut find: impl FnMut(&[[f32; LANES]; 3]) -> Least<LANES>,
) -> (Vec<u64>, f64) {
    // Neighbors often have the same center: with a counter each they need not wait for one another.
    let mut served = vec![[0u64; 2]; centers.len()];
    let mut errors = [0.0f64; LANES];
    each_block(
        colors,
        #[inline(always)]
        |block, weights| {
            let nearest = find(&colors.space.opaque_to_planes(block));
            for i in 0..LANES {
                errors[i] += weights[i] as f64 * f64::from(nearest.values[i]);
                served[nearest.ids[i] as usize][i % 2] += weights[i];
            }
        },
    );
    (served.iter().map(|[even, odd]| even + odd).collect(), errors.iter().sum())
}

/// Finds the nearest centers by computing every distance.
#[inline(always)]
fn nearest_of(centers: &[Point]) -> impl FnMut(&[[f32; LANES]; 3]) -> Least<LANES> {
    #[inline(always)]
    |planes| {
        let mut nearest = Least::<LANES>::new();
        for (id, center) in centers.iter().enumerate() {
            let mut squares = [0.0; LANES];
            for i in 0..LANES {
                for d in 0..3 {
                    let x = planes[d][i] - center[d];
                    squares[i] += x * x;
                }
            }
            nearest.offer(squares, id as u32);
        }
        nearest
    }
}

/// Takes the nearest centers from `labels`, block after block.
#[inline(always)]
fn labelled(centers: &[Point], labels: &[u16]) -> impl FnMut(&[[f32; LANES]; 3]) -> Least<LANES> {
    let mut blocks = labels.chunks(LANES);
    #[inline(always)]
    move |planes| {
        // What fills up the last block has no weight.
        let mut nearest = Least { values: [0.0; LANES], ids: [0; LANES] };
        for (i, &label) in blocks.next().expect("a label for each color").iter().enumerate() {
            let mut square = 0.0;
            for d in 0..3 {
                let x = planes[d][i] - centers[usize::from(label)][d];
                square += x * x;
            }
            (nearest.values[i], nearest.ids[i]) = (square, u32::from(label));
        }
        nearest
    }
}
