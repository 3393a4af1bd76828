//! Which opaque colors are there, and where each stands among them in the order of codes.

use crate::order::{CELL, CELLS};

/// Codes in two steps: cells of the color cube, then the colors in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranks {
    /// All cells, of which some hold colors.
    cube: Vec<Run>,
    /// Those that do, and which of their colors are there; one more behind the last.
    cells: Vec<Run>,
}

/// Some of 64 things in a row, numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// One bit each: whether it is there.
    pub present: u64,
    /// The number of the first that is there.
    pub start: u32,
}

/// Things in a run.
const RUN: usize = u64::BITS as usize;

impl Run {
    /// The number of thing `i`, if it is there, and 1 if it is, else 0.
    #[inline(always)]
    pub fn find(self, i: usize) -> (usize, u64) {
        let before = self.present & ((1 << (i % RUN)) - 1);
        ((self.start + before.count_ones()) as usize, self.present >> (i % RUN) & 1)
    }
}

/// The cells of some codes, ascending, the first of which has number `start`, and their colors.
pub fn cells_of(codes: &[u32], start: usize) -> Vec<(usize, Run)> {
    let mut cells: Vec<(usize, Run)> = Vec::new();
    for (&code, number) in codes.iter().zip(start as u32..) {
        let (cell, color) = (code as usize / CELL, 1 << (code as usize % CELL));
        match cells.last_mut() {
            Some((last, run)) if *last == cell => run.present |= color,
            _ => cells.push((cell, Run { present: color, start: number })),
        }
    }
    cells
}

impl Ranks {
    /// The ranks of the colors in some runs of cells, ascending.
    pub fn new(runs: &[Vec<(usize, Run)>]) -> Self {
        let mut cube = vec![Run::default(); CELLS / RUN];
        let mut cells = Vec::with_capacity(runs.iter().map(Vec::len).sum::<usize>() + 1);
        for &(number, cell) in runs.iter().flatten() {
            let run = &mut cube[number / RUN];
            if run.present == 0 {
                run.start = cells.len() as u32;
            }
            run.present |= 1 << (number % RUN);
            cells.push(cell);
        }
        cells.push(Run::default());
        Self { cube, cells }
    }

    /// The same in a form that answers.
    pub fn view(&self) -> View<'_> {
        View { cube: self.cube.first_chunk().expect("all cells"), cells: &self.cells }
    }
}

/// Ranks to look up.
#[derive(Clone, Copy)]
pub struct View<'a> {
    cube: &'a [Run; CELLS / RUN],
    cells: &'a [Run],
}

impl View<'_> {
    /// How many colors come before that of a code, and 1 if it is there; else any number not above that of all, and 0.
    #[inline(always)]
    pub fn find(&self, code: usize) -> (usize, u64) {
        let (cell, is_known) = self.cube[code / CELL / RUN % (CELLS / RUN)].find(code / CELL);
        let (at, is_color_known) = self.cells[cell].find(code);
        (at, is_known & is_color_known)
    }
}
