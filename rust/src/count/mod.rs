//! Counting: pixels to distinct colors with weights, sorted. Knows no color space.

mod counters;
mod partitions;

use rayon::prelude::*;

use crate::pixels::{Key, Pixels};

/// Distinct colors in ascending order and how often each occurs; both of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The colors.
    pub keys: Vec<Key>,
    /// Their weights.
    pub weights: Vec<u64>,
}

/// Most weight of one count: that of a color in a table must not overflow.
const MOST: u64 = u32::MAX as u64;
/// Weights that one task adds up.
const CHUNK: usize = 1 << 15;
/// Pixels for which a byte for every color there is pays, and for which another task with one does.
const MANY: usize = 1 << 23;
const SHARE: usize = 1 << 22;

/// How often a pixel counts.
trait Weigh: Copy + Default + Send + Sync {
    /// The number.
    fn weight(self) -> u32;
}

/// Once.
#[derive(Clone, Copy, Default)]
struct Once;

impl Weigh for Once {
    #[inline(always)]
    fn weight(self) -> u32 {
        1
    }
}

impl Weigh for u8 {
    #[inline(always)]
    fn weight(self) -> u32 {
        u32::from(self)
    }
}

/// Counts the distinct colors of `pixels`, exactly. With `importance`, one for each pixel, it counts that often.
///
/// # Panics
///
/// When there are not as many importances as pixels.
pub fn count(pixels: Pixels, importance: Option<&[u8]>) -> Counts {
    match importance {
        Some(importance) => count_in_pieces(pixels, importance, MOST),
        None if (MANY..=MOST as usize).contains(&pixels.len()) => {
            let tasks = rayon::current_num_threads().min(pixels.len() / SHARE);
            counters::counted(pixels, tasks).sorted()
        }
        None => count_in_pieces(pixels, &vec![Once; pixels.len()], MOST),
    }
}

/// Counts halves apart that weigh more than `most`.
fn count_in_pieces<W: Weigh>(pixels: Pixels, weights: &[W], most: u64) -> Counts {
    assert_eq!(pixels.len(), weights.len(), "a weight for each pixel");
    let weight: u64 =
        weights.par_chunks(CHUNK).map(|chunk| chunk.iter().map(|w| u64::from(w.weight())).sum::<u64>()).sum();
    if weight <= most || pixels.len() < 2 {
        return partitions::counted(pixels, weights).sorted();
    }
    let middle = pixels.len() / 2;
    let ((first, rest), (first_weights, rest_weights)) = (pixels.split_at(middle), weights.split_at(middle));
    let counts = count_in_pieces(first, first_weights, most);
    merge_sorted(counts, count_in_pieces(rest, rest_weights, most))
}

/// What was counted.
struct Counted {
    /// Opaque colors, of each red.
    opaque: Vec<Part>,
    /// The others.
    others: Others,
}

/// Green and blue of the colors of one red, ascending, and how often each occurs.
type Part = (Vec<u16>, Vec<u32>);

/// Colors and how often each occurs, in any order, some of them several times.
type Others = Vec<(Key, u64)>;

impl Counted {
    fn sorted(self) -> Counts {
        let opaque = join(&self.opaque);
        if self.others.is_empty() { opaque } else { merge_sorted(opaque, sum_up(self.others)) }
    }
}

/// Sorts colors in any order and adds up the weights of equal ones; colors of weight 0 are left out.
pub fn merge(keys: &[Key], weights: &[u64]) -> Counts {
    sum_up(keys.iter().copied().zip(weights.iter().copied()).filter(|&(_, weight)| weight > 0).collect())
}

/// Joins the colors of all reds.
fn join(parts: &[Part]) -> Counts {
    let distinct = parts.iter().map(|(colors, _)| colors.len()).sum();
    let mut all = Counts { keys: vec![0; distinct], weights: vec![0; distinct] };
    let (mut keys, mut weights) = (&mut all.keys[..], &mut all.weights[..]);
    let mut tasks = Vec::new();
    for (red, part) in parts.iter().enumerate() {
        let (k, w);
        (k, keys) = keys.split_at_mut(part.0.len());
        (w, weights) = weights.split_at_mut(part.0.len());
        tasks.push((red as Key, part, k, w));
    }
    tasks.into_par_iter().for_each(|(red, part, keys, weights)| {
        for (key, &color) in keys.iter_mut().zip(&part.0) {
            *key = red << 24 | Key::from(color) << 8 | 0xFF;
        }
        for (weight, &counted) in weights.iter_mut().zip(&part.1) {
            *weight = u64::from(counted);
        }
    });
    all
}

fn sum_up(mut pairs: Vec<(Key, u64)>) -> Counts {
    pairs.par_sort_unstable();
    let mut counts = Counts::default();
    for (key, weight) in pairs {
        if counts.keys.last() == Some(&key) {
            *counts.weights.last_mut().expect("as long as the keys") += weight;
        } else {
            counts.keys.push(key);
            counts.weights.push(weight);
        }
    }
    counts
}

/// Merges two sorted runs; the weights of a color in both are added up.
fn merge_sorted(a: Counts, b: Counts) -> Counts {
    let mut merged = Counts::default();
    let (mut i, mut j) = (0, 0);
    while i < a.keys.len() || j < b.keys.len() {
        let (x, y) = (a.keys.get(i), b.keys.get(j));
        let left = y.is_none() || x.is_some_and(|x| Some(x) <= y);
        let right = x.is_none() || y.is_some_and(|y| Some(y) <= x);
        merged.keys.push(if left { a.keys[i] } else { b.keys[j] });
        merged.weights.push(if left { a.weights[i] } else { 0 } + if right { b.weights[j] } else { 0 });
        i += usize::from(left);
        j += usize::from(right);
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counting_in_pieces_equals_counting_at_once() {
        let bytes: Vec<u8> = (0..40_000u32).flat_map(|i| (i * i % 9973).to_le_bytes()).collect();
        let pixels = Pixels::new(&bytes, 4).expect("four channels");
        let weights: Vec<u8> = (0..40_000u32).map(|i| (i % 7) as u8).collect();
        for piece in [1000, 39_999, 40_000] {
            assert_eq!(count_in_pieces(pixels, &[Once; 40_000], piece), count(pixels, None));
            assert_eq!(count_in_pieces(pixels, &weights, piece), count(pixels, Some(&weights)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn both_ways_count_the_same(
            colors in vec(any::<[u8; 4]>(), 1..20),
            picked in vec((any::<prop::sample::Index>(), 0..4usize), 1..5000),
            tasks in 1..4usize,
        ) {
            // Few of them, so that bytes run over; some opaque, some not.
            let pick = |(index, opaque): &(prop::sample::Index, usize)| {
                let [r, g, b, a] = *index.get(&colors);
                [r, g, b, if *opaque > 0 { 255 } else { a }]
            };
            let bytes: Vec<u8> = picked.iter().flat_map(pick).collect();
            let pixels = Pixels::new(&bytes, 4).expect("four channels");
            let sorted = partitions::counted(pixels, &vec![Once; picked.len()]).sorted();
            prop_assert_eq!(counters::counted(pixels, tasks).sorted(), sorted);
        }
    }
}
