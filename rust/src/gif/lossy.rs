//! Indices chosen while LZW packs them: near enough to the picture, and in few codes.
//!
//! At each code the strings of the dictionary are walked along the picture, a beam of the nearest at each length, with
//! the error of each pixel diffused along the string as it will be. The one is sent whose error, weighted, and bits at
//! `lambda` each are least beside what so many pixels cost of late.

use super::lzw::{Codes, Dictionary};
use super::patience::Patience;
use crate::space::Point;

/// A picture to be packed at a loss.
pub struct Scene<'a> {
    /// What each pixel is to look like.
    pub targets: &'a [Point],
    /// What its error counts.
    pub weights: &'a [f32],
    /// Pixels to a line.
    pub width: usize,
    /// What each symbol looks like.
    pub palette: &'a [Point],
    /// The symbol that is transparent, for pixels that are and no others.
    pub clear: Option<u8>,
    /// The error of each pixel's nearest symbol, which none can do without; 0 where errors are diffused.
    pub floors: &'a [f32],
    /// Which pixels are transparent.
    pub is_clear: &'a [bool],
    /// How much of an error is diffused.
    pub strength: f32,
    /// The error that a bit is worth.
    pub lambda: f32,
}

/// Nearest strings of each length that are walked on.
const BEAM: usize = 4;
/// Best strings that are judged by what follows them too.
const AHEAD: usize = 3;
/// A string that is worse by so many bits than another is left.
const SLACK: f32 = 8.0;
/// Pixels over which the cost of a pixel is averaged.
const MEMORY: f32 = 3000.0;
/// Bits of a pixel, to begin with.
const FIRST: f32 = 4.0;

/// A string of symbols from some pixel on.
#[derive(Clone, Copy)]
struct Path {
    node: u16,
    length: u32,
    error: f32,
    /// What its last pixel hands to the one on its right.
    carry: Point,
}

struct Walk<'a> {
    scene: &'a Scene<'a>,
    /// The line that is written.
    line: usize,
    /// Errors that reached the pixels of the line, and those so far of the line below.
    here: Vec<Point>,
    below: Vec<Point>,
    level: Vec<Path>,
    nodes: Vec<Path>,
}

/// The stream of all pixels, and the index that each got.
pub fn codes(scene: &Scene, bits: u32) -> (Vec<u8>, Vec<u8>) {
    let fresh = Dictionary::new(bits, scene.palette.len());
    let (mut dictionary, mut codes) = (fresh.clone(), Codes::new(bits));
    let nothing = vec![[0.0; 4]; scene.width];
    let mut walk = Walk { scene, line: 0, here: nothing.clone(), below: nothing, level: vec![], nodes: vec![] };
    let mut indices: Vec<u8> = Vec::with_capacity(scene.targets.len());
    let mut carry = [0.0; 4];
    let (mut price, mut total) = (scene.lambda * FIRST, 0.0);
    let mut patience = Patience::new(1.05);
    let (mut paths, mut next, mut string) = (vec![], vec![], vec![]);
    while indices.len() < scene.targets.len() {
        let at = indices.len();
        if dictionary.is_full() && patience.ends(at, total) {
            codes.clear();
            dictionary.clone_from(&fresh);
            patience.restart(at, total);
        }
        let cost = scene.lambda * codes.width() as f32;
        let score = |path: &Path| path.error + cost - price * path.length as f32;
        walk.paths(&dictionary, at, carry, price, &mut paths);
        let most = AHEAD.min(paths.len());
        if paths.len() > most {
            paths.select_nth_unstable_by(most, |a, b| score(a).total_cmp(&score(b)));
        }
        let (mut least, mut code) = (f32::INFINITY, 0);
        for path in &paths[..most] {
            let after = at + path.length as usize;
            let mut sum = score(path);
            if after < scene.targets.len() {
                walk.paths(&dictionary, after, path.carry, price, &mut next);
                sum += next.iter().map(score).fold(f32::INFINITY, f32::min);
            }
            if sum < least {
                (least, code) = (sum, path.node);
            }
        }
        dictionary.string(code, &mut string);
        let before = codes.sent_bits();
        codes.send(code);
        dictionary.send(code);
        let error: f32 = string.iter().zip(at..).map(|(&symbol, pixel)| walk.put(pixel, symbol, &mut carry)).sum();
        indices.extend_from_slice(&string);
        let spent = error + scene.lambda * (codes.sent_bits() - before) as f32;
        total += f64::from(spent);
        let pixels = string.len() as f32;
        price += (pixels / MEMORY).min(1.0) * (spent / pixels - price);
    }
    (codes.finish(), indices)
}

impl Walk<'_> {
    /// What a pixel is to be with the errors that reach it.
    fn wanted(&self, pixel: usize, carry: Point) -> Point {
        let (line, x) = (pixel / self.scene.width, pixel % self.scene.width);
        let reached = match line - self.line {
            0 => self.here[x],
            1 => self.below[x],
            _ => [0.0; 4],
        };
        let carry = if x == 0 { [0.0; 4] } else { carry };
        let target = self.scene.targets[pixel];
        [0, 1, 2, 3].map(|i| target[i] + reached[i] + carry[i])
    }

    /// Gives a pixel its symbol, diffuses the error as R. W. Floyd and L. Steinberg do, and returns what it counts.
    fn put(&mut self, pixel: usize, symbol: u8, carry: &mut Point) -> f32 {
        let x = pixel % self.scene.width;
        if x == 0 && pixel > 0 {
            std::mem::swap(&mut self.here, &mut self.below);
            self.below.fill([0.0; 4]);
            self.line += 1;
        }
        if self.scene.is_clear[pixel] {
            *carry = [0.0; 4];
            return 0.0;
        }
        let (wanted, color) = (self.wanted(pixel, *carry), self.scene.palette[symbol as usize]);
        let left = [0, 1, 2, 3].map(|i| wanted[i] - color[i]);
        let mut hand = |x: usize, share: f32| {
            self.below[x].iter_mut().zip(left).for_each(|(sum, error)| *sum += self.scene.strength * share * error);
        };
        if x > 0 {
            hand(x - 1, 3.0 / 16.0);
        }
        hand(x, 5.0 / 16.0);
        if x + 1 < self.scene.width {
            hand(x + 1, 1.0 / 16.0);
        }
        *carry = left.map(|error| self.scene.strength * (7.0 / 16.0) * error);
        self.scene.weights[pixel] * squared(&wanted, &color) - self.scene.floors[pixel]
    }

    /// Strings of the dictionary that are near the picture from a pixel on, the nearest of each length.
    fn paths(&mut self, dictionary: &Dictionary, at: usize, carry: Point, price: f32, found: &mut Vec<Path>) {
        let (mut level, mut nodes) = (std::mem::take(&mut self.level), std::mem::take(&mut self.nodes));
        found.clear();
        nodes.clear();
        nodes.push(Path { node: 0, length: 0, error: 0.0, carry });
        let (mut least, slack) = (f32::INFINITY, self.scene.lambda * SLACK);
        let scale = self.scene.strength * (7.0 / 16.0);
        while !nodes.is_empty() {
            level.clear();
            let pixel = at + nodes[0].length as usize;
            if pixel == self.scene.targets.len() {
                break;
            }
            let (weight, floor) = (self.scene.weights[pixel], self.scene.floors[pixel]);
            let gain = price * (nodes[0].length + 1) as f32;
            for path in &nodes {
                let below = dictionary.below((path.length > 0).then_some(path.node));
                if self.scene.is_clear[pixel] {
                    let clear = below.filter(|&(_, symbol)| Some(symbol) == self.scene.clear);
                    level.extend(clear.map(|(node, _)| Path {
                        node,
                        length: path.length + 1,
                        carry: [0.0; 4],
                        ..*path
                    }));
                    continue;
                }
                let wanted = self.wanted(pixel, path.carry);
                for (node, symbol) in below {
                    let color = self.scene.palette[symbol as usize];
                    let left = [0, 1, 2, 3].map(|i| wanted[i] - color[i]);
                    let error = path.error + (weight * squared(&wanted, &color) - floor);
                    if error - gain > least + slack || Some(symbol) == self.scene.clear {
                        continue;
                    }
                    least = least.min(error - gain);
                    level.push(Path { node, length: path.length + 1, error, carry: left.map(|error| scale * error) });
                }
            }
            if level.len() > BEAM {
                level.select_nth_unstable_by(BEAM, |a, b| a.error.total_cmp(&b.error));
                level.truncate(BEAM);
            }
            found.extend_from_slice(&level);
            std::mem::swap(&mut nodes, &mut level);
        }
        (self.level, self.nodes) = (level, nodes);
    }
}

/// The squared distance.
pub fn squared(a: &Point, b: &Point) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
