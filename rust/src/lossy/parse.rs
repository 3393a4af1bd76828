//! A row as the literals and matches that, with their errors, cost least.

use super::costs::{Costs, LONGEST, SHORTEST, WINDOW};
use super::model::{BOTH, Carried, Class, Errors, FAR, Model};
use super::near::Near;
use super::patience::{Known, Patience};
use super::similar::NONE;
use crate::simd::{lane_of, least, vectorized};

/// Matches that are followed at once: of photographs, and of pictures with flat areas, which have more of them.
const LANES: usize = 8;
const MANY_LANES: usize = 16;
/// The first of them are with the last pixels: so many distances from 1 on.
const RUNS: usize = 2;
/// The others are with what looks nearly alike where errors are diffused. Elsewhere pictures repeat exactly: the next are
/// with the row above, from straight above to so many pixels aside, and the others with what looks alike.
const ASIDE: usize = 2;
/// Bytes of the file that are at hand, so many that 16 bits tell which is which: the row, and the window behind it.
const RING: usize = 1 << 16;
/// Entries that are looked at side by side.
const BLOCK: usize = 16;
/// A match ends where a pixel's error costs more bits than that,
const MOST_ERROR: f32 = 48.0;
/// and where it costs too many bits more than what is known, or usual in the row above. While it is too short, it may be behind by the bits of its distance besides.
const NOT_YET: f32 = 12.0;
/// After a match so long, to the row's end or the longest there is, whose pixels all cost next to nothing, no other
/// is sought before it ends.
const NICE: usize = 32;
const NEXT_TO_NOTHING: f32 = 0.5;

/// No match is sought where a column so many pixels on is reached already for less than so much of what they usually cost.
const AHEAD: usize = 4;
const USUALLY: f32 = 0.75;

/// The best way to a column.
#[derive(Clone, Copy)]
struct Node<const D: usize> {
    /// Bits, and errors in bits.
    cost: f32,
    carried: Carried<D, 1>,
    /// The last indices, the last one lowest.
    recent: u32,
    /// The last step: how many pixels, and the distance of the match, or 0 for a literal.
    length: u32,
    distance: u32,
}

impl<const D: usize> Node<D> {
    const UNREACHED: Self = Self { cost: f32::INFINITY, carried: Carried::NONE, recent: 0, length: 0, distance: 0 };
}

/// Where matches may come from.
struct Sources<const N: usize> {
    len: usize,
    /// How far back they begin in the file, where rows are a byte longer.
    distance: [u32; N],
    /// Pixels of the longest.
    most: [u32; N],
}

/// A band whose colors have `D` coordinates, `N` matches at a time.
struct Band<'a, const D: usize, const N: usize> {
    model: &'a Model<'a>,
    patience: Patience,
    costs: Costs,
    /// Of the band; they lead to places in the picture.
    links: &'a [u32],
    near: Option<Near<'a, D>>,
    start: usize,
    indices: &'a mut [u8],
    /// The last bytes of the file, each where its place modulo their number says.
    ring: Box<[u8; RING]>,
    errors: Errors,
    nodes: Vec<Node<D>>,
    /// What ways to each column cost in the row above.
    usual: Vec<f32>,
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
    match (model.opaque, model.is_flat() || known.parts.is_none()) {
        (true, false) => parse!(3, LANES),
        (true, true) => parse!(3, MANY_LANES),
        (false, false) => parse!(4, LANES),
        (false, true) => parse!(4, MANY_LANES),
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
                || self.search(y),
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

    /// Finds the best way to each column of row `y` of the band.
    #[inline(always)]
    fn search(&mut self, y: usize) {
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
                let sources = self.sources(x, y);
                nice = self.follow(x, y, &sources);
            }
        }
    }

    /// Goes on by the literal that costs least.
    #[inline(always)]
    fn write_literal(&mut self, x: usize) {
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

    /// Where matches at column `x` of row `y` may come from.
    #[inline(always)]
    fn sources(&mut self, x: usize, y: usize) -> Sources<N> {
        let width = self.model.width;
        let (left, here) = (LONGEST.min(width - x), (y * (width + 1) + x) as u32);
        let mut sources = Sources { len: 0, distance: [0; N], most: [0; N] };
        let mut add = |distance: usize, most: usize| {
            if most >= SHORTEST && distance <= WINDOW {
                let lane = sources.len;
                sources.distance[lane] = distance as u32;
                sources.most[lane] = most as u32;
                sources.len += 1;
            }
            sources.len < N
        };
        for distance in 1..=RUNS.min(x) {
            add(distance, left);
        }
        if y == 0 {
            return sources;
        }
        let pixel = &self.errors.row[x];
        if let Some(near) = self.near.as_mut().filter(|_| pixel.share == 1.0) {
            let costs = &self.costs;
            let found = near.find(
                x,
                y,
                pixel.gain,
                #[inline(always)]
                |distance| costs.distance_bits(distance),
            );
            for distance in found {
                let column = ((here - distance) % (width as u32 + 1)) as usize;
                if distance == 0 || !add(distance as usize, left.min(width.saturating_sub(column))) {
                    break;
                }
            }
            return sources;
        }
        for column in x.saturating_sub(ASIDE)..(x + ASIDE + 1).min(width) {
            if !add(width + 1 + x - column, left.min(width - column)) {
                return sources;
            }
        }
        let mut link = self.links[y * width + x];
        for _ in 0..self.patience.links {
            if link == NONE {
                break;
            }
            let from = link as usize - self.start;
            let (up, column) = (y - from / width, from % width);
            let known = up == 0 || up == 1 && column.abs_diff(x) <= ASIDE;
            let distance = up * (width + 1) + x - column;
            if distance > WINDOW || !known && !add(distance, left.min(width - column)) {
                break;
            }
            link = self.links[from];
        }
        sources
    }

    /// Follows all matches at once, pixel by pixel. Returns the column before which nothing better need be sought.
    #[inline(always)]
    fn follow(&mut self, x: usize, y: usize, sources: &Sources<N>) -> usize {
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
        let longest = sources.most.into_iter().max().unwrap_or(0) as usize;
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
                let over = (more[i] > MOST_ERROR) | (length as u32 > sources.most[i]);
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
            let most = known + self.patience.behind - bits;
            if least > most {
                break;
            }
            if length >= NICE {
                let best = lane_of(&costs, least);
                if length as u32 == sources.most[best] && dearest[best] < NEXT_TO_NOTHING {
                    nice = x + length;
                }
            }
            for i in 0..N {
                costs[i] = if costs[i] > most { f32::INFINITY } else { costs[i] };
            }
        }
        nice
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
fn place(x: usize, y: usize, width: usize) -> u16 {
    (y * (width + 1) + x) as u16
}
