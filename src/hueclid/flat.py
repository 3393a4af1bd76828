"""Colors of flat areas: windows, paper, the bars of a chart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import _core
from .options import THREADS
from .pixels import Pixels, as_pixels


def flat_colors(pixels: Pixels, *, threads: int = THREADS.default) -> npt.NDArray[np.uint8]:
    """Return the colors of an image that mostly lie in flat areas: `(n, 4)` uint8, ascending; photographs have few.

    A pixel lies flat when it is one of 3 x 3 equal ones. Steps of gradients are left out: colors that meet nearly equal
    ones on both sides, lighter and darker by up to 4 codes, at less than 48 pixels apart. So is a picture of which less
    than one pixel in 200 is the middle of such a square.

    Args:
        pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA; read in place.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: `pixels` is no uint8 array.
        ValueError: its shape is none of these, or it is empty.

    >>> flat_colors(np.array([[9, 9, 9, 200]] * 5, dtype=np.uint8)).tolist()
    [[9, 9, 9, 255]]
    """
    return _core.flat_colors(as_pixels(pixels), THREADS.check(threads))
