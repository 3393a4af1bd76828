//! PNG of a palette or of grey, packed by libdeflate, by oxipng where filters may help, and drawings with patience.

mod layout;
mod order;
mod repack;
mod squeeze;
#[cfg(test)]
mod tests;
mod trial;

use oxipng::{ColorType, Deflater, FilterStrategy, PngError, RawImage, RowFilter, ZopfliOptions};
use rayon::prelude::*;

use crate::deflate;
use crate::pixels::Rgba;
use layout::{Coding, Filter, Filters, Lines};
use trial::Trial;

/// Filter strategies that pay on some drawings, by up to a seventh: none, differences to the left, and for each line what has
/// the least entropy of bytes or the fewest different pairs of them.
const STRATEGIES: [(FilterStrategy, Filtered); 4] = [
    (FilterStrategy::NONE, Filtered::Nowhere),
    (FilterStrategy::Basic(RowFilter::Sub), Filtered::Alike),
    (FilterStrategy::Entropy, Filtered::Variously),
    (FilterStrategy::Bigrams, Filtered::Variously),
];
/// The level at which they are compared; lower ones mistake what pays.
const QUICK: i32 = 9;
/// Files of rows that are filtered in other ways are all packed anew that have at most so many times the bytes of the smallest:
/// that gains up to a tenth more on some than on others.
const CLOSE: f64 = 1.1;
/// The same where only repeated rows are: runs of zeros are not what level 9 is good at.
const CLOSE_WHERE_REPEATED: f64 = 1.3;

/// How hard to pack. More effort is no larger file: a level tries what the levels below it try, but where it is sure to
/// gain more than that.
///
/// Measured on `bench/bytes_set.py`'s pictures of 256 and of 16 colors, `Max` on photographs. Bytes relative to
/// libdeflate's level 12: `Fast` 1.02 to 1.7, in the mean 1.09 of photographs, 1.1 to 1.2 of graphics, 1.3 of gradients;
/// `Draft` 1.06 of graphics; `Max` 0.94 to 0.97. The processor's time at 256 colors: `Fast` a fifth of what `Draft` takes
/// for photographs, `Max` 50 times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Optimize {
    /// Unfiltered rows, a lazy matcher.
    Fast,
    /// A near-optimal matcher; of gradients and the like, four filter strategies; other orders of the palette or more bits
    /// a pixel where a sample of the rows packs better so.
    Draft,
    /// Where much repeats or the picture is small, three filter strategies on two other orders of the palette besides, and
    /// where most rows repeat only these filtered; what of all is smallest packed anew.
    Default,
    /// Zopfli on filters of its own, and oxipng's own search of orders and bits.
    Max,
}

/// A way to pack the rows.
enum Attempt {
    /// As they are, by libdeflate at a level, in bands.
    Plain(i32),
    /// In another coding and filtered, likewise.
    Other(Box<Coding>, Filter, i32),
    /// Filtered by the strategy that oxipng finds best.
    Filtered(Box<oxipng::Options>),
    /// In other codings, filtered or not, as is smallest at a lower level, by libdeflate at this one.
    Reordered(i32),
    /// In this coding or another, only those rows filtered that are like the one above, by libdeflate at a level.
    Copied(i32),
}

/// How lines are filtered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filtered {
    Nowhere,
    Alike,
    Variously,
    WhereRepeated,
}

/// A file, and how its lines are filtered.
struct Made {
    file: Vec<u8>,
    filtered: Filtered,
}

/// Options of oxipng with which samples stay what they are.
fn as_given(deflater: Deflater) -> oxipng::Options {
    oxipng::Options {
        bit_depth_reduction: false,
        color_type_reduction: false,
        grayscale_reduction: false,
        palette_reduction: false,
        interlace: None,
        deflater,
        ..oxipng::Options::default()
    }
}

impl Optimize {
    /// What to try. Of equals the first is taken.
    fn attempts(self, trial: &Trial) -> Vec<Attempt> {
        let mut attempts = vec![];
        let is_packed_anew = self >= Self::Default && trial.repeats && trial.level == QUICK;
        // In bands, which large files have, level 10 gains 4 % on 6 and more; tiny files it makes larger now and then.
        if self == Self::Fast || (!trial.is_clear || trial.bands == 1) && !is_packed_anew {
            attempts.push(Attempt::Plain(6));
        }
        if self >= Self::Draft {
            // Levels 7 to 9 gain 1 % on 6 in photographs.
            let level = trial.level;
            if trial.is_clear || trial.repeats {
                attempts.push(Attempt::Plain(level));
            }
            if !trial.is_clear && !is_packed_anew {
                attempts
                    .push(Attempt::Filtered(Box::new(as_given(Deflater::Libdeflater { compression: level as u8 }))));
            }
            attempts
                .extend(trial.other.clone().map(|(coding, filter)| Attempt::Other(Box::new(coding), filter, level)));
        }
        if self >= Self::Default && !trial.orders.is_empty() {
            attempts.push(Attempt::Reordered(trial.level));
        }
        if self >= Self::Default && trial.has_copies {
            attempts.push(Attempt::Copied(trial.level));
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

/// Encodes a PNG with no chunks but the necessary: at the smallest bit depth, as grey where the palette is and
/// `may_be_grey`, otherwise with only the palette entries that some pixel uses, those that aren't opaque first, so that tRNS
/// is shortest. `palette` has at most 256 entries and every index is below its length.
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
    may_be_grey: bool,
) -> Result<Vec<u8>, PngError> {
    if indices.is_empty() || indices.len() != width as usize * height as usize {
        return Err(PngError::IncorrectDataLength(indices.len(), width as usize * height as usize));
    }
    let entries = used(indices, palette.len());
    let codings = Coding::smallest(palette, &entries, may_be_grey);
    let trial = Trial::of(indices, width as usize, palette, &entries, codings, optimize);
    let coding = &trial.coding;
    let lines = coding.lines(indices, width as usize);
    let raw = |coding: &Coding, lines: &Lines| {
        RawImage::new(width, height, coding.color.clone(), coding.depth, lines.bytes().to_vec())
    };
    let encode = |attempt: &Attempt| match attempt {
        Attempt::Plain(level) => {
            let file = in_chunks(width, height, coding, &lines, Filters::Alike(Filter::None), *level, trial.bands);
            Ok(vec![Made { file, filtered: Filtered::Nowhere }])
        }
        Attempt::Other(other, filter, level) => {
            let lines = other.lines(indices, width as usize);
            let file = in_chunks(width, height, other, &lines, Filters::Alike(*filter), *level, trial.bands);
            let filtered = if *filter == Filter::None { Filtered::Nowhere } else { Filtered::Alike };
            Ok(vec![Made { file, filtered }])
        }
        Attempt::Filtered(options) => {
            let file = raw(coding, &lines)?.create_optimized_png(options)?;
            Ok(vec![Made { file, filtered: Filtered::Variously }])
        }
        Attempt::Reordered(level) => {
            reordered(coding, &trial.orders, *level, |order| raw(order, &order.lines(indices, width as usize)))
        }
        Attempt::Copied(level) => {
            let codings: Vec<_> = [coding].into_iter().chain(&trial.orders).collect();
            let pack = |coding: &&Coding| {
                let lines = coding.lines(indices, width as usize);
                in_chunks(width, height, coding, &lines, Filters::Repeated, *level, trial.bands)
            };
            let files: Vec<_> = codings.par_iter().map(pack).collect();
            let file = files.into_iter().min_by_key(Vec::len).expect("a coding");
            Ok(vec![Made { file, filtered: Filtered::WhereRepeated }])
        }
    };
    let attempts = optimize.attempts(&trial);
    let made: Vec<Vec<Made>> = attempts.par_iter().map(encode).collect::<Result<_, _>>()?;
    let least =
        |made: &mut dyn Iterator<Item = &Made>| made.map(|made| &made.file).min_by_key(|file| file.len()).cloned();
    let smallest = least(&mut made.iter().flatten()).expect("something is attempted");
    if optimize < Optimize::Default {
        return Ok(smallest);
    }
    let less = &made[..Optimize::Default.attempts(&trial).len()];
    const WAYS: [Filtered; 4] = [Filtered::Nowhere, Filtered::Alike, Filtered::Variously, Filtered::WhereRepeated];
    let of_each = WAYS.map(|filtered| least(&mut less.iter().flatten().filter(|made| made.filtered == filtered)));
    let fewest = of_each.iter().flatten().map(Vec::len).min().unwrap_or(0) as f64;
    let close = of_each.into_iter().zip(WAYS).filter_map(|(file, filtered)| {
        let most = if filtered == Filtered::WhereRepeated { CLOSE_WHERE_REPEATED } else { CLOSE };
        file.filter(|file| file.len() as f64 <= most * fewest)
    });
    let packed = repack::repacked(close.collect());
    if optimize < Optimize::Max {
        return Ok(packed);
    }
    // What is least before it is packed anew need not be so afterwards: what less effort makes is there, too.
    Ok(std::cmp::min_by_key(packed, repack::repacked(vec![smallest]), Vec::len))
}

/// About the bytes of a file, those of its rows and those of other chunks: to compare results by. Rows are packed as they
/// are, and quickly.
pub fn quick_size(indices: &[u8], width: usize, palette: &[Rgba]) -> (usize, usize) {
    let coding = &Coding::smallest(palette, &used(indices, palette.len()), false)[0];
    (
        deflate::deflate(&coding.lines(indices, width).filtered(Filters::Alike(Filter::None)), QUICK).len(),
        coding.chunks(),
    )
}

/// For each way to filter the rows as they are smallest at `QUICK`, in one of some `orders` of the palette or as `coding`
/// has it; packed at `level`.
fn reordered(
    coding: &Coding,
    orders: &[Coding],
    level: i32,
    raw: impl Fn(&Coding) -> Result<RawImage, PngError> + Sync,
) -> Result<Vec<Made>, PngError> {
    let pack = |(order, strategy): &(&Coding, FilterStrategy), level: i32| {
        let options = as_given(Deflater::Libdeflater { compression: level as u8 });
        raw(order)?
            .create_optimized_png(&oxipng::Options { filters: [strategy.clone()].into_iter().collect(), ..options })
    };
    let made = |filtered: Filtered| {
        let strategies = STRATEGIES.into_iter().filter(move |&(_, other)| other == filtered);
        let ways = strategies.flat_map(|(strategy, _)| orders.iter().map(move |order| (order, strategy.clone())));
        let given = (filtered == Filtered::Variously).then_some((coding, FilterStrategy::Bigrams));
        let ways: Vec<_> = ways.chain(given).collect();
        let files = ways.par_iter().map(|way| pack(way, QUICK)).collect::<Result<Vec<_>, _>>()?;
        let (file, way) = files.into_iter().zip(&ways).min_by_key(|(file, _)| file.len()).expect("there are orders");
        Ok(Made { file: if level == QUICK { file } else { pack(way, level)? }, filtered })
    };
    [Filtered::Nowhere, Filtered::Alike, Filtered::Variously].into_par_iter().map(made).collect()
}

/// The entries that some index names, in order.
fn used(indices: &[u8], count: usize) -> Vec<usize> {
    let mut used = [false; 256];
    for &index in indices {
        used[index as usize] = true;
    }
    (0..count).filter(|&entry| used[entry]).collect()
}

/// A PNG file of the necessary chunks.
fn in_chunks(
    width: u32,
    height: u32,
    coding: &Coding,
    lines: &Lines,
    filters: Filters,
    level: i32,
    bands: usize,
) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_depth(png::BitDepth::from_u8(coding.depth as u8).expect("1, 2, 4 or 8"));
    match &coding.color {
        ColorType::Indexed { palette } => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette.iter().flat_map(|color| [color.r, color.g, color.b]).collect::<Vec<_>>());
            let alphas: Vec<u8> = palette.iter().map(|color| color.a).take_while(|&alpha| alpha < 255).collect();
            if !alphas.is_empty() {
                encoder.set_trns(alphas);
            }
        }
        ColorType::Grayscale { transparent_shade } => {
            encoder.set_color(png::ColorType::Grayscale);
            if let Some(shade) = transparent_shade {
                encoder.set_trns(shade.to_be_bytes().to_vec());
            }
        }
        _ => unreachable!("codings are indexed or grey"),
    }
    let pieces = deflate::zlib(&lines.filtered(filters), level, bands);
    let written = encoder.write_header().and_then(|mut writer| {
        pieces.iter().try_for_each(|piece| writer.write_chunk(png::chunk::IDAT, piece))?;
        writer.finish()
    });
    written.expect("a buffer takes everything");
    file
}
