"""How near a result is to its original: in numbers, in color, and to the eye."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import _core
from .indexed import Indexed
from .options import THREADS
from .pixels import Pixels, as_pixels


@dataclass(frozen=True)
class Quality:
    """How near a result is to its original.

    Attributes:
        mse: mean over the pixels of the squared RGB distance, 0 (equal) to 195,075 (black for white).
        psnr: peak signal-to-noise ratio of one channel in decibels, 10 log10(255^2 / (mse / 3)); 0 or more,
            infinite when equal.
        delta_e: mean CIEDE2000 color difference (D65; G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference
            formula", 2005), 0 when equal; about 1 can just be seen.
        delta_e_p95: the CIEDE2000 difference that 95 % of the pixels do not exceed.
        ssimulacra2: SSIMULACRA2 score (J. Sneyers, <https://github.com/cloudinary/ssimulacra2>), 100 when equal; about
            90 can't be told apart, 70 is high quality, 50 medium, 30 low, and there is no lower bound. NaN when a side
            is under 8 pixels.
        blurred_error: mean squared Oklab distance, with L from 0 to 100, after both were blurred in linear light by a
            Gaussian of one pixel; 0 when equal, 10,000 for black and white. Fine dithering is gone then and banding is
            not, which `mse` rates the other way round.
    """

    mse: float
    psnr: float
    delta_e: float
    delta_e_p95: float
    ssimulacra2: float
    blurred_error: float


class Original:
    """An image, prepared so that many results can be measured against it; it keeps about 50 bytes for each pixel.

    Args:
        pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        threads: how many to use, 0 for all cores; never changes a result.

    Raises:
        TypeError: `pixels` is no image, or `threads` no integer.
        ValueError: `pixels` has another shape, or `threads` is out of range.

    >>> import numpy as np
    >>> original = Original(np.zeros((8, 8), np.uint8))
    >>> [original.measure(np.full((8, 8), level, np.uint8)).mse for level in (0, 1, 2)]
    [0.0, 3.0, 12.0]
    """

    def __init__(self, pixels: Pixels, *, threads: int = THREADS.default) -> None:
        self._threads = THREADS.check(threads)
        self._shape = as_pixels(pixels).shape[:2]
        self._core = _core.Original(as_pixels(pixels), self._threads)

    def measure(self, result: Indexed | Pixels) -> Quality:
        """Return `measure(original, result)`, in three quarters of its time.

        Raises:
            TypeError: `result` is no image.
            ValueError: it is of another size.
        """
        pixels = _as_large(self._shape, result)
        mse, delta_e, delta_e_p95, score, blurred_error = self._core.compare(pixels, self._threads)
        return Quality(mse, _decibels(mse), delta_e, delta_e_p95, score, blurred_error)

    def ssimulacra2(self, result: Indexed | Pixels) -> float:
        """Return `measure(result).ssimulacra2` alone.

        Raises:
            TypeError: `result` is no image.
            ValueError: it is of another size.
        """
        return self._core.ssimulacra2(_as_large(self._shape, result), self._threads)


def measure(original: Pixels, result: Indexed | Pixels, *, threads: int = THREADS.default) -> Quality:
    """Measure how near `result` is to `original`; for several results see `Original`.

    Where one of them has transparency, both are laid over black and over white, in sRGB as browsers do it:
    `ssimulacra2` is the worse of the two, the others count the pixels of both.

    Args:
        original: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        result: what became of it, of the same height and width; it may have other channels.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: one is no image, or `threads` no integer.
        ValueError: the sizes differ, or `threads` is out of range.

    >>> import numpy as np
    >>> quality = measure(np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.uint8))
    >>> quality.mse, quality.psnr, quality.delta_e, quality.ssimulacra2, quality.blurred_error
    (0.0, inf, 0.0, 100.0, 0.0)
    """
    _as_large(as_pixels(original).shape[:2], result)  # before the work
    return Original(original, threads=threads).measure(result)


def psnr(
    original: Pixels,
    result: Indexed | Pixels,
    *,
    weights: npt.NDArray[np.uint64] | None = None,
    threads: int = THREADS.default,
) -> float:
    """Return `measure(...).psnr` alone, in a small part of its time.

    Args:
        original: as `measure` takes it.
        result: as `measure` takes it.
        weights: how often each row of pixels counts, `(H,)`; None: once.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: as `measure`.
        ValueError: as `measure`.
    """
    threads, original = THREADS.check(threads), as_pixels(original)
    result = _as_large(original.shape[:2], result)
    return _decibels(_core.mean_squared_error(original, result, weights, threads))


def _as_large(size: tuple[int, ...], result: Indexed | Pixels) -> Pixels:
    """Return the pixels of a result that is of this height and width.

    Raises:
        TypeError: it is no image.
        ValueError: it is of another size.
    """
    height, width = size
    got_height, got_width = (result.indices if isinstance(result, Indexed) else as_pixels(result)).shape[:2]
    if (got_height, got_width) != (height, width):
        raise ValueError(
            f"result must be as large as original, {width} x {height} pixels, got {got_width} x {got_height}"
        )
    return result.to_pixels() if isinstance(result, Indexed) else as_pixels(result)


def _decibels(mse: float) -> float:
    return 10 * math.log10(255**2 / (mse / 3)) if mse else math.inf
