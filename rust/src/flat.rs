//! Flat areas: windows, paper, bars of a chart, where many neighbors have exactly one color. There an error that is handed
//! on shows as noise, and a color that is a little off as another color.
//!
//! A pixel lies flat when some 3 x 3 pixels around or beside it are all equal. Bands of a gradient are flat, too, but next
//! to bands that are nearly equal, a little lighter on one side and a little darker on the other: such a color is a step of
//! a gradient, which is to be dithered as a whole. White paper with a soft shadow on it meets nearly equal colors on one
//! side alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::candidates::distance;
use crate::count::Counts;
use crate::nearest::palette_points;
use crate::pixels::{Key, Pixels, Rgba, to_key};
use crate::space::{Point, Space};

/// Rows that one task looks at.
const ROWS: usize = 64;
/// With less than one flat pixel of so many, a picture has no flat areas worth the name.
const RARE: usize = 200;
/// Codes by which the steps of a gradient differ at most, in any channel.
const NEXT: u8 = 4;
/// Pixels that a step of a gradient is wide at most, on average.
const WIDEST: u64 = 48;
/// Pixels that its first and last step are wide at most: they meet others on one side alone.
const WIDEST_END: u64 = 3;
/// The distance in Oklab up to which a flat area gets the nearest entry alone.
const CLOSE: f32 = 0.05;
/// Pixels around a flat area that belong to its edge: the blurred outline of a letter or a line.
const EDGE: usize = 1;

/// The flat areas of a picture.
pub struct Flat {
    keys: Vec<Key>,
    width: usize,
    /// Which pixels lie flat.
    inside: Vec<bool>,
    areas: HashMap<Key, Area>,
}

/// All flat pixels of one color, and how many neighbors they have of other colors.
#[derive(Clone, Copy, Default)]
struct Area {
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

    /// Adds a pair of neighbors, of which the first belongs to the area.
    fn meet(&mut self, own: Key, other: Key) {
        let (own, other) = (own.to_be_bytes(), other.to_be_bytes());
        let sum = |color: Rgba| color.into_iter().map(u32::from).sum::<u32>();
        *match own.into_iter().zip(other).all(|(a, b)| a.abs_diff(b) <= NEXT) {
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

impl Flat {
    /// Finds the flat areas of a picture; `None` where there are hardly any.
    pub fn find(pixels: Pixels, width: usize) -> Option<Self> {
        let mut keys = vec![0; pixels.len()];
        let chunk = ROWS * width;
        keys.par_chunks_mut(chunk).enumerate().for_each(|(i, keys)| {
            pixels.slice(i * chunk, i * chunk + keys.len()).write_keys(keys);
        });
        let height = keys.len() / width;
        let rows: Vec<Vec<bool>> =
            (0..height).into_par_iter().with_min_len(ROWS).map(|y| middles(&keys, width, y)).collect();
        let found: usize = rows.iter().map(|row| row.iter().filter(|&&is_middle| is_middle).count()).sum();
        if found == 0 || found * RARE < keys.len() {
            return None;
        }
        let inside = spread(&rows.concat(), width, 1);
        let areas = areas(&keys, &inside, width);
        Some(Self { keys, width, inside, areas })
    }

    /// The colors of the flat areas, but for steps of gradients, ascending, and how many pixels lie flat in each.
    pub fn counts(&self) -> Counts {
        let areas: BTreeMap<Key, u64> = self.firm().collect();
        Counts { keys: areas.keys().copied().collect(), weights: areas.values().copied().collect() }
    }

    /// What share of its error each pixel takes and hands on, of 255: none in flat areas whose color the palette has, all
    /// but exactly, and none at their edges. Steps of gradients take part unless they are exact.
    pub fn shares(&self, palette: &[Rgba]) -> Vec<u8> {
        let exact: HashSet<Key> = palette.iter().map(|&color| to_key(color)).collect();
        let entries = palette_points(palette, Space::Oklab);
        let calm: HashSet<Key> = self.firm().filter(|&(key, _)| has(&entries, key)).map(|(key, _)| key).collect();
        let still: Vec<bool> =
            self.keys.par_iter().zip(&self.inside).map(|(key, &inside)| inside && calm.contains(key)).collect();
        let still = spread(&still, self.width, EDGE);
        let share = |(still, (key, inside)): (&bool, (&Key, &bool))| match *still || *inside && exact.contains(key) {
            true => 0,
            false => 255,
        };
        still.par_iter().zip(self.keys.par_iter().zip(&self.inside)).map(share).collect()
    }

    /// The areas that are no steps of gradients.
    fn firm(&self) -> impl Iterator<Item = (Key, u64)> {
        self.areas.iter().filter(|(_, area)| !area.is_step()).map(|(&key, area)| (key, area.pixels))
    }
}

/// Whether an entry is so near to a color that dithering would show more than the difference.
fn has(entries: &[Point], key: Key) -> bool {
    let point = Space::Oklab.to_point(key);
    entries.iter().any(|&entry| distance::<4>(entry, point) <= CLOSE * CLOSE)
}

/// Which pixels of a row are equal to all eight around them; beyond the border everything goes on as it is there.
fn middles(keys: &[Key], width: usize, y: usize) -> Vec<bool> {
    let row = |y: usize| &keys[y * width..][..width];
    let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(keys.len() / width - 1)));
    let upright: Vec<bool> = (0..width).map(|x| above[x] == here[x] && below[x] == here[x]).collect();
    let alike = |x: usize, other: usize| upright[other] && here[other] == here[x];
    (0..width).map(|x| upright[x] && alike(x, x.saturating_sub(1)) && alike(x, (x + 1).min(width - 1))).collect()
}

/// What lies at most `reach` pixels from what is set, in both directions.
fn spread(set: &[bool], width: usize, reach: usize) -> Vec<bool> {
    let along: Vec<bool> = set
        .par_chunks(width)
        .flat_map_iter(|row| {
            (0..width).map(move |x| row[x.saturating_sub(reach)..(x + reach + 1).min(width)].contains(&true))
        })
        .collect();
    let height = set.len() / width;
    (0..height)
        .into_par_iter()
        .flat_map_iter(|y| {
            let rows = y.saturating_sub(reach)..(y + reach + 1).min(height);
            let along = &along;
            (0..width).map(move |x| rows.clone().any(|row| along[row * width + x]))
        })
        .collect()
}

/// Adds up what lies flat, and whom it meets, color by color.
fn areas(keys: &[Key], inside: &[bool], width: usize) -> HashMap<Key, Area> {
    let starts: Vec<usize> = (0..keys.len()).step_by(ROWS * width).collect();
    let parts = starts.par_iter().map(|&start| {
        let mut areas: HashMap<Key, Area> = HashMap::new();
        for row in (start..keys.len().min(start + ROWS * width)).step_by(width) {
            let mut run = row;
            while run < row + width {
                let end = run + keys[run..row + width].iter().take_while(|&&key| key == keys[run]).count();
                let area = run_area(keys, inside, width, run, end);
                if area.pixels > 0 {
                    areas.entry(keys[run]).or_default().add(&area);
                }
                run = end;
            }
        }
        areas
    });
    let mut all: HashMap<Key, Area> = HashMap::new();
    for (key, area) in parts.collect::<Vec<_>>().into_iter().flatten() {
        all.entry(key).or_default().add(&area);
    }
    all
}

/// What lies flat in a run of equal pixels in a row, and whom it meets.
fn run_area(keys: &[Key], inside: &[bool], width: usize, start: usize, end: usize) -> Area {
    let own = keys[start];
    let mut area = Area::default();
    for at in (start..end).filter(|&at| inside[at]) {
        area.pixels += 1;
        let left = (at == start && at % width > 0).then(|| at - 1);
        let right = (at + 1 == end && end % width > 0).then_some(end);
        let above = at.checked_sub(width);
        let below = Some(at + width).filter(|&below| below < keys.len());
        for other in [left, right, above, below].into_iter().flatten().filter(|&other| keys[other] != own) {
            area.meet(own, keys[other]);
        }
    }
    area
}
