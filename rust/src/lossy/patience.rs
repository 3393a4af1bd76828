//! Where matches are sought, and how long.

use super::near::FEW;
use super::parts::Parts;

/// Pixels above which a picture is large.
const LARGE: usize = 3_000_000;

/// How matches are followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Follow {
    /// From each column to where they cost so many bits more than what is known, or usual in the row above.
    Each {
        /// These bits.
        behind: f32,
    },
    /// All abreast, those of the same distance back as one: in half of the time where matches are long.
    Abreast,
}

/// How long matches are sought.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// That less is so many bits at most: a match that begins here costs about as many before it saves any.
    pub reached: f32,
    /// How matches are followed.
    pub follow: Follow,
    /// Links that are looked at.
    pub links: usize,
    /// Places in a part of space that are looked at; 0 where links alone say what looks alike.
    pub places: usize,
}

impl Patience {
    /// Photographs are as small as if sought everywhere.
    pub const USUAL: Self = Self { reached: 6.0, follow: Follow::Each { behind: 30.0 }, links: 32, places: 64 };
    /// Large pictures take some percent more bytes, in a third of the time.
    pub const LARGE: Self = Self { reached: 20.0, follow: Follow::Abreast, links: 32, places: FEW };
    /// Photographs are some percent larger, in a fraction of the time.
    pub const LITTLE: Self = Self { reached: 20.0, follow: Follow::Each { behind: 8.0 }, links: 4, places: 0 };

    /// For so many pixels, unless it has to be quick: somebody waits for large pictures.
    pub fn of(pixels: usize) -> Self {
        if pixels > LARGE { Self::LARGE } else { Self::USUAL }
    }

    /// What a bit is worth beside what it is said to be. Nothing is paid for errors that a row hands on to those below. The
    /// cheaper the way that is found through it, the more there are of them: so they count for more.
    pub fn worth(&self) -> f32 {
        match self.follow {
            Follow::Each { .. } => 1.0,
            Follow::Abreast => 0.92,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_sought_of_large_pictures_and_least_where_it_has_to_be_quick() {
        let ladder = [Patience::of(1920 * 1080), Patience::of(3840 * 2160), Patience::LITTLE];
        for (more, less) in ladder.iter().zip(&ladder[1..]) {
            assert!(more.reached <= less.reached && more.links >= less.links && more.places > less.places);
        }
    }
}
