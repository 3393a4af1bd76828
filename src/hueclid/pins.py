"""Colors that a palette is given: its own, those that are pinned before it is solved, and those of flat areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from .histogram import Histogram
from .options import PINNED, as_rgba


class Colored(Protocol):
    """What has colors, such as a palette."""

    @property
    def colors(self) -> npt.NDArray[np.uint8]:
        """The colors, `(k, 4)`."""


Pinned: TypeAlias = npt.ArrayLike | Sequence[str | Sequence[int]] | Colored
"""Colors: "#rrggbb", "#rrggbbaa", or 3 or 4 integers from 0 to 255 each; or a palette."""


def as_colors(colors: Pinned) -> npt.NDArray[np.uint8]:
    """Return colors in their order, `(k, 4)`.

    Raises:
        ValueError: one is no color, or the shape of an array is neither `(k, 3)` nor `(k, 4)`.
    """
    colors = getattr(colors, "colors", colors)
    if isinstance(colors, (list, tuple)):
        parsed = [as_rgba(color) for color in colors]
        if None in parsed:
            wrong = colors[parsed.index(None)]
            raise ValueError(
                f"each color must be '#rrggbb', '#rrggbbaa', or 3 or 4 integers from 0 to 255, got {wrong!r}"
            )
        return np.array(parsed, np.uint8).reshape(-1, 4)
    given = np.asarray(colors)
    if given.ndim != 2 or given.shape[1] not in (3, 4):
        got = f"{given.shape}" if given.ndim else f"{colors!r:.60}"
        raise ValueError(f"colors must be a list of colors, or an array of shape (k, 3) or (k, 4), got {got}")
    if given.dtype.kind not in "iu" or given.min(initial=0) < 0 or given.max(initial=0) > 255:
        raise ValueError("colors must be integers from 0 to 255")
    rgba = np.full((len(given), 4), 255, np.uint8)
    rgba[:, : given.shape[1]] = given
    return rgba


def as_pins(pinned: Pinned, histogram: Histogram, k: int) -> npt.NDArray[np.uint8]:
    """Return the pinned colors, `(p, 4)`; at most `k`, with room for the transparent color when some pixels are."""
    colors = PINNED.check(pinned)
    if len(colors) > k:
        raise ValueError(f"pinned must be at most the {k} colors, got {len(colors)}; pin fewer, or ask for more colors")
    if k == len(colors) > 1 and not histogram.colors[0, 3] and (0, 0, 0, 0) not in colors:
        raise ValueError(
            f"pinned must leave room for the fully transparent color, as some pixels are, got {k} of {k} colors; "
            "ask for one more, or pin '#00000000'"
        )
    return np.array(colors, np.uint8).reshape(-1, 4)


def as_anchors(colors: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint8]:
    """Return colors of flat areas, `(n, 4)`; all fully transparent ones are no color."""
    if colors is None:
        return np.empty((0, 4), np.uint8)
    if not isinstance(colors, np.ndarray) or colors.dtype != np.uint8 or colors.ndim != 2 or colors.shape[1] != 4:
        raise TypeError(f"anchors must be an (n, 4) array of uint8, as flat_colors() gives it, got {colors!r}")
    return np.ascontiguousarray(colors[colors[:, 3] > 0])
