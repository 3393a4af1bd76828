//! Where SSIMULACRA2 falls and rises: how its score changes with every pixel of a result, by the chain rule, backward
//! through all its scales.
//!
//! The score is a rising function of a weighted sum of what three maps say at six scales of three planes, of which eleven
//! are worth more than a thousandth. That sum is the loss here. Blurs are sums of eleven terms, which the metric has
//! recursive filters for, so that scores agree to about half a point: enough to find a way, and `ssimulacra2` is the judge.

use std::array::from_fn;

use rayon::prelude::*;

use super::layers::{BACKDROPS, Layers};
use crate::nearest::Index;
use crate::pixels::{Pixels, Rgba};
use crate::refit::{along, half_gaussian};
use crate::simd::vectorized;
use crate::space::{Space, cbrt};

/// What the maps of a plane weigh in the loss: their means, and the fourth roots of the means of their fourth powers.
#[derive(Clone, Copy)]
struct Weights {
    /// Structure that differs.
    structure: [f64; 2],
    /// Edges that are not in the original.
    added: [f64; 2],
    /// Edges that are missing.
    lost: [f64; 2],
}

const fn weights(structure: [f64; 2], added: [f64; 2], lost: [f64; 2]) -> Option<Weights> {
    Some(Weights { structure, added, lost })
}

/// By scale, of X, Y and B. What is below a hundredth in the metric is left out.
const WEIGHTS: [[Option<Weights>; 3]; 5] = [
    [None, weights([0.0, 7.46689], [0.0; 2], [0.0, 17.4458]), None],
    [weights([0.0, 1.10417], [0.0; 2], [0.0; 2]), weights([0.0, 6.68368], [0.0; 2], [0.0, 1.02789]), None],
    [weights([0.0, 1.84225], [0.0, 11.4412], [0.0; 2]), weights([225.205, 19.2132], [0.0; 2], [0.0; 2]), None],
    [
        weights([0.0, 1.87876], [0.0, 10.9491], [0.0; 2]),
        weights([176.393, 24.433], [0.0, 0.285208], [0.0; 2]),
        weights([0.0, 8.82698], [0.0, 23.1924], [0.0; 2]),
    ],
    [
        weights([0.0; 2], [0.967794, 0.998177], [0.0; 2]),
        weights([0.0, 34.7791], [0.0, 44.8356], [0.0; 2]),
        weights([95.108, 0.0], [0.986398, 171.267], [0.983438, 0.98078]),
    ],
];

/// Linear sRGB to the responses whose cube roots make X, Y and B; what is added to them.
const OPSIN: [[f32; 3]; 3] = [[0.30, 0.622, 0.078], [0.23, 0.692, 0.078], [0.243_422_69, 0.204_767_45, 0.551_809_87]];
const BIAS: f32 = 0.003_793_073_4;
/// What keeps quotients of variances finite.
const C2: f32 = 0.0009;
/// The blur of the metric, and how far it reaches here.
const SIGMA: f64 = 1.5;
const REACH: usize = 5;
/// A picture with a side below this has no further scale.
const LEAST_SIDE: usize = 8;
/// Rows that one task has, or pixels.
const ROWS: usize = 32;
const PART: usize = 1 << 14;

/// Three numbers for each pixel, one plane each.
type Planes = [Vec<f32>; 3];

/// An original, prepared to say how much worse results are, and which way they get better.
pub struct Guide {
    backdrops: Vec<Backdrop>,
    width: usize,
    height: usize,
    blur: Vec<f32>,
}

/// What an original looks like over one grey.
struct Backdrop {
    grey: u8,
    scales: Vec<Scale>,
}

struct Scale {
    width: usize,
    height: usize,
    /// By plane; `None` where it weighs nothing.
    planes: [Option<Plane>; 3],
}

/// A plane, its blur, and the variance around each pixel.
struct Plane {
    weights: Weights,
    values: Vec<f32>,
    mean: Vec<f32>,
    variance: Vec<f32>,
}

/// Which way a result gets worse.
pub struct Slope {
    /// The loss: 0 for equal pictures.
    pub loss: f64,
    /// By entry of the palette, summed over its pixels: how the loss grows with its color as coded and times its alpha,
    /// 0 to 255, and with its alpha.
    pub colors: Vec<[f64; 4]>,
    /// By pixel: how much the loss grows with the square of its error in lightness alone; 1 on average.
    pub noise: Vec<f32>,
}

/// What one plane at one scale says of a result.
struct Verdict {
    loss: f64,
    /// How the loss grows with each value, and with the local mean of squares.
    slope: Vec<f32>,
    noise: Vec<f32>,
}

impl Guide {
    /// Prepares the pixels of rows of `width`; `None` where a side is under 8 pixels.
    pub fn new(pixels: Pixels, width: usize) -> Option<Self> {
        let height = pixels.len() / width;
        if width.min(height) < LEAST_SIDE {
            return None;
        }
        let blur = half_gaussian(SIGMA, REACH);
        let layers = Layers::new(pixels);
        let backdrops = layers.iter().zip(BACKDROPS).map(|(layer, grey)| {
            let light = from_fn(|c| layer.iter().map(|pixel| Space::Linear.light(pixel[c])).collect());
            Backdrop { grey, scales: scales(light, width, height, &blur) }
        });
        let backdrops = backdrops.collect();
        Some(Self { backdrops, width, height, blur })
    }

    /// The loss of the picture that has these entries: the worst there is over any backdrop.
    pub fn loss<I: Index>(&self, indices: &[I], palette: &[Rgba]) -> f64 {
        self.backdrops.iter().map(|backdrop| self.judge(backdrop, indices, palette, false).loss).fold(0.0, f64::max)
    }

    /// The loss, and how it changes.
    pub fn slope<I: Index>(&self, indices: &[I], palette: &[Rgba]) -> Slope {
        let slopes = self.backdrops.iter().map(|backdrop| self.judge(backdrop, indices, palette, true));
        let mut sum = slopes
            .reduce(|mut sum, slope| {
                sum.loss = sum.loss.max(slope.loss);
                sum.colors.as_flattened_mut().iter_mut().zip(slope.colors.as_flattened()).for_each(|(a, b)| *a += b);
                sum.noise.iter_mut().zip(slope.noise).for_each(|(a, b)| *a += b);
                sum
            })
            .expect("there is a backdrop");
        let total: f64 = sum.noise.iter().map(|&v| f64::from(v)).sum();
        let level = (total / sum.noise.len() as f64).max(f64::MIN_POSITIVE) as f32;
        sum.noise.iter_mut().for_each(|v| *v /= level);
        sum
    }

    /// What the picture is over one backdrop; its changes only if `back`.
    fn judge<I: Index>(&self, backdrop: &Backdrop, indices: &[I], palette: &[Rgba], back: bool) -> Slope {
        let Self { width, height, .. } = *self;
        let laid: Vec<[f32; 3]> = palette.iter().map(|&color| over(color, backdrop.grey)).collect();
        let light: Vec<[f32; 3]> = laid.iter().map(|laid| laid.map(|code| decode(code).0)).collect();
        let lightness: Vec<f32> = light.iter().map(|&light| xyb(roots(light))[1]).collect();
        let plane = |of: &(dyn Fn(usize) -> f32 + Sync)| -> Vec<f32> {
            indices.par_iter().with_min_len(ROWS * width).map(|index| of(index.widen() as usize)).collect()
        };
        // By scale: the roots of responses; of the first only the lightness is asked for.
        let mut seen: Vec<Planes> = vec![[Vec::new(), plane(&|i| lightness[i]), Vec::new()]];
        let mut rooted: Vec<Planes> = vec![Planes::default()];
        let mut half = halved_indices(indices, &light, width, height);
        for scale in 1..backdrop.scales.len() {
            let Scale { width, height, .. } = backdrop.scales[scale];
            let roots = root_planes(&half);
            seen.push(xyb_planes(&roots));
            rooted.push(roots);
            if scale + 1 < backdrop.scales.len() {
                half = half.each_ref().map(|plane| halved(plane, width, height));
            }
        }
        let places: Vec<(usize, usize)> = (0..backdrop.scales.len())
            .flat_map(|scale| (0..3).map(move |c| (scale, c)))
            .filter(|&(scale, c)| backdrop.scales[scale].planes[c].is_some())
            .collect();
        let verdict = |&(scale, c): &(usize, usize)| {
            let Scale { width, ref planes, .. } = backdrop.scales[scale];
            planes[c].as_ref().map(|plane| plane.verdict(&seen[scale][c], width, &self.blur, back))
        };
        let verdicts: Vec<Option<Verdict>> = places.par_iter().map(verdict).collect();
        let loss = verdicts.iter().flatten().map(|verdict| verdict.loss).sum();
        if !back {
            return Slope { loss, colors: Vec::new(), noise: Vec::new() };
        }
        let mut slopes: Vec<[Option<Vec<f32>>; 3]> = vec![[None, None, None]; backdrop.scales.len()];
        let mut noise = Vec::new();
        for (&(scale, c), verdict) in places.iter().zip(verdicts.into_iter().flatten()) {
            slopes[scale][c] = Some(verdict.slope);
            if scale == 0 {
                noise = verdict.noise;
            }
        }
        // How the loss changes with the light of each pixel, from the last scale to the second.
        let mut deeper: Option<Planes> = None;
        for scale in (1..backdrop.scales.len()).rev() {
            let Scale { width, height, .. } = backdrop.scales[scale];
            deeper = Some(light_slopes(&slopes[scale], &rooted[scale], deeper.as_ref(), width, height));
        }
        let first = slopes[0][1].as_deref().unwrap_or(&[]);
        let colors = self.of_colors(indices, &laid, &light, first, deeper.as_ref(), backdrop.grey);
        Slope { loss, colors, noise }
    }

    /// Adds up, color by color, what the loss grows by.
    fn of_colors<I: Index>(
        &self,
        indices: &[I],
        laid: &[[f32; 3]],
        light: &[[f32; 3]],
        first: &[f32],
        deeper: Option<&Planes>,
        grey: u8,
    ) -> Vec<[f64; 4]> {
        let Self { width, height, .. } = *self;
        let rows: Vec<usize> = (0..height).step_by(ROWS).collect();
        let parts = rows.par_iter().map(|&start| {
            let mut sums = vec![[0.0f64; 4]; laid.len()];
            for y in start..height.min(start + ROWS) {
                for x in 0..width {
                    let sum = &mut sums[indices[y * width + x].widen() as usize];
                    sum[3] += f64::from(first[y * width + x]);
                    if let Some(deeper) = deeper {
                        let at = y / 2 * width.div_ceil(2) + x / 2;
                        let share = share(x, width) * share(y, height);
                        for c in 0..3 {
                            sum[c] += f64::from(share * deeper[c][at]);
                        }
                    }
                }
            }
            sums
        });
        let mut colors = vec![[0.0; 4]; laid.len()];
        for part in parts.collect::<Vec<_>>() {
            for (sum, part) in colors.as_flattened_mut().iter_mut().zip(part.as_flattened()) {
                *sum += part;
            }
        }
        for ((color, &laid), &light) in colors.iter_mut().zip(laid).zip(light) {
            let roots = roots(light);
            let [x, y, z, lightness] = *color;
            let mut coded = [x, y, z];
            for c in 0..3 {
                for i in 0..2 {
                    coded[c] += lightness * f64::from(0.5 * OPSIN[i][c] / (3.0 * roots[i] * roots[i]));
                }
                coded[c] *= f64::from(decode(laid[c]).1);
            }
            // Where alpha grows by one, so much less of the backdrop is seen.
            let hidden = -f64::from(grey) / 255.0 * (coded[0] + coded[1] + coded[2]);
            *color = [coded[0], coded[1], coded[2], hidden];
        }
        colors
    }
}

/// A color laid over grey, as coded.
fn over([r, g, b, alpha]: Rgba, grey: u8) -> [f32; 3] {
    let (alpha, rest) = (u16::from(alpha), u16::from(grey) * u16::from(255 - alpha));
    [r, g, b].map(|v| f32::from((u16::from(v) * alpha + rest + 127) / 255))
}

/// The light of a code, and how it grows with the code.
fn decode(code: f32) -> (f32, f32) {
    let code = code as u8;
    let (below, above) = (code.saturating_sub(1), code.saturating_add(1));
    let light = |code| Space::Linear.light(code);
    (light(code), (light(above) - light(below)) / f32::from(above - below))
}

#[inline(always)]
fn roots([r, g, b]: [f32; 3]) -> [f32; 3] {
    OPSIN.map(
        #[inline(always)]
        |[x, y, z]| cbrt(x * r + y * g + z * b + BIAS),
    )
}

/// X, Y and B, but for constants that change no map.
#[inline(always)]
fn xyb([l, m, s]: [f32; 3]) -> [f32; 3] {
    let y = 0.5 * (l + m);
    [7.0 * (l - m), y, s - y]
}

fn root_planes(light: &Planes) -> Planes {
    converted(light, roots)
}

fn xyb_planes(roots: &Planes) -> Planes {
    converted(roots, xyb)
}

/// Converts pixel by pixel.
#[inline(always)]
fn converted(planes: &Planes, convert: impl Fn([f32; 3]) -> [f32; 3] + Copy + Sync) -> Planes {
    let mut out: Planes = from_fn(|_| vec![0.0; planes[0].len()]);
    let [x, y, z] = &mut out;
    let parts = x.par_chunks_mut(PART).zip(y.par_chunks_mut(PART)).zip(z.par_chunks_mut(PART));
    parts.enumerate().for_each(|(part, ((x, y), z))| {
        let [a, b, c] = planes.each_ref().map(|plane| &plane[part * PART..][..x.len()]);
        vectorized(
            #[inline(always)]
            || {
                let outs = x.iter_mut().zip(y.iter_mut()).zip(z.iter_mut());
                for (((x, y), z), ((&a, &b), &c)) in outs.zip(a.iter().zip(b).zip(c)) {
                    [*x, *y, *z] = convert([a, b, c]);
                }
            },
        );
    });
    out
}

/// How much a pixel at `at` counts in the one of half the size that holds it: at the end of an odd line, twice.
fn share(at: usize, length: usize) -> f32 {
    if at + 1 == length && length % 2 == 1 { 1.0 } else { 0.5 }
}

/// Each pixel the mean of four.
fn halved(plane: &[f32], width: usize, height: usize) -> Vec<f32> {
    let (columns, rows) = (width.div_ceil(2), height.div_ceil(2));
    let mut half = vec![0.0; columns * rows];
    for (y, line) in half.chunks_exact_mut(columns).enumerate() {
        let above = &plane[2 * y * width..][..width];
        let below = &plane[(2 * y + 1).min(height - 1) * width..][..width];
        for (x, value) in line.iter_mut().enumerate() {
            let (left, right) = (2 * x, (2 * x + 1).min(width - 1));
            *value = 0.25 * ((above[left] + above[right]) + (below[left] + below[right]));
        }
    }
    half
}

/// The same of the light of entries.
fn halved_indices<I: Index>(indices: &[I], light: &[[f32; 3]], width: usize, height: usize) -> Planes {
    let columns = width.div_ceil(2);
    let mut planes: Planes = from_fn(|_| vec![0.0; columns * height.div_ceil(2)]);
    let [r, g, b] = &mut planes;
    let bands = r.par_chunks_mut(columns).zip(g.par_chunks_mut(columns)).zip(b.par_chunks_mut(columns));
    bands.enumerate().with_min_len(ROWS).for_each(|(y, ((r, g), b))| {
        let above = &indices[2 * y * width..][..width];
        let below = &indices[(2 * y + 1).min(height - 1) * width..][..width];
        for x in 0..columns {
            let (left, right) = (2 * x, (2 * x + 1).min(width - 1));
            let four =
                [above[left], above[right], below[left], below[right]].map(|index| light[index.widen() as usize]);
            [r[x], g[x], b[x]] = from_fn(|c| 0.25 * ((four[0][c] + four[1][c]) + (four[2][c] + four[3][c])));
        }
    });
    planes
}

/// How the loss changes with the light of a scale's pixels: by its own planes, and by what is deeper.
fn light_slopes(
    slopes: &[Option<Vec<f32>>; 3],
    roots: &Planes,
    deeper: Option<&Planes>,
    width: usize,
    height: usize,
) -> Planes {
    let mut light: Planes = from_fn(|_| vec![0.0; width * height]);
    let of = |c: usize, i: usize| slopes[c].as_ref().map_or(0.0, |slope| slope[i]);
    let [r, g, b] = &mut light;
    let rows = r.par_chunks_mut(width).zip(g.par_chunks_mut(width)).zip(b.par_chunks_mut(width));
    rows.enumerate().with_min_len(ROWS).for_each(|(y, ((r, g), b))| {
        for x in 0..width {
            let i = y * width + x;
            let (dx, dy, db) = (of(0, i), of(1, i), of(2, i));
            let both = 0.5 * (dy - db);
            let by_root = [7.0 * dx + both, both - 7.0 * dx, db];
            let by_response: [f32; 3] = from_fn(|c| by_root[c] / (3.0 * roots[c][i] * roots[c][i]));
            let mut slope: [f32; 3] =
                from_fn(|c| by_response[0] * OPSIN[0][c] + by_response[1] * OPSIN[1][c] + by_response[2] * OPSIN[2][c]);
            if let Some(deeper) = deeper {
                let at = y / 2 * width.div_ceil(2) + x / 2;
                let share = share(x, width) * share(y, height);
                for c in 0..3 {
                    slope[c] += share * deeper[c][at];
                }
            }
            [r[x], g[x], b[x]] = slope;
        }
    });
    light
}

fn scales(light: Planes, width: usize, height: usize, blur: &[f32]) -> Vec<Scale> {
    let (mut light, mut width, mut height) = (light, width, height);
    let mut scales: Vec<Scale> = Vec::new();
    for weights in &WEIGHTS {
        let values = xyb_planes(&root_planes(&light));
        let planes = values.into_iter().zip(weights).map(|(values, weights)| {
            let weights = (*weights)?;
            let mean = blurred(width, height, blur, |range, line| line.copy_from_slice(&values[range]));
            let mut variance =
                blurred(width, height, blur, |range, line| squares(&values[range.clone()], &values[range], line));
            variance.iter_mut().zip(&mean).for_each(|(variance, mean)| *variance -= mean * mean);
            Some(Plane { weights, values, mean, variance })
        });
        let mut planes = planes;
        let planes = from_fn(|_| planes.next().flatten());
        scales.push(Scale { width, height, planes });
        if width.min(height) < LEAST_SIDE {
            break;
        }
        light = light.each_ref().map(|plane| halved(plane, width, height));
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
    }
    scales
}

impl Plane {
    /// Judges a plane of a result; how the loss changes with it only if `back`.
    fn verdict(&self, values: &[f32], width: usize, blur: &[f32], back: bool) -> Verdict {
        let (count, height) = (values.len() as f64, values.len() / width);
        let Weights { structure, added, lost } = self.weights;
        let mean = blurred(width, height, blur, |range, line| line.copy_from_slice(&values[range]));
        let structured = structure != [0.0; 2];
        let of_squares = |other: &[f32]| {
            if structured {
                blurred(width, height, blur, |range, line| squares(&values[range.clone()], &other[range], line))
            } else {
                mean.clone()
            }
        };
        let (square, product) = (of_squares(values), of_squares(&self.values));
        let planes = Both { own: self, values, mean: &mean, square: &square, product: &product, structured };
        let bands: Vec<(usize, usize)> =
            (0..values.len()).step_by(ROWS * width).map(|at| (at, values.len().min(at + ROWS * width))).collect();
        let parts: Vec<[[f64; 2]; 3]> = bands.par_iter().map(|&(start, end)| planes.tally(start, end)).collect();
        let mut sums = [[0.0; 2]; 3];
        for part in parts {
            sums.as_flattened_mut().iter_mut().zip(part.as_flattened()).for_each(|(sum, part)| *sum += part);
        }
        let means = sums.map(|[sum, fourth]| [sum / count, (fourth / count).sqrt().sqrt()]);
        let weighed = [structure, added, lost];
        let loss = weighed.iter().flatten().zip(means.iter().flatten()).map(|(weight, mean)| weight * mean).sum();
        if !back {
            return Verdict { loss, slope: Vec::new(), noise: Vec::new() };
        }
        // The loss grows with a map's value v by a + b v^3.
        let growth: [[f32; 2]; 3] = from_fn(|map| {
            let ([once, fourth], norm) = (weighed[map], means[map][1]);
            let cubes = if norm > 0.0 { fourth / (count * norm * norm * norm) } else { 0.0 };
            [(once / count) as f32, cubes as f32]
        });
        let mut by_edge = vec![0.0; values.len()];
        let mut by_mean = vec![0.0; values.len()];
        let mut by_square = vec![0.0; values.len()];
        let mut by_product = vec![0.0; values.len()];
        let parts = by_edge.par_chunks_mut(ROWS * width).zip(by_mean.par_chunks_mut(ROWS * width));
        let parts = parts.zip(by_square.par_chunks_mut(ROWS * width)).zip(by_product.par_chunks_mut(ROWS * width));
        parts.enumerate().for_each(|(band, (((by_edge, by_mean), by_square), by_product))| {
            planes.grow(band * ROWS * width, &growth, [by_edge, by_mean, by_square, by_product]);
        });
        let blur_of = |plane: &[f32]| blurred(width, height, blur, |range, line| line.copy_from_slice(&plane[range]));
        let mut slope = blur_of(&by_mean);
        if !structured {
            slope.iter_mut().zip(&by_edge).for_each(|(slope, edge)| *slope += edge);
            return Verdict { loss, slope, noise: Vec::new() };
        }
        let (noise, by_product) = (blur_of(&by_square), blur_of(&by_product));
        slope.par_chunks_mut(ROWS * width).enumerate().for_each(|(band, slope)| {
            let at = band * ROWS * width;
            let terms = noise[at..].iter().zip(&by_product[at..]).zip(&by_edge[at..]);
            let terms = terms.zip(values[at..].iter().zip(&self.values[at..]));
            for (slope, (((noise, product), edge), (other, own))) in slope.iter_mut().zip(terms) {
                *slope += edge + 2.0 * other * noise + own * product;
            }
        });
        Verdict { loss, slope, noise }
    }
}

/// A plane of the original, and the same of a result, with its blur and that of its squares and of its products with the
/// original.
struct Both<'a> {
    own: &'a Plane,
    values: &'a [f32],
    mean: &'a [f32],
    square: &'a [f32],
    product: &'a [f32],
    structured: bool,
}

/// What pixels' neighborhoods in two planes have in common.
struct Structure<const N: usize> {
    nearness: [f32; N],
    common: [f32; N],
    all: [f32; N],
    quotient: [f32; N],
}

impl Both<'_> {
    /// The sums of the three maps of a range, and of their fourth powers.
    fn tally(&self, start: usize, end: usize) -> [[f64; 2]; 3] {
        let mut lanes = [[[0.0f32; LANES]; 2]; 3];
        let mut rest = [[[0.0f32; 1]; 2]; 3];
        vectorized(
            #[inline(always)]
            || {
                let whole = end - (end - start) % LANES;
                for at in (start..whole).step_by(LANES) {
                    self.add(at, &mut lanes);
                }
                for at in whole..end {
                    self.add(at, &mut rest);
                }
            },
        );
        let sum = |values: &[f32]| values.iter().map(|&value| f64::from(value)).sum::<f64>();
        from_fn(|map| from_fn(|power| sum(&lanes[map][power]) + sum(&rest[map][power])))
    }

    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, sums: &mut [[[f32; N]; 2]; 3]) {
        let edge = self.edge::<N>(at);
        let mut maps = [[0.0; N], edge, edge];
        if self.structured {
            let structure = self.structure::<N>(at);
            for i in 0..N {
                maps[0][i] = 1.0 - structure.quotient[i];
            }
        }
        for i in 0..N {
            maps[2][i] = -edge[i];
        }
        for (sums, map) in sums.iter_mut().zip(&maps) {
            for i in 0..N {
                let value = if map[i] > 0.0 { map[i] } else { 0.0 };
                let square = value * value;
                sums[0][i] += value;
                sums[1][i] += square * square;
            }
        }
    }

    /// How the loss grows with the edges, the local means, the means of squares and those of products, from `start` on.
    fn grow(&self, start: usize, growth: &[[f32; 2]; 3], outs: [&mut [f32]; 4]) {
        let [by_edge, by_mean, by_square, by_product] = outs;
        vectorized(
            #[inline(always)]
            || {
                let whole = by_edge.len() - by_edge.len() % LANES;
                for at in (0..whole).step_by(LANES) {
                    let grown = self.grown::<LANES>(start + at, growth);
                    by_edge[at..at + LANES].copy_from_slice(&grown[0]);
                    by_mean[at..at + LANES].copy_from_slice(&grown[1]);
                    by_square[at..at + LANES].copy_from_slice(&grown[2]);
                    by_product[at..at + LANES].copy_from_slice(&grown[3]);
                }
                for at in whole..by_edge.len() {
                    let grown = self.grown::<1>(start + at, growth);
                    [by_edge[at], by_mean[at], by_square[at], by_product[at]] = grown.map(|value| value[0]);
                }
            },
        );
    }

    #[inline(always)]
    fn grown<const N: usize>(&self, at: usize, growth: &[[f32; 2]; 3]) -> [[f32; N]; 4] {
        let (own, own_mean) = (take::<N>(&self.own.values, at), take::<N>(&self.own.mean, at));
        let (values, mean) = (take::<N>(self.values, at), take::<N>(self.mean, at));
        let edge = self.edge::<N>(at);
        let mut grown = [[0.0; N]; 4];
        for i in 0..N {
            let value = edge[i];
            let cube = value * value * value;
            let (more, less) = (growth[1][0] + growth[1][1] * cube, growth[2][1] * cube - growth[2][0]);
            let steep = if value > 0.0 { more } else { less };
            let steep = if values[i] > mean[i] { steep } else { -steep };
            grown[0][i] = steep / (1.0 + (own[i] - own_mean[i]).abs());
            grown[1][i] = -grown[0][i];
        }
        if self.structured {
            let Structure { nearness, common, all, quotient } = self.structure::<N>(at);
            for i in 0..N {
                let differs = 1.0 - quotient[i];
                let steep = growth[0][0] + growth[0][1] * (differs * differs * differs);
                let steep = if differs > 0.0 { steep / all[i] } else { 0.0 };
                let (first, second) = (own_mean[i], mean[i]);
                let risen = 2.0 * (first - second) * common[i] - 2.0 * first * nearness[i] + 2.0 * second * quotient[i];
                grown[1][i] -= steep * risen;
                grown[2][i] = steep * quotient[i];
                grown[3][i] = -2.0 * steep * nearness[i];
            }
        }
        grown
    }

    /// By how much edges are stronger than in the original, as a share.
    #[inline(always)]
    fn edge<const N: usize>(&self, at: usize) -> [f32; N] {
        let (own, own_mean) = (take::<N>(&self.own.values, at), take::<N>(&self.own.mean, at));
        let (values, mean) = (take::<N>(self.values, at), take::<N>(self.mean, at));
        let mut edge = [0.0; N];
        for i in 0..N {
            edge[i] = (1.0 + (values[i] - mean[i]).abs()) / (1.0 + (own[i] - own_mean[i]).abs()) - 1.0;
        }
        edge
    }

    #[inline(always)]
    fn structure<const N: usize>(&self, at: usize) -> Structure<N> {
        let (first, variance) = (take::<N>(&self.own.mean, at), take::<N>(&self.own.variance, at));
        let (second, square) = (take::<N>(self.mean, at), take::<N>(self.square, at));
        let product = take::<N>(self.product, at);
        let [mut nearness, mut common, mut all, mut quotient] = [[0.0; N]; 4];
        for i in 0..N {
            let apart = first[i] - second[i];
            nearness[i] = 1.0 - apart * apart;
            common[i] = 2.0 * (product[i] - first[i] * second[i]) + C2;
            all[i] = variance[i] + (square[i] - second[i] * second[i]) + C2;
            quotient[i] = nearness[i] * common[i] / all[i];
        }
        Structure { nearness, common, all, quotient }
    }
}

#[inline(always)]
fn take<const N: usize>(plane: &[f32], at: usize) -> [f32; N] {
    let mut lanes = [0.0; N];
    lanes.copy_from_slice(&plane[at..at + N]);
    lanes
}

/// Numbers that are added up side by side.
const LANES: usize = 16;

#[inline(always)]
fn squares(a: &[f32], b: &[f32], line: &mut [f32]) {
    for (value, (a, b)) in line.iter_mut().zip(a.iter().zip(b)) {
        *value = a * b;
    }
}

/// A plane, blurred; `write` writes the rows of what is to be. Nothing comes from beyond the ends.
fn blurred(
    width: usize,
    height: usize,
    blur: &[f32],
    write: impl Fn(std::ops::Range<usize>, &mut [f32]) + Sync,
) -> Vec<f32> {
    let mut out = vec![0.0; width * height];
    out.par_chunks_mut(ROWS * width).enumerate().for_each(|(band, out)| {
        let (first, rows) = (band * ROWS, out.len() / width);
        let (from, to) = (first.saturating_sub(REACH), height.min(first + rows + REACH));
        let mut across = vec![0.0; (to - from) * width];
        let mut padded = vec![0.0; width + 2 * REACH];
        for (y, line) in (from..to).zip(across.chunks_exact_mut(width)) {
            write(y * width..(y + 1) * width, &mut padded[REACH..REACH + width]);
            vectorized(
                #[inline(always)]
                || along(&padded, 1, blur, line),
            );
        }
        for (y, line) in (first..).zip(out.chunks_exact_mut(width)) {
            vectorized(
                #[inline(always)]
                || {
                    for other in y.saturating_sub(REACH)..height.min(y + REACH + 1) {
                        let share = blur[y.abs_diff(other)];
                        for (value, from) in line.iter_mut().zip(&across[(other - from) * width..][..width]) {
                            *value += share * from;
                        }
                    }
                },
            );
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 61;
    const HEIGHT: usize = 47;

    /// A picture of waves, with alpha if `soft`, and one in a few colors that is like it.
    fn pictures(soft: bool) -> (Vec<u8>, Vec<Rgba>, Vec<u8>) {
        let wave = |i: usize, step: f64| (128.0 + 100.0 * libm::sin(i as f64 * step)) as u8;
        let pixel = |i: usize| {
            let (x, y) = (i % WIDTH, i / WIDTH);
            [wave(x, 0.13), wave(y, 0.21), wave(x + y, 0.09), if soft { wave(x + 2 * y, 0.11) } else { 255 }]
        };
        let pixels: Vec<Rgba> = (0..WIDTH * HEIGHT).map(pixel).collect();
        let palette: Vec<Rgba> = (0..12).map(|i| pixels[i * 239 % pixels.len()]).collect();
        let far = |a: Rgba, b: Rgba| a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum::<u32>();
        let nearest =
            |&pixel: &Rgba| (0..palette.len()).min_by_key(|&i| far(palette[i], pixel)).expect("entries") as u8;
        let indices = pixels.iter().map(nearest).collect();
        (pixels.into_flattened(), palette, indices)
    }

    #[test]
    fn equal_pictures_have_no_loss() {
        let pixels: Vec<u8> = (0..200 * 4).map(|i| if i % 4 == 3 { 255 } else { (i / 4 % 200) as u8 }).collect();
        let palette: Vec<Rgba> = pixels.as_chunks().0.to_vec();
        let guide = Guide::new(Pixels::new(&pixels, 4).expect("RGBA"), 20).expect("large enough");
        let indices: Vec<u8> = (0..200).collect();
        assert!(guide.loss(&indices, &palette) < 1e-3);
        assert!(Guide::new(Pixels::new(&pixels, 4).expect("RGBA"), 40).is_none());
    }

    #[test]
    fn a_color_moved_changes_the_loss_as_its_slope_says() {
        for soft in [false, true] {
            let (bytes, palette, indices) = pictures(soft);
            let guide = Guide::new(Pixels::new(&bytes, 4).expect("RGBA"), WIDTH).expect("large enough");
            let slope = guide.slope(&indices, &palette);
            if !soft {
                assert_eq!(slope.loss, guide.loss(&indices, &palette));
            }
            assert!((slope.noise.iter().sum::<f32>() / slope.noise.len() as f32 - 1.0).abs() < 1e-3);
            // Over all backdrops, as slopes are.
            let total = |palette: &[Rgba]| {
                guide.backdrops.iter().map(|backdrop| guide.judge(backdrop, &indices, palette, false).loss).sum::<f64>()
            };
            let (mut told, mut found) = (Vec::new(), Vec::new());
            for i in 0..palette.len() {
                for d in 0..3 {
                    let [mut more, mut less] = [palette.clone(), palette.clone()];
                    more[i][d] += 3;
                    less[i][d] -= 3;
                    found.push((total(&more) - total(&less)) / 6.0);
                    told.push(slope.colors[i][d] * f64::from(palette[i][3]) / 255.0);
                }
            }
            let norm = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>().sqrt();
            let apart: Vec<f64> = told.iter().zip(&found).map(|(a, b)| a - b).collect();
            // What is laid over a backdrop is rounded to bytes.
            assert!(norm(&apart) < 0.2 * norm(&found), "{soft}: {} of {}", norm(&apart), norm(&found));
        }
    }
}
