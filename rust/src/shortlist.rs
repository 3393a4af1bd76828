//! Palette entries that can be nearest to a color in a box, and which of them are.

use crate::candidates::NOWHERE;
use crate::pixels::Key;
use crate::space::{Point, Space};

/// Colors on an edge of a cell.
pub const EDGE: Key = 4;
/// Colors of a cell: so many are labelled at once.
pub const COLORS: usize = 64;

/// Bits for an index below a whole distance, in 32 bits.
pub const ID_BITS: u32 = 12;

/// How red, green and blue of the colors of a cell differ from the first.
const WITHIN: [[i32; COLORS]; 3] = within();

const fn within() -> [[i32; COLORS]; 3] {
    let mut within = [[0; COLORS]; 3];
    let mut i = 0;
    while i < 3 * COLORS {
        let (channel, u) = (i / COLORS, i % COLORS);
        within[channel][u] = (u >> (2 - channel) & 1 | (u >> (5 - channel) & 1) << 1) as i32;
        i += 1;
    }
    within
}

/// A whole number of less than 22 bits; adding 1.5 * 2^23 leaves it in the lowest bits.
#[inline(always)]
fn whole(x: f32) -> i32 {
    ((x + 12_582_912.0).to_bits() as i32).wrapping_sub(0x4B40_0000)
}

/// Entries that can be nearest to a color in a box, in ascending order.
#[derive(Clone, Default)]
pub struct Shortlist {
    blocks: Vec<Block>,
    len: usize,
    /// What bounds all coordinates.
    reach: f32,
}

/// Entries that are handled at once.
const BLOCK: usize = 16;

#[derive(Clone, Copy)]
struct Block {
    /// Three coordinates, and the square of what is missing to an opaque alpha.
    planes: [[f32; BLOCK]; 4],
    ids: [u32; BLOCK],
}

/// No entries: these are nearest to nothing.
const VACANT: Block = Block { planes: [[NOWHERE; BLOCK]; 4], ids: [u32::MAX; BLOCK] };

impl Block {
    /// Squared distances to a point.
    #[inline(always)]
    fn squares(&self, point: [f32; 3]) -> [f32; BLOCK] {
        let mut squares = [0.0; BLOCK];
        for i in 0..BLOCK {
            let [x, y, z] = [point[0] - self.planes[0][i], point[1] - self.planes[1][i], point[2] - self.planes[2][i]];
            squares[i] = x * x + y * y + z * z + self.planes[3][i];
        }
        squares
    }
}

impl Shortlist {
    /// All entries that opaque colors can get: the opaque ones, or all where none is; but none that repeats a lower one.
    pub fn new(palette: &[Point], space: Space) -> Self {
        let bits = |id: u32| palette[id as usize].map(f32::to_bits);
        let mut ids: Vec<u32> = (0..palette.len() as u32).collect();
        let is_opaque = |&id: &u32| palette[id as usize][3] == space.alpha_scale();
        if ids.iter().any(is_opaque) {
            ids.retain(is_opaque);
        }
        ids.sort_by_key(|&id| bits(id));
        ids.dedup_by_key(|id| bits(*id));
        ids.sort_unstable();
        let mut all = Self { reach: 2.0 * space.alpha_scale(), ..Self::default() };
        for id in ids {
            let point = palette[id as usize];
            all.reach = point.iter().fold(all.reach, |reach, x| x.abs().max(reach));
            let missing = space.alpha_scale() - point[3];
            all.push([point[0], point[1], point[2], missing * missing], id);
        }
        all
    }

    /// The only entry, if there is just one.
    pub fn only(&self) -> Option<u32> {
        (self.len == 1).then(|| self.blocks[0].ids[0])
    }

    #[inline(always)]
    fn push(&mut self, entry: [f32; 4], id: u32) {
        let (block, i) = (self.len / BLOCK, self.len % BLOCK);
        if block == self.blocks.len() {
            self.blocks.push(VACANT);
        } else if i == 0 {
            self.blocks[block] = VACANT;
        }
        let block = &mut self.blocks[block];
        for d in 0..4 {
            block.planes[d][i] = entry[d];
        }
        block.ids[i] = id;
        self.len += 1;
    }

    /// Puts into `kept` the entries that can be nearest to a color in the box from `low` to `high`.
    ///
    /// An entry is dropped when another, one near the box's middle, is nearer to every corner, by more than rounding can
    /// make up for.
    #[inline(always)]
    pub fn filter(&self, low: [f32; 3], high: [f32; 3], kept: &mut Shortlist) {
        let blocks = &self.blocks[..self.len.div_ceil(BLOCK)];
        let mut middle = [0.0; 3];
        let mut radius = 0.0;
        for d in 0..3 {
            middle[d] = 0.5 * (low[d] + high[d]);
            radius += (high[d] - middle[d]) * (high[d] - middle[d]);
        }
        let best = nearest_about(blocks, middle);

        kept.len = 0;
        kept.reach = self.reach;
        for block in blocks {
            let squares = block.squares(middle);
            let mut keep = [0u32; BLOCK];
            for i in 0..BLOCK {
                let mut farther = block.planes[3][i] - best[3];
                let mut length = 0.0;
                for d in 0..3 {
                    let x = block.planes[d][i];
                    let toward = x - best[d];
                    let corner = if toward > 0.0 { high[d] } else { low[d] };
                    farther += toward * ((x - corner) + (best[d] - corner));
                    length += toward.abs();
                }
                let rounding = 2e-6 * (squares[i] + radius) + 2e-6 * self.reach * length;
                keep[i] = u32::from(farther <= rounding);
            }
            let mut bits = 0;
            for i in 0..BLOCK {
                bits |= keep[i] << i;
            }
            while bits != 0 {
                let i = bits.trailing_zeros() as usize % BLOCK;
                bits &= bits - 1;
                let [x, y, z, a] = &block.planes;
                kept.push([x[i], y[i], z[i], a[i]], block.ids[i]);
            }
        }
    }

    /// Indices of the entries nearest to the points of a cell; ties to the lower.
    #[inline(always)]
    pub fn nearest(&self, points: &[[f32; COLORS]; 3]) -> [u32; COLORS] {
        let mut least = [f32::INFINITY; COLORS];
        let mut nearest = [0; COLORS];
        for at in 0..self.len {
            let (block, lane) = (&self.blocks[at / BLOCK], at % BLOCK);
            let [x, y, z, a] = [0, 1, 2, 3].map(|d| block.planes[d][lane]);
            let id = block.ids[lane];
            for i in 0..COLORS {
                let [x, y, z] = [points[0][i] - x, points[1][i] - y, points[2][i] - z];
                let square = x * x + y * y + z * z + a;
                let nearer = square < least[i];
                least[i] = if nearer { square } else { least[i] };
                nearest[i] = if nearer { id } else { nearest[i] };
            }
        }
        nearest
    }

    /// Indices of the entries nearest to the colors of the cell that begins with `first`, where coordinates are those of
    /// the colors themselves and indices have at most `ID_BITS`; ties to the lower.
    ///
    /// The squared distance of entry c and color x + u, less the square of u, is |c - x|^2 - 2 u (c - x): linear in u.
    /// With the index in the bits below it, the least is the nearest.
    #[inline(always)]
    pub fn nearest_exactly(&self, first: Key) -> [u32; COLORS] {
        let [r, g, b, _] = first.to_be_bytes().map(f32::from);
        let mut least = [i32::MAX; COLORS];
        for (number, block) in self.blocks[..self.len.div_ceil(BLOCK)].iter().enumerate() {
            let mut base = [0; BLOCK];
            let mut steps = [[0; BLOCK]; 3];
            for i in 0..BLOCK {
                let away = [block.planes[0][i] - r, block.planes[1][i] - g, block.planes[2][i] - b];
                let square = away[0] * away[0] + away[1] * away[1] + away[2] * away[2];
                base[i] = whole(square) << ID_BITS | block.ids[i] as i32;
                for d in 0..3 {
                    steps[d][i] = whole(-2.0 * away[d]) << ID_BITS;
                }
            }
            for i in 0..BLOCK.min(self.len - number * BLOCK) {
                let [r, g, b] = [steps[0][i], steps[1][i], steps[2][i]];
                for u in 0..COLORS {
                    let score = base[i] + WITHIN[0][u] * r + WITHIN[1][u] * g + WITHIN[2][u] * b;
                    least[u] = if score < least[u] { score } else { least[u] };
                }
            }
        }
        let mut nearest = [0; COLORS];
        for i in 0..COLORS {
            nearest[i] = least[i] as u32 & ((1 << ID_BITS) - 1);
        }
        nearest
    }
}

/// An entry that is nearest to a point, or about as near as that.
#[inline(always)]
fn nearest_about(blocks: &[Block], point: [f32; 3]) -> [f32; 4] {
    let mut least = [u32::MAX; BLOCK];
    let mut at = [0u32; BLOCK];
    for (number, block) in blocks.iter().enumerate() {
        let squares = block.squares(point);
        for i in 0..BLOCK {
            // The bits of positive numbers order as they do; the lowest make room for the lane.
            let rank = squares[i].to_bits() & !(BLOCK as u32 - 1) | i as u32;
            let nearer = rank < least[i];
            least[i] = if nearer { rank } else { least[i] };
            at[i] = if nearer { number as u32 } else { at[i] };
        }
    }
    let mut width = BLOCK;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            least[i] = if least[i + width] < least[i] { least[i + width] } else { least[i] };
        }
    }
    let lane = least[0] as usize % BLOCK;
    let planes = &blocks[at[lane] as usize].planes;
    [planes[0][lane], planes[1][lane], planes[2][lane], planes[3][lane]]
}
