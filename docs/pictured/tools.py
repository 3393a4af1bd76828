"""What the pages' pictures are made with: photographs, results in files, figures, tables."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

import hueclid
from hueclid import Indexed

DOCS = Path(__file__).parents[1]
PICTURES = DOCS / "pictures"
PHOTOGRAPHS = {
    "coffee": ("Coffee", "Rachel Michetti, CC0"),
    "chelsea": ("Chelsea", "Stéfan van der Walt, CC0"),
    "rocket": ("Rocket", "SpaceX, released into the public domain"),
    "astronaut": ("Eileen Collins", "NASA, public domain"),
    "hubble_deep_field": ("Hubble eXtreme Deep Field", "NASA, public domain"),
}
SIDE = 320  # of the gallery's pictures, in pixels


def photograph(name: str) -> np.ndarray:
    """Return a photograph as scikit-image ships it."""
    return np.ascontiguousarray(getattr(skimage.data, name)())


def show(name: str, indexed: Indexed) -> int:
    """Write a result as `hueclid quantize` does; return its bytes."""
    return indexed.save(PICTURES / f"{name}.png")


def show_photograph(name: str, pixels: np.ndarray) -> None:
    """Write a photograph as WebP, which browsers show and which is small."""
    Image.fromarray(pixels).save(PICTURES / f"{name}.webp", quality=82, method=6)


def figure(file: str, title: str, caption: str) -> str:
    """Return a picture with its caption."""
    path = PICTURES / file
    with Image.open(path) as image:
        width, height = image.size
    return (
        f'<figure markdown="span">\n![{title}](pictures/{file}){{ width="{width}" height="{height}" loading="lazy" }}\n'
        f"<figcaption><b>{title}</b>{caption}</figcaption>\n</figure>"
    )


def side_by_side(figures: Sequence[str], kind: str = "pictures") -> str:
    """Return figures in a row that wraps."""
    return f'<div class="{kind}" markdown>\n' + "\n".join(figures) + "\n</div>"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table whose first column is words and whose others are numbers."""
    lines = [heads, ["---"] + ["--:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def fill(page: str, **parts: str) -> None:
    """Put parts between the marks of a page."""
    path = DOCS / page
    text = path.read_text("utf-8")
    for name, part in parts.items():
        marks = re.compile(rf"(<!-- pictures.py: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, places = marks.subn(lambda match, part=part: f"{match[1]}\n{part}\n\n{match[2]}", text)
        if places != 1:
            raise SystemExit(f"{page} must have the marks of {name!r} once, found {places} times")
        print(f"\n{page}: {name}\n{part}")
    path.write_text(text, "utf-8")


def millions(error: float) -> str:
    """Return an error of sRGB, shorter."""
    return f"{error / 1e6:,.1f}"


def decibels(pixels: np.ndarray, indexed: Indexed) -> str:
    """Return the PSNR of a result."""
    return f"{hueclid.measure(pixels, indexed).psnr:.1f} dB"
