//! First centers.

use crate::candidates::distance;
use crate::cloud::Cloud;
use crate::divide;
use crate::pixels::Key;
use crate::space::{Point, Space};

/// Where the search starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Init {
    /// The means of groups that were cut in two again and again.
    Divisive,
    /// One after another at random, the likelier the farther from those before, by squared distance (D. Arthur and S.
    /// Vassilvitskii, "k-means++: the advantages of careful seeding", 2007).
    KMeansPlusPlus,
    /// At random, every pixel as likely as any other.
    Random,
    /// One at random, then each time what is farthest from all before (T. F. Gonzalez, "Clustering to minimize the
    /// maximum intercluster distance", 1985).
    Maximin,
    /// These.
    Centers(Vec<Key>),
}

impl Init {
    /// At most `k` centers for the points of `cloud`; fewer when it has fewer points.
    pub fn centers(&self, cloud: &Cloud, k: usize, space: Space, random: &mut Random) -> Vec<Point> {
        match self {
            Init::Divisive => divide::seeds(cloud, k),
            Init::KMeansPlusPlus => one_by_one(cloud, k, random, |weights, least, random| {
                let total: f64 = shares(weights, least).sum();
                random.pick(shares(weights, least), total)
            }),
            Init::Maximin => one_by_one(cloud, k, random, |_, least, _| {
                let farthest = (0..least.len()).max_by(|&a, &b| least[a].total_cmp(&least[b]).then(b.cmp(&a)));
                farthest.filter(|&i| least[i] > 0.0)
            }),
            Init::Random => {
                // The k largest of u^(1/w) are a weighted sample (P. Efraimidis and P. Spirakis, 2006).
                let mut keyed: Vec<(f64, usize)> =
                    (0..cloud.len()).map(|i| (-libm::log(random.unit()) / f64::from(cloud.weights[i]), i)).collect();
                keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                keyed.iter().take(k).map(|&(_, i)| cloud.point(i)).collect()
            }
            Init::Centers(keys) => {
                let keys = &keys[..keys.len().min(k)];
                let mut points = vec![[0.0; 4]; keys.len()];
                space.to_points(keys, &mut points);
                points
            }
        }
    }
}

fn shares<'a>(weights: &'a [f32], least: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
    weights.iter().zip(least).map(|(&weight, &square)| f64::from(weight) * f64::from(square))
}

/// A first center at random, then what `next` chooses by the squared distances to the nearest of those before.
fn one_by_one(
    cloud: &Cloud,
    k: usize,
    random: &mut Random,
    next: impl Fn(&[f32], &[f32], &mut Random) -> Option<usize>,
) -> Vec<Point> {
    let weights = &cloud.weights[..cloud.len()];
    let mut least = vec![f32::INFINITY; cloud.len()];
    let mut chosen = random.pick(weights.iter().copied().map(f64::from), cloud.all.moments.weight);
    let mut centers = Vec::new();
    while let Some(center) = chosen.map(|i| cloud.point(i)) {
        centers.push(center);
        if centers.len() == k {
            break;
        }
        for (i, least) in least.iter_mut().enumerate() {
            *least = least.min(distance::<4>(cloud.point(i), center));
        }
        chosen = next(weights, &least, random);
    }
    centers
}

/// Random numbers that are the same everywhere: SplitMix64 (G. L. Steele et al., "Fast splittable pseudorandom number
/// generators", 2014).
pub struct Random(u64);

impl Random {
    /// Numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// More than 0, at most 1.
    pub fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// One of the indices, as likely as its share of `total`; `None` when all shares are 0.
    pub fn pick(&mut self, shares: impl Iterator<Item = f64>, total: f64) -> Option<usize> {
        let mut left = self.unit() * total;
        let mut last = None;
        for (i, share) in shares.enumerate().filter(|&(_, share)| share > 0.0) {
            last = Some(i);
            left -= share;
            if left <= 0.0 {
                break;
            }
        }
        last
    }
}
