//! Bands of rows that are walked side by side, a segment of each at a time.

use std::ops::Range;

use super::paths::Paths;
use super::stretches::SEGMENT;
use crate::abreast::Abreast;
use crate::index::Index;
use crate::pixels::Key;

/// `C` bands side by side, of each a segment of the row that is walked.
pub struct Group<I, const D: usize, const C: usize> {
    /// The colors, band by band, and their coordinates.
    pub keys: [[Key; SEGMENT]; C],
    pub lines: [[[f32; SEGMENT]; C]; D],
    /// The coordinates side by side; once errors from above are added, what is wanted but for those of this row, and no
    /// numbers where a pixel is transparent.
    pub points: [Plane<C>; D],
    /// Whether they get opaque entries.
    pub opaque: [[bool; C]; SEGMENT],
    /// Roots of the shares of their errors that they take, where some take less than all, and the entries of those that
    /// take nothing.
    pub shares: [[f32; C]; SEGMENT],
    pub fixed: [[u32; C]; SEGMENT],
    /// What they get.
    pub indices: [[I; C]; SEGMENT],
    /// The errors of rows, the last of them that of the row that is walked.
    pub rows: Vec<Row<D, C>>,
    /// What is wanted for a pixel of each band, and its entry.
    pub abreast: Abreast<D, C>,
}

/// A coordinate of pixels of `C` bands, side by side.
type Plane<const C: usize> = [[f32; C]; SEGMENT];

/// The errors of a row of each of `C` bands, one plane a coordinate, with a margin at both ends, where they are 0.
pub type Row<const D: usize, const C: usize> = [Vec<[f32; C]>; D];

impl<I: Index, const D: usize, const C: usize> Group<I, D, C> {
    /// Bands of that width, of which nothing is walked yet.
    pub fn new(width: usize, paths: &Paths) -> Self {
        let row: Row<D, C> = std::array::from_fn(|_| vec![[0.0; C]; width + 2 * paths.margin]);
        Self {
            keys: [[0; SEGMENT]; C],
            lines: [[[0.0; SEGMENT]; C]; D],
            points: [[[0.0; C]; SEGMENT]; D],
            opaque: [[false; C]; SEGMENT],
            shares: [[1.0; C]; SEGMENT],
            fixed: [[0; C]; SEGMENT],
            indices: [[I::default(); C]; SEGMENT],
            rows: vec![row; paths.rows + 1],
            abreast: Abreast::default(),
        }
    }

    /// Goes on to the next row.
    pub fn begin_row(&mut self) {
        self.rows.rotate_left(1);
    }

    /// Puts the coordinates of all bands side by side.
    #[inline(always)]
    pub fn align(&mut self) {
        for (points, lines) in self.points.iter_mut().zip(&self.lines) {
            for i in 0..SEGMENT {
                for c in 0..C {
                    points[i][c] = lines[c][i];
                }
            }
        }
    }

    /// What the pixels get, band by band.
    #[inline(always)]
    pub fn lines_of_indices(&self) -> [[I; SEGMENT]; C] {
        let mut lines = [[I::default(); SEGMENT]; C];
        for i in 0..SEGMENT {
            for c in 0..C {
                lines[c][i] = self.indices[i][c];
            }
        }
        lines
    }

    /// Adds what comes from the rows above row `step` to part of the segment that begins at `start`; if `MASKED`, each
    /// pixel its share.
    #[inline(always)]
    pub fn gather<const MASKED: bool>(&mut self, paths: &Paths, step: usize, start: usize, part: &Range<usize>) {
        for taps in &paths.above {
            let from = taps.map(|tap| {
                let forth = if paths.back(step + tap.below) { tap.ahead } else { -tap.ahead } as isize;
                (paths.rows - tap.below, (start + part.start + paths.margin).wrapping_add_signed(forth))
            });
            let [a, b, c] = taps.map(|tap| tap.share);
            for d in 0..D {
                let points = self.points[d][part.clone()].as_flattened_mut();
                let shares = &self.shares[part.clone()].as_flattened()[..points.len()];
                let [x, y, z] =
                    from.map(|(row, at)| &self.rows[row][d][at..at + part.len()].as_flattened()[..points.len()]);
                for i in 0..points.len() {
                    let sum = (x[i] * a + y[i] * b) + z[i] * c;
                    points[i] += if MASKED { sum * shares[i] } else { sum };
                }
            }
        }
    }
}
