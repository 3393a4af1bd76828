//! Boxes of a lattice, the one of the largest squared error cut again and again, across an axis, where that lowers the
//! error most: X. Wu, "Efficient statistical computations for optimal color quantization", Graphics Gems II (1991).
//!
//! The lattice fills the box of the colors in the working space. Sums over all of it below a corner give those over any
//! box from its corners. The paper has three dimensions; alpha is a fourth where it differs.

use super::Weighted;
use crate::space::Point;

/// Steps of the lattice in each coordinate; the paper's 5 bits.
const STEPS: usize = 32;
/// Steps of alpha, where it differs.
const ALPHA_STEPS: usize = 16;

/// The means of at most `k` boxes.
pub fn centers(set: &Weighted, k: usize) -> Vec<Point> {
    let lattice = Lattice::new(set);
    let mut boxes = vec![Cuboid::new(&lattice, [0; 4], lattice.sides.map(|side| side - 1))];
    while boxes.len() < k {
        let widest = (0..boxes.len()).reduce(|best, i| if boxes[i].error > boxes[best].error { i } else { best });
        let Some(i) = widest.filter(|&i| boxes[i].error > 0.0) else { break };
        match boxes[i].cut(&lattice) {
            Some([left, right]) => {
                boxes[i] = left;
                boxes.push(right);
            }
            None => boxes[i].error = 0.0,
        }
    }
    let mut owners = vec![0u32; lattice.sums.len()];
    for (number, cells) in boxes.iter().enumerate() {
        cells.each(|cell| owners[lattice.index(cell)] = number as u32);
    }
    let mut members = vec![Vec::new(); boxes.len()];
    for (i, &cell) in lattice.cells.iter().enumerate() {
        members[owners[cell as usize] as usize].push(i as u32);
    }
    members.into_iter().filter_map(|members| set.mean(members.into_iter())).collect()
}

/// Weight, sum and sum of squares of some points.
#[derive(Clone, Copy, Default)]
struct Sums {
    weight: f64,
    sum: [f64; 4],
    square: f64,
}

impl Sums {
    fn add(&mut self, other: &Self, sign: f64) {
        self.weight += sign * other.weight;
        for d in 0..4 {
            self.sum[d] += sign * other.sum[d];
        }
        self.square += sign * other.square;
    }

    /// Squared length of the sum by the weight: what the mean explains of the sum of squares.
    fn explained(&self) -> f64 {
        let [x, y, z, a] = self.sum;
        (x * x + y * y + z * z + a * a) / self.weight
    }
}

/// Sums over all cells up to each, that one included.
struct Lattice {
    /// One more than the steps: the first of each coordinate is empty.
    sides: [usize; 4],
    sums: Vec<Sums>,
    /// The cell of each point.
    cells: Vec<u32>,
}

impl Lattice {
    fn new(set: &Weighted) -> Self {
        let (mut low, mut high) = (set.points[0], set.points[0]);
        for point in &set.points {
            for d in 0..4 {
                low[d] = low[d].min(point[d]);
                high[d] = high[d].max(point[d]);
            }
        }
        let steps: [usize; 4] = std::array::from_fn(|d| match high[d] > low[d] {
            true if d < 3 => STEPS,
            true => ALPHA_STEPS,
            false => 1,
        });
        let sides = steps.map(|steps| steps + 1);
        let mut lattice = Self { sides, sums: vec![Sums::default(); sides.iter().product()], cells: Vec::new() };
        for (point, &weight) in set.points.iter().zip(set.weights) {
            let cell = std::array::from_fn(|d| {
                let share = (point[d] - low[d]) / (high[d] - low[d]).max(f32::MIN_POSITIVE);
                1 + ((share * steps[d] as f32) as usize).min(steps[d] - 1)
            });
            let (point, weight) = (point.map(f64::from), weight as f64);
            let square = point[0] * point[0] + point[1] * point[1] + point[2] * point[2] + point[3] * point[3];
            let sums = Sums { weight, sum: point.map(|x| weight * x), square: weight * square };
            let index = lattice.index(cell);
            lattice.sums[index].add(&sums, 1.0);
            lattice.cells.push(index as u32);
        }
        let mut stride = 1;
        for d in (0..4).rev() {
            for i in stride..lattice.sums.len() {
                if i / stride % sides[d] > 0 {
                    let before = lattice.sums[i - stride];
                    lattice.sums[i].add(&before, 1.0);
                }
            }
            stride *= sides[d];
        }
        lattice
    }

    fn index(&self, cell: [usize; 4]) -> usize {
        cell.iter().zip(self.sides).fold(0, |index, (&at, side)| index * side + at)
    }
}

/// Cells above `low`, up to `high`, that one included, in every coordinate.
struct Cuboid {
    low: [usize; 4],
    high: [usize; 4],
    error: f64,
}

impl Cuboid {
    fn new(lattice: &Lattice, low: [usize; 4], high: [usize; 4]) -> Self {
        let sums = Self::sums(lattice, low, high);
        let error = if sums.weight > 0.0 { sums.square - sums.explained() } else { 0.0 };
        Self { low, high, error }
    }

    fn sums(lattice: &Lattice, low: [usize; 4], high: [usize; 4]) -> Sums {
        let mut sums = Sums::default();
        for corner in 0..16u32 {
            let cell = std::array::from_fn(|d| if corner >> d & 1 == 1 { low[d] } else { high[d] });
            // Below the lattice there is nothing.
            if !cell.contains(&0) {
                sums.add(&lattice.sums[lattice.index(cell)], if corner.count_ones() % 2 == 1 { -1.0 } else { 1.0 });
            }
        }
        sums
    }

    /// Both sides of the best cut; `None` when no cut leaves points on both.
    fn cut(&self, lattice: &Lattice) -> Option<[Self; 2]> {
        let whole = Self::sums(lattice, self.low, self.high);
        let mut best = 0.0;
        let mut place = None;
        for d in 0..4 {
            for at in self.low[d] + 1..self.high[d] {
                let mut high = self.high;
                high[d] = at;
                let left = Self::sums(lattice, self.low, high);
                let mut right = whole;
                right.add(&left, -1.0);
                if left.weight > 0.0 && right.weight > 0.0 && left.explained() + right.explained() > best {
                    best = left.explained() + right.explained();
                    place = Some((d, at));
                }
            }
        }
        let (d, at) = place?;
        let (mut low, mut high) = (self.low, self.high);
        (low[d], high[d]) = (at, at);
        Some([Self::new(lattice, self.low, high), Self::new(lattice, low, self.high)])
    }

    fn each(&self, mut call: impl FnMut([usize; 4])) {
        for x in self.low[0] + 1..=self.high[0] {
            for y in self.low[1] + 1..=self.high[1] {
                for z in self.low[2] + 1..=self.high[2] {
                    for a in self.low[3] + 1..=self.high[3] {
                        call([x, y, z, a]);
                    }
                }
            }
        }
    }
}
