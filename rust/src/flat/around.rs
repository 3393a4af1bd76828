//! How many of the pixels around each are marked.

use crate::simd::vectorized;

/// Pixels on each side that are around one.
pub const AROUND: usize = 4;

/// Row after row, the sums over the rows around it.
pub struct Around<'a> {
    marks: &'a [u8],
    width: usize,
    /// Rows `from..to` are in the sums of columns.
    from: usize,
    to: usize,
    /// Those of every column, and none on both sides.
    columns: Vec<u8>,
    /// How many pixels of each row of those that are in the sums are marked.
    of_rows: Vec<usize>,
    /// The sums around each pixel of a row.
    sums: Vec<u8>,
}

impl<'a> Around<'a> {
    /// Begins at a row.
    pub fn new(marks: &'a [u8], width: usize, first: usize) -> Self {
        let from = first.saturating_sub(AROUND);
        let columns = vec![0; width + 2 * AROUND];
        Self { marks, width, from, to: from, columns, of_rows: Vec::new(), sums: vec![0; width] }
    }

    /// How many marked pixels are around each pixel of row `y`, which comes after the last; `None` if none is around any.
    pub fn of_row(&mut self, y: usize) -> Option<&[u8]> {
        let row = |y: usize| &self.marks[y * self.width..][..self.width];
        let inner = &mut self.columns[AROUND..][..self.width];
        while self.to < (y + AROUND + 1).min(self.marks.len() / self.width) {
            inner.iter_mut().zip(row(self.to)).for_each(|(column, &mark)| *column += mark);
            self.of_rows.push(row(self.to).iter().map(|&mark| usize::from(mark)).sum());
            self.to += 1;
        }
        while self.from + AROUND < y {
            inner.iter_mut().zip(row(self.from)).for_each(|(column, &mark)| *column -= mark);
            self.of_rows.remove(0);
            self.from += 1;
        }
        if self.of_rows.iter().all(|&marked| marked == 0) {
            return None;
        }
        let (columns, sums) = (&self.columns, &mut self.sums);
        vectorized(
            #[inline(always)]
            || {
                sums.fill(0);
                for beside in 0..=2 * AROUND {
                    for (sum, column) in sums.iter_mut().zip(&columns[beside..]) {
                        *sum += column;
                    }
                }
            },
        );
        Some(&self.sums)
    }
}
