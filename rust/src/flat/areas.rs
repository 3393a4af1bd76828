//! Colors that lie flat, and whether each is one of an area or a step of a gradient.

use std::collections::HashMap;

use rayon::prelude::*;

use super::{MIDDLE, NEXT, ROWS, is_within, marked};
use crate::pixels::{Channels, Key, Layout, Pixels, Rgba, to_key, to_rgba};
use crate::simd::{any, vectorized};

/// So many pixels on the gradient still goes on.
const BEYOND: usize = 3;
/// Pixels that a step of a gradient is wide at most, on average.
const WIDEST: u64 = 48;
/// Pixels that its first and last step are wide at most: they meet others on one side alone.
const WIDEST_END: u64 = 3;
/// Pixels that are compared at once with some colors, and how many these may be.
const BLOCK: usize = 64;
const FEW: usize = 16;
/// Places of a table that tells which colors flat areas may have.
const SPOTS: usize = 1 << 12;

/// Colors that lie flat, and how.
type Areas = HashMap<Key, Area>;

/// What lies flat in a picture as it is marked, but for steps of gradients, by color.
pub fn all(pixels: Pixels, width: usize, marks: &[u8]) -> Vec<(Key, Area)> {
    let strips = marks.par_chunks(ROWS * width).enumerate();
    let of_strip = |(number, marks): (usize, &[u8])| match pixels.layout() {
        Layout::Grey(pixels) => of_strip(pixels, width, number * ROWS, marks),
        Layout::Rgb(pixels) => of_strip(pixels, width, number * ROWS, marks),
        Layout::Rgba(pixels) => of_strip(pixels, width, number * ROWS, marks),
    };
    let parts: Vec<Areas> = strips.map(of_strip).collect();
    let mut areas = Areas::new();
    for (key, area) in parts.into_iter().flatten() {
        areas.entry(key).or_default().add(&area);
    }
    let mut areas: Vec<_> = areas.into_iter().filter(|(_, area)| !area.is_step()).collect();
    areas.sort_unstable_by_key(|&(key, _)| key);
    areas
}

/// Adds up what lies flat in some rows, from `first` on, as they are marked, and whom it meets, color by color.
fn of_strip<P: Channels>(pixels: &[P], width: usize, first: usize, marks: &[u8]) -> Areas {
    let mut areas = Areas::new();
    let (mut own, mut area) = (Key::default(), Area::default());
    let last = pixels.len() / width - 1;
    for (y, marks) in (first..).zip(marks.chunks_exact(width)) {
        let mut before = None;
        for x in marked(marks) {
            let is_middle = marks[x] & MIDDLE != 0;
            // A middle has the color of what is beside it.
            if !(is_middle && before == Some(x.wrapping_sub(1))) {
                let key = to_key(pixels[y * width + x].rgba());
                if key != own {
                    areas.entry(own).or_default().add(&area);
                    (own, area) = (key, Area::default());
                }
            }
            before = Some(x);
            area.pixels += 1;
            if !is_middle {
                // Pixels on each side up to the border, and how far one is from the next.
                let (left, right) = ((x, -1), (width - 1 - x, 1));
                let (above, below) = ((y, -(width as isize)), (last - y, width as isize));
                area.meet_all(pixels, y * width + x, own, [left, right, above, below]);
            }
        }
    }
    areas.entry(own).or_default().add(&area);
    areas.retain(|_, area| area.pixels > 0);
    areas
}

/// The colors of those areas that mostly lie flat.
pub fn firm(areas: &[(Key, Area)], pixels: Pixels, width: usize, marks: &[u8]) -> Vec<Rgba> {
    if areas.is_empty() {
        return Vec::new();
    }
    let mut scattered: HashMap<Key, u64> = areas.iter().map(|&(key, _)| (key, 0)).collect();
    // Most pixels are of none of these colors: of all but few, a look into a small table tells.
    let spot = |key: Key| (key.wrapping_mul(0x9E37_79B9) >> (32 - SPOTS.ilog2())) as usize;
    let mut spots = [false; SPOTS];
    areas.iter().for_each(|&(key, _)| spots[spot(key)] = true);
    let parts = marks.par_chunks(ROWS * width).enumerate().map(|(number, marks)| {
        let mut found: HashMap<Key, u64> = HashMap::new();
        let first = number * ROWS * width;
        for (start, marks) in (first..).step_by(BLOCK).zip(marks.chunks(BLOCK)) {
            let mut block = [0; BLOCK];
            let some = read(pixels.slice(start, start + marks.len()), areas, &mut block);
            let outside = block.iter().zip(marks).filter(|&(&key, &mark)| some && mark == 0 && spots[spot(key)]);
            for (key, _) in outside.filter(|(key, _)| scattered.contains_key(key)) {
                *found.entry(*key).or_default() += 1;
            }
        }
        found
    });
    let parts: Vec<_> = parts.collect();
    for (key, found) in parts.into_iter().flatten() {
        scattered.entry(key).and_modify(|scattered| *scattered += found);
    }
    areas.iter().filter(|(key, area)| area.pixels > scattered[key]).map(|&(key, _)| to_rgba(key)).collect()
}

/// Reads the colors of a block; returns whether some may be those of areas.
fn read(pixels: Pixels, areas: &[(Key, Area)], block: &mut [Key; BLOCK]) -> bool {
    pixels.write_keys(&mut block[..pixels.len()]);
    if areas.len() > FEW {
        return true;
    }
    let mut found = [0; BLOCK];
    vectorized(
        #[inline(always)]
        || {
            for (color, _) in areas {
                for i in 0..BLOCK {
                    found[i] |= u32::from(block[i] == *color);
                }
            }
        },
    );
    any(found) != 0
}

/// All flat pixels of one color, and how many neighbors they have of other colors.
#[derive(Clone, Copy, Default)]
pub struct Area {
    pixels: u64,
    /// Nearly the same, but lighter or darker.
    lighter: u64,
    darker: u64,
    /// Quite another color.
    other: u64,
}

impl Area {
    fn add(&mut self, more: &Self) {
        self.pixels += more.pixels;
        self.lighter += more.lighter;
        self.darker += more.darker;
        self.other += more.other;
    }

    /// Adds pairs of a pixel of the area with its neighbors of other colors on all `sides`.
    fn meet_all<P: Channels>(&mut self, pixels: &[P], at: usize, own: Key, sides: [(usize, isize); 4]) {
        for (room, step) in sides {
            let along = |far: usize| to_key(pixels[at.wrapping_add_signed(step * far.min(room) as isize)].rgba());
            let other = along(1);
            if other != own {
                self.meet(own, other, along(BEYOND));
            }
        }
    }

    /// Adds a pair of neighbors, of which the first belongs to the area, and what lies beyond the other. Along an edge
    /// that was scaled or compressed colors are nearly the same, too, but those beyond are not.
    fn meet(&mut self, own: Key, other: Key, beyond: Key) {
        let [own, other, beyond] = [own, other, beyond].map(Key::to_be_bytes);
        let sum = |color: Rgba| color.into_iter().map(u32::from).sum::<u32>();
        *match is_within(own, other, NEXT) && is_within(own, beyond, BEYOND as u8 * NEXT) {
            true if sum(own) < sum(other) => &mut self.lighter,
            true => &mut self.darker,
            false => &mut self.other,
        } += 1;
    }

    /// Whether this is a step of gradients rather than an area of its own.
    fn is_step(&self) -> bool {
        let (near, both) = (self.lighter + self.darker, 2 * self.lighter.min(self.darker));
        both > self.other && self.pixels < WIDEST * both || near > self.other && self.pixels < WIDEST_END * near
    }
}
