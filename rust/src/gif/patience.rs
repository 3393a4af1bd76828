//! When a full dictionary is to be emptied.

/// Watches what pixels cost once the dictionary is full.
pub struct Patience {
    /// How much more than the least so far they may cost; 0 empties at once.
    most: f64,
    start: (usize, f64),
    window: Option<(usize, f64)>,
    least: f64,
}

/// Pixels after which the cost is looked at.
const WINDOW: usize = 1024;

impl Patience {
    /// Nothing has been sent.
    pub fn new(most: f64) -> Self {
        Self { most, start: (0, 0.0), window: None, least: 0.0 }
    }

    /// The dictionary is fresh; so many pixels cost so much so far.
    pub fn restart(&mut self, pixels: usize, cost: f64) {
        (self.start, self.window) = ((pixels, cost), None);
    }

    /// Whether a full dictionary no longer pays.
    pub fn ends(&mut self, pixels: usize, cost: f64) -> bool {
        let mean = |from: (usize, f64)| (cost - from.1) / (pixels - from.0).max(1) as f64;
        let Some(window) = self.window else {
            (self.least, self.window) = (mean(self.start), Some((pixels, cost)));
            return self.most == 0.0;
        };
        if pixels - window.0 < WINDOW {
            return false;
        }
        let lately = mean(window);
        if lately > self.least * self.most {
            return true;
        }
        (self.least, self.window) = (self.least.min(lately), Some((pixels, cost)));
        false
    }
}
