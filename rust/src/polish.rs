//! A picture in a few colors brought nearer to the eye, a little at a time, down the slope of SSIMULACRA2.
//!
//! Colors move against the mean of what their pixels say; of small pictures some move to where most is lost. Pixels take
//! the entries with which least is seen of their errors, where an error in lightness counts the more, the more the score
//! falls with it: there it would be seen as noise.

use crate::descent::Descent;
use crate::direct::{self, Scene};
use crate::fitted::Rest;
use crate::index::Index;
use crate::pixels::{Pixels, Rgba};
use crate::quality::slope::{Guide, Look, Slope};
use crate::refit::{Sight, distinct};
use crate::swaps::Swaps;
use crate::tint;

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
/// Rounds after a swap, before it is judged; of swaps in a row that come no nearer; and of losses beyond which a swap is
/// hopeless.
const SWAP_ROUNDS: usize = 2;
const MOST_VAIN: usize = 4;
const HOPELESS: f64 = 2.0;
/// Pixels and colors up to which swaps are tried: photographs come no nearer by them, and with many colors hardly so.
const SMALL: usize = 1 << 16;
const FEW: usize = 128;

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
    let polish = Polish { scene, guide: &guide, rest };
    let state = State::new(palette.to_vec(), indices);
    let look = guide.look(&state.indices, &state.palette, None);
    let mut run = polish.start(state, look, None);
    polish.go(&mut run, rounds / 2);
    if run.state.indices.len() <= SMALL && palette.len() <= FEW {
        polish.swap(&mut run, rounds);
    }
    polish.go(&mut run, rounds - rounds / 2);
    (run.best.1.palette, run.best.1.indices)
}

/// What is polished.
struct Polish<'a> {
    scene: &'a Scene<'a>,
    guide: &'a Guide,
    rest: &'a Rest<'a>,
}

/// How far it has come.
struct Run<I> {
    state: State<I>,
    look: Look,
    /// The least loss so far, and where it was.
    best: (f64, State<I>),
    reach: f64,
    /// Once single pixels are what is left to change.
    descent: Option<Descent>,
    /// Of rounds, so that passes go forth and back.
    made: usize,
}

impl Polish<'_> {
    fn start<I: Index>(&self, state: State<I>, look: Look, descent: Option<Descent>) -> Run<I> {
        let reach = FIRST_REACH * error(self.scene.pixels, &state).sqrt();
        Run { best: (look.loss, state.clone()), state, look, reach, descent, made: 0 }
    }

    /// From here on, with single pixels.
    fn restart<I: Index>(&self, state: State<I>) -> Run<I> {
        let look = self.guide.look(&state.indices, &state.palette, None);
        self.start(state, look, Some(Descent::new(self.scene)))
    }

    /// Moves colors and changes entries in turn.
    fn go<I: Index>(&self, run: &mut Run<I>, rounds: usize) {
        let Self { scene, guide, rest } = *self;
        for _ in 0..rounds {
            let Run { state, look, best, reach, descent, made } = run;
            let slope = guide.slope(look, &state.indices, &state.palette);
            for _ in 0..STEPS {
                let moved = step(scene.pixels, state, rest, &slope, *reach);
                let then = guide.look(&state.indices, &moved.palette, Some(look));
                if then.loss < look.loss {
                    (*look, *state) = (then, moved);
                    *reach *= LONGER;
                    break;
                }
                *reach /= 2.0;
            }
            if look.loss < best.0 {
                *best = (look.loss, state.clone());
            }
            let before = best.0;
            match descent {
                None => {
                    let noise: Vec<f32> = slope.noise.iter().map(|noise| NOISE * noise.min(MOST_NOISE)).collect();
                    let mut indices = state.indices.clone();
                    direct::refine(scene, &state.palette, &SIGHT, CHROMA, &noise, *made % 2 == 1, &mut indices);
                    let then = guide.look(&indices, &state.palette, Some(look));
                    if then.loss <= WORSE * look.loss {
                        (*look, state.indices) = (then, indices);
                    }
                }
                Some(descent) => {
                    let found = descent.go(guide, scene.width, &state.palette, &slope, look, &state.indices);
                    if let Some((indices, then)) = found {
                        (*look, state.indices) = (then, indices);
                    }
                }
            }
            if look.loss < best.0 {
                *best = (look.loss, state.clone());
            }
            *made += 1;
            if descent.is_none() && best.0 > ENOUGH * before {
                // All pixels at once come no nearer: on with the few of which most is to be gained.
                *descent = Some(Descent::new(scene));
                *state = best.1.clone();
                *look = guide.look(&state.indices, &state.palette, None);
            }
        }
    }

    /// Tries swaps of entries, so many at most, each polished a little before it is judged.
    fn swap<I: Index>(&self, run: &mut Run<I>, most: usize) {
        let Self { scene, guide, rest } = *self;
        let mut swaps = Swaps::new(scene, guide, rest);
        let mut now = self.restart(run.best.1.clone());
        let (mut vain, mut helped) = (0, false);
        for _ in 0..most {
            let State { palette, indices, .. } = &now.state;
            let noise = guide.slope(&now.look, indices, palette).noise;
            let Some(swapped) = swaps.best(palette, indices, &noise, &now.look) else { break };
            if swapped.look.loss < HOPELESS * now.look.loss {
                let state = State::new(swapped.palette, swapped.indices);
                let mut other = self.start(state, swapped.look, Some(Descent::new(scene)));
                self.go(&mut other, SWAP_ROUNDS);
                let then = self.restart(other.best.1);
                if then.look.loss < now.look.loss {
                    (now, helped, vain) = (then, true, 0);
                    swaps.renew();
                    continue;
                }
            }
            swaps.leave(swapped.swap);
            vain += 1;
            if vain == MOST_VAIN {
                break;
            }
        }
        if helped {
            *run = now;
        }
    }
}

impl<I> State<I> {
    fn new(palette: Vec<Rgba>, indices: Vec<I>) -> Self {
        Self { places: palette.iter().map(|&color| place(color)).collect(), palette, indices }
    }
}

/// Colors moved against their slopes, by `reach` on average; but shadows keep their hue, of which hardly anything is seen
/// until there is much of it.
fn step<I: Index>(pixels: Pixels, state: &State<I>, rest: &Rest, slope: &Slope, reach: f64) -> State<I> {
    let mut used = vec![0.0; state.palette.len()];
    for index in &state.indices {
        used[index.widen() as usize] += 1.0;
    }
    let count = state.indices.len() as f64;
    // Rare colors have little to go by.
    let least = 1e-3 * count / state.palette.len() as f64;
    let ways: Vec<[f64; 4]> = (0..state.palette.len())
        .map(|i| {
            let held = rest.fixed[i] || state.palette[i][3] == 0;
            let mut way = slope.colors[i].map(|slope| if held { 0.0 } else { -slope / (used[i] + least) });
            // Opaque colors stay opaque, those that were swapped, too.
            way[3] = if state.palette[i][3] == 255 { 0.0 } else { way[3] };
            way
        })
        .collect();
    let square: f64 = ways.iter().zip(&used).map(|(way, used)| used * way.iter().map(|x| x * x).sum::<f64>()).sum();
    let scale = if square > 0.0 { reach / (square / count).sqrt() } else { 0.0 };
    let places = state.places.iter().zip(&ways).map(|(place, way)| {
        let alpha = if way[3] == 0.0 { place[3] } else { (place[3] + scale * way[3]).clamp(1.0, 254.0) };
        let color = |d: usize| (place[d] + scale * way[d]).clamp(0.0, alpha);
        [color(0), color(1), color(2), alpha]
    });
    let mut places: Vec<[f64; 4]> = places.collect();
    let moved = distinct(&state.palette, places.iter().map(|&place| color(place)).collect());
    let palette = tint::kept(pixels, &state.indices, &moved, &rest.fixed);
    for (at, (kept, moved)) in places.iter_mut().zip(palette.iter().zip(&moved)) {
        if kept != moved {
            let [r, g, b, _] = kept.map(|value| f64::from(value) * at[3] / 255.0);
            *at = [r, g, b, at[3]];
        }
    }
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

    #[test]
    fn shadows_keep_their_hue() {
        let width = 48;
        let pixel = |i: usize| match (i % width, i / width) {
            (x, y) if x < 20 => [(9 * x) as u8, (5 * y) as u8, 90, 255],
            (x, y) => [0, 0, 0, (8 * (x - 20) + y / 2) as u8],
        };
        let pixels: Vec<Rgba> = (0..width * width).map(pixel).collect();
        let palette: Vec<Rgba> =
            (0..6).map(|i| [0, 0, 0, 40 * i + 12]).chain((0..6).map(|i| [30 * i, 40 * i, 90, 255])).collect();
        let far = |a: Rgba, b: Rgba| a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum::<u32>();
        let nearest = |&pixel: &Rgba| {
            let open = (0..12).filter(|&i| (palette[i][3] == 255) == (pixel[3] == 255));
            open.min_by_key(|&i| far(palette[i], pixel)).expect("entries") as u8
        };
        let indices: Vec<u8> = pixels.iter().map(nearest).collect();
        let pixels = Pixels::new(pixels.as_flattened(), 4).expect("RGBA");
        let scene = Scene { pixels, width, space: Space::SeenOklab, scale: [1.0; 4], mask: None };
        let rest = Rest { mask: None, fixed: vec![false; 12] };
        let (colors, found) = polish(&scene, &palette, indices.clone(), &rest, 8);
        let guide = Guide::new(pixels, width).expect("large enough");
        assert!(guide.loss(&found, &colors) < guide.loss(&indices, &palette));
        assert_ne!(colors, palette);
        let hued = |&[r, g, b, alpha]: &Rgba| alpha < 255 && [r, g, b] != [0; 3];
        assert!(!colors.iter().any(hued), "{colors:?}");
        assert!((0..found.len()).all(|i| i % width >= 20 || colors[usize::from(found[i])][3] == 255));
    }
}
