"""What colors are called: the names of CSS."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from .. import _core
from ..palette import Palette

_NAMES = sorted(name for name in ImageColor.colormap if "grey" not in name and name not in ("aqua", "fuchsia"))
_COUNTS = np.array([0.5, 1, 1], np.float32)


def _places(colors: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return _core.to_space(colors, "oklab")[:, :3] * _COUNTS


_PLACES = _places(np.array([(*ImageColor.getrgb(name), 255) for name in _NAMES], np.uint8))


def names(palette: Palette) -> list[str]:
    """Return for each color the CSS name (CSS Color Module Level 4) that is nearest in Oklab; "transparent" for none.

    Lightness counts half, as it is hue that makes names: otherwise dark browns would be called "midnightblue". Alpha
    between is left out of account, and two colors may have the same name.

    >>> names(Palette.from_colors([(255, 0, 0), (250, 128, 115)]))
    ['red', 'salmon']
    """
    opaque = palette.colors.copy()
    opaque[:, 3] = 255
    nearest = ((_places(opaque)[:, None] - _PLACES) ** 2).sum(axis=2).argmin(axis=1)
    return [
        _NAMES[index] if alpha else "transparent"
        for index, alpha in zip(nearest.tolist(), palette.colors[:, 3].tolist(), strict=True)
    ]
