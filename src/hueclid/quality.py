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

_BACKDROPS = (0, 255)


@dataclass(frozen=True)
class Quality:
    """How near a result is to its original.

    Attributes:
        mse: mean over the pixels of the squared RGB distance, 0 (equal) to 195,075 (black for white).
        psnr: peak signal-to-noise ratio of one channel in decibels, 10 log10(255^2 / (mse / 3)); 0 or more,
            infinite when equal.
        delta_e: mean CIEDE2000 color difference (D65), 0 when equal; about 1 can just be seen.
        delta_e_p95: the CIEDE2000 difference that 95 % of the pixels do not exceed.
        ssimulacra2: SSIMULACRA2 score, 100 when equal; about 90 can't be told apart, 70 is high quality, 50
            medium, 30 low, and there is no lower bound. NaN when a side is under 8 pixels.
    """

    mse: float
    psnr: float
    delta_e: float
    delta_e_p95: float
    ssimulacra2: float


def measure(original: Pixels, result: Indexed | Pixels, *, threads: int = THREADS.default) -> Quality:
    """Measure how near `result` is to `original`.

    Where one of them has transparency, both are laid over black and over white, in sRGB as browsers do it:
    `mse` and `delta_e` count the pixels of both, `ssimulacra2` is the worse of the two.

    Args:
        original: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        result: what became of it, of the same height and width; it may have other channels.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: one is no image, or `threads` no integer.
        ValueError: the sizes differ, or `threads` is out of range.

    >>> import numpy as np
    >>> measure(np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.uint8))
    Quality(mse=0.0, psnr=inf, delta_e=0.0, delta_e_p95=0.0, ssimulacra2=100.0)
    """
    threads = THREADS.check(threads)
    first, second = _flattened(original, result)
    mse = _mse(first, second, threads)
    delta_e, delta_e_p95 = _core.ciede2000(_rows(first), _rows(second), threads)
    return Quality(mse, _decibels(mse), delta_e, delta_e_p95, _ssimulacra2(first, second, threads))


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
    first, second = _flattened(original, result)
    if weights is None:
        return _decibels(_mse(first, second, THREADS.check(threads)))
    squares = ((first.astype(np.int64) - second) ** 2).sum((0, 2, 3)).astype(float)
    pixels = weights.sum(dtype=float) * first.shape[0] * first.shape[2]
    return _decibels(float(squares @ weights.astype(float)) / pixels)


def ssimulacra2(original: Pixels, result: Indexed | Pixels, *, threads: int = THREADS.default) -> float:
    """Return `measure(...).ssimulacra2` alone.

    Raises:
        TypeError: as `measure`.
        ValueError: as `measure`.
    """
    return _ssimulacra2(*_flattened(original, result), THREADS.check(threads))


def _ssimulacra2(first: Pixels, second: Pixels, threads: int) -> float:
    return min(_core.ssimulacra2(a, b, threads) for a, b in zip(first, second, strict=True))


def _mse(first: Pixels, second: Pixels, threads: int) -> float:
    return 3 * _core.squared_error(_rows(first), _rows(second), threads) / first.size


def _rows(images: Pixels) -> Pixels:
    """Return `(B, H, W, 3)` images as one of `(B * H, W, 3)`."""
    return images.reshape(-1, *images.shape[2:])


def _decibels(mse: float) -> float:
    return 10 * math.log10(255**2 / (mse / 3)) if mse else math.inf


def _flattened(original: Pixels, result: Indexed | Pixels) -> tuple[Pixels, Pixels]:
    """Return both as `(B, H, W, 3)` RGB: B is 1 when both are opaque, else 2, over black and over white."""
    first = as_pixels(original)
    second = result.to_pixels() if isinstance(result, Indexed) else as_pixels(result)
    if first.shape[:2] != second.shape[:2]:
        (height, width), (got_height, got_width) = first.shape[:2], second.shape[:2]
        raise ValueError(
            f"result must be as large as original, {width} x {height} pixels, got {got_width} x {got_height}"
        )
    backdrops = _BACKDROPS if _is_translucent(first) or _is_translucent(second) else _BACKDROPS[:1]
    return _over(first, backdrops), _over(second, backdrops)


def _is_translucent(pixels: Pixels) -> bool:
    return pixels.shape[2:] == (4,) and bool(pixels[..., 3].min() < 255)


def _over(pixels: Pixels, backdrops: tuple[int, ...]) -> Pixels:
    """Return the `(B, H, W, 3)` RGB images of `pixels` laid over each backdrop, a level of grey."""
    if _is_translucent(pixels):
        alpha = pixels[..., 3:].astype(np.uint16)
        color = pixels[..., :3] * alpha + np.uint16(127)
        return np.stack([((color + level * (255 - alpha)) // 255).astype(np.uint8) for level in backdrops])
    rgb = pixels[..., :3] if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    if len(backdrops) > 1:
        return np.stack([rgb] * len(backdrops))
    return np.ascontiguousarray(rgb)[None]
