//! Several numbers side by side: arithmetic that the compiler turns into vector instructions.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// Numbers in one `Wide`.
pub const LANES: usize = 8;

/// As many numbers, each with a lane of its own.
#[derive(Clone, Copy, Debug)]
pub struct Wide(pub [f64; LANES]);

impl Wide {
    /// One number in all lanes.
    #[inline(always)]
    pub fn all(number: f64) -> Self {
        Self([number; LANES])
    }

    /// Each lane's number changed.
    #[inline(always)]
    pub fn each(mut self, change: impl Fn(f64) -> f64) -> Self {
        for lane in &mut self.0 {
            *lane = change(*lane);
        }
        self
    }

    /// Each lane's square root.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        self.each(
            #[inline(always)]
            |number| number.sqrt(),
        )
    }

    /// `then` in lanes above 0, `otherwise` in the others. Both are computed: that saves the branch.
    #[inline(always)]
    pub fn if_positive(self, then: Self, otherwise: Self) -> Self {
        let mut chosen = then.0;
        for i in 0..LANES {
            chosen[i] = if self.0[i] > 0.0 { then.0[i] } else { otherwise.0[i] };
        }
        Self(chosen)
    }
}

macro_rules! lane_by_lane {
    ($($operation:ident $function:ident $operator:tt),*) => {$(
        impl $operation for Wide {
            type Output = Self;

            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                let mut lanes = other.0;
                for i in 0..LANES {
                    lanes[i] = self.0[i] $operator other.0[i];
                }
                Self(lanes)
            }
        }

        impl $operation<f64> for Wide {
            type Output = Self;

            #[inline(always)]
            fn $function(self, number: f64) -> Self {
                self $operator Self::all(number)
            }
        }

        impl $operation<Wide> for f64 {
            type Output = Wide;

            #[inline(always)]
            fn $function(self, numbers: Wide) -> Wide {
                Wide::all(self) $operator numbers
            }
        }
    )*};
}

lane_by_lane!(Add add +, Sub sub -, Mul mul *, Div div /);

impl Neg for Wide {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.each(
            #[inline(always)]
            |number| -number,
        )
    }
}
