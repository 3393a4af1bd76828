"""Clouds: the colors of a picture in three dimensions, and the centers they belong to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from ..histogram import Histogram, as_histogram
from ..indexed import Indexed
from ..options import CLOUD_FORMAT, POINTS, CloudFormat
from ..palette import Palette
from .pages import packed, page
from .scenes import PITCH, Points, Scene, gamut, place, seen
from .shapes import GREY, HAIRLINE, INK, PAPER, Box, Disc, Line, Shape, Text, to_image, to_svg

POINT_SIZE, CENTER_SIZE = 0.12, 0.1
"""Radius of a point, and of a center, that has all the pixels, in units of the scene; volumes are shares."""
_LEAST_POINT, _LEAST_CENTER, _RIM = 0.7, 5.0, 1.5  # in pixels
_FEW = 64  # centers; those of larger palettes are drawn smaller, so that they don't hide each other
_SPACES = {"oklab": "Oklab", "srgb": "sRGB", "linear": "linear light", "lab": "CIELAB"}
_WIDTH, _HEIGHT, _LEGEND = 1200, 900, 260
_ROW = 26


@dataclass(frozen=True, eq=False)
class Membership:
    """Centers in a scene, and what belongs to them.

    Attributes:
        colors: `(k, 4)` uint8 RGBA of the centers.
        weights: `(k,)` uint64, how many pixels each has.
        places: `(k, 3)` float32, where they are.
        labels: `(m,)`, the center of each point of the scene.
        error: the sum over all pixels of the squared distance to their centers.
    """

    colors: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint64]
    places: Points
    labels: npt.NDArray[np.integer[Any]]
    error: float

    def to_data(self) -> dict[str, Any]:
        """Return what a page needs of it."""
        return {
            "error": self.error if np.isfinite(self.error) else None,
            "centers": self.colors.tolist(),
            "weights": self.weights.tolist(),
            "at": packed(np.round(self.places * UNIT), "i2"),
            "labels": packed(self.labels, "u2"),
        }


UNIT = 16_384
"""A unit of the scene, in the whole numbers of a page; centers may lie a little outside of the unit sphere."""


def cloud(
    histogram: Histogram,
    palette: Palette,
    format: CloudFormat = CLOUD_FORMAT.default,  # noqa: A002 the name of the flag
    *,
    points: int = POINTS.default,
    title: str = "",
) -> bytes:
    """Draw the colors of a histogram as points of the palette's working space, with the palette's colors as centers.

    A point's volume is its share of the pixels, and so is a center's. Dark is at the bottom, light at the top; the
    edges of the sRGB gamut surround it all. Fully transparent pixels are counted, but not seen.

    Args:
        histogram: the colors; not empty.
        palette: the centers. They are counted anew: their shares are those of this histogram.
        format: "html": a page in which the cloud turns, under mouse, fingers and keys; "svg" or "png": a still view.
        points: the most points, 1 to 100,000. Where there are more colors, the most frequent color of a cell of the
            color cube stands for all of it.
        title: of the page, plain text.

    Raises:
        TypeError: an option is of a wrong type.
        ValueError: an option is out of range, or the histogram is empty.
    """
    CLOUD_FORMAT.check(format)
    histogram = as_histogram(histogram, "cloud")
    scene = Scene.of(histogram, palette.space, points)
    labels = Indexed.map(histogram.colors[None], palette, dither="none").indices[0]
    weights = np.zeros(len(palette), np.uint64)
    np.add.at(weights, labels, histogram.weights)
    places = place(_core.to_space(palette.colors, palette.space), palette.space)
    membership = Membership(palette.colors, weights, places, labels[scene.picked], palette.error)
    if format == "html":
        return cloud_page(scene, [membership.to_data()], title=title, distinct=len(histogram))
    shapes = [*still(scene, membership, (_WIDTH - _LEGEND, _HEIGHT)), *_legend(membership)]
    if format == "svg":
        return to_svg(shapes, _WIDTH, _HEIGHT).encode()
    file = io.BytesIO()
    to_image(shapes, _WIDTH, _HEIGHT).save(file, "PNG", optimize=True)
    return file.getvalue()


def cloud_page(scene: Scene, passes: Sequence[dict[str, Any]], *, title: str, distinct: int) -> bytes:
    """Return the page of a scene with one membership, or with several that follow one another."""
    edges, places = gamut(scene.space)
    data = {
        "title": title or "Colors",
        "space": _SPACES[scene.space],
        "distinct": distinct,
        "view": {"yaw": scene.yaw, "pitch": PITCH},
        "sizes": {"point": POINT_SIZE, "center": CENTER_SIZE},
        "unit": UNIT,
        "points": {
            "colors": packed(scene.colors, "u1"),
            "weights": scene.weights.tolist(),
            "at": packed(np.round(scene.places * UNIT), "i2"),
        },
        "gamut": {
            "edges": len(edges),
            "colors": packed(edges, "u1"),
            "at": packed(np.round(places * UNIT), "i2"),
        },
        "passes": list(passes),
    }
    return page("cloud", title or "Colors", data)


def still(
    scene: Scene,
    membership: Membership,
    size: tuple[int, int],
    *,
    clustered: bool = False,
    ways: Points | None = None,
) -> list[Shape]:
    """Draw a scene as seen first: the gamut, the points from the farthest to the nearest, the centers.

    Args:
        scene: the points.
        membership: the centers.
        size: width and height to fill, in pixels.
        clustered: whether points show the color of their center instead of their own.
        ways: `(k, n, 3)` where each center has been, to be drawn as a line.
    """
    unit, middle = min(size) * 0.44, (size[0] / 2, size[1] / 2)
    yaw = scene.yaw

    def lines(places: Points, color: str, width: float) -> list[Shape]:
        spots = seen(places.reshape(-1, 3), yaw, unit, middle)[:, :2].reshape(*places.shape[:2], 2)
        return [Line(tuple((x, y) for x, y in line), color, width) for line in spots.tolist()]

    shapes = lines(gamut(scene.space)[1], HAIRLINE, 1)

    total = float(scene.weights.sum())
    spots = seen(scene.places, yaw, unit, middle)
    radii = np.maximum(POINT_SIZE * np.cbrt(scene.weights / total) * spots[:, 2], _LEAST_POINT)
    colors = membership.colors[membership.labels] if clustered else scene.colors
    fills = _hexes(colors)
    visible = np.flatnonzero(scene.colors[:, 3])
    for i in visible[np.argsort(-spots[visible, 3], kind="stable")].tolist():
        shapes.append(Disc(spots[i, 0], spots[i, 1], radii[i], fills[i]))

    if ways is not None:
        shapes += lines(ways, INK, 1.5)
    spots = seen(membership.places, yaw, unit, middle)
    shrink = min(1.0, (_FEW / len(spots)) ** (1 / 3))
    radii = np.maximum(CENTER_SIZE * np.cbrt(membership.weights / total) * spots[:, 2], _LEAST_CENTER * shrink)
    fills = _hexes(membership.colors)
    for i in np.argsort(-spots[:, 3], kind="stable").tolist():
        shapes.append(Disc(spots[i, 0], spots[i, 1], radii[i] + _RIM * shrink, INK, PAPER))
        shapes.append(Disc(spots[i, 0], spots[i, 1], radii[i], fills[i]))
    return shapes


def _hexes(colors: npt.NDArray[np.uint8]) -> list[str]:
    """Return "#rrggbb" of colors as seen on paper."""
    ground = np.array([int(PAPER[i : i + 2], 16) for i in (1, 3, 5)])
    alpha = colors[:, 3:].astype(np.int64)
    mixed = (colors[:, :3] * alpha + ground * (255 - alpha) + 127) // 255
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in mixed.tolist()]


def _legend(membership: Membership) -> list[Shape]:
    """List the centers with hex and share, the most used first, as many as there is room for."""
    left, right, room = _WIDTH - _LEGEND, _WIDTH - 40, _HEIGHT // _ROW - 3
    order = np.argsort(-membership.weights.astype(np.float64), kind="stable")
    names = Palette.from_colors(membership.colors).hex()
    fills = _hexes(membership.colors)
    rows = order[:room].tolist() if len(order) > room + 1 else order.tolist()
    total = int(membership.weights.sum())
    top = (_HEIGHT - _ROW * (len(rows) + (len(rows) < len(order)))) / 2
    shapes: list[Shape] = []
    for number, i in enumerate(rows):
        y = top + _ROW * (number + 0.5)
        shapes.append(Box(left, y - 9, 32, 18, fills[i]))
        shapes.append(Text(left + 44, y, names[i]))
        shapes.append(Text(right, y, f"{membership.weights[i] / total:.1%}", color=GREY, align="right"))
    if len(rows) < len(order):
        y = top + _ROW * (len(rows) + 0.5)
        shapes.append(Text(left + 44, y, f"and {len(order) - len(rows):,} more", color=GREY))
    return shapes
