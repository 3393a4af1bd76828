//! A zlib stream of bands that libdeflate packs in parallel.
//!
//! libdeflate has the best matcher for its time but neither threads nor a flush: each band is a stream of its own, whose
//! last block is reopened and followed by an empty stored block, which ends at a whole byte (RFC 1951, 3.2.3-4).

use libdeflater::{CompressionLvl, Compressor, adler32};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{BlockBoundaryState, DecompressorOxide, decompress, inflate_flags};
use rayon::prelude::*;

const HEADER: [u8; 2] = [0x78, 0xDA];

/// Packs `data`, which is not empty, into a zlib stream (RFC 1950), given as the pieces that follow one another.
///
/// Each of the up to `bands` pieces is packed without looking at those before it, which costs about 1 KB.
pub fn zlib(data: &[u8], level: i32, bands: usize) -> Vec<Vec<u8>> {
    let size = data.len().div_ceil(bands);
    let last = (data.len() - 1) / size;
    let pack = |(number, band): (usize, &[u8])| {
        let packed = deflate(band, level);
        if number < last { reopened(packed, band.len()) } else { packed }
    };
    let mut pieces: Vec<_> = data.par_chunks(size).enumerate().map(pack).collect();
    pieces[0].splice(..0, HEADER);
    pieces[last].extend(adler32(data).to_be_bytes());
    pieces
}

/// Packs `data` into one deflate stream by libdeflate, at its `level` from 0 to 12.
pub fn deflate(data: &[u8], level: i32) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::new(level).expect("0 to 12"));
    let mut packed = vec![0; compressor.deflate_compress_bound(data.len())];
    let length = compressor.deflate_compress(data, &mut packed).expect("the bound holds");
    packed.truncate(length);
    packed
}

/// A deflate stream of `length` bytes so that another can follow it. Only inflating tells where its blocks are.
fn reopened(mut packed: Vec<u8>, length: usize) -> Vec<u8> {
    const FLAGS: u32 =
        inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | inflate_flags::TINFL_FLAG_STOP_ON_BLOCK_BOUNDARY;
    let mut inflated = vec![0; length];
    let (mut read, mut written, mut block) = (0, 0, BlockBoundaryState::default());
    loop {
        let start = 8 * read - block.num_bits as usize;
        let flag = 1 << (start % 8); // of the last block, its first bit
        let is_last = packed[start / 8] & flag != 0;
        packed[start / 8] &= !flag;
        block.bit_buf &= !1;
        let mut inflater = DecompressorOxide::from_block_boundary_state(&block);
        let (status, more_read, more_written) =
            decompress(&mut inflater, &packed[read..], &mut inflated, written, FLAGS);
        assert_eq!(status, TINFLStatus::BlockBoundary, "libdeflate's blocks are sound");
        (read, written) = (read + more_read, written + more_written);
        block = inflater.block_boundary_state().expect("the status says so");
        if is_last {
            let end = 8 * read - block.num_bits as usize;
            packed.resize((end + 3).div_ceil(8), 0);
            packed.extend([0, 0, 0xFF, 0xFF]);
            return packed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn inflating_gives_back_the_data(
            noise in prop::collection::vec(any::<u8>(), 1..4000),
            (repeats, levels) in (1usize..20, 1u8..=255),
            (bands, level) in (1usize..9, 0i32..=12),
        ) {
            let data: Vec<u8> = noise.iter().map(|byte| byte % levels).cycle().take(noise.len() * repeats).collect();
            let pieces = zlib(&data, level, bands);
            prop_assert!(pieces.len() <= bands);
            prop_assert_eq!(miniz_oxide::inflate::decompress_to_vec_zlib(&pieces.concat()).expect("zlib"), data);
        }
    }
}
