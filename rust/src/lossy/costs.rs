//! What symbols of a deflate stream cost, in bits, before there is a stream (RFC 1951, 3.2.5).

/// Pixels of the longest match.
pub const LONGEST: usize = 258;
/// Pixels of the shortest match.
pub const SHORTEST: usize = 3;
/// How far back a match may begin.
pub const WINDOW: usize = 32 << 10;

/// Bits of the codes of lengths and distances, about.
const CODE: f32 = 5.0;
/// Bits that a literal takes beyond its entropy, as matches take codes, too.
const SHARED: f32 = 0.7;

/// Bits of literals and of lengths.
pub struct Costs {
    /// For each entry of the palette.
    pub literals: Vec<f32>,
    /// For each length, 0 to `LONGEST`, of which those below `SHORTEST` are never asked for.
    pub lengths: [f32; LONGEST + 1],
}

impl Costs {
    /// Costs where indices are about as frequent as in `indices`.
    pub fn of(indices: &[u8], colors: usize) -> Self {
        let mut counts = vec![0u32; colors];
        for &index in indices {
            counts[usize::from(index)] += 1;
        }
        let literal = |&count: &u32| {
            let share = (f64::from(count) / indices.len() as f64).max(1e-9);
            (SHARED - libm::log2(share) as f32).clamp(2.0, 14.0)
        };
        Self {
            literals: counts.iter().map(literal).collect(),
            lengths: std::array::from_fn(|length| CODE + length_extra(length) as f32),
        }
    }
}

/// Bits of a distance.
pub fn distance_bits(distance: u32) -> f32 {
    let extra = if distance <= 4 { 0 } else { (distance - 1).ilog2() - 1 };
    CODE + extra as f32
}

/// Extra bits of a length.
fn length_extra(length: usize) -> u32 {
    match length {
        ..=10 | LONGEST => 0,
        _ => (length as u32 - 3).ilog2() - 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_bits_are_those_of_the_standard() {
        for (length, extra) in [(3, 0), (10, 0), (11, 1), (18, 1), (19, 2), (35, 3), (131, 5), (257, 5), (258, 0)] {
            assert_eq!(length_extra(length), extra, "{length}");
        }
        for (distance, extra) in [(1, 0), (4, 0), (5, 1), (8, 1), (9, 2), (193, 6), (16_385, 13), (32_768, 13)] {
            assert_eq!(distance_bits(distance), CODE + extra as f32, "{distance}");
        }
    }

    #[test]
    fn rare_indices_cost_more() {
        let costs = Costs::of(&[0, 0, 0, 0, 0, 0, 1, 1, 2], 4);
        assert!(costs.literals.is_sorted());
    }
}
