//! Rare colors raised, so that small accents get a color of their own.

use std::collections::BTreeMap;

use crate::pixels::Rgba;

/// Bits of each channel that say which colors are of one kind.
const BITS: u32 = 3;

/// A kind that makes up this part of the whole is half as strong, when fully raised, as one that fills the picture.
const NOTICED: f64 = 1e-4;

/// How the most common kind is counted, so that others are raised in small steps.
const UNIT: f64 = 16.0;

/// The weights of `colors` with those of rare kinds of color raised: for `amount` 0 all kinds as they are (times a constant),
/// for 1 all kinds alike but for those of a few pixels. Kinds are boxes of 32 steps of each channel.
pub fn raised(colors: &[Rgba], weights: &[u64], amount: f64) -> Vec<u64> {
    let kind = |color: &Rgba| color.map(|v| v >> (8 - BITS));
    let mut kinds: BTreeMap<Rgba, u64> = BTreeMap::new();
    for (color, weight) in colors.iter().zip(weights) {
        *kinds.entry(kind(color)).or_default() += weight;
    }
    let total = weights.iter().sum::<u64>() as f64;
    let most = kinds.values().copied().max().unwrap_or(0) as f64 + NOTICED * total;
    let factors: BTreeMap<Rgba, f64> = kinds
        .into_iter()
        .map(|(kind, weight)| (kind, UNIT * libm::pow(most / (weight as f64 + NOTICED * total), amount)))
        .collect();
    colors.iter().zip(weights).map(|(color, &weight)| (weight as f64 * factors[&kind(color)] + 0.5) as u64).collect()
}
