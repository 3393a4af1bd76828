//! The entry of every pixel where that of every color is known: what solving learnt need not be found out again.

use rayon::prelude::*;

use crate::cloud::Cloud;
use crate::lloyd::Assignment;
use crate::nearest::Index;
use crate::order::{CELLS, Order, number_in_cell};
use crate::pixels::{Channels, Layout, Pixels};
use crate::simd::vectorized;
use crate::space::Point;

/// So many pixels a color are many.
const MANY: usize = 8;
/// Pixels that one task maps.
const CHUNK: usize = 1 << 14;

/// The nearest entries of opaque colors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The cells of the color cube in which there are some, ascending.
    cells: Vec<Cell>,
    /// The entry of each color: cell by cell, ascending in each of them.
    labels: Vec<u16>,
}

/// The colors of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    /// One bit a color: whether it is known.
    present: u64,
    /// Where the entries of those that are known start.
    start: u32,
    /// Which cell it is.
    code: u32,
}

impl Known {
    /// The one of `centers` nearest to each of the colors that are the points of `cloud` and opaque; ties to the lower.
    pub fn new(cloud: &Cloud, centers: &[Point]) -> Self {
        let labels = Assignment::new(cloud, centers).labels(cloud);
        // No cell lies in two trees.
        let cells = cloud.trees.par_iter().flat_map_iter(|tree| {
            let mut cells: Vec<Cell> = Vec::new();
            for (start, (code, number)) in (tree.start() as u32..).zip(cloud.places(tree)) {
                match cells.last_mut() {
                    Some(cell) if cell.code == code => cell.present |= 1 << number,
                    _ => cells.push(Cell { present: 1 << number, start, code }),
                }
            }
            cells
        });
        Self { cells: cells.collect(), labels }
    }

    /// The entry of each pixel; `None` where the color of one is none of these, and where there are so many pixels that
    /// it is faster to look for the nearest entries of all colors around, which then takes one look less a pixel.
    pub fn map<I: Index>(&self, pixels: Pixels) -> Option<Vec<I>> {
        if pixels.len() > MANY * self.labels.len() {
            return None;
        }
        let table = Table::new(self);
        match pixels.layout() {
            Layout::Grey(pixels) => table.map(pixels),
            Layout::Rgb(pixels) => table.map(pixels),
            Layout::Rgba(pixels) => table.map(pixels),
        }
    }
}

/// Where everything that is known stands.
struct Table<'a, I> {
    order: Order,
    /// The number of each cell of the cube among those with known colors; of others, 0.
    numbers: Vec<u32>,
    cells: &'a [Cell],
    /// One more behind the last.
    labels: Vec<I>,
}

impl<'a, I: Index> Table<'a, I> {
    fn new(known: &'a Known) -> Self {
        // A number for each cell, not the cell itself: memory that is touched for the first time is dear.
        let mut numbers = vec![0; CELLS];
        for (number, cell) in (0..).zip(&known.cells) {
            numbers[cell.code as usize] = number;
        }
        let labels = known.labels.iter().map(|&label| I::narrow(u32::from(label)));
        Self { order: Order::opaque(), numbers, cells: &known.cells, labels: labels.chain([I::default()]).collect() }
    }

    fn map<P: Channels>(&self, pixels: &[P]) -> Option<Vec<I>> {
        let mut indices = vec![I::default(); pixels.len()];
        let chunks = indices.par_chunks_mut(CHUNK).zip(pixels.par_chunks(CHUNK));
        let map = |(indices, pixels): (&mut [I], &[P])| {
            vectorized(
                #[inline(always)]
                || self.map_chunk(pixels, indices),
            )
        };
        chunks.map(map).reduce(|| true, |some, others| some && others).then_some(indices)
    }

    /// Maps pixels; returns whether all colors are known.
    #[inline(always)]
    fn map_chunk<P: Channels>(&self, pixels: &[P], indices: &mut [I]) -> bool {
        let numbers: &[u32; CELLS] = self.numbers.first_chunk().expect("all cells");
        let (mut known, mut alpha) = (1, 255);
        for (index, pixel) in indices.iter_mut().zip(pixels) {
            let color = pixel.rgba();
            let (code, number) = (self.order.code(color), number_in_cell(color));
            let Cell { present, start, code: found } = self.cells[numbers[code as usize % CELLS] as usize];
            let before = present & ((1 << number) - 1);
            *index = self.labels[(start + before.count_ones()) as usize];
            known &= (present >> number) & u64::from(found == code);
            alpha &= color[3];
        }
        known == 1 && alpha == 255
    }
}
