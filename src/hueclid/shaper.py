"""ICC profiles of curves and a matrix, as those of cameras and screens are, for 16 bits: Little CMS here takes 8."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from .chromaticity import converted

_CHANNELS: Final = (b"r", b"g", b"b")
_XYZ_TO_SRGB: Final = np.linalg.inv(
    [[0.4360657, 0.3851515, 0.1430784], [0.2224932, 0.7168870, 0.0606169], [0.0139160, 0.0970764, 0.7140961]]
)
"""From XYZ relative to D50; the matrix is that of the sRGB profile (International Color Consortium, sRGB2014.icc)."""
_BLACK: Final = 1e-3  # of white, the light that black may have
_PARAMETERS: Final = (1, 3, 4, 5, 7)  # of each kind of parametric curve


class Shaper:
    """What a profile of RGB means.

    Args:
        profile: the ICC profile (ICC.1:2022).

    Raises:
        ValueError: it is broken, of another kind, or its black is not black, which Little CMS compensates.
    """

    def __init__(self, profile: bytes) -> None:
        try:
            tags = _tags(profile)
            if profile[16:24] != b"RGB XYZ " or b"A2B0" in tags or b"A2B1" in tags:
                raise ValueError("the profile is no matrix with curves")
            self._columns = np.array([_xyz(tags[channel + b"XYZ"]) for channel in _CHANNELS]).T
            self._curves = [tags[channel + b"TRC"] for channel in _CHANNELS]
            if max(_light(curve, np.zeros(1))[0] for curve in self._curves) > _BLACK:
                raise ValueError("the profile has a black that has to be compensated")
        except (KeyError, IndexError, struct.error) as error:
            raise ValueError("the profile is broken, or no matrix with curves") from error

    def to_srgb(self, colors: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
        """Convert colors, relative to white, and clip those beyond sRGB.

        Args:
            colors: `(H, W, 3)` or `(H, W, 4)`, of which all bits count. Alpha is no color and only rounded.
        """
        values = np.linspace(0, 1, 0x10000)
        return converted(colors, [_light(curve, values) for curve in self._curves], _XYZ_TO_SRGB @ self._columns)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    if count > 100:
        raise ValueError("the profile is broken")
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(count))
    return {name: profile[place : place + size] for name, place, size in entries}


def _fixed(data: bytes, place: int, count: int) -> list[float]:
    return [number / 65536 for number in struct.unpack_from(f">{count}i", data, place)]


def _xyz(tag: bytes) -> list[float]:
    if tag[:4] != b"XYZ ":
        raise ValueError("the profile has a primary that is no color")
    return _fixed(tag, 8, 3)


def _light(curve: bytes, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what samples from 0 to 1 mean as linear light."""
    if curve[:4] == b"para":
        (kind,) = struct.unpack_from(">H", curve, 8)
        return _parametric(kind, _fixed(curve, 12, _PARAMETERS[kind]), values)
    if curve[:4] != b"curv":
        raise ValueError("the profile has a curve of an unknown kind")
    (count,) = struct.unpack_from(">I", curve, 8)
    if count > 0x10000:
        raise ValueError("the profile is broken")
    points = np.array(struct.unpack_from(f">{count}H", curve, 12), np.float64)
    if count <= 1:
        return np.asarray(values ** (points[0] / 256 if count else 1.0))
    return np.interp(values, np.linspace(0, 1, count), points / 0xFFFF)


def _parametric(kind: int, given: list[float], values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return (a x + b) ** g + e from d on, and below that c x + f; kinds 0 to 3 leave some of them out."""
    gamma, a, b, c, d, e, f = (*given, *(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)[len(given) :])
    if kind in (1, 2) and a:
        d, e, f = -b / a, (c if kind == 2 else 0.0), (c if kind == 2 else 0.0)
        c = 0.0
    power = np.clip(a * values + b, 0, None) ** gamma + e
    return np.clip(np.where(values >= d, power, c * values + f), 0, 1)
