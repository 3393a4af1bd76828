"""Colors that a palette is given before it is solved: pinned ones, and those of flat areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .histogram import Histogram
from .options import PINNED

Pinned: TypeAlias = npt.ArrayLike | Sequence[str | Sequence[int]]
"""Colors: "#rrggbb", "#rrggbbaa", or 3 or 4 integers from 0 to 255 each."""


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
