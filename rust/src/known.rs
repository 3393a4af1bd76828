//! The entry of every pixel where that of every color is known: what solving learnt need not be found out again.

use rayon::prelude::*;

use crate::nearest::Index;
use crate::order::{CELL, CELLS, Order};
use crate::pixels::{Channels, Layout, Pixels};
use crate::simd::vectorized;

/// So many pixels a color are many.
const MANY: usize = 8;
/// Pixels that one task maps.
const CHUNK: usize = 1 << 14;

/// The nearest entries of opaque colors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// All cells of the color cube, of which some hold known colors.
    cube: Vec<Run>,
    /// Those that do, and which of their colors are known; one more behind the last.
    cells: Vec<Run>,
    /// The entry of each color: cell by cell, ascending in each of them; one more behind the last.
    labels: Vec<u16>,
}

/// Some of 64 things in a row, numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Run {
    /// One bit each: whether it is there.
    present: u64,
    /// The number of the first that is there.
    start: u32,
}

/// Things in a run.
const RUN: usize = u64::BITS as usize;

impl Run {
    /// The number of thing `i`, if it is there, and 1 if it is, else 0.
    #[inline(always)]
    fn find(self, i: usize) -> (usize, u64) {
        let before = self.present & ((1 << (i % RUN)) - 1);
        ((self.start + before.count_ones()) as usize, self.present >> (i % RUN) & 1)
    }
}

impl Known {
    /// The entry of each opaque color, by their codes, ascending.
    pub fn new(codes: &[u32], mut labels: Vec<u16>) -> Self {
        // Tasks start where cells do.
        let task = |i: usize| {
            i + codes[i..].partition_point(|&code| i > 0 && code as usize / CELL == codes[i - 1] as usize / CELL)
        };
        let starts: Vec<usize> = (0..codes.len()).step_by(CHUNK).map(task).chain([codes.len()]).collect();
        let runs = starts.par_windows(2).map(|ends| {
            let mut cells: Vec<(usize, Run)> = Vec::new();
            for start in ends[0]..ends[1] {
                let (cell, color) = (codes[start] as usize / CELL, 1 << (codes[start] as usize % CELL));
                match cells.last_mut() {
                    Some((last, run)) if *last == cell => run.present |= color,
                    _ => cells.push((cell, Run { present: color, start: start as u32 })),
                }
            }
            cells
        });
        let runs: Vec<Vec<(usize, Run)>> = runs.collect();
        let mut cube = vec![Run::default(); CELLS / RUN];
        let mut cells = Vec::with_capacity(runs.iter().map(Vec::len).sum::<usize>() + 1);
        for (number, cell) in runs.into_iter().flatten() {
            let run = &mut cube[number / RUN];
            if run.present == 0 {
                run.start = cells.len() as u32;
            }
            run.present |= 1 << (number % RUN);
            cells.push(cell);
        }
        cells.push(Run::default());
        labels.push(0);
        Self { cube, cells, labels }
    }

    /// Whether so many pixels of so many colors are mapped faster by what is known: where there are many a color, looking
    /// for the nearest entries of all colors around takes one look less a pixel.
    pub fn pays(pixels: usize, colors: usize) -> bool {
        pixels <= MANY * colors
    }

    /// The entry of each pixel; `None` where the color of one is none of these, and where it doesn't pay.
    pub fn map<I: Index>(&self, pixels: Pixels) -> Option<Vec<I>> {
        if !Self::pays(pixels.len(), self.labels.len() - 1) {
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

/// What is known, the entries as narrow as indices are.
struct Table<'a, I> {
    order: Order,
    cube: &'a [Run; CELLS / RUN],
    cells: &'a [Run],
    labels: Vec<I>,
}

impl<'a, I: Index> Table<'a, I> {
    fn new(known: &'a Known) -> Self {
        let cube = known.cube.first_chunk().expect("all cells");
        let labels = known.labels.iter().map(|&label| I::narrow(u32::from(label))).collect();
        Self { order: Order::opaque(), cube, cells: &known.cells, labels }
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
        let (mut known, mut alpha) = (1, 255);
        for (index, pixel) in indices.iter_mut().zip(pixels) {
            let color = pixel.rgba();
            let code = self.order.code(color) as usize;
            let (cell, is_known) = self.cube[code / CELL / RUN % (CELLS / RUN)].find(code / CELL);
            let (at, is_color_known) = self.cells[cell].find(code);
            *index = self.labels[at];
            known &= is_known & is_color_known;
            alpha &= color[3];
        }
        known == 1 && alpha == 255
    }
}
