//! Trees of boxes over runs of points.

use std::ops::Range;

use crate::moments::Moments;
use crate::space::Point;

/// Some points together: a run of them, its bounding box and its moments.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// The first point.
    pub start: usize,
    /// One past the last point.
    pub end: usize,
    /// Nodes in this subtree, itself included: children follow their parent, 1 means that there are none.
    pub size: usize,
    /// The leaves that it consists of; at most `BLOCK` where it has no children.
    pub leaves: Range<usize>,
    /// Least coordinates.
    pub low: Point,
    /// Greatest coordinates.
    pub high: Point,
    /// Weight and sum of the points.
    pub moments: Moments,
}

impl Node {
    /// The childless node of this and the next.
    pub fn join(&self, next: &Self) -> Self {
        let mut moments = self.moments;
        moments.merge(&next.moments);
        Self {
            start: self.start,
            end: next.end,
            size: 1,
            leaves: self.leaves.start..next.leaves.end,
            low: [0, 1, 2, 3].map(|d| self.low[d].min(next.low[d])),
            high: [0, 1, 2, 3].map(|d| self.high[d].max(next.high[d])),
            moments,
        }
    }
}

/// A few points next to each other.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The first point.
    pub start: usize,
    /// One past the last point.
    pub end: usize,
    /// Weight and sum of the points.
    pub moments: Moments,
}

/// A binary tree over leaves.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// In preorder.
    pub nodes: Vec<Node>,
    /// In the order of the points.
    pub leaves: Vec<Leaf>,
    /// Least coordinates of the leaves, a plane each, `BLOCK` behind the last.
    pub low: [Vec<f32>; 4],
    /// Greatest coordinates.
    pub high: [Vec<f32>; 4],
}

impl Tree {
    /// The first point.
    #[inline(always)]
    pub fn start(&self) -> usize {
        self.nodes[0].start
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.nodes[0].end - self.nodes[0].start
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The childless node of one leaf.
    pub fn leaf(&self, number: usize) -> Node {
        let &Leaf { start, end, moments } = &self.leaves[number];
        let (low, high) =
            (self.low.each_ref().map(|plane| plane[number]), self.high.each_ref().map(|plane| plane[number]));
        Node { start, end, size: 1, leaves: number..number + 1, low, high, moments }
    }
}
