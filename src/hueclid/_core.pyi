"""The compiled core: passes over many pixels or colors. Arguments are trusted; the nouns check them.

Pixels are C-contiguous `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8 arrays: grey, RGB or RGBA, sRGB with straight
alpha. `threads` is 0 for all cores; it never changes a result. The GIL is released in every call.
"""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar, final

import numpy as np
import numpy.typing as npt
from typing_extensions import Self

_Bytes = npt.NDArray[np.uint8]
_Weights = npt.NDArray[np.uint64]
_Points = npt.NDArray[np.float32]
_Labels = npt.NDArray[np.int32]
_Real = TypeVar("_Real", np.float32, np.float64)
_Indices = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

__all__ = [
    "Known",
    "Original",
    "__version__",
    "assign_points",
    "cluster_points",
    "count_colors",
    "divisive_errors",
    "encode_gif",
    "encode_png",
    "flat_colors",
    "flat_shares",
    "foretold_bits",
    "from_space",
    "lloyd_pass",
    "lossy_cost",
    "map_pixels",
    "masking",
    "mean_squared_error",
    "merge_colors",
    "palette_by_method",
    "palette_of_centers",
    "palette_served",
    "polish_picture",
    "raise_accents",
    "reduce_alpha",
    "solve_palette",
    "to_space",
]

__version__: str

@final
class Known:
    """Which entry of a palette is nearest to each of the colors that it was solved for."""

def count_colors(pixels: _Bytes, importance: _Bytes | None, threads: int) -> tuple[_Bytes, _Weights]:
    """Distinct colors `(n, 4)`, sorted, and how many pixels have each `(n,)`; each counts as often as `(H, W)` says."""

def masking(pixels: _Bytes, threads: int) -> _Bytes:
    """How much an error at each pixel is seen `(H, W)`, 1 to 255: less where the picture is busy."""

def raise_accents(colors: _Bytes, weights: _Weights, amount: float) -> _Weights:
    """Weights `(n,)` with those of rare kinds of color raised, `amount` 0 to 1."""

def palette_served(pixels: _Bytes, palette: _Bytes, space: str, objective: str, threads: int) -> tuple[_Weights, float]:
    """How many pixels are nearest to each entry, and the sum of their distances, squared or not."""

def flat_colors(pixels: _Bytes, threads: int) -> _Bytes:
    """Colors `(n, 4)` that mostly lie in flat areas, sorted; few or none in photographs."""

def flat_shares(pixels: _Bytes, palette: _Bytes, threads: int) -> _Bytes | None:
    """Share of its error that each pixel takes and hands on, of 255, `(H, W)`; None where there are no flat areas."""

def reduce_alpha(
    pixels: _Bytes, levels: int, threshold: int, dither: bool, matte: tuple[int, int, int] | None, threads: int
) -> _Bytes:
    """`(H, W, 4)` pixels of so many levels of alpha, 0 for all; of two, `threshold` is opaque. `matte` or `dither`."""

def merge_colors(colors: _Bytes, weights: _Weights) -> tuple[_Bytes, _Weights]:
    """Sort `(n, 4)` colors and add up the weights of equal ones."""

def solve_palette(
    colors: _Bytes,
    weights: _Weights,
    k: int,
    space: str,
    objective: str,
    effort: str,
    pinned: _Bytes,
    anchors: _Bytes,
    init: str,
    centers: _Bytes | None,
    attempts: int,
    max_iterations: int | None,
    tolerance: float | None,
    seed: int,
    time_limit: float | None,
    known: bool,
    threads: int,
    on_pass: Callable[[int, float], None] | None,
) -> tuple[_Bytes, _Weights, float, int, list[float], Literal["converged", "iterations", "time"], Known | None]:
    """Solve for `min(k, n)` distinct colors: palette, weight of each entry, error, passes, attempts' errors, why ended.

    Last comes the entry of each color if `known`, where all are opaque and that saves time.

    The `pinned` colors, distinct and at most `k`, are among them and come first, in their order.
    An entry that mostly serves one of the distinct `anchors` becomes it.
    `centers`, when given, are those of the others and stand for `init`; the transparent color is none of them when it
    is one of the colors.
    `on_pass(passes, error)` runs after passes; an exception in it ends the solving and is raised.
    """

def lloyd_pass(
    colors: _Bytes, weights: _Weights, centers: _Points, space: str, threads: int
) -> tuple[npt.NDArray[np.uint32], _Points, float]:
    """Nearest of `(k, 4)` centers to each color `(n,)`; the centers after a step to the means; the error before it."""

def palette_by_method(
    colors: _Bytes, weights: _Weights, k: int, method: str, space: str, pinned: _Bytes, threads: int
) -> tuple[_Bytes, _Weights, float]:
    """Find `min(k, n)` distinct colors by another method than k-means, at most so many by "uniform"."""

def palette_of_centers(
    colors: _Bytes, weights: _Weights, centers: _Points, space: str, pinned: _Bytes, threads: int
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

def foretold_bits(
    pixels: _Bytes, results: Sequence[tuple[_Bytes, _Indices]], space: str, seen: bool, lossy: float, threads: int
) -> list[float]:
    """Bits of the file, quickly packed, and of the errors of each result: a palette and the nearest indices."""

def lossy_cost(
    pixels: _Bytes,
    palette: _Bytes,
    indices: _Indices,
    space: str,
    seen: bool,
    strength: float,
    lossy: float,
    threads: int,
) -> float:
    """Return what the errors of `indices` cost in bits, where one is worth `lossy`, as `map_pixels` weighs them."""

def map_pixels(
    pixels: _Bytes,
    palette: _Bytes,
    space: str,
    pinned: int,
    known: Known | None,
    dither: str,
    strength: float,
    mask: _Bytes | None,
    serpentine: bool,
    form: str,
    given: tuple[npt.NDArray[np.float32], int] | npt.NDArray[np.float32] | None,
    seen: bool,
    rounds: int,
    passes: int,
    lossy: float,
    quick: bool,
    threads: int,
    on_rows: Callable[[int], None] | None,
) -> tuple[_Indices, _Bytes]:
    """Index of the entry of each pixel `(H, W)`, uint8 up to 256 entries, and the palette `(k, 4)`.

    `given` stands for the kind of `dither`: rows of a kernel, the first that of the pixel itself, and its column there;
    or a tile of thresholds, above 0 and below 1. `mask` is `(H, W)`, shares of `strength`. If `seen`, distances are
    those of small errors, as they are seen. In `rounds` the palette, but for the first `pinned` colors and those of
    flat areas, is fitted to the indices, in `passes` the indices are searched for better ones; without both, and with
    `dither` "none", entries are the nearest, ties to the lower. With a `lossy` above 0, what
    a bit is worth, indices are then chosen anew so that the file is short; `quick`, with fewer ways tried.
    """

def polish_picture(
    pixels: _Bytes, palette: _Bytes, indices: _Indices, space: str, pinned: int, rounds: int, threads: int
) -> tuple[_Indices, _Bytes]:
    """Find indices and a palette with which the picture is nearer to the eye, in so many rounds; at most 256 colors.

    The first `pinned` colors stay, and those of flat areas.
    """

def to_space(colors: _Bytes, space: str) -> _Points:
    """`(n, 4)` uint8 colors as `(n, 4)` float32 points: three coordinates, over middle grey, and alpha."""

def from_space(points: _Points, space: str) -> _Bytes:
    """Find the `(n, 4)` uint8 colors nearest to `(n, 4)` points."""

def encode_gif(indices: _Indices, palette: _Bytes, pixels: _Bytes | None, bit_worth: float, diffused: bool) -> bytes:
    """Encode a GIF: `(H, W)` indices, `(k, 4)` palette, k <= 256, all opaque but for one that is fully transparent.

    With `pixels`, `(H, W)`, `(H, W, 3)` or `(H, W, 4)`, other indices where they are near enough to these and pack
    better: a bit is worth `bit_worth` times the squared Oklab distance, black and white 100 apart; then no larger.
    Their errors are `diffused`, or not.
    """

def encode_png(indices: _Indices, palette: _Bytes, optimize: str, may_be_grey: bool) -> bytes:
    """Encode a PNG of a palette, or of grey where that is all: `(H, W)` indices, `(k, 4)` palette, k <= 256.

    `optimize` is "fast", "draft", "default" or "max"; "draft" is "default" but for what that does to small files last.
    """

def mean_squared_error(first: _Bytes, second: _Bytes, weights: _Weights | None, threads: int) -> float:
    """Mean over the pixels of the squared RGB distance, over black and over white; `weights` are of rows, `(H,)`."""

@final
class Original:
    """An image `(H, W)`, `(H, W, 3)` or `(H, W, 4)` that results of its size are compared with."""

    def __new__(cls, pixels: _Bytes, threads: int) -> Self: ...
    def compare(self, result: _Bytes, threads: int) -> tuple[float, float, float, float, float]:
        """Fields of `Quality` but psnr: mse, delta_e, delta_e_p95, ssimulacra2, blurred_error."""

    def ssimulacra2(self, result: _Bytes, threads: int) -> float:
        """Only that field."""
