//! Matches that begin at any column, followed abreast: all go on by a pixel before the next is looked at.
//!
//! Matches with the same distance back are one, as soon as they meet: that which cost less so far goes on (A. J. Viterbi,
//! "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm", 1967). So each pixel is looked
//! at once for each of some distances, however long matches are. The best way to the end of a row costs less than that
//! which is found where matches are followed from each column, as fewer of them are given up.

use super::costs::{LONGEST, SHORTEST};
use super::model::{Carried, Class, Entries, Pixel};
use super::parse::{Band, MOST_ERROR, Node, RING, place};
use super::sources::RUNS;
use crate::simd::{lane_of, least};

/// Places that are looked at for each column, the last pixels among them. More push out what was found before.
const SOUGHT: usize = 5;
/// No match is sought where so many pixels came for less than so much of what they usually cost.
const BEFORE: usize = 4;
const USUALLY: f32 = 0.75;
/// A lane that nothing is worth keeping for.
const IDLE: f32 = 1e9;

/// Matches, each with another distance back. The first are with the last pixels.
struct Lanes<const D: usize, const N: usize> {
    /// How far back, 0 where there is none, and its bits.
    distance: [u32; N],
    bits: [f32; N],
    /// Where in the ring the next pixel is, and how many there are.
    from: [u32; N],
    left: [u32; N],
    /// Bits, and errors in bits, from the beginning of the row on, without those of the length.
    cost: [f32; N],
    length: [u32; N],
    /// The last indices, the last one lowest.
    recent: [u32; N],
    carried: Carried<D, N>,
}

impl<const D: usize, const N: usize> Lanes<D, N> {
    const NONE: Self = Self {
        distance: [0; N],
        bits: [f32::INFINITY; N],
        from: [0; N],
        left: [0; N],
        cost: [f32::INFINITY; N],
        length: [0; N],
        recent: [0; N],
        carried: Carried::NONE,
    };

    #[inline(always)]
    fn has(&self, distance: u32) -> bool {
        let mut is = 0;
        for i in 0..N {
            is |= u32::from(self.distance[i] == distance);
        }
        is != 0
    }

    /// How far each is behind one that would begin at a column that is reached for so much. Negative: ahead.
    #[inline(always)]
    fn behind(&self, reached: f32) -> [f32; N] {
        let mut behind = [0.0; N];
        for i in 0..N {
            let is_on = self.cost[i] < f32::INFINITY;
            behind[i] = if is_on { self.cost[i] - (reached + self.bits[i]) } else { IDLE };
        }
        behind
    }

    /// Begins anew what is cheaper so.
    #[inline(always)]
    fn begin(&mut self, node: &Node<D>) {
        // What is new goes to other memory than what was; `simd::Least` says why.
        let (mut anew, mut cost, mut length, mut recent) = ([false; N], [0.0; N], [0; N], [0; N]);
        for i in 0..N {
            let fresh = node.cost + self.bits[i];
            anew[i] = (fresh < self.cost[i]) & (self.left[i] >= SHORTEST as u32);
            cost[i] = if anew[i] { fresh } else { self.cost[i] };
            length[i] = if anew[i] { 0 } else { self.length[i] };
            recent[i] = if anew[i] { node.recent } else { self.recent[i] };
        }
        (self.cost, self.length, self.recent) = (cost, length, recent);
        self.carried = self.carried.or(&anew, &node.carried);
    }

    /// Goes on by a pixel, and returns the least of what all cost if they end there, and whose it is.
    #[inline(always)]
    fn step(
        &mut self,
        pixel: &Pixel,
        entries: &[Entries; 3],
        ring: &[u8; RING],
        length_bits: &[f32; LONGEST + 1],
    ) -> (f32, usize) {
        let mut indices = [0u32; N];
        for i in 0..N {
            indices[i] = u32::from(ring[self.from[i] as usize % RING]);
            self.from[i] = self.from[i].wrapping_add(1);
        }
        for i in 0..RUNS {
            indices[i] = self.recent[i] >> (8 * i) & 255;
        }
        let table = &entries[pixel.class.number()];
        let mut points = [[0.0; N]; D];
        for i in 0..N {
            let entry = table[indices[i] as usize % table.len()];
            for d in 0..D {
                points[d][i] = entry[d];
            }
        }
        let more = pixel.cost(&mut self.carried, &points);
        let (exact, any) = match pixel.class {
            Class::Exact(index) => (u32::from(index), false),
            _ => (0, true),
        };
        let (mut cost, mut length) = ([0.0; N], [0; N]);
        for i in 0..N {
            let ends = (self.left[i] == 0) | (self.length[i] >= LONGEST as u32);
            let over = ends | (more[i] > MOST_ERROR) | !(any | (indices[i] == exact));
            cost[i] = if over { f32::INFINITY } else { self.cost[i] + more[i] };
            length[i] = if over { 0 } else { self.length[i] + 1 };
            self.recent[i] = self.recent[i] << 8 | indices[i];
            self.left[i] = self.left[i].saturating_sub(1);
        }
        (self.cost, self.length) = (cost, length);
        let mut ended = [0.0; N];
        for i in 0..N {
            ended[i] = self.cost[i] + length_bits[self.length[i] as usize % length_bits.len()];
        }
        let least = least(&ended);
        (least, lane_of(&ended, least))
    }
}

impl<const D: usize, const N: usize> Band<'_, D, N> {
    /// Finds the best way to each column of row `y` of the band.
    #[inline(always)]
    pub fn sweep(&mut self, y: usize) {
        let width = self.model.width;
        self.nodes[0] = Node { cost: 0.0, ..Node::UNREACHED };
        let usually = USUALLY * (BEFORE as f32 * self.usual[width] / width as f32);
        let little = self.patience.reached.min(usually);
        let mut lanes = Lanes::<D, N>::NONE;
        let mut length_bits = [f32::INFINITY; LONGEST + 1];
        for (length, bits) in length_bits.iter_mut().enumerate().skip(SHORTEST) {
            *bits = self.costs.length_bits(length);
        }
        let literal = self.costs.literals.iter().copied().fold(f32::INFINITY, f32::min);
        for x in 0..width {
            let node = self.nodes[x];
            let is_cheap = x >= BEFORE && node.cost - self.nodes[x - BEFORE].cost < little;
            if x + SHORTEST <= width && !is_cheap {
                self.seek(x, y, &mut lanes);
            }
            lanes.begin(&node);
            let (cost, best) = lanes.step(&self.errors.row[x], &self.model.entries, &self.ring, &length_bits);
            let mut to = Node::UNREACHED;
            if cost < f32::INFINITY {
                let (carried, recent) = (lanes.carried.get(best), lanes.recent[best]);
                to = Node { cost, carried, recent, length: lanes.length[best], distance: lanes.distance[best] };
            }
            self.nodes[x + 1] = to;
            if node.cost + literal < cost {
                self.write_literal(x);
            }
        }
    }

    /// Puts what is found for column `x` of row `y` in place of what is least ahead of a match that begins there.
    #[inline(always)]
    fn seek(&mut self, x: usize, y: usize, lanes: &mut Lanes<D, N>) {
        let sources = self.sources(x, y, SOUGHT);
        let mut behind = lanes.behind(self.nodes[x].cost);
        behind[..RUNS].fill(f32::NEG_INFINITY);
        for (&distance, &pixels) in sources.distance.iter().zip(&sources.pixels).take(sources.len) {
            if lanes.has(distance) {
                continue;
            }
            let lane = match distance as usize {
                run @ 1..=RUNS => run - 1,
                _ => {
                    let ahead = behind.map(|behind| -behind);
                    lane_of(&ahead, least(&ahead))
                }
            };
            behind[lane] = f32::NEG_INFINITY;
            lanes.distance[lane] = distance;
            lanes.bits[lane] = self.costs.distance_bits(distance);
            lanes.from[lane] = u32::from(place(x, y, self.model.width).wrapping_sub(distance as u16));
            lanes.left[lane] = pixels;
            lanes.cost[lane] = f32::INFINITY;
        }
    }
}
