//! How long to search, and what that allows.

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Few passes.
    Fast,
    /// With a search for a better optimum.
    Balanced,
    /// Until nothing moves.
    Best,
}

/// What an effort allows.
pub struct Budget {
    /// Cells wanted per center.
    pub cells: usize,
    /// Passes on the cells before the search.
    pub coarse_passes: usize,
    /// Rounds of moving many centers.
    pub rounds: usize,
    /// Moves tried one by one, before they are divided by the square of the number of centers.
    pub trials: usize,
    /// The most of them.
    pub most_trials: usize,
    /// Of so many moves, the most promising, every two are tried together where none helps alone.
    pub paired: usize,
    /// Passes that repair after moves.
    pub repair_passes: usize,
    /// Passes on all colors.
    pub fine_passes: usize,
    /// A pass that lowers the error by a smaller share ends the passes.
    pub tolerance: f64,
}

impl Effort {
    /// The efforts that are made in turn, each from where the last one ended; the best result counts, so that more effort
    /// is never worse. Where there are many colors, "fast" before "balanced" would cost more than it brings.
    pub fn stages(self, colors: usize) -> impl Iterator<Item = Self> {
        let least = if colors <= FEW { Effort::Fast } else { self.min(Effort::Balanced) };
        [Effort::Fast, Effort::Balanced, Effort::Best]
            .into_iter()
            .filter(move |&effort| least <= effort && effort <= self)
    }

    /// What it allows; `tolerance` stands for its own.
    pub fn budget(self, tolerance: Option<f64>) -> Budget {
        let budget = match self {
            Effort::Fast => Budget {
                cells: 16,
                coarse_passes: 3,
                rounds: 1,
                trials: 0,
                most_trials: 0,
                paired: 0,
                repair_passes: 3,
                fine_passes: 3,
                tolerance: 1e-3,
            },
            Effort::Balanced => Budget {
                cells: 32,
                coarse_passes: 4,
                rounds: 2,
                trials: 1 << 18,
                most_trials: 64,
                paired: 0,
                repair_passes: 5,
                fine_passes: 12,
                tolerance: 2e-4,
            },
            Effort::Best => Budget {
                cells: 128,
                coarse_passes: 60,
                rounds: 80,
                trials: 3 << 24,
                most_trials: 1 << 13,
                paired: 64,
                repair_passes: 8,
                fine_passes: 200,
                tolerance: 1e-6,
            },
        };
        Budget { tolerance: tolerance.unwrap_or(budget.tolerance), ..budget }
    }
}

/// So many colors are few.
const FEW: usize = 1 << 13;
