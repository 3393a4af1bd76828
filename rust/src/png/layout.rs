//! What the samples of a file stand for, and its lines.

use oxipng::{BitDepth, ColorType, RGBA8};
use rayon::prelude::*;

use crate::pixels::Rgba;

/// How the bytes of a line are written (PNG specification, 9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// As they are.
    None = 0,
    /// As differences to the byte on the left.
    Sub = 1,
    /// As differences to the byte above.
    Up = 2,
}

/// Which lines are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filters {
    /// All, in one way.
    Alike(Filter),
    /// Those like the line above, as differences to it, which are zeros; the others stay as they are.
    Repeated,
}

/// A color type, a bit depth and the code that stands for each index.
#[derive(Clone)]
pub struct Coding {
    /// Indexed, or grey, which needs no palette.
    pub color: ColorType,
    /// Bits of a sample.
    pub depth: BitDepth,
    codes: [u8; 256],
}

/// Lines of samples, the leftmost pixel in the highest bits, padded with zeros to whole bytes.
pub struct Lines {
    bytes: Vec<u8>,
    stride: usize,
}

impl Coding {
    /// The codings of the fewest bits that hold all `entries` of the palette. Grey needs none, but of 8 bits it may pack
    /// worse than fewer codes do.
    pub fn smallest(palette: &[Rgba], entries: &[usize], may_be_grey: bool) -> Vec<Self> {
        let indexed = Self::indexed(palette, entries);
        match Self::grey(palette, entries).filter(|_| may_be_grey) {
            Some(grey) if grey.bits() == 8 && indexed.bits() == 8 => vec![grey, indexed],
            Some(grey) if grey.bits() <= indexed.bits() => vec![grey],
            _ => vec![indexed],
        }
    }

    /// The entries as a palette, in their order but for those that aren't opaque: they come first, so that tRNS is
    /// shortest.
    pub fn indexed(palette: &[Rgba], entries: &[usize]) -> Self {
        let mut entries = entries.to_vec();
        entries.sort_by_key(|&entry| palette[entry][3] == 255);
        let mut codes = [0; 256];
        for (code, &entry) in entries.iter().enumerate() {
            codes[entry] = code as u8;
        }
        let color = |&entry: &usize| {
            let [r, g, b, a] = palette[entry];
            RGBA8::new(r, g, b, a)
        };
        let depth = match entries.len() {
            0..=2 => BitDepth::One,
            3..=4 => BitDepth::Two,
            5..=16 => BitDepth::Four,
            _ => BitDepth::Eight,
        };
        Self { color: ColorType::Indexed { palette: entries.iter().map(color).collect() }, depth, codes }
    }

    /// Levels of grey instead of a palette, where all entries are grey and opaque but for one level, fully transparent.
    fn grey(palette: &[Rgba], entries: &[usize]) -> Option<Self> {
        let mut shade = None;
        for &entry in entries {
            let [r, g, b, a] = palette[entry];
            if r != g || g != b || (a != 255 && (a != 0 || shade.is_some_and(|shade| shade != r))) {
                return None;
            }
            shade = if a == 0 { Some(r) } else { shade };
        }
        if entries.iter().any(|&entry| palette[entry][3] == 255 && Some(palette[entry][0]) == shade) {
            return None;
        }
        let fits = |step: u8| entries.iter().all(|&entry| palette[entry][0].is_multiple_of(step));
        let steps = [(255, BitDepth::One), (85, BitDepth::Two), (17, BitDepth::Four), (1, BitDepth::Eight)];
        let (step, depth) = steps.into_iter().find(|&(step, _)| fits(step))?;
        let mut codes = [0; 256];
        for &entry in entries {
            codes[entry] = palette[entry][0] / step;
        }
        let transparent_shade = shade.map(|shade| u16::from(shade / step));
        Some(Self { color: ColorType::Grayscale { transparent_shade }, depth, codes })
    }

    /// The entries as a palette with 8 bits a sample.
    pub fn wide(palette: &[Rgba], entries: &[usize]) -> Self {
        Self { depth: BitDepth::Eight, ..Self::indexed(palette, entries) }
    }

    /// Bytes of the chunks that say what samples mean.
    pub fn chunks(&self) -> usize {
        const CHUNK: usize = 12;
        match &self.color {
            ColorType::Indexed { palette } => {
                let transparent = palette.iter().filter(|color| color.a < 255).count();
                CHUNK + 3 * palette.len() + if transparent > 0 { CHUNK + transparent } else { 0 }
            }
            ColorType::Grayscale { transparent_shade: Some(_) } => CHUNK + 2,
            _ => 0,
        }
    }

    /// Bits of a sample.
    pub fn bits(&self) -> usize {
        self.depth as usize
    }

    /// The lines of `indices`, `width` to a line.
    pub fn lines(&self, indices: &[u8], width: usize) -> Lines {
        let (bits, width) = (self.bits(), width.max(1));
        let stride = (width * bits).div_ceil(8);
        let pack_byte = |pixels: &[u8]| {
            let shifts = (0..8).step_by(bits).map(|used| 8 - bits - used);
            pixels.iter().zip(shifts).fold(0, |byte, (&index, shift)| byte | self.codes[index as usize] << shift)
        };
        let mut bytes = Vec::with_capacity(indices.len() / width * stride);
        if bits == 8 {
            bytes.extend(indices.iter().map(|&index| self.codes[index as usize]));
        } else {
            indices.chunks(width).for_each(|row| bytes.extend(row.chunks(8 / bits).map(pack_byte)));
        }
        Lines { bytes, stride }
    }
}

impl Lines {
    /// Each line filtered, behind a byte that names the filter.
    pub fn filtered(&self, filters: Filters) -> Vec<u8> {
        let nothing = vec![0; self.stride];
        let mut filtered = vec![0; self.bytes.len() / self.stride * (1 + self.stride)];
        let targets = filtered.par_chunks_mut(1 + self.stride);
        targets.zip(self.bytes.par_chunks(self.stride)).enumerate().for_each(|(y, (target, line))| {
            let above = if y == 0 { &nothing[..] } else { &self.bytes[(y - 1) * self.stride..][..self.stride] };
            let filter = match filters {
                Filters::Alike(filter) => filter,
                Filters::Repeated if y > 0 && line == above => Filter::Up,
                Filters::Repeated => Filter::None,
            };
            target[0] = filter as u8;
            let target = &mut target[1..];
            target.copy_from_slice(line);
            match filter {
                Filter::None => {}
                Filter::Sub => (1..line.len()).for_each(|x| target[x] = line[x].wrapping_sub(line[x - 1])),
                Filter::Up => target.iter_mut().zip(above).for_each(|(byte, above)| *byte = byte.wrapping_sub(*above)),
            }
        });
        filtered
    }

    /// All samples, line after line.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
