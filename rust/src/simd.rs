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

/// A closure that is called in place. Called as `FnOnce` it would go through a shim that the compiler does not inline.
struct Inlined<F>(F);

impl<R, F: FnMut() -> R> NullaryFnOnce for Inlined<F> {
    type Output = R;

    #[inline(always)]
    fn call(mut self) -> R {
        (self.0)()
    }
}
