//! What an error costs: errors are diffused, and those that are left are squared, masked, and weighed against bits.

use super::{Lossy, Picture};
use crate::dither::reach::Reach;
use crate::nearest::{all_opaque, palette_points};
use crate::pixels::{Key, Pixels};
use crate::space::{Point, Space};

/// Shares of an error ahead, and below from behind to ahead (R. W. Floyd and L. Steinberg, "An adaptive algorithm for
/// spatial greyscale", 1976).
const AHEAD: f32 = 7.0 / 16.0;
const BELOW: [f32; 3] = [3.0 / 16.0, 5.0 / 16.0, 1.0 / 16.0];
/// Matches would leave streaks: long runs of errors to one side. So errors are also added up along the row, where each
/// counts for so much at the next pixel, and the sum squared costs so much of what an error does.
const KEPT: f32 = 0.8;
const STREAKS: f32 = 0.15;
/// So much of what dithering would hand on: matches differ from the picture much as noise does, and errors that pile up
/// with them cost structure. But where colors are so far apart that bits hardly count beside that, all of it, as dithering
/// does: nothing else makes up for what the palette lacks. At so many bits for a pixel it is halfway between.
const HANDED_ON: f32 = 0.8;
const MUCH: f32 = 8.0;
/// Black and white are so far apart.
const SCALE: f32 = 100.0;
/// Where no class of entries may go.
pub const FAR: Point = [1e6; 4];

/// What a pixel may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Any entry.
    Any,
    /// An opaque one, if there is one.
    Opaque,
    /// A fully transparent one, if there is one.
    Clear,
    /// This one.
    Exact(u8),
}

impl Class {
    /// Which of the tables of entries is its.
    #[inline(always)]
    pub fn number(self) -> usize {
        match self {
            Self::Any | Self::Exact(_) => 0,
            Self::Opaque => 1,
            Self::Clear => 2,
        }
    }
}

/// As many as an index can name, those that there are not `FAR`.
pub type Entries = [Point; 256];

/// A picture, and the entries its pixels may have.
pub struct Model<'a> {
    pixels: Pixels<'a>,
    /// Of a row.
    pub width: usize,
    space: Space,
    /// What coordinates are multiplied by for black and white to be 1 apart.
    pub scale: f32,
    reach: Reach,
    mask: Option<&'a [u8]>,
    importance: &'a [u8],
    plain: &'a [u8],
    strength: f32,
    /// Bits for a squared distance of 1 where nothing is masked.
    gain: f32,
    /// The palette.
    pub points: Vec<Point>,
    /// The same as each class sees it: entries that it may not have are `FAR`.
    pub entries: Box<[Entries; 3]>,
    /// Whether alpha never differs.
    pub opaque: bool,
}

/// A pixel of a row, with what rows above hand on to it.
#[derive(Clone, Copy)]
pub struct Pixel {
    /// Its color.
    color: Point,
    /// And what comes from above.
    pub wanted: Point,
    /// Bits for a squared distance of 1.
    pub gain: f32,
    /// How much of errors it takes and hands on.
    pub share: f32,
    /// How much comes from the pixel before, and from the sum of errors.
    ahead: f32,
    kept: f32,
    /// What it may become.
    pub class: Class,
}

/// What a pixel hands on along its row: its error, and the sum of errors. `N` of them side by side, in `D` coordinates.
#[derive(Clone, Copy)]
pub struct Carried<const D: usize, const N: usize> {
    error: [[f32; N]; D],
    sum: [[f32; N]; D],
}

impl<const D: usize, const N: usize> Carried<D, N> {
    /// Nothing.
    pub const NONE: Self = Self { error: [[0.0; N]; D], sum: [[0.0; N]; D] };
}

impl<const D: usize> Carried<D, 1> {
    /// The same `N` times.
    #[inline(always)]
    pub fn repeated<const N: usize>(&self) -> Carried<D, N> {
        let mut many = Carried::NONE;
        for d in 0..D {
            many.error[d] = [self.error[d][0]; N];
            many.sum[d] = [self.sum[d][0]; N];
        }
        many
    }
}

impl<const D: usize, const N: usize> Carried<D, N> {
    /// With another in its place where `is_other` says so.
    #[inline(always)]
    pub fn or(&self, is_other: &[bool; N], other: &Carried<D, 1>) -> Self {
        let mut both = Self::NONE;
        for d in 0..D {
            for i in 0..N {
                both.error[d][i] = if is_other[i] { other.error[d][0] } else { self.error[d][i] };
                both.sum[d][i] = if is_other[i] { other.sum[d][0] } else { self.sum[d][i] };
            }
        }
        both
    }

    /// The one at `lane`.
    #[inline(always)]
    pub fn get(&self, lane: usize) -> Carried<D, 1> {
        let mut one = Carried::NONE;
        for d in 0..D {
            one.error[d][0] = self.error[d][lane];
            one.sum[d][0] = self.sum[d][lane];
        }
        one
    }
}

impl Pixel {
    /// Before it is read.
    pub const BLANK: Self =
        Self { color: [0.0; 4], wanted: [0.0; 4], gain: 0.0, share: 0.0, ahead: 0.0, kept: 0.0, class: Class::Any };

    /// What `entries` cost in bits, and what is carried after them.
    #[inline(always)]
    pub fn cost<const D: usize, const N: usize>(
        &self,
        carried: &mut Carried<D, N>,
        entries: &[[f32; N]; D],
    ) -> [f32; N] {
        let mut squares = [0.0; N];
        for d in 0..D {
            for i in 0..N {
                let error = (self.wanted[d] + carried.error[d][i] * self.ahead) - entries[d][i];
                let sum = (self.color[d] + carried.sum[d][i] * self.kept) - entries[d][i];
                squares[i] += error * error + STREAKS * (sum * sum);
                carried.error[d][i] = error * self.share;
                carried.sum[d][i] = sum * self.share;
            }
        }
        for i in 0..N {
            squares[i] *= self.gain;
        }
        squares
    }

    /// The point from which the squared distance of an entry, times `BOTH`, is its cost for a gain of 1 but for a constant.
    #[inline(always)]
    pub fn middle<const D: usize>(&self, carried: &Carried<D, 1>) -> [f32; D] {
        let mut middle = [0.0; D];
        for d in 0..D {
            let wanted = self.wanted[d] + carried.error[d][0] * self.ahead;
            let sum = self.color[d] + carried.sum[d][0] * self.kept;
            middle[d] = (wanted + STREAKS * sum) / BOTH;
        }
        middle
    }
}

/// An error and the sum of errors cost so many times what an error does.
pub const BOTH: f32 = 1.0 + STREAKS;

/// What an error counts where it is seen so much, of 255.
fn masked(importance: u8) -> f32 {
    f32::from(importance.max(1)) / 255.0
}

impl<'a> Model<'a> {
    /// See `lossy::map`.
    pub fn new(picture: Picture<'a>, lossy: Lossy, importance: &'a [u8], plain: &'a [u8]) -> Self {
        let Picture { pixels, width, palette, space, mask } = picture;
        let points = palette_points(palette, space);
        let only = |wanted: &dyn Fn(u8) -> bool| {
            let some = palette.iter().any(|color| wanted(color[3]));
            let mut entries: Entries = [FAR; 256];
            for ((entry, &point), color) in entries.iter_mut().zip(&points).zip(palette) {
                *entry = if wanted(color[3]) || !some { point } else { FAR };
            }
            entries
        };
        let scale = 1.0 / (2.0 * space.alpha_scale());
        Self {
            pixels,
            width,
            space,
            scale,
            reach: Reach::new(&points),
            mask,
            importance,
            plain,
            strength: HANDED_ON * lossy.strength,
            gain: (SCALE * scale) * (SCALE * scale) / lossy.lambda,
            entries: Box::new([only(&|_| true), only(&|alpha| alpha == 255), only(&|alpha| alpha == 0)]),
            opaque: all_opaque(pixels, palette),
            points,
        }
    }

    /// The same, but where the next entry costs many bits more of errors is handed on.
    pub fn handing_on_by_bits(mut self) -> Self {
        let times = MUCH / self.next_entry();
        let full = 1.0 / (1.0 + times * times);
        self.strength *= 1.0 + (1.0 / HANDED_ON - 1.0) * full;
        self
    }

    /// What it would cost pixels that are diffused to be off by the next entry beside their own, in bits, in the mean.
    fn next_entry(&self) -> f32 {
        let apart = |a: Point, b: Point| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let next = |(i, &point): (usize, &Point)| {
            let others = self.points.iter().enumerate().filter(|&(j, _)| j != i);
            others.map(|(_, &other)| apart(point, other)).reduce(f32::min).unwrap_or(0.0)
        };
        let next: Vec<f32> = self.points.iter().enumerate().map(next).collect();
        let (mut sum, mut count) = (0.0, 0u32);
        for (i, (&index, &importance)) in self.plain.iter().zip(self.importance).enumerate() {
            if self.mask.is_none_or(|mask| mask[i] > 0) {
                sum += f64::from(masked(importance) * next[usize::from(index)]);
                count += 1;
            }
        }
        self.gain * (sum / f64::from(count.max(1))) as f32
    }

    /// Whether there are areas where less of errors is handed on.
    pub fn is_flat(&self) -> bool {
        self.mask.is_some()
    }

    /// Before the first row of a band.
    pub fn errors(&self) -> Errors {
        Errors { row: vec![Pixel::BLANK; self.width], made: vec![[0.0; 4]; self.width], beyond: 0.0 }
    }
}

/// A row, and the errors that it hands on to the next.
pub struct Errors {
    /// The row.
    pub row: Vec<Pixel>,
    /// Errors of this row once it is taken, before that of the one above.
    made: Vec<Point>,
    /// What it costs that no mixture of the palette is what the row's pixels are.
    beyond: f64,
}

impl Errors {
    /// Reads row `y`, which follows the one that was taken last.
    pub fn go_to(&mut self, model: &Model, y: usize) {
        let width = model.width;
        let at = y * width;
        let mut keys: Vec<Key> = vec![0; width];
        model.pixels.slice(at, at + width).write_keys(&mut keys);
        let mut planes = [(); 4].map(|()| vec![0.0; width]);
        model.space.to_planes(&keys, planes.each_mut().map(|plane| &mut plane[..]));
        let exact = planes.clone();
        model.reach.clip(planes.each_mut().map(|plane| &mut plane[..]));
        self.beyond = 0.0;
        for (x, pixel) in self.row.iter_mut().enumerate() {
            let share = model.mask.map_or(255, |mask| mask[at + x]);
            let plain = model.plain[at + x];
            let known: Point = std::array::from_fn(|d| exact[d][x]);
            let class = match keys[x].to_be_bytes()[3] {
                0 => Class::Clear,
                _ if share == 0 && model.points[usize::from(plain)] == known => Class::Exact(plain),
                255 => Class::Opaque,
                _ => Class::Any,
            };
            let color = if share == 0 { known } else { std::array::from_fn(|d| planes[d][x]) };
            let share = if class == Class::Clear { 0.0 } else { (f32::from(share) / 255.0).sqrt() };
            let mut wanted = color;
            // Columns are counted from 1 here: none lies before the first.
            for (part, from) in BELOW.into_iter().zip([x + 2, x + 1, x]) {
                if let Some(error) = from.checked_sub(1).and_then(|from| self.made.get(from)) {
                    for d in 0..4 {
                        wanted[d] += error[d] * (part * model.strength * share);
                    }
                }
            }
            let gain = model.gain * masked(model.importance[at + x]);
            let beyond: f32 = known.iter().zip(color).map(|(exact, color)| (exact - color) * (exact - color)).sum();
            self.beyond += f64::from(gain * beyond);
            *pixel =
                Pixel { color, wanted, gain, share, ahead: AHEAD * model.strength * share, kept: KEPT * share, class };
        }
    }

    /// Takes the indices of the row, and returns what their errors cost in bits: those that can be diffused, and what no
    /// indices could make up for, which is the more, the fewer colors there are.
    pub fn take(&mut self, model: &Model, indices: &[u8]) -> f64 {
        let mut carried = Carried::<4, 1>::NONE;
        let mut cost = self.beyond;
        for ((pixel, made), &index) in self.row.iter().zip(&mut self.made).zip(indices) {
            let entry = model.points[usize::from(index)].map(|x| [x]);
            cost += f64::from(pixel.cost(&mut carried, &entry)[0]);
            *made = carried.error.map(|[x]| x);
        }
        cost
    }
}
