//! Pixels as they come, and colors packed into one number each.

use crate::simd::vectorized;

/// A color as four bytes: red, green, blue, alpha; sRGB, straight alpha.
pub type Rgba = [u8; 4];

/// A color packed so that keys order as (R, G, B, A) do. Every fully transparent color has the key 0.
pub type Key = u32;

/// Packs a color.
#[inline(always)]
pub fn to_key(color: Rgba) -> Key {
    if color[3] == 0 { 0 } else { Key::from_be_bytes(color) }
}

/// Unpacks a color.
#[inline(always)]
pub fn to_rgba(key: Key) -> Rgba {
    key.to_be_bytes()
}

/// One pixel of 1 (grey), 3 (RGB) or 4 (RGBA) bytes.
pub trait Channels: Copy + Sync {
    /// Its color.
    fn rgba(self) -> Rgba;
}

impl Channels for [u8; 1] {
    #[inline(always)]
    fn rgba(self) -> Rgba {
        [self[0], self[0], self[0], 255]
    }
}

impl Channels for [u8; 3] {
    #[inline(always)]
    fn rgba(self) -> Rgba {
        [self[0], self[1], self[2], 255]
    }
}

impl Channels for [u8; 4] {
    #[inline(always)]
    fn rgba(self) -> Rgba {
        self
    }
}

/// Pixels by the bytes that each has.
pub enum Layout<'a> {
    /// Grey.
    Grey(&'a [[u8; 1]]),
    /// Red, green, blue.
    Rgb(&'a [[u8; 3]]),
    /// Red, green, blue, alpha.
    Rgba(&'a [[u8; 4]]),
}

/// Interleaved pixels of one (grey), three (RGB) or four (RGBA) bytes.
#[derive(Clone, Copy)]
pub struct Pixels<'a> {
    bytes: &'a [u8],
    channels: usize,
}

impl<'a> Pixels<'a> {
    /// Views `bytes` as pixels of `channels` bytes; `None` unless that is 1, 3 or 4 and divides the length.
    pub fn new(bytes: &'a [u8], channels: usize) -> Option<Self> {
        (matches!(channels, 1 | 3 | 4) && bytes.len().is_multiple_of(channels)).then_some(Self { bytes, channels })
    }

    /// How many pixels there are.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.channels
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes, and how many each pixel has.
    pub fn bytes(&self) -> (&'a [u8], usize) {
        (self.bytes, self.channels)
    }

    /// The color of a pixel.
    #[inline(always)]
    pub fn get(&self, at: usize) -> Rgba {
        match self.layout() {
            Layout::Grey(pixels) => pixels[at].rgba(),
            Layout::Rgb(pixels) => pixels[at].rgba(),
            Layout::Rgba(pixels) => pixels[at],
        }
    }

    /// The pixels in `start..end`.
    pub fn slice(&self, start: usize, end: usize) -> Self {
        Self { bytes: &self.bytes[start * self.channels..end * self.channels], channels: self.channels }
    }

    /// The pixels before `middle`, and the others.
    pub fn split_at(&self, middle: usize) -> (Self, Self) {
        (self.slice(0, middle), self.slice(middle, self.len()))
    }

    /// The pixels as arrays of their bytes.
    pub fn layout(&self) -> Layout<'a> {
        match self.channels {
            1 => Layout::Grey(self.bytes.as_chunks().0),
            3 => Layout::Rgb(self.bytes.as_chunks().0),
            _ => Layout::Rgba(self.bytes.as_chunks().0),
        }
    }

    /// Whether every pixel is opaque.
    pub fn is_opaque(&self) -> bool {
        self.channels != 4 || self.bytes.as_chunks::<4>().0.iter().all(|pixel| pixel[3] == 255)
    }

    /// Writes the key of each pixel to `keys`, which is as long as the pixels.
    pub fn write_keys(&self, keys: &mut [Key]) {
        vectorized(
            #[inline(always)]
            || self.write_keys_inline(keys),
        );
    }

    /// The same, for what is compiled for vectors already.
    #[inline(always)]
    pub fn write_keys_inline(&self, keys: &mut [Key]) {
        debug_assert_eq!(keys.len(), self.len());
        match self.layout() {
            Layout::Grey(pixels) => write(pixels, keys),
            Layout::Rgb(pixels) => {
                let (fours, rest) = pixels.as_chunks();
                let (keys_of_fours, keys_of_rest) = keys.split_at_mut(4 * fours.len());
                for (keys, four) in keys_of_fours.as_chunks_mut().0.iter_mut().zip(fours) {
                    *keys = keys_of_four(four);
                }
                write(rest, keys_of_rest);
            }
            Layout::Rgba(pixels) => write(pixels, keys),
        }
    }
}

/// The keys of four pixels, whose bytes are moved at once: pixel by pixel, the compiler would put each together by itself.
#[inline(always)]
fn keys_of_four(pixels: &[[u8; 3]; 4]) -> [Key; 4] {
    let [[a, b, c], [d, e, f], [g, h, i], [j, k, l]] = *pixels;
    let bytes = [255, c, b, a, 255, f, e, d, 255, i, h, g, 255, l, k, j];
    let (four, _) = bytes.as_chunks();
    [0, 1, 2, 3].map(|i| Key::from_le_bytes(four[i]))
}

#[inline(always)]
fn write<P: Channels>(pixels: &[P], keys: &mut [Key]) {
    for (key, pixel) in keys.iter_mut().zip(pixels) {
        *key = to_key(pixel.rgba());
    }
}
