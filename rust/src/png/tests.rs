//! Laws of the encoder.

use super::*;
use crate::threads::with_threads;
use proptest::prelude::*;

/// Width, height, color type, bits and, of each pixel, the color; the length of tRNS, 1 for a grey; by the png crate.
fn decode(bytes: &[u8]) -> (u32, u32, png::ColorType, usize, Vec<Rgba>, usize) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
    let info = reader.info().clone();
    let (plte, trns) = (info.palette.unwrap_or_default(), info.trns.unwrap_or_default());
    let (bits, mut raw) = (info.bit_depth as usize, vec![0; reader.output_buffer_size().expect("small")]);
    let frame = reader.next_frame(&mut raw).expect("pixels");
    let mut colors = Vec::new();
    for row in raw.chunks(frame.line_size) {
        for x in 0..info.width as usize {
            let code = row[x * bits / 8] >> (8 - bits - x * bits % 8) & (255 >> (8 - bits)) as u8;
            colors.push(if info.color_type == png::ColorType::Grayscale {
                let level = code * (255 / ((1u32 << bits) - 1)) as u8;
                [level, level, level, if trns.last() == Some(&code) { 0 } else { 255 }]
            } else {
                let rgb = &plte[code as usize * 3..][..3];
                [rgb[0], rgb[1], rgb[2], *trns.get(code as usize).unwrap_or(&255)]
            });
        }
    }
    (info.width, info.height, info.color_type, bits, colors, trns.len())
}

/// Sides, up to 256 colors of which some are transparent, and an index for each pixel.
fn image() -> impl Strategy<Value = (u32, u32, Vec<Rgba>, Vec<u8>)> {
    let k = prop_oneof![1usize..=18, 1usize..=256];
    (1u32..40, 1u32..40, k).prop_flat_map(|(width, height, k)| {
        let alpha = prop_oneof![3 => Just(255u8), 1 => any::<u8>()];
        let color = (any::<[u8; 3]>(), alpha).prop_map(|([r, g, b], a)| [r, g, b, a]);
        let colors = prop::collection::vec(color, k);
        let level = (any::<u8>(), prop::bool::weighted(0.95));
        let levels = (prop::sample::select(vec![255u8, 85, 17, 1]), prop::collection::vec(level, k));
        let greys = levels.prop_map(|(step, levels)| {
            let grey = |(level, opaque): (u8, bool)| match level / step * step {
                level if opaque => [level, level, level, 255],
                level => [level, level, level, 0],
            };
            levels.into_iter().map(grey).collect::<Vec<Rgba>>()
        });
        let indices = prop::collection::vec(0..=(k - 1) as u8, (width * height) as usize);
        (Just(width), Just(height), prop_oneof![colors, greys], indices)
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
        for optimize in [Optimize::Fast, Optimize::Draft, Optimize::Default, Optimize::Max] {
            let png = encode_png(&indices, width, height, &palette, optimize, true).expect("a PNG");
            let (w, h, color_type, bits, colors, transparent) = decode(&png);
            prop_assert_eq!((w, h), (width, height));
            prop_assert_eq!(&colors, &expected, "{:?}, {:?} of {} bits", optimize, color_type, bits);
            if optimize == Optimize::Fast {
                let least = [1, 2, 4, 8].into_iter().find(|&bits| distinct.len() <= 1 << bits).expect("up to 256");
                if color_type == png::ColorType::Indexed {
                    prop_assert_eq!(bits, least);
                    prop_assert_eq!(transparent, distinct.iter().filter(|&&i| palette[i as usize][3] < 255).count());
                } else {
                    prop_assert!(bits <= least);
                }
            }
            prop_assert!(png.len() <= last, "more effort, more bytes");
            last = png.len();
        }
    }

    #[test]
    fn threads_do_not_reach_the_bytes((width, height, palette, indices) in image()) {
        let encode = |threads, optimize| {
            with_threads(threads, || encode_png(&indices, width, height, &palette, optimize, true).expect("a PNG"))
        };
        for optimize in [Optimize::Default, Optimize::Max] {
            prop_assert_eq!(encode(1, optimize), encode(8, optimize));
        }
    }
}

#[test]
fn grey_needs_no_palette() {
    let kind = |palette: &[Rgba]| {
        let indices: Vec<u8> = (0..palette.len() as u8).collect();
        let png = encode_png(&indices, indices.len() as u32, 1, palette, Optimize::Fast, true).expect("a PNG");
        let (_, _, color_type, bits, colors, transparent) = decode(&png);
        assert_eq!(colors, palette);
        (color_type, bits, transparent)
    };
    let grey = |level: u8| [level, level, level, 255];
    let ramp = |count: u8, step: u8| (0..count).map(|i| grey(i * step)).collect::<Vec<_>>();
    let (is_grey, is_indexed) = (png::ColorType::Grayscale, png::ColorType::Indexed);
    assert_eq!(kind(&[grey(255), grey(0)]), (is_grey, 1, 0));
    assert_eq!(kind(&[grey(255), grey(0), [85, 85, 85, 0]]), (is_grey, 2, 1));
    assert_eq!(kind(&ramp(16, 17)), (is_grey, 4, 0));
    assert_eq!(kind(&ramp(40, 6)), (is_grey, 8, 0));
    let png = encode_png(&[0, 1], 2, 1, &[grey(255), grey(0)], Optimize::Max, false).expect("a PNG");
    assert_eq!(decode(&png).2, is_indexed);
    // These would need more bits as grey, or say two things with one level, or are no grey.
    assert_eq!(kind(&ramp(16, 16)), (is_indexed, 4, 0));
    assert_eq!(kind(&[grey(0), [0; 4]]), (is_indexed, 1, 1));
    assert_eq!(kind(&[grey(0), [255, 255, 254, 255]]), (is_indexed, 1, 0));
}

#[test]
fn a_side_of_zero_is_an_error() {
    assert!(encode_png(&[], 3, 1, &[[0; 4]], Optimize::Fast, true).is_err());
    assert!(encode_png(&[], 0, 0, &[[0; 4]], Optimize::Fast, true).is_err());
}

/// Panels of words in two greys, as of windows: only their rows differ from the ones above.
#[test]
fn rows_that_are_like_the_one_above_are_zeros() {
    let (width, height) = (320u32, 240u32);
    let panel = |x: u32, y: u32| (x / 53 + y / 40 * 3) % 7;
    let letter = |x: u32, y: u32| (x / 5 * 37 + y / 40 * 11).is_multiple_of(3) && x % 5 < 3;
    let index = |x: u32, y: u32| 20 + 3 * panel(x, y) as u8 + u8::from((12..18).contains(&(y % 40)) && letter(x, y));
    let indices: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| index(x, y))).collect();
    let palette: Vec<Rgba> = (0..50).map(|i| [5 * i, 255 - 3 * i, i, 255]).collect();
    let png = encode_png(&indices, width, height, &palette, Optimize::Default, true).expect("a PNG");
    let colors: Vec<Rgba> = indices.iter().map(|&index| palette[usize::from(index)]).collect();
    assert_eq!(decode(&png).4, colors);
    let idat = png.windows(4).position(|name| name == b"IDAT").expect("rows") + 4;
    let rows = miniz_oxide::inflate::decompress_to_vec_zlib(&png[idat..]).expect("zlib");
    let stride = rows.len() / height as usize;
    let is_copy =
        |y: usize| rows[y * stride] == 2 && rows[y * stride + 1..][..stride - 1].iter().all(|&byte| byte == 0);
    let copies = (0..height as usize).filter(|&y| is_copy(y)).count();
    assert!(copies > height as usize / 2, "{copies}");
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
            with_threads(threads, || encode_png(&indices, width, height, &palette, optimize, true).expect("a PNG"))
        };
        let png = encode(1);
        assert!(png.windows(4).filter(|name| name == b"IDAT").count() > 1, "{optimize:?} made no bands");
        assert_eq!(decode(&png).4, colors);
        assert_eq!(png, encode(8));
    }
}
