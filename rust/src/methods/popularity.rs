//! The fullest cells of a histogram of 5 bits a channel: the popularity algorithm, in P. Heckbert, "Color image
//! quantization for frame buffer display", SIGGRAPH (1982). An entry is the mean of its cell.

use std::cmp::Reverse;

use super::{Weighted, premultiplied};
use crate::space::Point;

/// Bits of a channel that a cell leaves open.
const OPEN: u32 = 3;

/// The means of the `k` fullest cells, or of all when there are fewer.
pub fn centers(set: &Weighted, k: usize) -> Vec<Point> {
    let cell = |&color| u32::from_be_bytes(premultiplied(color).map(|channel| channel >> OPEN));
    let mut order: Vec<(u32, u32)> = set.colors.iter().map(cell).zip(0..).collect();
    order.sort_unstable();
    let mut cells: Vec<(u64, &[(u32, u32)])> = Vec::new();
    for members in order.chunk_by(|a, b| a.0 == b.0) {
        cells.push((members.iter().map(|&(_, i)| set.weights[i as usize]).sum(), members));
    }
    cells.sort_by_key(|&(weight, _)| Reverse(weight));
    cells.iter().take(k).filter_map(|(_, members)| set.mean(members.iter().map(|&(_, i)| i))).collect()
}
