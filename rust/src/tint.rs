//! Shadows and glows: one color at many alphas.
//!
//! A color that is nearly transparent has few steps once it is laid over something, and its mean, rounded back to eight
//! bits, is soon of another hue: a black shadow turns faintly brown, which shows on black.

use crate::index::Index;
use crate::pixels::{Pixels, Rgba};

/// The color of most pixels of an entry, if there is one, by the vote of R. S. Boyer and J S. Moore, "MJRTY: a fast
/// majority vote algorithm", 1981.
#[derive(Clone, Copy, Default)]
struct Vote {
    color: [u8; 3],
    lead: u32,
    votes: u32,
    pixels: u32,
}

/// `palette`, where entries that are half to be seen through have the color that most of their pixels have exactly, at
/// their own alpha. Those that are `fixed` stay, and so do those that would be equal to others.
pub fn kept<I: Index>(pixels: Pixels, indices: &[I], palette: &[Rgba], fixed: &[bool]) -> Vec<Rgba> {
    let soft = |alpha: u8| (1..255).contains(&alpha);
    let free: Vec<bool> = palette.iter().zip(fixed).map(|(color, &fixed)| soft(color[3]) && !fixed).collect();
    let mut kept = palette.to_vec();
    if !free.contains(&true) {
        return kept;
    }
    let ballots = || {
        let entries = indices.iter().map(|index| index.widen() as usize).enumerate();
        entries.filter(|&(_, entry)| free[entry]).map(|(at, entry)| {
            let [r, g, b, _] = pixels.get(at);
            (entry, [r, g, b])
        })
    };
    let mut votes = vec![Vote::default(); palette.len()];
    for (entry, color) in ballots() {
        let vote = &mut votes[entry];
        if vote.lead == 0 {
            vote.color = color;
        }
        vote.lead = if vote.color == color { vote.lead + 1 } else { vote.lead - 1 };
    }
    for (entry, color) in ballots() {
        votes[entry].pixels += 1;
        votes[entry].votes += u32::from(votes[entry].color == color);
    }
    for (entry, vote) in votes.iter().enumerate().filter(|(_, vote)| 2 * vote.votes > vote.pixels) {
        let [r, g, b] = vote.color;
        let color = [r, g, b, palette[entry][3]];
        if !kept.contains(&color) {
            kept[entry] = color;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const PALETTE: [Rgba; 3] = [[3, 1, 0, 40], [90, 80, 70, 200], [9, 9, 9, 255]];

    #[test]
    fn shadows_are_of_one_color() {
        let pixels: Vec<u8> = [[0, 0, 0, 30], [0, 0, 0, 50], [9, 9, 9, 44], [90, 1, 2, 200], [80, 3, 2, 210]].concat();
        let indices = [0u8, 0, 0, 1, 1];
        let pixels = Pixels::new(&pixels, 4).expect("whole pixels");
        let kept = kept(pixels, &indices, &PALETTE, &[false; 3]);
        assert_eq!(kept, [[0, 0, 0, 40], PALETTE[1], PALETTE[2]]);
        assert_eq!(super::kept(pixels, &indices, &PALETTE, &[true; 3]), PALETTE);
    }

    #[test]
    fn no_entry_becomes_another() {
        let pixels: Vec<u8> = [[0, 0, 0, 30], [0, 0, 0, 50]].concat();
        let palette = [[3, 1, 0, 40], [2, 2, 0, 40]];
        let kept = kept(Pixels::new(&pixels, 4).expect("whole pixels"), &[0u8, 1], &palette, &[false; 2]);
        assert_eq!(kept, [[0, 0, 0, 40], palette[1]]);
    }
}
