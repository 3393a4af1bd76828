//! Results that were looked at, over each backdrop.

use super::colors::Planes;
use super::field::Entry;
use super::maps::Verdict;

/// A result that was looked at.
pub struct Look {
    /// 0 for equal pictures.
    pub loss: f64,
    /// By backdrop.
    pub pages: Vec<Page>,
}

/// A result over one backdrop.
pub struct Page {
    pub loss: f64,
    /// `None` where it was not looked at, and how often it was not.
    pub seen: Option<Seen>,
    pub unseen: usize,
}

/// What is seen of a result.
pub struct Seen {
    /// The palette's colors over the backdrop, as coded; their light; and what they look like.
    pub laid: Vec<[f32; 3]>,
    pub light: Vec<[f32; 3]>,
    pub entries: Vec<Entry>,
    /// By scale: what is seen, and the roots of responses; of the first these are the entries'.
    pub planes: Vec<Planes>,
    pub rooted: Vec<Planes>,
    /// By place.
    pub verdicts: Vec<Option<Verdict>>,
}

impl Look {
    /// How the loss grows with that over each backdrop.
    pub fn shares(&self) -> Vec<f64> {
        match &self.pages[..] {
            [_] => vec![1.0],
            pages => pages.iter().map(|page| steepness(page.loss, self.loss)).collect(),
        }
    }
}

/// The losses over all backdrops as one, with a slope, and near the worst of them: the eighth root of the sum of their
/// eighth powers.
pub fn norm(pages: &[Page]) -> f64 {
    let eighth = |page: &Page| fourth(page.loss) * fourth(page.loss);
    match pages {
        [one] => one.loss,
        _ => pages.iter().map(eighth).sum::<f64>().sqrt().sqrt().sqrt(),
    }
}

/// How the whole grows with one of the losses.
fn steepness(loss: f64, whole: f64) -> f64 {
    let ratio = if whole > 0.0 { loss / whole } else { 0.0 };
    fourth(ratio) * ratio * ratio * ratio
}

fn fourth(x: f64) -> f64 {
    (x * x) * (x * x)
}
