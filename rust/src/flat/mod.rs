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
use std::ops::Range;

use rayon::prelude::*;

use areas::Areas;
use around::Around;

use crate::pixels::{Key, Pixels, Rgba, to_key};

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

/// The flat areas of a picture.
pub struct Flat<'a> {
    pixels: Pixels<'a>,
    width: usize,
    /// Which pixels lie flat.
    inside: Vec<bool>,
    colors: Vec<Rgba>,
}

impl<'a> Flat<'a> {
    /// Finds the flat areas of a picture; `None` where there are hardly any.
    pub fn find(pixels: Pixels<'a>, width: usize) -> Option<Self> {
        if are_rare(middles::most(pixels, width), pixels) {
            return None;
        }
        let mut inside = vec![false; pixels.len()];
        let strips = inside.par_chunks_mut(ROWS * width).enumerate().map(|(number, inside)| {
            let strip = Strip::new(pixels, width, number, areas::BEYOND);
            let found = middles::spread(&strip, width, inside);
            (found, areas::of(&strip, width, inside))
        });
        let (found, areas): (Vec<usize>, Vec<Areas>) = strips.unzip();
        let found = found.into_iter().sum();
        if found == 0 || are_rare(found, pixels) {
            return None;
        }
        let colors = areas::firm(areas, pixels, width, &inside);
        Some(Self { pixels, width, inside, colors })
    }

    /// The colors that mostly lie in flat areas, but for steps of gradients, ascending.
    pub fn colors(&self) -> &[Rgba] {
        &self.colors
    }

    /// What share of its error each pixel takes and hands on, of 255: none in flat areas whose color the palette has, or
    /// nearly, where a few dots of quite another color would be seen sooner; and less than all around them, where noise shows most:
    /// on letters on paper, along the edges of windows.
    ///
    /// Where it has not, areas that differ would become one if they were not dithered, and gradients bands.
    pub fn shares(&self, palette: &[Rgba]) -> Vec<u8> {
        let exact = self.exact(palette);
        let mut shares = vec![255; exact.len()];
        shares.par_chunks_mut(ROWS * self.width).enumerate().for_each(|(chunk, shares)| {
            let first = chunk * ROWS;
            let mut around = Around::new(&exact, self.width, first);
            for (y, shares) in (first..).zip(shares.chunks_exact_mut(self.width)) {
                let Some(around) = around.of_row(y) else { continue };
                let exact = &exact[y * self.width..][..self.width];
                for (share, (&around, &exact)) in shares.iter_mut().zip(around.iter().zip(exact)) {
                    let calm = u16::from(around).min(CALM);
                    *share = if exact { 0 } else { (255 * (CALM - calm) / CALM) as u8 };
                }
            }
        });
        shares
    }

    /// The same of flat areas alone: nothing where the palette has their color, or nearly, and all of it elsewhere.
    pub fn inner_shares(&self, palette: &[Rgba]) -> Vec<u8> {
        self.exact(palette).into_iter().map(|exact| if exact { 0 } else { 255 }).collect()
    }

    /// Which pixels lie flat in a color that the palette has, or nearly if it is none of a gradient's.
    fn exact(&self, palette: &[Rgba]) -> Vec<bool> {
        // Dots of an entry that is not far from both hardly show.
        let near = |color: &&Rgba| {
            let mut entries = palette.iter().filter(|entry| is_within(**entry, **color, APART));
            let first = entries.next().filter(|entry| entry[3] == color[3] && is_within(**entry, **color, NEXT));
            first.is_some() && entries.next().is_none()
        };
        let colors = self.colors.par_iter().with_min_len(NEAR_TASK).filter(near);
        let colors: HashSet<Key> = colors.copied().chain(palette.par_iter().copied()).map(to_key).collect();
        let mut exact = vec![false; self.pixels.len()];
        let strips = exact.par_chunks_mut(ROWS * self.width).zip(self.inside.par_chunks(ROWS * self.width)).enumerate();
        strips.filter(|(_, (_, inside))| inside.contains(&true)).for_each(|(number, (exact, inside))| {
            let Strip { keys, .. } = Strip::new(self.pixels, self.width, number, 0);
            let mut last = (0, colors.contains(&0));
            for ((exact, &inside), key) in exact.iter_mut().zip(inside).zip(keys) {
                if inside {
                    if key != last.0 {
                        last = (key, colors.contains(&key));
                    }
                    *exact = last.1;
                }
            }
        });
        exact
    }
}

/// The rows that one task looks at, and some beside them.
struct Strip {
    keys: Vec<Key>,
    /// Which of its rows the task looks at.
    rows: Range<usize>,
}

impl Strip {
    /// That of the task of that number, with so many rows above and below, as far as there are any.
    fn new(pixels: Pixels, width: usize, number: usize, beside: usize) -> Self {
        let height = pixels.len() / width;
        let (start, end) = (number * ROWS, height.min((number + 1) * ROWS));
        let (first, last) = (start.saturating_sub(beside), height.min(end + beside));
        let mut keys = vec![0; (last - first) * width];
        pixels.slice(first * width, last * width).write_keys(&mut keys);
        Self { keys, rows: start - first..end - first }
    }
}

/// Whether so many flat pixels are hardly any.
fn are_rare(flat: usize, pixels: Pixels) -> bool {
    flat * RARE < pixels.len()
}

/// Whether colors differ by so many codes at most.
fn is_within(a: Rgba, b: Rgba, codes: u8) -> bool {
    a.into_iter().zip(b).all(|(a, b)| a.abs_diff(b) <= codes)
}
