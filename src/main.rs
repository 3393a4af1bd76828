#![allow(dead_code, unused)]
#[path="/work/bytes/rust/src/candidates.rs"] mod candidates;
#[path="/work/bytes/rust/src/cloud.rs"] mod cloud;
#[path="/work/bytes/rust/src/moments.rs"] mod moments;
#[path="/work/bytes/rust/src/order.rs"] mod order;
#[path="/work/bytes/rust/src/tree.rs"] mod tree;
#[path="/work/bytes/rust/src/nearest.rs"] mod nearest;
#[path="/work/bytes/rust/src/pixels.rs"] mod pixels;
#[path="/work/bytes/rust/src/simd.rs"] mod simd;
#[path="/work/bytes/rust/src/space.rs"] mod space;
#[path="/work/bytes/rust/src/watch.rs"] mod watch;
mod dither { #[path="/work/bytes/rust/src/dither/reach.rs"] pub mod reach; }
#[path="/work/bytes/rust/src/lossy/mod.rs"] mod lossy;
mod par;
#[global_allocator] static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
use lossy::*; use pixels::Pixels; use space::Space;
fn main() {
    let reps: usize = std::env::var("REPS").map_or(1, |s| s.parse().unwrap());
    let (mut lj, mut lb, mut tt, mut n) = (0.0f64, 0.0f64, 0.0f64, 0.0);
    for p in std::env::args().skip(1) {
        let b = std::fs::read(format!("/tmp/bytes/n/data/{p}.bin")).unwrap();
        let u = |i: usize| u32::from_le_bytes(b[4*i..4*i+4].try_into().unwrap()) as usize;
        let f = |i: usize| f32::from_le_bytes(b[4*i..4*i+4].try_into().unwrap());
        let (w, h, k, m, lambda) = (u(0), u(1), u(2), u(3), f(4));
        let mut at = 24; let mut take = |n: usize| { at += n; &b[at-n..at] };
        let palette = take(4*k).as_chunks::<4>().0; let px = take(4*w*h); let plain = take(w*h); let imp = take(w*h);
        let mask = (m > 0).then(|| take(w*h));
        let pixels = Pixels::new(px, 4).unwrap();
        let picture = Picture { pixels, width: w, palette, space: Space::SeenOklab, mask };
        let lossy = Lossy { lambda, strength: 0.9 };
        let patience = if std::env::var("LITTLE").is_ok() { Patience::LITTLE } else { Patience::of(w*h) };
        let mut best = f64::MAX; let mut out = vec![];
        for _ in 0..reps {
            let t = cpu();
            out = lossy::map(picture, lossy, patience, imp, plain, &Default::default()).unwrap();
            best = best.min(cpu() - t);
        }
        let mut rows = vec![]; for r in out.chunks(w) { rows.push(0); rows.extend(r); }
        let mut c = libdeflater::Compressor::new(libdeflater::CompressionLvl::new(10).unwrap());
        let mut z = vec![0; c.deflate_compress_bound(rows.len())];
        let size = c.deflate_compress(&rows, &mut z).unwrap();
        let err = lossy::cost(picture, lossy, imp, &out);
        let j = 8.0 * size as f64 + err;
        println!("{p:20} bytes {size:7} J {j:9.0} cpu {:5.0} ms", 1e3*best);
        lj += j.ln(); lb += (size as f64).ln(); tt += best; n += 1.0;
    }
    println!("ALL J {:.1} bytes {:.1} cpu {:.0} ms", (lj/n).exp(), (lb/n).exp(), 1e3*tt);
}
fn cpu() -> f64 { let s = std::fs::read_to_string("/proc/self/schedstat").ok(); let mut t = 0.0; for d in std::fs::read_dir("/proc/self/task").unwrap() { if let Ok(s) = std::fs::read_to_string(d.unwrap().path().join("schedstat")) { t += s.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1e-9; } } t }
