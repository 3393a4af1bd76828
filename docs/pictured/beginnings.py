"""The first page, the tutorial, and the gallery."""

import math

import numpy as np
from PIL import Image

import hueclid
from hueclid import Histogram, Indexed, Palette
from hueclid.lloyd import passes

from .tools import (
    PHOTOGRAPHS,
    SIDE,
    decibels,
    figure,
    fill,
    millions,
    photograph,
    show,
    show_photograph,
    side_by_side,
    table,
)


def index() -> None:
    """Make what `index.md` shows: the coffee, reduced as `hueclid quantize` does by default."""
    pixels = photograph("coffee")
    show_photograph("coffee", pixels)
    shown = [figure("coffee.webp", "The photograph", f"{len(Histogram.count(pixels)):,} colors")]
    for k in (2, 3, 4, 8, 16):
        indexed = hueclid.quantize(pixels, k)
        size = show(f"coffee-dithered-{k}", indexed)
        caption = f"{size:,} bytes, {decibels(pixels, indexed)}"
        shown.append(figure(f"coffee-dithered-{k}.png", f"{k} colors", caption))
    fill("index.md", colors=side_by_side(shown, "pictures wide"))


def tutorial() -> None:
    """Make what `tutorial.md` shows: the coffee, in the setting of tutorials and beyond."""
    pixels = photograph("coffee")
    histogram = Histogram.count(pixels)

    start = Palette.solve(histogram, 3, space="srgb", init="random", seed=2, max_iterations=0)
    made = list(passes(histogram, start, tolerance=1e-4))
    shown, rows = [], []
    for number, one in enumerate(made):
        rows.append([number, millions(one.error), ", ".join(f"`#{r:02x}{g:02x}{b:02x}`" for r, g, b, _ in one.colors)])
        if number in (0, 1, 3, len(made) - 1):
            palette = Palette.from_colors(one.colors, space="srgb")
            show(f"pass-{number}", Indexed.map(pixels, palette, dither="none"))
            shown.append(figure(f"pass-{number}.png", f"Pass {number}", f"error {millions(one.error)} million"))
    kept = [row for row in rows if row[0] <= 4 or row[0] % 5 == 0 or row[0] == len(rows) - 1]
    fill("tutorial.md", passes=side_by_side(shown) + "\n\n" + table(["pass", "error, millions", "centers"], kept))

    results, rows = [], []
    for k in (2, 3, 8):
        indexed = hueclid.quantize(pixels, k, space="srgb", dither="none")
        size = show(f"coffee-{k}", indexed)
        error, nearness = millions(indexed.palette.error), decibels(pixels, indexed)
        rows.append([f"K = {k}", error, nearness, f"{size:,}"])
        results.append(figure(f"coffee-{k}.png", f"K = {k}", f"{size:,} bytes, {nearness}"))
    heads = ["", "compactness, millions", "PSNR", "bytes as PNG"]
    fill("tutorial.md", colors=side_by_side(results), compactness=table(heads, rows))

    results, rows = [], []
    for space, dither in (("srgb", "none"), ("oklab", "none"), ("oklab", "floyd-steinberg")):
        indexed = hueclid.quantize(pixels, 8, space=space, dither=dither)
        name = f"coffee-8-{space}" if dither == "none" else "coffee-dithered-8"
        size, quality = show(name, indexed), hueclid.measure(pixels, indexed)
        title = f"{'sRGB' if space == 'srgb' else 'Oklab'}, {'dithered' if dither != 'none' else 'not dithered'}"
        results.append(figure(f"{name}.png", title, f"SSIMULACRA2 {quality.ssimulacra2:.1f}"))
        rows.append([title, f"{quality.psnr:.1f} dB", f"{quality.ssimulacra2:.1f}", f"{size:,}"])
    heads = ["K = 8", "PSNR", "SSIMULACRA2", "bytes"]
    fill("tutorial.md", eye=side_by_side(results) + "\n\n" + table(heads, rows))

    indexed = hueclid.quantize(pixels, "auto")
    quality = hueclid.measure(pixels, indexed)
    name = f"coffee-dithered-{len(indexed.palette)}"
    size = show(name, indexed)
    caption = f"{size:,} bytes, {quality.psnr:.1f} dB, SSIMULACRA2 {quality.ssimulacra2:.1f}"
    shown = [
        figure("coffee.webp", "The photograph", f"{len(histogram):,} colors"),
        figure(f"{name}.png", f"{len(indexed.palette)} colors, as many as the knee says", caption),
    ]
    fill("tutorial.md", auto=side_by_side(shown, "pictures wide"))


def gallery() -> None:
    """Make `gallery.md`'s pictures: photographs scaled down to a column, and what they become."""
    parts = []
    for name, (title, source) in PHOTOGRAPHS.items():
        image = Image.fromarray(photograph(name))
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        small = np.asarray(image)
        show_photograph(f"gallery-{name}", small)
        shown = [figure(f"gallery-{name}.webp", "The photograph", f"{len(Histogram.count(small)):,} colors")]
        for k in (2, 4, 8, 16, 64):
            indexed = hueclid.quantize(small, k)
            size, psnr = show(f"gallery-{name}-{k}", indexed), hueclid.measure(small, indexed).psnr
            nearness = "exact" if math.isinf(psnr) else f"{psnr:.1f} dB"
            shown.append(figure(f"gallery-{name}-{k}.png", f"K = {k}", f"{size:,} bytes, {nearness}"))
        credit = f"*Photograph: {source}, from scikit-image.*"
        parts.append(f"## {title}\n\n{side_by_side(shown, 'pictures wide')}\n\n{credit}")
    fill("gallery.md", gallery="\n\n".join(parts))
