//! A row as the literals and matches that, with their errors, cost least.

use super::costs::Costs;
use super::model::{BOTH, Carried, Class, Errors, FAR, Model};
use super::near::Near;
use super::patience::{Follow, Known, Patience};
use crate::simd::{lane_of, least, vectorized};

/// Matches that are followed at once: of photographs, and of pictures with flat areas, which have more of them; and where
/// those of all columns are followed abreast.
const LANES: usize = 8;
const MANY_LANES: usize = 16;
const ABREAST: usize = 32;
/// Bytes of the file that are at hand, so many that 16 bits tell which is which: the row, and the window behind it.
pub const RING: usize = 1 << 16;
/// A match ends where a pixel's error costs more bits than that.
pub const MOST_ERROR: f32 = 48.0;
/// Entries that are looked at side by side.
const BLOCK: usize = 16;

/// The best way to a column.
#[derive(Clone, Copy)]
pub struct Node<const D: usize> {
    /// Bits, and errors in bits.
    pub cost: f32,
    /// What is handed on to the next pixel.
    pub carried: Carried<D, 1>,
    /// The last indices, the last one lowest.
    pub recent: u32,
    /// The last step: how many pixels, and the distance of the match, or 0 for a literal.
    pub length: u32,
    pub distance: u32,
}

impl<const D: usize> Node<D> {
    /// Not known yet.
    pub const UNREACHED: Self = Self { cost: f32::INFINITY, carried: Carried::NONE, recent: 0, length: 0, distance: 0 };
}

/// A band whose colors have `D` coordinates, `N` matches at a time.
pub struct Band<'a, const D: usize, const N: usize> {
    pub model: &'a Model<'a>,
    pub patience: Patience,
    pub costs: Costs,
    /// Of the band; they lead to places in the picture.
    pub links: &'a [u32],
    pub near: Option<Near<'a, D>>,
    pub start: usize,
    indices: &'a mut [u8],
    /// The last bytes of the file, each where its place modulo their number says.
    pub ring: Box<[u8; RING]>,
    pub errors: Errors,
    pub nodes: Vec<Node<D>>,
    /// What ways to each column cost in the row above.
    pub usual: Vec<f32>,
    /// Coordinates of the entries, each as long as a whole number of `BLOCK`.
    planes: [Vec<f32>; D],
    /// Bits of their literals for each class, infinite where it may not have them.
    literals: [Vec<f32>; 3],
}

/// Chooses the indices of a band that begins at row `first`, row after row as long as `go_on` says so.
pub fn band(model: &Model, known: Known, costs: &Costs, first: usize, indices: &mut [u8], go_on: impl Fn() -> bool) {
    macro_rules! parse {
        ($coordinates:literal, $lanes:ident) => {
            Band::<$coordinates, $lanes>::new(model, known, costs, first, indices).parse(first, go_on)
        };
    }
    let many = model.is_flat() || known.parts.is_none();
    match (model.opaque, known.patience.follow) {
        (true, Follow::Abreast) => parse!(3, ABREAST),
        (false, Follow::Abreast) => parse!(4, ABREAST),
        (true, Follow::Each { .. }) if many => parse!(3, MANY_LANES),
        (false, Follow::Each { .. }) if many => parse!(4, MANY_LANES),
        (true, Follow::Each { .. }) => parse!(3, LANES),
        (false, Follow::Each { .. }) => parse!(4, LANES),
    }
}

impl<'a, const D: usize, const N: usize> Band<'a, D, N> {
    fn new(model: &'a Model<'a>, known: Known<'a>, costs: &Costs, first: usize, indices: &'a mut [u8]) -> Self {
        let (width, start) = (model.width, first * model.width);
        let padded = model.points.len().next_multiple_of(BLOCK);
        let pad = |mut values: Vec<f32>| {
            values.resize(padded, f32::INFINITY);
            values
        };
        Self {
            model,
            patience: known.patience,
            costs: costs.clone(),
            links: &known.links[start..start + indices.len()],
            near: known.parts.map(|parts| Near::new(parts, width, known.patience.places)),
            start,
            indices,
            ring: Box::new([0; RING]),
            errors: model.errors(),
            nodes: vec![Node::UNREACHED; width + 1],
            usual: (0..=width).map(|x| 8.0 * x as f32).collect(),
            planes: std::array::from_fn(|d| pad(model.points.iter().map(|point| point[d]).collect())),
            literals: [(); 3].map(|()| vec![f32::INFINITY; padded]),
        }
    }

    fn parse(&mut self, first: usize, go_on: impl Fn() -> bool) {
        let rows = 0..self.indices.len() / self.model.width;
        for y in rows.take_while(|_| go_on()) {
            self.costs.learn();
            for (literals, entries) in self.literals.iter_mut().zip(&*self.model.entries) {
                for ((literal, &bits), &entry) in literals.iter_mut().zip(&self.costs.literals).zip(entries) {
                    *literal = if entry == FAR { f32::INFINITY } else { bits };
                }
            }
            self.errors.go_to(self.model, first + y);
            if let Some(near) = &mut self.near {
                near.begin(self.errors.row.iter().map(|pixel| &pixel.wanted));
            }
            vectorized(
                #[inline(always)]
                || match self.patience.follow {
                    Follow::Abreast => self.sweep(y),
                    Follow::Each { behind } => self.search(y, behind),
                },
            );
            self.write(y);
            if let Some(near) = &mut self.near {
                let written = &self.indices[y * self.model.width..][..self.model.width];
                vectorized(
                    #[inline(always)]
                    || near.take(y, written, &self.model.points),
                );
            }
        }
    }

    /// Goes on by the literal that costs least.
    #[inline(always)]
    pub fn write_literal(&mut self, x: usize) {
        let Node { cost, mut carried, recent, .. } = self.nodes[x];
        let pixel = &self.errors.row[x];
        let index = match pixel.class {
            Class::Exact(index) => index,
            class => self.literal(&pixel.middle(&carried), 1.0 / (pixel.gain * BOTH), class),
        };
        let mut entry = [[0.0]; D];
        for d in 0..D {
            entry[d][0] = self.model.points[usize::from(index)][d];
        }
        let [more] = pixel.cost(&mut carried, &entry);
        let cost = (cost + more) + self.costs.literals[usize::from(index)];
        let to = &mut self.nodes[x + 1];
        if cost < to.cost {
            *to = Node { cost, carried, recent: recent << 8 | u32::from(index), length: 1, distance: 0 };
        }
    }

    /// The entry for which the squared distance from `middle` and the bits, times `price`, are least.
    #[inline(always)]
    fn literal(&self, middle: &[f32; D], price: f32, class: Class) -> u8 {
        let (mut lowest, mut blocks) = ([f32::INFINITY; BLOCK], [0u32; BLOCK]);
        for (block, bits) in self.literals[class.number()].as_chunks::<BLOCK>().0.iter().enumerate() {
            let mut costs = [0.0; BLOCK];
            for d in 0..D {
                let plane = &self.planes[d][block * BLOCK..][..BLOCK];
                for i in 0..BLOCK {
                    let away = middle[d] - plane[i];
                    costs[i] += away * away;
                }
            }
            for i in 0..BLOCK {
                let cost = costs[i] + price * bits[i];
                let better = cost < lowest[i];
                lowest[i] = if better { cost } else { lowest[i] };
                blocks[i] = if better { block as u32 } else { blocks[i] };
            }
        }
        let lane = lane_of(&lowest, least(&lowest));
        (blocks[lane] as usize * BLOCK + lane) as u8
    }

    /// Writes the indices of the best way to the end of row `y`.
    fn write(&mut self, y: usize) {
        let width = self.model.width;
        let mut steps = Vec::new();
        let mut end = width;
        while end > 0 {
            steps.push((end, self.nodes[end]));
            end -= self.nodes[end].length as usize;
        }
        let row = &mut self.indices[y * width..][..width];
        for (end, node) in steps.into_iter().rev() {
            match node.distance {
                0 => self.costs.write_literal(node.recent as u8),
                distance => self.costs.write_match(node.length as usize, distance),
            }
            for x in end - node.length as usize..end {
                let place = place(x, y, width);
                row[x] = match node.distance {
                    0 => node.recent as u8,
                    distance => self.ring[usize::from(place.wrapping_sub(distance as u16))],
                };
                self.ring[usize::from(place)] = row[x];
            }
        }
        for (usual, node) in self.usual.iter_mut().zip(&self.nodes) {
            *usual = node.cost;
        }
        self.errors.take(self.model, row);
    }
}

/// Where a pixel stands in the ring.
#[inline(always)]
pub fn place(x: usize, y: usize, width: usize) -> u16 {
    (y * (width + 1) + x) as u16
}
