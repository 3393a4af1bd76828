"""How much of a picture may go for fewer bytes: a dial from 0, nothing, to 100."""

from __future__ import annotations

import math
from typing import Final

from .dithering import Kernel, Thresholds
from .options import DITHER, LOSSY, Dither

LOSSY_DITHERS: Final[tuple[Dither, ...]] = ("floyd-steinberg", "none")
"""The dithers whose indices can be chosen with the file in mind."""

LOSSY_COLORS: Final = 256
"""The most colors that indices can be chosen among."""

SAFE: Final = 30.0
"""The loss of 256 colors where nothing is to be reached: photographs are two fifths smaller than pngquant and oxipng
make them, and nearer."""

SAFE_FLAT: Final = 15.0
"""The same for pictures with flat areas: graphics, where pngquant is near already, are a tenth to a third smaller."""

_UNIT: Final = 1300
_STEEP: Final = 60


def worth(lossy: float, colors: int) -> float:
    """Return what a bit is worth: so many times the squared distance of colors, where black and white are 100 apart.

    From one step of the dial to the next files become smaller by about the same part, whatever it says; so the worth
    rises with its square, and faster at last. It rises with the distance between `colors` colors, too, of which
    that of 256 is the usual one.
    """
    return lossy**2 / _UNIT * (1 + (lossy / _STEEP) ** 8) * math.sqrt(LOSSY_COLORS / colors)


def unasked(colors: int, *, flat: bool) -> float:
    """Return the loss that "auto" means for so many colors where nothing is to be reached.

    A bit is worth the same with few colors as with many: how far apart they are is seen already.
    """
    return as_dear(SAFE_FLAT if flat else SAFE, LOSSY_COLORS, colors)


def as_dear(lossy: float, colors: int, others: int) -> float:
    """Return where the dial of `others` colors is for a bit to be worth about what it is with `lossy` of `colors`."""
    return lossy * math.pow(others / colors, 0.25)


def loses(dither: Dither | Kernel | Thresholds, colors: int) -> bool:
    """Return whether indices can be chosen with the file in mind."""
    return isinstance(dither, str) and dither in LOSSY_DITHERS and colors <= LOSSY_COLORS


def check_lossy(lossy: object, dither: Dither | Kernel | Thresholds, colors: int) -> None:
    """Refuse a loss that goes with nothing else that was asked for.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of range, or above 0 with another dither, or with more than 256 colors.
    """
    if lossy is None or isinstance(lossy, str):
        raise TypeError(f"lossy must be a number from 0 to 100, got {lossy!r}")
    if not LOSSY.check(lossy):
        return
    if not loses(dither, 1):
        name = dither if isinstance(dither, str) else type(dither).__name__
        raise ValueError(f"lossy must be 0 unless {DITHER.name} is one of {', '.join(LOSSY_DITHERS)}, got {name}")
    if colors > LOSSY_COLORS:
        raise ValueError(f"lossy must be 0 with more than {LOSSY_COLORS} colors, got {colors:,}")
