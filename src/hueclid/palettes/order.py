"""The colors of a palette in another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import _core
from ..options import SORT, Sort
from ..palette import Palette

_GREY = 0.02  # chroma in Oklab, below which a hue is nothing to go by


def in_order(palette: Palette, by: Sort) -> Palette:
    """Return the same colors with their weights, sorted.

    Args:
        palette: what to sort.
        by: "share": the most used first. "lightness": Oklab's, dark first. "hue": greys first, dark to light, then
            Oklab's hues from red through yellow, green and blue. Equal ones keep their order.

    Raises:
        TypeError: `by` is no text.
        ValueError: it is none of these.

    >>> in_order(Palette.from_colors([(255, 255, 255), (0, 0, 255), (0, 0, 0)]), "lightness").hex()
    ['#000000', '#0000ff', '#ffffff']
    """
    by = SORT.check(by)
    opaque = palette.colors.copy()
    opaque[:, 3] = 255
    lightness, a, b = (axis.astype(np.float64) for axis in _core.to_space(opaque, "oklab")[:, :3].T)
    chroma, hue = np.hypot(a, b), np.arctan2(b, a) % (2 * np.pi)
    grey = chroma <= _GREY * _WHITE
    keys = {
        "share": (~palette.weights,),
        "lightness": (lightness,),
        "hue": (lightness, np.where(grey, 0, hue), ~grey),
    }
    order = np.lexsort(keys[by])
    return replace(palette, colors=palette.colors[order], weights=palette.weights[order], pinned=0)


_WHITE = float(_core.to_space(np.full((1, 4), 255, np.uint8), "oklab")[0, 0])  # lightness: the unit of chroma
