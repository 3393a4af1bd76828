//! An octree of all colors, whose deepest branches are merged, those of the fewest pixels first, until there are few
//! enough: M. Gervautz and W. Purgathofer, "A simple method for color quantization: octree quantization" (1988).
//!
//! A level of the tree is a bit of each channel; alpha is a fourth. All branches of a level are merged before any above
//! them, so that the leaves are the runs of equal bits at one depth, but for those already merged at the next.

use super::{Weighted, premultiplied};
use crate::space::Point;

const DEPTH: u32 = 8;
/// Bits of a level.
const CHANNELS: u32 = 4;

/// The means of at most `k` leaves.
pub fn centers(set: &Weighted, k: usize) -> Vec<Point> {
    let mut paths: Vec<(u32, u32)> = (0..).zip(set.colors).map(|(i, &color)| (path(premultiplied(color)), i)).collect();
    paths.sort_unstable();
    // The depth of the last level that has to be merged in part.
    let depth = (0..DEPTH).rev().find(|&depth| runs(&paths, depth).len() <= k).unwrap_or(0);
    let mut leaves: Vec<&[(u32, u32)]> = Vec::new();
    let mut branches: Vec<(u64, &[(u32, u32)])> = Vec::new();
    for branch in runs(&paths, depth) {
        let weight = branch.iter().map(|&(_, i)| set.weights[i as usize]).sum();
        branches.push((weight, branch));
    }
    let mut count = runs(&paths, depth + 1).len();
    branches.sort_by_key(|&(weight, _)| weight);
    for (_, branch) in branches {
        let children = runs(branch, depth + 1);
        if count > k && children.len() > 1 {
            count -= children.len() - 1;
            leaves.push(branch);
        } else {
            leaves.extend(children);
        }
    }
    leaves.iter().filter_map(|leaf| set.mean(leaf.iter().map(|&(_, i)| i))).collect()
}

/// The bits of the channels level by level, the highest first.
fn path(color: [u8; 4]) -> u32 {
    let mut path = 0;
    for bit in (0..DEPTH).rev() {
        for channel in color {
            path = path << 1 | u32::from(channel >> bit & 1);
        }
    }
    path
}

/// Runs of the same first levels.
fn runs(paths: &[(u32, u32)], depth: u32) -> Vec<&[(u32, u32)]> {
    let prefix = |path: u32| u64::from(path) >> (CHANNELS * (DEPTH - depth));
    paths.chunk_by(|a, b| prefix(a.0) == prefix(b.0)).collect()
}
