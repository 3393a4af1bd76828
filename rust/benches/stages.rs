//! The passes one by one, on a picture made of noise around smooth gradients.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hueclid_core::cloud::Cloud;
use hueclid_core::count::count;
use hueclid_core::cube::map_nearest;
use hueclid_core::dither::kernels::Kernel;
use hueclid_core::dither::{self, Dither, Kind};
use hueclid_core::divide::seeds;
use hueclid_core::effort::Effort;
use hueclid_core::lloyd::Assignment;
use hueclid_core::pixels::{Pixels, Rgba, to_rgba};
use hueclid_core::problem::Options;
use hueclid_core::solve::solve;
use hueclid_core::space::Space;

const WIDTH: usize = 768;
const HEIGHT: usize = 512;

/// Three gradients with noise of a linear congruential generator: about as many distinct colors as a photograph.
fn picture() -> Vec<u8> {
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 28) as u8
    };
    (0..WIDTH * HEIGHT)
        .flat_map(|i| {
            let (x, y) = (i % WIDTH, i / WIDTH);
            [x * 240 / WIDTH, y * 240 / HEIGHT, (x + y) * 120 / HEIGHT % 240]
        })
        .map(|v| v as u8 + noise())
        .collect()
}

fn stages(c: &mut Criterion) {
    let bytes = picture();
    let pixels = Pixels::new(&bytes, 3).expect("three channels");
    let counts = count(pixels, None);
    let colors: Vec<Rgba> = counts.keys.iter().map(|&key| to_rgba(key)).collect();
    let cloud = Cloud::new(&colors, &counts.weights, Space::Oklab);
    c.bench_function("count", |b| b.iter(|| count(black_box(pixels), None)));
    c.bench_function("cloud", |b| b.iter(|| Cloud::new(black_box(&colors), &counts.weights, Space::Oklab)));
    for k in [16, 256] {
        let centers = seeds(&cloud, k);
        let palette: Vec<Rgba> = centers.iter().map(|c| Space::Oklab.to_rgba(c.map(f64::from))).collect();
        c.bench_function(&format!("seeds/{k}"), |b| b.iter(|| seeds(black_box(&cloud), k)));
        c.bench_function(&format!("pass/{k}"), |b| b.iter(|| Assignment::new(black_box(&cloud), &centers)));
        for space in [Space::Srgb, Space::Oklab] {
            let map = || map_nearest::<u8>(black_box(pixels), &palette, space);
            c.bench_function(&format!("map/{k}/{space:?}"), |b| b.iter(map));
        }
        let kernel = &Kernel::named("floyd-steinberg").expect("it is published");
        let dither = Dither { kind: Kind::Diffusion { kernel, serpentine: true }, strength: 0.8, mask: None };
        let dither = || dither::map::<u8>(black_box(pixels), WIDTH, &palette, Space::Oklab, &dither);
        c.bench_function(&format!("dither/{k}"), |b| b.iter(dither));
        for effort in [Effort::Fast, Effort::Balanced, Effort::Best] {
            let solve =
                || solve(black_box(&colors), &counts.weights, k, &Options::new(Space::Oklab, effort), &mut |_, _| true);
            c.bench_function(&format!("solve/{k}/{effort:?}"), |b| b.iter(solve));
        }
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = stages }
criterion_main!(benches);
