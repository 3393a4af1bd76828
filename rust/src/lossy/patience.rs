//! Where matches are sought, and how long.

use super::near::Parts;

/// How long matches are sought.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// That less is so many bits at most: a match that begins here costs about as many before it saves any.
    pub reached: f32,
    /// A match ends where it costs so many bits more than what is known, or usual in the row above.
    pub behind: f32,
    /// Links that are looked at.
    pub links: usize,
    /// Places in a part of space that are looked at; 0 where links alone say what looks alike.
    pub places: usize,
}

impl Patience {
    /// Photographs are as small as if sought everywhere.
    pub const USUAL: Self = Self { reached: 6.0, behind: 30.0, links: 32, places: 64 };
    /// Photographs are some percent larger, in a fraction of the time.
    pub const LITTLE: Self = Self { reached: 20.0, behind: 8.0, links: 4, places: 0 };
}

/// What is known of a picture before any of it is written.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// From each pixel to one that looks alike, as `similar::links` has them.
    pub links: &'a [u32],
    /// Parts of the space of what pixels in a row look like, if places in them are looked at.
    pub parts: Option<&'a Parts>,
    /// How long matches are sought.
    pub patience: Patience,
}
