//! What solving found out of the nearest entry of each color.

use pyo3::prelude::*;

use crate::known;
use crate::pixels::Rgba;
use crate::space::Space;

/// What `known::Known` is, of one palette in one space.
#[pyclass(frozen, module = "hueclid._core")]
pub struct Known {
    pub known: known::Known,
    pub palette: Vec<Rgba>,
    pub space: Space,
}

impl Known {
    /// What is known, if it is of this palette.
    pub fn of(&self, palette: &[Rgba], space: Space) -> Option<&known::Known> {
        (self.palette == palette && self.space == space).then_some(&self.known)
    }
}
