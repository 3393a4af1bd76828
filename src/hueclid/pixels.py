"""The gate for arrays: what a picture in memory looks like."""

from __future__ import annotations

import warnings
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]
"""`(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA, sRGB with straight alpha."""

_ALLOWED = "pixels must be an array of uint8 of shape (H, W), (H, W, 3) or (H, W, 4): grey, RGB or RGBA"

_TYPE_REMEDY = "hueclid.read() makes one of a file or a PIL.Image, np.asarray(..., np.uint8) of a list"
_MANY = 1024  # rows from which a grey image of 3 or 4 columns is less likely than a list of colors


def as_pixels(array: object) -> Pixels:
    """Return `array` as C-contiguous pixels: itself where it is so, else a copy; it is never written to.

    Channels are in the order red, green, blue, alpha. Read-only arrays, views and subclasses are welcome. A long
    list of colors, `(N, 3)` or `(N, 4)`, is taken for the grey image that it may be, with a warning.

    Raises:
        TypeError: `array` is no NumPy array, or not of uint8.
        ValueError: its shape is not one of the three, or it is empty.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{_ALLOWED}; got {type(array).__name__}; {_TYPE_REMEDY}")
    if array.dtype != np.uint8:
        raise TypeError(f"{_ALLOWED}; got {array.dtype}; {_dtype_remedy(array)}")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,), (4,)):
        raise ValueError(f"{_ALLOWED}; got shape {array.shape}; {_shape_remedy(array)}")
    if not array.size:
        raise ValueError(f"{_ALLOWED}, with at least one pixel; got shape {array.shape}, which has none")
    if array.ndim == 2 and array.shape[1] in (3, 4) and len(array) >= _MANY:
        warnings.warn(
            f"an array of shape {array.shape} is a grey image {array.shape[1]} pixels wide; "
            "if its rows are colors, give array[None], an image of one row",
            stacklevel=2,
        )
    return np.ascontiguousarray(array).view(np.ndarray)


def _dtype_remedy(array: npt.NDArray[np.generic]) -> str:
    """Say how to get from an array's dtype to uint8."""
    kind = array.dtype.kind
    if kind == "f":
        nans = int(np.isnan(array).sum())
        also = f"; {nans:,} values are NaN: np.nan_to_num() replaces them" if nans else ""
        if array.size > nans and np.nanmin(array) >= 0 and np.nanmax(array) <= 1:
            return f"for values from 0 to 1 use np.round(array * 255).astype(np.uint8){also}"
        return f"floats have no agreed range, scale to 0..255 and use .astype(np.uint8){also}"
    if kind == "b":
        return "multiply by np.uint8(255) to get black and white"
    if kind == "u" and array.itemsize == 2:
        return "for values over the whole range of 16 bits use np.round(array / 257).astype(np.uint8)"
    if kind in "iu":
        return "if all values are within 0..255 use .astype(np.uint8)"
    return "use .astype(np.uint8) if the values are numbers within 0..255"


def _shape_remedy(array: npt.NDArray[np.uint8]) -> str:
    """Say how to get from an array's shape to that of an image."""
    match array.shape:
        case (_, _, 1):
            return "use array[:, :, 0] for the grey image"
        case (_, _, 2):
            return "grey with alpha is np.take(array, [0, 0, 0, 1], axis=2)"
        case (3 | 4, _, _):
            return "channels come last: use np.moveaxis(array, 0, -1)"
        case (_, _, _):
            return "choose three channels, such as array[:, :, :3]"
        case (_, _, _, _):
            return "pass one image at a time, such as array[0]"
        case _:
            return "reshape it to rows and columns"
