//! Indexed PNG from indices and palette, packed by libdeflate, and by oxipng where filters may help.

use oxipng::{BitDepth, ColorType, Deflater, PngError, RGBA8, RawImage, ZopfliOptions};

use rayon::prelude::*;

use crate::deflate;
use crate::pixels::Rgba;

/// How hard to pack. More effort is no larger file: a level tries what the levels below it try, but where it is sure to
/// gain more than that.
///
/// Measured on 25 images (photographs of 0.4 to 10 megapixels dithered and not, screenshots, icons, gradients). Bytes
/// relative to `Default`: `Fast` 1.01 to 1.12, of gradients up to 1.8; `Max` 0.94 to 0.97 of photographs. The
/// processor's time at 256 colors: `Fast` a fifth, `Max` 50 times. Of the orders of the palette that were tried only
/// oxipng's own search gains, up to 4 %, for twice the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Optimize {
    /// Unfiltered rows, a lazy matcher.
    Fast,
    /// A near-optimal matcher; of gradients and the like, four filter strategies.
    Default,
    /// Zopfli; other orders of the palette, and 8 bits a pixel where they pack better than fewer.
    Max,
}

/// A way to pack the rows.
enum Attempt {
    /// As they are, by libdeflate at a level, in bands.
    Unfiltered(i32),
    /// Filtered by the strategy that oxipng finds best.
    Filtered(Box<oxipng::Options>),
}

impl Optimize {
    /// What to try. Of equals the first is taken.
    fn attempts(self, trial: &Trial) -> Vec<Attempt> {
        let as_given = |deflater| oxipng::Options {
            bit_depth_reduction: false,
            color_type_reduction: false,
            grayscale_reduction: false,
            palette_reduction: false,
            interlace: None,
            deflater,
            ..oxipng::Options::default()
        };
        let mut attempts = vec![];
        // In bands, which large files have, level 10 gains 4 % on 6 and more; tiny files it makes larger now and then.
        if self == Self::Fast || !trial.is_clear || trial.bands == 1 {
            attempts.push(Attempt::Unfiltered(6));
        }
        if self >= Self::Default {
            // Level 12 takes twice the time of 10 for 0.1 to 0.9 % fewer bytes; 7 to 9 gain 1 % on 6 in photographs.
            attempts.push(if trial.is_clear {
                Attempt::Unfiltered(10)
            } else {
                Attempt::Filtered(Box::new(as_given(Deflater::Libdeflater { compression: 10 })))
            });
        }
        if self >= Self::Max {
            // 15 iterations take twice the time of 5 for 0.1 % fewer bytes.
            let iteration_count = const { std::num::NonZeroU64::new(5).expect("not zero") };
            let deflater = Deflater::Zopfli(ZopfliOptions { iteration_count, ..ZopfliOptions::default() });
            attempts.push(Attempt::Filtered(Box::new(as_given(deflater))));
            attempts.push(Attempt::Filtered(Box::new(oxipng::Options {
                color_type_reduction: false,
                grayscale_reduction: false,
                deflater,
                ..oxipng::Options::from_preset(4)
            })));
        }
        attempts
    }
}

/// What a sample of the rows, quickly packed, foretells.
struct Trial {
    /// Whether filters are no use: on photographs, screenshots and icons they lose 4 to 20 %, on gradients they gain.
    is_clear: bool,
    /// In how many bands to pack. A cut costs 0.5 to 2 KB: as many as the root of the size keep the loss below 0.5 %.
    bands: usize,
}

impl Trial {
    /// So many pieces of so many bytes are the sample.
    const PIECES: usize = 8;
    const PIECE: usize = 16 << 10;
    /// As many bands as the root of the file's size in these: the second from 180 KB on.
    const BAND: f64 = 45e3;

    /// Packs some of the `lines`, which are as long as `stride`: unfiltered and, unless `optimize` never filters, as
    /// differences to the byte on the left and to the one above.
    fn of(lines: &[u8], stride: usize, optimize: Optimize) -> Self {
        let height = lines.len() / stride;
        let start = |piece: usize| piece * height / Self::PIECES;
        let rows: Vec<usize> =
            (0..Self::PIECES).flat_map(|p| (start(p)..start(p + 1)).take(Self::PIECE.div_ceil(stride))).collect();
        let size = |distance: Option<usize>| {
            let mut sample = Vec::with_capacity(rows.len() * stride);
            for &y in &rows {
                let line = &lines[y * stride..][..stride];
                match distance {
                    Some(distance) if y > 0 => {
                        let others = &lines[y * stride + 1 - distance..];
                        sample.extend(line[1..].iter().zip(others).map(|(byte, other)| byte.wrapping_sub(*other)));
                    }
                    _ => sample.extend(&line[1..]),
                }
            }
            deflate::deflate(&sample, 1).len()
        };
        let plain = size(None);
        let is_clear = optimize == Optimize::Fast || {
            let (left, above) = rayon::join(|| size(Some(1)), || size(Some(stride)));
            (plain as f64) < 0.98 * left.min(above) as f64
        };
        let whole = plain as f64 * height as f64 / rows.len() as f64;
        Self { is_clear, bands: ((whole / Self::BAND).sqrt() as usize).max(1) }
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
    let lines = pack(indices, width as usize, bits, &new_index);
    let stride = 1 + (width as usize * bits).div_ceil(8);
    if indices.is_empty() || indices.len() != width as usize * height as usize {
        return Err(PngError::IncorrectDataLength(indices.len(), width as usize * height as usize));
    }
    let trial = Trial::of(&lines, stride, optimize);
    let encode = |attempt: &Attempt| match attempt {
        Attempt::Unfiltered(level) => {
            Ok(in_chunks(width, height, &palette, depth, &deflate::zlib(&lines, *level, trial.bands)))
        }
        Attempt::Filtered(options) => {
            let rows = lines.chunks(stride).flat_map(|line| &line[1..]).copied().collect();
            let color_type = ColorType::Indexed { palette: palette.clone() };
            RawImage::new(width, height, color_type, depth, rows)?.create_optimized_png(options)
        }
    };
    let attempts = optimize.attempts(&trial);
    let encoded: Vec<Vec<u8>> = attempts.par_iter().map(encode).collect::<Result<_, _>>()?;
    Ok(encoded.into_iter().min_by_key(Vec::len).expect("every level attempts something"))
}

/// A PNG file of the necessary chunks; `pieces` are its data.
fn in_chunks(width: u32, height: u32, palette: &[RGBA8], depth: BitDepth, pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::from_u8(depth as u8).expect("1, 2, 4 or 8"));
    encoder.set_palette(palette.iter().flat_map(|color| [color.r, color.g, color.b]).collect::<Vec<_>>());
    let alphas: Vec<u8> = palette.iter().map(|color| color.a).take_while(|&alpha| alpha < 255).collect();
    if !alphas.is_empty() {
        encoder.set_trns(alphas);
    }
    let written = encoder.write_header().and_then(|mut writer| {
        pieces.iter().try_for_each(|piece| writer.write_chunk(png::chunk::IDAT, piece))?;
        writer.finish()
    });
    written.expect("a buffer takes everything");
    file
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

/// Lines of new indices of `bits` bits, the leftmost pixel in the highest bits, padded with zeros to whole bytes; before
/// each line a zero, which says that no filter follows.
fn pack(indices: &[u8], width: usize, bits: usize, new_index: &[u8; 256]) -> Vec<u8> {
    let pack_byte = |pixels: &[u8]| {
        let shifts = (0..8).step_by(bits).map(|used| 8 - bits - used);
        pixels.iter().zip(shifts).fold(0, |byte, (&index, shift)| byte | new_index[index as usize] << shift)
    };
    let rows = indices.chunks(width.max(1));
    let mut lines = Vec::with_capacity(rows.len() * (1 + (width * bits).div_ceil(8)));
    for row in rows {
        lines.push(0);
        if bits == 8 {
            lines.extend(row.iter().map(|&index| new_index[index as usize]));
        } else {
            lines.extend(row.chunks(8 / bits).map(pack_byte));
        }
    }
    lines
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
        assert!(encode_png(&[], 0, 0, &[[0; 4]], Optimize::Fast).is_err());
    }

    #[test]
    fn bands_give_back_every_pixel() {
        let (width, height) = (720u32, 800u32);
        let palette: Vec<Rgba> = (0..=255).map(|level| [level, level, 0, 255]).collect();
        // Words of six bytes in random order, which filters only break.
        let mut noise = 1u32;
        let mut random = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise >> 22
        };
        let words: Vec<[u8; 6]> = (0..1024).map(|_| [(); 6].map(|()| random() as u8)).collect();
        let indices: Vec<u8> = (0..width * height / 6).flat_map(|_| words[random() as usize]).collect();
        let colors: Vec<Rgba> = indices.iter().map(|&index| palette[index as usize]).collect();
        for optimize in [Optimize::Fast, Optimize::Default] {
            let encode = |threads| {
                with_threads(threads, || encode_png(&indices, width, height, &palette, optimize).expect("a PNG"))
            };
            let png = encode(1);
            assert!(png.windows(4).filter(|name| name == b"IDAT").count() > 1, "{optimize:?} made no bands");
            assert_eq!(decode(&png).3, colors);
            assert_eq!(png, encode(8));
        }
    }
}
