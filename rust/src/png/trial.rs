//! What a sample of the rows, quickly packed, foretells.

use rayon::prelude::*;

use super::Optimize;
use super::layout::{Coding, Filter, Filters};
use super::order::{light_last, neighborly};
use super::repack::{MOST, SMALL};
use crate::deflate;
use crate::pixels::Rgba;

/// What to expect of an image.
pub struct Trial {
    /// The coding that promises the fewest bytes unfiltered.
    pub coding: Coding,
    /// Whether filters are no use: on photographs, screenshots and icons they lose 4 to 20 %, on gradients they gain.
    pub is_clear: bool,
    /// Whether much of it repeats, as graphics do.
    pub repeats: bool,
    /// Whether most rows are like the one above. A run of zeros says so in fewer bits than matches with that row do, and a
    /// row that is not takes more, as what it is like is farther back: files of windows and of charts with bars are 2 to 8 %
    /// smaller so, those in which fewer rows repeat up to 3 % larger.
    pub has_copies: bool,
    /// libdeflate's level.
    pub level: i32,
    /// In how many bands to pack. A cut costs 0.5 to 2 KB: as many as the root of the size keep the loss below 0.5 %.
    pub bands: usize,
    /// Another coding and a filter that promise fewer bytes still.
    pub other: Option<(Coding, Filter)>,
    /// Orders of the palette in which filters may pay though a sample does not show it, or eight bits a sample where fewer do,
    /// where there is little to pack.
    pub orders: Vec<Coding>,
}

/// So many pieces of so many bytes are the sample.
const PIECES: usize = 8;
const PIECE: usize = 16 << 10;
/// As many bands as the root of the file's size in these: the second from 180 KB on.
const BAND: f64 = 45e3;
/// What must remain of the sample for another way to be worth trying.
const GAIN: f64 = 0.98;
/// Below so many bits a byte, level 12 gains 2 to 22 % on level 10, unless rows are packed anew afterwards; above, as
/// photographs chosen at a loss are, 0.04 to 0.4 % in 1.4 to 2.3 times the time.
const REPEATS: f64 = 1.0;

impl Trial {
    /// Packs a sample of the rows in all `codings`: unfiltered and, unless `optimize` never filters, as differences to
    /// the byte on the left and to the one above, in another order of the palette or wider too.
    pub fn of(
        indices: &[u8],
        width: usize,
        palette: &[Rgba],
        entries: &[usize],
        codings: Vec<Coding>,
        optimize: Optimize,
    ) -> Self {
        const ALL: [Filter; 3] = [Filter::None, Filter::Sub, Filter::Up];
        let sample = sample(indices, width, codings[0].bits());
        let filters = if optimize == Optimize::Fast { &ALL[..1] } else { &ALL };
        let sizes = |coding: &Coding, filters: &[Filter]| -> Vec<f64> {
            let lines = coding.lines(&sample, width);
            let chunks = coding.chunks() as f64 * sample.len() as f64 / indices.len() as f64;
            let size =
                |&filter: &Filter| deflate::deflate(&lines.filtered(Filters::Alike(filter)), 1).len() as f64 + chunks;
            filters.par_iter().map(size).collect()
        };
        let least = |sizes: &[f64]| sizes.iter().copied().fold(f64::INFINITY, f64::min);
        let mut tried: Vec<_> = codings.into_iter().map(|coding| (sizes(&coding, filters), coding)).collect();
        // Unfiltered, as every level has it.
        tried.sort_by(|a, b| a.0[0].total_cmp(&b.0[0]));
        let (found, coding) = tried.swap_remove(0);
        let whole = found[0] * indices.len() as f64 / sample.len() as f64;
        let mut other = None;
        if optimize > Optimize::Fast {
            let mut others: Vec<_> = tried.into_iter().map(|(_, coding)| (coding, &ALL[1..])).collect();
            others.push(match coding.bits() {
                8 => (Coding::indexed(palette, &neighborly(&sample, width, entries)), &ALL[1..]),
                _ => (Coding::wide(palette, entries), &ALL[..1]),
            });
            let mut most = GAIN * least(&found);
            for (coding, filters) in others {
                for (size, &filter) in sizes(&coding, filters).into_iter().zip(filters) {
                    if size < most {
                        (most, other) = (size, Some((coding.clone(), filter)));
                    }
                }
            }
        }
        let repeats = 8.0 * least(&found) < REPEATS / 8.0 * (sample.len() * coding.bits()) as f64;
        let is_worth_it = optimize >= Optimize::Default && (repeats || indices.len() <= SMALL);
        let orders = || match coding.bits() {
            8 => vec![
                Coding::indexed(palette, &neighborly(indices, width, entries)),
                Coding::indexed(palette, &light_last(palette, entries)),
            ],
            _ => vec![Coding::wide(palette, entries)],
        };
        Self {
            level: match repeats {
                true if indices.len() * coding.bits() / 8 > MOST => 12,
                true => 9,
                false => 10,
            },
            orders: if is_worth_it { orders() } else { vec![] },
            is_clear: found[0] < GAIN * least(&found[1..]),
            repeats,
            has_copies: repeats && 2 * copies(indices, width) >= indices.len() / width,
            bands: ((whole / BAND).sqrt() as usize).max(1),
            other,
            coding,
        }
    }
}

/// Rows that are like the one above.
fn copies(indices: &[u8], width: usize) -> usize {
    indices.chunks_exact(width).zip(indices.chunks_exact(width).skip(1)).filter(|(above, row)| above == row).count()
}

/// Some of the rows, in pieces.
fn sample(indices: &[u8], width: usize, bits: usize) -> Vec<u8> {
    let height = indices.len() / width;
    let start = |piece: usize| piece * height / PIECES;
    let rows = (PIECE * 8).div_ceil(width * bits);
    (0..PIECES)
        .flat_map(|piece| &indices[start(piece) * width..start(piece + 1).min(start(piece) + rows) * width])
        .copied()
        .collect()
}
