//! Entries of a palette that serve least, moved to where most is lost.
//!
//! An entry serves as much as its pixels would lose with their next best one; elsewhere as much is won as the pixels of an entry
//! lose less with two colors than with one. What is lost is the squared distance of what is seen, as often as noise would
//! count there. That only says which swaps are worth a look, and the loss of SSIMULACRA2 which of them comes nearest.

use std::array::from_fn;

use rayon::prelude::*;

use crate::direct::Scene;
use crate::fitted::Rest;
use crate::index::Index;
use crate::pixels::{Rgba, to_rgba};
use crate::quality::slope::{Guide, Look};

/// The most that a pixel counts, in averages, and the least.
const MOST: f32 = 30.0;
const LEAST: f64 = 1e-3;
/// What chroma counts beside lightness.
const CHROMA: f32 = 1.4;
/// Passes of cutting the pixels of an entry in two.
const PASSES: usize = 6;
/// Of so many entries that serve least, and so many that lose most, swaps are made of;
const FOREMOST: usize = 8;
/// each is in so many at most;
const OFTEN: usize = 3;
/// and so many are looked at.
const LOOKS: usize = 5;

/// The swaps of a picture's entries.
pub struct Swaps<'a> {
    guide: &'a Guide,
    rest: &'a Rest<'a>,
    /// The distinct colors, and the one of each pixel.
    colors: Vec<Rgba>,
    of: Vec<u32>,
    seen: Seen,
    vain: Vec<Swap>,
}

/// An entry that is moved, and the one whose pixels it shares then.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    from: usize,
    to: usize,
}

/// What a swap makes of a picture.
pub struct Swapped<I> {
    /// Which one it is.
    pub swap: Swap,
    /// Its palette.
    pub palette: Vec<Rgba>,
    /// The entries of its pixels.
    pub indices: Vec<I>,
    /// How it looks.
    pub look: Look,
}

/// The pixels of an entry, cut in two.
struct Cut {
    won: f64,
    colors: [Rgba; 2],
    /// Those that get the second color.
    pixels: Vec<u32>,
}

/// A palette and its picture, and what its entries are worth.
struct Ledger<'a, I> {
    palette: &'a [Rgba],
    indices: &'a [I],
    places: Seen,
    /// By distinct color, the two nearest entries that its pixels may have.
    near: Vec<[u32; 2]>,
    /// By entry, its pixels that may change.
    pixels: Vec<Vec<u32>>,
    serves: Vec<f64>,
    loses: Vec<f64>,
    held: Vec<bool>,
}

impl<'a> Swaps<'a> {
    /// None was tried yet.
    pub fn new(scene: &Scene, guide: &'a Guide, rest: &'a Rest<'a>) -> Self {
        let mut keys = vec![0; scene.pixels.len()];
        scene.pixels.write_keys(&mut keys);
        let mut distinct = keys.clone();
        distinct.par_sort_unstable();
        distinct.dedup();
        let of = keys.par_iter().map(|key| distinct.partition_point(|other| other < key) as u32).collect();
        let colors: Vec<Rgba> = distinct.into_iter().map(to_rgba).collect();
        let seen = Seen::new(guide, &colors);
        Self { guide, rest, colors, of, seen, vain: Vec::new() }
    }

    /// What was tried in vain may help again, as the picture has changed.
    pub fn renew(&mut self) {
        self.vain.clear();
    }

    /// Does not come again before the picture changes.
    pub fn leave(&mut self, swap: Swap) {
        self.vain.push(swap);
    }

    /// The swap that comes nearest of those that promise most, or `None` if there is none. Pixels count as `noise` says, and
    /// `look` is the picture's as it is.
    pub fn best<I: Index>(&self, palette: &[Rgba], indices: &[I], noise: &[f32], look: &Look) -> Option<Swapped<I>> {
        let weight = |i: u32| match self.color(i) {
            [_, _, _, 0] => 0.0,
            _ => noise[i as usize].min(MOST),
        };
        let ledger = self.ledger(palette, indices, &weight);
        let cuts: Vec<Option<Cut>> =
            (0..palette.len()).into_par_iter().map(|entry| self.cut(&ledger, entry, &weight)).collect();
        let swaps = self.promising(&ledger, &cuts);
        let made = swaps.par_iter().filter_map(|&swap| self.made(&ledger, swap, cuts[swap.to].as_ref()?, look));
        let made: Vec<Swapped<I>> = made.collect();
        made.into_iter().min_by(|a, b| a.look.loss.total_cmp(&b.look.loss))
    }

    fn color(&self, pixel: u32) -> Rgba {
        self.colors[self.of[pixel as usize] as usize]
    }

    fn ledger<'b, I: Index>(
        &self,
        palette: &'b [Rgba],
        indices: &'b [I],
        weight: &impl Fn(u32) -> f32,
    ) -> Ledger<'b, I> {
        let count = palette.len();
        let places = Seen::new(self.guide, palette);
        let any = palette.iter().any(|color| color[3] == 255);
        let near_to = |color: usize| {
            let closed = |entry: usize| any && self.colors[color][3] == 255 && palette[entry][3] < 255;
            let mut near = [(f32::INFINITY, 0); 2];
            for entry in (0..count).filter(|&entry| !closed(entry)) {
                let found = (apart(self.seen.at(color), places.at(entry)), entry as u32);
                if found.0 < near[0].0 {
                    near = [found, near[0]];
                } else if found.0 < near[1].0 {
                    near[1] = found;
                }
            }
            // Where a single entry is open there is no next best.
            if near[1].0.is_finite() { near.map(|(_, entry)| entry) } else { [near[0].1; 2] }
        };
        let near: Vec<[u32; 2]> = (0..self.colors.len()).into_par_iter().with_min_len(64).map(near_to).collect();
        let held = (0..count).map(|entry| self.rest.fixed[entry] || palette[entry][3] == 0).collect();
        let (pixels, serves, loses) = (vec![Vec::new(); count], vec![0.0; count], vec![0.0; count]);
        let mut ledger = Ledger { palette, indices, places, near, pixels, serves, loses, held };
        for (i, index) in indices.iter().enumerate() {
            let (entry, color) = (index.widen() as usize, self.of[i] as usize);
            if self.rest.mask.as_ref().is_some_and(|mask| mask[i] == 0) {
                ledger.held[entry] = true;
                continue;
            }
            let next = ledger.next(color, entry);
            let [now, then] = [entry, next].map(|entry| apart(self.seen.at(color), ledger.places.at(entry)));
            let weight = weight(i as u32);
            ledger.pixels[entry].push(i as u32);
            ledger.held[entry] |= next == entry;
            ledger.serves[entry] += f64::from(weight * (then - now));
            ledger.loses[entry] += f64::from(weight * now);
        }
        ledger
    }

    /// The swaps that promise to win most, but for those in vain.
    fn promising<I>(&self, ledger: &Ledger<I>, cuts: &[Option<Cut>]) -> Vec<Swap> {
        let count = cuts.len();
        let won = |entry: usize| cuts[entry].as_ref().map_or(0.0, |cut| cut.won);
        let mut least: Vec<usize> = (0..count).filter(|&entry| !ledger.held[entry]).collect();
        least.sort_by(|&a, &b| ledger.serves[a].total_cmp(&ledger.serves[b]));
        let mut most: Vec<usize> = (0..count).filter(|&entry| cuts[entry].is_some()).collect();
        most.sort_by(|&a, &b| won(b).total_cmp(&won(a)));
        let gain = |swap: &Swap| won(swap.to) - ledger.serves[swap.from];
        let pairs =
            least.iter().take(FOREMOST).flat_map(|&from| most.iter().take(FOREMOST).map(move |&to| Swap { from, to }));
        let fits = |swap: &Swap| swap.from != swap.to && gain(swap) > 0.0 && !self.vain.contains(swap);
        let mut swaps: Vec<Swap> = pairs.filter(fits).collect();
        swaps.sort_by(|a, b| gain(b).total_cmp(&gain(a)));
        let mut uses = vec![0; count];
        swaps.retain(|&Swap { from, to }| {
            let fits = uses[from] < OFTEN && uses[to] < OFTEN;
            uses[from] += usize::from(fits);
            uses[to] += usize::from(fits);
            fits
        });
        swaps.truncate(LOOKS);
        swaps
    }

    /// The picture after a swap; `None` if the palette has that color already.
    fn made<I: Index>(&self, ledger: &Ledger<I>, swap: Swap, cut: &Cut, look: &Look) -> Option<Swapped<I>> {
        let Swap { from, to } = swap;
        let (mut palette, mut indices) = (ledger.palette.to_vec(), ledger.indices.to_vec());
        for &i in &ledger.pixels[from] {
            indices[i as usize] = I::narrow(ledger.next(self.of[i as usize] as usize, from) as u32);
        }
        for &i in &cut.pixels {
            indices[i as usize] = I::narrow(from as u32);
        }
        if !ledger.held[to] {
            palette[to] = cut.colors[0];
        }
        palette[from] = cut.colors[1];
        let again = (0..palette.len()).any(|i| [from, to].iter().any(|&j| i != j && palette[i] == palette[j]));
        let look = (!again).then(|| self.guide.look(&indices, &palette, Some(look)))?;
        Some(Swapped { swap, palette, indices, look })
    }

    fn cut<I>(&self, ledger: &Ledger<I>, entry: usize, weight: &impl Fn(u32) -> f32) -> Option<Cut> {
        let pixels = &ledger.pixels[entry];
        let at = |i: u32| self.seen.at(self.of[i as usize] as usize);
        let cost = |i: u32, place: &[f32]| weight(i) * apart(at(i), place);
        let costs = pixels.iter().map(|&i| (cost(i, ledger.places.at(entry)), i));
        // The first of the farthest.
        let (_, farthest) =
            costs.fold((0.0, None), |most, (cost, i)| if cost > most.0 { (cost, Some(i)) } else { most });
        let mut colors = [ledger.palette[entry], self.color(farthest?)];
        for _ in 0..PASSES {
            let places = Seen::new(self.guide, &colors);
            let near = |&&i: &&u32| apart(at(i), places.at(0)) <= apart(at(i), places.at(1));
            let halves: (Vec<u32>, Vec<u32>) = pixels.iter().partition(near);
            if halves.0.is_empty() || halves.1.is_empty() {
                return None;
            }
            colors = [self.mean(&halves.0, weight), self.mean(&halves.1, weight)];
        }
        let places = Seen::new(self.guide, &colors);
        let (mut loses, mut others) = (0.0, Vec::new());
        for &i in pixels {
            let [first, second] = [0, 1].map(|half| cost(i, places.at(half)));
            loses += f64::from(first.min(second));
            if second < first {
                others.push(i);
            }
        }
        let won = ledger.loses[entry] - loses;
        (won > 0.0).then_some(Cut { won, colors, pixels: others })
    }

    /// The mean of colors times alpha, and of alpha.
    fn mean(&self, pixels: &[u32], weight: &impl Fn(u32) -> f32) -> Rgba {
        let mut sums = [0.0f64; 5];
        for &i in pixels {
            let [r, g, b, alpha] = self.color(i).map(f64::from);
            let weight = f64::from(weight(i)) + LEAST;
            for (sum, value) in sums.iter_mut().zip([r * alpha, g * alpha, b * alpha, alpha, 1.0]) {
                *sum += weight * value;
            }
        }
        let [r, g, b] = from_fn(|d| if sums[3] > 0.0 { (sums[d] / sums[3]).round() as u8 } else { 0 });
        // Opaque pixels have opaque entries.
        let opaque = pixels.iter().any(|&i| self.color(i)[3] == 255);
        [r, g, b, if opaque { 255 } else { (sums[3] / sums[4]).round().max(1.0) as u8 }]
    }
}

impl<I> Ledger<'_, I> {
    /// The entry that pixels of a color have when they lose theirs.
    fn next(&self, color: usize, entry: usize) -> usize {
        let [first, second] = self.near[color].map(|entry| entry as usize);
        if first == entry { second } else { first }
    }
}

/// What colors look like, over each backdrop.
struct Seen {
    places: Vec<f32>,
    length: usize,
}

impl Seen {
    fn new(guide: &Guide, colors: &[Rgba]) -> Self {
        let pages = guide.entries(colors);
        let places = (0..colors.len()).flat_map(|i| pages.iter().map(move |page| page[i].xyb));
        let places = places.flat_map(|[x, y, b]| [CHROMA * x, y, CHROMA * b]).collect();
        Self { places, length: 3 * pages.len() }
    }

    fn at(&self, i: usize) -> &[f32] {
        &self.places[i * self.length..][..self.length]
    }
}

fn apart(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Pixels;
    use crate::space::Space;

    const SIDE: usize = 48;
    /// The first three serve one color, the last serves two.
    const PALETTE: [Rgba; 4] = [[20, 20, 20, 255], [21, 20, 20, 255], [20, 21, 20, 255], [160, 150, 150, 255]];

    /// Three areas, and their entries, what they served said by `fixed` to stay, and pixels by `mask`.
    fn best(fixed: [bool; 4], mask: Option<Vec<u8>>) -> Option<(Vec<Rgba>, Vec<u8>, f64, f64)> {
        let area = |i: usize| (i % SIDE) / 16;
        let color = |i: usize| [[20, 20, 20, 255], [110, 100, 100, 255], [210, 200, 200, 255]][area(i)];
        let pixels: Vec<Rgba> = (0..SIDE * SIDE).map(color).collect();
        let indices: Vec<u8> = (0..pixels.len()).map(|i| if area(i) == 0 { (i / SIDE % 3) as u8 } else { 3 }).collect();
        let pixels = Pixels::new(pixels.as_flattened(), 4).expect("RGBA");
        let scene = Scene { pixels, width: SIDE, space: Space::SeenOklab, scale: [1.0; 4], mask: None };
        let guide = Guide::new(pixels, SIDE).expect("large enough");
        let rest = Rest { mask: mask.map(Into::into), fixed: fixed.to_vec() };
        let look = guide.look(&indices, &PALETTE, None);
        let found = Swaps::new(&scene, &guide, &rest).best(&PALETTE, &indices, &vec![1.0; SIDE * SIDE], &look)?;
        Some((found.palette, found.indices, look.loss, found.look.loss))
    }

    #[test]
    fn what_serves_nothing_goes_where_most_is_lost() {
        let (palette, indices, before, after) = best([false; 4], None).expect("a swap");
        assert!(after < 0.1 * before, "{after} of {before}");
        assert!(palette.contains(&[110, 100, 100, 255]) && palette.contains(&[210, 200, 200, 255]));
        assert_eq!(palette[indices[16] as usize], [110, 100, 100, 255]);
    }

    #[test]
    fn what_rests_stays() {
        let (palette, ..) = best([true, true, false, true], None).expect("a swap");
        assert_eq!([palette[0], palette[1], palette[3]], [PALETTE[0], PALETTE[1], PALETTE[3]]);
        assert_ne!(palette[2], PALETTE[2]);
        // Pixels that keep their entries need these.
        let mask = (0..SIDE * SIDE).map(|i| if i % SIDE < 16 { 0 } else { 255 }).collect();
        assert!(best([false; 4], Some(mask)).is_none());
    }
}
