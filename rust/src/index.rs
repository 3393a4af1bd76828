//! Indices of palettes: bytes, or two bytes where there are more than 256 entries.

/// A type wide enough for the indices of a palette.
pub trait Index: Copy + Default + Send + Sync {
    /// Narrows an index that fits.
    fn narrow(index: u32) -> Self;
    /// The index again.
    fn widen(self) -> u32;
}

impl Index for u8 {
    #[inline(always)]
    fn narrow(index: u32) -> Self {
        index as u8
    }

    #[inline(always)]
    fn widen(self) -> u32 {
        u32::from(self)
    }
}

impl Index for u16 {
    #[inline(always)]
    fn narrow(index: u32) -> Self {
        index as u16
    }

    #[inline(always)]
    fn widen(self) -> u32 {
        u32::from(self)
    }
}
