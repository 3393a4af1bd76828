//! Matches that begin at a column, each followed to its end.

use super::costs::{LONGEST, SHORTEST};
use super::model::Class;
use super::parse::{Band, MOST_ERROR, Node, place};
use super::sources::{RUNS, Sources};
use crate::simd::{lane_of, least};

/// A match ends where it costs too many bits more than what is known, or usual in the row above. While it is too short, it
/// may be behind by the bits of its distance besides.
const NOT_YET: f32 = 12.0;
/// After a match so long, to the row's end or the longest there is, whose pixels all cost next to nothing, no other
/// is sought before it ends.
const NICE: usize = 32;
const NEXT_TO_NOTHING: f32 = 0.5;
/// No match is sought where a column so many pixels on is reached already for less than so much of what they usually cost.
const AHEAD: usize = 4;
const USUALLY: f32 = 0.75;

impl<const D: usize, const N: usize> Band<'_, D, N> {
    /// Finds the best way to each column of row `y` of the band.
    #[inline(always)]
    pub fn search(&mut self, y: usize, behind: f32) {
        let width = self.model.width;
        self.nodes.fill(Node::UNREACHED);
        self.nodes[0].cost = 0.0;
        let usually = USUALLY * (AHEAD as f32 * self.usual[width] / width as f32);
        let little = self.patience.reached.min(usually);
        let mut nice = 0;
        for x in 0..width {
            self.write_literal(x);
            let reached = self.nodes[(x + AHEAD).min(width)].cost < self.nodes[x].cost + little;
            if x >= nice && x + SHORTEST <= width && !reached {
                let sources = self.sources(x, y, N);
                nice = self.follow(x, y, &sources, behind);
            }
        }
    }

    /// Follows all matches at once, pixel by pixel. Returns the column before which nothing better need be sought.
    #[inline(always)]
    fn follow(&mut self, x: usize, y: usize, sources: &Sources, behind: f32) -> usize {
        let node = self.nodes[x];
        let (usual, runs) = (node.cost - self.usual[x], RUNS.min(x));
        let mut carried = node.carried.repeated::<N>();
        let mut recent = [node.recent; N];
        let (mut costs, mut from) = ([f32::INFINITY; N], [0; N]);
        for i in 0..sources.len {
            costs[i] = node.cost + self.costs.distance_bits(sources.distance[i]);
            from[i] = place(x, y, self.model.width).wrapping_sub(sources.distance[i] as u16);
        }
        let mut dearest = [0.0f32; N];
        let longest = (sources.pixels.into_iter().max().unwrap_or(0) as usize).min(LONGEST);
        let mut nice = 0;
        for length in 1..=longest {
            let pixel = &self.errors.row[x + length - 1];
            let mut indices = [0u32; N];
            for i in 0..N {
                indices[i] = u32::from(self.ring[usize::from(from[i])]);
                from[i] = from[i].wrapping_add(1);
            }
            for i in 0..runs {
                indices[i] = recent[i] >> (8 * i) & 255;
            }
            let table = &self.model.entries[pixel.class.number()];
            let mut entries = [[0.0; N]; D];
            for i in 0..N {
                let entry = table[indices[i] as usize % table.len()];
                for d in 0..D {
                    entries[d][i] = entry[d];
                }
            }
            let more = pixel.cost(&mut carried, &entries);
            for i in 0..N {
                let over = (more[i] > MOST_ERROR) | (length as u32 > sources.pixels[i]);
                costs[i] = if over { f32::INFINITY } else { costs[i] + more[i] };
                dearest[i] = if more[i] > dearest[i] { more[i] } else { dearest[i] };
                recent[i] = recent[i] << 8 | indices[i];
            }
            if let Class::Exact(index) = pixel.class {
                for i in 0..N {
                    costs[i] = if indices[i] == u32::from(index) { costs[i] } else { f32::INFINITY };
                }
            }
            let least = least(&costs);
            let to = &mut self.nodes[x + length];
            let bits = if length < SHORTEST { -NOT_YET } else { self.costs.length_bits(length) };
            let reached = if length < SHORTEST { f32::INFINITY } else { least + bits };
            let known = to.cost.min(usual + self.usual[x + length]).min(reached);
            if reached < to.cost {
                let best = lane_of(&costs, least);
                *to = Node {
                    cost: reached,
                    carried: carried.get(best),
                    recent: recent[best],
                    length: length as u32,
                    distance: sources.distance[best],
                };
            }
            let most = known + behind - bits;
            if least > most {
                break;
            }
            if length >= NICE {
                let best = lane_of(&costs, least);
                if length as u32 == sources.pixels[best].min(LONGEST as u32) && dearest[best] < NEXT_TO_NOTHING {
                    nice = x + length;
                }
            }
            for i in 0..N {
                costs[i] = if costs[i] > most { f32::INFINITY } else { costs[i] };
            }
        }
        nice
    }
}
