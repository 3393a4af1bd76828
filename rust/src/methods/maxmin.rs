//! First the most used color, then again and again the one farthest from all before: G. Houle and E. Dubois,
//! "Quantization of color images for display on graphics terminals", GLOBECOM (1986). The largest distance to an entry is
//! at most twice the least possible (T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985).

use rayon::prelude::*;

use super::Weighted;
use crate::simd::vectorized;
use crate::space::Point;

/// Points that one task looks at, and those that it looks at at once.
const CHUNK: usize = 1 << 13;
const LANES: usize = 16;

/// `k` of the points, or all that are apart.
pub fn centers(set: &Weighted, k: usize) -> Vec<Point> {
    let mut chunks: Vec<Chunk> = set.points.chunks(CHUNK).map(Chunk::new).collect();
    let most_used = (0..set.weights.len()).reduce(|a, b| if set.weights[b] > set.weights[a] { b } else { a });
    let mut next = most_used.map(|i| set.points[i]);
    let mut centers = Vec::new();
    while let Some(center) = next {
        centers.push(center);
        if centers.len() == k {
            break;
        }
        chunks.par_iter_mut().for_each(|chunk| chunk.approach(center));
        let farthest = chunks.iter().reduce(|a, b| if b.most > a.most { b } else { a });
        next = farthest.filter(|chunk| chunk.most > 0.0).and_then(Chunk::farthest);
    }
    centers
}

/// Points, one plane a coordinate, and the squared distance of each to the nearest center.
struct Chunk {
    planes: [Vec<[f32; LANES]>; 4],
    least: Vec<[f32; LANES]>,
    /// The largest of them.
    most: f32,
}

impl Chunk {
    fn new(points: &[Point]) -> Self {
        let lanes = points.len().div_ceil(LANES);
        let mut planes = [0, 1, 2, 3].map(|_| vec![[0.0; LANES]; lanes]);
        let mut least = vec![[0.0; LANES]; lanes]; // what fills up the last lanes is never far
        for (i, point) in points.iter().enumerate() {
            for d in 0..4 {
                planes[d][i / LANES][i % LANES] = point[d];
            }
            least[i / LANES][i % LANES] = f32::INFINITY;
        }
        Self { planes, least, most: 0.0 }
    }

    fn approach(&mut self, center: Point) {
        let most = vectorized(
            #[inline(always)]
            || {
                let [x, y, z, a] = &self.planes;
                let mut most = [0.0f32; LANES];
                for ((least, (x, y)), (z, a)) in self.least.iter_mut().zip(x.iter().zip(y)).zip(z.iter().zip(a)) {
                    for i in 0..LANES {
                        let (dx, dy, dz, da) = (x[i] - center[0], y[i] - center[1], z[i] - center[2], a[i] - center[3]);
                        let square = dx * dx + dy * dy + dz * dz + da * da;
                        least[i] = if square < least[i] { square } else { least[i] };
                        most[i] = if least[i] > most[i] { least[i] } else { most[i] };
                    }
                }
                most
            },
        );
        self.most = most.into_iter().fold(0.0, f32::max);
    }

    fn farthest(&self) -> Option<Point> {
        let i = self.least.as_flattened().iter().position(|&square| square == self.most)?;
        Some([0, 1, 2, 3].map(|d| self.planes[d][i / LANES][i % LANES]))
    }
}
