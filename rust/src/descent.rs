//! Pixels get other entries where that makes the loss of SSIMULACRA2 less, as far as its slope tells: few of them at once,
//! far from each other, and only if the loss is less indeed.
//!
//! Steps are damped, the more the less could be told (K. Levenberg, "A method for the solution of certain non-linear problems
//! in least squares", 1944): entries are far apart, and slopes hold for small steps.

use rayon::prelude::*;

use crate::direct::Scene;
use crate::nearest::Index;
use crate::pixels::{Rgba, to_rgba};
use crate::quality::slope::{Field, Guide, Slope};

/// Entries that a pixel may change to: those nearest to the one it has.
const NEAR: usize = 16;
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

/// How far a descent has come.
pub struct Descent {
    damping: f32,
    resting: Vec<bool>,
}

impl Descent {
    /// The start, of so many pixels.
    pub fn new(pixels: usize) -> Self {
        Self { damping: DAMPING, resting: vec![false; pixels] }
    }

    /// Makes the loss less, from what it is now; returns what it is then.
    pub fn go<I: Index>(
        &mut self,
        guide: &Guide,
        scene: &Scene,
        palette: &[Rgba],
        slope: &Slope,
        loss: f64,
        indices: &mut Vec<I>,
    ) -> f64 {
        let near = near(&slope.fields, palette.len());
        for _ in 0..TRIES {
            let wanted = self.wanted(scene, palette, &slope.fields, &near, indices);
            let chosen = foremost(&wanted, scene.width);
            let mut changed = indices.clone();
            for &i in &chosen {
                changed[i] = I::narrow(wanted[i].1);
            }
            let then = if chosen.is_empty() { loss } else { guide.loss(&changed, palette) };
            if then < loss {
                *indices = changed;
                self.resting.fill(false);
                self.damping *= LESS;
                return then;
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
        loss
    }

    /// What each pixel gains, below 0, and the entry with which it does.
    fn wanted<I: Index>(
        &self,
        scene: &Scene,
        palette: &[Rgba],
        fields: &[Field],
        near: &[Vec<u32>],
        indices: &[I],
    ) -> Vec<(f32, u32)> {
        let mut keys = vec![0; indices.len()];
        scene.pixels.write_keys(&mut keys);
        let opaque: Vec<bool> = palette.iter().map(|color| color[3] == 255).collect();
        let any = opaque.contains(&true);
        let levels: Vec<f32> = fields.iter().map(Field::level).collect();
        let damping = self.damping * levels.iter().sum::<f32>() / levels.len().max(1) as f32;
        let best = |i: usize| {
            let (now, alpha) = (indices[i].widen(), to_rgba(keys[i])[3]);
            let mut best = (0.0, now);
            if alpha == 0 || self.resting[i] || scene.mask.is_some_and(|mask| mask[i] == 0) {
                return best;
            }
            let near = near[now as usize].iter().copied().filter(|&to| alpha < 255 || !any || opaque[to as usize]);
            let mut changes = [(0.0f32, now); NEAR];
            let mut count = 0;
            for (change, to) in changes.iter_mut().zip(near) {
                change.1 = to;
                count += 1;
            }
            for field in fields {
                let spot = field.at(i, damping);
                for (change, to) in &mut changes[..count] {
                    *change += spot.change(&field.entries[now as usize], &field.entries[*to as usize]);
                }
            }
            for change in &changes[..count] {
                if change.0 < best.0 {
                    best = *change;
                }
            }
            best
        };
        (0..indices.len()).into_par_iter().with_min_len(1 << 10).map(best).collect()
    }
}

/// The entries nearest to each, over all backdrops.
fn near(fields: &[Field], colors: usize) -> Vec<Vec<u32>> {
    let of = |a: usize| {
        let apart = |b: u32| fields.iter().map(|f| f.entries[a].apart(&f.entries[b as usize])).sum::<f32>();
        let mut others: Vec<(f32, u32)> =
            (0..colors as u32).filter(|&b| b as usize != a).map(|b| (apart(b), b)).collect();
        others.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        others.truncate(NEAR);
        others.into_iter().map(|(_, b)| b).collect()
    };
    (0..colors).into_par_iter().map(of).collect()
}

/// The pixels of which more is to be gained than of any other nearby.
fn foremost(wanted: &[(f32, u32)], width: usize) -> Vec<usize> {
    let height = wanted.len() / width;
    let least = |range: std::ops::Range<usize>, at: &dyn Fn(usize) -> (f32, usize)| {
        range.map(at).fold((f32::INFINITY, 0), |a, b| if b < a { b } else { a })
    };
    let around = |x: usize, length: usize| x.saturating_sub(APART)..length.min(x + APART + 1);
    let rows: Vec<(f32, usize)> = (0..wanted.len())
        .into_par_iter()
        .map(|i| {
            let (x, row) = (i % width, i - i % width);
            least(around(x, width), &|x| (wanted[row + x].0, row + x))
        })
        .collect();
    let is_foremost = |&i: &usize| {
        let [x, y] = [i % width, i / width];
        wanted[i].0 < 0.0 && least(around(y, height), &|y| rows[y * width + x]).1 == i
    };
    (0..wanted.len()).into_par_iter().filter(is_foremost).collect()
}
