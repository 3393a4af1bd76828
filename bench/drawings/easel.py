"""What the drawings are drawn with, and their list."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

Picture = Callable[[], Image.Image]
PICTURES: dict[str, Picture] = {}
"""The drawings, by the names of the functions that draw them."""


def picture(draw: Picture) -> Picture:
    """Name a picture by the function that draws it."""
    PICTURES[draw.__name__] = draw
    return draw


def kind(name: str) -> str:
    """Return the kind of a picture: the module that draws it."""
    return PICTURES[name].__module__.rpartition(".")[2]


def font(size: int, name: str = "DejaVuSans.ttf") -> ImageFont.FreeTypeFont:
    """Return a font that matplotlib ships."""
    import matplotlib

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def photograph(name: str, width: int, height: int) -> Image.Image:
    """Return a part of a photograph that scikit-image ships under CC0."""
    from skimage import data

    image = Image.fromarray(getattr(data, name)())
    scale = max(width / image.width, height / image.height)
    resized = image.resize((math.ceil(image.width * scale), math.ceil(image.height * scale)), Image.Resampling.LANCZOS)
    return resized.crop((0, 0, width, height))


def rounded(image: Image.Image, box: tuple[int, int, int, int], radius: int, fill: str, shadow: int = 0) -> None:
    """Draw a rounded box with smooth edges, and its shadow."""
    mask = Image.new("L", (image.width * 4, image.height * 4))
    ImageDraw.Draw(mask).rounded_rectangle(tuple(4 * v for v in box), 4 * radius, fill=255)
    mask = mask.resize(image.size, Image.Resampling.BOX)
    if shadow:
        soft = ImageChops.offset(mask.filter(ImageFilter.GaussianBlur(shadow)), 0, shadow // 2)
        image.paste("#000000", mask=soft.point(lambda v: v * 2 // 7))
    image.paste(fill, mask=mask)


def gradient(width: int, height: int, first: str, last: str, *, down: bool = True) -> Image.Image:
    """Return a picture that goes from one color to another."""
    ends = [np.array(ImageColor.getrgb(color), float) for color in (first, last)]
    way = np.linspace(0, 1, height if down else width)[:, None]
    line = np.floor(ends[0] + way * (ends[1] - ends[0]) + 0.5).astype(np.uint8)
    shape = (height, width, 3)
    return Image.fromarray(np.broadcast_to(line[:, None] if down else line[None], shape).copy())
