"""Pixels with fewer levels of alpha, or none: for formats without it, and for a page of a known color."""

from __future__ import annotations

import numpy.typing as npt

from . import _core
from .options import (
    ALPHA,
    ALPHA_DITHER,
    ALPHA_THRESHOLD,
    MATTE,
    THREADS,
    Alpha,
    AlphaDither,
)
from .pixels import Pixels, as_pixels


def reduce_alpha(
    pixels: Pixels,
    alpha: Alpha | int = ALPHA.default,
    *,
    alpha_threshold: int = ALPHA_THRESHOLD.default,
    alpha_dither: AlphaDither = ALPHA_DITHER.default,
    matte: str | npt.ArrayLike | None = MATTE.default,
    threads: int = THREADS.default,
) -> Pixels:
    """Return pixels of few levels of alpha; the step before `Histogram.count` that `quantize` takes.

    What is fully transparent stays so and becomes (0, 0, 0, 0), and what is opaque stays so, unless a matte takes all
    transparency away. Pixels that nothing happens to are returned as they are, not copied.

    A matte is the color of the page that a picture will be laid over. Each pixel's color changes so that over it the
    pixel looks as it did, in sRGB as browsers mix, as far as colors reach: the edge of a cut-out is mixed with the
    matte where it becomes opaque, and so has no fringe there.

    Args:
        pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        alpha: "full" keeps all levels, and with a matte makes all opaque. "binary": transparent or opaque, as GIF has
            it. Or so many levels, 2 to 256, at equal distances from transparent to opaque, of which the nearest is
            taken.
        alpha_threshold: the least alpha, 1 to 255, that is made opaque by "binary"; of no use otherwise, or where
            alpha is dithered.
        alpha_dither: "none", or "floyd-steinberg": what alphas miss is handed to the neighbors (R. W. Floyd and L.
            Steinberg, "An adaptive algorithm for spatial greyscale", 1976), from translucent pixels to such alone.
        matte: "#rrggbb", or `(r, g, b)`, three integers from 0 to 255; not with dithered alpha, whose holes let the
            page through.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: an option is of a wrong type, or `pixels` no uint8 array.
        ValueError: an option is out of range or of no use, or `pixels` has another shape.

    >>> import numpy as np
    >>> edge = np.array([[[200, 0, 0, 255], [200, 0, 0, 153], [200, 0, 0, 51]]], np.uint8)
    >>> reduce_alpha(edge, "binary", matte="#ffffff").tolist()
    [[[200, 0, 0, 255], [222, 102, 102, 255], [0, 0, 0, 0]]]
    """
    pixels = as_pixels(pixels)
    levels, threshold = ALPHA.check(alpha), ALPHA_THRESHOLD.check(alpha_threshold)
    dithered, page = ALPHA_DITHER.check(alpha_dither) != "none", MATTE.check(matte)
    threads = THREADS.check(threads)
    if reason := without_use(levels, threshold, dithered=dithered, matte=page):
        name, value, why = reason
        raise ValueError(f"{name} must be left out {why}, got {value!r}")
    if pixels.shape[2:] != (4,) or (levels == "full" and page is None) or pixels[..., 3].min() == 255:
        return pixels
    number = {"full": 0, "binary": 2}.get(levels, levels) if isinstance(levels, str) else levels
    return _core.reduce_alpha(pixels, int(number), threshold, dithered, page, threads)


def without_use(alpha: Alpha | int, threshold: int, *, dithered: bool, matte: object) -> tuple[str, object, str] | None:
    """Return the first option that has no use beside the others: its name, its value, and why; None if all have."""
    if threshold != ALPHA_THRESHOLD.default and (alpha != "binary" or dithered):
        return ALPHA_THRESHOLD.name, threshold, "unless alpha is 'binary' and not dithered"
    if dithered and alpha == "full":
        return ALPHA_DITHER.name, "floyd-steinberg", "where alpha is 'full': all of its levels are there"
    if dithered and matte is not None:
        return MATTE.name, matte, "where alpha is dithered: the page shows through the holes"
    return None
