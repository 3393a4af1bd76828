//! A part of a large picture that stands for all of it.

use crate::pixels::Pixels;

/// Rows that lie side by side in the picture, too: enough for errors to be handed on as there,
pub const DIFFUSED: usize = 4;
/// and for what repeats from row to row to do so.
pub const REPEATED: usize = 64;

/// Strips of a picture, evenly spread over its height, one below the other. Tiles would show fewer of its places.
pub struct Sample {
    bytes: Vec<u8>,
    channels: usize,
    shares: Option<Vec<u8>>,
}

impl Sample {
    /// As many strips of some `rows` of a picture, and of `shares`, one for each pixel, as have about `most` pixels, or up
    /// to twice as many; `None` unless the picture has twice as many.
    pub fn of(pixels: Pixels, width: usize, shares: Option<&[u8]>, most: usize, rows: usize) -> Option<Self> {
        let every = pixels.len() / most.max(1);
        if every < 2 {
            return None;
        }
        let (bytes, channels) = pixels.bytes();
        Some(Self {
            bytes: strips(bytes, width * channels, every, rows),
            channels,
            shares: shares.map(|shares| strips(shares, width, every, rows)),
        })
    }

    /// The pixels of the strips.
    pub fn pixels(&self) -> Pixels<'_> {
        Pixels::new(&self.bytes, self.channels).expect("whole pixels")
    }

    /// Their shares, if there are any.
    pub fn shares(&self) -> Option<&[u8]> {
        self.shares.as_deref()
    }
}

/// The middle one of every so many strips of rows of `line` bytes; of fewer than that, at the end, the last.
fn strips(all: &[u8], line: usize, every: usize, rows: usize) -> Vec<u8> {
    let parts = all.chunks(every * rows * line);
    parts.flat_map(|part| part.chunks(rows * line).take(every / 2 + 1).next_back().unwrap_or(&[])).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grey rows of their own numbers, which begin anew at 256.
    fn rows(width: usize, height: usize) -> Vec<u8> {
        (0..height).flat_map(|y| vec![y as u8; width]).collect()
    }

    fn grey(bytes: &[u8]) -> Pixels<'_> {
        Pixels::new(bytes, 1).expect("one byte a pixel")
    }

    #[test]
    fn strips_are_spread_evenly() {
        let bytes = rows(3, 40);
        let sample = Sample::of(grey(&bytes), 3, None, 40, DIFFUSED).expect("three times as many");
        let first: Vec<u8> = (0..sample.pixels().len()).step_by(3).map(|at| sample.pixels().get(at)[0]).collect();
        assert_eq!(first, [4, 5, 6, 7, 16, 17, 18, 19, 28, 29, 30, 31, 36, 37, 38, 39]);
    }

    #[test]
    fn shares_go_with_their_pixels() {
        let values = rows(5, 97);
        let rgb: Vec<u8> = values.iter().flat_map(|&v| [v; 3]).collect();
        let sample = Sample::of(Pixels::new(&rgb, 3).expect("whole pixels"), 5, Some(&values), 100, DIFFUSED)
            .expect("four times as many");
        let shares = sample.shares().expect("what was given");
        assert_eq!(shares.len(), sample.pixels().len());
        assert!((0..shares.len()).all(|at| sample.pixels().get(at)[0] == shares[at]));
    }

    #[test]
    fn small_pictures_stand_for_themselves() {
        let bytes = rows(10, 20);
        assert!(Sample::of(grey(&bytes), 10, None, 101, DIFFUSED).is_none());
        assert!(Sample::of(grey(&bytes), 10, None, 100, DIFFUSED).is_some());
    }
}
