"""Colors that curves and primaries describe, such as gamma and chromaticities of a PNG, in sRGB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .deep import rounded

_Xy = tuple[float, float]

SRGB_GAMMA: Final = 1 / 2.2
"""The gamma that stands for sRGB's own curve."""
SRGB_PRIMARIES: Final[tuple[_Xy, ...]] = ((0.3127, 0.3290), (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
"""Of white, red, green and blue (IEC 61966-2-1)."""

_GAMMA_TOLERANCE: Final = 0.05  # relative; what libpng calls insignificant
_XY_TOLERANCE: Final = 0.01
_STEPS: Final = 0xFFFF  # of linear light
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True)
class Encoding:
    """How samples stand for colors.

    Attributes:
        gamma: sample = light ** gamma, both from 0 to 1; None: as in sRGB.
        primaries: x and y of white, red, green and blue; None: those of sRGB.
    """

    gamma: float | None
    primaries: tuple[_Xy, ...] | None

    @classmethod
    def of(cls, gamma: float | None, primaries: tuple[float, ...] | None) -> Encoding:
        """Return what chunks gAMA and cHRM mean; what is hardly other than sRGB, or impossible, counts as sRGB.

        Args:
            gamma: of the chunk gAMA, if there is one.
            primaries: the eight numbers of the chunk cHRM, if there is one.
        """
        if gamma is not None and (not 0 < gamma <= 4 or abs(gamma / SRGB_GAMMA - 1) <= _GAMMA_TOLERANCE):
            gamma = None
        pairs = None if primaries is None else tuple(zip(primaries[::2], primaries[1::2], strict=True))
        if pairs is not None and (_is_srgb(pairs) or not _is_possible(pairs)):
            pairs = None
        return cls(gamma, pairs)

    @property
    def is_srgb(self) -> bool:
        """Whether nothing has to be converted."""
        return self.gamma is None and self.primaries is None

    def to_srgb(self, colors: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
        """Convert colors, relative to white, and clip those beyond sRGB.

        Args:
            colors: `(H, W)` grey, `(H, W, 3)` or `(H, W, 4)`; of uint8, or uint16, of which all bits count. Alpha is
                no color and only rounded.
        """
        values = np.linspace(0, 1, np.iinfo(colors.dtype).max + 1)
        return converted(colors, [self._light(values)] * 3, _to_srgb(self.primaries))

    def _light(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if self.gamma is not None:
            return values ** (1 / self.gamma)
        return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


SRGB: Final = Encoding(None, None)
"""Nothing to convert."""


def converted(
    colors: npt.NDArray[np.uint8] | npt.NDArray[np.uint16],
    light: Sequence[npt.NDArray[np.float64]],
    matrix: npt.NDArray[np.float64],
) -> npt.NDArray[np.uint8]:
    """Return colors in sRGB, those beyond it clipped.

    Args:
        colors: `(H, W)` grey, `(H, W, 3)` or `(H, W, 4)`.
        light: what each sample of red, green and blue means as linear light, 0 to 1; grey is like red.
        matrix: `(3, 3)`, from their light to that of sRGB.
    """
    shades = _shades()
    if colors.ndim == 2:
        return np.take(shades, np.rint(light[0] * _STEPS).astype(np.intp))[colors]
    result, most = np.empty(colors.shape, np.uint8), np.iinfo(colors.dtype).max
    if colors.shape[2] == 4:
        result[..., 3] = colors[..., 3] if most == 255 else rounded(colors[..., 3].astype(np.uint16))
    for row, samples in zip(result, colors, strict=True):  # a row at a time, as floats are large
        red, green, blue = (table[samples[:, channel]] for channel, table in enumerate(light))
        for channel, (of_red, of_green, of_blue) in enumerate(matrix * _STEPS):
            # Not as a product of matrices, whose last digits depend on the machine.
            mixed = np.clip(red * of_red + green * of_green + blue * of_blue, 0, _STEPS)
            row[:, channel] = shades[np.rint(mixed).astype(np.intp)]
    return result


def _shades() -> npt.NDArray[np.uint8]:
    """Return sRGB's level of each step of linear light; near black 20 steps make a level."""
    light = np.linspace(0, 1, _STEPS + 1)
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    shades: npt.NDArray[np.uint8] = np.rint(values * 255).astype(np.uint8)
    return shades


def _to_srgb(primaries: tuple[_Xy, ...] | None) -> npt.NDArray[np.float64]:
    """Return the matrix from linear light of some primaries to that of sRGB, white to white (Bradford)."""
    if primaries is None:
        return np.eye(3)
    ours, theirs = _to_xyz(SRGB_PRIMARIES), _to_xyz(primaries)
    scale = (_BRADFORD @ ours.sum(axis=1)) / (_BRADFORD @ theirs.sum(axis=1))
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD
    matrix: npt.NDArray[np.float64] = np.linalg.inv(ours) @ adapted @ theirs
    return matrix


def _to_xyz(primaries: tuple[_Xy, ...]) -> npt.NDArray[np.float64]:
    """Return the matrix from linear light to XYZ, in which white has Y = 1."""
    white, *rest = ((x / y, 1.0, (1 - x - y) / y) for x, y in primaries)
    columns = np.array(rest).T
    return columns * np.linalg.solve(columns, white)


def _is_srgb(primaries: tuple[_Xy, ...]) -> bool:
    return bool(np.abs(np.subtract(primaries, SRGB_PRIMARIES)).max() < _XY_TOLERANCE)


def _is_possible(primaries: tuple[_Xy, ...]) -> bool:
    """Return whether white can be mixed from the primaries."""
    if any(y <= 0 for _, y in primaries):
        return False
    columns = np.array([(x, y, 1 - x - y) for x, y in primaries[1:]]).T
    if abs(np.linalg.det(columns)) < 1e-4:
        return False
    x, y = primaries[0]
    return bool((np.linalg.solve(columns, (x, y, 1 - x - y)) > 0).all())
