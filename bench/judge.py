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
    from hueclid import _core, measure

    mse = float(np.square(image.astype(np.int32) - recolored).sum(axis=2).mean())
    keys = recolored.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    found, indices = np.unique(keys, return_inverse=True)
    palette = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.uint8)
    indices = indices.reshape(keys.shape)
    oklab = float(np.square(seen - to_oklab(palette)[indices]).sum(axis=2).mean())
    png = _core.encode_png(indices.astype(np.uint8), np.insert(palette, 3, 255, axis=1), "default")
    return mse, oklab, measure(image, recolored).ssimulacra2, len(found), len(png)


def to_oklab(colors: Image) -> Oklab:
    """Return sRGB colors `(..., 3)` in Oklab (B. Ottosson, "A perceptual color space for image processing", 2020)."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    oklab: Oklab = np.cbrt(linear[colors] @ LMS.T) @ LAB.T
    return oklab
