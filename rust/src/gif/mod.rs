//! GIF of one picture, its indices packed as they are or, at a loss, chosen while they are packed.

pub mod exact;
pub mod lossy;
pub mod lzw;
mod patience;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use crate::activity;
use crate::pixels::{Key, Pixels, Rgba, to_key};
use crate::space::{Point, Space};
use exact::Plan;
use lossy::Scene;

/// How much of an error is diffused: at 0.85 photographs have less banding, at 0.5 graphics are smaller.
const STRENGTH: f32 = 0.75;
/// What is chosen at a loss, if it takes more than that of the bytes of the indices as they are, is nearer to the file if it is
/// near to what these look like: errors that are diffused anew cost more of the looks than they save bytes.
const LITTLE: f64 = 0.95;
/// What a bit is worth there, in times what it is elsewhere, so that from one loss to the next files become smaller throughout.
const WORTH: f32 = 1.25;
/// Pixels that one task converts.
const CHUNK: usize = 1 << 14;

/// Ways to cut and to empty that are tried; of equals the first is taken. On photographs, screens and charts each is the
/// best now and then; together they take 1 to 7 % off the bytes of the first alone.
const PLANS: [Plan; 8] = [
    Plan { looks_ahead: false, patience: 0.0 },
    Plan { looks_ahead: false, patience: 1.0 },
    Plan { looks_ahead: false, patience: 1.05 },
    Plan { looks_ahead: false, patience: f64::INFINITY },
    Plan { looks_ahead: true, patience: 0.0 },
    Plan { looks_ahead: true, patience: 1.0 },
    Plan { looks_ahead: true, patience: 1.05 },
    Plan { looks_ahead: true, patience: f64::INFINITY },
];

/// Encodes a GIF with only the palette entries that some pixel uses. `palette` has at most 256 entries, of which one may
/// be fully transparent and all others are opaque; every index is below its length, and `width` divides their number.
pub fn encode_gif(indices: &[u8], width: u16, palette: &[Rgba]) -> Vec<u8> {
    let (colors, symbols) = compact(indices, palette);
    let bits = bits(colors.len());
    let streams = PLANS.par_iter().map(|&plan| exact::codes(&symbols, bits, colors.len(), plan));
    let stream = streams.collect::<Vec<_>>().into_iter().min_by_key(Vec::len).expect("some plan");
    file(&stream, width, indices.len() / width as usize, &colors)
}

/// Encodes a GIF as `encode_gif` does, but of other indices where they are near enough to `pixels` and take fewer bits:
/// a bit is worth `lambda` times the squared distance of colors, where black and white are 100 apart, of a pixel where
/// nothing is masked. Errors are `diffused`, or not; at little loss they are as `indices` have them. Pixels of the transparent entry stay so, all others are taken to be
/// opaque.
pub fn encode_lossy(
    pixels: Pixels,
    indices: &[u8],
    width: u16,
    palette: &[Rgba],
    lambda: f32,
    diffused: bool,
) -> Vec<u8> {
    let (colors, symbols) = compact(indices, palette);
    let point = |[r, g, b, _]: Rgba| to_key([r, g, b, 255]);
    let keys: Vec<_> = (0..pixels.len()).into_par_iter().map(|at| point(pixels.get(at))).collect();
    let mut targets = vec![[0.0; 4]; keys.len()];
    keys.par_chunks(CHUNK).zip(targets.par_chunks_mut(CHUNK)).for_each(|(keys, points)| to_points(keys, points));
    let mut points = vec![[0.0; 4]; colors.len()];
    to_points(&colors.iter().map(|&color| point(color)).collect::<Vec<_>>(), &mut points);
    let clear = colors.iter().position(|color| color[3] == 0).map(|symbol| symbol as u8);
    let weights: Vec<f32> =
        activity::importance(pixels, width.into()).into_iter().map(|share| f32::from(share) / 255.0).collect();
    let floor = |at: usize| weights[at] * lossy::squared(&targets[at], &points[symbols[at] as usize]);
    let floors = (0..symbols.len()).map(|at| if diffused { 0.0 } else { floor(at) }).collect::<Vec<_>>();
    let is_clear: Vec<bool> = symbols.iter().map(|&symbol| Some(symbol) == clear).collect();
    let scene = Scene {
        targets: &targets,
        weights: &weights,
        floors: &floors,
        width: width.into(),
        palette: &points,
        clear,
        is_clear: &is_clear,
        strength: if diffused { STRENGTH } else { 0.0 },
        lambda,
    };
    let packed = |scene: &Scene| {
        let (stream, _) = lossy::codes(scene, bits(colors.len()));
        file(&stream, width, indices.len() / width as usize, &colors)
    };
    let (chosen, exact) = rayon::join(|| packed(&scene), || encode_gif(indices, width, palette));
    if !diffused || chosen.len() as f64 <= LITTLE * exact.len() as f64 {
        return if chosen.len() < exact.len() { chosen } else { exact };
    }
    let looks: Vec<Point> = symbols.iter().map(|&symbol| points[symbol as usize]).collect();
    let kept = packed(&Scene { targets: &looks, strength: 0.0, lambda: WORTH * lambda, ..scene });
    if kept.len() < exact.len() { kept } else { exact }
}

/// Colors as points, black and white 100 apart.
fn to_points(keys: &[Key], points: &mut [Point]) {
    Space::Oklab.seen().to_points(keys, points);
    points.iter_mut().flatten().for_each(|coordinate| *coordinate *= 100.0);
}

/// Bits of a symbol: GIF has no fewer than two.
pub fn bits(colors: usize) -> u32 {
    (usize::BITS - colors.saturating_sub(1).leading_zeros()).max(2)
}

/// The entries in use, in order, and the indices into them.
fn compact(indices: &[u8], palette: &[Rgba]) -> (Vec<Rgba>, Vec<u8>) {
    let mut used = [false; 256];
    indices.iter().for_each(|&index| used[index as usize] = true);
    let (mut colors, mut symbols) = (vec![], [0; 256]);
    for (entry, color) in palette.iter().enumerate().filter(|&(entry, _)| used[entry]) {
        symbols[entry] = colors.len() as u8;
        colors.push(*color);
    }
    (colors, indices.iter().map(|&index| symbols[index as usize]).collect())
}

/// A GIF file around a stream of codes (GIF89a specification, 17 to 27).
pub fn file(stream: &[u8], width: u16, height: usize, colors: &[Rgba]) -> Vec<u8> {
    let table_bits = bits(colors.len()).min(if colors.len() <= 2 { 1 } else { 8 });
    let sides: Vec<u8> = [width, height as u16].into_iter().flat_map(u16::to_le_bytes).collect();
    let mut file = b"GIF89a".to_vec();
    file.extend(&sides);
    file.extend([0xF0 | (table_bits - 1) as u8, 0, 0]);
    for color in colors {
        file.extend(&color[..3]);
    }
    file.resize(file.len() + 3 * ((1 << table_bits) - colors.len()), 0);
    if let Some(clear) = colors.iter().position(|color| color[3] == 0) {
        file.extend([0x21, 0xF9, 4, 1, 0, 0, clear as u8, 0]);
    }
    file.push(0x2C);
    file.extend([0; 4]);
    file.extend(&sides);
    file.extend([0, bits(colors.len()) as u8]);
    for block in stream.chunks(255) {
        file.push(block.len() as u8);
        file.extend(block);
    }
    file.extend([0, 0x3B]);
    file
}
