//! A picture in a few colors brought nearer to the eye, a little at a time, down the slope of SSIMULACRA2.
//!
//! Colors move against the mean of what their pixels say. Pixels take the entries with which least is seen of their errors,
//! where an error in lightness counts the more, the more the score falls with it: there it would be seen as noise.

use crate::descent::Descent;
use crate::direct::{self, Scene};
use crate::fitted::Rest;
use crate::nearest::Index;
use crate::pixels::{Pixels, Rgba};
use crate::quality::slope::{Guide, Slope};
use crate::refit::{Sight, distinct};

/// What is seen of errors.
const SIGHT: Sight = Sight { sigma: 1.0, sharp: 0.05, hold: 0.0 };
/// What chroma counts in it, beside what it counts in the space.
const CHROMA: f32 = 0.625;
/// What lightness alone counts on average, and the most that it counts, in averages.
const NOISE: f32 = 0.02;
const MOST_NOISE: f32 = 20.0;
/// How far colors move at first, as a share of the error.
const FIRST_REACH: f64 = 0.06;
/// Steps that are tried in a round, each half as long as the one before.
const STEPS: usize = 2;
/// What a step is longer after one that helped.
const LONGER: f64 = 1.5;
/// Other entries may make the loss so many times as large: colors move after them.
const WORSE: f64 = 1.01;
/// A round whose loss is above so much of the best one before has gained little.
const ENOUGH: f64 = 0.99;

/// A palette, the entries of pixels, and how far they are from the picture.
#[derive(Clone)]
struct State<I> {
    /// Colors as coded and times alpha, and alpha, 0 to 255, before they are rounded.
    places: Vec<[f64; 4]>,
    palette: Vec<Rgba>,
    indices: Vec<I>,
}

/// Brings the picture nearer in so many rounds; what is at `rest` stays as it is. Pictures whose loss can't be told stay so.
pub fn polish<I: Index>(
    scene: &Scene,
    palette: &[Rgba],
    indices: Vec<I>,
    rest: &Rest,
    rounds: usize,
) -> (Vec<Rgba>, Vec<I>) {
    let Some(guide) = Guide::new(scene.pixels, scene.width) else { return (palette.to_vec(), indices) };
    let scene = &Scene { mask: rest.mask.as_deref(), ..*scene };
    let mut state =
        State { places: palette.iter().map(|&color| place(color)).collect(), palette: palette.to_vec(), indices };
    let mut reach = FIRST_REACH * error(scene.pixels, &state).sqrt();
    let mut look = guide.look(&state.indices, &state.palette, None);
    let mut best = (look.loss, state.clone());
    let mut descent: Option<Descent> = None;
    for round in 0..rounds {
        let slope = guide.slope(&look, &state.indices, &state.palette);
        for _ in 0..STEPS {
            let moved = step(&state, palette, rest, &slope, reach);
            let then = guide.look(&state.indices, &moved.palette, Some(&look));
            if then.loss < look.loss {
                (look, state) = (then, moved);
                reach *= LONGER;
                break;
            }
            reach /= 2.0;
        }
        if look.loss < best.0 {
            best = (look.loss, state.clone());
        }
        let before = best.0;
        match &mut descent {
            None => {
                let noise: Vec<f32> = slope.noise.iter().map(|noise| NOISE * noise.min(MOST_NOISE)).collect();
                let mut indices = state.indices.clone();
                direct::refine(scene, &state.palette, &SIGHT, CHROMA, &noise, round % 2 == 1, &mut indices);
                let then = guide.look(&indices, &state.palette, Some(&look));
                if then.loss <= WORSE * look.loss {
                    (look, state.indices) = (then, indices);
                }
            }
            Some(descent) => {
                let found = descent.go(&guide, scene.width, &state.palette, &slope, &look, &state.indices);
                if let Some((indices, then)) = found {
                    (look, state.indices) = (then, indices);
                }
            }
        }
        if look.loss < best.0 {
            best = (look.loss, state.clone());
        }
        if descent.is_none() && best.0 > ENOUGH * before {
            // All pixels at once come no nearer: on with the few of which most is to be gained.
            descent = Some(Descent::new(scene));
            state = best.1.clone();
            look = guide.look(&state.indices, &state.palette, None);
        }
    }
    (best.1.palette, best.1.indices)
}

/// Colors moved against their slopes, by `reach` on average.
fn step<I: Index>(state: &State<I>, given: &[Rgba], rest: &Rest, slope: &Slope, reach: f64) -> State<I> {
    let mut used = vec![0.0; given.len()];
    for index in &state.indices {
        used[index.widen() as usize] += 1.0;
    }
    let pixels = state.indices.len() as f64;
    // Rare colors have little to go by.
    let least = 1e-3 * pixels / given.len() as f64;
    let ways: Vec<[f64; 4]> = (0..given.len())
        .map(|i| {
            let held = rest.fixed[i] || given[i][3] == 0;
            let mut way = slope.colors[i].map(|slope| if held { 0.0 } else { -slope / (used[i] + least) });
            // Opaque colors stay opaque.
            way[3] = if given[i][3] == 255 { 0.0 } else { way[3] };
            way
        })
        .collect();
    let square: f64 = ways.iter().zip(&used).map(|(way, used)| used * way.iter().map(|x| x * x).sum::<f64>()).sum();
    let scale = if square > 0.0 { reach / (square / pixels).sqrt() } else { 0.0 };
    let places = state.places.iter().zip(&ways).map(|(place, way)| {
        let alpha = if way[3] == 0.0 { place[3] } else { (place[3] + scale * way[3]).clamp(1.0, 254.0) };
        let color = |d: usize| (place[d] + scale * way[d]).clamp(0.0, alpha);
        [color(0), color(1), color(2), alpha]
    });
    let places: Vec<[f64; 4]> = places.collect();
    let palette = distinct(&state.palette, places.iter().map(|&place| color(place)).collect());
    State { places, palette, indices: state.indices.clone() }
}

fn place([r, g, b, alpha]: Rgba) -> [f64; 4] {
    let alpha = f64::from(alpha);
    let [r, g, b] = [r, g, b].map(|v| f64::from(v) * alpha / 255.0);
    [r, g, b, alpha]
}

fn color([r, g, b, alpha]: [f64; 4]) -> Rgba {
    let alpha = alpha.round();
    if alpha == 0.0 {
        return [0; 4];
    }
    let [r, g, b] = [r, g, b].map(|v| (v * 255.0 / alpha).round().clamp(0.0, 255.0) as u8);
    [r, g, b, alpha as u8]
}

/// The mean squared error of the colors as coded and times alpha, and of alpha.
fn error<I: Index>(pixels: Pixels, state: &State<I>) -> f64 {
    let mut keys = vec![0; pixels.len()];
    pixels.write_keys(&mut keys);
    let squares = keys.iter().zip(&state.indices).map(|(&key, index)| {
        let (own, given) = (place(crate::pixels::to_rgba(key)), state.places[index.widen() as usize]);
        own.iter().zip(given).map(|(own, given)| (own - given) * (own - given)).sum::<f64>()
    });
    squares.sum::<f64>() / pixels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Space;

    #[test]
    fn it_is_nearer_and_what_rests_stays() {
        let (width, height) = (64, 48);
        let pixels: Vec<Rgba> = (0..width * height)
            .map(|i| [(4 * (i % width)) as u8, (5 * (i / width)) as u8, (i % width + i / width) as u8, 255])
            .collect();
        let palette: Vec<Rgba> = (0..8).map(|i| pixels[i * 391]).collect();
        let indices: Vec<u8> = (0..pixels.len()).map(|i| (i / 391) as u8).collect();
        let pixels = Pixels::new(pixels.as_flattened(), 4).expect("RGBA");
        let scene = Scene { pixels, width, space: Space::SeenOklab, scale: [1.0; 4], mask: None };
        let mut mask = vec![255; width * height];
        mask[100..200].fill(0);
        let mut fixed = vec![false; 8];
        fixed[..2].fill(true);
        let rest = Rest { mask: Some(mask.into()), fixed };
        let (colors, found) = polish(&scene, &palette, indices.clone(), &rest, 3);
        let guide = Guide::new(pixels, width).expect("large enough");
        assert!(guide.loss(&found, &colors) < guide.loss(&indices, &palette));
        assert_eq!((&colors[..2], &found[100..200]), (&palette[..2], &indices[100..200]));
        assert!(colors.iter().all(|color| color[3] == 255));
        // Further rounds, of single pixels in the end, only come nearer, and leave at rest what is.
        let (further, least) = polish(&scene, &palette, indices.clone(), &rest, 20);
        assert!(guide.loss(&least, &further) < guide.loss(&found, &colors));
        assert_eq!((&further[..2], &least[100..200]), (&palette[..2], &indices[100..200]));
    }
}
