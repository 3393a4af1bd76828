//! Fewer levels of alpha: pixels to pixels, before anything is counted.

use rayon::prelude::*;

use crate::pixels::Rgba;

/// What alphas there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// All 256.
    Full,
    /// Opaque from so much alpha on, otherwise transparent.
    Binary(u8),
    /// So many, 2 to 256, at equal distances from transparent to opaque.
    Even(u16),
}

impl Levels {
    /// What becomes of each alpha.
    fn table(self) -> [u8; 256] {
        std::array::from_fn(|alpha| match self {
            Levels::Full => alpha as u8,
            Levels::Binary(threshold) => {
                if alpha > 0 && alpha >= usize::from(threshold) {
                    255
                } else {
                    0
                }
            }
            Levels::Even(levels) => {
                let steps = usize::from(levels) - 1;
                let step = (2 * alpha * steps + 255) / 510;
                ((2 * step * 255 + steps) / (2 * steps)) as u8
            }
        })
    }
}

/// Gives every pixel one of the alphas there may be, the nearest or by a threshold.
///
/// With a matte a pixel's color changes so that, laid over the matte, it looks as it did, as far as colors reach. All
/// alphas over a matte make opaque pixels. Without one colors stay.
pub fn reduce(pixels: &[Rgba], levels: Levels, matte: Option<[u8; 3]>) -> Vec<Rgba> {
    let table = if matte.is_some() && levels == Levels::Full { [255; 256] } else { levels.table() };
    pixels.par_iter().with_min_len(CHUNK).map(|&pixel| with_alpha(pixel, table[usize::from(pixel[3])], matte)).collect()
}

/// As `reduce` without a matte, but hands on what alphas miss, in the way of R. W. Floyd and L. Steinberg ("An adaptive
/// algorithm for spatial greyscale", 1976), rows in turn from the left and from the right. Opaque and fully transparent
/// pixels stay so, and hand on nothing.
pub fn diffuse(pixels: &[Rgba], width: usize, levels: Levels) -> Vec<Rgba> {
    let table = levels.table();
    let mut reduced = Vec::with_capacity(pixels.len());
    // One more at each end takes what would leave the picture.
    let (mut above, mut below) = (vec![0.0f32; width + 2], vec![0.0f32; width + 2]);
    for (y, row) in pixels.chunks(width).enumerate() {
        reduced.extend_from_slice(row);
        let reduced = &mut reduced[y * width..];
        let mut last = 0.0;
        for i in 0..width {
            let x = if y % 2 == 0 { i } else { width - 1 - i };
            let (before, after) = if y % 2 == 0 { (x, x + 2) } else { (x + 2, x) };
            let mut error = 0.0;
            if !matches!(row[x][3], 0 | 255) {
                let wanted = f32::from(row[x][3]) + above[x + 1] + last;
                let alpha = table[wanted.round().clamp(0.0, 255.0) as usize];
                error = wanted - f32::from(alpha);
                reduced[x] = with_alpha(row[x], alpha, None);
            } else if row[x][3] == 0 {
                reduced[x] = [0; 4];
            }
            last = error * (7.0 / 16.0);
            below[before] += error * (3.0 / 16.0);
            below[x + 1] += error * (5.0 / 16.0);
            below[after] += error * (1.0 / 16.0);
        }
        std::mem::swap(&mut above, &mut below);
        below.fill(0.0);
    }
    reduced
}

/// Pixels that one task changes at least.
const CHUNK: usize = 1 << 14;

/// A pixel with another alpha, and so much more or less of its difference from the matte that over it nothing changes.
fn with_alpha([r, g, b, from]: Rgba, to: u8, matte: Option<[u8; 3]>) -> Rgba {
    if to == 0 {
        return [0; 4];
    }
    let (from, whole) = (i32::from(from), i32::from(to));
    let mixed = |color: u8, matte: u8| {
        let (color, matte) = (i32::from(color), i32::from(matte));
        let twice = 2 * (matte * whole + (color - matte) * from) + whole;
        twice.div_euclid(2 * whole).clamp(0, 255) as u8
    };
    match matte {
        Some(matte) => [mixed(r, matte[0]), mixed(g, matte[1]), mixed(b, matte[2]), to],
        None => [r, g, b, to],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_even_and_the_nearest() {
        for levels in 2..=256 {
            let table = Levels::Even(levels).table();
            let mut kept = table.to_vec();
            kept.dedup();
            assert_eq!(kept.len(), usize::from(levels));
            assert_eq!((table[0], table[255]), (0, 255));
            for (alpha, &level) in (0..=255u8).zip(&table) {
                let least = kept.iter().map(|kept| kept.abs_diff(alpha)).min();
                assert!(Some(level.abs_diff(alpha)) <= least.map(|least| least + 1), "{levels} {alpha}");
                assert_eq!(table[usize::from(level)], level, "{levels}");
            }
        }
        assert_eq!(Levels::Even(2).table(), Levels::Binary(128).table());
        assert_eq!(Levels::Even(256).table(), Levels::Full.table());
    }

    #[test]
    fn binary_is_opaque_from_its_threshold_on() {
        for threshold in 1..=255 {
            let table = Levels::Binary(threshold).table();
            assert!((0..=255).zip(table).all(|(alpha, to)| to == if alpha >= threshold { 255 } else { 0 }));
        }
    }
}
