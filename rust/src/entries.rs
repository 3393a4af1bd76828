//! Which entry of a palette a pixel gets: the nearest, but an opaque one for what is opaque.

use crate::abreast::Abreast;
use crate::nearest::Grid;
use crate::space::{Point, Space};

/// The opaque entries of a palette, of which opaque pixels get one: what cannot be seen through stays so.
pub struct Opaque {
    grid: Grid<3>,
    ids: Vec<u32>,
}

impl Opaque {
    /// Prepares `palette` for about so many questions; `None` when no entry of it is opaque.
    pub fn new(palette: &[Point], space: Space, asked: usize) -> Option<Self> {
        let (ids, points): (Vec<u32>, Vec<Point>) =
            (0..).zip(palette.iter().copied()).filter(|(_, point)| point[3] == space.alpha_scale()).unzip();
        (!ids.is_empty()).then(|| Self { grid: Grid::new(&points, space, asked), ids })
    }

    /// As `Grid::nearest`, among these.
    #[inline(always)]
    pub fn nearest(&self, point: Point) -> u32 {
        self.ids[self.grid.nearest(point) as usize]
    }

    /// As `Grid::near_and_square`, among these.
    #[inline(always)]
    pub fn near_and_square(&self, point: Point) -> (u32, f32) {
        let (index, square) = self.grid.near_and_square(point);
        (self.ids[index as usize], square)
    }
}

/// A palette that answers which of its entries a pixel gets.
pub struct Entries<const D: usize> {
    grid: Grid<D>,
    /// What opaque pixels get, where there are others.
    opaque: Option<Opaque>,
    /// The value of alpha's coordinate where a color is opaque.
    whole: f32,
}

impl<const D: usize> Entries<D> {
    /// Prepares `palette`, which is not empty, for about so many questions.
    pub fn new(palette: &[Point], space: Space, asked: usize) -> Self {
        let opaque = if D == 4 { Opaque::new(palette, space, asked) } else { None };
        Self { grid: Grid::new(palette, space, asked), opaque, whole: space.alpha_scale() }
    }

    /// Whether a pixel of that point gets an opaque entry, whatever its errors are.
    #[inline(always)]
    pub fn keeps_opaque(&self, point: Point) -> bool {
        D == 4 && point[3] == self.whole && self.opaque.is_some()
    }

    /// As `Grid::nearest`; an opaque entry if `opaque`.
    #[inline(always)]
    pub fn nearest(&self, point: Point, opaque: bool) -> u32 {
        match &self.opaque {
            Some(entries) if D == 4 && opaque => entries.nearest(point),
            _ => self.grid.nearest(point),
        }
    }

    /// As `Grid::near`; an opaque entry if `opaque`.
    #[inline(always)]
    pub fn near(&self, point: Point, opaque: bool) -> u32 {
        self.near_and_square(point, opaque).0
    }

    /// As `Grid::near_and_square`; an opaque entry if `opaque`.
    #[inline(always)]
    pub fn near_and_square(&self, point: Point, opaque: bool) -> (u32, f32) {
        match &self.opaque {
            Some(entries) if D == 4 && opaque => entries.near_and_square(point),
            _ => self.grid.near_and_square(point),
        }
    }

    /// As `Grid::near_each`; an opaque entry where `opaque`, and anything where a point is not a number.
    #[inline(always)]
    pub fn near_each<const C: usize>(&self, abreast: &mut Abreast<D, C>, opaque: &[bool; C]) {
        if D == 3 {
            return self.grid.near_each(abreast);
        }
        for c in 0..C {
            let point = std::array::from_fn(|d| abreast.points[d][c]);
            if !point[3].is_nan() {
                abreast.ids[c] = self.near(point, opaque[c]);
            }
        }
    }
}
