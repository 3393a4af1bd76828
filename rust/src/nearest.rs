//! The nearest palette entry of any point, and of every pixel.
//!
//! Working space is divided into cells; each lists the entries that can be nearest to a point in it. Answers equal those of
//! computing every distance, ties to the lower index.

use std::sync::OnceLock;

use crate::abreast::{Abreast, planes};
use crate::candidates::{Candidates, NOWHERE, distance};
use crate::pixels::{Key, Pixels, Rgba, to_key};
use crate::simd::vectorized;
use crate::space::{Point, Space};

/// A palette that answers which of its entries is nearest, in `D` dimensions: 3 where alpha never differs.
pub struct Grid<const D: usize> {
    all: Candidates,
    /// The box that the cells fill; beyond it every entry is asked.
    low: Point,
    high: Point,
    /// Where the cells of equal width begin, how many fit in a unit, where that puts zero, and the last cell; the
    /// outermost reach to the box.
    origin: Point,
    scale: Point,
    zero: Point,
    last: [u32; 4],
    /// From a cell to the next one in each dimension, and the number of the first, in bits of `WHOLE`.
    stride: [u32; 4],
    first: u32,
    /// The box is halved this often, in every dimension, into cells.
    halvings: u32,
    /// The entries that can be nearest in the larger cells of fewer halvings, from one halving on.
    larger: Vec<Vec<OnceLock<Candidates>>>,
    /// Filled when a first point falls into them.
    cells: Vec<Slot<D>>,
}

/// Entries that can be nearest to a point in a cell, in ascending order.
#[repr(C)]
struct Cell<const D: usize> {
    planes: [[f32; LANES]; D],
    ids: [u16; LANES],
    /// The entries that find no room here.
    more: Option<Box<Cell<D>>>,
}

/// A cell in as few cache lines as may be.
#[derive(Default)]
#[repr(align(64))]
struct Slot<const D: usize>(OnceLock<Cell<D>>);

/// Entries that are asked at once. Few cells hold more, and with twice as many, half as many cells would be at hand.
const LANES: usize = 8;
/// So many questions are many.
const MANY: usize = 1 << 21;

/// 2^23: a number added to it is rounded to a whole one, which stands in the lowest bits.
const WHOLE: f32 = 8_388_608.0;

/// The least and greatest coordinates of opaque sRGB colors in a space, rounded outwards.
fn gamut(space: Space) -> ([f32; 3], [f32; 3]) {
    match space {
        Space::Srgb => ([0.0; 3], [255.0; 3]),
        Space::Linear => ([0.0; 3], [1.0; 3]),
        Space::Oklab | Space::SeenOklab => ([0.0, -0.24, -0.32], [1.0, 0.28, 0.20]),
        Space::Lab => ([0.0, -87.0, -108.0], [100.0, 99.0, 95.0]),
    }
}

impl<const D: usize> Grid<D> {
    /// Prepares `palette`, which is not empty, for about so many questions.
    pub fn new(palette: &[Point], space: Space, asked: usize) -> Self {
        let (mut low, mut high) = ([0.0; 4], [space.alpha_scale(); 4]);
        let (least, most) = gamut(space);
        low[..3].copy_from_slice(&least);
        high[..3].copy_from_slice(&most);
        // Errors lead far out: those of a color that no entry reaches add up to several times its distance.
        for d in 0..4 {
            let margin = 2.0 * (high[d] - low[d]);
            low[d] -= margin;
            high[d] += margin;
        }
        // Most cells hold one vector of entries. Were there more cells, filling them would take longer than asking.
        let halvings = match palette.len() {
            ..=64 => 6,
            ..=256 if asked < MANY => 7,
            ..=2048 if D == 4 => 7,
            _ => 8,
        } - D as u32;
        let count = 1u32 << halvings;
        let (mut origin, mut scale, mut zero, mut last) = (low, [0.0; 4], [0.0; 4], [WHOLE.to_bits(); 4]);
        let (mut stride, mut first) = ([0; 4], 0u32);
        for d in 0..D {
            let bounds = palette.iter().fold((f32::MAX, f32::MIN), |(l, h), p| (p[d].min(l), p[d].max(h)));
            origin[d] = bounds.0;
            scale[d] = count as f32 / (bounds.1 - bounds.0).max(1e-3 * (high[d] - low[d]));
            zero[d] = -origin[d] * scale[d] - 0.5;
            last[d] = WHOLE.to_bits() + count - 1;
            stride[d] = count.pow(d as u32);
            first = stride[d].wrapping_mul(WHOLE.to_bits()).wrapping_add(first);
        }
        let reach = low.iter().chain(&high).fold(0.0, |reach: f32, x| x.abs().max(reach));
        let larger = (1..halvings).map(|level| unfilled(level, D)).collect();
        let all = Candidates::within(palette, reach);
        Self {
            all,
            low,
            high,
            origin,
            scale,
            zero,
            last,
            stride,
            first,
            halvings,
            larger,
            cells: unfilled(halvings, D),
        }
    }

    /// The entries that can be nearest to a point in the cell of that number at a level of halving.
    fn candidates(&self, level: u32, number: usize) -> Candidates {
        let mut cell = [0; D];
        let mut parent = 0;
        for d in 0..D {
            cell[d] = number >> (level as usize * d) & ((1 << level) - 1);
            parent |= cell[d] >> 1 << ((level as usize - 1) * d);
        }
        let (low, high) = self.bounds(cell, level);
        let from = match level {
            1 => &self.all,
            _ => self.larger[level as usize - 2][parent].get_or_init(|| self.candidates(level - 1, parent)),
        };
        let mut kept = Candidates::default();
        vectorized(
            #[inline(always)]
            || {
                from.filter::<D>(low, high, &mut kept);
                if level == self.halvings && kept.len() > LANES {
                    kept.filter_by_all::<D>(low, high);
                }
            },
        );
        kept
    }

    /// What stands in the cell of that number.
    #[cold]
    fn fill(&self, number: usize) -> Cell<D> {
        let kept = self.candidates(self.halvings, number);
        let mut cell = None;
        for start in (0..kept.len()).step_by(LANES).rev() {
            let mut planes = [[NOWHERE; LANES]; D];
            let mut ids = [u16::MAX; LANES];
            for i in start..kept.len().min(start + LANES) {
                let (point, id) = kept.get(i);
                for d in 0..D {
                    planes[d][i - start] = point[d];
                }
                ids[i - start] = id as u16;
            }
            cell = Some(Cell { planes, ids, more: cell.map(Box::new) });
        }
        cell.expect("something is nearest")
    }

    /// The box of a cell at a level of halving, a little widened for the rounding in `locate`.
    fn bounds(&self, cell: [usize; D], level: u32) -> (Point, Point) {
        let (mut low, mut high) = (self.low, self.high);
        for d in 0..D {
            let width = (1u32 << (self.halvings - level)) as f32 / self.scale[d];
            let slack = 1e-4 * width + 1e-6 * (self.high[d] - self.low[d]);
            if cell[d] > 0 {
                low[d] = self.origin[d] + cell[d] as f32 * width - slack;
            }
            if cell[d] < (1 << level) - 1 {
                high[d] = self.origin[d] + (cell[d] + 1) as f32 * width + slack;
            }
        }
        (low, high)
    }

    /// Number of the cell in which a point of the box lies.
    #[inline(always)]
    fn locate(&self, point: Point) -> usize {
        let mut steps = [0u32; 4];
        for d in 0..4 {
            let t = (point[d] * self.scale[d] + self.zero[d]) + WHOLE;
            steps[d] = t.to_bits().max(WHOLE.to_bits()).min(self.last[d]).wrapping_mul(self.stride[d]);
        }
        let number = (steps[0].wrapping_add(steps[2])).wrapping_add(steps[1].wrapping_add(steps[3]));
        number.wrapping_sub(self.first) as usize
    }

    /// Whether a point is beyond the box.
    #[inline(always)]
    fn is_outside(&self, point: Point) -> bool {
        let mut outside = 0;
        for d in 0..4 {
            outside |= u32::from(point[d] < self.low[d]) | u32::from(point[d] > self.high[d]);
        }
        outside != 0
    }

    /// The first entries to ask about a point in the cell of that number.
    #[inline(always)]
    fn filled(&self, number: usize) -> &Cell<D> {
        self.cells[number].0.get_or_init(|| self.fill(number))
    }

    /// Index of the entry nearest to `point`, ties to the lower.
    #[inline(always)]
    pub fn nearest(&self, point: Point) -> u32 {
        if self.is_outside(point) {
            return self.nearest_of_all(point);
        }
        let mut cell = self.filled(self.locate(point));
        let mut best = cell.nearest(point);
        while let Some(more) = &cell.more {
            cell = more;
            best = best.min(cell.nearest(point));
        }
        best as u32
    }

    /// Index of an entry that is nearest to `point`, but for the last bits of its squared distance; ties to the lower.
    #[inline(always)]
    pub fn near(&self, point: Point) -> u32 {
        self.near_and_square(point).0
    }

    /// The same, and the squared distance without its last bits.
    #[inline(always)]
    pub fn near_and_square(&self, point: Point) -> (u32, f32) {
        if self.is_outside(point) { self.near_outside(point) } else { self.near_in_cell(self.locate(point), point) }
    }

    #[inline(always)]
    fn near_in_cell(&self, number: usize, point: Point) -> (u32, f32) {
        let mut cell = self.filled(number);
        let (mut least, lane) = cell.near(point);
        let mut id = cell.ids[lane];
        while let Some(more) = &cell.more {
            cell = more;
            let (square, lane) = cell.near(point);
            if square < least {
                (least, id) = (square, cell.ids[lane]);
            }
        }
        (u32::from(id), f32::from_bits(least))
    }

    /// Finds the entries that are nearest to the points of `abreast`, as `near` does; beyond the box, of those that can be
    /// nearest to something in the cell next to it.
    #[inline(always)]
    pub fn near_each<const C: usize>(&self, abreast: &mut Abreast<D, C>) {
        let Abreast { points, cells, numbers, ids } = abreast;
        planes::<D>(
            #[inline(always)]
            |d| {
                let (scale, zero, last) = (self.scale[d], self.zero[d], self.last[d]);
                let shift = self.halvings as usize * d;
                for c in 0..C {
                    let t = (points[d][c] * scale + zero) + WHOLE;
                    cells[d][c] = (t.to_bits().max(WHOLE.to_bits()).min(last) - WHOLE.to_bits()) << shift;
                }
            },
        );
        for c in 0..C {
            numbers[c] = cells[0][c] | cells[1][c] | cells[2][c] | if D == 4 { cells[3][c] } else { 0 };
        }
        for c in 0..C {
            let mut point = [0.0; 4];
            for d in 0..D {
                point[d] = points[d][c];
            }
            ids[c] = self.near_in_cell(numbers[c] as usize, point).0;
        }
    }

    #[cold]
    fn near_outside(&self, point: Point) -> (u32, f32) {
        let id = self.nearest_of_all(point);
        (id, distance::<D>(point, self.all.get(id as usize).0))
    }

    #[cold]
    #[inline(never)]
    fn nearest_of_all(&self, point: Point) -> u32 {
        vectorized(
            #[inline(always)]
            || self.all.nearest::<D>(point),
        )
    }
}

/// As many empty places as there are cells after so many halvings.
fn unfilled<T: Default>(halvings: u32, dimensions: usize) -> Vec<T> {
    std::iter::repeat_with(T::default).take(1 << (halvings as usize * dimensions)).collect()
}

impl<const D: usize> Cell<D> {
    #[inline(always)]
    fn squares(&self, point: Point) -> [u32; LANES] {
        let mut squares = [0.0f32; LANES];
        for d in 0..D {
            for i in 0..LANES {
                let x = point[d] - self.planes[d][i];
                squares[i] += x * x;
            }
        }
        // Numbers that are not negative compare as their bits do.
        let mut bits = [0; LANES];
        for i in 0..LANES {
            bits[i] = squares[i].to_bits();
        }
        bits
    }

    /// The squared distance of the nearest entry, as bits, above its index: the least of these is the nearest, ties to
    /// the lower index.
    #[inline(always)]
    fn nearest(&self, point: Point) -> u64 {
        let squares = self.squares(point);
        let mut ranked = [0; LANES];
        for i in 0..LANES {
            ranked[i] = u64::from(squares[i]) << 32 | u64::from(self.ids[i]);
        }
        least(ranked)
    }

    /// Where the nearest entry stands, and the bits of its squared distance without the last ones. In their place, the
    /// least needs no second search for where it stands, and half the bits.
    #[inline(always)]
    fn near(&self, point: Point) -> (u32, usize) {
        let mut ranked = self.squares(point);
        for i in 0..LANES {
            ranked[i] = (ranked[i] & !LAST_BITS) | (LANES + i) as u32;
        }
        let least = least(ranked);
        (least & !LAST_BITS, least as usize % LANES)
    }
}

/// The bits that number the lanes, from `LANES` on: were one of them 0, the compiler would make an exception of it.
const LAST_BITS: u32 = 2 * LANES as u32 - 1;

#[inline(always)]
fn least<T: Copy + Ord>(mut values: [T; LANES]) -> T {
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            values[i] = values[i].min(values[i + width]);
        }
    }
    values[0]
}

/// The points of a palette's colors.
pub fn palette_points(palette: &[Rgba], space: Space) -> Vec<Point> {
    let keys: Vec<Key> = palette.iter().map(|&color| to_key(color)).collect();
    let mut points = vec![[0.0; 4]; keys.len()];
    space.to_points(&keys, &mut points);
    points
}

/// Whether every color of `palette` and of `pixels` is opaque, so that three dimensions tell them apart.
pub fn all_opaque(pixels: Pixels, palette: &[Rgba]) -> bool {
    palette.iter().all(|color| color[3] == 255) && pixels.is_opaque()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Each gets what it gets alone, one that is nearest but for the last bits, also where a cell holds many entries.
        #[test]
        fn points_side_by_side_get_nearest_entries(
            palette in prop::collection::vec(prop::array::uniform3(100u8..116), 1..300),
            points in prop::array::uniform3(prop::array::uniform8(-400.0f32..600.0)),
            dense in any::<bool>(),
        ) {
            let palette: Vec<Point> = palette.iter().map(|&[r, g, b]| [r, g, b, 255].map(f32::from)).collect();
            let grid = Grid::<3>::new(&palette, Space::Srgb, 1);
            let points = if dense { points.map(|plane| plane.map(|x| 108.0 + x / 50.0)) } else { points };
            let mut abreast = Abreast::<3, 8> { points, ..Default::default() };
            grid.near_each(&mut abreast);
            for c in 0..8 {
                let point = [abreast.points[0][c], abreast.points[1][c], abreast.points[2][c], 255.0];
                prop_assert_eq!(abreast.ids[c], grid.near(point));
                let least = palette.iter().map(|&entry| distance::<3>(point, entry)).fold(f32::MAX, f32::min);
                let found = distance::<3>(point, palette[abreast.ids[c] as usize]);
                prop_assert!(found <= least + least * f32::EPSILON * LAST_BITS as f32);
            }
        }
    }
}
