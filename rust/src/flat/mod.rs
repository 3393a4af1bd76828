//! Flat areas: windows, paper, bars of a chart, where many neighbors have exactly one color. There an error that is handed
//! on shows as noise, and a color that is a little off as another color.
//!
//! A pixel lies flat when some 3 x 3 pixels around or beside it are all equal. Bands of a gradient are flat, too, but next
//! to bands that are nearly equal, a little lighter on one side and a little darker on the other: such a color is a step of
//! a gradient, which is to be dithered as a whole. White paper with a soft shadow on it meets nearly equal colors on one
//! side alone.

mod areas;
mod around;
mod middles;

use std::collections::HashSet;

use rayon::prelude::*;

use areas::Area;
use around::{AROUND, Around};
use middles::Middles;

use crate::pixels::{Key, Pixels, Rgba, to_key, to_rgba};
use crate::simd::vectorized;

/// Rows that one task looks at.
const ROWS: usize = 64;
/// With less than one flat pixel of so many, a picture has no flat areas worth the name.
const RARE: usize = 200;
/// Codes by which colors that are nearly equal differ at most, in any channel: the steps of a gradient.
const NEXT: u8 = 4;
/// Codes within which a palette is to have no other color, so that a flat area is given one that is nearly equal.
const APART: u8 = 24;
/// So many flat pixels around one leave it no error.
const CALM: u16 = 30;
/// Colors that one task compares with a palette.
const NEAR_TASK: usize = 64;
/// Marks that are looked at at once.
const SOME: usize = 64;

/// The mark of a pixel that lies flat, and that of one which is a middle, too.
const FLAT: u8 = 1;
const MIDDLE: u8 = 2;

/// The flat areas of a picture.
pub struct Flat<'a> {
    pixels: Pixels<'a>,
    width: usize,
    /// Which pixels lie flat, and which of them in the middle of 3 x 3 equal ones.
    marks: Vec<u8>,
    /// What they are, by color.
    areas: Vec<(Key, Area)>,
}

/// Flat areas beside a palette.
pub struct Beside<'f, 'a> {
    flat: &'f Flat<'a>,
    /// The colors in which a flat pixel needs no dithering.
    known: HashSet<Key>,
    /// Entries that are the color of a flat area.
    still: HashSet<Rgba>,
}

impl<'a> Flat<'a> {
    /// Finds the flat areas of a picture; `None` where there are hardly any.
    pub fn find(pixels: Pixels<'a>, width: usize) -> Option<Self> {
        let mut marks = vec![0; pixels.len()];
        let strips = marks.par_chunks_mut(ROWS * width).enumerate();
        let middles = strips
            .map_init(|| Middles::new(pixels, width), |middles, (number, marks)| middles.spread(number * ROWS, marks));
        let middles = middles.sum::<usize>();
        if middles == 0 || middles * RARE < pixels.len() {
            return None;
        }
        let areas = areas::all(pixels, width, &marks);
        Some(Self { pixels, width, marks, areas })
    }

    /// The colors that mostly lie in flat areas, but for steps of gradients, ascending.
    pub fn colors(&self) -> Vec<Rgba> {
        areas::firm(&self.areas, self.pixels, self.width, &self.marks)
    }

    /// The areas beside a palette: which of them have a color that it has, or nearly if that is none of a gradient's.
    pub fn beside(&self, palette: &[Rgba]) -> Beside<'_, 'a> {
        let entries: HashSet<Rgba> = palette.iter().copied().collect();
        // Dots of an entry that is not far from both hardly show.
        let is_near = |color: Rgba| {
            let mut near = palette.iter().filter(|entry| is_within(**entry, color, APART));
            let first = near.next().filter(|entry| entry[3] == color[3] && is_within(**entry, color, NEXT));
            first.is_some() && near.next().is_none()
        };
        let areas = self.areas.par_iter().with_min_len(NEAR_TASK).copied();
        let areas = areas.filter(|&(key, _)| entries.contains(&to_rgba(key)) || is_near(to_rgba(key)));
        let colors = areas::firm(&areas.collect::<Vec<_>>(), self.pixels, self.width, &self.marks);
        let known = colors.iter().chain(palette).copied().map(to_key).collect();
        Beside { flat: self, known, still: colors.into_iter().filter(|color| entries.contains(color)).collect() }
    }
}

impl Beside<'_, '_> {
    /// Whether an entry is the color of a flat area.
    pub fn is_still(&self, entry: Rgba) -> bool {
        self.still.contains(&entry)
    }

    /// What share of its error each pixel takes and hands on, of 255: none in flat areas whose color the palette has, or
    /// nearly, where a few dots of quite another color would be seen sooner; and less than all around them, where noise shows most:
    /// on letters on paper, along the edges of windows.
    ///
    /// Where it has not, areas that differ would become one if they were not dithered, and gradients bands.
    pub fn shares(&self) -> Vec<u8> {
        let width = self.flat.width;
        let height = self.flat.pixels.len() / width;
        self.strips(|first, shares| {
            let above = first.saturating_sub(AROUND);
            let end = height.min(first + shares.len() / width + AROUND);
            let mut exact = vec![0; (end - above) * width];
            if !self.mark_exact(above, &mut exact) {
                return;
            }
            let mut around = Around::new(&exact, width, first - above);
            for (y, shares) in (first - above..).zip(shares.chunks_exact_mut(width)) {
                let Some(around) = around.of_row(y) else { continue };
                let exact = &exact[y * width..][..width];
                vectorized(
                    #[inline(always)]
                    || {
                        for (share, (&around, &exact)) in shares.iter_mut().zip(around.iter().zip(exact)) {
                            let calm = u16::from(around).min(CALM);
                            *share = (255 * (CALM - calm) / CALM) as u8 * (1 - exact);
                        }
                    },
                );
            }
        })
    }

    /// The same of flat areas alone: nothing where the palette has their color, or nearly, and all of it elsewhere.
    pub fn inner_shares(&self) -> Vec<u8> {
        self.strips(|first, shares| {
            let mut exact = vec![0; shares.len()];
            if self.mark_exact(first, &mut exact) {
                shares.iter_mut().zip(exact).for_each(|(share, exact)| *share *= 1 - exact);
            }
        })
    }

    /// Shares of all of each error, as `lessen` makes less of them, some rows at once, given the number of their first.
    fn strips(&self, lessen: impl Fn(usize, &mut [u8]) + Sync) -> Vec<u8> {
        let mut shares = vec![255; self.flat.pixels.len()];
        let strips = shares.par_chunks_mut(ROWS * self.flat.width).enumerate();
        strips.for_each(|(number, shares)| lessen(number * ROWS, shares));
        shares
    }

    /// Marks with 1 which pixels of some rows, from `first` on, lie flat in a color that is known; whether there are any.
    fn mark_exact(&self, first: usize, exact: &mut [u8]) -> bool {
        let Flat { pixels, width, marks, .. } = self.flat;
        let start = first * width;
        let (mut last, mut some) = ((0, self.known.contains(&0)), false);
        for at in marked(&marks[start..][..exact.len()]) {
            let key = to_key(pixels.get(start + at));
            if key != last.0 {
                last = (key, self.known.contains(&key));
            }
            exact[at] = u8::from(last.1);
            some |= last.1;
        }
        some
    }
}

/// Where marks are; many that aren't are passed over at once.
fn marked(marks: &[u8]) -> impl Iterator<Item = usize> {
    let some = marks.chunks(SOME).zip((0..).step_by(SOME));
    let some = some.filter(|(marks, _)| marks.iter().fold(0, |any, mark| any | mark) != 0);
    some.flat_map(|(marks, start)| marks.iter().zip(start..).filter(|(mark, _)| **mark != 0).map(|(_, at)| at))
}

/// Whether colors differ by so many codes at most.
fn is_within(a: Rgba, b: Rgba, codes: u8) -> bool {
    a.into_iter().zip(b).all(|(a, b)| a.abs_diff(b) <= codes)
}
