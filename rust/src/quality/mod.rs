//! How far apart two images are: in numbers, in color, and to the eye.

mod blurred;
mod ciede2000;
mod layers;
pub mod slope;
mod ssimulacra2;
mod wide;

use rayon::join;

use crate::pixels::Pixels;
use layers::{Layers, paired};
use ssimulacra2::Reference;

pub use layers::mean_squared_error;

/// How far a result is from its original.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Mean over the pixels of the squared RGB distance.
    pub mse: f64,
    /// Mean CIEDE2000 difference.
    pub delta_e: f64,
    /// The CIEDE2000 difference that 95 % of the pixels do not exceed (nearest rank).
    pub delta_e_p95: f64,
    /// SSIMULACRA2 score; NaN when a side is under 8 pixels.
    pub ssimulacra2: f64,
    /// Mean squared Oklab distance, L from 0 to 100, after a Gaussian of one pixel in linear light.
    pub blurred_error: f64,
}

/// An original, prepared so that many results can be compared with it.
pub struct Original {
    layers: Layers,
    width: usize,
    references: Vec<Reference>,
}

impl Original {
    /// Prepares the pixels of rows of `width`.
    ///
    /// # Panics
    ///
    /// When there are no pixels, or more than 2^28.
    pub fn new(pixels: Pixels, width: usize) -> Self {
        let layers = Layers::new(pixels);
        let references = layers.iter().map(|layer| Reference::new(layer, width)).collect();
        Self { layers, width, references }
    }

    /// Compares a result with it. Where one of them is translucent, the mean of what is seen over black and over white;
    /// of the SSIMULACRA2 scores the worse.
    ///
    /// # Panics
    ///
    /// When the result has another number of pixels.
    pub fn compare(&self, result: Pixels) -> Quality {
        let result = Layers::new(result);
        let pairs = paired(&self.layers, &result);
        let (ssimulacra2, (color, blurred_error)) = join(
            || self.worst(&result),
            || join(|| ciede2000::mean_and_percentile(&pairs), || blurred::error(&pairs, self.width)),
        );
        let mse = layers::mean_square(&pairs);
        Quality { mse, delta_e: color.0, delta_e_p95: color.1, ssimulacra2, blurred_error }
    }

    /// The SSIMULACRA2 score of a result alone.
    ///
    /// # Panics
    ///
    /// When the result has another number of pixels.
    pub fn ssimulacra2(&self, result: Pixels) -> f64 {
        self.worst(&Layers::new(result))
    }

    fn worst(&self, result: &Layers) -> f64 {
        let scores = paired(&self.references, result).into_iter().map(|(reference, layer)| reference.compare(layer));
        scores.fold(f64::NAN, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(bytes: &[u8], channels: usize) -> Pixels<'_> {
        Pixels::new(bytes, channels).expect("pixels of so many channels")
    }

    #[test]
    fn an_image_is_equal_to_itself() {
        let bytes: Vec<u8> = (0..40 * 30 * 4).map(|i| (i * 7 % 251) as u8).collect();
        for channels in [1, 3, 4] {
            let pixels = pixels(&bytes, channels);
            let equal = Quality { mse: 0.0, delta_e: 0.0, delta_e_p95: 0.0, ssimulacra2: 100.0, blurred_error: 0.0 };
            assert_eq!(Original::new(pixels, 40).compare(pixels), equal);
        }
    }

    #[test]
    fn transparency_is_seen_over_black_and_over_white() {
        let (clear, black) = ([0; 64 * 4], [0; 64 * 3]);
        for (first, second) in [(pixels(&clear, 4), pixels(&black, 3)), (pixels(&black, 3), pixels(&clear, 4))] {
            let quality = Original::new(first, 8).compare(second);
            assert_eq!(quality.mse, 3.0 * 255.0 * 255.0 / 2.0);
            assert_eq!(quality.delta_e_p95, 100.0);
            assert!((quality.blurred_error - 5000.0).abs() < 0.01, "{}", quality.blurred_error);
        }
    }
}
