//! A picture and its palette, each fitted to the other in turn.

use std::borrow::Cow;

use crate::direct;
use crate::dither::{self, Dither, Kind};
use crate::flat::{Beside, Flat};
use crate::index::Index;
use crate::live::Live;
use crate::pixels::{Pixels, Rgba};
use crate::refit::{self, Sight};
use crate::sample::{DIFFUSED, Sample};
use crate::space::Space;
use crate::tint;

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How often the palette is fitted to the indices, and the indices are made anew.
    pub rounds: usize,
    /// Passes of direct search over the indices, each time they are made.
    pub passes: usize,
}

/// What is seen of errors where neighbors make up for each other.
const DITHERED: Sight = Sight { sigma: 1.0, sharp: 0.05, hold: 0.02 };
/// What is seen where they don't: more of each error as it is.
const PLAIN: Sight = Sight { sharp: 0.2, ..DITHERED };
/// What is seen once direct search has worked out the detail: from farther away.
const SEARCHED: Sight = Sight { sigma: 1.5, sharp: 0.02, hold: 0.01 };
/// What direct search sees: it works out detail that a wider blur would lose.
const DIRECT: Sight = Sight { sigma: 0.7, sharp: 0.1, hold: 0.0 };

/// What is seen where indices were chosen at a loss: errors lie farther apart.
const LOST: Sight = Sight { sigma: 1.5, ..DITHERED };

/// Pixels of a large picture that the palette is fitted to.
const SAMPLED: usize = 1 << 20;
/// The same, for each color, where there are more than 256.
const SAMPLED_EACH: usize = SAMPLED >> 8;

/// What came of it.
pub struct Fitted<I> {
    /// Which colors don't move.
    fixed: Vec<bool>,
    /// As many colors as before, in their order.
    pub palette: Vec<Rgba>,
    /// The entry of each pixel.
    pub indices: Vec<I>,
    /// How much of its error each pixel took and handed on, of 255; `None` where all of it.
    pub shares: Option<Vec<u8>>,
}

/// What stays as it is while a picture and its palette are fitted to each other.
pub struct Rest<'a> {
    /// How much of its error each pixel takes and hands on, of 255; `None` where all of it.
    pub mask: Option<Cow<'a, [u8]>>,
    /// Which colors never move.
    pub fixed: Vec<bool>,
}

impl<'a> Rest<'a> {
    /// Of flat areas whose color is in the palette and of what is near them, of that color, of the first `pinned` ones, and
    /// of what a mask says.
    pub fn new(flat: Option<Flat>, palette: &[Rgba], mask: Option<&'a [u8]>, pinned: usize) -> Self {
        let flat = flat.as_ref().map(|flat| flat.beside(palette));
        Self::of(flat.as_ref(), flat.as_ref().map(Beside::shares), palette, mask, pinned)
    }

    /// The same, but of what is near flat areas nothing: where the eye is the judge of each change, none is noise.
    pub fn inside(flat: Option<Flat>, palette: &[Rgba], pinned: usize) -> Self {
        let flat = flat.as_ref().map(|flat| flat.beside(palette));
        Self::of(flat.as_ref(), flat.as_ref().map(Beside::inner_shares), palette, None, pinned)
    }

    fn of(
        flat: Option<&Beside>,
        shares: Option<Vec<u8>>,
        palette: &[Rgba],
        mask: Option<&'a [u8]>,
        pinned: usize,
    ) -> Self {
        let mask = match (mask, shares) {
            (mask, None) => mask.map(Cow::Borrowed),
            (None, Some(shares)) => Some(Cow::Owned(shares)),
            (Some(mask), Some(shares)) => Some(mask.iter().zip(shares).map(|(&a, b)| a.min(b)).collect()),
        };
        let is_still = |color: Rgba| flat.is_some_and(|flat| flat.is_still(color));
        let fixed = |(number, &color): (usize, &Rgba)| number < pinned || is_still(color);
        Self { mask, fixed: palette.iter().enumerate().map(fixed).collect() }
    }
}

/// Maps pixels; then fits the palette to the indices, and maps anew. Flat areas whose color is in the palette are not
/// dithered, and that color stays; so do the first `pinned` ones. The palette of a large picture is fitted to a sample of it.
pub fn map<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    dither: &Dither,
    effort: Effort,
    pinned: usize,
) -> Fitted<I> {
    let plain = effort.rounds == 0 && matches!(dither.kind, Kind::None);
    let flat = if plain { None } else { Flat::find(pixels, width) };
    let Rest { mask, fixed } = Rest::new(flat, palette, dither.mask, pinned);
    let dither = &Dither { mask: mask.as_deref(), ..*dither };
    // Thresholds belong to their places.
    let shares = dither.mask.filter(|_| matches!(dither.kind, Kind::None | Kind::Diffusion { .. }));
    let live = shares.and_then(|shares| Live::of(pixels, width, shares, palette, &fixed));
    let (palette, indices) = match &live {
        None => Part { pixels, width, dither }.sampled(palette, &fixed, space, effort),
        Some(live) => {
            let dither = &Dither { mask: Some(live.shares()), ..*dither };
            let part = Part { pixels: live.pixels(), width: live.width(), dither };
            let (palette, indices) = part.sampled(palette, &fixed, space, effort);
            (palette, live.whole(pixels, &indices))
        }
    };
    Fitted { fixed, palette, indices, shares: mask.map(Cow::into_owned) }
}

/// A picture, or a part of one, and how to dither it.
struct Part<'a> {
    pixels: Pixels<'a>,
    width: usize,
    dither: &'a Dither<'a>,
}

impl Part<'_> {
    /// The palette once it is fitted, to a sample of a large part, and the indices that belong to it.
    fn sampled<I: Index>(&self, palette: &[Rgba], fixed: &[bool], space: Space, effort: Effort) -> (Vec<Rgba>, Vec<I>) {
        let Self { pixels, width, dither } = *self;
        let sight = match (dither.kind, effort.passes) {
            (Kind::None, _) => &PLAIN,
            (_, 0) => &DITHERED,
            _ => &SEARCHED,
        };
        let most = SAMPLED.max(palette.len() * SAMPLED_EACH);
        let sample = if effort.rounds == 0 { None } else { Sample::of(pixels, width, dither.mask, most, DIFFUSED) };
        let Some(sample) = sample else { return self.fitted(palette, fixed, space, effort, sight) };
        let dither = &Dither { mask: sample.shares(), ..*dither };
        let part = Part { pixels: sample.pixels(), width, dither };
        let (palette, _) = part.fitted::<I>(palette, fixed, space, effort, sight);
        let indices = self.map(&palette, space, effort.passes);
        (palette, indices)
    }

    fn map<I: Index>(&self, palette: &[Rgba], space: Space, passes: usize) -> Vec<I> {
        let mut indices = dither::map(self.pixels, self.width, palette, space, self.dither);
        direct::search(self.pixels, self.width, palette, space, &DIRECT, self.dither.mask, passes, &mut indices);
        indices
    }

    /// The palette once it is fitted, and the indices that belong to it.
    fn fitted<I: Index>(
        &self,
        palette: &[Rgba],
        fixed: &[bool],
        space: Space,
        effort: Effort,
        sight: &Sight,
    ) -> (Vec<Rgba>, Vec<I>) {
        let mut palette = palette.to_vec();
        let mut indices = self.map(&palette, space, effort.passes);
        for _ in 0..effort.rounds {
            let moved = refit::refit(self.pixels, self.width, &palette, fixed, &indices, space, sight);
            let moved = tint::kept(self.pixels, &indices, &moved, fixed);
            if moved == palette {
                break;
            }
            palette = moved;
            indices = self.map(&palette, space, effort.passes);
        }
        (palette, indices)
    }
}

impl<I: Index> Fitted<I> {
    /// The palette fitted to other indices, which were chosen at a loss: files stay as large, and are nearer.
    pub fn moved(&self, pixels: Pixels, width: usize, space: Space, indices: &[I], dithered: bool) -> Vec<Rgba> {
        let sight = if dithered { &LOST } else { &PLAIN };
        let moved = refit::refit(pixels, width, &self.palette, &self.fixed, indices, space, sight);
        tint::kept(pixels, indices, &moved, &self.fixed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_flat_areas_rests_or_not() {
        let width = 64;
        let pixel = |i: usize| if i % width < 24 { [250, 250, 250] } else { [(i * 37 % 251) as u8, (i % 83) as u8, 9] };
        let pixels: Vec<[u8; 3]> = (0..width * width).map(pixel).collect();
        let pixels = Pixels::new(pixels.as_flattened(), 3).expect("RGB");
        let palette = [[250, 250, 250, 255], [100, 50, 9, 255], [200, 20, 9, 255]];
        let masks = [
            Rest::new(Flat::find(pixels, width), &palette, None, 0),
            Rest::inside(Flat::find(pixels, width), &palette, 0),
        ];
        let [around, inside] = masks.map(|rest| {
            assert_eq!(rest.fixed, [true, false, false]);
            rest.mask.expect("a flat area").into_owned()
        });
        for (i, (around, inside)) in around.into_iter().zip(inside).enumerate() {
            assert_eq!(inside, if i % width < 24 { 0 } else { 255 });
            assert!(around <= inside);
            assert_eq!(around < inside, (24..28).contains(&(i % width)));
        }
    }
}
