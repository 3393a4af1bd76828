//! The nearest of few palette entries: to compute every distance takes less than to look for cells.

use crate::index::Index;
use crate::pixels::Channels;
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// So many entries are few, and so many where pixels are many, too.
const FEW: usize = 32;
const FEW_FOR_MANY: usize = 16;
/// So many pixels are many: to label cells takes less than to look at every pixel.
const MANY: u64 = 1 << 20;
/// Pixels that are handled at once: what is known of them stays in the nearest cache.
const BLOCK: usize = 512;
/// Pixels whose least stays in registers.
const LANES: usize = 64;
/// 2^23: a smaller whole number added to it stands in the lowest bits.
const WHOLE: f32 = 8_388_608.0;

/// The opaque entries of a palette, where coordinates are whole numbers: those of the colors themselves.
///
/// The squared distance of entry c and color x, less the square of x, is |c|^2 - 2 x c: linear in x. Times `FEW` and with
/// the index of the entry added it is a whole number of less than 24 bits, exact in 32, and the least is the nearest,
/// ties to the lower.
pub struct Compared {
    /// What counts for each step of red, green and blue, and for black.
    scores: Vec<[f32; 4]>,
}

impl Compared {
    /// Prepares `palette` for so many pixels; `None` when its entries are not few, or none is opaque, or distances are no
    /// whole numbers.
    pub fn new(palette: &[Point], space: Space, pixels: usize) -> Option<Self> {
        if !Self::suits(palette.len(), space, pixels as u64) {
            return None;
        }
        let opaque = palette.iter().enumerate().filter(|(_, point)| point[3] == space.alpha_scale());
        let scores = opaque.map(|(index, &[r, g, b, _])| {
            let [r, g, b, square] = [-2.0 * r, -2.0 * g, -2.0 * b, r * r + g * g + b * b].map(|x| x * FEW as f32);
            [r, g, b, square + index as f32]
        });
        let scores: Vec<_> = scores.collect();
        (!scores.is_empty()).then_some(Self { scores })
    }

    /// Whether so many entries are few for so many pixels, and distances are whole numbers.
    pub fn suits(entries: usize, space: Space, pixels: u64) -> bool {
        space == Space::Srgb && entries <= if pixels < MANY { FEW } else { FEW_FOR_MANY }
    }

    /// Maps as if all were opaque; returns whether they are.
    pub fn map<P: Channels, I: Index>(&self, pixels: &[P], indices: &mut [I]) -> bool {
        let mut opaque = true;
        let mut words = [0; BLOCK];
        for (pixels, indices) in pixels.chunks(BLOCK).zip(indices.chunks_mut(BLOCK)) {
            // Apart from what is vectorized: of bytes put together the compiler makes shuffles there.
            for (word, pixel) in words.iter_mut().zip(pixels) {
                *word = u32::from_le_bytes(pixel.rgba());
            }
            opaque &= words[..pixels.len()].iter().fold(u32::MAX, |all, word| all & word) >> 24 == 0xFF;
            let mut found = [I::default(); BLOCK];
            vectorized(
                #[inline(always)]
                || self.map_words(&words, &mut found),
            );
            indices.copy_from_slice(&found[..pixels.len()]);
        }
        opaque
    }

    #[inline(always)]
    fn map_words<I: Index>(&self, words: &[u32; BLOCK], indices: &mut [I; BLOCK]) {
        // Long loops of few steps each: of short ones the compiler makes shuffles here, too.
        let mut planes = [[0.0; BLOCK]; 3];
        for d in 0..3 {
            for i in 0..BLOCK {
                planes[d][i] = (words[i] >> (8 * d) & 0xFF) as i32 as f32;
            }
        }
        let mut least = [f32::INFINITY; BLOCK];
        let [x, y, z] = &planes;
        for (number, least) in least.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let [x, y, z] = [x, y, z].map(|plane| &plane.as_chunks::<LANES>().0[number]);
            for &[r, g, b, black] in &self.scores {
                for i in 0..LANES {
                    let score = (x[i] * r + y[i] * g) + (z[i] * b + black);
                    least[i] = if score < least[i] { score } else { least[i] };
                }
            }
        }
        for i in 0..BLOCK {
            let square = x[i] * x[i] + y[i] * y[i] + z[i] * z[i];
            let distance = least[i] + square * FEW as f32;
            indices[i] = I::narrow((distance + WHOLE).to_bits() % FEW as u32);
        }
    }
}
