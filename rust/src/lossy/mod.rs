//! Indices chosen with the file in mind: near to the picture, and short once deflated.
//!
//! Deflate (RFC 1951) writes an index as a literal or, three or more at once, as a match with what came before. So each
//! row is parsed, as an optimal encoder would parse it, into the literals and matches that cost least; but a match may
//! differ from the picture, and what it differs by is a cost, too: bits and errors under one Lagrangian (A. Ortega and
//! K. Ramchandran, "Rate-distortion methods for image and video compression", 1998). Errors are diffused along every
//! way that is tried, so that what one pixel lacks the next ones make up for.

mod abreast;
mod costs;
mod follow;
mod foretold;
mod least;
mod model;
mod near;
mod parse;
mod parts;
mod patience;
mod similar;
mod sources;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use crate::pixels::{Pixels, Rgba};
use crate::space::Space;
use crate::watch::Watch;
use costs::Costs;
pub use foretold::foretold;
use model::Model;
use parts::Parts;
use patience::Known;
pub use patience::{Follow, Patience};

/// How errors are diffused and weighed.
#[derive(Clone, Copy, Debug)]
pub struct Lossy {
    /// What a bit is worth: so many times the squared distance of colors, where black and white are 100 apart, of a pixel
    /// where nothing is masked. Above 0.
    pub lambda: f32,
    /// How much of an error is handed on, 0 to 1.
    pub strength: f32,
}

/// A picture, and how its colors are weighed.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// Row by row.
    pub pixels: Pixels<'a>,
    /// Of a row.
    pub width: usize,
    /// At most 256 colors.
    pub palette: &'a [Rgba],
    /// Where colors are near or far.
    pub space: Space,
    /// How much of its error each pixel takes and hands on, of 255; all of it without. A pixel that takes none and whose
    /// color the palette has keeps that color.
    pub mask: Option<&'a [u8]>,
}

/// Bands of rows know nothing of each other, so that they are parsed at once. A match reaches back 32 KB, which is some
/// ten to a hundred rows.
const BAND: usize = 256;
/// A picture is not cut below so many pixels a band.
const LEAST: usize = 128 << 10;

/// Rows of a band. Drawings lose by a cut what repeats across it; photographs lose little, and are cut evenly, in an even
/// number, so that two cores end together.
fn rows_of_band(picture: &Picture) -> usize {
    let pixels = picture.pixels.len();
    let rows = pixels / picture.width;
    let most = (pixels / LEAST).max(1);
    match picture.mask {
        _ if most == 1 => rows,
        Some(_) => BAND,
        None => rows.div_ceil((2 * ((rows + BAND) / (2 * BAND)).max(1)).min(most)),
    }
}

/// Chooses indices of a picture, of which `plain` are the nearest ones, or dithered. `importance` says how much an error
/// counts at each pixel, of 255. A row is a step of what `watch` is told of; `None` when it ended the work.
pub fn map(
    picture: Picture,
    lossy: Lossy,
    patience: Patience,
    importance: &[u8],
    plain: &[u8],
    watch: &Watch,
) -> Option<Vec<u8>> {
    let heeded = Lossy { lambda: lossy.lambda * patience.worth(), ..lossy };
    let model = Model::new(picture, heeded, importance, plain).handing_on_by_bits();
    let rows = rows_of_band(&picture);
    let links = similar::links(plain, picture.width, rows, &model.points);
    let parts_of = if model.opaque { Parts::of::<3> } else { Parts::of::<4> };
    let parts = (patience.places > 0).then(|| parts_of(plain, picture.width, &model.points, model.scale));
    let known = Known { links: &links, parts: parts.as_ref(), patience };
    let costs = Costs::of(plain, picture.palette.len(), picture.width);
    let mut indices = vec![0; plain.len()];
    indices.par_chunks_mut(rows * picture.width).enumerate().for_each(|(number, band)| {
        parse::band(&model, known, &costs, number * rows, band, || watch.step());
    });
    watch.goes_on().then_some(indices)
}

/// What the errors of `indices` cost, in bits, as `map` weighs them: to be added to the bits of a file.
pub fn cost(picture: Picture, lossy: Lossy, importance: &[u8], indices: &[u8]) -> f64 {
    let model = Model::new(picture, lossy, importance, indices);
    let rows = rows_of_band(&picture);
    let bands = indices.par_chunks(rows * picture.width).enumerate().map(|(number, band)| {
        let mut errors = model.errors();
        let numbered = band.chunks_exact(picture.width).zip(number * rows..);
        numbered
            .map(|(row, y)| {
                errors.go_to(&model, y);
                errors.take(&model, row)
            })
            .sum::<f64>()
    });
    bands.collect::<Vec<_>>().into_iter().sum()
}
