//! The entry of every pixel where that of every color is known: what solving learnt need not be found out again.

use std::sync::Arc;

use rayon::prelude::*;

use crate::cube::Cube;
use crate::index::Index;
use crate::order::Order;
use crate::pixels::{Channels, Layout, Pixels};
use crate::ranks::{Ranks, View};
use crate::simd::vectorized;

/// Pixels that one task maps.
const CHUNK: usize = 1 << 14;

/// The nearest entries of opaque colors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Of each color: one look more a pixel.
    Colors(Ranked),
    /// Of all colors around, too: more to find out.
    Cells(Cube<u8>),
    /// The same, of more entries.
    WideCells(Cube<u16>),
}

impl Known {
    /// The entry of each pixel; `None` where one is not opaque, or nothing is known of its color.
    pub fn map<I: Index>(&self, pixels: Pixels) -> Option<Vec<I>> {
        match self {
            Self::Colors(ranked) => ranked.map(pixels),
            Self::Cells(cube) => cube.map(pixels),
            Self::WideCells(cube) => cube.map(pixels),
        }
    }
}

/// Opaque colors and their entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    ranks: Arc<Ranks>,
    /// The entry of each color, in the order of codes; one more behind the last.
    labels: Vec<u16>,
}

impl Ranked {
    /// The entry of each color of `ranks`, in the order of codes.
    pub fn new(ranks: Arc<Ranks>, mut labels: Vec<u16>) -> Self {
        labels.push(0);
        Self { ranks, labels }
    }

    fn map<I: Index>(&self, pixels: Pixels) -> Option<Vec<I>> {
        let table = Table::new(self);
        match pixels.layout() {
            Layout::Grey(pixels) => table.map(pixels),
            Layout::Rgb(pixels) => table.map(pixels),
            Layout::Rgba(pixels) => table.map(pixels),
        }
    }
}

/// What is known, the entries as narrow as indices are.
struct Table<'a, I> {
    order: Order,
    ranks: View<'a>,
    labels: Vec<I>,
}

impl<'a, I: Index> Table<'a, I> {
    fn new(known: &'a Ranked) -> Self {
        let labels = known.labels.iter().map(|&label| I::narrow(u32::from(label))).collect();
        Self { order: Order::opaque(), ranks: known.ranks.view(), labels }
    }

    fn map<P: Channels>(&self, pixels: &[P]) -> Option<Vec<I>> {
        let mut indices = vec![I::default(); pixels.len()];
        let chunks = indices.par_chunks_mut(CHUNK).zip(pixels.par_chunks(CHUNK));
        let map = |(indices, pixels): (&mut [I], &[P])| {
            vectorized(
                #[inline(always)]
                || self.map_chunk(pixels, indices),
            )
        };
        chunks.map(map).reduce(|| true, |some, others| some && others).then_some(indices)
    }

    /// Maps pixels; returns whether all colors are known.
    #[inline(always)]
    fn map_chunk<P: Channels>(&self, pixels: &[P], indices: &mut [I]) -> bool {
        let (mut known, mut alpha) = (1, 255);
        for (index, pixel) in indices.iter_mut().zip(pixels) {
            let color = pixel.rgba();
            let code = self.order.code(color) as usize;
            let (at, is_known) = self.ranks.find(code);
            *index = self.labels[at];
            known &= is_known;
            alpha &= color[3];
        }
        known == 1 && alpha == 255
    }
}
