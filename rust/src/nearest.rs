//! The nearest palette entry of any point, and of every pixel.
//!
//! Working space is divided into cells; each lists the entries that can be nearest to a point in it, so that a question
//! costs a few distances. Answers equal those of computing every distance, ties to the lower index.

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::lloyd::{Candidates, NOWHERE};
use crate::pixels::{Key, Pixels, Rgba, to_key};
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// A type wide enough for the indices of a palette.
pub trait Index: Copy + Default + Send + Sync {
    /// Narrows an index that fits.
    fn narrow(index: u32) -> Self;
}

impl Index for u8 {
    fn narrow(index: u32) -> Self {
        index as u8
    }
}

impl Index for u16 {
    fn narrow(index: u32) -> Self {
        index as u16
    }
}

/// A palette that answers which of its entries is nearest, in `D` dimensions: 3 where alpha never differs.
pub struct Grid<const D: usize> {
    all: Candidates,
    /// The box that the cells fill; beyond it every entry is asked.
    low: Point,
    high: Point,
    /// Where the cells of equal width begin, how many fit in a unit, and the last one; the outermost reach to the box.
    origin: Point,
    scale: Point,
    last: Point,
    /// Each block is halved this often, in every dimension, into cells.
    halvings: u32,
    /// Filled when a first point falls into them: colors of one picture touch few.
    blocks: Vec<OnceLock<Vec<Cell>>>,
}

/// Entries that can be nearest to a point in a cell, in ascending order.
#[derive(Clone)]
struct Cell {
    planes: [[f32; LANES]; 4],
    ids: [u32; LANES],
    /// Where in the block the entries go on that find no room here; 0 if all do.
    next: u32,
}

/// Entries that are asked at once.
const LANES: usize = 8;

/// No entries: these are nearest to nothing.
const VACANT: Cell = Cell { planes: [[NOWHERE; LANES]; 4], ids: [u32::MAX; LANES], next: 0 };

/// Blocks a dimension.
const fn side(dimensions: usize) -> usize {
    if dimensions == 3 { 16 } else { 8 }
}

/// The least and greatest coordinates of opaque sRGB colors in a space, rounded outwards.
fn gamut(space: Space) -> ([f32; 3], [f32; 3]) {
    match space {
        Space::Srgb => ([0.0; 3], [255.0; 3]),
        Space::Linear => ([0.0; 3], [1.0; 3]),
        Space::Oklab => ([0.0, -0.24, -0.32], [1.0, 0.28, 0.20]),
        Space::Lab => ([0.0, -87.0, -108.0], [100.0, 99.0, 95.0]),
    }
}

impl<const D: usize> Grid<D> {
    /// Prepares `palette`, which is not empty.
    pub fn new(palette: &[Point], space: Space) -> Self {
        let (mut low, mut high) = ([0.0; 4], [space.alpha_scale(); 4]);
        let (least, most) = gamut(space);
        low[..3].copy_from_slice(&least);
        high[..3].copy_from_slice(&most);
        for d in 0..4 {
            let margin = 0.125 * (high[d] - low[d]);
            low[d] -= margin;
            high[d] += margin;
        }
        let halvings = match palette.len() {
            ..=16 => 0,
            17..=4096 => 1,
            _ => 2,
        };
        let cells = (side(D) << halvings) as f32;
        let (mut origin, mut scale, mut last) = (low, [1.0; 4], [0.0; 4]);
        for d in 0..D {
            let bounds = palette.iter().fold((f32::MAX, f32::MIN), |(l, h), p| (p[d].min(l), p[d].max(h)));
            origin[d] = bounds.0;
            scale[d] = cells / (bounds.1 - bounds.0).max(1e-3 * (high[d] - low[d]));
            last[d] = cells - 1.0;
        }
        let reach = low.iter().chain(&high).fold(0.0, |reach: f32, x| x.abs().max(reach));
        let blocks = std::iter::repeat_with(OnceLock::new).take(side(D).pow(D as u32)).collect();
        Self { all: Candidates::new(palette, reach), low, high, origin, scale, last, halvings, blocks }
    }

    /// Fills the block of that number: first its cells, then what they have no room for.
    fn fill(&self, number: usize) -> Vec<Cell> {
        let mut block = vec![VACANT; 1 << (self.halvings as usize * D)];
        let corner = std::array::from_fn(|d| number / side(D).pow(d as u32) % side(D));
        let mut kept = vec![Candidates::default(); self.halvings as usize + 1];
        self.divide(&self.all, corner, 0, &mut kept, &mut block);
        block
    }

    /// Finds the candidates of a cell at a level of halving, and hands them down to the cells in it; `kept` has room
    /// for those of each level from this on.
    fn divide(&self, from: &Candidates, cell: [usize; D], level: u32, kept: &mut [Candidates], block: &mut Vec<Cell>) {
        let (kept, rest) = kept.split_first_mut().expect("one a level");
        let (low, high) = self.bounds(cell, level);
        vectorized(
            #[inline(always)]
            || from.filter::<D>(low, high, kept),
        );
        if level < self.halvings {
            for half in 0..1 << D {
                let child = std::array::from_fn(|d| cell[d] << 1 | (half >> d & 1));
                self.divide(kept, child, level + 1, rest, block);
            }
            return;
        }
        let mut at = self.within(cell);
        for i in 0..kept.len() {
            if i > 0 && i % LANES == 0 {
                block[at].next = block.len() as u32;
                at = block.len();
                block.push(VACANT);
            }
            let (point, id) = kept.get(i);
            for (plane, x) in block[at].planes.iter_mut().zip(point) {
                plane[i % LANES] = x;
            }
            block[at].ids[i % LANES] = id;
        }
    }

    /// The box of a cell at a level of halving, a little widened for the rounding in `locate`.
    fn bounds(&self, cell: [usize; D], level: u32) -> (Point, Point) {
        let (mut low, mut high) = (self.low, self.high);
        let last = (side(D) << level) - 1;
        for d in 0..D {
            let width = ((1u32 << (self.halvings - level)) as f32) / self.scale[d];
            let slack = 1e-4 * width + 1e-6 * (self.high[d] - self.low[d]);
            if cell[d] > 0 {
                low[d] = self.origin[d] + cell[d] as f32 * width - slack;
            }
            if cell[d] < last {
                high[d] = self.origin[d] + (cell[d] + 1) as f32 * width + slack;
            }
        }
        (low, high)
    }

    /// The cell in which a point lies.
    #[inline(always)]
    fn locate(&self, point: Point) -> [usize; D] {
        let mut cell = [0.0; 4];
        for d in 0..4 {
            let t = (point[d] - self.origin[d]) * self.scale[d] - 0.5;
            let t = if t > 0.0 { t } else { 0.0 };
            cell[d] = if t < self.last[d] { t } else { self.last[d] };
        }
        // Adding 2^23 rounds to a whole number and leaves it in the lowest bits.
        let cell = cell.map(|t| (t + 8_388_608.0).to_bits() & 0xFFFF);
        std::array::from_fn(|d| cell[d] as usize)
    }

    /// Number of the block of a cell.
    #[inline(always)]
    fn block_of(&self, cell: [usize; D]) -> usize {
        (0..D).rev().fold(0, |number, d| number * side(D) + (cell[d] >> self.halvings))
    }

    /// Number of a cell within its block.
    #[inline(always)]
    fn within(&self, cell: [usize; D]) -> usize {
        (0..D).rev().fold(0, |number, d| number << self.halvings | (cell[d] & ((1 << self.halvings) - 1)))
    }

    /// Index of the entry nearest to `point`.
    #[inline(always)]
    pub fn nearest(&self, point: Point) -> u32 {
        let mut outside = false;
        for d in 0..4 {
            outside |= (point[d] < self.low[d]) | (point[d] > self.high[d]);
        }
        if outside {
            return self.all.nearest::<D>(point);
        }
        let cell = self.locate(point);
        let number = self.block_of(cell);
        let block = self.blocks[number].get_or_init(|| self.fill(number));
        let mut cell = &block[self.within(cell)];
        let mut best = cell.nearest::<D>(point);
        while cell.next != 0 {
            cell = &block[cell.next as usize];
            best = best.min(cell.nearest::<D>(point));
        }
        best as u32
    }
}

impl Cell {
    /// The squared distance of the nearest entry, as bits, above its index: the least of these is the nearest, ties to
    /// the lower index.
    #[inline(always)]
    fn nearest<const D: usize>(&self, point: Point) -> u64 {
        let mut squares = [0.0f32; LANES];
        for d in 0..D {
            for i in 0..LANES {
                let x = point[d] - self.planes[d][i];
                squares[i] += x * x;
            }
        }
        let mut ranked = [0u64; LANES];
        for i in 0..LANES {
            ranked[i] = u64::from(squares[i].to_bits()) << 32 | u64::from(self.ids[i]);
        }
        let mut width = LANES;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                ranked[i] = ranked[i].min(ranked[i + width]);
            }
        }
        ranked[0]
    }
}

/// The points of a palette's colors.
pub fn palette_points(palette: &[Rgba], space: Space) -> Vec<Point> {
    let keys: Vec<Key> = palette.iter().map(|&color| to_key(color)).collect();
    let mut points = vec![[0.0; 4]; keys.len()];
    space.to_points(&keys, &mut points);
    points
}

/// Whether every color of `palette` and of `pixels` is opaque, so that three dimensions tell them apart.
pub fn all_opaque(pixels: Pixels, palette: &[Rgba]) -> bool {
    palette.iter().all(|color| color[3] == 255) && pixels.is_opaque()
}

/// Index of each pixel's nearest entry of `palette`, which is not empty; ties to the lower.
pub fn map_nearest<I: Index>(pixels: Pixels, palette: &[Rgba], space: Space) -> Vec<I> {
    let points = palette_points(palette, space);
    if all_opaque(pixels, palette) {
        map_with(pixels, &Grid::<3>::new(&points, space), space)
    } else {
        map_with(pixels, &Grid::<4>::new(&points, space), space)
    }
}

/// Pixels that one task maps.
const CHUNK: usize = 1 << 12;

fn map_with<I: Index, const D: usize>(pixels: Pixels, grid: &Grid<D>, space: Space) -> Vec<I> {
    let mut indices = vec![I::default(); pixels.len()];
    indices.par_chunks_mut(CHUNK).enumerate().for_each_init(Memory::new, |memory, (chunk, indices)| {
        let start = chunk * CHUNK;
        memory.map(pixels.slice(start, start + indices.len()), grid, space, indices);
    });
    indices
}

/// What a task remembers: the index of the last color that fell on each slot. Neighbors often share their colors.
struct Memory {
    known: Vec<(Key, u32)>,
    keys: Vec<Key>,
    /// The pixels whose color was not known, and their colors.
    asked: Vec<u32>,
    unknown: Vec<Key>,
    points: Vec<Point>,
}

/// Slots, in powers of two: half a megabyte stays in a core's own cache.
const SLOT_BITS: u32 = 16;

impl Memory {
    fn new() -> Self {
        let known = vec![(0, u32::MAX); 1 << SLOT_BITS];
        Self { known, keys: Vec::new(), asked: Vec::new(), unknown: Vec::new(), points: Vec::new() }
    }

    fn map<I: Index, const D: usize>(&mut self, pixels: Pixels, grid: &Grid<D>, space: Space, indices: &mut [I]) {
        self.keys.resize(indices.len(), 0);
        pixels.write_keys(&mut self.keys);
        self.asked.clear();
        self.unknown.clear();
        for (i, &key) in self.keys.iter().enumerate() {
            let (color, index) = self.known[slot(key)];
            if color == key && index != u32::MAX {
                indices[i] = I::narrow(index);
            } else {
                self.asked.push(i as u32);
                self.unknown.push(key);
            }
        }
        self.points.resize(self.unknown.len(), [0.0; 4]);
        space.to_points(&self.unknown, &mut self.points);
        for ((&i, &key), &point) in self.asked.iter().zip(&self.unknown).zip(&self.points) {
            let index = grid.nearest(point);
            indices[i as usize] = I::narrow(index);
            self.known[slot(key)] = (key, index);
        }
    }
}

#[inline(always)]
fn slot(key: Key) -> usize {
    // Multiplicative hashing by the golden ratio (D. E. Knuth, The Art of Computer Programming 3, 6.4).
    (key.wrapping_mul(0x9E37_79B9) >> (32 - SLOT_BITS)) as usize
}
