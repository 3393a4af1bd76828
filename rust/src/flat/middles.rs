//! Pixels in the middle of 3 x 3 equal ones, and what lies flat around them.

use std::borrow::Cow;

use super::{FLAT, MIDDLE};
use crate::pixels::{Pixels, to_key};
use crate::simd::vectorized;

/// Finds middles row after row.
pub struct Middles<'a> {
    pixels: Pixels<'a>,
    width: usize,
    /// Of each byte of a row, whether it is equal to those above and below.
    upright: Vec<u8>,
    /// Of each, whether it is equal to those of the eight pixels around.
    equal: Vec<u8>,
}

impl<'a> Middles<'a> {
    /// Begins with nothing.
    pub fn new(pixels: Pixels<'a>, width: usize) -> Self {
        let stride = width * pixels.bytes().1;
        Self { pixels, width, upright: vec![0; stride], equal: vec![0; stride] }
    }

    /// The bytes of a row; all transparent pixels are equal.
    fn row(&self, y: usize) -> Cow<'a, [u8]> {
        let (bytes, channels) = self.pixels.slice(y * self.width, (y + 1) * self.width).bytes();
        if channels < 4 {
            return bytes.into();
        }
        bytes.as_chunks().0.iter().flat_map(|&rgba| to_key(rgba).to_be_bytes()).collect()
    }

    /// Marks the middles of a row with 1, and returns how many there are. Beyond the border everything goes on as it is there.
    fn mark(&mut self, y: usize, middles: &mut [u8]) -> usize {
        let channels = self.pixels.bytes().1;
        let last = self.pixels.len() / self.width - 1;
        let rows = [y.saturating_sub(1), y, (y + 1).min(last)].map(|y| self.row(y));
        let (upright, equal) = (&mut self.upright[..], &mut self.equal[..]);
        let mut found = 0;
        vectorized(
            #[inline(always)]
            || {
                compare(rows.each_ref().map(|row| &**row), channels, upright, equal);
                found = match channels {
                    1 => gather::<1>(equal, middles),
                    3 => gather::<3>(equal, middles),
                    _ => gather::<4>(equal, middles),
                };
            },
        );
        found
    }

    /// Marks what lies flat in some rows, from `first` on: the 3 x 3 pixels around middles, and these. Returns how many
    /// middles are in the rows.
    pub fn spread(&mut self, first: usize, marks: &mut [u8]) -> usize {
        let (width, height) = (self.width, self.pixels.len() / self.width);
        let rows = marks.len() / width;
        // One more row above and one below, which have no middles where the picture ends.
        let mut middles = vec![0; (rows + 2) * width];
        let mut found = vec![0; rows + 2];
        for (i, (middles, found)) in middles.chunks_exact_mut(width).zip(&mut found).enumerate() {
            if (1..=height).contains(&(first + i)) {
                *found = self.mark(first + i - 1, middles);
            }
        }
        let mut tall = vec![0; width];
        for (y, marks) in marks.chunks_exact_mut(width).enumerate() {
            if found[y..y + 3].iter().sum::<usize>() > 0 {
                let row = |i: usize| &middles[(y + i) * width..][..width];
                vectorized(
                    #[inline(always)]
                    || widen([row(0), row(1), row(2)], &mut tall, marks),
                );
            }
        }
        found[1..=rows].iter().sum()
    }
}

/// Compares the bytes of the second of three rows with those of the pixels around.
#[inline(always)]
fn compare(rows: [&[u8]; 3], channels: usize, upright: &mut [u8], equal: &mut [u8]) {
    let [above, here, below] = rows;
    for ((upright, here), (above, below)) in upright.iter_mut().zip(here).zip(above.iter().zip(below)) {
        *upright = u8::from((here == above) & (here == below));
    }
    equal.copy_from_slice(upright);
    let left = here.iter().zip(&*upright).zip(&here[channels..]);
    for (equal, ((left, upright), here)) in equal[channels..].iter_mut().zip(left) {
        *equal &= upright & u8::from(left == here);
    }
    let right = here.iter().zip(&here[channels..]).zip(&upright[channels..]);
    for (equal, ((here, right), upright)) in equal.iter_mut().zip(right) {
        *equal &= upright & u8::from(here == right);
    }
}

/// Marks the pixels all of whose bytes are equal, and counts them.
#[inline(always)]
fn gather<const BYTES: usize>(equal: &[u8], middles: &mut [u8]) -> usize {
    for (middle, equal) in middles.iter_mut().zip(equal.as_chunks::<BYTES>().0) {
        *middle = equal.iter().fold(1, |all, byte| all & byte);
    }
    middles.chunks(255).map(|middles| usize::from(middles.iter().sum::<u8>())).sum()
}

/// Marks the pixels of the second of three rows that have a middle beside them, or are one.
#[inline(always)]
fn widen(middles: [&[u8]; 3], tall: &mut [u8], marks: &mut [u8]) {
    let [above, here, below] = middles;
    for (tall, ((above, here), below)) in tall.iter_mut().zip(above.iter().zip(here).zip(below)) {
        *tall = above | here | below;
    }
    for (mark, (tall, here)) in marks.iter_mut().zip(tall.iter().zip(here)) {
        *mark = (tall * FLAT) | (here * MIDDLE);
    }
    for (mark, left) in marks[1..].iter_mut().zip(&*tall) {
        *mark |= left * FLAT;
    }
    for (mark, right) in marks.iter_mut().zip(&tall[1..]) {
        *mark |= right * FLAT;
    }
}
