//! Kernels of error diffusion: which pixels get how much of an error.

/// What a pixel's error is divided into.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// Each after the pixel in the order of rows, in no order; together they hand on at most the whole error.
    pub taps: Vec<Tap>,
}

/// The share of one of the pixels that come later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tap {
    /// Columns ahead, the way the row is walked; negative behind.
    pub ahead: i32,
    /// Rows below.
    pub below: usize,
    /// From 0 to 1.
    pub share: f32,
}

/// Rows of whole shares, the first that of the pixel itself, at column `origin`; their unit is 1 / `unit`.
struct Published {
    name: &'static str,
    origin: usize,
    unit: u16,
    rows: &'static [&'static [u16]],
}

const PUBLISHED: [Published; 10] = [
    // R. W. Floyd and L. Steinberg, "An adaptive algorithm for spatial greyscale", Proc. SID 17 (1976).
    Published { name: "floyd-steinberg", origin: 1, unit: 16, rows: &[&[0, 0, 7], &[3, 5, 1]] },
    // A shorter one that goes by the same name; of unknown origin.
    Published { name: "false-floyd-steinberg", origin: 0, unit: 8, rows: &[&[0, 3], &[3, 2]] },
    // J. F. Jarvis, C. N. Judice and W. H. Ninke, "A survey of techniques for the display of continuous tone pictures
    // on bilevel displays", Computer Graphics and Image Processing 5 (1976).
    Published {
        name: "jarvis-judice-ninke",
        origin: 2,
        unit: 48,
        rows: &[&[0, 0, 0, 7, 5], &[3, 5, 7, 5, 3], &[1, 3, 5, 3, 1]],
    },
    // P. Stucki, "MECCA: a multiple-error correcting computation algorithm for bilevel image hardcopy reproduction",
    // IBM research report RZ1060 (1981).
    Published { name: "stucki", origin: 2, unit: 42, rows: &[&[0, 0, 0, 8, 4], &[2, 4, 8, 4, 2], &[1, 2, 4, 2, 1]] },
    // D. Burkes, "Presentation of the Burkes error filter for use in preparing continuous-tone images for presentation
    // on bi-level devices" (1988).
    Published { name: "burkes", origin: 2, unit: 32, rows: &[&[0, 0, 0, 8, 4], &[2, 4, 8, 4, 2]] },
    // F. Sierra, three filters (1989 and 1990).
    Published { name: "sierra", origin: 2, unit: 32, rows: &[&[0, 0, 0, 5, 3], &[2, 4, 5, 4, 2], &[0, 2, 3, 2, 0]] },
    Published { name: "sierra-two-row", origin: 2, unit: 16, rows: &[&[0, 0, 0, 4, 3], &[1, 2, 3, 2, 1]] },
    Published { name: "sierra-lite", origin: 1, unit: 4, rows: &[&[0, 0, 2], &[1, 1, 0]] },
    // B. Atkinson, for the Macintosh's pictures (1984): a quarter of the error is dropped.
    Published { name: "atkinson", origin: 1, unit: 8, rows: &[&[0, 0, 1, 1], &[1, 1, 1, 0], &[0, 1, 0, 0]] },
    // R. L. Stevenson and G. R. Arce, "Binary display of hexagonally sampled continuous-tone images", JOSA A 2 (1985).
    Published {
        name: "stevenson-arce",
        origin: 3,
        unit: 200,
        rows: &[
            &[0, 0, 0, 0, 0, 32, 0],
            &[12, 0, 26, 0, 30, 0, 16],
            &[0, 12, 0, 26, 0, 12, 0],
            &[5, 0, 12, 0, 12, 0, 5],
        ],
    },
];

impl Kernel {
    /// A published kernel; `None` when there is none of that name.
    pub fn named(name: &str) -> Option<Self> {
        let found = PUBLISHED.iter().find(|published| published.name == name)?;
        let shares = found.rows.iter().map(|row| row.iter().map(|&share| f32::from(share) / f32::from(found.unit)));
        Some(Self::new(found.origin, shares))
    }

    /// A kernel of rows of shares, the first that of the pixel itself, at column `origin`.
    pub fn new(origin: usize, rows: impl IntoIterator<Item = impl IntoIterator<Item = f32>>) -> Self {
        let mut taps = Vec::new();
        for (below, row) in rows.into_iter().enumerate() {
            for (column, share) in row.into_iter().enumerate() {
                if share != 0.0 {
                    taps.push(Tap { ahead: column as i32 - origin as i32, below, share });
                }
            }
        }
        Self { taps }
    }
}
