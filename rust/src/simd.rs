//! The widest vector instructions that this machine has, for plain loops over lanes.
//!
//! Lanes are arrays of fixed length and nothing is contracted or reordered, so every instruction set gives the same
//! result.

use pulp::{Arch, NullaryFnOnce};

/// Runs `work`, compiled for the best instruction set there is. What it calls must be `#[inline(always)]`, and so must
/// the closure itself.
#[inline(always)]
pub fn vectorized<R>(work: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Inlined(work))
}

/// All bits that are set in some lane.
#[inline(always)]
pub fn any<const N: usize>(mut lanes: [u32; N]) -> u32 {
    let mut width = N;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            lanes[i] |= lanes[i + width];
        }
    }
    lanes[0]
}

/// The least value of some lane.
#[inline(always)]
pub fn least<const N: usize>(values: &[f32; N]) -> f32 {
    let mut least = *values;
    let mut width = N;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            least[i] = if least[i + width] < least[i] { least[i + width] } else { least[i] };
        }
    }
    least[0]
}

/// The greatest value of some lane.
#[inline(always)]
pub fn most<const N: usize>(values: &[f32; N]) -> f32 {
    let mut most = *values;
    let mut width = N;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            most[i] = if most[i + width] > most[i] { most[i + width] } else { most[i] };
        }
    }
    most[0]
}

/// The lane that has a value, the first of equals.
#[inline(always)]
pub fn lane_of<const N: usize>(values: &[f32; N], value: f32) -> usize {
    let mut equal = 0;
    for i in 0..N {
        equal |= u32::from(values[i] == value) << i;
    }
    equal.trailing_zeros() as usize % N
}

/// The least value that each lane was offered so far, and whose it was; the first of equal ones.
#[derive(Clone, Copy)]
pub struct Least<const N: usize> {
    /// The values.
    pub values: [f32; N],
    /// Whose they are.
    pub ids: [u32; N],
}

impl<const N: usize> Least<N> {
    /// Nothing was offered yet.
    #[inline(always)]
    pub fn new() -> Self {
        Self { values: [f32::INFINITY; N], ids: [0; N] }
    }

    /// Offers a value to each lane.
    ///
    /// What is new goes to other memory than what was: of a choice that is written where it was read the compiler makes a
    /// masked store, and processors wait long for what such a store wrote.
    #[inline(always)]
    pub fn offer(&mut self, values: [f32; N], id: u32) {
        self.offer_each(values, [id; N]);
    }

    /// The same where each lane's value is another's.
    #[inline(always)]
    pub fn offer_each(&mut self, values: [f32; N], ids_of: [u32; N]) {
        let (mut least, mut ids) = ([0.0; N], [0; N]);
        for i in 0..N {
            let less = values[i] < self.values[i];
            least[i] = if less { values[i] } else { self.values[i] };
            ids[i] = if less { ids_of[i] } else { self.ids[i] };
        }
        (self.values, self.ids) = (least, ids);
    }
}

impl<const N: usize> Default for Least<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// A closure that is called in place. Called as `FnOnce` it would go through a shim that the compiler does not inline.
struct Inlined<F>(F);

impl<R, F: FnMut() -> R> NullaryFnOnce for Inlined<F> {
    type Output = R;

    #[inline(always)]
    fn call(mut self) -> R {
        (self.0)()
    }
}
