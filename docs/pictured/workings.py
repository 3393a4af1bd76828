"""What each parameter does, and how it works."""

import io
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

import hueclid
from hueclid import Histogram, Indexed, Palette, plot
from hueclid.lloyd import passes

from .tools import (
    PHOTOGRAPHS,
    PICTURES,
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


def parameters() -> None:
    """Make what `parameters.md` shows: the rocket, 8 and 16 colors in sRGB, one parameter at a time."""
    pixels = photograph("rocket")
    histogram = Histogram.count(pixels)

    def solve(k: int = 16, **options: object) -> Palette:
        return Palette.solve(histogram, k, **{"space": "srgb", **options})

    def picture(name: str, title: str, palette: Palette, caption: str) -> str:
        show(name, Indexed.map(pixels, palette, dither="none"))
        return figure(f"{name}.png", title, caption)

    shown, rows = [], []
    for k in (2, 4, 8, 16, 64):
        palette = solve(k)
        indexed = Indexed.map(pixels, palette, dither="none")
        rows.append([k, millions(palette.error), decibels(pixels, indexed), f"{show(f'rocket-{k}', indexed):,}"])
        if k < 64:
            shown.append(figure(f"rocket-{k}.png", f"K = {k}", f"{rows[-1][2]}, {rows[-1][3]} bytes"))
    (PICTURES / "rocket-64.png").unlink()
    heads = ["K", "error, millions", "PSNR", "bytes"]
    fill("parameters.md", k=side_by_side(shown) + "\n\n" + table(heads, rows))

    drawn = [solve(init="random", seed=seed).error for seed in range(20)]
    best = min(*drawn, solve(effort="best").error)
    shown, rows = [], []
    for init in ("divisive", "k-means++", "random", "maximin"):
        errors = [solve(init=init, seed=1, max_iterations=most).error / best for most in (0, 1, 5, 20, None)]
        rows.append([f"`{init}`", *(f"{error:.2f}" for error in errors)])
        first = solve(init=init, seed=1, max_iterations=0)
        shown.append(picture(f"init-{init}", init, first, f"{first.error / best:.2f} of the least error"))
    heads = ["`init`", "start", "1 pass", "5", "20", "to the end"]
    fill("parameters.md", init=side_by_side(shown) + "\n\n" + table(heads, rows))

    tries = solve(8, init="random", attempts=10, max_iterations=10, seed=1)
    rows = [["error, millions", *(millions(error) for error in tries.attempt_errors)]]
    free = Palette.solve(histogram, 8, space="srgb")
    note = f"The best of the ten: {millions(tries.error)}. One start by cuts, to the end: {millions(free.error)}."
    fill("parameters.md", attempts=table(["attempt", *range(1, 11)], rows) + "\n\n" + note)

    shown, rows = [], []
    for most in (0, 1, 2, 5, 10, 50, 100, None):
        palette = solve(8, init="random", seed=1, max_iterations=most)
        rows.append([most, palette.iterations, millions(palette.error), f"`{palette.ended}`"])
        if most in (0, 1, 2, None):
            name, title = ("all", "to the end") if most is None else (most, f"max_iterations={most}")
            caption = f"error {millions(palette.error)} million"
            shown.append(picture(f"iterations-{name}", title, palette, caption))
    heads = ["`max_iterations`", "passes made", "error, millions", "`ended`"]
    fill("parameters.md", max_iterations=side_by_side(shown) + "\n\n" + table(heads, rows))

    rows = []
    first = solve(init="random", seed=3, max_iterations=0)
    for tolerance in (0.1, 0.01, 0.001, 0.0001, 0.0):
        palette = solve(init="random", seed=3, tolerance=tolerance)
        plain = list(passes(histogram, first, tolerance=tolerance))
        row = [f"{tolerance:g}", len(plain) - 1, f"{plain[-1].error / 1e6:.2f}"]
        rows.append([*row, palette.iterations, f"{palette.error / 1e6:.2f}"])
    heads = ["`tolerance`", "plain passes", "error, millions", "hueclid's passes", "error, millions"]
    fill("parameters.md", tolerance=table(heads, rows))

    row = [f"{error / best:.3f}" for error in (min(drawn), float(np.median(drawn)), max(drawn))]
    fill("parameters.md", seed=table(["error, of the least known", "best", "median", "worst"], [["20 seeds", *row]]))

    rows = []
    for effort in ("fast", "balanced", "best"):
        row = [f"`{effort}`"]
        for k in (16, 256):
            palette = solve(k, effort=effort)
            row += [f"{palette.error / 1e6:.2f}", f"{palette.iterations:,}"]
            row += [f"{1000 * took(lambda k=k, effort=effort: solve(k, effort=effort, threads=1)):,.0f}"]
        rows.append(row)
    heads = ["`effort`", "K = 16: error, millions", "passes", "ms", "K = 256: error, millions", "passes", "ms"]
    fill("parameters.md", effort=table(heads, rows))

    shown = []
    for space in ("oklab", "srgb", "linear", "lab"):
        indexed = hueclid.quantize(pixels, 8, space=space, dither="none")
        quality = hueclid.measure(pixels, indexed)
        show(f"space-{space}", indexed)
        caption = f"{quality.psnr:.1f} dB, SSIMULACRA2 {quality.ssimulacra2:.1f}"
        shown.append(figure(f"space-{space}.png", f'space="{space}"', caption))
    fill("parameters.md", space=side_by_side(shown))

    shown = []
    for objective in ("squared", "euclidean"):
        palette = solve(4, objective=objective)
        caption = ", ".join(palette.hex())
        shown.append(picture(f"objective-{objective}", f'objective="{objective}"', palette, caption))
    fill("parameters.md", objective=side_by_side(shown, "pictures wide"))

    rows = []
    for name in PHOTOGRAPHS:
        image = photograph(name)
        counted = Histogram.count(image)
        ratio = f"{counted.total / len(counted):.1f}"
        rows.append([PHOTOGRAPHS[name][0], f"{counted.total:,}", f"{len(counted):,}", ratio])
    fill("parameters.md", weights=table(["", "pixels", "distinct colors", "pixels a color"], rows))


def took(call: Callable[[], object]) -> float:
    """Return the seconds of processor time that a call takes, the shortest of five."""
    times = []
    for _ in range(5):
        begun = time.process_time()
        call()
        times.append(time.process_time() - begun)
    return min(times)


def how_it_works() -> None:
    """Make the figures of `how_it_works.md`: the four nouns, and the cuts of the start."""
    pixels = photograph("rocket")
    histogram = Histogram.count(pixels)
    indexed = hueclid.quantize(pixels, 8)
    show_photograph("rocket", pixels)
    show("rocket-indexed", indexed)
    height, width = pixels.shape[:2]
    cloud = plot.cloud(histogram, indexed.palette, "png", points=8000)
    show("rocket-cloud", framed(cloud, (170, 20, 890, 880), (width, height)))
    with Image.open(io.BytesIO(plot.strip(indexed.palette, "png"))) as strip:
        strip.resize((width, height), Image.Resampling.NEAREST).save(PICTURES / "rocket-strip.png")
    shown = [
        figure("rocket.webp", "Pixels", f"{width} x {height}"),
        figure("rocket-cloud.png", "Histogram", f"{len(histogram):,} colors, each with its weight"),
        figure("rocket-strip.png", "Palette", f"{len(indexed.palette)} colors, each with its share"),
        figure("rocket-indexed.png", "Indexed", "a number of the palette for each pixel"),
    ]
    fill("how_it_works.md", nouns=side_by_side(shown))

    shown = []
    for k in (2, 3, 4, 8):
        palette = Palette.solve(histogram, k, max_iterations=0)
        show(f"cuts-{k}", Indexed.map(pixels, palette, dither="none"))
        title = "1 cut" if k == 2 else f"{k - 1} cuts"
        shown.append(figure(f"cuts-{k}.png", title, f"error {palette.error:,.0f} in Oklab"))
    fill("how_it_works.md", cuts=side_by_side(shown))


def framed(png: bytes, box: tuple[int, int, int, int], size: tuple[int, int]) -> Indexed:
    """Return a part of a picture in the middle of a frame, which takes the color of the part's corner."""
    with Image.open(io.BytesIO(png)) as image:
        part = image.convert("RGB").crop(box)
    part.thumbnail(size, Image.Resampling.LANCZOS)
    frame = Image.new("RGB", size, part.getpixel((0, 0)))
    frame.paste(part, ((size[0] - part.width) // 2, (size[1] - part.height) // 2))
    return hueclid.quantize(frame, 128, dither="none")
