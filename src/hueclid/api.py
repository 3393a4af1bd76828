"""The three lines everybody wants, as one call."""

from __future__ import annotations

from .codec import ImageLike, read
from .histogram import Histogram
from .indexed import Indexed
from .methods import Clusterer
from .options import (
    ATTEMPTS,
    COLORS,
    DITHER,
    DITHER_STRENGTH,
    EFFORT,
    INIT,
    MAX_ITERATIONS,
    METHOD,
    SEED,
    SPACE,
    THREADS,
    TIME_LIMIT,
    TOLERANCE,
    Dither,
    Effort,
    Method,
    Space,
)
from .palette import Palette, Start


def quantize(
    image: ImageLike,
    colors: int = COLORS.default,
    *,
    method: Method | Clusterer = METHOD.default,
    space: Space = SPACE.default,
    effort: Effort = EFFORT.default,
    init: Start = INIT.default,
    attempts: int = ATTEMPTS.default,
    max_iterations: int | None = MAX_ITERATIONS.default,
    tolerance: float | None = TOLERANCE.default,
    seed: int = SEED.default,
    time_limit: float | None = TIME_LIMIT.default,
    dither: Dither = DITHER.default,
    dither_strength: float = DITHER_STRENGTH.default,
    threads: int = THREADS.default,
) -> Indexed:
    """Reduce an image to a few colors: count, solve, map.

    The setting of the classic OpenCV tutorial is `space="srgb", dither="none"`.

    Args:
        image: a path, the bytes of an image file, a binary file object, a `PIL.Image`, or an array of RGB(A).
        colors: how many to keep, 1 to 65,536; an image with no more than these comes back exact.
        method: "kmeans", "wu", "median-cut", "octree", "maxmin", "popularity", "uniform", or a clusterer as
            scikit-learn has them, such as `GaussianMixture(16)`; `Palette.solve` says what each does.
        space: where distances are measured and errors diffused: "oklab", "srgb", "linear" or "lab".
        effort: "fast", "balanced" or "best".
        init: where the search starts: "divisive", "k-means++", "random", "maximin", or `(colors, 3)` or `(colors, 4)`
            distinct integers from 0 to 255. `Palette.solve` says more of this and the next five.
        attempts: how many starts to try, 1 to 10,000; more than one asks for an `init` of chance.
        max_iterations: most passes of an attempt; None: as many as the effort makes.
        tolerance: relative gain of a pass, 0 to 1, below which passes end; None: the effort's.
        seed: what the random numbers of the starts depend on, 0 to 2**64 - 1.
        time_limit: seconds after which the search ends; None: no limit. With one the result depends on the
            speed of the machine. Counting and mapping take their time besides.
        dither: "floyd-steinberg" or "none".
        dither_strength: share of each pixel's error handed to its neighbors, 0 to 1.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        ReadError: the image can't be read.
        TypeError: the image or an option is of a wrong type.
        ValueError: an option is out of range, or an array has a wrong shape.

    >>> import numpy as np
    >>> quantize(np.array([[0, 4, 250]], dtype=np.uint8), colors=2).indices.tolist()
    [[0, 0, 1]]
    """
    pixels = read(image)
    histogram = Histogram.count(pixels, threads=threads)
    palette = Palette.solve(
        histogram,
        colors,
        method=method,
        space=space,
        effort=effort,
        init=init,
        attempts=attempts,
        max_iterations=max_iterations,
        tolerance=tolerance,
        seed=seed,
        time_limit=time_limit,
        threads=threads,
    )
    return Indexed.map(pixels, palette, dither=dither, dither_strength=dither_strength, threads=threads)
