//! The ways that errors take through a picture.

use super::kernels::{Kernel, Tap};

/// The ways of errors, as those see it who get them.
pub struct Paths {
    /// Parts of the errors of the last pixel and of the one before it.
    pub last: [f32; 2],
    /// Of those before them, from the third on.
    pub earlier: Vec<f32>,
    /// From rows above, in the order in which the errors were made; shares times strength. Three at a time, the last of
    /// which may be nothing.
    pub above: Vec<[Tap; 3]>,
    /// Rows from which errors come, and the columns on either side, two or more.
    pub rows: usize,
    pub margin: usize,
    /// Whether rows are walked in turn from the left and from the right.
    pub serpentine: bool,
}

/// A tap that hands on nothing.
const NOTHING: Tap = Tap { ahead: 0, below: 1, share: 0.0 };

impl Paths {
    /// The ways of a kernel's errors at that strength.
    pub fn new(kernel: &Kernel, serpentine: bool, strength: f32) -> Self {
        let mut above: Vec<_> = kernel.taps.iter().copied().filter(|tap| tap.below > 0).collect();
        above.sort_by_key(|tap| (std::cmp::Reverse(tap.below), std::cmp::Reverse(tap.ahead)));
        for tap in &mut above {
            tap.share *= strength;
        }
        let margin = kernel.taps.iter().map(|tap| tap.ahead.unsigned_abs() as usize).fold(2, usize::max);
        let mut ahead = vec![0.0; margin];
        for tap in kernel.taps.iter().filter(|tap| tap.below == 0) {
            ahead[tap.ahead as usize - 1] = tap.share * strength;
        }
        let rows = above.iter().map(|tap| tap.below).max().unwrap_or(0);
        let above = above.chunks(3).map(|taps| [0, 1, 2].map(|i| taps.get(i).copied().unwrap_or(NOTHING))).collect();
        Self { last: [ahead[0], ahead[1]], earlier: ahead.split_off(2), above, rows, margin, serpentine }
    }

    /// Whether a row is walked from right to left.
    pub fn back(&self, row: usize) -> bool {
        self.serpentine && row % 2 == 1
    }
}
