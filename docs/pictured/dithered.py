"""Every way to dither."""

import numpy as np
from PIL import Image, ImageDraw

import hueclid
from hueclid import Histogram, Indexed, Palette
from hueclid.options import DITHER, KERNELS, TILES

from .tools import PICTURES, figure, fill, photograph, show, side_by_side, table


def gradient() -> np.ndarray:
    """Draw an evening sky around a sun, 240 x 160."""
    y, x = np.mgrid[:160, :240] / 160
    glow = np.exp(-3 * ((x - 1) ** 2 + (y - 0.8) ** 2))
    colors = np.stack([40 + 190 * glow + 20 * y, 50 + 120 * glow + 20 * y, 120 - 40 * y + 20 * glow], axis=-1)
    return np.round(colors.clip(0, 255)).astype(np.uint8)


def drawing() -> np.ndarray:
    """Draw a house in flat colors with smooth edges, 240 x 160."""
    sheet = Image.new("RGB", (960, 640), "#bfe3f2")
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((700, 50, 850, 200), "#ffd75e")
    pen.rectangle((0, 470, 960, 640), "#7cb35c")
    pen.polygon([(0, 470), (250, 300), (520, 470)], "#5a8f8a")
    pen.rectangle((330, 290, 640, 540), "#f4ead7")
    pen.polygon([(290, 300), (485, 140), (680, 300)], "#b5482f")
    pen.rectangle((440, 400, 530, 540), "#6d4b35")
    for left in (360, 560):
        pen.rectangle((left, 340, left + 55, 400), "#2f4d6b", "#1f1f24", 6)
    for i in range(24):
        pen.line((20 + 40 * i, 640, 34 + 40 * i, 590), "#3f6f33", 6)
    return np.asarray(sheet.resize((240, 160), Image.Resampling.LANCZOS))


def dithering() -> None:
    """Make what `dithering.md` shows: every way on a photograph, a gradient and a drawing."""
    ways = {f"`{name}`": {"dither": name} for name in ("none", *DITHER.choices[:-1]) if name != "ostromoukhov"}
    ways |= {
        f"`{name}`, amplitude": {"dither": name, "dither_form": "amplitude"}
        for name in ("blue-noise-64", "bayer-8", "clustered-dot")
    }
    images = {
        "photograph": (np.ascontiguousarray(photograph("coffee")[40:200, 190:430]), 16),
        "gradient": (gradient(), 8),
        "drawing": (drawing(), 8),
    }
    rows: dict[str, list[object]] = {way: [way] for way in ways}
    for kind, (pixels, k) in images.items():
        palette = Palette.solve(Histogram.count(pixels), k)
        Image.fromarray(pixels).save(PICTURES / f"dither-{kind}.png", optimize=True)
        shown = [figure(f"dither-{kind}.png", "The original", f"{len(Histogram.count(pixels)):,} colors")]
        for way, options in ways.items():
            name = f"dither-{kind}-" + "-".join(options.values())
            indexed = Indexed.map(pixels, palette, **options)
            size, score = show(name, indexed), hueclid.measure(pixels, indexed).ssimulacra2
            shown.append(figure(f"{name}.png", way.replace("`", ""), f"SSIMULACRA2 {score:.1f}, {size:,} bytes"))
            rows[way] += [f"{score:.1f}", f"{size:,}"]
        fill("dithering.md", **{kind: side_by_side(shown, "pictures exact")})
    heads = ["`dither`", *(head for kind in images for head in (kind, "bytes"))]
    fill("dithering.md", scores=table(heads, list(rows.values())))

    grey = np.asarray(Image.fromarray(images["photograph"][0]).convert("L"))
    palette = Palette.from_colors([(0, 0, 0), (255, 255, 255)], space="linear")
    shown = []
    for name in (*KERNELS, "riemersma", *TILES):
        size = show(f"dither-two-{name}", Indexed.map(grey, palette, dither=name, dither_strength=1.0))
        shown.append(figure(f"dither-two-{name}.png", name, f"{size:,} bytes"))
    fill("dithering.md", two=side_by_side(shown, "pictures exact"))
