//! Points of several pixels that are looked up at once.

/// `C` points side by side, one plane a coordinate, and what is found for them.
pub struct Abreast<const D: usize, const C: usize> {
    /// The points.
    pub points: [[f32; C]; D],
    /// Their cells in each dimension, and the numbers of these. Kept in memory although nobody else wants them: what is
    /// stored side by side is computed side by side.
    pub(crate) cells: [[u32; C]; D],
    pub(crate) numbers: [u32; C],
    /// Their entries.
    pub ids: [u32; C],
}

impl<const D: usize, const C: usize> Default for Abreast<D, C> {
    fn default() -> Self {
        Self { points: [[0.0; C]; D], cells: [[0; C]; D], numbers: [0; C], ids: [0; C] }
    }
}

/// Calls `work` with 0, 1, 2 and, of four planes, 3. In a loop, the compiler takes these to be side by side rather than
/// what is in a plane.
#[inline(always)]
pub fn planes<const D: usize>(mut work: impl FnMut(usize)) {
    work(0);
    work(1);
    work(2);
    if D == 4 {
        work(3);
    }
}
