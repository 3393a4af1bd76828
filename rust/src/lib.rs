//! The core of hueclid: pixels are counted into distinct colors, colors are solved into a palette, pixels are mapped
//! onto the palette, indices are encoded.
//!
//! Every function is a pure function of its arguments: the number of threads, the instruction set and the machine never
//! reach a result. Only `py` knows Python.

mod abreast;
pub mod accents;
pub mod activity;
pub mod alpha;
pub mod candidates;
pub mod cells;
pub mod cloud;
mod compared;
mod cores;
pub mod count;
pub mod cube;
pub mod deflate;
pub mod dense;
mod descent;
pub mod direct;
pub mod dither;
pub mod divide;
pub mod effort;
pub mod entries;
pub mod fit;
pub mod fitted;
pub mod flat;
pub mod gif;
mod greys;
pub mod index;
pub mod init;
pub mod known;
mod live;
pub mod lloyd;
pub mod lossy;
pub mod medians;
pub mod methods;
pub mod moments;
mod near;
pub mod nearest;
pub mod order;
pub mod pins;
pub mod pixels;
pub mod png;
pub mod polish;
pub mod problem;
#[cfg(feature = "python")]
mod py;
pub mod quality;
mod ranks;
pub mod refit;
pub mod round;
mod run;
mod sample;
pub mod search;
pub mod served;
mod shortlist;
pub mod simd;
mod singly;
pub mod solve;
pub mod space;
mod swaps;
pub mod threads;
pub mod tint;
pub mod tree;
mod trial;
pub mod watch;
