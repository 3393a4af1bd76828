//! What symbols of a deflate stream cost, in bits, before there is a stream (RFC 1951, 3.2.5).

/// Pixels of the longest match.
pub const LONGEST: usize = 258;
/// Pixels of the shortest match.
pub const SHORTEST: usize = 3;
/// How far back a match may begin.
pub const WINDOW: usize = 32 << 10;

/// Codes of distances, a power of two of them; the last two stand for nothing.
const DISTANCES: usize = 32;
/// How often a symbol is a literal, as long as nothing is known.
const LITERALS: f32 = 0.6;
/// Bits of the codes of lengths and distances, as long as nothing is known.
const CODE: f32 = 5.0;
/// So many symbols for each pixel of a row are what that is worth, beside those that are written.
const BELIEF: f32 = 8.0;
/// With each row those before count for so much: codes are those of a block, some tens of rows.
const KEPT: f32 = 0.97;
/// The fewest and the most bits of a code.
const LEAST: f32 = 1.0;
const MOST: f32 = 14.0;

/// Bits of literals and matches, learnt from those that are written.
#[derive(Clone)]
pub struct Costs {
    /// For each entry of the palette.
    pub literals: Vec<f32>,
    /// For each length, 0 to `LONGEST`, of which those below `SHORTEST` are never asked for.
    lengths: [f32; LONGEST + 1],
    /// For each code.
    distances: [f32; DISTANCES],
    /// What was believed of each entry: its share of the pixels.
    shares: Vec<f32>,
    /// What that is worth, in symbols.
    belief: f32,
    written: Written,
}

/// Symbols that are written, those of earlier rows for less.
#[derive(Clone)]
struct Written {
    literals: Vec<f32>,
    lengths: [f32; LONGEST + 1],
    distances: [f32; DISTANCES],
}

impl Costs {
    /// Costs where indices are about as frequent as in `indices`.
    pub fn of(indices: &[u8], colors: usize, width: usize) -> Self {
        let mut counts = vec![0u32; colors];
        for &index in indices {
            counts[usize::from(index)] += 1;
        }
        let share = |&count: &u32| (f64::from(count) / indices.len() as f64) as f32;
        let mut costs = Self {
            literals: vec![0.0; colors],
            lengths: [0.0; LONGEST + 1],
            distances: [0.0; DISTANCES],
            shares: counts.iter().map(share).collect(),
            belief: BELIEF * width as f32,
            written: Written { literals: vec![0.0; colors], lengths: [0.0; LONGEST + 1], distances: [0.0; DISTANCES] },
        };
        costs.learn();
        costs
    }

    /// Bits of a length.
    #[inline(always)]
    pub fn length_bits(&self, length: usize) -> f32 {
        self.lengths[length]
    }

    /// Bits of a distance.
    #[inline(always)]
    pub fn distance_bits(&self, distance: u32) -> f32 {
        self.distances[distance_code(distance)]
    }

    /// Takes note of a literal.
    pub fn write_literal(&mut self, index: u8) {
        self.written.literals[usize::from(index)] += 1.0;
    }

    /// Takes note of a match.
    pub fn write_match(&mut self, length: usize, distance: u32) {
        self.written.lengths[first_of_code(length)] += 1.0;
        self.written.distances[distance_code(distance)] += 1.0;
    }

    /// Learns from what was written, at the end of a row.
    pub fn learn(&mut self) {
        let Written { literals, lengths, distances } = &mut self.written;
        for count in literals.iter_mut().chain(lengths.iter_mut()).chain(distances.iter_mut()) {
            *count *= KEPT;
        }
        let (all_literals, matches) = (literals.iter().sum::<f32>(), distances.iter().sum::<f32>());
        let symbols = libm::log2f(all_literals + matches + self.belief);
        let scale = libm::log2f((all_literals + LITERALS * self.belief) / (all_literals + self.belief));
        for ((bits, &count), &share) in self.literals.iter_mut().zip(&*literals).zip(&self.shares) {
            *bits = (symbols - libm::log2f((count + share * self.belief).max(1e-3)) - scale).clamp(LEAST, MOST);
        }
        let believed = self.belief * libm::exp2f(-CODE);
        for length in SHORTEST..=LONGEST {
            let bits = symbols - libm::log2f(lengths[first_of_code(length)] + believed);
            self.lengths[length] = bits.clamp(LEAST, MOST) + length_extra(length) as f32;
        }
        let matches = libm::log2f(matches + self.belief);
        for (code, (bits, &count)) in self.distances.iter_mut().zip(&*distances).enumerate() {
            *bits = (matches - libm::log2f(count + believed)).clamp(LEAST, MOST) + distance_extra(code) as f32;
        }
    }
}

/// Extra bits of a code of distances.
fn distance_extra(code: usize) -> u32 {
    (code as u32 / 2).saturating_sub(1)
}

/// The code of a distance. From 3 on there are two for each power of two, as there are of the upper bits of a
/// floating-point number.
#[inline(always)]
fn distance_code(distance: u32) -> usize {
    let before = distance.wrapping_sub(1);
    let upper = ((before as i32 as f32).to_bits() >> 22).wrapping_sub(2 * 127);
    let code = if before < 2 { before } else { upper };
    code as usize % DISTANCES
}

/// Extra bits of a length.
fn length_extra(length: usize) -> u32 {
    match length {
        ..=10 | LONGEST => 0,
        _ => (length as u32 - 3).ilog2() - 2,
    }
}

/// The first length that has the code of this one.
fn first_of_code(length: usize) -> usize {
    match length {
        LONGEST => LONGEST,
        _ => 3 + ((length - 3) >> length_extra(length) << length_extra(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        for (length, first, extra) in [
            (3, 3, 0),
            (10, 10, 0),
            (12, 11, 1),
            (18, 17, 1),
            (22, 19, 2),
            (35, 35, 3),
            (130, 115, 4),
            (257, 227, 5),
            (258, 258, 0),
        ] {
            assert_eq!((first_of_code(length), length_extra(length)), (first, extra), "{length}");
        }
        for (distance, code, extra) in [
            (1, 0, 0),
            (2, 1, 0),
            (3, 2, 0),
            (4, 3, 0),
            (5, 4, 1),
            (8, 5, 1),
            (9, 6, 2),
            (193, 15, 6),
            (16_385, 28, 13),
            (32_768, 29, 13),
        ] {
            assert_eq!((distance_code(distance), distance_extra(distance_code(distance))), (code, extra), "{distance}");
        }
    }

    #[test]
    fn rare_indices_cost_more() {
        let costs = Costs::of(&[0, 0, 0, 0, 0, 0, 1, 1, 2], 4, 3);
        assert!(costs.literals.is_sorted());
    }

    #[test]
    fn what_is_written_costs_less() {
        let mut costs = Costs::of(&[0, 1, 2, 3], 4, 2);
        let (literal, length, distance) = (costs.literals[2], costs.length_bits(12), costs.distance_bits(770));
        for _ in 0..20 {
            costs.write_literal(2);
            costs.write_match(11, 769);
        }
        costs.learn();
        assert!(costs.literals[2] < literal);
        assert!(costs.length_bits(12) < length);
        assert!(costs.distance_bits(770) < distance);
        assert!(costs.literals[1] > literal);
    }
}
