//! There and back, and where transparency lies.

use super::*;
use crate::pixels::to_key;
use rayon::prelude::*;

const SPACES: [Space; 5] = [Space::Srgb, Space::Linear, Space::Oklab, Space::SeenOklab, Space::Lab];

#[test]
fn every_opaque_color_comes_back() {
    for space in SPACES {
        (0..1u32 << 16).into_par_iter().for_each(|rg| {
            let keys: Vec<Key> = (0..256).map(|b| rg << 16 | b << 8 | 0xFF).collect();
            let mut points = vec![[0.0; 4]; keys.len()];
            space.to_points(&keys, &mut points);
            for (&key, point) in keys.iter().zip(points) {
                assert_eq!(space.to_rgba(point.map(f64::from)), to_rgba(key), "{space:?}");
            }
        });
    }
}

#[test]
fn translucent_colors_come_back_as_near_as_their_alpha_allows() {
    for space in SPACES {
        for alpha in [1, 2, 77, 128, 254] {
            for color in [[0, 0, 0, alpha], [255, 255, 255, alpha], [200, 100, 50, alpha]] {
                assert_eq!(space.to_rgba(space.to_point(to_key(color)).map(f64::from)), color, "{space:?}");
            }
        }
    }
}

#[test]
fn transparent_is_middle_grey_without_alpha() {
    for space in SPACES {
        let [x, y, z] = space.middle();
        assert_eq!(space.to_point(to_key([9, 8, 7, 0])), [x, y, z, 0.0]);
        assert_eq!(space.to_rgba([0.1, 0.1, 0.1, 0.0]), [0; 4]);
    }
}

#[test]
fn cube_roots_are_right_to_the_last_bits() {
    for i in 1..=1_000_000 {
        let x = i as f32 / 1_000_000.0;
        let exact = libm::cbrt(f64::from(x));
        assert!((f64::from(cbrt(x)) / exact - 1.0).abs() < 4e-7, "{x}");
    }
}
