//! Orders of a palette in which pixels beside each other have near indices, so that their differences are small.

use crate::pixels::Rgba;

/// The entries in the order of A. J. Pinho and A. J. R. Neves, "A note on Zeng's technique for color re-indexing of
/// palette-based images", 2004: the entry that is most often beside those that stand already comes next, at the end of
/// the row to which it is nearer.
///
/// `indices` are `width` to a line.
pub fn neighborly(indices: &[u8], width: usize, entries: &[usize]) -> Vec<usize> {
    let beside = pairs(indices, width);
    let most = |counts: &[u32; 256], left: &[usize]| {
        // Of equals the first, so that the order depends on nothing else.
        left.iter().copied().min_by_key(|&entry| std::cmp::Reverse(counts[entry]))
    };
    let mut left = entries.to_vec();
    let mut totals = [0u32; 256];
    for &entry in entries {
        totals[entry] = beside[entry].iter().sum();
    }
    let Some(first) = most(&totals, &left) else { return vec![] };
    let mut row = std::collections::VecDeque::from([first]);
    left.retain(|&entry| entry != first);
    let mut counts = beside[first];
    while let Some(next) = most(&counts, &left) {
        let last = row.len() as i64 - 1;
        let pull: i64 = (0..).zip(&row).map(|(at, &entry)| (last - 2 * at) * i64::from(beside[next][entry])).sum();
        if pull > 0 {
            row.push_front(next)
        } else {
            row.push_back(next)
        }
        left.retain(|&entry| entry != next);
        counts.iter_mut().zip(beside[next]).for_each(|(count, more)| *count += more);
    }
    row.into()
}

/// The entries from dark to light.
pub fn light_last(palette: &[Rgba], entries: &[usize]) -> Vec<usize> {
    let mut row = entries.to_vec();
    // By luma (ITU-R BT.601), in whole numbers.
    row.sort_by_key(|&entry| {
        let [r, g, b, _] = palette[entry].map(u32::from);
        299 * r + 587 * g + 114 * b
    });
    row
}

/// How often two indices are beside each other, across and down; 0 with themselves.
fn pairs(indices: &[u8], width: usize) -> Vec<[u32; 256]> {
    let mut pairs = vec![[0; 256]; 256];
    let mut add = |a: u8, b: u8| {
        pairs[a as usize][b as usize] += u32::from(a != b);
        pairs[b as usize][a as usize] += u32::from(a != b);
    };
    for row in indices.chunks(width) {
        row.windows(2).for_each(|pair| add(pair[0], pair[1]));
    }
    indices.iter().zip(&indices[width.min(indices.len())..]).for_each(|(&above, &below)| add(above, below));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_entry_stands_once(indices in prop::collection::vec(0u8..40, 1..400), width in 1usize..30) {
            let mut entries: Vec<usize> = indices.iter().map(|&index| index as usize).collect();
            entries.sort_unstable();
            entries.dedup();
            let mut row = neighborly(&indices, width, &entries);
            row.sort_unstable();
            prop_assert_eq!(row, entries);
        }
    }

    #[test]
    fn light_entries_are_last() {
        let palette = [[255, 255, 255, 255], [0, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 0, 0, 0]];
        assert_eq!(light_last(&palette, &[0, 1, 2, 3, 4]), [1, 3, 4, 2, 0]);
        assert_eq!(light_last(&palette, &[0, 2]), [2, 0]);
    }

    #[test]
    fn a_ramp_in_disorder_gets_its_order_back() {
        let names: Vec<u8> = (0..64u32).map(|level| (level * 37 % 64) as u8).collect();
        let entries: Vec<usize> = (0..64).collect();
        let mut row = neighborly(&names, names.len(), &entries);
        if row[0] != 0 {
            row.reverse();
        }
        assert_eq!(row, names.iter().map(|&name| name as usize).collect::<Vec<_>>());
    }
}
