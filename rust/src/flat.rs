//! Flat areas: windows, paper, bars of a chart, where many neighbors have exactly one color. There an error that is handed
//! on shows as noise, and a color that is a little off as another color.
//!
//! A pixel lies flat when some 3 x 3 pixels around or beside it are all equal. Bands of a gradient are flat, too, but next
//! to bands that are nearly equal, a little lighter on one side and a little darker on the other: such a color is a step of
//! a gradient, which is to be dithered as a whole. White paper with a soft shadow on it meets nearly equal colors on one
//! side alone.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

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
/// So many pixels on the gradient still goes on.
const BEYOND: usize = 3;
/// Pixels that a step of a gradient is wide at most, on average.
const WIDEST: u64 = 48;
/// Pixels that its first and last step are wide at most: they meet others on one side alone.
const WIDEST_END: u64 = 3;
/// Pixels on each side that are around one.
const AROUND: usize = 4;
/// So many flat pixels around one leave it no error.
const CALM: u32 = 30;

/// Colors that one task compares with a palette.
const NEAR_TASK: usize = 64;
/// Places of a table that tells which colors flat areas may have.
const SPOTS: usize = 1 << 12;

/// The flat areas of a picture.
pub struct Flat {
    keys: Vec<Key>,
    width: usize,
    /// Which pixels lie flat.
    inside: Vec<bool>,
    colors: Vec<Rgba>,
}

impl Flat {
    /// Finds the flat areas of a picture; `None` where there are hardly any.
    pub fn find(pixels: Pixels, width: usize) -> Option<Self> {
        if are_rare(most_middles(pixels, width), pixels) {
            return None;
        }
        let mut keys = vec![0; pixels.len()];
        let chunk = ROWS * width;
        keys.par_chunks_mut(chunk).enumerate().for_each(|(i, keys)| {
            pixels.slice(i * chunk, i * chunk + keys.len()).write_keys(keys);
        });
        let height = keys.len() / width;
        let rows = (0..height).into_par_iter().with_min_len(ROWS);
        let rows: Vec<Vec<bool>> = rows.map(|y| middles(&keys, width, y)).collect();
        let found: usize = rows.iter().map(|row| row.iter().filter(|&&is_middle| is_middle).count()).sum();
        if found == 0 || are_rare(found, pixels) {
            return None;
        }
        let inside = spread(&rows);
        Some(Self { colors: firm(&keys, &inside, width), keys, width, inside })
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
        let mut shares = vec![0; exact.len()];
        shares.par_chunks_mut(ROWS * self.width).enumerate().for_each(|(chunk, shares)| {
            let first = chunk * ROWS;
            let mut counts = Counts::new(&exact, self.width, first);
            for (y, shares) in (first..).zip(shares.chunks_exact_mut(self.width)) {
                counts.go_to(y);
                for (x, share) in shares.iter_mut().enumerate() {
                    let calm = counts.around(x).min(CALM);
                    *share = if exact[y * self.width + x] { 0 } else { (255 * (CALM - calm) / CALM) as u8 };
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
        let mut exact = vec![false; self.keys.len()];
        exact.par_chunks_mut(self.width).enumerate().for_each(|(y, exact)| {
            let row = y * self.width..(y + 1) * self.width;
            let mut last = (0, colors.contains(&0));
            for (exact, (&key, &inside)) in exact.iter_mut().zip(self.keys[row.clone()].iter().zip(&self.inside[row])) {
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

/// The colors that mostly lie flat, but for steps of gradients, ascending.
fn firm(keys: &[Key], inside: &[bool], width: usize) -> Vec<Rgba> {
    let mut areas = areas(keys, inside, width);
    areas.retain(|_, area| !area.is_step());
    // Most pixels are of none of these colors: of all but few, a look into a small table tells.
    let spot = |key: Key| (key.wrapping_mul(0x9E37_79B9) >> (32 - SPOTS.ilog2())) as usize;
    let mut spots = [false; SPOTS];
    areas.keys().for_each(|&key| spots[spot(key)] = true);
    let outside = keys.iter().zip(inside).filter(|&(&key, &inside)| !inside && spots[spot(key)]);
    for (key, _) in outside {
        if let Some(area) = areas.get_mut(key) {
            area.scattered += 1;
        }
    }
    let firm = areas.into_iter().filter(|(_, area)| area.pixels > area.scattered);
    let mut colors: Vec<Rgba> = firm.map(|(key, _)| to_rgba(key)).collect();
    colors.sort_unstable();
    colors
}

/// Whether colors differ by so many codes at most.
fn is_within(a: Rgba, b: Rgba, codes: u8) -> bool {
    a.into_iter().zip(b).all(|(a, b)| a.abs_diff(b) <= codes)
}

/// How many of the pixels around each of a row are marked.
struct Counts<'a> {
    marks: &'a [bool],
    width: usize,
    /// Rows `from..to` are in the sums of columns.
    from: usize,
    to: usize,
    columns: Vec<u32>,
    /// Sums of the columns before each, from the first one on.
    sums: Vec<u32>,
}

impl<'a> Counts<'a> {
    fn new(marks: &'a [bool], width: usize, first: usize) -> Self {
        let from = first.saturating_sub(AROUND);
        Self { marks, width, from, to: from, columns: vec![0; width], sums: vec![0; width + 1] }
    }

    /// Goes on to a row.
    fn go_to(&mut self, y: usize) {
        let row = |y: usize| &self.marks[y * self.width..][..self.width];
        while self.to < (y + AROUND + 1).min(self.marks.len() / self.width) {
            self.columns.iter_mut().zip(row(self.to)).for_each(|(column, &mark)| *column += u32::from(mark));
            self.to += 1;
        }
        while self.from + AROUND < y {
            self.columns.iter_mut().zip(row(self.from)).for_each(|(column, &mark)| *column -= u32::from(mark));
            self.from += 1;
        }
        for (x, &column) in self.columns.iter().enumerate() {
            self.sums[x + 1] = self.sums[x] + column;
        }
    }

    /// Marked pixels around column `x`.
    fn around(&self, x: usize) -> u32 {
        self.sums[(x + AROUND + 1).min(self.width)] - self.sums[x.saturating_sub(AROUND)]
    }
}

/// All flat pixels of one color, and how many neighbors they have of other colors.
#[derive(Clone, Copy, Default)]
struct Area {
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

/// Whether so many flat pixels are hardly any.
fn are_rare(flat: usize, pixels: Pixels) -> bool {
    flat * RARE < pixels.len()
}

/// No fewer pixels than are equal to all eight around them: as many as there are runs of bytes, as long as a pixel is, that
/// are equal to those of the four pixels beside them; and the border. To look at bytes takes less than to look at pixels.
fn most_middles(pixels: Pixels, width: usize) -> usize {
    let (bytes, channels) = pixels.bytes();
    if channels == 4 {
        // Transparent pixels are equal whatever their bytes are.
        return pixels.len();
    }
    let (stride, height) = (width * channels, pixels.len() / width);
    let runs = |[equal, runs]: &mut [Vec<u8>; 2], y: usize| {
        let rows = [y - 1, y, y + 1].map(|y| &bytes[y * stride..][..stride]);
        let mut count = 0;
        vectorized(
            #[inline(always)]
            || count = equal_runs(rows, channels, equal, runs),
        );
        count
    };
    // A whole number of words.
    let room = || [0; 2].map(|_| vec![0; stride.next_multiple_of(8)]);
    let rows = (1..height.max(2) - 1).into_par_iter().with_min_len(ROWS);
    rows.map_init(room, runs).sum::<usize>() + 2 * (width + height)
}

/// In how many places of the second of three rows do as many bytes as a pixel has begin that are equal to those above and
/// below, and on both sides.
#[inline(always)]
fn equal_runs(rows: [&[u8]; 3], channels: usize, equal: &mut [u8], runs: &mut [u8]) -> usize {
    let [above, here, below] = rows;
    for ((equal, here), (above, below)) in equal.iter_mut().zip(here).zip(above.iter().zip(below)) {
        *equal = u8::from((here == above) & (here == below));
    }
    for (equal, (left, here)) in equal[channels..].iter_mut().zip(here.iter().zip(&here[channels..])) {
        *equal &= u8::from(left == here);
    }
    for (equal, (here, right)) in equal.iter_mut().zip(here.iter().zip(&here[channels..])) {
        *equal &= u8::from(here == right);
    }
    runs.copy_from_slice(equal);
    for more in 1..channels {
        for (run, equal) in runs.iter_mut().zip(&equal[more..]) {
            *run &= equal;
        }
    }
    runs.as_chunks().0.iter().map(|&word| u64::from_le_bytes(word).count_ones() as usize).sum()
}

/// Which pixels of a row are equal to all eight around them; beyond the border everything goes on as it is there.
fn middles(keys: &[Key], width: usize, y: usize) -> Vec<bool> {
    let row = |y: usize| &keys[y * width..][..width];
    let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(keys.len() / width - 1)));
    let (mut upright, mut level, mut middles) = (vec![true; width], vec![true; width + 1], vec![true; width]);
    vectorized(
        #[inline(always)]
        || {
            for (upright, ((above, here), below)) in upright.iter_mut().zip(above.iter().zip(here).zip(below)) {
                *upright = (above == here) & (below == here);
            }
            for (level, (left, right)) in level[1..].iter_mut().zip(here.iter().zip(&here[1..])) {
                *level = left == right;
            }
            for (middle, (upright, (left, right))) in
                middles.iter_mut().zip(upright.iter().zip(level.iter().zip(&level[1..])))
            {
                *middle = *upright & *left & *right;
            }
            for (middle, upright) in middles[1..].iter_mut().zip(&upright) {
                *middle &= *upright;
            }
            for (middle, upright) in middles.iter_mut().zip(&upright[1..]) {
                *middle &= *upright;
            }
        },
    );
    middles
}

/// What lies in the 3 x 3 pixels around a middle.
fn spread(middles: &[Vec<bool>]) -> Vec<bool> {
    let (width, last) = (middles[0].len(), middles.len() - 1);
    let mut inside = vec![false; middles.len() * width];
    inside.par_chunks_mut(width).enumerate().with_min_len(ROWS).for_each(|(y, inside)| {
        let (above, here, below) = (&middles[y.saturating_sub(1)], &middles[y], &middles[(y + 1).min(last)]);
        // With nothing beyond either end.
        let mut tall = vec![false; width + 2];
        vectorized(
            #[inline(always)]
            || {
                for (tall, ((above, here), below)) in tall[1..].iter_mut().zip(above.iter().zip(here).zip(below)) {
                    *tall = above | here | below;
                }
                for (inside, ((left, here), right)) in
                    inside.iter_mut().zip(tall.iter().zip(&tall[1..]).zip(&tall[2..]))
                {
                    *inside = left | here | right;
                }
            },
        );
    });
    inside
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
        let column = at % width;
        // Pixels on each side up to the border, and how far one is from the next.
        let left = if at == start { (column, -1) } else { (0, 0) };
        let right = if at + 1 == end { (width - 1 - column, 1) } else { (0, 0) };
        let (above, below) = ((at / width, -(width as isize)), ((keys.len() - 1 - at) / width, width as isize));
        for (room, step) in [left, right, above, below] {
            let along = |far: usize| keys[at.wrapping_add_signed(step * far.min(room) as isize)];
            if along(1) != own {
                area.meet(own, along(1), along(BEYOND));
            }
        }
    }
    area
}
