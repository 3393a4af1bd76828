"""Strips: the colors of a palette side by side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..codec import encode_png
from ..indexed import Indexed
from ..options import STRIP_FORMAT, WIDTHS, StripFormat, Widths
from ..palette import Palette
from .shapes import Box, to_svg

_WIDTH, _HEIGHT = 1024, 128


def strip(
    palette: Palette,
    format: StripFormat = STRIP_FORMAT.default,  # noqa: A002 the name of the flag
    *,
    widths: Widths = WIDTHS.default,
) -> bytes:
    """Draw the colors of a palette side by side, in its order: exactly these colors and no other.

    The strip is 128 pixels high and 1,024 wide, or as wide as there are colors if these are more; every color is at
    least a pixel wide. In an SVG each color tells its hex and share.

    Args:
        palette: the colors.
        format: "svg" or "png".
        widths: "share": as the pixels that are nearest to each; of a palette without weights all alike. "equal": all
            alike.

    Raises:
        TypeError: an option is of a wrong type.
        ValueError: an option is none of its choices.
    """
    STRIP_FORMAT.check(format)
    equal = WIDTHS.check(widths) == "equal" or not palette.weights.any()
    weights = np.ones(len(palette), np.uint64) if equal else palette.weights
    columns = _columns(weights, max(_WIDTH, len(palette)))
    if format == "png":
        indices = np.repeat(np.arange(len(palette)), columns).astype(np.uint8 if len(palette) <= 256 else np.uint16)
        return encode_png(Indexed(palette, np.tile(indices, (_HEIGHT, 1))))
    total = int(palette.weights.sum())
    shares = [f" {weight / total:.2%}" if total else "" for weight in palette.weights.tolist()]
    lefts = np.cumsum(columns) - columns
    boxes = [
        Box(left, 0, width, _HEIGHT, name, name + share)
        for left, width, name, share in zip(lefts.tolist(), columns.tolist(), palette.hex(), shares, strict=True)
    ]
    return to_svg(boxes, int(columns.sum()), _HEIGHT, paper="").encode()


def _columns(weights: npt.NDArray[np.uint64], width: int) -> npt.NDArray[np.intp]:
    """Share `width` pixels by weights, at least one for each; the ends are rounded, so that errors never add up."""
    shares = np.cumsum(weights.astype(np.float64)) / float(weights.sum())
    ends = np.round(shares * (width - len(weights))).astype(np.intp)
    return np.diff(ends, prepend=0) + 1
