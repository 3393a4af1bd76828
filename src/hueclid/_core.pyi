"""The compiled core: passes over many pixels or colors. Arguments are trusted; the nouns check them.

Pixels are C-contiguous `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8 arrays: grey, RGB or RGBA, sRGB with straight
alpha. `threads` is 0 for all cores; it never changes a result. The GIL is released in every call.
"""

from collections.abc import Callable
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

_Bytes = npt.NDArray[np.uint8]
_Weights = npt.NDArray[np.uint64]
_Points = npt.NDArray[np.float32]
_Labels = npt.NDArray[np.int32]
_Real = TypeVar("_Real", np.float32, np.float64)
_Indices = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

__all__ = [
    "__version__",
    "assign_points",
    "ciede2000",
    "cluster_points",
    "count_colors",
    "divisive_errors",
    "encode_png",
    "from_space",
    "lloyd_pass",
    "map_floyd_steinberg",
    "map_nearest",
    "merge_colors",
    "palette_by_method",
    "palette_of_centers",
    "reduce_alpha",
    "solve_palette",
    "squared_error",
    "ssimulacra2",
    "to_space",
]

__version__: str

def reduce_alpha(
    pixels: _Bytes, levels: int, threshold: int, dither: bool, matte: tuple[int, int, int] | None, threads: int
) -> _Bytes:
    """`(H, W, 4)` pixels of so many levels of alpha, 0 for all; of two, `threshold` is opaque. `matte` or `dither`."""

def count_colors(pixels: _Bytes, threads: int) -> tuple[_Bytes, _Weights]:
    """Distinct colors `(n, 4)`, sorted, and how many pixels have each `(n,)`."""

def merge_colors(colors: _Bytes, weights: _Weights) -> tuple[_Bytes, _Weights]:
    """Sort `(n, 4)` colors and add up the weights of equal ones."""

def solve_palette(
    colors: _Bytes,
    weights: _Weights,
    k: int,
    space: str,
    objective: str,
    effort: str,
    init: str,
    centers: _Bytes | None,
    attempts: int,
    max_iterations: int | None,
    tolerance: float | None,
    seed: int,
    time_limit: float | None,
    threads: int,
    on_pass: Callable[[int, float], None] | None,
) -> tuple[_Bytes, _Weights, float, int, list[float], Literal["converged", "iterations", "time"]]:
    """Solve for `min(k, n)` distinct colors: palette, weight of each entry, error, passes, attempts' errors, why ended.

    `centers`, when given, stand for `init`; the transparent color is none of them when it is one of the colors.
    `on_pass(passes, error)` runs after passes; an exception in it ends the solving and is raised.
    """

def lloyd_pass(
    colors: _Bytes, weights: _Weights, centers: _Points, space: str, threads: int
) -> tuple[npt.NDArray[np.uint32], _Points, float]:
    """Nearest of `(k, 4)` centers to each color `(n,)`; the centers after a step to the means; the error before it."""

def palette_by_method(
    colors: _Bytes, weights: _Weights, k: int, method: str, space: str, threads: int
) -> tuple[_Bytes, _Weights, float]:
    """Find `min(k, n)` distinct colors by another method than k-means, at most so many by "uniform"."""

def palette_of_centers(
    colors: _Bytes, weights: _Weights, centers: _Points, space: str, threads: int
) -> tuple[_Bytes, _Weights, float]:
    """Round `(k, 4)` centers to colors that are distinct and used, beside the transparent one, if it is a color."""

def divisive_errors(colors: _Bytes, weights: _Weights, k: int, space: str, threads: int) -> npt.NDArray[np.float64]:
    """Squared error of 1, 2, ... and at most `k` groups of colors, each one cut more; fewer when colors are fewer."""

def cluster_points(
    points: npt.NDArray[_Real],
    weights: npt.NDArray[np.float64] | None,
    k: int,
    init: str,
    centers: npt.NDArray[_Real] | None,
    labels: _Labels | None,
    attempts: int,
    max_iterations: int,
    epsilon: float,
    together: bool,
    seed: int,
    threads: int,
) -> tuple[_Labels, npt.NDArray[_Real], float, int]:
    """k-means of finite points `(n, d)`, n >= k: labels `(n,)`, centers `(k, d)`, compactness, moves of the centers.

    `init` is "k-means++" or "random"; `centers`, or else `labels` from 0 to k - 1, stand for it when given.
    """

def assign_points(
    points: npt.NDArray[_Real], weights: npt.NDArray[np.float64] | None, centers: npt.NDArray[_Real], threads: int
) -> tuple[_Labels, float]:
    """Find the number of each point's nearest center `(n,)`, ties to the lower, and the weighted sum of squares."""

def map_nearest(pixels: _Bytes, palette: _Bytes, space: str, threads: int) -> _Indices:
    """Index of each pixel's nearest entry, ties to the lower: `(H, W)` uint8, uint16 when k > 256."""

def map_floyd_steinberg(pixels: _Bytes, palette: _Bytes, space: str, strength: float, threads: int) -> _Indices:
    """Serpentine error diffusion in the working space; shape and dtype as `map_nearest`."""

def to_space(colors: _Bytes, space: str) -> _Points:
    """`(n, 4)` uint8 colors as `(n, 4)` float32 points: three coordinates, over middle grey, and alpha."""

def from_space(points: _Points, space: str) -> _Bytes:
    """Find the `(n, 4)` uint8 colors nearest to `(n, 4)` points."""

def encode_png(indices: _Indices, palette: _Bytes, optimize: str) -> bytes:
    """Encode an indexed PNG: `(H, W)` indices, `(k, 4)` palette, k <= 256, at the smallest bit depth."""

def squared_error(first: _Bytes, second: _Bytes, threads: int) -> int:
    """Sum of squared differences over all bytes of two arrays of one shape."""

def ciede2000(first: _Bytes, second: _Bytes, threads: int) -> tuple[float, float]:
    """Mean and 95th percentile of the CIEDE2000 difference of two `(H, W, 3)` images."""

def ssimulacra2(first: _Bytes, second: _Bytes, threads: int) -> float:
    """SSIMULACRA2 score of two `(H, W, 3)` images, at most 100; NaN when a side is under 8 pixels."""
