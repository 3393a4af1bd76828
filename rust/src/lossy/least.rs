//! The least of many keys, in order, without a branch: which they are nobody can foretell, and processors wait long where
//! they guessed wrong.
//!
//! Keys stand in eight rows. Sorting networks (K. E. Batcher, "Sorting networks and their applications", 1968) sort all
//! columns at once, and merge them two by two.

/// So many are found.
pub const LEAST: usize = 8;

/// Keys in columns, each sorted downwards.
type Columns<const L: usize> = [[u32; L]; LEAST];

/// The least of `L` columns of keys, in order. `L` is 2, 4 or 8.
#[inline(always)]
pub fn least<const L: usize>(mut keys: Columns<L>) -> [u32; LEAST] {
    for [a, b] in SORTED {
        exchange(&mut keys, a, b);
    }
    if L > 4 {
        keys = merged::<L, 4>(&keys);
    }
    if L > 2 {
        keys = merged::<L, 2>(&keys);
    }
    keys = merged::<L, 1>(&keys);
    keys.map(
        #[inline(always)]
        |row| row[0],
    )
}

/// The least of two that are in order, in order.
#[inline(always)]
pub fn merge(a: [u32; LEAST], b: [u32; LEAST]) -> [u32; LEAST] {
    let mut both = [[0; 2]; LEAST];
    for i in 0..LEAST {
        both[i] = [a[i], b[i]];
    }
    merged::<2, 1>(&both).map(
        #[inline(always)]
        |row| row[0],
    )
}

/// Sorts eight (D. E. Knuth, "The Art of Computer Programming", volume 3, 5.3.4).
const SORTED: [[usize; 2]; 19] = [
    [0, 2],
    [1, 3],
    [4, 6],
    [5, 7],
    [0, 4],
    [1, 5],
    [2, 6],
    [3, 7],
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
    [2, 4],
    [3, 5],
    [1, 4],
    [3, 6],
    [1, 2],
    [3, 4],
    [5, 6],
];
/// Sorts eight of which the first ones rise and the others fall, or the other way round.
const BITONIC: [[usize; 2]; 12] =
    [[0, 4], [1, 5], [2, 6], [3, 7], [0, 2], [1, 3], [4, 6], [5, 7], [0, 1], [2, 3], [4, 5], [6, 7]];

/// The least of each column and of that `H` farther on; what stands in columns from `H` on means nothing.
#[inline(always)]
fn merged<const L: usize, const H: usize>(keys: &Columns<L>) -> Columns<L> {
    let mut least = *keys;
    for row in 0..LEAST {
        for i in 0..L {
            least[row][i] = keys[row][i].min(keys[LEAST - 1 - row][(i + H) % L]);
        }
    }
    for [a, b] in BITONIC {
        exchange(&mut least, a, b);
    }
    least
}

#[inline(always)]
fn exchange<const L: usize>(keys: &mut Columns<L>, a: usize, b: usize) {
    let (above, below) = (keys[a], keys[b]);
    for i in 0..L {
        keys[a][i] = above[i].min(below[i]);
        keys[b][i] = above[i].max(below[i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns<const L: usize>() -> impl Strategy<Value = Columns<L>> {
        // Few of them, too, so that there are equals.
        let key = prop_oneof![0u32..9, any::<u32>()];
        prop::collection::vec(key, LEAST * L)
            .prop_map(|keys| std::array::from_fn(|row| std::array::from_fn(|i| keys[row * L + i])))
    }

    fn sorted(keys: &[u32]) -> [u32; LEAST] {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        std::array::from_fn(|i| keys[i])
    }

    proptest! {
        #[test]
        fn the_least_are_found_in_order(eight in columns::<8>(), four in columns::<4>(), two in columns::<2>()) {
            prop_assert_eq!(least(eight), sorted(eight.as_flattened()));
            prop_assert_eq!(least(four), sorted(four.as_flattened()));
            prop_assert_eq!(least(two), sorted(two.as_flattened()));
            prop_assert_eq!(merge(least(eight), least(four)), sorted(&[least(eight), least(four)].concat()));
        }
    }
}
