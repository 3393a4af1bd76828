//! Pixels get other entries where that makes the loss of SSIMULACRA2 less, as far as its slope tells: few of them at once,
//! far from each other, and only if the loss is less indeed.
//!
//! Steps are damped, the more the less could be told (K. Levenberg, "A method for the solution of certain non-linear problems
//! in least squares", 1944): entries are far apart, and slopes hold for small steps.

use rayon::prelude::*;

use crate::direct::Scene;
use crate::index::Index;
use crate::pixels::{Rgba, to_rgba};
use crate::quality::slope::{Field, Guide, Look, NEAR, Slope, Steps};
use crate::simd::vectorized;

/// The damping at first, as a share of what a squared error in lightness costs on average; what it is after a step that
/// helped, and after one that did not.
const DAMPING: f32 = 4.0;
const LESS: f32 = 1.0 / 1.5;
const MORE: f32 = 3.0;
/// Tries in a round.
const TRIES: usize = 3;
/// Of the pixels this far around, in rows and columns, only the one with the most to gain changes.
const APART: usize = 3;
/// Where so few pixels make it worse, these stay as they are until others changed.
const FEW: usize = 12;
/// Pixels that one task has.
const PART: usize = 1 << 11;

/// How far a descent has come.
pub struct Descent {
    damping: f32,
    kinds: Vec<Kind>,
    resting: Vec<bool>,
}

/// What a pixel may change to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nothing,
    Opaque,
    Anything,
}

/// Entries near to one, and what it costs to change to them.
struct Ways {
    ids: [u32; NEAR],
    apart: [f32; NEAR],
    /// Above all bounds for entries that opaque pixels can't have.
    through: [f32; NEAR],
    /// Over each backdrop.
    steps: Vec<Steps>,
}

impl Descent {
    /// The start.
    pub fn new(scene: &Scene) -> Self {
        let mut keys = vec![0; scene.pixels.len()];
        scene.pixels.write_keys(&mut keys);
        let kind = |(i, &key)| match to_rgba(key)[3] {
            0 => Kind::Nothing,
            _ if scene.mask.is_some_and(|mask: &[u8]| mask[i] == 0) => Kind::Nothing,
            255 => Kind::Opaque,
            _ => Kind::Anything,
        };
        Self { damping: DAMPING, kinds: keys.iter().enumerate().map(kind).collect(), resting: vec![false; keys.len()] }
    }

    /// Looks for entries with which the loss is less than in `look`.
    pub fn go<I: Index>(
        &mut self,
        guide: &Guide,
        width: usize,
        palette: &[Rgba],
        slope: &Slope,
        look: &Look,
        indices: &[I],
    ) -> Option<(Vec<I>, Look)> {
        let (fields, ways) = (&slope.fields, ways(slope, palette));
        let level = fields.iter().map(Field::level).sum::<f32>() / fields.len().max(1) as f32;
        for _ in 0..TRIES {
            let (gains, wanted) = self.wanted(fields, &ways, self.damping * level, indices);
            let chosen = foremost(&gains, width);
            let mut changed = indices.to_vec();
            for &i in &chosen {
                changed[i] = I::narrow(wanted[i]);
            }
            if !chosen.is_empty() {
                let then = guide.look(&changed, palette, Some(look));
                // Entries may be alike over the backdrops that were looked at.
                let then = if then.loss < look.loss { guide.complete(then, &changed, palette) } else { then };
                if then.loss < look.loss {
                    self.resting.fill(false);
                    self.damping *= LESS;
                    return Some((changed, then));
                }
            }
            match chosen.len() {
                0 => {
                    self.damping *= LESS;
                    break;
                }
                1..FEW => chosen.iter().for_each(|&i| self.resting[i] = true),
                _ => self.damping *= MORE,
            }
        }
        None
    }

    /// What the loss changes by, below 0 where it becomes less, with the best other entry of each pixel, and that entry.
    fn wanted<I: Index>(&self, fields: &[Field], ways: &[Ways], damping: f32, indices: &[I]) -> (Vec<f32>, Vec<u32>) {
        let (mut gains, mut wanted) = (vec![0.0; indices.len()], vec![0; indices.len()]);
        let parts = gains.par_chunks_mut(PART).zip(wanted.par_chunks_mut(PART)).enumerate();
        parts.for_each(|(part, (gains, wanted))| {
            vectorized(
                #[inline(always)]
                || {
                    for (i, (gain, wanted)) in (part * PART..).zip(gains.iter_mut().zip(wanted.iter_mut())) {
                        if self.kinds[i] == Kind::Nothing || self.resting[i] {
                            continue;
                        }
                        let ways = &ways[indices[i].widen() as usize];
                        let opaque = self.kinds[i] == Kind::Opaque;
                        let mut changes = [0.0; NEAR];
                        for lane in 0..NEAR {
                            let closed = if opaque { ways.through[lane] } else { 0.0 };
                            changes[lane] = damping * ways.apart[lane] + closed;
                        }
                        for (field, steps) in fields.iter().zip(&ways.steps) {
                            field.at(i).add_changes(steps, &mut changes);
                        }
                        let mut least = changes;
                        let mut width = NEAR;
                        while width > 1 {
                            width /= 2;
                            for lane in 0..width {
                                let (a, b) = (least[lane], least[lane + width]);
                                least[lane] = if b < a { b } else { a };
                            }
                        }
                        if least[0] < 0.0 {
                            *gain = least[0];
                            let lane = changes.iter().position(|&change| change == least[0]).unwrap_or_default();
                            *wanted = ways.ids[lane];
                        }
                    }
                },
            );
        });
        (gains, wanted)
    }
}

/// The ways from each entry to those nearest to it, over the backdrop where they are farthest apart: what is all one over
/// the one that counts may be seen over the others.
fn ways(slope: &Slope, palette: &[Rgba]) -> Vec<Ways> {
    let (fields, colors) = (&slope.fields, palette.len());
    let counted = fields.len() as f32;
    let any = palette.iter().any(|color| color[3] == 255);
    let of = |a: usize| {
        let apart = |b: u32| {
            let over_each = slope.entries.iter().map(|entries| entries[a].apart(&entries[b as usize]));
            counted * over_each.fold(0.0, |most, apart| if apart > most { apart } else { most })
        };
        let mut others: Vec<(f32, u32)> =
            (0..colors as u32).filter(|&b| b as usize != a).map(|b| (apart(b), b)).collect();
        let nearer = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if others.len() > NEAR {
            others.select_nth_unstable_by(NEAR - 1, nearer);
            others.truncate(NEAR);
        }
        others.sort_unstable_by(nearer);
        let (mut far, mut through) = ([f32::INFINITY; NEAR], [0.0; NEAR]);
        let mut ids = [a as u32; NEAR];
        for (lane, &(apart, b)) in others.iter().enumerate() {
            (ids[lane], far[lane]) = (b, apart);
            through[lane] = if any && palette[b as usize][3] < 255 { f32::INFINITY } else { 0.0 };
        }
        let steps = fields.iter().map(|field| field.steps(a, &ids)).collect();
        Ways { ids, apart: far, through, steps }
    };
    (0..colors).into_par_iter().with_min_len(16).map(of).collect()
}

/// The pixels of which more is to be gained than of any other nearby; of equals the first.
fn foremost(gains: &[f32], width: usize) -> Vec<usize> {
    let height = gains.len() / width;
    let around = |x: usize, length: usize| x.saturating_sub(APART)..length.min(x + APART + 1);
    // The least of each line's pixels around.
    let mut across = vec![0.0; gains.len()];
    across.par_chunks_mut(width).zip(gains.par_chunks(width)).with_min_len(16).for_each(|(across, gains)| {
        let mut padded = vec![0.0; width + 2 * APART];
        padded[APART..APART + width].copy_from_slice(gains);
        vectorized(
            #[inline(always)]
            || {
                for right in 0..=2 * APART {
                    for (least, gain) in across.iter_mut().zip(&padded[right..]) {
                        *least = if *gain < *least { *gain } else { *least };
                    }
                }
            },
        );
    });
    let is_least = |&i: &usize| {
        let (x, y) = (i % width, i / width);
        let gain = gains[i];
        gain < 0.0
            && around(y, height).all(|y| across[y * width + x] >= gain)
            && around(y, height).all(|y| around(x, width).all(|x| y * width + x >= i || gains[y * width + x] > gain))
    };
    (0..gains.len()).into_par_iter().with_min_len(PART).filter(is_least).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Pixels;
    use crate::space::Space;

    #[test]
    fn a_step_is_judged_over_all_backdrops() {
        // A shadow that shows over white alone, next to white glass that shows over all else.
        let width = 48;
        let pixels: Vec<Rgba> = (0..width * width)
            .map(|i| match i % 2 {
                0 => [0, 0, 0, (i / 10 % 256) as u8],
                _ => [255, 255, 255, (254 - i / 160) as u8],
            })
            .collect();
        let palette: Vec<Rgba> = (0..8).flat_map(|i| [[0, 0, 0, 32 * i + 16], [255, 255, 255, 255 - 32 * i]]).collect();
        let mut indices: Vec<u8> =
            pixels.iter().map(|pixel| if pixel[0] == 0 { pixel[3] / 32 * 2 } else { 1 }).collect();
        for i in (0..indices.len()).step_by(346) {
            indices[i] = (indices[i] + 8) % 16;
        }
        let pixels = Pixels::new(pixels.as_flattened(), 4).expect("RGBA");
        let scene = Scene { pixels, width, space: Space::SeenOklab, scale: [1.0; 4], mask: None };
        let guide = Guide::new(pixels, width).expect("large enough");
        let look = guide.look(&indices, &palette, None);
        let slope = guide.slope(&look, &indices, &palette);
        assert!(slope.fields.len() < slope.entries.len());
        let mut descent = Descent::new(&scene);
        let mut steps = (0..20).map(|_| descent.go(&guide, width, &palette, &slope, &look, &indices));
        let (changed, then) = steps.find_map(|found| found).expect("a step that helps");
        assert_eq!(then.loss, guide.loss(&changed, &palette));
        assert!(then.loss < look.loss);
    }
}
