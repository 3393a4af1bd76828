"""Pictures side by side, with captions, as one picture: a contact sheet."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .pixels import Pixels

WIDTH = 2400
"""The widest a sheet gets, in pixels; its pictures shrink to fit."""

_SMALLEST = 240  # side of a panel in pixels: room for its caption; smaller pictures are shown enlarged
_GAP = 24
_PAPER, _INK, _GREY, _CHECKS = "#f7f7f5", "#1c1c1e", "#6c6c70", ("#ffffff", "#dcdcdc")
_CHECK = 8


@dataclass(frozen=True)
class Panel:
    """One picture of a sheet.

    Attributes:
        pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        title: a few words, first line of the caption; Latin letters, as the font has no others.
        detail: what stands below it, smaller; one line or several.
    """

    pixels: Pixels
    title: str
    detail: str


def shrink(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return an image as `(h, w, 4)` uint8 RGBA, scaled down to fit `width` x `height` where it is larger."""
    image = _rgba(pixels)
    scale = min(1, width / image.width, height / image.height)
    return np.asarray(_resized(image, scale))


def thumbnail(pixels: Pixels, side: int = 160) -> bytes:
    """Return an image as WebP of at most `side` x `side` pixels."""
    file = io.BytesIO()
    Image.fromarray(shrink(pixels, side, side)).save(file, "WEBP", quality=85)
    return file.getvalue()


def draw(panels: Sequence[Panel | None], columns: int | None = None) -> Image.Image:
    """Draw pictures of one size with their captions on an RGB sheet, at most 2400 pixels wide.

    Pictures keep their size as far as the sheet allows: larger ones are scaled down, small ones enlarged by a
    whole factor, each pixel a square, so that no color is added. Transparent places show a checkerboard.

    Args:
        panels: one or more, in reading order; None leaves a place empty.
        columns: how many panels to a row; None: as many as make a sheet of about 16:10.

    Raises:
        ValueError: there are none, or their sizes differ.
    """
    shown = [panel for panel in panels if panel]
    if len({panel.pixels.shape[:2] for panel in shown}) != 1:
        raise ValueError("a sheet takes one or more pictures of one size")
    height, width = shown[0].pixels.shape[:2]
    columns = columns or _columns(len(panels), width / height)
    room = (WIDTH - _GAP) // columns - _GAP
    scale = room / width if width > room else max(1, min(room, _SMALLEST) // max(width, height))
    images = [_resized(_rgba(panel.pixels), scale) for panel in shown]

    cell = max(images[0].width, min(room, _SMALLEST))
    size = round(20 + cell / 40)
    title_font, detail_font = ImageFont.load_default(size), ImageFont.load_default(round(size * 0.75))
    caption = round(size * (1.8 + max(panel.detail.count("\n") + 1 for panel in shown)))
    rows = math.ceil(len(panels) / columns)
    pitch = (cell + _GAP, images[0].height + caption + _GAP)
    sheet = Image.new("RGB", (columns * pitch[0] + _GAP, rows * pitch[1] + _GAP), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for i, panel, image in zip((i for i, panel in enumerate(panels) if panel), shown, images, strict=True):
        left, top = _GAP + i % columns * pitch[0], _GAP + i // columns * pitch[1]
        sheet.paste(_flattened(image), (left, top))
        below = top + image.height + round(size * 0.5)
        pen.text((left, below), panel.title, _INK, title_font)
        pen.text((left, below + round(size * 1.25)), panel.detail, _GREY, detail_font)
    return sheet


def _columns(count: int, aspect: float) -> int:
    """Return the number of columns that makes the sheet nearest to 16:10 with few empty places."""

    def cost(columns: int) -> float:
        rows = math.ceil(count / columns)
        return abs(math.log(columns * aspect / rows / 1.6)) + (rows * columns - count) / count

    return min(range(1, count + 1), key=cost)


def _rgba(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels).convert("RGBA")


def _resized(image: Image.Image, scale: float) -> Image.Image:
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.NEAREST)


def _flattened(image: Image.Image) -> Image.Image:
    """Lay an RGBA image over a checkerboard."""
    rows, columns = np.indices((image.height, image.width)) // _CHECK
    board = Image.fromarray(((rows + columns) % 2).astype(np.uint8))
    board.putpalette([int(shade[i : i + 2], 16) for shade in _CHECKS for i in (1, 3, 5)])
    return Image.alpha_composite(board.convert("RGBA"), image).convert("RGB")
