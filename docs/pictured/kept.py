"""What stays: colors of flat areas, and transparency."""

import io
import sys

import numpy as np
from PIL import Image

import hueclid
from hueclid import Histogram

from .tools import DOCS, PICTURES, figure, fill, show, side_by_side


def graphics() -> None:
    """Make `graphics.md`'s pictures: parts of drawings before and after, each pixel 2 x 2."""
    sys.path.insert(0, str(DOCS.parent / "bench"))
    from drawings import PICTURES as DRAWINGS

    def part(name: str, pixels: np.ndarray, box: tuple[int, int, int, int]) -> None:
        crop = Image.fromarray(pixels[..., :3]).crop(box)
        crop = crop.resize((2 * crop.width, 2 * crop.height), Image.Resampling.NEAREST)
        hueclid.quantize(crop, 256, dither="none").save(PICTURES / f"{name}.png", optimize="max")

    parts = []
    for name, box in (("chart_dark", (300, 150, 460, 280)), ("map_of_lands", (200, 120, 360, 250))):
        pixels = np.asarray(DRAWINGS[name]().convert("RGB"))
        before = hueclid.quantize(pixels, 16, flat="mean").to_pixels()
        after = hueclid.quantize(pixels, 16).to_pixels()
        shown = []
        for kind, title, result in (
            ("drawn", "The drawing", pixels),
            ("means", "Means", before),
            ("exact", "Flat colors exact", after),
        ):
            part(f"graphics-{name}-{kind}", result, box)
            share = (result[..., :3] == pixels).all(axis=-1).mean()
            caption = f"{len(Histogram.count(pixels)):,} colors" if kind == "drawn" else f"{share:.0%} of pixels exact"
            shown.append(figure(f"graphics-{name}-{kind}.png", title, caption))
        parts.append(side_by_side(shown))
    note = "*16 colors, each pixel shown as 2 x 2. Photograph: Rachel Michetti, CC0, from scikit-image.*"
    fill("graphics.md", graphics="\n\n".join([*parts, note]))


def transparency() -> None:
    """Make `transparency.md`'s pictures: a ball with a shadow and a glow, on three pages."""
    ball = drawn_ball(144)
    shown = []
    for name, title, options in (
        ("full", "full", {}),
        ("binary", "binary", {"alpha": "binary"}),
        ("binary-matte", "binary, matte #ffffff", {"alpha": "binary", "matte": "#ffffff"}),
        ("levels", "4 levels", {"alpha": 4}),
        ("levels-dithered", "4 levels, dithered", {"alpha": 4, "alpha_dither": "floyd-steinberg"}),
        ("binary-dithered", "binary, dithered", {"alpha": "binary", "alpha_dither": "floyd-steinberg"}),
        ("matte", "matte #ffffff", {"matte": "#ffffff"}),
    ):
        indexed = hueclid.quantize(ball, 32, **options)
        pages = [hueclid.reduce_alpha(indexed.to_pixels(), matte=page) for page in ("#ffffff", "#8a8f98", "#1b2a57")]
        show(f"alpha-{name}", hueclid.quantize(np.hstack([page[..., :3] for page in pages]), 256))
        levels = len(np.unique(indexed.palette.colors[:, 3]))
        size = indexed.save(io.BytesIO(), "png")
        shown.append(figure(f"alpha-{name}.png", title, f"{levels} alpha{'s' * (levels > 1)}, {size:,} bytes as PNG"))
    fill("transparency.md", modes=side_by_side(shown, "pictures wide"))


def drawn_ball(side: int) -> np.ndarray:
    """Draw a shaded red ball with a soft shadow below it and a bluish glow around it."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    distance = np.hypot(x - 0.5, y - 0.46)
    cover = np.clip((0.3 - distance) * side, 0, 1)
    light = np.clip(1.15 - 2.2 * np.hypot(x - 0.4, y - 0.34), 0.15, 1)
    color = np.dstack([255 * light, 60 * light, 50 * light + 20])
    shine = np.exp(-(((x - 0.4) / 0.06) ** 2) - ((y - 0.32) / 0.045) ** 2)[..., None]
    color = color * (1 - shine) + 255 * shine
    glow = 0.75 * np.exp(-((np.maximum(distance - 0.3, 0) / 0.07) ** 2))
    shadow = 0.6 * np.exp(-(((x - 0.5) / 0.27) ** 2) - ((y - 0.84) / 0.06) ** 2)
    alpha = np.zeros((side, side))
    mixed = np.zeros((side, side, 3))
    for layer, share in ((np.array([0, 0, 0]), shadow), (np.array([150, 190, 255]), glow), (color, cover)):
        mixed = layer * share[..., None] + mixed * (1 - share[..., None])
        alpha = share + alpha * (1 - share)
    straight = mixed / np.maximum(alpha, 1e-9)[..., None]
    return np.dstack([straight, 255 * alpha]).round().clip(0, 255).astype(np.uint8)
