//! A palette fitted to its indices: the colors for which the picture, seen from some distance, is nearest to the original.
//!
//! What the eye sees of an error is blurred. With e the error of each pixel and B a blur, the colors minimize the sum over
//! all pairs of pixels p, q of B(p - q) e(p) e(q): linear least squares in the colors, solved by conjugate gradients
//! (M. R. Hestenes and E. Stiefel, "Methods of conjugate gradients for solving linear systems", 1952), whose matrix is
//! never formed: a product with it paints the picture, blurs it and adds up what each color got.

use rayon::prelude::*;

use crate::greys;
use crate::index::Index;
use crate::pixels::{Key, Pixels, Rgba, to_key};
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// What is seen of errors: a share of each as it is, the rest blurred.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// Standard deviation in pixels of the Gaussian that an eye blurs with.
    pub sigma: f64,
    /// The share that is not blurred.
    pub sharp: f64,
    /// How strongly colors are held where they are, as a share of the pixels that have them.
    pub hold: f64,
}

/// Rows that one task blurs.
pub(crate) const ROWS: usize = 32;

/// Products with the matrix; with twice as many, pictures are no nearer.
const STEPS: usize = 3;

/// A picture in indices: what each pixel should be, and which color it has.
struct Picture<'a, I> {
    pixels: Pixels<'a>,
    indices: &'a [I],
    width: usize,
    colors: usize,
    /// Half of the blur, its middle first, and the share that is not blurred.
    blur: Vec<f32>,
    sharp: f32,
}

/// A number for each color and coordinate.
pub(crate) type Sums = Vec<[f64; 4]>;

/// Moves the colors of `palette` to where the picture of `indices`, seen from some distance, is nearest to `pixels`. The
/// alpha of a color stays, and so do colors that are `fixed`, that of full transparency, and those whose places would fall
/// together with another's.
pub fn refit<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    fixed: &[bool],
    indices: &[I],
    space: Space,
    sight: &Sight,
) -> Vec<Rgba> {
    let keys: Vec<Key> = palette.iter().map(|&color| to_key(color)).collect();
    let mut points = vec![[0.0; 4]; keys.len()];
    space.to_points(&keys, &mut points);
    let sigma = sight.sigma * std::f64::consts::SQRT_2;
    let picture = Picture {
        pixels,
        indices,
        width,
        colors: palette.len(),
        blur: half_gaussian(sigma, (2.0 * sigma).ceil() as usize),
        sharp: sight.sharp as f32,
    };
    let free: Vec<bool> = fixed.iter().zip(palette).map(|(&fixed, color)| !fixed && color[3] > 0).collect();
    let moved = picture.solve(&points, &free, space, sight.hold);
    let places = palette.iter().zip(&points).zip(moved.iter().zip(&free)).map(|((&color, point), (moved, &free))| {
        if !free || *moved == [0.0; 4] {
            return color;
        }
        let mut place: [f64; 4] = std::array::from_fn(|d| f64::from(point[d]) + moved[d]);
        place[3] = f64::from(point[3]);
        let [r, g, b, _] = space.to_rgba(place);
        [r, g, b, color[3]]
    });
    distinct(palette, places.collect())
}

/// `moved`, where each color that is not the only one of its kind stands where it stood in `palette`, which has none twice.
pub(crate) fn distinct(palette: &[Rgba], mut moved: Vec<Rgba>) -> Vec<Rgba> {
    loop {
        let mut order: Vec<usize> = (0..moved.len()).collect();
        order.sort_unstable_by_key(|&i| (moved[i], i));
        let mut back = Vec::new();
        for same in order.chunk_by(|&a, &b| moved[a] == moved[b]).filter(|same| same.len() > 1) {
            back.extend(same.iter().copied().filter(|&i| moved[i] != palette[i]));
        }
        if back.is_empty() {
            return moved;
        }
        for i in back {
            moved[i] = palette[i];
        }
    }
}

impl<I: Index> Picture<'_, I> {
    /// How far each color is to move.
    fn solve(&self, points: &[Point], free: &[bool], space: Space, hold: f64) -> Sums {
        let mut used = vec![0.0; self.colors];
        for &index in self.indices {
            used[index.widen() as usize] += 1.0;
        }
        // Unused colors have nothing to go by.
        let least = 1e-6 * self.indices.len() as f64 / self.colors as f64;
        let held: Vec<f64> = used.iter().map(|used| hold * used + least).collect();
        let scale: Vec<f64> = used.iter().zip(free).map(|(used, &free)| f64::from(free) / (used + least)).collect();
        let mut moved = vec![[0.0; 4]; self.colors];
        let errors = self.seen(|y, row| {
            self.read(y, space, row);
            for (value, &index) in row.as_chunks_mut::<4>().0.iter_mut().zip(self.row(y)) {
                let point = points[index.widen() as usize];
                *value = std::array::from_fn(|d| point[d] - value[d]);
            }
        });
        let mut left: Sums = errors.into_iter().map(|error| error.map(|error| -error)).collect();
        let ties = greys::ties(self.pixels, self.width, self.indices, points, &used, space);
        for (left, tie) in left.iter_mut().zip(&ties) {
            for d in 0..4 {
                left[d] += tie.pull[d];
            }
        }
        let mut ahead = scaled(&left, &scale);
        let mut length = dot(&left, &ahead);
        for _ in 0..STEPS {
            let table: Vec<Point> = ahead.iter().map(|ahead| ahead.map(|x| x as f32)).collect();
            let mut product = self.seen(|y, row| {
                for (value, &index) in row.as_chunks_mut::<4>().0.iter_mut().zip(self.row(y)) {
                    *value = table[index.widen() as usize];
                }
            });
            for (((product, ahead), held), tie) in product.iter_mut().zip(&ahead).zip(&held).zip(&ties) {
                for d in 0..4 {
                    product[d] += (held + tie.strength[d]) * ahead[d];
                }
            }
            let curvature = dot(&ahead, &product);
            let step: [f64; 4] = std::array::from_fn(|d| ratio(length[d], curvature[d]));
            for i in 0..self.colors {
                for d in 0..4 {
                    moved[i][d] += step[d] * ahead[i][d];
                    left[i][d] -= step[d] * product[i][d];
                }
            }
            let next = scaled(&left, &scale);
            let before = std::mem::replace(&mut length, dot(&left, &next));
            let turn: [f64; 4] = std::array::from_fn(|d| ratio(length[d], before[d]));
            for (ahead, next) in ahead.iter_mut().zip(&next) {
                for d in 0..4 {
                    ahead[d] = next[d] + turn[d] * ahead[d];
                }
            }
        }
        moved
    }

    fn row(&self, y: usize) -> &[I] {
        &self.indices[y * self.width..(y + 1) * self.width]
    }

    /// Writes the points of a row's pixels.
    fn read(&self, y: usize, space: Space, row: &mut [f32]) {
        let mut keys = vec![0; self.width];
        self.pixels.slice(y * self.width, (y + 1) * self.width).write_keys(&mut keys);
        space.to_points(&keys, row.as_chunks_mut().0);
    }

    /// Blurs the picture whose rows `write` writes, four numbers a pixel, and adds up what each color's pixels got.
    fn seen(&self, write: impl Fn(usize, &mut [f32]) + Sync) -> Sums {
        let height = self.indices.len() / self.width;
        let rows = ROWS.max(4 * self.colors / self.width);
        let bands: Vec<Sums> = (0..height)
            .step_by(rows)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map_init(
                || Lines::new(self.width, self.blur.len() - 1),
                |lines, first| self.band(first, (first + rows).min(height), height, lines, &write),
            )
            .collect();
        total(bands, self.colors)
    }

    fn band(
        &self,
        first: usize,
        last: usize,
        height: usize,
        lines: &mut Lines,
        write: impl Fn(usize, &mut [f32]),
    ) -> Sums {
        let reach = self.blur.len() - 1;
        // Neighbors are often of one color: those of one table need not wait for those of the other.
        let mut tables = [0; 2].map(|_| vec![[0.0; 4]; self.colors]);
        let mut read = first.saturating_sub(reach);
        for y in first..last {
            let around = y.saturating_sub(reach)..(y + reach + 1).min(height);
            while read < around.end {
                lines.read(read, &self.blur, |row| write(read, row));
                read += 1;
            }
            let share = |other: usize| (1.0 - self.sharp) * self.blur[y.abs_diff(other)];
            lines.sum(around.map(|other| (other, share(other))), (y, self.sharp));
            vectorized(
                #[inline(always)]
                || {
                    for (values, indices) in lines.sums().chunks(2).zip(self.row(y).chunks(2)) {
                        for (sums, (value, index)) in tables.iter_mut().zip(values.iter().zip(indices)) {
                            let (value, sum) = (value.map(f64::from), &mut sums[index.widen() as usize]);
                            for d in 0..4 {
                                sum[d] += value[d];
                            }
                        }
                    }
                },
            );
        }
        total(tables, self.colors)
    }
}

/// Numbers that are added up at once.
const BLOCK: usize = 64;

type Block = [f32; BLOCK];

/// The last rows that were read, four numbers a pixel, and what they add up to.
struct Lines {
    line: usize,
    reach: usize,
    /// Each with zeros at both ends: nothing comes from beyond them.
    sharp: Vec<Vec<f32>>,
    /// The same, blurred along the row.
    blurred: Vec<Vec<Block>>,
    sums: Vec<Block>,
}

impl Lines {
    fn new(width: usize, reach: usize) -> Self {
        let line = 4 * width;
        let row = vec![[0.0; BLOCK]; line.div_ceil(BLOCK)];
        Self {
            line,
            reach,
            sharp: vec![vec![0.0; row.len() * BLOCK + 8 * reach]; reach + 1],
            blurred: vec![row.clone(); 2 * reach + 1],
            sums: row,
        }
    }

    /// Reads row `y`, which follows the last one, and blurs it.
    fn read(&mut self, y: usize, blur: &[f32], write: impl FnOnce(&mut [f32])) {
        let kept = y % self.sharp.len();
        let sharp = &mut self.sharp[kept];
        write(&mut sharp[4 * self.reach..][..self.line]);
        let kept = y % self.blurred.len();
        let blurred = &mut self.blurred[kept];
        vectorized(
            #[inline(always)]
            || along(sharp, blur, blurred),
        );
    }

    /// Adds up shares of blurred rows, and one of a row as it is.
    fn sum(&mut self, blurred: impl Iterator<Item = (usize, f32)>, (y, share): (usize, f32)) {
        let rows: Vec<_> = blurred.map(|(y, share)| (&self.blurred[y % self.blurred.len()][..], share)).collect();
        let sharp = self.sharp[y % self.sharp.len()][4 * self.reach..].as_chunks().0;
        vectorized(
            #[inline(always)]
            || {
                for (i, (sums, sharp)) in self.sums.iter_mut().zip(sharp).enumerate() {
                    let mut block = [0.0; BLOCK];
                    for &(row, share) in &rows {
                        add(&mut block, &row[i], share);
                    }
                    add(&mut block, sharp, share);
                    *sums = block;
                }
            },
        );
    }

    /// The sums, four numbers a pixel.
    fn sums(&self) -> &[[f32; 4]] {
        self.sums.as_flattened().as_chunks().0
    }
}

#[inline(always)]
fn add(sums: &mut Block, values: &Block, share: f32) {
    for i in 0..BLOCK {
        sums[i] += share * values[i];
    }
}

/// Blurs a row of four numbers a pixel.
#[inline(always)]
fn along(padded: &[f32], blur: &[f32], out: &mut [Block]) {
    let reach = blur.len() - 1;
    for (start, out) in (0..).step_by(BLOCK).zip(out) {
        let at = |pixels: usize| -> &Block { padded[start + 4 * pixels..].first_chunk().expect("as long as the row") };
        let mut block = [0.0; BLOCK];
        add(&mut block, at(reach), blur[0]);
        for (distance, &share) in (1..).zip(&blur[1..]) {
            let (left, right) = (at(reach - distance), at(reach + distance));
            for i in 0..BLOCK {
                block[i] += share * (left[i] + right[i]);
            }
        }
        *out = block;
    }
}

/// One side of a Gaussian up to `reach`, its middle first; both sides add up to 1.
pub(crate) fn half_gaussian(sigma: f64, reach: usize) -> Vec<f32> {
    let shares: Vec<f64> = (0..=reach).map(|i| libm::exp(-((i * i) as f64) / (2.0 * sigma * sigma))).collect();
    let sum = 2.0 * shares.iter().sum::<f64>() - shares[0];
    shares.into_iter().map(|share| (share / sum) as f32).collect()
}

/// What bands add up to, in their order.
pub(crate) fn total(bands: impl IntoIterator<Item = Sums>, colors: usize) -> Sums {
    let mut total = vec![[0.0; 4]; colors];
    for band in bands {
        for (total, band) in total.iter_mut().zip(band) {
            for d in 0..4 {
                total[d] += band[d];
            }
        }
    }
    total
}

fn scaled(sums: &Sums, scale: &[f64]) -> Sums {
    sums.iter().zip(scale).map(|(sum, scale)| sum.map(|x| x * scale)).collect()
}

/// The inner product in each coordinate.
fn dot(a: &Sums, b: &Sums) -> [f64; 4] {
    let mut products = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for d in 0..4 {
            products[d] += a[d] * b[d];
        }
    }
    products
}

/// 0 where nothing is left.
fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}
