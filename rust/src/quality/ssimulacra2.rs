//! SSIMULACRA2: how near a result looks, with structure and edges at six scales.

use fast_ssim2::{PixelDescriptor, PixelSlice, Ssimulacra2Reference};

/// The least side that the metric is defined for.
const LEAST_SIDE: usize = 8;

/// An original, or `None` where a side is under 8 pixels.
pub struct Reference(Option<(Ssimulacra2Reference, usize)>);

impl Reference {
    /// Prepares interleaved RGB pixels (sRGB) of rows of `width`.
    ///
    /// # Panics
    ///
    /// When there are more than 2^28 pixels.
    pub fn new(pixels: &[[u8; 3]], width: usize) -> Self {
        let large = width.min(pixels.len() / width) >= LEAST_SIDE;
        let prepare = || Ssimulacra2Reference::new(&slice(pixels, width)).expect("an image of at most 2^28 pixels");
        Self(large.then(|| (prepare(), width)))
    }

    /// The score of a result: 100 for equal images, below 0 for very different ones, NaN where a side is too small.
    ///
    /// The metric is of J. Sneyers, <https://github.com/cloudinary/ssimulacra2>.
    ///
    /// # Panics
    ///
    /// When the result has another number of pixels.
    pub fn compare(&self, result: &[[u8; 3]]) -> f64 {
        let Self(Some((reference, width))) = self else { return f64::NAN };
        reference.compare(&slice(result, *width)).expect("two RGB images of one size")
    }
}

fn slice(pixels: &[[u8; 3]], width: usize) -> PixelSlice<'_> {
    let (columns, rows) = (width.try_into(), (pixels.len() / width).try_into());
    let (columns, rows) = (columns.expect("a width of 32 bits"), rows.expect("a height too"));
    PixelSlice::new(pixels.as_flattened(), columns, rows, width * 3, PixelDescriptor::RGB8_SRGB)
        .expect("RGB of the given size")
}
