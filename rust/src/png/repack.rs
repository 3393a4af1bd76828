//! Small files packed anew by zopfli, which looks for the best blocks and codes where libdeflate goes by rules.

use std::num::NonZeroU64;

use png::chunk::IDAT;
use zopfli::Format;

/// Bytes of rows up to which packing anew takes some tenths of a second at most.
const SMALL: usize = 128 << 10;
/// More iterations, or blocks, take up to three times the time for 0.1 %.
const OPTIONS: zopfli::Options = zopfli::Options {
    iteration_count: NonZeroU64::new(3).expect("not zero"),
    iterations_without_improvement: NonZeroU64::new(u64::MAX).expect("not zero"),
    maximum_block_splits: 8,
};
/// Bytes before the first chunk, and of a chunk's length, name and check sum.
const SIGNATURE: usize = 8;
const LENGTH: usize = 4;
const NAME: usize = 4;
const SUM: usize = 4;

/// The PNG `file`, which is sound, with its rows packed anew where they are few and that is smaller.
pub fn repacked(file: Vec<u8>) -> Vec<u8> {
    let mut packed = vec![];
    // Where the first and behind the last of the IDAT chunks, which follow one another.
    let (mut first, mut last, mut at) = (None, 0, SIGNATURE);
    while at < file.len() {
        let length = u32::from_be_bytes(file[at..at + LENGTH].try_into().expect("4 bytes")) as usize;
        let (name, data) = file[at + LENGTH..].split_at(NAME);
        let next = at + LENGTH + NAME + length + SUM;
        if name == IDAT.0 {
            packed.extend(&data[..length]);
            (first, last) = (first.or(Some(at)), next);
        }
        at = next;
    }
    let Ok(rows) = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&packed, SMALL) else { return file };
    let mut smaller = vec![];
    zopfli::compress(OPTIONS, Format::Zlib, &rows[..], &mut smaller).expect("memory takes everything");
    let mut anew = file[..first.expect("a PNG has rows")].to_vec();
    let length = u32::try_from(smaller.len()).expect("little");
    anew.extend(length.to_be_bytes());
    let sum_from = anew.len();
    anew.extend(IDAT.0);
    anew.extend(smaller);
    let sum = libdeflater::crc32(&anew[sum_from..]);
    anew.extend(sum.to_be_bytes());
    anew.extend(&file[last..]);
    if anew.len() < file.len() { anew } else { file }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::{Optimize, encode_png};

    /// A file of noise of four colors beside rows that repeat.
    fn file(width: u32, height: u32) -> Vec<u8> {
        let mut noise = 1u32;
        let index = |i: u32| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if i / width % 8 < 3 { (noise >> 30) as u8 } else { (i / 7 % 20) as u8 }
        };
        let indices: Vec<u8> = (0..width * height).map(index).collect();
        let palette: Vec<_> = (0..20).map(|level| [10 * level, level, 0, 255]).collect();
        encode_png(&indices, width, height, &palette, Optimize::Draft, true).expect("a PNG")
    }

    fn pixels(file: &[u8]) -> Vec<u8> {
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
        let mut rows = vec![0; reader.output_buffer_size().expect("small")];
        reader.next_frame(&mut rows).expect("pixels");
        rows
    }

    #[test]
    fn small_files_become_smaller_and_stay_the_same_picture() {
        let before = file(300, 200);
        let after = repacked(before.clone());
        assert!(after.len() < before.len());
        assert_eq!(pixels(&after), pixels(&before));
    }

    #[test]
    fn large_files_stay() {
        let before = file(1000, 132);
        assert_eq!(repacked(before.clone()), before);
    }
}
