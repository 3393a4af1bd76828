//! Indexed PNG from indices and palette, packed by oxipng.

use oxipng::{BitDepth, ColorType, Deflater, FilterStrategy, PngError, RGBA8, RawImage, ZopfliOptions, indexset};

use crate::pixels::Rgba;

/// How hard to pack. Each level also tries what the levels below it try, so more effort is never a larger file.
///
/// Measured on 10 photographs of CQ100 (768 x 512) at 256, 64, 16 and 4 colors, dithered and not, on 2 cores. Bytes
/// relative to `Default`: `Fast` 1.04 to 1.08, `Max` 0.94 to 0.99. Time at 256 colors: `Fast` a ninth, `Max` 30 to 37
/// times. Row filters gain nothing on such photographs but 25 to 42 % on gradients; of the orders of the palette that were
/// tried only oxipng's own search gains, up to 4 %, for twice the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Optimize {
    /// Unfiltered rows, a lazy matcher.
    Fast,
    /// Four filter strategies, a near-optimal matcher.
    Default,
    /// Zopfli; other orders of the palette, and 8 bits a pixel where they pack better than fewer.
    Max,
}

impl Optimize {
    /// What is tried, from quick to slow.
    fn attempts(self) -> Vec<oxipng::Options> {
        let as_given = || oxipng::Options {
            bit_depth_reduction: false,
            color_type_reduction: false,
            grayscale_reduction: false,
            palette_reduction: false,
            interlace: None,
            ..oxipng::Options::default()
        };
        let mut attempts = vec![oxipng::Options {
            filters: indexset! {FilterStrategy::NONE},
            deflater: Deflater::Libdeflater { compression: 6 },
            ..as_given()
        }];
        if self >= Self::Default {
            // Level 12 takes twice the time of 10 for 0.1 to 0.9 % fewer bytes.
            attempts.push(oxipng::Options { deflater: Deflater::Libdeflater { compression: 10 }, ..as_given() });
        }
        if self >= Self::Max {
            // 15 iterations take twice the time of 5 for 0.1 % fewer bytes.
            let iteration_count = const { std::num::NonZeroU64::new(5).expect("not zero") };
            let deflater = Deflater::Zopfli(ZopfliOptions { iteration_count, ..ZopfliOptions::default() });
            attempts.push(oxipng::Options { deflater, ..as_given() });
            attempts.push(oxipng::Options {
                color_type_reduction: false,
                grayscale_reduction: false,
                deflater,
                ..oxipng::Options::from_preset(4)
            });
        }
        attempts
    }
}

/// Encodes an indexed PNG with no chunks but the necessary: at the smallest bit depth, with only the palette entries
/// that some pixel uses, those that aren't opaque first, so that tRNS is shortest. `palette` has at most 256 entries and
/// every index is below its length.
///
/// # Errors
///
/// When a side is 0 or above what a PNG can say, or `indices` are not `width` times `height`.
pub fn encode_png(
    indices: &[u8],
    width: u32,
    height: u32,
    palette: &[Rgba],
    optimize: Optimize,
) -> Result<Vec<u8>, PngError> {
    let (palette, new_index) = compact(indices, palette);
    let (depth, bits) = match palette.len() {
        0..=2 => (BitDepth::One, 1),
        3..=4 => (BitDepth::Two, 2),
        5..=16 => (BitDepth::Four, 4),
        _ => (BitDepth::Eight, 8),
    };
    let rows = pack(indices, width as usize, bits, &new_index);
    let image = RawImage::new(width, height, ColorType::Indexed { palette }, depth, rows)?;
    let mut best: Option<Vec<u8>> = None;
    for options in optimize.attempts() {
        let png = image.create_optimized_png(&options)?;
        if best.as_ref().is_none_or(|best| png.len() < best.len()) {
            best = Some(png);
        }
    }
    Ok(best.expect("every level attempts something"))
}

/// The entries in use, not opaque ones first, otherwise in order, and the new index of each old one.
fn compact(indices: &[u8], palette: &[Rgba]) -> (Vec<RGBA8>, [u8; 256]) {
    let mut used = [false; 256];
    for &index in indices {
        used[index as usize] = true;
    }
    let mut order: Vec<usize> = (0..palette.len()).filter(|&index| used[index]).collect();
    order.sort_by_key(|&index| palette[index][3] == 255);
    let mut new_index = [0; 256];
    for (new, &old) in order.iter().enumerate() {
        new_index[old] = new as u8;
    }
    let color = |&index: &usize| {
        let [r, g, b, a] = palette[index];
        RGBA8::new(r, g, b, a)
    };
    (order.iter().map(color).collect(), new_index)
}

/// Rows of new indices of `bits` bits, the leftmost pixel in the highest bits, padded with zeros to whole bytes.
fn pack(indices: &[u8], width: usize, bits: usize, new_index: &[u8; 256]) -> Vec<u8> {
    let pack_byte = |pixels: &[u8]| {
        let shifts = (0..8).step_by(bits).map(|used| 8 - bits - used);
        pixels.iter().zip(shifts).fold(0, |byte, (&index, shift)| byte | new_index[index as usize] << shift)
    };
    indices.chunks(width.max(1)).flat_map(|row| row.chunks(8 / bits).map(pack_byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::with_threads;
    use proptest::prelude::*;

    /// Width, height, bits and, of each pixel, the color; the tRNS entries; by the png crate.
    fn decode(bytes: &[u8]) -> (u32, u32, u8, Vec<Rgba>, usize) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        let info = reader.info().clone();
        assert_eq!(info.color_type, png::ColorType::Indexed);
        let (plte, trns) = (info.palette.expect("PLTE"), info.trns.unwrap_or_default());
        let (bits, mut raw) = (info.bit_depth as usize, vec![0; reader.output_buffer_size().expect("small")]);
        let frame = reader.next_frame(&mut raw).expect("pixels");
        let mut colors = Vec::new();
        for row in raw.chunks(frame.line_size) {
            for x in 0..info.width as usize {
                let entry = row[x * bits / 8] >> (8 - bits - x * bits % 8) & (255 >> (8 - bits)) as u8;
                let rgb = &plte[entry as usize * 3..][..3];
                colors.push([rgb[0], rgb[1], rgb[2], *trns.get(entry as usize).unwrap_or(&255)]);
            }
        }
        (info.width, info.height, bits as u8, colors, trns.len())
    }

    /// Sides, up to 256 colors of which some are transparent, and an index for each pixel.
    fn image() -> impl Strategy<Value = (u32, u32, Vec<Rgba>, Vec<u8>)> {
        let k = prop_oneof![1usize..=18, 1usize..=256];
        (1u32..40, 1u32..40, k).prop_flat_map(|(width, height, k)| {
            let alpha = prop_oneof![3 => Just(255u8), 1 => any::<u8>()];
            let color = (any::<[u8; 3]>(), alpha).prop_map(|([r, g, b], a)| [r, g, b, a]);
            let indices = prop::collection::vec(0..=(k - 1) as u8, (width * height) as usize);
            (Just(width), Just(height), prop::collection::vec(color, k), indices)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn decoding_gives_back_every_pixel((width, height, palette, indices) in image()) {
            let expected: Vec<Rgba> = indices.iter().map(|&i| palette[i as usize]).collect();
            let mut distinct: Vec<u8> = indices.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let mut last = usize::MAX;
            for optimize in [Optimize::Fast, Optimize::Default, Optimize::Max] {
                let png = encode_png(&indices, width, height, &palette, optimize).expect("a PNG");
                let (w, h, bits, colors, transparent) = decode(&png);
                prop_assert_eq!((w, h), (width, height));
                prop_assert_eq!(&colors, &expected);
                if optimize < Optimize::Max {
                    let least = [1, 2, 4, 8].into_iter().find(|&bits| distinct.len() <= 1 << bits);
                    prop_assert_eq!(Some(bits), least);
                    prop_assert_eq!(transparent, distinct.iter().filter(|&&i| palette[i as usize][3] < 255).count());
                }
                prop_assert!(png.len() <= last, "more effort, more bytes");
                last = png.len();
            }
        }

        #[test]
        fn threads_do_not_reach_the_bytes((width, height, palette, indices) in image()) {
            let encode = |threads, optimize| {
                with_threads(threads, || encode_png(&indices, width, height, &palette, optimize).expect("a PNG"))
            };
            for optimize in [Optimize::Default, Optimize::Max] {
                prop_assert_eq!(encode(1, optimize), encode(8, optimize));
            }
        }
    }

    #[test]
    fn a_side_of_zero_is_an_error() {
        assert!(encode_png(&[], 3, 1, &[[0; 4]], Optimize::Fast).is_err());
    }
}
