//! Where a picture looks as it does here: from each pixel a link to an earlier one with alike neighbors.

use crate::candidates::distance;
use crate::space::Point;

/// No earlier pixel.
pub const NONE: u32 = u32::MAX;

/// Pixels to the right, itself included, that are alike.
const ALIKE: usize = 4;
/// Groups of near colors: so many as the number of colors to this power.
const GROUPS: f64 = 0.7;
/// Bits of what the groups of alike pixels are hashed to; others that fall together only cost a look.
const BITS: u32 = 16;

/// For each pixel the last one before it, in its band of `rows` rows, from where four pixels in a row are of the same
/// groups of colors.
pub fn links(indices: &[u8], width: usize, rows: usize, palette: &[Point]) -> Vec<u32> {
    let group = groups(palette);
    let mut links = vec![NONE; indices.len()];
    let mut last = vec![NONE; 1 << BITS];
    for (band, start) in indices.chunks(rows * width).zip((0..).step_by(rows * width)) {
        last.fill(NONE);
        for (row, start) in band.chunks_exact(width).zip((start..).step_by(width)) {
            for (alike, at) in row.windows(ALIKE).zip(start..) {
                let key = alike.iter().fold(0, |key: u32, &index| key << 8 | group[usize::from(index)]);
                let slot = &mut last[(key.wrapping_mul(0x9E37_79B9) >> (32 - BITS)) as usize];
                (links[at], *slot) = (*slot, at as u32);
            }
        }
    }
    links
}

/// The group of each entry: that of the nearest of some entries that lie far apart (T. F. Gonzalez, "Clustering to
/// minimize the maximum intercluster distance", 1985).
fn groups(palette: &[Point]) -> Vec<u32> {
    let wanted = libm::ceil(libm::pow(palette.len() as f64, GROUPS)) as u32;
    let mut nearest = vec![f32::INFINITY; palette.len()];
    let mut group = vec![0; palette.len()];
    let mut leader = 0;
    for number in 0..wanted {
        for (i, &point) in palette.iter().enumerate() {
            let square = distance::<4>(point, palette[leader]);
            if square < nearest[i] {
                (nearest[i], group[i]) = (square, number);
            }
        }
        leader = (0..palette.len()).max_by(|&a, &b| nearest[a].total_cmp(&nearest[b])).expect("not empty");
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_earlier_pixels_of_the_band() {
        let palette: Vec<Point> = (0..4).map(|i| [i as f32, 0.0, 0.0, 0.0]).collect();
        let row = [0, 1, 2, 3, 0, 1, 2, 3];
        let indices = row.repeat(4);
        let links = links(&indices, 8, 2, &palette);
        assert_eq!(links[..8], [NONE, NONE, NONE, NONE, 0, NONE, NONE, NONE]);
        assert_eq!(links[8..13], [4, 1, 2, 3, 8]);
        assert_eq!(links[16..21], [NONE, NONE, NONE, NONE, 16]);
    }
}
