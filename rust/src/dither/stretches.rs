//! Stretches of a segment of pixels, some of which are masked: where all pixels take all of their error, there is less to do.

use std::ops::Range;

/// Pixels of a row that are converted at once.
pub const SEGMENT: usize = 128;
/// Pixels that all count as masked if one does.
pub const STRETCH: usize = 16;

/// Which stretches of a segment are masked.
#[derive(Default)]
pub struct Stretches([bool; SEGMENT / STRETCH]);

impl Stretches {
    /// None; then those are masked in which some pixel has a share below 255 in one of the masks.
    pub fn mask<'m>(&mut self, masks: impl Iterator<Item = &'m [u8]>) {
        self.0.fill(false);
        for mask in masks {
            for (masked, shares) in self.0.iter_mut().zip(mask.chunks(STRETCH)) {
                *masked |= shares.iter().fold(255, |all, share| all & share) != 255;
            }
        }
    }

    /// Whether some stretch is masked.
    pub fn any(&self) -> bool {
        self.0.contains(&true)
    }

    /// Whether a pixel lies in one that is.
    pub fn holds(&self, pixel: usize) -> bool {
        self.0[pixel / STRETCH]
    }

    /// The first `len` pixels in the order in which they are walked, back or forth: in each part all stretches are masked,
    /// or none is.
    pub fn walk(&self, len: usize, back: bool) -> impl Iterator<Item = (Range<usize>, bool)> + use<> {
        let (masked, count) = (self.0, len.div_ceil(STRETCH));
        let mut next = 0;
        std::iter::from_fn(move || {
            let at = |i: usize| masked[if back { count - 1 - i } else { i }];
            let first = (next < count).then_some(next)?;
            next = (first..count).find(|&i| at(i) != at(first)).unwrap_or(count);
            let (from, to) = if back { (count - next, count - first) } else { (first, next) };
            Some((from * STRETCH..len.min(to * STRETCH), at(first)))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every pixel is walked once, in order, and none that takes less than all of its error as one that takes it all.
        #[test]
        fn a_segment_is_walked_whole(
            masks in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![0u8, 254, 255, 255, 255]), SEGMENT), 1..3),
            len in 1..=SEGMENT,
            back in any::<bool>(),
        ) {
            let mut stretches = Stretches::default();
            stretches.mask(masks.iter().map(|mask| &mask[..len]));
            let mut walked = Vec::new();
            let mut before = None;
            for (part, masked) in stretches.walk(len, back) {
                prop_assert!(before != Some(masked), "parts are as long as can be");
                prop_assert!(part.clone().all(|i| stretches.holds(i) == masked));
                prop_assert!(masked || masks.iter().all(|mask| mask[part.clone()].iter().all(|&share| share == 255)));
                walked.extend(if back { part.rev().collect::<Vec<_>>() } else { part.collect() });
                before = Some(masked);
            }
            let all: Vec<_> = if back { (0..len).rev().collect() } else { (0..len).collect() };
            prop_assert_eq!(walked, all);
            prop_assert_eq!(stretches.any(), masks.iter().any(|mask| mask[..len].iter().any(|&share| share < 255)));
        }
    }
}
