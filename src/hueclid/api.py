"""The three lines everybody wants, as one call."""

from __future__ import annotations

from typing import Literal

import numpy.typing as npt

from .alpha import reduce_alpha
from .choose import Target, fewest, knee
from .codec import ImageLike, read
from .histogram import Histogram
from .indexed import Indexed
from .methods import Clusterer
from .options import (
    ALPHA,
    ALPHA_DITHER,
    ALPHA_THRESHOLD,
    ATTEMPTS,
    COLORS_OR_AUTO,
    DITHER,
    DITHER_STRENGTH,
    EFFORT,
    INIT,
    MATTE,
    MAX_ERROR,
    MAX_ITERATIONS,
    METHOD,
    MIN_PSNR,
    MIN_SSIMULACRA2,
    OBJECTIVE,
    SEED,
    SPACE,
    THREADS,
    TIME_LIMIT,
    TOLERANCE,
    Alpha,
    AlphaDither,
    Dither,
    Effort,
    Method,
    Objective,
    Space,
)
from .palette import Palette, Start


def quantize(
    image: ImageLike,
    colors: int | Literal["auto"] = COLORS_OR_AUTO.default,
    *,
    max_error: float | None = MAX_ERROR.default,
    min_psnr: float | None = MIN_PSNR.default,
    min_ssimulacra2: float | None = MIN_SSIMULACRA2.default,
    method: Method | Clusterer = METHOD.default,
    space: Space = SPACE.default,
    objective: Objective = OBJECTIVE.default,
    effort: Effort = EFFORT.default,
    init: Start = INIT.default,
    attempts: int = ATTEMPTS.default,
    max_iterations: int | None = MAX_ITERATIONS.default,
    tolerance: float | None = TOLERANCE.default,
    seed: int = SEED.default,
    time_limit: float | None = TIME_LIMIT.default,
    dither: Dither = DITHER.default,
    dither_strength: float = DITHER_STRENGTH.default,
    alpha: Alpha | int = ALPHA.default,
    alpha_threshold: int = ALPHA_THRESHOLD.default,
    alpha_dither: AlphaDither = ALPHA_DITHER.default,
    matte: str | npt.ArrayLike | None = MATTE.default,
    threads: int = THREADS.default,
) -> Indexed:
    """Reduce an image to a few colors: count, solve, map.

    The setting of the classic OpenCV tutorial is `space="srgb", dither="none"`.

    With `max_error`, `min_psnr` or `min_ssimulacra2`, or several of them, `colors` is the most there may be, and the
    result is that of the fewest that reach the target: it does, and with one color less it was tried and does not.
    It is the same as with `colors` of that number.

    Args:
        image: a path, the bytes of an image file, a binary file object, a `PIL.Image`, or an array of RGB(A).
        colors: how many to keep, 1 to 65,536; an image with no more than these comes back exact. "auto": as many as the
            error curve is worth, as `knee` finds it, at most 256.
        max_error: the largest error of the palette, as `Palette.error` counts it before any dithering; 0 or more.
        min_psnr: the least PSNR of the result in decibels, as `measure` counts it; 0 or more.
        min_ssimulacra2: the least SSIMULACRA2 score of the result, 0 to 100; for images of at least 8 x 8 pixels.
        method: "kmeans", "wu", "median-cut", "octree", "maxmin", "popularity", "uniform", or a clusterer as
            scikit-learn has them, such as `GaussianMixture(16)`; `Palette.solve` says what each does.
        space: where distances are measured and errors diffused: "oklab", "srgb", "linear" or "lab".
        objective: what is made small, the sum of "squared" or of "euclidean" distances: k-means or k-medians.
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
        alpha: "full", "binary" (transparent or opaque, as GIF has it), or a number of levels from 2 to 256. Targets
            compare with what this and the next three make of the image; `alpha.reduce_alpha` says more of them.
        alpha_threshold: the least alpha, 1 to 255, that "binary" makes opaque.
        alpha_dither: "none" or "floyd-steinberg": how alphas between levels are mixed.
        matte: "#rrggbb" or `(r, g, b)`, over which translucent pixels are laid: with "full" all are, and the result is
            opaque; otherwise what gets another alpha looks on that page as it did.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        ReadError: the image can't be read.
        TargetError: `colors` colors do not reach the target.
        TypeError: the image or an option is of a wrong type.
        ValueError: an option is out of range, or an array has a wrong shape.

    >>> import numpy as np
    >>> quantize(np.array([[0, 4, 250]], dtype=np.uint8), colors=2).indices.tolist()
    [[0, 0, 1]]
    """
    target = Target(max_error, min_psnr, min_ssimulacra2)
    if COLORS_OR_AUTO.check(colors) == COLORS_OR_AUTO.word and target:
        raise ValueError(
            "colors must be the most there may be where a target is given, got 'auto'; leave one of them out"
        )
    if not isinstance(init, str) and (colors == COLORS_OR_AUTO.word or target):
        raise ValueError("init must be a way to start where the number of colors is looked for, got centers")
    if not isinstance(method, str) and (colors == COLORS_OR_AUTO.word or target):
        raise ValueError("method must be a name where the number of colors is looked for, got a clusterer")
    pixels = reduce_alpha(
        read(image),
        alpha,
        alpha_threshold=alpha_threshold,
        alpha_dither=alpha_dither,
        matte=matte,
        threads=threads,
    )
    histogram = Histogram.count(pixels, threads=threads)

    def reduce(colors: int) -> Indexed:
        palette = Palette.solve(
            histogram,
            colors,
            method=method,
            space=space,
            objective=objective,
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

    if colors == "auto":
        return reduce(knee(histogram, space=space, threads=threads))
    if target:
        return fewest(pixels, histogram, target, colors, reduce, space=space, threads=threads)
    return reduce(colors)
