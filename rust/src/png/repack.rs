//! Small files, and those of drawings, packed anew with more patience.

use png::chunk::IDAT;
use rayon::prelude::*;

use super::squeeze::Squeeze;

/// Bytes of rows up to which all are packed anew, so many times: in some hundredths of a second.
pub const SMALL: usize = 128 << 10;
const TIMES: usize = 8;
/// The same of what repeats, as drawings do: of a megabyte in a tenth of a second.
pub const MOST: usize = 5 << 19;
const TIMES_OF_MANY: usize = 3;
/// Rows are at least so many times their packed bytes where much repeats.
const REPEATS: usize = 8;
/// After so many times only that goes on which is smallest; the others are as much behind as they ever will be.
const FIRST: usize = 1;
/// Bytes before the first chunk, and of a chunk's length, name and check sum.
const SIGNATURE: usize = 8;
const LENGTH: usize = 4;
const NAME: usize = 4;
const SUM: usize = 4;

/// A PNG in three: what comes before the rows, their zlib stream, and what comes after.
struct Parts {
    before: Vec<u8>,
    packed: Vec<u8>,
    after: Vec<u8>,
}

/// The smallest of PNG files, which are sound: as they are, or with their rows packed anew where these are few or repeat.
pub fn repacked(mut files: Vec<Vec<u8>>) -> Vec<u8> {
    files.sort_by_key(Vec::len);
    let mut apart: Vec<Parts> = vec![];
    for parts in files.iter().map(|file| Parts::of(file)) {
        // Of the same rows the first is as good as any.
        if !apart.iter().any(|other| (&other.before, other.sum()) == (&parts.before, parts.sum())) {
            apart.push(parts);
        }
    }
    let rows: Vec<_> = apart.par_iter().filter_map(|parts| Some((parts, parts.rows()?))).collect();
    let begun = rows.par_iter().map(|(parts, rows)| {
        let mut squeeze = Squeeze::of(rows);
        squeeze.go_on(FIRST);
        (parts.before.len() + squeeze.len(), squeeze, parts)
    });
    let anew = begun.collect::<Vec<_>>().into_iter().min_by_key(|&(size, ..)| size).map(|(_, mut squeeze, parts)| {
        squeeze.go_on(if squeeze.data().len() <= SMALL { TIMES } else { TIMES_OF_MANY } - FIRST);
        parts.with(&squeeze.zlib())
    });
    anew.into_iter().chain([files.swap_remove(0)]).min_by_key(Vec::len).expect("at least one")
}

impl Parts {
    fn of(file: &[u8]) -> Self {
        let mut parts = Self { before: file[..SIGNATURE].to_vec(), packed: vec![], after: vec![] };
        let mut at = SIGNATURE;
        while at < file.len() {
            let length = u32::from_be_bytes(file[at..at + LENGTH].try_into().expect("4 bytes")) as usize;
            let next = at + LENGTH + NAME + length + SUM;
            let chunk = &file[at..next];
            match chunk[LENGTH..LENGTH + NAME] == IDAT.0 {
                true => parts.packed.extend(&chunk[LENGTH + NAME..][..length]),
                false if parts.packed.is_empty() => parts.before.extend(chunk),
                false => parts.after.extend(chunk),
            }
            at = next;
        }
        parts
    }

    /// The check sum of the rows, with which their stream ends.
    fn sum(&self) -> &[u8] {
        &self.packed[self.packed.len() - SUM..]
    }

    /// The rows, if they are few or repeat.
    fn rows(&self) -> Option<Vec<u8>> {
        let most = if REPEATS * self.packed.len() < MOST { MOST } else { SMALL };
        let rows = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&self.packed, most).ok()?;
        Some(rows).filter(|rows| rows.len() <= SMALL || rows.len() > REPEATS * self.packed.len())
    }

    /// The file with another stream.
    fn with(&self, packed: &[u8]) -> Vec<u8> {
        let chunk = [&IDAT.0[..], packed].concat();
        let length = u32::try_from(packed.len()).expect("little").to_be_bytes();
        let sum = libdeflater::crc32(&chunk).to_be_bytes();
        [&self.before[..], &length, &chunk, &sum, &self.after].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::{Optimize, encode_png};

    /// A file of noise of four colors, so many rows of eight, beside rows that repeat.
    fn file(width: u32, height: u32, noisy: u32) -> Vec<u8> {
        let mut noise = 1u32;
        let index = |i: u32| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if i / width % 8 < noisy { (noise >> 30) as u8 } else { (i / 7 % 20) as u8 }
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
    fn small_files_and_what_repeats_become_smaller_and_stay_the_same_picture() {
        for before in [file(300, 200, 3), file(1000, 400, 1)] {
            let after = repacked(vec![before.clone()]);
            assert!(after.len() < before.len());
            assert_eq!(pixels(&after), pixels(&before));
        }
    }

    #[test]
    fn the_smallest_of_several_files_is_made() {
        let (many, few) = (file(300, 200, 4), file(300, 200, 2));
        let both = repacked(vec![many.clone(), few.clone(), few.clone()]);
        assert_eq!(both, repacked(vec![few]));
    }

    #[test]
    fn large_files_of_noise_stay() {
        let before = file(1000, 132, 8);
        assert_eq!(repacked(vec![before.clone()]), before);
    }
}
