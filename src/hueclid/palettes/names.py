"""What colors are called: the names of CSS."""

from __future__ import annotations

import numpy as np
from PIL import ImageColor

from .. import _core
from ..palette import Palette

_NAMES = sorted(name for name in ImageColor.colormap if "grey" not in name and name not in ("aqua", "fuchsia"))
_PLACES = _core.to_space(np.array([(*ImageColor.getrgb(name), 255) for name in _NAMES], np.uint8), "oklab")[:, :3]


def names(palette: Palette) -> list[str]:
    """Return for each color the CSS name (CSS Color Module Level 4) that is nearest in Oklab; "transparent" for none.

    Alpha between is left out of account, and two colors may have the same name.

    >>> names(Palette.from_colors([(255, 0, 0), (250, 128, 115)]))
    ['red', 'salmon']
    """
    opaque = palette.colors.copy()
    opaque[:, 3] = 255
    places = _core.to_space(opaque, "oklab")[:, None, :3]
    nearest = ((places - _PLACES) ** 2).sum(axis=2).argmin(axis=1)
    return [
        _NAMES[index] if alpha else "transparent"
        for index, alpha in zip(nearest.tolist(), palette.colors[:, 3].tolist(), strict=True)
    ]
