//! The nearest palette entry of pixels one by one, where looking for cells would cost more.

use std::sync::OnceLock;

use crate::entries::Opaque;
use crate::index::Index;
use crate::nearest::Grid;
use crate::pixels::{Channels, Rgba, to_key};
use crate::space::{Point, Space};

/// What answers for pixels one by one.
pub struct Singly<'a> {
    grid: OnceLock<(Grid<4>, Option<Opaque>, u32)>,
    palette: &'a [Point],
    space: Space,
    /// About how many.
    asked: usize,
}

impl<'a> Singly<'a> {
    /// Prepares `palette` for when it is asked, about so often.
    pub fn new(palette: &'a [Point], space: Space, asked: usize) -> Self {
        Self { grid: OnceLock::new(), palette, space, asked }
    }

    /// Maps the pixels of those colors that `wanted` holds for, and transparent ones.
    pub fn map<P: Channels, I: Index>(&self, pixels: &[P], indices: &mut [I], wanted: impl Fn(Rgba) -> bool) {
        let (grid, opaque, transparent) = self.grid.get_or_init(|| {
            let grid = Grid::new(self.palette, self.space, self.asked);
            let transparent = grid.nearest(self.space.to_point(0));
            (grid, Opaque::new(self.palette, self.space, self.asked), transparent)
        });
        let (mut asked, mut keys) = (Vec::new(), Vec::new());
        for (i, pixel) in pixels.iter().enumerate() {
            let color = pixel.rgba();
            if color[3] == 0 {
                indices[i] = I::narrow(*transparent);
            } else if wanted(color) {
                asked.push(i);
                keys.push(to_key(color));
            }
        }
        let mut points = vec![[0.0; 4]; keys.len()];
        self.space.to_points(&keys, &mut points);
        for (i, point) in asked.into_iter().zip(points) {
            let index = match opaque {
                Some(opaque) if point[3] == self.space.alpha_scale() => opaque.nearest(point),
                _ => grid.nearest(point),
            };
            indices[i] = I::narrow(index);
        }
    }
}
