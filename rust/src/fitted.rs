//! A picture and its palette, each fitted to the other in turn.

use crate::direct;
use crate::dither::{self, Dither, Kind};
use crate::nearest::Index;
use crate::pixels::{Pixels, Rgba};
use crate::refit::{self, Sight};
use crate::space::Space;

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How often the palette is fitted to the indices, and the indices are made anew.
    pub rounds: usize,
    /// Passes of direct search over the indices, each time they are made.
    pub passes: usize,
}

/// What is seen of errors where neighbors make up for each other.
const DITHERED: Sight = Sight { sigma: 1.0, sharp: 0.05, hold: 0.02 };
/// What is seen where they don't: more of each error as it is.
const PLAIN: Sight = Sight { sharp: 0.2, ..DITHERED };
/// What is seen once direct search has worked out the detail: from farther away.
const SEARCHED: Sight = Sight { sigma: 1.5, sharp: 0.02, hold: 0.01 };
/// What direct search sees: it works out detail that a wider blur would lose.
const DIRECT: Sight = Sight { sigma: 0.7, sharp: 0.1, hold: 0.0 };

/// Maps pixels; then fits the palette to the indices, and maps anew. Returns the palette and the indices.
pub fn map<I: Index>(
    pixels: Pixels,
    width: usize,
    palette: &[Rgba],
    space: Space,
    dither: &Dither,
    effort: Effort,
) -> (Vec<Rgba>, Vec<I>) {
    let map = |palette: &[Rgba]| {
        let mut indices = dither::map(pixels, width, palette, space, dither);
        direct::search(pixels, width, palette, space, &DIRECT, dither.mask, effort.passes, &mut indices);
        indices
    };
    let sight = match (dither.kind, effort.passes) {
        (Kind::None, _) => &PLAIN,
        (_, 0) => &DITHERED,
        _ => &SEARCHED,
    };
    let mut palette = palette.to_vec();
    let mut indices = map(&palette);
    for _ in 0..effort.rounds {
        let moved = refit::refit(pixels, width, &palette, &indices, space, sight);
        if moved == palette {
            break;
        }
        palette = moved;
        indices = map(&palette);
    }
    (palette, indices)
}
