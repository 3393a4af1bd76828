//! What colors are to the metric: cube roots of responses, and X, Y and B of these.

use std::array::from_fn;

use rayon::prelude::*;

use crate::pixels::Rgba;
use crate::simd::vectorized;
use crate::space::{Space, cbrt};

/// Linear sRGB to the responses whose cube roots make X, Y and B.
pub const OPSIN: [[f32; 3]; 3] =
    [[0.30, 0.622, 0.078], [0.23, 0.692, 0.078], [0.243_422_69, 0.204_767_45, 0.551_809_87]];
/// What is added to them.
const BIAS: f32 = 0.003_793_073_4;
/// Pixels that one task has.
pub const PART: usize = 1 << 14;

/// Three numbers for each pixel, one plane each.
pub type Planes = [Vec<f32>; 3];

/// A color laid over another, as coded.
pub fn over(color: Rgba, page: [u8; 3]) -> [f32; 3] {
    let alpha = u16::from(color[3]);
    from_fn(|c| f32::from((u16::from(color[c]) * alpha + u16::from(page[c]) * (255 - alpha) + 127) / 255))
}

/// The light of a code, and how it grows with the code.
pub fn decode(code: f32) -> (f32, f32) {
    let code = code as u8;
    let (below, above) = (code.saturating_sub(1), code.saturating_add(1));
    let light = |code| Space::Linear.light(code);
    (light(code), (light(above) - light(below)) / f32::from(above - below))
}

#[inline(always)]
pub fn roots([r, g, b]: [f32; 3]) -> [f32; 3] {
    let mut roots = [0.0; 3];
    for (root, [x, y, z]) in roots.iter_mut().zip(OPSIN) {
        *root = cbrt(x * r + y * g + z * b + BIAS);
    }
    roots
}

/// X, Y and B, but for constants that change no map.
#[inline(always)]
pub fn xyb([l, m, s]: [f32; 3]) -> [f32; 3] {
    let y = 0.5 * (l + m);
    [7.0 * (l - m), y, s - y]
}

#[expect(clippy::redundant_closure, reason = "a function's name would be called pixel by pixel")]
pub fn root_planes(light: &Planes) -> Planes {
    converted(
        light,
        #[inline(always)]
        |light| roots(light),
    )
}

#[expect(clippy::redundant_closure, reason = "as above")]
pub fn xyb_planes(roots: &Planes) -> Planes {
    converted(
        roots,
        #[inline(always)]
        |roots| xyb(roots),
    )
}

/// Converts pixel by pixel.
#[inline(always)]
fn converted(planes: &Planes, convert: impl Fn([f32; 3]) -> [f32; 3] + Copy + Sync) -> Planes {
    let mut out: Planes = from_fn(|_| vec![0.0; planes[0].len()]);
    let [x, y, z] = &mut out;
    let parts = x.par_chunks_mut(PART).zip(y.par_chunks_mut(PART)).zip(z.par_chunks_mut(PART));
    parts.enumerate().for_each(|(part, ((x, y), z))| {
        let [a, b, c] = planes.each_ref().map(|plane| &plane[part * PART..][..x.len()]);
        vectorized(
            #[inline(always)]
            || {
                let outs = x.iter_mut().zip(y.iter_mut()).zip(z.iter_mut());
                for (((x, y), z), ((&a, &b), &c)) in outs.zip(a.iter().zip(b).zip(c)) {
                    [*x, *y, *z] = convert([a, b, c]);
                }
            },
        );
    });
    out
}
