"""A few shapes on paper, as SVG or as pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

PAPER, INK, GREY, HAIRLINE = "#f7f7f5", "#1c1c1e", "#6c6c70", "#d2d2ce"
_FINE = 2  # pixels are drawn so many times as large, then averaged


@dataclass(frozen=True)
class Disc:
    """A disc with a rim, which lies outside; lengths in pixels, colors as "#rrggbb"."""

    x: float
    y: float
    radius: float
    fill: str
    rim: str = ""


@dataclass(frozen=True)
class Line:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    color: str
    width: float = 1


@dataclass(frozen=True)
class Box:
    """A rectangle; `name` is told where the pointer rests."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    name: str = ""


@dataclass(frozen=True)
class Text:
    """A line of text on its left end, or its right one; `y` is the middle of its height."""

    x: float
    y: float
    text: str
    size: float = 14
    color: str = INK
    align: Literal["left", "right"] = "left"


Shape = Disc | Line | Box | Text

_RIM = 1.5


def to_svg(shapes: Sequence[Shape], width: int, height: int, paper: str = PAPER) -> str:
    """Return an SVG document; shapes hide those before them."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif">'
    )
    ground = [f'<rect width="{width}" height="{height}" fill="{paper}"/>'] if paper else []
    return "\n".join([head, *ground, *map(_element, shapes), "</svg>", ""])


def to_image(shapes: Sequence[Shape], width: int, height: int, paper: str = PAPER) -> Image.Image:
    """Return an RGB image; shapes hide those before them."""
    image = Image.new("RGB", (width * _FINE, height * _FINE), paper)
    pen = ImageDraw.Draw(image)
    for shape in shapes:
        _draw(pen, shape)
    return image.reduce(_FINE)


def _element(shape: Shape) -> str:
    match shape:
        case Disc(x, y, radius, fill, rim):
            edge = f' stroke="{rim}" stroke-width="{_RIM}"' if rim else ""
            reach = radius + _RIM / 2 if rim else radius
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{reach:.2f}" fill="{fill}"{edge}/>'
        case Line(points, color, width):
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width}"/>'
        case Box(x, y, width, height, fill, name):
            color, alpha = fill[:7], int(fill[7:] or "ff", 16) / 255
            veil = f' fill-opacity="{alpha:.4g}"' if alpha < 1 else ""
            box = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{color}"{veil}'
            return f"{box}><title>{escape(name)}</title></rect>" if name else f"{box}/>"
        case Text(x, y, text, size, color, align):
            end = ' text-anchor="end"' if align == "right" else ""
            return (
                f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{color}" dominant-baseline="central"{end}>'
                f"{escape(text)}</text>"
            )


def _draw(pen: ImageDraw.ImageDraw, shape: Shape) -> None:
    match shape:
        case Disc(x, y, radius, fill, rim):
            if rim:
                pen.ellipse(_around(x, y, radius + _RIM), rim)
            pen.ellipse(_around(x, y, radius), fill)
        case Line(points, color, width):
            pen.line([(x * _FINE, y * _FINE) for x, y in points], color, round(width * _FINE), "curve")
        case Box(x, y, width, height, fill):
            left, top = x * _FINE, y * _FINE
            pen.rectangle((left, top, left + width * _FINE - 1, top + height * _FINE - 1), fill[:7])
        case Text(x, y, text, size, color, align):
            font = ImageFont.load_default(size * _FINE)
            pen.text((x * _FINE, y * _FINE), text, color, font, anchor="rm" if align == "right" else "lm")


def _around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius) * _FINE, (y - radius) * _FINE, (x + radius) * _FINE, (y + radius) * _FINE
