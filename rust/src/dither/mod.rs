//! Dithering: colors that a palette lacks are mixed from entries side by side.
//!
//! `map` is the one way in, from pixels, a palette and how to dither to indices. It is a pure function: the same at any
//! number of threads.

pub mod diffuse;
pub mod kernels;

use crate::cube;
use crate::nearest::Index;
use crate::pixels::{Pixels, Rgba};
use crate::space::Space;
use kernels::Kernel;

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
}

/// Maps pixels in rows of `width` to entries of `palette`, which is not empty.
///
/// Fully transparent pixels get the entry nearest to them, and neither take nor hand on an error. So do pixels where the
/// mask is 0.
pub fn map<I: Index>(pixels: Pixels, width: usize, palette: &[Rgba], space: Space, dither: &Dither) -> Vec<I> {
    debug_assert!(dither.mask.is_none_or(|mask| mask.len() == pixels.len()));
    match dither.kind {
        Kind::None => cube::map_nearest(pixels, palette, space),
        Kind::Diffusion { kernel, serpentine } => {
            diffuse::map(pixels, width, palette, space, dither, kernel, serpentine)
        }
    }
}
