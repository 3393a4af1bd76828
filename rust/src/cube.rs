//! The nearest palette entry of every pixel, by looking up its cell of the color cube.
//!
//! The cube of opaque colors is cut into cells of 4x4x4 colors. The cells in which a pixel lies are marked, then filled:
//! down an octree, each box keeps only the entries that can be nearest to one of its colors, and a cell is labelled color
//! by color. Then every pixel is two looks into tables. Labels equal those of computing every distance, ties to the
//! lower index; of few entries every distance is computed. Pixels that are not opaque are asked one by one, and all are
//! where few share a cell.

use rayon::prelude::*;

use crate::compared::Compared;
use crate::index::Index;
use crate::nearest::palette_points;
use crate::pixels::{Channels, Key, Layout, Pixels, Rgba};
use crate::shortlist::{COLORS, EDGE, ID_BITS, Shortlist};
use crate::simd::vectorized;
use crate::singly::Singly;
use crate::space::{BOXES, Bound, Point, Space};

/// Cells of the cube.
const CELLS: usize = 1 << 18;
/// Where there are fewer pixels a marked cell, filling would cost more than it saves.
const FEW: usize = 4;
/// Pixels that one task marks or maps.
const CHUNK: usize = 1 << 14;

/// Index of each pixel's nearest entry of `palette`, which is not empty; ties to the lower. Opaque pixels get the nearest
/// opaque entry, if there is one.
pub fn map_nearest<I: Index>(pixels: Pixels, palette: &[Rgba], space: Space) -> Vec<I> {
    let points = palette_points(palette, space);
    match pixels.layout() {
        Layout::Grey(pixels) => map(pixels, &points, space),
        Layout::Rgb(pixels) => map(pixels, &points, space),
        Layout::Rgba(pixels) => map(pixels, &points, space),
    }
}

fn map<P: Channels, I: Index>(pixels: &[P], palette: &[Point], space: Space) -> Vec<I> {
    let singly = Singly::new(palette, space, pixels.len());
    let mut indices = vec![I::default(); pixels.len()];
    let chunks = indices.par_chunks_mut(CHUNK).zip(pixels.par_chunks(CHUNK));
    if let Some(few) = Compared::new(palette, space, pixels.len()) {
        chunks.for_each(|(indices, pixels)| {
            if !few.map(pixels, indices) {
                singly.map(pixels, indices, |color| color[3] != 255);
            }
        });
        return indices;
    }
    let marks = mark(pixels);
    if pixels.len() < FEW * marked(&marks) {
        chunks.for_each(|(indices, pixels)| singly.map(pixels, indices, |_| true));
        return indices;
    }
    let cube = Cube::<I>::new(&marks, palette, space);
    chunks.for_each(|(indices, pixels)| {
        if !cube.map_chunk(pixels, indices).are_opaque {
            singly.map(pixels, indices, |color| color[3] != 255);
        }
    });
    indices
}

/// The bits of red, green and blue in turn, the highest first: every box of the octree is one run of such codes.
#[inline(always)]
fn code(color: Rgba) -> usize {
    static SPREAD: [[u32; 256]; 3] = spread();
    let [r, g, b, _] = color.map(usize::from);
    (SPREAD[0][r] | SPREAD[1][g] | SPREAD[2][b]) as usize
}

/// Every value of a channel with its bits moved to every third.
const fn spread() -> [[u32; 256]; 3] {
    let mut table = [[0; 256]; 3];
    let mut i = 0;
    while i < 256 * 24 {
        let (value, bit, channel) = (i / 24, i / 3 % 8, i % 3);
        table[channel][value] |= (value as u32 >> bit & 1) << (3 * bit + 2 - channel);
        i += 1;
    }
    table
}

/// One bit a cell: whether an opaque pixel lies in it.
fn mark<P: Channels>(pixels: &[P]) -> Vec<u8> {
    // A byte a cell is written without being read: no pixel waits for the last one.
    let unmarked = || vec![0u8; CELLS];
    let share = pixels.len().div_ceil(rayon::current_num_threads()).max(CHUNK);
    let marked = pixels.par_chunks(share).map(|pixels| {
        let mut marks = unmarked();
        let bytes: &mut [u8; CELLS] = marks.first_chunk_mut().expect("all cells");
        for pixel in pixels {
            let color = pixel.rgba();
            let cell = &mut bytes[code(color) / COLORS % CELLS];
            if color[3] == 255 {
                *cell = 1;
            }
        }
        marks
    });
    let join = |mut a: Vec<u8>, b: Vec<u8>| {
        for (a, b) in a.iter_mut().zip(b) {
            *a |= b;
        }
        a
    };
    let marks = marked.reduce_with(join).unwrap_or_else(unmarked);
    // The product moves the bits of eight bytes into the highest.
    let packed = |cells: &[u8; 8]| (u64::from_le_bytes(*cells).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
    marks.as_chunks().0.iter().map(packed).collect()
}

/// How many cells are marked.
fn marked(marks: &[u8]) -> usize {
    marks.iter().map(|byte| byte.count_ones() as usize).sum()
}

/// Labels of all colors in the marked cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cube<I> {
    /// Of each cell where its labels are, times `COLORS`, plus what tells its colors apart: `COLORS - 1`, or 0 if all
    /// have one label; `UNMARKED` where there are none.
    entries: Vec<u32>,
    /// First every index, for cells of one label, then the colors of other cells.
    labels: Vec<I>,
}

/// An entry that leads beyond all labels.
const UNMARKED: u32 = !(COLORS as u32 - 1);

/// Pixels whose indices are written at once: written one by one they would keep the next looks waiting.
const EIGHT: usize = 8;

/// What there was among pixels.
struct Among {
    /// No color that is not opaque.
    are_opaque: bool,
    /// No color in an unmarked cell.
    are_marked: bool,
}

impl<I: Index> Cube<I> {
    /// The cells in which some of `colors` lie, which are opaque, as are those of `palette`.
    pub fn around(colors: &[Rgba], palette: &[Rgba], space: Space) -> Self {
        Self::new(&mark(colors), &palette_points(palette, space), space)
    }

    /// The entry of each pixel; `None` where one is not opaque, or lies in no marked cell.
    pub fn map<J: Index>(&self, pixels: Pixels) -> Option<Vec<J>> {
        match pixels.layout() {
            Layout::Grey(pixels) => self.map_all(pixels),
            Layout::Rgb(pixels) => self.map_all(pixels),
            Layout::Rgba(pixels) => self.map_all(pixels),
        }
    }

    fn map_all<P: Channels, J: Index>(&self, pixels: &[P]) -> Option<Vec<J>> {
        let mut indices = vec![J::default(); pixels.len()];
        let chunks = indices.par_chunks_mut(CHUNK).zip(pixels.par_chunks(CHUNK));
        let is_mapped = chunks.map(|(indices, pixels)| {
            let among = self.map_chunk(pixels, indices);
            among.are_opaque && among.are_marked
        });
        is_mapped.reduce(|| true, |some, others| some && others).then_some(indices)
    }

    fn new(marks: &[u8], palette: &[Point], space: Space) -> Self {
        let mut entries = vec![UNMARKED; CELLS];
        let mut labels = vec![I::default(); palette.len() + marked(marks) * COLORS];
        let (known, free) = labels.split_at_mut(palette.len());
        for (index, label) in known.iter_mut().enumerate() {
            *label = I::narrow(index as u32);
        }
        let opaque = palette.iter().any(|point| point[3] == space.alpha_scale());
        let filler = Filler { space, exact: opaque && space == Space::Srgb && palette.len() <= 1 << ID_BITS };
        let all = Shortlist::new(palette, space);
        let whole = Node { first: 0xFF, edge: 256, marks, entries: &mut entries };
        filler.fill(whole, &all, &mut Room { free, start: palette.len() }, &mut []);
        Self { entries, labels }
    }

    /// Maps as if all were opaque and in marked cells.
    fn map_chunk<P: Channels, J: Index>(&self, pixels: &[P], indices: &mut [J]) -> Among {
        let mut among = Among { are_opaque: true, are_marked: true };
        let (eights, rest) = pixels.as_chunks();
        let (eight_indices, rest_indices) = indices.as_chunks_mut();
        for (indices, pixels) in eight_indices.iter_mut().zip(eights) {
            *indices = self.map_some::<EIGHT, _, _>(pixels, &mut among);
        }
        for (index, pixel) in rest_indices.iter_mut().zip(rest) {
            [*index] = self.map_some(&[*pixel], &mut among);
        }
        among
    }

    #[inline(always)]
    fn map_some<const N: usize, P: Channels, J: Index>(&self, pixels: &[P; N], among: &mut Among) -> [J; N] {
        let entries: &[u32; CELLS] = self.entries.first_chunk().expect("all cells");
        let mut indices = [J::default(); N];
        let mut alpha = 255;
        for i in 0..N {
            let color = pixels[i].rgba();
            let code = code(color);
            let entry = entries[code / COLORS % CELLS] as usize;
            match self.labels.get(entry / COLORS + (code & entry & (COLORS - 1))) {
                Some(&label) => indices[i] = J::narrow(label.widen()),
                None => among.are_marked = false,
            }
            alpha &= color[3];
        }
        among.are_opaque &= alpha == 255;
        indices
    }
}

/// What fills the cells.
struct Filler {
    space: Space,
    /// Whether distances are whole numbers.
    exact: bool,
}

/// A box of the octree.
struct Node<'a> {
    /// Its darkest color, and how many colors it has on an edge.
    first: Key,
    edge: Key,
    /// What is known of its cells, and what is to be found out.
    marks: &'a [u8],
    entries: &'a mut [u32],
}

/// Where the labels of cells go that have several.
struct Room<'a, I> {
    free: &'a mut [I],
    /// Where it starts among all labels.
    start: usize,
}

impl<'a, I> Room<'a, I> {
    /// Takes room from the front.
    fn take(&mut self, len: usize) -> Self {
        let taken = Self { free: self.free.split_off_mut(..len).expect("room for all cells"), start: self.start };
        self.start += len;
        taken
    }
}

/// Depths of the octree at which a task keeps a shortlist each, in memory that it uses again.
const LEVELS: usize = 4;
/// Boxes with longer edges hand their parts to other threads.
const SERIAL_EDGE: Key = 32;

impl Filler {
    /// Fills the marked cells of a box to whose colors those of `list` can be nearest.
    fn fill<I: Index>(&self, node: Node, list: &Shortlist, room: &mut Room<I>, below: &mut [Shortlist]) {
        if let Some(index) = list.only() {
            node.entries.fill(index * COLORS as u32);
            return;
        }
        let edge = node.edge / 2;
        let low: [Key; BOXES] = std::array::from_fn(|i| node.first + edge * corner(i));
        let mut bounds = [[[0.0; BOXES]; 3]; 2];
        if edge > EDGE || !self.exact {
            let ends = [0, edge - 1].map(|more| self.lights(node.first + more * corner(7), edge));
            vectorized(
                #[inline(always)]
                || bounds = self.space.bounds(&ends[0], &ends[1]),
            );
        }
        let bounds = |i: usize| bounds.map(|bound| bound.map(|coordinate| coordinate[i]));
        if edge == EDGE {
            for i in (0..8).filter(|i| node.marks[0] >> i & 1 == 1) {
                let labels = room.free.first_chunk_mut().expect("room for all cells");
                let same = match self.exact {
                    true => self.label_exactly(list, low[i], labels),
                    false => self.label(list, low[i], bounds(i), &mut below[0], labels),
                };
                node.entries[i] = match same {
                    Some(index) => index * COLORS as u32,
                    None => (room.take(COLORS).start * COLORS + COLORS - 1) as u32,
                };
            }
            return;
        }
        let part = |[low, high]: [[f32; 3]; 2], node: Node, room: &mut Room<I>, below: &mut [Shortlist]| {
            let (kept, below) = below.split_first_mut().expect("one a level");
            vectorized(
                #[inline(always)]
                || list.filter(low, high, kept),
            );
            self.fill(node, kept, room, below);
        };
        let parts = node.marks.chunks(node.marks.len() / 8).zip(node.entries.chunks_mut(node.entries.len() / 8));
        let parts = parts.enumerate().filter(|(_, (marks, _))| marks.iter().any(|&byte| byte != 0));
        let parts = parts.map(|(i, (marks, entries))| (bounds(i), Node { first: low[i], edge, marks, entries }));
        if node.edge <= SERIAL_EDGE {
            parts.for_each(|(bounds, node)| part(bounds, node, room, below));
            return;
        }
        let parts: Vec<_> =
            parts.map(|(bounds, node)| (bounds, room.take(COLORS * marked(node.marks)), node)).collect();
        parts.into_par_iter().for_each(|(bounds, mut room, node)| {
            part(bounds, node, &mut room, &mut vec![Shortlist::default(); LEVELS]);
        });
    }

    /// Labels the colors of a cell where distances are whole numbers; returns their label if all have the same.
    fn label_exactly<I: Index>(&self, list: &Shortlist, first: Key, labels: &mut [I; COLORS]) -> Option<u32> {
        let mut same = None;
        vectorized(
            #[inline(always)]
            || same = write(&list.nearest_exactly(first), labels),
        );
        same
    }

    /// Labels the colors of a cell; returns their label if all have the same.
    fn label<I: Index>(
        &self,
        list: &Shortlist,
        first: Key,
        [low, high]: [[f32; 3]; 2],
        kept: &mut Shortlist,
        labels: &mut [I; COLORS],
    ) -> Option<u32> {
        vectorized(
            #[inline(always)]
            || list.filter(low, high, kept),
        );
        if let Some(index) = kept.only() {
            return Some(index);
        }
        let corners = self.lights(first, 1);
        let far = self.lights(first + 2 * corner(7), 1);
        let mut nearest = [0; COLORS];
        vectorized(
            #[inline(always)]
            || {
                let mut light = [[0.0; COLORS]; 3];
                for d in 0..3 {
                    for (octant, light) in light[d].as_chunks_mut::<BOXES>().0.iter_mut().enumerate() {
                        *light = if octant >> (2 - d) & 1 == 0 { corners[d] } else { far[d] };
                    }
                }
                nearest = kept.nearest(&self.space.opaque(&light));
            },
        );
        write(&nearest, labels)
    }

    /// The light of eight colors: `first`, and those `step` away in some channels.
    fn lights(&self, first: Key, step: Key) -> Bound {
        let [r, g, b, _] = first.to_be_bytes();
        let step = step as u8;
        let [r, g, b] = [r, g, b].map(|code| [self.space.light(code), self.space.light(code + step)]);
        [
            [r[0], r[0], r[0], r[0], r[1], r[1], r[1], r[1]],
            [g[0], g[0], g[1], g[1], g[0], g[0], g[1], g[1]],
            [b[0], b[1], b[0], b[1], b[0], b[1], b[0], b[1]],
        ]
    }
}

/// One channel's step each for the bits of `i`: red, green, blue.
#[inline(always)]
const fn corner(i: usize) -> Key {
    let i = i as Key;
    (i >> 2 & 1) << 24 | (i >> 1 & 1) << 16 | (i & 1) << 8
}

/// Writes labels; returns the one if all are the same.
#[inline(always)]
fn write<I: Index>(nearest: &[u32; COLORS], labels: &mut [I; COLORS]) -> Option<u32> {
    let mut differ = 0;
    for i in 0..COLORS {
        labels[i] = I::narrow(nearest[i]);
        differ |= nearest[i] ^ nearest[0];
    }
    (differ == 0).then_some(nearest[0])
}
