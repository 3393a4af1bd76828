"""The three lines everybody wants, as one call."""

from __future__ import annotations

from .codec import ImageLike, read
from .histogram import Histogram
from .indexed import Indexed
from .options import COLORS, DITHER, DITHER_STRENGTH, EFFORT, SPACE, THREADS, Dither, Effort, Space
from .palette import Palette


def quantize(
    image: ImageLike,
    colors: int = COLORS.default,
    *,
    space: Space = SPACE.default,
    effort: Effort = EFFORT.default,
    dither: Dither = DITHER.default,
    dither_strength: float = DITHER_STRENGTH.default,
    threads: int = THREADS.default,
) -> Indexed:
    """Reduce an image to a few colors: count, solve, map.

    The setting of the classic OpenCV tutorial is `space="srgb", dither="none"`.

    Args:
        image: a path, the bytes of an image file, a binary file object, a `PIL.Image`, or an array of RGB(A).
        colors: how many to keep, 1 to 65,536; an image with no more than these comes back exact.
        space: where distances are measured and errors diffused: "oklab", "srgb", "linear" or "lab".
        effort: "fast", "balanced" or "best".
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
    palette = Palette.solve(histogram, colors, space=space, effort=effort, threads=threads)
    return Indexed.map(pixels, palette, dither=dither, dither_strength=dither_strength, threads=threads)
