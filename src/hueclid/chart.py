"""A curve as a picture: error and bytes over the number of colors, in SVG or PNG."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from .curves import Curve, Row

Spot = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

_WIDTH, _PANEL, _TOP, _LEFT, _RIGHT, _BOTTOM = 860.0, 260.0, 64.0, 76.0, 28.0, 58.0
_PAPER, _INK, _GREY, _RULE, _MARK = "#f7f7f5", "#1c1c1e", "#6c6c70", "#e2e2de", "#c2410c"
_CURVES = ("#1d4ed8", "#0f766e")
_DASH, _GAP = 5.0, 4.0
_SHARP = 2  # pixels of a PNG for each unit of the drawing
_SMOOTH = 2  # times larger while it is drawn, so that edges come out smooth


def svg(curve: Curve) -> str:
    """Return the text of an SVG file."""
    pen = _Svg()
    _draw(curve, pen)
    return pen.written()


def png(curve: Curve) -> bytes:
    """Return the bytes of a PNG file."""
    pen = _Png()
    _draw(curve, pen)
    return pen.encoded()


class _Pen(Protocol):
    """What draws; a text stands on its spot."""

    def sheet(self, width: float, height: float) -> None: ...
    def line(self, spots: Sequence[Spot], color: str, width: float, *, dashed: bool = False) -> None: ...
    def dot(self, spot: Spot, radius: float, color: str) -> None: ...
    def text(self, spot: Spot, words: str, size: float, color: str, anchor: Anchor = "start") -> None: ...


def _panels(curve: Curve) -> list[tuple[str, list[tuple[Row, float]]]]:
    """Return titles and values of the panels: bytes are left out where nobody knows them."""
    panels = [("Square root of the error", [(row, math.sqrt(row.error)) for row in curve])]
    sizes = [(row, float(row.bytes)) for row in curve if row.bytes is not None]
    return [*panels, ("Bytes as PNG", sizes)] if sizes else panels


def _height(curve: Curve) -> float:
    return _TOP + len(_panels(curve)) * (_PANEL + _BOTTOM)


def _draw(curve: Curve, pen: _Pen) -> None:
    pen.sheet(_WIDTH, _height(curve))
    pen.text((_LEFT, 34), f"Error and bytes over the number of colors; the knee is at {curve.knee}", 17, _INK)
    last = max(2, curve.knee, *(row.colors for row in curve))
    span = math.log2(last)

    def across(colors: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log2(colors) / span

    for number, (title, values) in enumerate(_panels(curve)):
        top = _TOP + number * (_PANEL + _BOTTOM)
        floor = top + _PANEL
        step, most = _ticks(max(value for _, value in values))

        def up(value: float, floor: float = floor, most: float = most) -> float:
            return floor - (_PANEL - 26) * value / most

        for tick in range(round(most / step) + 1):
            y = up(tick * step)
            pen.line([(_LEFT, y), (_WIDTH - _RIGHT, y)], _RULE, 1)
            pen.text((_LEFT - 10, y + 4), _short(tick * step), 12, _GREY, "end")
        for octave in range(int(span) + 1):
            pen.text((across(2**octave), floor + 20), str(2**octave), 12, _GREY, "middle")
        pen.text((_LEFT, top - 6), title, 13, _CURVES[number])
        pen.line([(across(curve.knee), up(most)), (across(curve.knee), floor)], _MARK, 1.4, dashed=True)
        spots = [(across(row.colors), up(value)) for row, value in values]
        pen.line(spots, _CURVES[number], 2.2)
        for spot, (row, _) in zip(spots, values, strict=True):
            chosen = row.colors == curve.knee
            pen.dot(spot, 5.0 if chosen else 3.2, _MARK if chosen else _CURVES[number])
        pen.text((across(curve.knee), top + 14), f"knee: {curve.knee}", 12, _MARK, "middle")
    pen.text((_WIDTH - _RIGHT, _height(curve) - 16), "colors", 12, _GREY, "end")


def _ticks(most: float) -> tuple[float, float]:
    """Return a step of 1, 2 or 5 times a power of ten and its multiple at or above `most`: two to five steps."""
    if most <= 0:
        return 1.0, 1.0
    power = 10.0 ** math.floor(math.log10(most / 2))
    step = next(power * times for times in (1, 2, 5, 10) if power * times * 5 >= most)
    return step, step * math.ceil(most / step)


def _short(value: float) -> str:
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{sign}"
    return f"{value:g}"


class _Svg:
    """Draws into the text of an SVG."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def sheet(self, width: float, height: float) -> None:
        self._parts.append(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" font-family="system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif">'
            f'\n<rect width="100%" height="100%" fill="{_PAPER}"/>'
        )

    def line(self, spots: Sequence[Spot], color: str, width: float, *, dashed: bool = False) -> None:
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in spots)
        dashes = f' stroke-dasharray="{_DASH:g} {_GAP:g}"' if dashed else ""
        self._parts.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width:g}" '
            f'stroke-linejoin="round"{dashes}/>'
        )

    def dot(self, spot: Spot, radius: float, color: str) -> None:
        self._parts.append(f'<circle cx="{spot[0]:.2f}" cy="{spot[1]:.2f}" r="{radius:g}" fill="{color}"/>')

    def text(self, spot: Spot, words: str, size: float, color: str, anchor: Anchor = "start") -> None:
        self._parts.append(
            f'<text x="{spot[0]:.2f}" y="{spot[1]:.2f}" font-size="{size:g}" fill="{color}" '
            f'text-anchor="{anchor}">{escape(words)}</text>'
        )

    def written(self) -> str:
        return "\n".join([*self._parts, "</svg>\n"])


class _Png:
    """Draws with Pillow."""

    def sheet(self, width: float, height: float) -> None:
        from PIL import Image, ImageDraw

        self._size = (round(width * _SHARP), round(height * _SHARP))
        self._image = Image.new("RGB", (self._size[0] * _SMOOTH, self._size[1] * _SMOOTH), _PAPER)
        self._pen = ImageDraw.Draw(self._image)

    def line(self, spots: Sequence[Spot], color: str, width: float, *, dashed: bool = False) -> None:
        for piece in _dashes(spots[0], spots[-1]) if dashed else [spots]:
            self._pen.line([_large(spot) for spot in piece], color, round(width * _SHARP * _SMOOTH), joint="curve")

    def dot(self, spot: Spot, radius: float, color: str) -> None:
        self._pen.circle(_large(spot), radius * _SHARP * _SMOOTH, color)

    def text(self, spot: Spot, words: str, size: float, color: str, anchor: Anchor = "start") -> None:
        from PIL import ImageFont

        font = ImageFont.load_default(size * _SHARP * _SMOOTH)
        self._pen.text(_large(spot), words, color, font, anchor={"start": "ls", "middle": "ms", "end": "rs"}[anchor])

    def encoded(self) -> bytes:
        file = io.BytesIO()
        self._image.resize(self._size).save(file, "PNG", optimize=True)
        return file.getvalue()


def _large(spot: Spot) -> Spot:
    return spot[0] * _SHARP * _SMOOTH, spot[1] * _SHARP * _SMOOTH


def _dashes(start: Spot, end: Spot) -> list[Sequence[Spot]]:
    """Return the pieces of a broken line between two spots."""
    length = math.dist(start, end)

    def at(way: float) -> Spot:
        share = min(1.0, way / length)
        return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share

    pitch = _DASH + _GAP
    return [(at(i * pitch), at(i * pitch + _DASH)) for i in range(math.ceil(length / pitch))]
