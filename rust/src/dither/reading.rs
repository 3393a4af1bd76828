//! The pixels of a segment, as diffusion takes them: coordinates side by side, within the palette's reach.

use super::diffuse::Diffusion;
use super::group::Group;
use super::stretches::{SEGMENT, Stretches};
use crate::index::Index;
use crate::pixels::{Pixels, to_rgba};
use crate::simd::vectorized;

/// Pixels whose colors are converted at once.
const BLOCK: usize = 16;

impl<const D: usize> Diffusion<'_, D> {
    /// Reads a segment of a row of each band of a group, which begin at `rows`.
    pub fn read<I: Index, const C: usize>(
        &self,
        rows: [Option<usize>; C],
        start: usize,
        end: usize,
        masked: &Stretches,
        group: &mut Group<I, D, C>,
    ) {
        vectorized(
            #[inline(always)]
            || {
                for (c, row) in rows.iter().enumerate() {
                    self.read_line(row.map(|at| self.pixels.slice(at + start, at + end)), c, group);
                }
                group.align();
            },
        );
        for (c, at) in rows.into_iter().enumerate() {
            let Some(at) = at else { continue };
            let keys = &group.keys[c][..end - start];
            if D == 4 {
                for (i, &key) in keys.iter().enumerate() {
                    group.opaque[i][c] = self.entries.keeps_opaque(self.space.to_point(key));
                    if key == 0 {
                        group.points.iter_mut().for_each(|plane| plane[i][c] = f32::NAN);
                    }
                }
            }
            let mask = self.mask.filter(|_| masked.any()).map_or(&[][..], |mask| &mask[at + start..at + end]);
            // Where nothing is diffused, colors come in runs.
            let mut still = (0, self.clear);
            for (i, (&share, &key)) in mask.iter().zip(keys).enumerate() {
                group.shares[i][c] = self.shares[usize::from(share)];
                if share == 0 {
                    if key != still.0 {
                        still = (key, self.entries.nearest(self.space.to_point(key), group.opaque[i][c]));
                    }
                    group.fixed[i][c] = still.1;
                }
            }
        }
    }

    /// Reads pixels for band `c` of a group; where there are none, pixels that make no error.
    #[inline(always)]
    fn read_line<I: Index, const C: usize>(&self, pixels: Option<Pixels>, c: usize, group: &mut Group<I, D, C>) {
        let Some(pixels) = pixels else {
            for d in 0..D {
                group.lines[d][c].fill(self.palette[0][d]);
            }
            return;
        };
        let keys = &mut group.keys[c];
        pixels.write_keys_inline(&mut keys[..pixels.len()]);
        let mut planes = [[0.0; SEGMENT]; 4];
        for (number, keys) in keys.as_chunks().0.iter().enumerate() {
            let block: [[f32; BLOCK]; 4] = match D {
                3 => {
                    let [x, y, z] = self.space.opaque_to_planes(&keys.map(to_rgba));
                    [x, y, z, [0.0; BLOCK]]
                }
                _ => self.space.block_to_planes(keys),
            };
            for d in 0..D {
                planes[d].as_chunks_mut().0[number] = block[d];
            }
        }
        self.reach.clip_inline(planes.each_mut().map(|plane| &mut plane[..]));
        for d in 0..D {
            group.lines[d][c] = planes[d];
        }
    }

    /// Gives errors to the pixels with which band `c` of a group begins early that are not exact, as if rows came before:
    /// up to a quarter of the way to another entry. Without them, even areas would begin with the same pattern in every
    /// band.
    pub fn stir<I, const C: usize>(
        &self,
        start: usize,
        end: usize,
        c: usize,
        masked: &Stretches,
        group: &mut Group<I, D, C>,
    ) {
        if self.steps.is_empty() {
            return;
        }
        for (i, x) in (start..end).enumerate() {
            let mut point = self.palette[0];
            for d in 0..D {
                point[d] = group.points[d][i][c];
            }
            let nearest = self.entries.nearest(point, false) as usize;
            if self.palette[nearest] != point && !point[3].is_nan() {
                // Multiples of the golden ratio, without the whole part, lie evenly.
                let part = (x as u32).wrapping_mul(0x9E37_79B9) as i32 as f32 * (0.25 / 2_147_483_648.0);
                let share = if masked.holds(i) { group.shares[i][c] } else { 1.0 };
                for d in 0..D {
                    group.points[d][i][c] += self.steps[nearest][d] * part * self.strength * share;
                }
            }
        }
    }
}
