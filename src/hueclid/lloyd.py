"""Lloyd's algorithm pass by pass, for those who want to look on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import _core
from .histogram import Histogram, as_histogram
from .options import MAX_ITERATIONS, THREADS, TOLERANCE, Space
from .palette import Palette


@dataclass(frozen=True, eq=False)
class Pass:
    """Centers, what belongs to them, and where that moves them.

    Attributes:
        space: the working space of the points.
        centers: `(k, 4)` float32, points of `space`: three coordinates, laid over middle grey, and alpha.
        labels: `(n,)` uint32, the center nearest to each color of the histogram, ties to the lower.
        weights: `(k,)` uint64, how many pixels each center has.
        error: the sum over all pixels of the squared distance to their centers.
        means: `(k, 4)` float32, the mean of each center's pixels: the next centers. A center without pixels goes to the
            color that adds most to the error.
    """

    space: Space
    centers: npt.NDArray[np.float32]
    labels: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.uint64]
    error: float
    means: npt.NDArray[np.float32]

    @property
    def colors(self) -> npt.NDArray[np.uint8]:
        """The centers as `(k, 4)` uint8 RGBA in sRGB, rounded; two of them may be equal."""
        return _core.from_space(self.centers, self.space)


def passes(
    histogram: Histogram,
    start: Palette,
    *,
    max_iterations: int | None = MAX_ITERATIONS.default,
    tolerance: float | None = TOLERANCE.default,
    threads: int = THREADS.default,
) -> Iterator[Pass]:
    """Give Lloyd's passes, one after the other, from the colors of `start`.

    These are the textbook's passes (S. P. Lloyd, "Least squares quantization in PCM", 1982): each color to the nearest
    center, each center to the mean of its colors, nothing rounded in between. `Palette.solve` makes the same passes,
    but takes coarse cells for colors first, strides beyond the means and moves centers out of local optima.

    Args:
        histogram: what to be near to; not empty.
        start: the first centers, in order, and the working space.
        max_iterations: the most moves of the centers; None: until they rest.
        tolerance: stop after a move that lowered the error by a smaller share, 0 to 1; None: when it lowers nothing.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: an option is of a wrong type.
        ValueError: an option is out of range, or the histogram is empty.

    >>> gray = Histogram.from_colors(np.array([[v, v, v, 255] for v in (0, 10, 20, 200, 210)], np.uint8))
    >>> [one.colors[:, 0].tolist() for one in passes(gray, Palette.from_colors([[0] * 3, [10] * 3], space="srgb"))]
    [[0, 10], [0, 110], [10, 205]]
    """
    histogram = as_histogram(histogram, "passes")
    most, least = MAX_ITERATIONS.check(max_iterations), TOLERANCE.check(tolerance) or 0.0
    made, before = 0, float("inf")
    centers = _core.to_space(start.colors, start.space)
    while True:
        labels, means, error = assign(histogram, centers, start.space, threads=threads)
        if error >= before:  # nothing moves any more
            return
        weights = np.zeros(len(centers), np.uint64)
        np.add.at(weights, labels, histogram.weights)
        yield Pass(start.space, centers, labels, weights, error, means)
        if made == most or before - error < least * before < float("inf"):
            return
        made, before, centers = made + 1, error, means


def assign(
    histogram: Histogram, centers: npt.NDArray[np.float32], space: Space, *, threads: int = THREADS.default
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32], float]:
    """Give each color the nearest center; return `labels`, `means` and `error` as `Pass` has them.

    Args:
        histogram: the colors.
        centers: `(k, 4)` float32 points of `space`.
        space: where distances are measured.
        threads: how many to use, 0 for all cores; never changes the result.
    """
    return _core.lloyd_pass(histogram.colors, histogram.weights, centers, space, THREADS.check(threads))
