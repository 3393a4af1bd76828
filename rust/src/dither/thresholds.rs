//! Thresholds of the position-locked kinds: a number for each place, that repeats in tiles.

/// A threshold for each pixel, above 0 and below 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Thresholds {
    /// Rows of so many, repeated.
    Tile {
        /// Of a row.
        width: usize,
        /// Row by row.
        values: Vec<f32>,
    },
    /// J. Jimenez, "Next generation post processing in Call of Duty: Advanced Warfare", SIGGRAPH 2014: neighbors within
    /// 3 x 3 differ evenly, and no tile repeats.
    GradientNoise,
}

/// Ranks by void-and-cluster, two bytes each, the lower first: `rust/assets/blue_noise.py` makes them.
const BLUE_NOISE: [(usize, &[u8]); 2] =
    [(64, include_bytes!("../../assets/blue_noise_64.bin")), (128, include_bytes!("../../assets/blue_noise_128.bin"))];

impl Thresholds {
    /// Thresholds by their name; `None` when there are none of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bayer-2" => bayer(2),
            "bayer-4" => bayer(4),
            "bayer-8" => bayer(8),
            "bayer-16" => bayer(16),
            "blue-noise-64" => blue_noise(0),
            "blue-noise-128" => blue_noise(1),
            "clustered-dot" => clustered_dot(),
            "interleaved-gradient-noise" => Self::GradientNoise,
            _ => return None,
        })
    }

    /// Writes the thresholds of pixels side by side, the first at column `x` of row `y`.
    pub fn write(&self, x: usize, y: usize, thresholds: &mut [f32]) {
        match self {
            Self::Tile { width, values } => {
                let tile = values.chunks_exact(*width).nth(y % (values.len() / width)).expect("a row of the tile");
                for (threshold, &value) in thresholds.iter_mut().zip(tile.iter().cycle().skip(x % width)) {
                    *threshold = value;
                }
            }
            Self::GradientNoise => {
                for (threshold, x) in thresholds.iter_mut().zip(x..) {
                    *threshold = gradient_noise(x, y);
                }
            }
        }
    }
}

/// A tile of ranks from 0 on, as thresholds.
fn ranked(width: usize, ranks: impl ExactSizeIterator<Item = usize>) -> Thresholds {
    let count = ranks.len() as f32;
    Thresholds::Tile { width, values: ranks.map(|rank| (rank as f32 + 0.5) / count).collect() }
}

/// B. E. Bayer, "An optimum method for two-level rendition of continuous-tone pictures", ICC 1973.
fn bayer(side: usize) -> Thresholds {
    let rank = |i: usize| {
        let (x, y) = (i % side, i / side);
        let quarter = |(bit, unit): (u32, usize)| [0, 2, 3, 1][(y >> bit & 1) << 1 | (x >> bit & 1)] * unit;
        let bits = side.ilog2();
        (0..bits).map(|bit| (bit, 1 << (2 * (bits - 1 - bit)))).map(quarter).sum()
    };
    ranked(side, (0..side * side).map(rank))
}

/// R. Ulichney, "The void-and-cluster method for dither array generation", Proc. SPIE 1913 (1993).
fn blue_noise(number: usize) -> Thresholds {
    let (side, bytes) = BLUE_NOISE[number];
    ranked(side, bytes.as_chunks::<2>().0.iter().map(|&rank| usize::from(u16::from_le_bytes(rank))))
}

/// Two dots on a tile of 8 x 8, that grow from the middle as print's do, at 45 degrees: R. Ulichney, "Digital halftoning",
/// MIT Press 1987, chapter 5.
fn clustered_dot() -> Thresholds {
    const SIDE: usize = 8;
    // In halves of pixels: squared distance from the nearest of two places.
    let away = |x: usize, y: usize, places: [[i32; 2]; 2]| {
        let apart = |a: usize, b: i32| {
            let d = (2 * a as i32 + 1 - b).rem_euclid(16);
            d.min(16 - d)
        };
        places.map(|[px, py]| apart(x, px).pow(2) + apart(y, py).pow(2)).into_iter().min().expect("one of two")
    };
    let mut order: Vec<usize> = (0..SIDE * SIDE).collect();
    order.sort_by_key(|&i| {
        let (x, y) = (i % SIDE, i / SIDE);
        let (dark, light) = (away(x, y, [[4, 4], [12, 12]]), away(x, y, [[12, 4], [4, 12]]));
        // Pixels that are as far come in turn from opposite sides, other ones in each dot, so that dots don't grow together
        // to stripes.
        let (across, down) = (if y < 4 { x % 4 } else { 3 - x % 4 }, y % 4);
        let turn = [0, 2, 3, 1][(down / 2) << 1 | (across / 2)];
        (dark - light, turn, across > down, y)
    });
    let mut ranks = vec![0; order.len()];
    for (rank, i) in order.into_iter().enumerate() {
        ranks[i] = rank;
    }
    ranked(SIDE, ranks.into_iter())
}

fn gradient_noise(x: usize, y: usize) -> f32 {
    let part = |v: f64| v - v.floor();
    let value = part(52.982_918_9 * part(0.067_110_56 * x as f64 + 0.005_837_15 * y as f64));
    (value as f32).clamp(0.5 / 65_536.0, 1.0 - 0.5 / 65_536.0)
}
