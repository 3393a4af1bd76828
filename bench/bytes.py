"""Bytes at equal looks: hueclid's files beside those of pngquant, oxipng, zopfli, cwebp and gifsicle.

    python bench/bytes_set.py SET --images photographs --icons icons
    python bench/bytes.py SET [--quick] [--kind text] [--jobs 2] [--output BYTES.md]

What the peers make is kept in `SET/peers`, a CSV for each picture, and made but once; what hueclid makes is kept in
`SET/ours` and made anew unless `--keep`. zopfli takes most of the time: `--recipe oxipng` leaves it and others for
later. Writes the tables to a Markdown file and draws curves of some pictures beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from bytes_curve import Picture, Point, read, write
from bytes_judge import Judge, Scores
from bytes_peers import RECIPES, files
from bytes_plot import draw
from bytes_set import pictures
from bytes_tables import tables

import hueclid
from hueclid.pixels import Pixels

CURVES: dict[str, tuple[dict[str, Any], ...]] = {
    "defaults": ({},),  # what the command line takes
    "lossy": tuple({"lossy": x} for x in (2, 5, 10, 15, 25, 36, 45, 55, 70)),
    "nothing lost": tuple({"colors": k} for k in (256, 192, 128, 64)),
    "nearest": tuple({"colors": k, "dither": "none"} for k in (256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8)),
    "nearest, lossy": tuple({"colors": k, "dither": "none", "lossy": 36} for k in (128, 64, 32, 16, 8, 4)),
    "undithered, lossy": tuple({"dither": "none", "lossy": x} for x in (2, 5, 8, 12, 18, 26)),
}
"""Our settings, on curves along which bytes and looks change together."""


def ours(pixels: Pixels, settings: dict[str, Any]) -> bytes:
    """Return our file at some settings of `quantize`; without any, those of the command line."""
    file = io.BytesIO()
    hueclid.quantize(pixels, **(settings or {"lossy": "auto"})).save(file, "png")
    return file.getvalue()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, help="the folder that bytes_set.py filled")
    parser.add_argument("--quick", action="store_true", help="two pictures of each kind, three photographs")
    parser.add_argument("--kind", action="append", help="only this kind, and others named so")
    parser.add_argument(
        "--recipe", default="", metavar="WORD", help="make only what the recipes with it in their names do"
    )
    parser.add_argument("--jobs", type=int, default=1, help="so many pictures at a time")
    parser.add_argument("--keep", action="store_true", help="our files too are made but once")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("BYTES.md"))
    options = parser.parse_args()
    chosen = pictures(options.set, kinds=options.kind, quick=options.quick)
    with ProcessPoolExecutor(options.jobs) as pool:
        measured = []
        for picture in pool.map(partial(measure, options.set, options.recipe, options.keep), chosen, chosen.values()):
            print(picture.kind, picture.path.stem, flush=True)
            measured.append(picture)
    options.output.write_text(tables(measured), encoding="utf-8")
    draw(measured, options.output.with_name(f"{options.output.stem.lower()}_curves.png"))
    print(f"wrote {options.output}")


def measure(folder: Path, recipe: str, keep: bool, path: Path, kind: str) -> Picture:
    """Make all files of a picture, or read what is known of them."""
    name = f"{kind}-{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.csv"
    pixels = hueclid.read(path)
    judge = Judge(pixels)
    peers = known(folder / "peers" / name)
    missing = [r for r in RECIPES if recipe in r.name and r.name not in {point.maker for point in peers}]
    for one in missing:
        peers += judged(files(path, [one]), judge)
        write(peers, folder / "peers" / name)
    points = known(folder / "ours" / name) if keep else []
    if not points:
        points = judged(_ours(pixels), judge)
        write(points, folder / "ours" / name)
    return Picture(path, kind, peers, {name: [point for point in points if point.maker == name] for name in CURVES})


def known(path: Path) -> list[Point]:
    """Return the points that a file holds; none where there is no file."""
    return read(path) if path.exists() else []


def _ours(pixels: Pixels) -> Iterator[tuple[str, str, bytes]]:
    for curve, settings in CURVES.items():
        for setting in settings:
            yield curve, " ".join(f"{name}={value}" for name, value in setting.items()), ours(pixels, setting)


def judged(files: Iterator[tuple[str, str, bytes]], judge: Judge) -> list[Point]:
    """Return the points of files; several settings often make one file."""
    scores: dict[bytes, Scores] = {}
    points = []
    for maker, setting, data in files:
        if data not in scores:
            scores[data] = judge.judge(hueclid.read(data))
        points.append(Point(maker, setting, len(data), scores[data]))
    return points


if __name__ == "__main__":
    main()
