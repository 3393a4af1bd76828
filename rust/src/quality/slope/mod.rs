//! Where SSIMULACRA2 falls and rises: how its score changes with every pixel of a result, by the chain rule, backward
//! through all its scales.
//!
//! The score is a rising function of a weighted sum of what three maps say at six scales of three planes, of which eleven
//! are worth more than a thousandth. That sum is the loss here. Blurs are sums of eleven terms, which the metric has
//! recursive filters for, so that scores agree to about half a point: enough to find a way, and `ssimulacra2` is the judge.

use std::array::from_fn;

use rayon::prelude::*;

use super::layers::lay;
use crate::index::Index;
use crate::pixels::{Pixels, Rgba};
use crate::space::Space;
use blur::{Blur, ROWS};
use colors::{OPSIN, PART, Planes, decode, over, root_planes, roots, xyb_planes};
use look::{Page, Seen, norm};
use maps::{Growth, Verdict};
use scales::{LEAST_SIDE, Scale, halved, halved_indices, light_slopes, scales, share};

pub use field::{Entry, Field, NEAR, Steps};
pub use look::Look;

mod blur;
mod colors;
mod field;
mod look;
mod maps;
mod scales;

/// Colors of pages that translucent pictures are laid over: on grey is seen what is faint on black and on white, on colors
/// what grey pictures lack.
const BACKDROPS: [[u8; 3]; 4] = [[0; 3], [255; 3], [128; 3], [40, 80, 200]];
/// Below this share in how the loss changes a backdrop is left out, and not looked at so many times.
const LEAST_SHARE: f64 = 0.05;
const UNSEEN: usize = 4;

/// An original, prepared to say how much worse results are, and which way they get better.
pub struct Guide {
    backdrops: Vec<Backdrop>,
    width: usize,
    height: usize,
    blur: Blur,
}

/// What an original looks like over one color.
struct Backdrop {
    color: [u8; 3],
    scales: Vec<Scale>,
}

/// Which way a result gets worse.
pub struct Slope {
    /// By entry of the palette, summed over its pixels: how the loss grows with its color as coded and times its alpha,
    /// 0 to 255, and with its alpha.
    pub colors: Vec<[f64; 4]>,
    /// By pixel: how much the loss grows with the square of its error in lightness alone; 1 on average.
    pub noise: Vec<f32>,
    /// The same by pixel, for each backdrop that counts.
    pub fields: Vec<Field>,
    /// What the palette's colors look like, over each backdrop, whether it counts or not.
    pub entries: Vec<Vec<Entry>>,
}

impl Guide {
    /// Prepares the pixels of rows of `width`; `None` where a side is under 8 pixels.
    pub fn new(pixels: Pixels, width: usize) -> Option<Self> {
        let height = pixels.len() / width;
        if width.min(height) < LEAST_SIDE {
            return None;
        }
        let blur = blur::weights();
        let pages = if pixels.is_opaque() { &BACKDROPS[..1] } else { &BACKDROPS };
        let backdrops = pages.iter().map(|&color| {
            let layer = lay(pixels, color);
            let light = from_fn(|c| layer.iter().map(|pixel| Space::Linear.light(pixel[c])).collect());
            Backdrop { color, scales: scales(light, width, height, &blur) }
        });
        let backdrops = backdrops.collect();
        Some(Self { backdrops, width, height, blur })
    }

    /// Looks at the picture that has these entries. Pages that counted little in a look `before` at a picture much like it
    /// are not looked at again.
    pub fn look<I: Index>(&self, indices: &[I], palette: &[Rgba], before: Option<&Look>) -> Look {
        let shares = before.map(Look::shares);
        let page = |(i, backdrop): (usize, &Backdrop)| match (before, &shares) {
            (Some(Look { pages, .. }), Some(shares)) if shares[i] < LEAST_SHARE && pages[i].unseen < UNSEEN => {
                Page { loss: pages[i].loss, seen: None, unseen: pages[i].unseen + 1 }
            }
            _ => self.page(backdrop, indices, palette),
        };
        let pages: Vec<Page> = self.backdrops.par_iter().enumerate().map(page).collect();
        Look { loss: norm(&pages), pages }
    }

    /// Looks at the pages that were left out, too.
    pub fn complete<I: Index>(&self, look: Look, indices: &[I], palette: &[Rgba]) -> Look {
        let whole = |(page, backdrop): (Page, &Backdrop)| match page.seen {
            Some(_) => page,
            None => self.page(backdrop, indices, palette),
        };
        let pages: Vec<Page> = look.pages.into_par_iter().zip(&self.backdrops).map(whole).collect();
        Look { loss: norm(&pages), pages }
    }

    /// What colors look like, over each backdrop.
    pub fn entries(&self, colors: &[Rgba]) -> Vec<Vec<Entry>> {
        self.backdrops.iter().map(|backdrop| entries(&lit(&laid(colors, backdrop.color)))).collect()
    }

    /// The loss of the picture that has these entries: about the worst there is over any backdrop.
    pub fn loss<I: Index>(&self, indices: &[I], palette: &[Rgba]) -> f64 {
        self.look(indices, palette, None).loss
    }

    /// How the loss changes with the picture that `look` looked at.
    pub fn slope<I: Index>(&self, look: &Look, indices: &[I], palette: &[Rgba]) -> Slope {
        let shares = look.shares();
        let parts = self.backdrops.par_iter().zip(&look.pages).zip(&shares).map(|((backdrop, page), &share)| {
            let seen = page.seen.as_ref().filter(|_| share >= LEAST_SHARE)?;
            let (colors, mut field) = self.back(backdrop, seen, indices, palette);
            field.share = share as f32;
            Some((colors, field))
        });
        let parts: Vec<Option<(Vec<[f64; 4]>, Field)>> = parts.collect();
        let mut sum = Slope {
            colors: vec![[0.0; 4]; palette.len()],
            noise: vec![0.0; indices.len()],
            fields: Vec::new(),
            entries: self.entries(palette),
        };
        for (colors, field) in parts.into_iter().flatten() {
            let share = f64::from(field.share);
            let colors = colors.as_flattened();
            sum.colors.as_flattened_mut().iter_mut().zip(colors).for_each(|(a, b)| *a += share * b);
            sum.noise.iter_mut().zip(&field.noise).for_each(|(a, b)| *a += field.share * b);
            sum.fields.push(field);
        }
        let total: f64 = sum.noise.iter().map(|&v| f64::from(v)).sum();
        let level = (total / sum.noise.len() as f64).max(f64::MIN_POSITIVE) as f32;
        sum.noise.iter_mut().for_each(|v| *v /= level);
        sum
    }

    /// Looks at the picture over one backdrop.
    fn page<I: Index>(&self, backdrop: &Backdrop, indices: &[I], palette: &[Rgba]) -> Page {
        let Self { width, height, .. } = *self;
        let laid = laid(palette, backdrop.color);
        let light = lit(&laid);
        let entries = entries(&light);
        let full = from_fn(|c| match backdrop.scales[0].planes[c] {
            Some(_) => painted(indices, &entries.iter().map(|entry| entry.xyb[c]).collect::<Vec<_>>()),
            None => Vec::new(),
        });
        let mut planes: Vec<Planes> = vec![full];
        let mut rooted: Vec<Planes> = vec![Planes::default()];
        let mut half = halved_indices(indices, &light, width, height);
        for scale in 1..backdrop.scales.len() {
            let Scale { width, height, .. } = backdrop.scales[scale];
            let roots = root_planes(&half);
            planes.push(xyb_planes(&roots));
            rooted.push(roots);
            if scale + 1 < backdrop.scales.len() {
                half = half.each_ref().map(|plane| halved(plane, width, height));
            }
        }
        let verdict = |(scale, c): (usize, usize)| {
            let Scale { width, planes: own, .. } = &backdrop.scales[scale];
            own[c].as_ref().map(|plane| plane.verdict(&planes[scale][c], *width, &self.blur))
        };
        let verdicts: Vec<Option<Verdict>> = places(backdrop.scales.len()).into_par_iter().map(verdict).collect();
        let loss = verdicts.iter().flatten().map(|verdict| verdict.loss).sum();
        Page { loss, seen: Some(Seen { laid, light, entries, planes, rooted, verdicts }), unseen: 0 }
    }

    /// How the loss over one backdrop changes with colors and pixels.
    fn back<I: Index>(
        &self,
        backdrop: &Backdrop,
        seen: &Seen,
        indices: &[I],
        palette: &[Rgba],
    ) -> (Vec<[f64; 4]>, Field) {
        let Self { width, height, .. } = *self;
        debug_assert_eq!(palette.len(), seen.entries.len());
        let count = backdrop.scales.len();
        let growth = |((scale, c), verdict): ((usize, usize), &Option<Verdict>)| {
            let Scale { width, planes, .. } = &backdrop.scales[scale];
            let (own, verdict) = (planes[c].as_ref()?, verdict.as_ref()?);
            Some(own.growth(&seen.planes[scale][c], verdict, *width, &self.blur))
        };
        let growths: Vec<Option<Growth>> = places(count).into_par_iter().zip(&seen.verdicts).map(growth).collect();
        let mut slopes: Vec<[Option<Vec<f32>>; 3]> = vec![[None, None, None]; count];
        let (mut noise, mut rough, mut cubes) = (Vec::new(), Vec::new(), 0.0);
        for ((place, growth), verdict) in places(count).into_iter().zip(growths).zip(&seen.verdicts) {
            let (Some(growth), Some(verdict), (scale, c)) = (growth, verdict, place) else { continue };
            slopes[scale][c] = Some(growth.slope);
            if let ((0, 1), Some(own)) = (place, &backdrop.scales[0].planes[1]) {
                rough = own.rough(&seen.planes[0][1], verdict, width);
                noise = growth.noise;
                cubes = growth.cubes;
            }
        }
        // How the loss changes with the light of each pixel, from the last scale to the second.
        let mut deeper: Option<Planes> = None;
        for scale in (1..count).rev() {
            let Scale { width, height, .. } = backdrop.scales[scale];
            deeper = Some(light_slopes(&slopes[scale], &seen.rooted[scale], deeper.as_ref(), width, height));
        }
        let first = slopes.swap_remove(0);
        let colors = self.of_colors(indices, &seen.laid, &seen.light, &first, deeper.as_ref(), backdrop.color);
        let entries = seen.entries.clone();
        (colors, Field { share: 1.0, width, height, entries, first, deeper, noise, rough, cubes })
    }

    /// Adds up, color by color, what the loss grows by.
    fn of_colors<I: Index>(
        &self,
        indices: &[I],
        laid: &[[f32; 3]],
        light: &[[f32; 3]],
        first: &[Option<Vec<f32>>; 3],
        deeper: Option<&Planes>,
        page: [u8; 3],
    ) -> Vec<[f64; 4]> {
        let Self { width, height, .. } = *self;
        let rows: Vec<usize> = (0..height).step_by(ROWS).collect();
        let parts = rows.par_iter().map(|&start| {
            let mut sums = vec![[0.0f64; 6]; laid.len()];
            for y in start..height.min(start + ROWS) {
                for x in 0..width {
                    let sum = &mut sums[indices[y * width + x].widen() as usize];
                    for (sum, first) in sum[3..].iter_mut().zip(first) {
                        *sum += first.as_ref().map_or(0.0, |first| f64::from(first[y * width + x]));
                    }
                    if let Some(deeper) = deeper {
                        let at = y / 2 * width.div_ceil(2) + x / 2;
                        let share = share(x, width) * share(y, height);
                        for c in 0..3 {
                            sum[c] += f64::from(share * deeper[c][at]);
                        }
                    }
                }
            }
            sums
        });
        let mut sums = vec![[0.0; 6]; laid.len()];
        for part in parts.collect::<Vec<_>>() {
            for (sum, part) in sums.as_flattened_mut().iter_mut().zip(part.as_flattened()) {
                *sum += part;
            }
        }
        let of_color = |((sums, &laid), &light): (([f64; 6], &[f32; 3]), &[f32; 3])| {
            let (roots, [r, g, b, x, y, z]) = (roots(light), sums);
            let both = 0.5 * (y - z);
            let by_root = [7.0 * x + both, both - 7.0 * x, z];
            let by_response: [f64; 3] = from_fn(|i| by_root[i] / f64::from(3.0 * roots[i] * roots[i]));
            let coded: [f64; 3] = from_fn(|c| {
                let light: f64 = (0..3).map(|i| by_response[i] * f64::from(OPSIN[i][c])).sum();
                ([r, g, b][c] + light) * f64::from(decode(laid[c]).1)
            });
            // Where alpha grows by one, so much less of the backdrop is seen.
            let hidden = -(0..3).map(|c| f64::from(page[c]) / 255.0 * coded[c]).sum::<f64>();
            [coded[0], coded[1], coded[2], hidden]
        };
        sums.into_iter().zip(laid).zip(light).map(of_color).collect()
    }
}

/// The palette's colors over a page, as coded.
fn laid(palette: &[Rgba], page: [u8; 3]) -> Vec<[f32; 3]> {
    palette.iter().map(|&color| over(color, page)).collect()
}

fn lit(laid: &[[f32; 3]]) -> Vec<[f32; 3]> {
    laid.iter().map(|laid| laid.map(|code| decode(code).0)).collect()
}

fn entries(light: &[[f32; 3]]) -> Vec<Entry> {
    light.iter().map(|&light| Entry::new(light)).collect()
}

/// The places of maps: a scale and a plane each.
fn places(scales: usize) -> Vec<(usize, usize)> {
    (0..scales).flat_map(|scale| (0..3).map(move |c| (scale, c))).collect()
}

/// The value of each pixel's entry.
fn painted<I: Index>(indices: &[I], values: &[f32]) -> Vec<f32> {
    let mut plane = vec![0.0; indices.len()];
    plane.par_chunks_mut(PART).zip(indices.par_chunks(PART)).for_each(|(plane, indices)| {
        for (value, index) in plane.iter_mut().zip(indices) {
            *value = values[index.widen() as usize];
        }
    });
    plane
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 61;
    const HEIGHT: usize = 47;

    /// A picture of waves, with alpha if `soft`, and one in a few colors that is like it.
    fn pictures(soft: bool) -> (Vec<u8>, Vec<Rgba>, Vec<u8>) {
        let wave = |i: usize, step: f64| (128.0 + 100.0 * libm::sin(i as f64 * step)) as u8;
        let pixel = |i: usize| {
            let (x, y) = (i % WIDTH, i / WIDTH);
            [wave(x, 0.13), wave(y, 0.21), wave(x + y, 0.09), if soft { wave(x + 2 * y, 0.11) } else { 255 }]
        };
        let pixels: Vec<Rgba> = (0..WIDTH * HEIGHT).map(pixel).collect();
        let palette: Vec<Rgba> = (0..12).map(|i| pixels[i * 239 % pixels.len()]).collect();
        let far = |a: Rgba, b: Rgba| a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum::<u32>();
        let nearest =
            |&pixel: &Rgba| (0..palette.len()).min_by_key(|&i| far(palette[i], pixel)).expect("entries") as u8;
        let indices = pixels.iter().map(nearest).collect();
        (pixels.into_flattened(), palette, indices)
    }

    #[test]
    fn equal_pictures_have_no_loss() {
        let pixels: Vec<u8> = (0..200 * 4).map(|i| if i % 4 == 3 { 255 } else { (i / 4 % 200) as u8 }).collect();
        let palette: Vec<Rgba> = pixels.as_chunks().0.to_vec();
        let guide = Guide::new(Pixels::new(&pixels, 4).expect("RGBA"), 20).expect("large enough");
        let indices: Vec<u8> = (0..200).collect();
        assert!(guide.loss(&indices, &palette) < 1e-3);
        assert!(Guide::new(Pixels::new(&pixels, 4).expect("RGBA"), 40).is_none());
    }

    #[test]
    fn what_is_not_looked_at_again_hardly_counts() {
        let (mut bytes, mut palette, mut indices) = pictures(true);
        // Dark glass shows over white most.
        let colors = bytes.as_chunks_mut().0.iter_mut().chain(&mut palette);
        colors.for_each(|color| color[..3].iter_mut().for_each(|value| *value /= 8));
        let guide = Guide::new(Pixels::new(&bytes, 4).expect("RGBA"), WIDTH).expect("large enough");
        let mut look = guide.look(&indices, &palette, None);
        assert_eq!(look.pages.iter().filter(|page| page.seen.is_some()).count(), BACKDROPS.len());
        let mut left_out = 0;
        for step in 0..2 * UNSEEN {
            indices[step * 97] = indices[step * 97 + 1];
            look = guide.look(&indices, &palette, Some(&look));
            left_out += look.pages.iter().filter(|page| page.seen.is_none()).count();
            let all = guide.loss(&indices, &palette);
            assert!((look.loss - all).abs() < 1e-2 * all, "{} for {all}", look.loss);
        }
        assert!(left_out > 0);
    }

    #[test]
    fn a_color_moved_changes_the_loss_as_its_slope_says() {
        for soft in [false, true] {
            let (bytes, palette, indices) = pictures(soft);
            let guide = Guide::new(Pixels::new(&bytes, 4).expect("RGBA"), WIDTH).expect("large enough");
            let slope = guide.slope(&guide.look(&indices, &palette, None), &indices, &palette);
            assert!((slope.noise.iter().sum::<f32>() / slope.noise.len() as f32 - 1.0).abs() < 1e-3);
            let total = |palette: &[Rgba]| guide.loss(&indices, palette);
            let (mut told, mut found) = (Vec::new(), Vec::new());
            for i in 0..palette.len() {
                for d in 0..3 {
                    let [mut more, mut less] = [palette.clone(), palette.clone()];
                    more[i][d] += 3;
                    less[i][d] -= 3;
                    found.push((total(&more) - total(&less)) / 6.0);
                    told.push(slope.colors[i][d] * f64::from(palette[i][3]) / 255.0);
                }
            }
            let norm = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>().sqrt();
            let apart: Vec<f64> = told.iter().zip(&found).map(|(a, b)| a - b).collect();
            // What is laid over a backdrop is rounded to bytes.
            assert!(norm(&apart) < 0.2 * norm(&found), "{soft}: {} of {}", norm(&apart), norm(&found));
        }
    }
}
