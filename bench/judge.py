"""How far a recolored image is from its original, by means that belong to no contestant."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from peers import Image

Oklab = npt.NDArray[np.float64]

LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def judge(image: Image, seen: Oklab, recolored: Image) -> tuple[float, float, float, int, int]:
    """Return mean squared distance in RGB and Oklab, SSIMULACRA2, distinct colors, bytes by the one PNG encoder."""
    from hueclid import measure

    mse = float(np.square(image.astype(np.int32) - recolored).sum(axis=2).mean())
    palette, indices = in_order(recolored)
    oklab = float(np.square(seen - to_oklab(palette)[indices]).sum(axis=2).mean())
    return mse, oklab, measure(image, recolored).ssimulacra2, len(palette), png_bytes(palette, indices)


def in_order(recolored: Image) -> tuple[Image, npt.NDArray[np.intp]]:
    """Return the distinct colors in order, and each pixel's index into them."""
    keys = recolored.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    found, indices = np.unique(keys, return_inverse=True)
    palette = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.uint8)
    return palette, indices.reshape(keys.shape)


def png_bytes(palette: Image, indices: npt.NDArray[np.intp]) -> int:
    """Return the bytes of a PNG by hueclid's encoder, whosever colors these are."""
    from hueclid import _core

    return len(_core.encode_png(indices.astype(np.uint8), np.insert(palette, 3, 255, axis=1), "default", True))


def to_oklab(colors: Image) -> Oklab:
    """Return sRGB colors `(..., 3)` in Oklab (B. Ottosson, "A perceptual color space for image processing", 2020)."""
    oklab: Oklab = np.cbrt(linear(colors) @ LMS.T) @ LAB.T
    return oklab


def linear(image: Image) -> Oklab:
    """Return sRGB colors in linear light."""
    levels = np.arange(256) / 255
    light: Oklab = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)[image]
    return light


def blurred(image: Image) -> Oklab:
    """Return what is left of an image from afar: blurred in linear light, a Gaussian of one pixel, in Oklab."""
    taps = np.exp(-0.5 * np.arange(-4, 5) ** 2)
    light = linear(image)
    for axis in (0, 1):
        light = _filtered(light, taps, axis) / _filtered(np.ones_like(light[..., :1]), taps, axis)
    oklab: Oklab = np.cbrt(light @ LMS.T) @ LAB.T
    return oklab


def _filtered(values: Oklab, taps: npt.NDArray[np.float64], axis: int) -> Oklab:
    """Return the sums of neighbors along an axis, weighted; beyond the edges there is nothing."""
    reach = len(taps) // 2
    around = np.pad(values, [(reach, reach) if axis == a else (0, 0) for a in range(3)])
    length = values.shape[axis]
    parts = (tap * np.take(around, range(at, at + length), axis) for at, tap in enumerate(taps))
    filtered: Oklab = np.add.reduce(list(parts))
    return filtered
