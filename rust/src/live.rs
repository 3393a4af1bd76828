//! The part of a picture in which there is something to do: a rectangle that leaves out a margin at rest.
//!
//! Things on white paper, logos and cut-outs have margins that are flat in a color that the palette has, and keeps. There no
//! error is made, taken or handed on.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::index::Index;
use crate::pixels::{Key, Pixels, Rgba, to_key};

/// A part that leaves out less than one pixel in so many is not worth a copy.
const WORTH: usize = 8;
/// Rows that one task looks at, at least.
const ROWS: usize = 16;

/// A rectangle of a picture.
pub struct Live {
    /// Of the picture.
    width: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    bytes: Vec<u8>,
    channels: usize,
    shares: Vec<u8>,
    /// The colors that are at rest, and their entries.
    still: HashMap<Key, u32>,
}

impl Live {
    /// What is left of a picture without its margin of pixels whose share is 0 and whose color is one of the `fixed` ones of
    /// `palette`; `None` where that is nearly all of it, or nothing.
    pub fn of(pixels: Pixels, width: usize, shares: &[u8], palette: &[Rgba], fixed: &[bool]) -> Option<Self> {
        let numbered = palette.iter().zip(fixed).zip(0..).filter(|((color, fixed), _)| **fixed || color[3] == 0);
        let still: HashMap<Key, u32> = numbered.map(|((&color, _), number)| (to_key(color), number)).collect();
        let height = pixels.len() / width;
        let live = |y: usize| {
            let mut is_live = alive(pixels, shares, &still);
            let first = (y * width..(y + 1) * width).find(|&at| is_live(at))?;
            let last = (first..(y + 1) * width).rfind(|&at| is_live(at))?;
            Some(first - y * width..last + 1 - y * width)
        };
        let live: Vec<_> = (0..height).into_par_iter().with_min_len(ROWS).map(live).collect();
        let rows = live.iter().position(Option::is_some)?..live.iter().rposition(Option::is_some)? + 1;
        let around = |a: Range<usize>, b: &Range<usize>| a.start.min(b.start)..a.end.max(b.end);
        let columns = live.iter().flatten().fold(width..0, around);
        if WORTH * rows.len() * columns.len() > (WORTH - 1) * pixels.len() {
            return None;
        }
        let (bytes, channels) = pixels.bytes();
        let (bytes, shares) = (cut(bytes, width, channels, &rows, &columns), cut(shares, width, 1, &rows, &columns));
        Some(Self { width, rows, columns, bytes, channels, shares, still })
    }

    /// The pixels of the part.
    pub fn pixels(&self) -> Pixels<'_> {
        Pixels::new(&self.bytes, self.channels).expect("whole pixels")
    }

    /// Of its rows.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The shares of its pixels.
    pub fn shares(&self) -> &[u8] {
        &self.shares
    }

    /// The entries of all pixels, given those of the part.
    pub fn whole<I: Index>(&self, pixels: Pixels, inner: &[I]) -> Vec<I> {
        let mut indices = vec![I::default(); pixels.len()];
        indices.par_chunks_mut(self.width).with_min_len(ROWS).enumerate().for_each(|(y, row)| {
            let margin = if self.rows.contains(&y) {
                let own = &inner[(y - self.rows.start) * self.width()..][..self.width()];
                row[self.columns.clone()].copy_from_slice(own);
                [0..self.columns.start, self.columns.end..self.width]
            } else {
                [0..self.width, 0..0]
            };
            let mut last = (0, self.still.get(&0).copied().unwrap_or_default());
            for x in margin.into_iter().flatten() {
                let key = to_key(pixels.get(y * self.width + x));
                if key != last.0 {
                    last = (key, self.still[&key]);
                }
                row[x] = I::narrow(last.1);
            }
        });
        indices
    }
}

/// Tells whether there is something to do for a pixel.
fn alive(pixels: Pixels, shares: &[u8], still: &HashMap<Key, u32>) -> impl FnMut(usize) -> bool {
    // Margins are mostly of one color.
    let mut last = (0, still.contains_key(&0));
    move |at| {
        let key = to_key(pixels.get(at));
        if key != last.0 {
            last = (key, still.contains_key(&key));
        }
        shares[at] > 0 || !last.1
    }
}

/// A rectangle of a picture of so many bytes a pixel.
fn cut(all: &[u8], width: usize, channels: usize, rows: &Range<usize>, columns: &Range<usize>) -> Vec<u8> {
    let mut part = Vec::with_capacity(rows.len() * columns.len() * channels);
    for row in all.chunks_exact(width * channels).skip(rows.start).take(rows.len()) {
        part.extend_from_slice(&row[columns.start * channels..columns.end * channels]);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    const PALETTE: [Rgba; 4] = [[7, 7, 7, 255], [250, 250, 250, 255], [0, 0, 0, 0], [9, 9, 9, 255]];
    const FIXED: [bool; 4] = [false, true, false, true];

    /// A thing of 10 x 6 pixels at (4, 3) of 20 x 16 others.
    fn thing(margin: Rgba) -> (Vec<u8>, Vec<u8>) {
        let inside = |at: usize| (4..14).contains(&(at % 20)) && (3..9).contains(&(at / 20));
        let pixel = |at: usize| if inside(at) { [at as u8, 50, 60, 255] } else { margin };
        let shares = (0..20 * 16).map(|at| if inside(at) { 200 } else { 0 });
        ((0..20 * 16).flat_map(pixel).collect(), shares.collect())
    }

    #[test]
    fn a_margin_is_left_out_and_comes_back() {
        for (margin, entry) in [(PALETTE[1], 1), ([3, 4, 5, 0], 2)] {
            let (bytes, shares) = thing(margin);
            let pixels = Pixels::new(&bytes, 4).expect("RGBA");
            let live = Live::of(pixels, 20, &shares, &PALETTE, &FIXED).expect("a margin");
            assert_eq!((live.width(), live.pixels().len()), (10, 60));
            assert!(live.shares().iter().all(|&share| share == 200));
            let inner: Vec<u8> = (0..60).map(|at| live.pixels().get(at)[0]).collect();
            let whole = live.whole(pixels, &inner);
            for (at, &index) in whole.iter().enumerate() {
                assert_eq!(index, if shares[at] > 0 { at as u8 } else { entry });
            }
        }
    }

    #[test]
    fn what_moves_is_no_margin() {
        let (bytes, shares) = thing(PALETTE[1]);
        let pixels = Pixels::new(&bytes, 4).expect("RGBA");
        assert!(Live::of(pixels, 20, &shares, &PALETTE, &[true, false, false, true]).is_none());
        let mut dithered = shares.clone();
        (dithered[0], dithered[20 * 16 - 1]) = (1, 1);
        assert!(Live::of(pixels, 20, &dithered, &PALETTE, &FIXED).is_none());
    }

    #[test]
    fn a_picture_all_at_rest_is_left_whole() {
        let bytes = [250; 4 * 20 * 16];
        let pixels = Pixels::new(&bytes, 4).expect("RGBA");
        let palette = [[250; 4]];
        assert!(Live::of(pixels, 20, &[0; 20 * 16], &palette, &[true]).is_none());
    }
}
