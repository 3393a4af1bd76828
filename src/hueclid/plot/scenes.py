"""The colors of a picture as points in space, ready to be looked at."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .. import _core
from ..histogram import Histogram
from ..options import POINTS, Space

Points = npt.NDArray[np.float32]

PITCH = 0.3
"""How far from above a scene is first seen, in radians."""
DISTANCE = 4.0
"""Of the eye from the middle of the unit sphere."""

_DARK_TO_LIGHT = np.array([[2, -1, -1], [2**0.5, 2**0.5, 2**0.5], [0, 3**0.5, -(3**0.5)]]) / 6**0.5
_UPRIGHT = {
    "oklab": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]),
    "lab": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]),
    "srgb": _DARK_TO_LIGHT,
    "linear": _DARK_TO_LIGHT,
}
_EDGE = 24  # parts of an edge, which is curved in Oklab and CIELAB


@dataclass(frozen=True, eq=False)
class Scene:
    """Some colors of a histogram, each standing for a cell of the color cube, and where they are.

    Places are within the unit sphere: y is up, from dark to light, and the sRGB gamut just fits in.

    Attributes:
        space: the working space.
        picked: `(m,)` the indices of the colors in the histogram, ascending.
        colors: `(m, 4)` uint8 RGBA.
        weights: `(m,)` uint64, how many pixels each stands for; together all.
        places: `(m, 3)` float32.
    """

    space: Space
    picked: npt.NDArray[np.intp]
    colors: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint64]
    places: Points

    @classmethod
    def of(cls, histogram: Histogram, space: Space, points: int = POINTS.default) -> Scene:
        """Place the colors of a histogram, thinned out where there are more than `points`.

        Then the color cube is cut into cells, as fine as that allows; the most frequent color of each cell, a real one
        of the picture, stands for all of it.
        """
        picked, weights = _thinned(histogram, POINTS.check(points))
        colors = histogram.colors[picked]
        return cls(space, picked, colors, weights, place(_core.to_space(colors, space), space))

    @property
    def yaw(self) -> float:
        """By how much the scene is first turned about the upright axis, in radians: so that it is widest."""
        weights = self.weights / float(self.weights.sum())
        x, z = (axis - (axis * weights).sum() for axis in self.places[:, [0, 2]].T.astype(np.float64))
        xx, xz, zz = ((a * b * weights).sum() for a, b in ((x, x), (x, z), (z, z)))
        return round(float(np.arctan2(2 * xz, xx - zz) / 2), 1)


def place(points: Points, space: Space) -> Points:
    """Return where `(n, 4)` points of a working space are in its scene, `(n, 3)` float32."""
    corners = _core.to_space(_gamut_edges().reshape(-1, 4), space)[:, :3] @ _UPRIGHT[space].T
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    reach = np.sqrt(((corners - middle) ** 2).sum(axis=1).max())
    placed: Points = ((points[:, :3] @ _UPRIGHT[space].T - middle) / reach).astype(np.float32)
    return placed


def gamut(space: Space) -> tuple[npt.NDArray[np.uint8], Points]:
    """Return the twelve edges of the sRGB gamut: `(12, n, 4)` uint8 colors along them, `(12, n, 3)` their places."""
    edges = _gamut_edges()
    return edges, place(_core.to_space(edges.reshape(-1, 4), space), space).reshape(*edges.shape[:2], 3)


def _gamut_edges() -> npt.NDArray[np.uint8]:
    along = np.round(np.linspace(0, 255, _EDGE + 1)).astype(np.uint8)
    edges = np.full((3, 2, 2, _EDGE + 1, 4), 255, np.uint8)
    for channel in range(3):
        one, other = (c for c in range(3) if c != channel)
        for i, j in np.ndindex(2, 2):
            edges[channel, i, j, :, one], edges[channel, i, j, :, other] = 255 * i, 255 * j
            edges[channel, i, j, :, channel] = along
    return edges.reshape(12, _EDGE + 1, 4)


def _thinned(histogram: Histogram, most: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]]:
    """Return the indices of at most so many colors, ascending, and what each stands for."""

    def cells(lost: int) -> npt.NDArray[np.uint32]:
        shifts = np.array([(lost + 1) // 3, lost // 3, (lost + 2) // 3, (lost + 2) // 3], np.uint8)
        return (histogram.colors >> shifts).view(">u4").ravel()

    def fits(lost: int) -> bool:
        return len(np.unique(cells(lost))) <= most

    keys = cells(bisect_left(range(24), True, key=fits))
    order = np.lexsort((~histogram.weights, keys))  # the most frequent color of a cell first
    starts = np.flatnonzero(np.r_[True, np.diff(keys[order].astype(np.int64)) != 0])
    picked, weights = order[starts], np.add.reduceat(histogram.weights[order], starts)
    ascending = np.argsort(picked)
    return picked[ascending], weights[ascending]


def seen(places: Points, yaw: float, size: float, middle: tuple[float, float]) -> npt.NDArray[np.float64]:
    """Return `(n, 4)` for `(n, 3)` places: x and y on paper, pixels to a unit there, and depth, larger when farther.

    Args:
        places: in the unit sphere.
        yaw: by how much they are turned about the upright axis, in radians.
        size: pixels to a unit in the middle.
        middle: where that is on paper.
    """
    x, y, z = places.astype(np.float64).T
    cos_yaw, sin_yaw, cos_pitch, sin_pitch = np.cos(yaw), np.sin(yaw), np.cos(PITCH), np.sin(PITCH)
    x, z = x * cos_yaw + z * sin_yaw, z * cos_yaw - x * sin_yaw
    y, z = y * cos_pitch + z * sin_pitch, z * cos_pitch - y * sin_pitch
    scale = size * DISTANCE / (DISTANCE + z)
    return np.stack([middle[0] + x * scale, middle[1] - y * scale, scale, z], axis=1)
