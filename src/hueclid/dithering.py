"""What dithering can be told beside a name: kernels and thresholds of one's own, and where to dither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .options import DITHER, DITHER_FORM, DITHER_PATH, KERNELS, TILES, Dither

if TYPE_CHECKING:
    from .codec import ImageLike

Given = tuple[npt.NDArray[np.float32], int] | npt.NDArray[np.float32]
"""A kernel's rows from that of the pixel on and the pixel's column, or a tile of thresholds."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """What a pixel's error is divided into, for `dither=Kernel(...)`.

    Attributes:
        weights: `(rows, columns)` numbers, shares of the error: none below 0, 1 or less in all.
        origin: row and column where the pixel itself stands. Shares are allowed after it alone: to the right in its
            row, and in the rows below. On rows that are walked from the right, right means left.

    Raises:
        TypeError: the weights are no numbers, or the origin is no pair of integers.
        ValueError: they are not of two dimensions, not finite, below 0, above 1 in all, or not after the origin.

    >>> float(Kernel([[0, 0, 1 / 2], [1 / 4, 1 / 4, 0]], origin=(0, 1)).weights.sum())  # Sierra's filter lite
    1.0
    """

    weights: npt.NDArray[np.float64]
    origin: tuple[int, int]

    def __init__(self, weights: npt.ArrayLike, origin: Sequence[int]) -> None:
        """Check and keep both."""
        array = np.array(weights)
        if array.dtype.kind not in "uif":
            raise TypeError(f"weights must be numbers, got an array of {array.dtype}")
        if array.ndim != 2 or not array.size:
            raise ValueError(f"weights must be of shape (rows, columns) and not empty, got {array.shape}")
        array = array.astype(np.float64)
        if not np.isfinite(array).all() or array.min() < 0:
            raise ValueError("weights must be finite and not below 0, as shares of an error are")
        if (total := array.sum()) > 1 + 1e-6:
            raise ValueError(
                f"weights must add up to at most 1, got {total:g}: more than the error would be handed on, and errors "
                "would grow for ever; divide them by their sum"
            )
        if len(origin) != 2 or not all(isinstance(place, (int, np.integer)) for place in origin):
            raise TypeError(f"origin must be (row, column), two integers, got {origin!r}")
        row, column = map(int, origin)
        if not (0 <= row < array.shape[0] and 0 <= column < array.shape[1]):
            raise ValueError(f"origin must be a place within {array.shape}, got {(row, column)}")
        if array[:row].any() or array[row, : column + 1].any():
            raise ValueError(
                f"weights at and before the origin {(row, column)} must be 0, got others: those pixels have their color"
            )
        array.flags.writeable = False
        object.__setattr__(self, "weights", array)
        object.__setattr__(self, "origin", (row, column))


@dataclass(frozen=True, eq=False)
class Thresholds:
    """An image that repeats and says at each place how much it takes to be light, for `dither=Thresholds(...)`.

    Only the order of its values counts, so that all levels occur equally often, and mixtures keep their color.

    Attributes:
        values: `(height, width)` float32, above 0 and below 1: what share of the image is below, with half of its
            equals.

    Args:
        image: `(height, width)` array of uint8, uint16 or finite floats, or what `read` takes of grey images.

    Raises:
        ReadError: the image can't be read.
        TypeError: it is of another dtype.
        ValueError: it is not grey, not finite, or all of one value, as an image of one pixel is.

    >>> Thresholds(np.array([[0, 200], [100, 50]], np.uint8)).values.tolist()
    [[0.125, 0.875], [0.625, 0.375]]
    """

    values: npt.NDArray[np.float32]

    def __init__(self, image: ImageLike | npt.NDArray[Any]) -> None:
        """Read the image and rank its values."""
        array = image if isinstance(image, np.ndarray) and image.ndim == 2 else grey(image, "thresholds")
        if array.dtype.kind != "f" and array.dtype not in (np.uint8, np.uint16):
            raise TypeError(f"thresholds must be an array of uint8, uint16 or floats, got {array.dtype}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError("thresholds must be finite, got NaN or infinite ones")
        levels, places, counts = np.unique(array, return_inverse=True, return_counts=True)
        if len(levels) < 2:
            raise ValueError(
                f"thresholds must differ, got {array.size:,} of one value: nothing would be mixed; "
                "take an image of at least two, or dither='none'"
            )
        middles = (np.cumsum(counts) - counts / 2) / array.size
        values = middles[places.reshape(array.shape)].astype(np.float32)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)


def grey(image: ImageLike, name: str) -> npt.NDArray[np.uint8]:
    """Read an image whose pixels are numbers: grey, whatever its channels are, and opaque.

    Raises:
        ReadError: it can't be read.
        TypeError: it is no image, or an array of another dtype than uint8.
        ValueError: it is colored or has transparent pixels.
    """
    from .codec import read

    pixels = read(image)
    if pixels.ndim == 2:
        return pixels
    if (pixels[..., :3] != pixels[..., :1]).any() or (pixels[..., 3:] != 255).any():
        raise ValueError(f"{name} must be grey and opaque, got an image with colors or transparent pixels")
    return np.ascontiguousarray(pixels[..., 0])


def as_mask(mask: ImageLike | npt.NDArray[np.bool_], height: int, width: int) -> npt.NDArray[np.uint8]:
    """Return how much of the strength each pixel has, `(height, width)` uint8.

    Args:
        mask: an array of uint8 or bool of that shape, or what `read` takes of grey images: 0 nothing, 255 or True all.
        height: of the picture, in pixels.
        width: the same.

    Raises:
        ReadError: the mask can't be read.
        TypeError: it is of another dtype.
        ValueError: it is of another size, or not grey.
    """
    if isinstance(mask, np.ndarray):
        if mask.dtype not in (np.uint8, np.bool_):
            raise TypeError(f"dither_mask must be an array of uint8 or bool, or a grey image, got {mask.dtype}")
        mask = mask.astype(np.uint8) * np.uint8(255 if mask.dtype == np.bool_ else 1)
    shares = grey(mask, "dither_mask")
    if shares.shape != (height, width):
        raise ValueError(
            f"dither_mask must be as large as the image, {width} x {height} pixels, "
            f"got {shares.shape[1]} x {shares.shape[0]}"
        )
    return np.ascontiguousarray(shares)


def resolve(dither: Dither | Kernel | Thresholds, path: str, form: str, colors: int) -> tuple[str, Given | None]:
    """Return the name of the way and what was given for it.

    Args:
        dither: as `Indexed.map` takes it.
        path: how rows are walked; for kernels alone.
        form: what thresholds do; for thresholds alone.
        colors: of the palette.

    Raises:
        TypeError: an option is of a wrong type.
        ValueError: an option is out of range, or the way has no use for it.
    """
    DITHER_PATH.check(path)
    DITHER_FORM.check(form)
    name = type(dither).__name__ if isinstance(dither, (Kernel, Thresholds)) else DITHER.check(dither)
    if path != DITHER_PATH.default and not (isinstance(dither, Kernel) or name in KERNELS):
        raise ValueError(f"dither_path must be left out with dither={name!r}, got {path!r}; it is for kernels")
    if form != DITHER_FORM.default and not (isinstance(dither, Thresholds) or name in TILES):
        raise ValueError(f"dither_form must be left out with dither={name!r}, got {form!r}; it is for thresholds")
    if name == "ostromoukhov" and colors > 2:
        raise ValueError(f"dither='ostromoukhov' mixes two colors, got a palette of {colors}; take another way")
    if isinstance(dither, Kernel):
        row, column = dither.origin
        return name, (np.ascontiguousarray(dither.weights[row:], np.float32), column)
    return name, dither.values if isinstance(dither, Thresholds) else None
