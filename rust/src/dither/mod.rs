//! Dithering: colors that a palette lacks are mixed from entries side by side.
//!
//! `map` is the one way in, from pixels, a palette and how to dither to indices. It is a pure function: the same at any
//! number of threads.

pub mod diffuse;
mod group;
pub mod kernels;
pub mod ordered;
pub mod ostromoukhov;
mod paths;
pub(crate) mod reach;
mod reading;
pub mod riemersma;
mod stretches;
pub mod thresholds;

use crate::cube;
use crate::index::Index;
use crate::pixels::{Pixels, Rgba};
use crate::space::Space;
use kernels::Kernel;
use ordered::Form;
use thresholds::Thresholds;

/// How to dither.
#[derive(Clone, Copy)]
pub struct Dither<'a> {
    /// The way.
    pub kind: Kind<'a>,
    /// 0 (nearest entries) to 1.
    pub strength: f32,
    /// How much of the strength each pixel has, from 0 to 255 for all of it; as many as pixels.
    pub mask: Option<&'a [u8]>,
}

/// The ways to dither.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// The nearest entry for each pixel.
    None,
    /// Each pixel's error goes to pixels after it.
    Diffusion {
        /// To which, and how much.
        kernel: &'a Kernel,
        /// Whether rows are walked in turn from the left and from the right; else all from the left.
        serpentine: bool,
    },
    /// The same with shares that change with the color, for a palette of two colors.
    Ostromoukhov {
        /// As for other kernels.
        serpentine: bool,
    },
    /// The errors of pixels before it on a curve through the picture go to each pixel.
    Riemersma,
    /// A threshold for each place.
    Ordered {
        /// Which.
        thresholds: &'a Thresholds,
        /// What they do.
        form: Form,
    },
}

/// Maps pixels in rows of `width` to entries of `palette`, which is not empty.
///
/// Fully transparent pixels get the entry nearest to them, and neither take nor hand on an error. So do pixels where the
/// mask is 0.
pub fn map<I: Index>(pixels: Pixels, width: usize, palette: &[Rgba], space: Space, dither: &Dither) -> Vec<I> {
    debug_assert!(dither.mask.is_none_or(|mask| mask.len() == pixels.len()));
    match dither.kind {
        _ if dither.strength == 0.0 => cube::map_nearest(pixels, palette, space),
        Kind::None => cube::map_nearest(pixels, palette, space),
        Kind::Diffusion { kernel, serpentine } => {
            diffuse::map(pixels, width, palette, space, dither, kernel, serpentine)
        }
        Kind::Ostromoukhov { serpentine } => ostromoukhov::map(pixels, width, palette, space, dither, serpentine),
        Kind::Riemersma => riemersma::map(pixels, width, palette, space, dither),
        Kind::Ordered { thresholds, form } => ordered::map(pixels, width, palette, space, dither, thresholds, form),
    }
}

/// The roots of a mask's shares: half of a share counts where an error leaves, half where it arrives, so that an even
/// mask is a strength, and one of 0 keeps errors in and out.
fn root_shares() -> [f32; 256] {
    std::array::from_fn(|share| (share as f32 / 255.0).sqrt())
}
