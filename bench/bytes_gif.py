"""GIFs at equal looks: hueclid's beside those that gifsicle makes at a loss of other programs' GIFs.

    python bench/bytes_gif.py SET [--photos 10] [--jobs 2] [--output BYTES_GIF.md]

`SET` is what `bytes_set.py` filled; pictures are cut to 400 x 300 pixels about their middles. gifsicle, at five losses,
is given each picture in 256 colors by libimagequant, with its dithering and without, by Pillow's median cut, and by
hueclid, undithered and at its defaults.
"""

from __future__ import annotations

import argparse
import io
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import imagequant
import numpy as np
from bytes_curve import Point, least
from bytes_judge import Judge
from bytes_peers import run
from bytes_set import spaced
from PIL import Image

import hueclid
from hueclid.pixels import Pixels

LEVELS = ("0", "20", "60", "120", "200")
SIDES = (400, 300)
GRAPHICS = (
    "chart/chart_lines",
    "chart/chart_heatmap",
    "illustration/cartoon",
    "illustration/shaded_cubes",
    "map/map_of_heights",
    "ui/window_photographs",
)
CURVES: dict[str, tuple[dict[str, Any], ...]] = {
    "256": tuple({"colors": 256, "lossy": x} for x in (0, 5, 10, 15, 22, 30, 40, 50, 60, 75)),
    "256, nearest": tuple({"colors": 256, "lossy": x, "dither": "none"} for x in (0, 5, 10, 18, 30, 38, 45, 60)),
    "192, nearest": tuple({"colors": 192, "lossy": x, "dither": "none"} for x in (18, 25, 32, 40)),
    "64": tuple({"colors": 64, "lossy": x} for x in (0, 15, 30, 50)),
    "64, nearest": tuple({"colors": 64, "lossy": x, "dither": "none"} for x in (0, 15, 30, 50)),
    "24": tuple({"colors": 24, "lossy": x} for x in (0, 20, 40)),
}
"""Our settings, on curves along which bytes and looks change together."""


def quantized(dithering: float) -> Callable[[Image.Image], bytes]:
    """Return what makes a GIF by libimagequant, at so much dithering."""
    return lambda image: saved(
        imagequant.quantize_pil_image(image.convert("RGBA"), dithering_level=dithering, max_colors=256)
    )


SOURCES: dict[str, Callable[[Image.Image], bytes]] = {
    "libimagequant": quantized(1.0),
    "libimagequant, no dithering": quantized(0.0),
    "Pillow's median cut, no dithering": lambda image: saved(image.quantize(256, dither=Image.Dither.NONE)),
    "hueclid, no dithering": lambda image: ours(np.asarray(image), {"dither": "none"}),
    "hueclid": lambda image: ours(np.asarray(image), {}),
}
"""Who makes the GIF that gifsicle is given."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, help="the folder that bytes_set.py filled")
    parser.add_argument("--photos", type=int, default=10, help="this many of its photographs")
    parser.add_argument("--jobs", type=int, default=1, help="so many pictures at a time")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("BYTES_GIF.md"))
    options = parser.parse_args()
    photos = spaced(sorted((options.set / "photo").glob("*.png")), options.photos)
    kinds = {"photographs": photos, "graphics": [options.set / f"{name}.png" for name in GRAPHICS]}
    with ProcessPoolExecutor(options.jobs) as pool:
        measured = {kind: list(pool.map(ratios, paths)) for kind, paths in kinds.items()}
    options.output.write_text(page(measured), encoding="utf-8")
    print(f"wrote {options.output}")


def ratios(path: Path) -> dict[str, list[tuple[float | None, str]]]:
    """Return, by source, our bytes by gifsicle's at each level, None where we don't get there, and the picture."""
    image = cut(Image.open(path).convert("RGB"))
    pixels = np.asarray(image)
    judge = Judge(pixels)

    def point(maker: str, setting: str, gif: bytes) -> Point:
        return Point(maker, setting, len(gif), judge.judge(np.asarray(Image.open(io.BytesIO(gif)).convert("RGB"))))

    curves = [[point(name, str(way), ours(pixels, way)) for way in ways] for name, ways in CURVES.items()]
    found: dict[str, list[tuple[float | None, str]]] = {}
    for source, make in SOURCES.items():
        gif = make(image)
        peers = [point(source, level, run(["gifsicle", "-O3", f"--lossy={level}"], gif)) for level in LEVELS]
        sizes = [(least(curves, peer.scores), peer.bytes) for peer in peers]
        found[source] = [(size and size / theirs, path.stem) for size, theirs in sizes]
    return found


def page(measured: dict[str, list[dict[str, list[tuple[float | None, str]]]]]) -> str:
    """Return the whole page."""
    rows = []
    for source in SOURCES:
        for kind, pictures in measured.items():
            cells = (cell([picture[source][i] for picture in pictures]) for i in range(len(LEVELS)))
            rows.append(f"| {source} | {kind} | {' | '.join(cells)} |")
    counts = ", ".join(f"{len(pictures)} {kind}" for kind, pictures in measured.items())
    return "\n".join(
        [
            "# GIFs at equal looks",
            "",
            f"Made by `bench/bytes_gif.py` on {date.today():%Y-%m-%d} with hueclid {hueclid.__version__}, of {counts},",
            f"cut to {SIDES[0]} x {SIDES[1]} pixels. Our bytes by those of `gifsicle -O3 --lossy`, given what stands",
            "first, where our file is at least as good by all three of SSIMULACRA2, a multi-scale SSIM in Oklab and",
            "the blurred error; our curves are interpolated between the points that were made. Below 1 is smaller.",
            "Geometric means of the pictures on which we get there, the worst, and of how many where that is not all.",
            "",
            f"| gifsicle is given | kind | {' | '.join(f'lossy {level}' for level in LEVELS)} |",
            "|---|---|" + "--:|" * len(LEVELS),
            *rows,
            "",
        ]
    )


def cell(found: Sequence[tuple[float | None, str]]) -> str:
    """Return the mean of ratios and the worst."""
    there = [(ratio, name) for ratio, name in found if ratio]
    if not there:
        return f"none of {len(found)}"
    ratio, name = max(there)
    of = "" if len(there) == len(found) else f" of {len(there)}/{len(found)}"
    return f"{statistics.geometric_mean(ratio for ratio, _ in there):.3f}{of}, {ratio:.2f} {name}"


def cut(image: Image.Image) -> Image.Image:
    """Return the middle of an image."""
    width, height = (min(pair) for pair in zip(image.size, SIDES, strict=True))
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def ours(pixels: Pixels, settings: dict[str, Any]) -> bytes:
    """Return our GIF at some settings of `quantize`."""
    file = io.BytesIO()
    hueclid.quantize(pixels, lossy_for="gif", **settings).save(file, "gif")
    return file.getvalue()


def saved(image: Image.Image) -> bytes:
    """Return an image as Pillow saves it as GIF."""
    file = io.BytesIO()
    image.save(file, "GIF")
    return file.getvalue()


if __name__ == "__main__":
    main()
