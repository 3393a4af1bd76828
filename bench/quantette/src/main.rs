//! quantette behind a pipe, timed by its own clock: neither the start of the process nor the pipe counts.
//!
//! A request is `width`, `height`, `k` and 1 or 0 for dithered or not, little-endian u32 each, then `width * height`
//! RGB pixels. The answer is the seconds as a little-endian f64, the palette's length as a u32, its RGB entries, and
//! `width * height` indices of a byte each. `RAYON_NUM_THREADS` says how many threads; the end of input ends it.

use std::io::{ErrorKind, Read, Write, stdin, stdout};
use std::time::Instant;

use quantette::deps::palette::{Srgb, cast};
use quantette::dither::FloydSteinberg;
use quantette::{ImageRef, PaletteSize, Pipeline, QuantizeMethod};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut input, mut output) = (stdin().lock(), stdout().lock());
    loop {
        let mut header = [[0; 4]; 4];
        match input.read_exact(header.as_flattened_mut()) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let [width, height, k, dithered] = header.map(u32::from_le_bytes);
        let mut pixels = vec![Srgb::new(0_u8, 0, 0); width as usize * height as usize];
        input.read_exact(cast::into_component_slice_mut(&mut pixels))?;

        let started = Instant::now();
        let quantized = Pipeline::new()
            .palette_size(PaletteSize::try_from(k as usize)?)
            .quantize_method(QuantizeMethod::kmeans())
            .ditherer((dithered == 1).then(FloydSteinberg::new))
            .parallel(true)
            .input_image(ImageRef::new(width, height, pixels.as_slice()).map_err(|wrong| wrong.error)?)
            .output_srgb8_indexed_image();
        let seconds = started.elapsed().as_secs_f64();

        output.write_all(&seconds.to_le_bytes())?;
        output.write_all(&u32::try_from(quantized.palette().len())?.to_le_bytes())?;
        output.write_all(cast::into_component_slice(quantized.palette()))?;
        output.write_all(quantized.indices())?;
        output.flush()?;
    }
}
