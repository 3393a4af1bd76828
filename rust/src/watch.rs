//! How far long work is, and whether it is to end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Looked at by those who work, and by who waits for them.
#[derive(Debug, Default)]
pub struct Watch {
    done: AtomicUsize,
    ended: AtomicBool,
}

impl Watch {
    /// Another step is done; returns whether to go on.
    pub fn step(&self) -> bool {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.goes_on()
    }

    /// Whether to go on.
    pub fn goes_on(&self) -> bool {
        !self.ended.load(Ordering::Relaxed)
    }

    /// Steps that are done.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// Ends the work at its next step.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
