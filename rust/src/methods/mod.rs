//! Palettes by other ways than k-means: each method finds centers as its paper says; rounding, exact weights and the
//! error are those of k-means.

use rayon::prelude::*;

use crate::cloud::Cloud;
use crate::fit::Fit;
use crate::moments::Moments;
use crate::pins::{Pins, around, points};
use crate::pixels::{Key, Rgba, to_key};
use crate::problem::Solution;
use crate::round::{Colors, rounded, used};
use crate::space::{Point, Space};

mod maxmin;
mod median_cut;
mod octree;
mod popularity;
mod uniform;
mod wu;

/// A way to a palette.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// Boxes cut where that lowers the squared error most.
    Wu,
    /// Boxes cut into halves of as many pixels.
    MedianCut,
    /// Branches of an octree, merged from the deepest up.
    Octree,
    /// Again and again the color farthest from all before.
    Maxmin,
    /// The fullest cells of a coarse histogram.
    Popularity,
    /// A grid of levels, whatever the picture.
    Uniform,
    /// Centers that somebody else found.
    Centers(Vec<Point>),
}

/// What a method looks at: visible colors, ascending.
struct Weighted<'a> {
    colors: &'a [Rgba],
    weights: &'a [u64],
    points: Vec<Point>,
}

impl<'a> Weighted<'a> {
    fn new(colors: &'a [Rgba], weights: &'a [u64], space: Space) -> Self {
        let mut points = vec![[0.0; 4]; colors.len()];
        points.par_chunks_mut(CHUNK).zip(colors.par_chunks(CHUNK)).for_each(|(points, colors)| {
            let keys: Vec<Key> = colors.iter().map(|&color| to_key(color)).collect();
            space.to_points(&keys, points);
        });
        Self { colors, weights, points }
    }

    /// The mean of some of the points; `None` of none.
    fn mean(&self, members: impl Iterator<Item = u32>) -> Option<Point> {
        let mut moments = Moments::default();
        for i in members {
            moments.add(self.points[i as usize], self.weights[i as usize] as f32);
        }
        (moments.weight > 0.0).then(|| moments.mean().map(|x| x as f32))
    }

    fn weight(&self, members: &[u32]) -> u64 {
        members.iter().map(|&i| self.weights[i as usize]).sum()
    }
}

/// Colors that one task places.
const CHUNK: usize = 1 << 13;

/// The codes of a color, premultiplied by its alpha, and the alpha.
fn premultiplied([r, g, b, a]: Rgba) -> Rgba {
    let [r, g, b] = [r, g, b].map(|v| ((u32::from(v) * u32::from(a) + 127) / 255) as u8);
    [r, g, b, a]
}

/// Finds `k` colors for `colors`, ascending and not empty, with their weights; all of them when there are no more.
///
/// The pinned ones are among them and come first: each takes the place of the nearest center that the method finds.
///
/// Where a method finds fewer, or two become one, the colors that are served worst take the places. `Uniform` and
/// `Centers` give as many as are distinct and used; `Centers` says itself how many, whatever `k` is.
pub fn solve(colors: &[Rgba], weights: &[u64], k: usize, method: &Method, space: Space, pins: &Pins) -> Solution {
    let given = matches!(method, Method::Centers(_));
    let clear = colors[0][3] == 0 && (given || pins.leave_clear(k));
    let first = usize::from(clear);
    let pinned = pins.keys(clear);
    if let Some(exact) = pins.exact(colors, weights, if given { pinned.len() + first } else { k }) {
        return exact;
    }
    let visible = Colors { colors: &colors[first..], weights: &weights[first..], space };
    let set = Weighted::new(visible.colors, visible.weights, space);
    let k = if let Method::Centers(centers) = method { centers.len() } else { k - first };
    let centers = match method {
        Method::Wu => wu::centers(&set, k),
        Method::MedianCut => median_cut::centers(&set, k),
        Method::Octree => octree::centers(&set, k),
        Method::Maxmin => maxmin::centers(&set, k),
        Method::Popularity => popularity::centers(&set, k),
        Method::Uniform => uniform::centers(&set, k, space),
        Method::Centers(centers) => centers.clone(),
    };
    let centers = around(&points(&pinned, space), centers, k);
    let cloud = Cloud::new(visible.colors, visible.weights, space);
    let clear = clear.then_some(weights[0]);
    let (entries, error) = match method {
        Method::Uniform | Method::Centers(_) => used(&cloud, visible, &centers, &pinned, clear),
        _ => {
            let (entries, fit) = rounded(&cloud, visible, Fit::new(&cloud, centers), k, &pinned, clear);
            (entries, fit.error())
        }
    };
    pins.ordered(Solution { error, ..Solution::default() }, entries)
}
