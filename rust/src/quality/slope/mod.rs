//! Where SSIMULACRA2 falls and rises: how its score changes with every pixel of a result, by the chain rule, backward
//! through all its scales.
//!
//! The score is a rising function of a weighted sum of what three maps say at six scales of three planes, of which eleven
//! are worth more than a thousandth. That sum is the loss here. Blurs are sums of eleven terms, which the metric has
//! recursive filters for, so that scores agree to about half a point: enough to find a way, and `ssimulacra2` is the judge.

use std::array::from_fn;

use rayon::prelude::*;

use super::layers::{BACKDROPS, Layers};
use crate::nearest::Index;
use crate::pixels::{Pixels, Rgba};
use crate::space::Space;
use blur::ROWS;
use colors::{OPSIN, Planes, decode, over, root_planes, roots, xyb, xyb_planes};
use maps::Verdict;
use scales::{LEAST_SIDE, Scale, halved, halved_indices, light_slopes, scales, share};

mod blur;
mod colors;
mod maps;
mod scales;

/// An original, prepared to say how much worse results are, and which way they get better.
pub struct Guide {
    backdrops: Vec<Backdrop>,
    width: usize,
    height: usize,
    blur: Vec<f32>,
}

/// What an original looks like over one grey.
struct Backdrop {
    grey: u8,
    scales: Vec<Scale>,
}

/// Which way a result gets worse.
pub struct Slope {
    /// The loss: 0 for equal pictures.
    pub loss: f64,
    /// By entry of the palette, summed over its pixels: how the loss grows with its color as coded and times its alpha,
    /// 0 to 255, and with its alpha.
    pub colors: Vec<[f64; 4]>,
    /// By pixel: how much the loss grows with the square of its error in lightness alone; 1 on average.
    pub noise: Vec<f32>,
}

impl Guide {
    /// Prepares the pixels of rows of `width`; `None` where a side is under 8 pixels.
    pub fn new(pixels: Pixels, width: usize) -> Option<Self> {
        let height = pixels.len() / width;
        if width.min(height) < LEAST_SIDE {
            return None;
        }
        let blur = blur::weights();
        let layers = Layers::new(pixels);
        let backdrops = layers.iter().zip(BACKDROPS).map(|(layer, grey)| {
            let light = from_fn(|c| layer.iter().map(|pixel| Space::Linear.light(pixel[c])).collect());
            Backdrop { grey, scales: scales(light, width, height, &blur) }
        });
        let backdrops = backdrops.collect();
        Some(Self { backdrops, width, height, blur })
    }

    /// The loss of the picture that has these entries: the worst there is over any backdrop.
    pub fn loss<I: Index>(&self, indices: &[I], palette: &[Rgba]) -> f64 {
        self.backdrops.iter().map(|backdrop| self.judge(backdrop, indices, palette, false).loss).fold(0.0, f64::max)
    }

    /// The loss, and how it changes.
    pub fn slope<I: Index>(&self, indices: &[I], palette: &[Rgba]) -> Slope {
        let slopes = self.backdrops.iter().map(|backdrop| self.judge(backdrop, indices, palette, true));
        let mut sum = slopes
            .reduce(|mut sum, slope| {
                sum.loss = sum.loss.max(slope.loss);
                sum.colors.as_flattened_mut().iter_mut().zip(slope.colors.as_flattened()).for_each(|(a, b)| *a += b);
                sum.noise.iter_mut().zip(slope.noise).for_each(|(a, b)| *a += b);
                sum
            })
            .expect("there is a backdrop");
        let total: f64 = sum.noise.iter().map(|&v| f64::from(v)).sum();
        let level = (total / sum.noise.len() as f64).max(f64::MIN_POSITIVE) as f32;
        sum.noise.iter_mut().for_each(|v| *v /= level);
        sum
    }

    /// What the picture is over one backdrop; its changes only if `back`.
    fn judge<I: Index>(&self, backdrop: &Backdrop, indices: &[I], palette: &[Rgba], back: bool) -> Slope {
        let Self { width, height, .. } = *self;
        let laid: Vec<[f32; 3]> = palette.iter().map(|&color| over(color, backdrop.grey)).collect();
        let light: Vec<[f32; 3]> = laid.iter().map(|laid| laid.map(|code| decode(code).0)).collect();
        let lightness: Vec<f32> = light.iter().map(|&light| xyb(roots(light))[1]).collect();
        let plane = |of: &(dyn Fn(usize) -> f32 + Sync)| -> Vec<f32> {
            indices.par_iter().with_min_len(ROWS * width).map(|index| of(index.widen() as usize)).collect()
        };
        // By scale: the roots of responses; of the first only the lightness is asked for.
        let mut seen: Vec<Planes> = vec![[Vec::new(), plane(&|i| lightness[i]), Vec::new()]];
        let mut rooted: Vec<Planes> = vec![Planes::default()];
        let mut half = halved_indices(indices, &light, width, height);
        for scale in 1..backdrop.scales.len() {
            let Scale { width, height, .. } = backdrop.scales[scale];
            let roots = root_planes(&half);
            seen.push(xyb_planes(&roots));
            rooted.push(roots);
            if scale + 1 < backdrop.scales.len() {
                half = half.each_ref().map(|plane| halved(plane, width, height));
            }
        }
        let places: Vec<(usize, usize)> = (0..backdrop.scales.len())
            .flat_map(|scale| (0..3).map(move |c| (scale, c)))
            .filter(|&(scale, c)| backdrop.scales[scale].planes[c].is_some())
            .collect();
        let verdict = |&(scale, c): &(usize, usize)| {
            let Scale { width, ref planes, .. } = backdrop.scales[scale];
            planes[c].as_ref().map(|plane| plane.verdict(&seen[scale][c], width, &self.blur, back))
        };
        let verdicts: Vec<Option<Verdict>> = places.par_iter().map(verdict).collect();
        let loss = verdicts.iter().flatten().map(|verdict| verdict.loss).sum();
        if !back {
            return Slope { loss, colors: Vec::new(), noise: Vec::new() };
        }
        let mut slopes: Vec<[Option<Vec<f32>>; 3]> = vec![[None, None, None]; backdrop.scales.len()];
        let mut noise = Vec::new();
        for (&(scale, c), verdict) in places.iter().zip(verdicts.into_iter().flatten()) {
            slopes[scale][c] = Some(verdict.slope);
            if scale == 0 {
                noise = verdict.noise;
            }
        }
        // How the loss changes with the light of each pixel, from the last scale to the second.
        let mut deeper: Option<Planes> = None;
        for scale in (1..backdrop.scales.len()).rev() {
            let Scale { width, height, .. } = backdrop.scales[scale];
            deeper = Some(light_slopes(&slopes[scale], &rooted[scale], deeper.as_ref(), width, height));
        }
        let first = slopes[0][1].as_deref().unwrap_or(&[]);
        let colors = self.of_colors(indices, &laid, &light, first, deeper.as_ref(), backdrop.grey);
        Slope { loss, colors, noise }
    }

    /// Adds up, color by color, what the loss grows by.
    fn of_colors<I: Index>(
        &self,
        indices: &[I],
        laid: &[[f32; 3]],
        light: &[[f32; 3]],
        first: &[f32],
        deeper: Option<&Planes>,
        grey: u8,
    ) -> Vec<[f64; 4]> {
        let Self { width, height, .. } = *self;
        let rows: Vec<usize> = (0..height).step_by(ROWS).collect();
        let parts = rows.par_iter().map(|&start| {
            let mut sums = vec![[0.0f64; 4]; laid.len()];
            for y in start..height.min(start + ROWS) {
                for x in 0..width {
                    let sum = &mut sums[indices[y * width + x].widen() as usize];
                    sum[3] += f64::from(first[y * width + x]);
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
        let mut colors = vec![[0.0; 4]; laid.len()];
        for part in parts.collect::<Vec<_>>() {
            for (sum, part) in colors.as_flattened_mut().iter_mut().zip(part.as_flattened()) {
                *sum += part;
            }
        }
        for ((color, &laid), &light) in colors.iter_mut().zip(laid).zip(light) {
            let roots = roots(light);
            let [x, y, z, lightness] = *color;
            let mut coded = [x, y, z];
            for c in 0..3 {
                for i in 0..2 {
                    coded[c] += lightness * f64::from(0.5 * OPSIN[i][c] / (3.0 * roots[i] * roots[i]));
                }
                coded[c] *= f64::from(decode(laid[c]).1);
            }
            // Where alpha grows by one, so much less of the backdrop is seen.
            let hidden = -f64::from(grey) / 255.0 * (coded[0] + coded[1] + coded[2]);
            *color = [coded[0], coded[1], coded[2], hidden];
        }
        colors
    }
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
    fn a_color_moved_changes_the_loss_as_its_slope_says() {
        for soft in [false, true] {
            let (bytes, palette, indices) = pictures(soft);
            let guide = Guide::new(Pixels::new(&bytes, 4).expect("RGBA"), WIDTH).expect("large enough");
            let slope = guide.slope(&indices, &palette);
            if !soft {
                assert_eq!(slope.loss, guide.loss(&indices, &palette));
            }
            assert!((slope.noise.iter().sum::<f32>() / slope.noise.len() as f32 - 1.0).abs() < 1e-3);
            // Over all backdrops, as slopes are.
            let total = |palette: &[Rgba]| {
                guide.backdrops.iter().map(|backdrop| guide.judge(backdrop, &indices, palette, false).loss).sum::<f64>()
            };
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
