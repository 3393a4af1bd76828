"""Images of 16 bits a channel, in full: Pillow decodes them with 8."""

from __future__ import annotations

import sys
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL.ImageFile import ImageFile

_OTHER_BYTE: Final = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}


def is_deep(image: ImageFile) -> bool:
    """Return whether an image that was opened, and not yet decoded, has colors or grey with alpha of 16 bits."""
    return image.mode in ("RGB", "RGBA") and bool(image.tile) and ";16" in _raw_mode(image)


def samples(image: ImageFile, again: ImageFile) -> npt.NDArray[np.uint16]:
    """Return what a deep image holds, `(H, W, 3)` or `(H, W, 4)` uint16.

    Pillow's decoders take one byte of each sample, and their raw mode says which: it is decoded once for the upper
    bytes and once for the lower ones.

    Args:
        image: opened, and not yet decoded.
        again: the same, opened once more.
    """
    mode = _raw_mode(image)
    if mode.startswith("LA"):  # each byte on its own, as if it were of four channels of 8 bits
        both = _decoded(image, "RGBA").astype(np.uint16)
        return np.take(both[..., ::2] << 8 | both[..., 1::2], [0, 0, 0, 1], axis=2)
    values = _decoded(image, mode).astype(np.uint16)
    values <<= 8
    values |= _decoded(again, mode[:-1] + _OTHER_BYTE[mode[-1]])
    return values


def rounded(values: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Return 16 bits as 8: 65535 is 255 times 257, and as 257 is odd no value is halfway."""
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _raw_mode(image: ImageFile) -> str:
    arguments = image.tile[0].args
    return str(arguments[0] if isinstance(arguments, tuple) else arguments)


def _decoded(image: ImageFile, mode: str) -> npt.NDArray[np.uint8]:
    def arguments(given: tuple[object, ...] | str | None) -> tuple[object, ...] | str:
        return (mode, *given[1:]) if isinstance(given, tuple) else mode

    image.tile = [tile._replace(args=arguments(tile.args)) for tile in image.tile]
    return np.asarray(image)
