//! Colors that lie flat, and whether each is one of an area or a step of a gradient.

use std::collections::HashMap;

use rayon::prelude::*;

use super::{NEXT, ROWS, Strip, is_within};
use crate::pixels::{Key, Pixels, Rgba, to_rgba};

/// So many pixels on the gradient still goes on.
pub const BEYOND: usize = 3;
/// Pixels that a step of a gradient is wide at most, on average.
const WIDEST: u64 = 48;
/// Pixels that its first and last step are wide at most: they meet others on one side alone.
const WIDEST_END: u64 = 3;
/// Places of a table that tells which colors flat areas may have.
const SPOTS: usize = 1 << 12;
/// Marks that are looked at at once.
const SOME: usize = 64;

/// Colors that lie flat, and how.
pub type Areas = HashMap<Key, Area>;

/// Adds up what lies flat in the rows of `strip`, and whom it meets, color by color.
pub fn of(strip: &Strip, width: usize, inside: &[bool]) -> Areas {
    let mut areas = Areas::new();
    let (mut own, mut area) = (Key::default(), Area::default());
    let last = strip.keys.len() / width - 1;
    for (y, inside) in strip.rows.clone().zip(inside.chunks_exact(width)) {
        for x in marked(inside) {
            let at = y * width + x;
            if strip.keys[at] != own {
                areas.entry(own).or_default().add(&area);
                (own, area) = (strip.keys[at], Area::default());
            }
            // Pixels on each side up to the border, and how far one is from the next.
            let (left, right) = ((x, -1), (width - 1 - x, 1));
            let (above, below) = ((y, -(width as isize)), (last - y, width as isize));
            area.take(&strip.keys, at, [left, right, above, below]);
        }
    }
    areas.entry(own).or_default().add(&area);
    areas.retain(|_, area| area.pixels > 0);
    areas
}

/// The colors that mostly lie flat, but for steps of gradients, ascending.
pub fn firm(parts: Vec<Areas>, pixels: Pixels, width: usize, inside: &[bool]) -> Vec<Rgba> {
    let mut areas = Areas::new();
    for (key, area) in parts.into_iter().flatten() {
        areas.entry(key).or_default().add(&area);
    }
    areas.retain(|_, area| !area.is_step());
    // Most pixels are of none of these colors: of all but few, a look into a small table tells.
    let spot = |key: Key| (key.wrapping_mul(0x9E37_79B9) >> (32 - SPOTS.ilog2())) as usize;
    let mut spots = [false; SPOTS];
    areas.keys().for_each(|&key| spots[spot(key)] = true);
    let parts = inside.par_chunks(ROWS * width).enumerate().map(|(number, inside)| {
        let mut scattered: HashMap<Key, u64> = HashMap::new();
        let Strip { keys, .. } = Strip::new(pixels, width, number, 0);
        let outside = keys.iter().zip(inside).filter(|&(&key, &inside)| spots[spot(key)] && !inside);
        for (key, _) in outside.filter(|(key, _)| areas.contains_key(key)) {
            *scattered.entry(*key).or_default() += 1;
        }
        scattered
    });
    let parts: Vec<_> = parts.collect();
    for (key, scattered) in parts.into_iter().flatten() {
        areas.entry(key).and_modify(|area| area.scattered += scattered);
    }
    let firm = areas.into_iter().filter(|(_, area)| area.pixels > area.scattered);
    let mut colors: Vec<Rgba> = firm.map(|(key, _)| to_rgba(key)).collect();
    colors.sort_unstable();
    colors
}

/// Where marks are; many that aren't are passed over at once.
fn marked(marks: &[bool]) -> impl Iterator<Item = usize> {
    let some = marks.chunks(SOME).zip((0..).step_by(SOME));
    let some = some.filter(|(marks, _)| marks.iter().fold(false, |any, mark| any | mark));
    some.flat_map(|(marks, start)| marks.iter().zip(start..).filter(|(mark, _)| **mark).map(|(_, at)| at))
}

/// All flat pixels of one color, and how many neighbors they have of other colors.
#[derive(Clone, Copy, Default)]
pub struct Area {
    pixels: u64,
    /// Those of its color that do not lie flat.
    scattered: u64,
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

    /// Adds a pixel, and pairs with its neighbors of other colors on all `sides`.
    #[inline(always)]
    fn take(&mut self, keys: &[Key], at: usize, sides: [(usize, isize); 4]) {
        self.pixels += 1;
        let own = keys[at];
        for (room, step) in sides {
            let along = |far: usize| keys[at.wrapping_add_signed(step * far.min(room) as isize)];
            if along(1) != own {
                self.meet(own, along(1), along(BEYOND));
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
