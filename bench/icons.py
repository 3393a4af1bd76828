"""Icons with soft edges, shadows and glows, beside pngquant: the nearness on the worst of four pages.

    python bench/icons_set.py FOLDER
    python bench/icons.py --icons FOLDER [--limit 5] [--sheet sheet.png]

pngquant is run as a program, with its defaults and at its slowest speed. Writes the tables to a Markdown file, and a
sheet of crops to look at.
"""

from __future__ import annotations

import argparse
import io
import itertools
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

import hueclid

Pixels = npt.NDArray[np.uint8]

PAGES = {"white": (255, 255, 255), "black": (0, 0, 0), "grey": (128, 128, 128), "blue": (30, 90, 220)}
COLORS = (256, 64, 32, 16)
PEERS = {"pngquant": (), "pngquant --speed 1": ("--speed", "1")}
STEPS = (-1000, 80, 85, 90, 95, 100)
"""Scores of pngquant's between which icons are told apart."""
MANY = 4096
"""Distinct colors from which on an icon is in the second table: fewer are soon exact, and no one can be nearer."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--icons", type=Path, required=True, metavar="FOLDER", help="measure all icons in it")
    parser.add_argument("--limit", type=int, help="only the first so many icons")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="draw some of them, ours beside pngquant's")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("ICONS.md"))
    options = parser.parse_args()
    paths = sorted(options.icons.glob("*.png"))[: options.limit]
    if not paths:
        sys.exit(f"{options.icons} holds no PNG; bench/icons_set.py fills it")
    rows: dict[tuple[int, str], list[tuple[float, int]]] = {}
    many = []
    for path in paths:
        print(path.name)
        original = hueclid.read(path)
        many.append(len(hueclid.Histogram.count(original)) >= MANY)
        for k in COLORS:
            for name, data in results(path, k).items():
                rows.setdefault((k, name), []).append((worst(original, hueclid.read(data)), len(data)))
    sections = [
        header(),
        table(f"All {len(paths)} icons", rows, [True] * len(paths), paths),
        table(f"The {sum(many)} of {MANY:,} colors and more", rows, many, paths),
        room(rows),
    ]
    options.output.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    print(f"wrote {options.output}")
    if options.sheet:
        sheet(paths[:: max(1, len(paths) // 12)][:12], options.sheet)
        print(f"wrote {options.sheet}")


def results(path: Path, colors: int) -> dict[str, bytes]:
    """Return the PNG files of all, by name; ours comes first."""
    ours = io.BytesIO()
    hueclid.quantize(path, colors).save(ours, "png")
    return {"hueclid": ours.getvalue(), **{name: pngquant(path, colors, words) for name, words in PEERS.items()}}


def pngquant(path: Path, colors: int, words: Sequence[str]) -> bytes:
    """Return what pngquant makes of a file."""
    command = ["pngquant", *words, str(colors), "-"]
    return subprocess.run(command, input=path.read_bytes(), stdout=subprocess.PIPE, check=True).stdout


def worst(original: Pixels, result: Pixels) -> float:
    """Return the least SSIMULACRA2 score on the pages."""
    pages = [
        (hueclid.reduce_alpha(original, matte=page), hueclid.reduce_alpha(result, matte=page))
        for page in PAGES.values()
    ]
    return min(hueclid.measure(*pair).ssimulacra2 for pair in pages)


def table(
    title: str, rows: dict[tuple[int, str], list[tuple[float, int]]], chosen: Sequence[bool], paths: Sequence[Path]
) -> str:
    """Return the table of the icons that are chosen."""
    names = [path.stem for path, taken in zip(paths, chosen, strict=True) if taken]
    if not names:
        return f"## {title}"

    def taken(key: tuple[int, str]) -> list[tuple[float, int]]:
        return [row for row, taken in zip(rows[key], chosen, strict=True) if taken]

    lines = []
    for (k, name), _ in rows.items():
        ours, found = taken((k, "hueclid")), taken((k, name))
        score, size = statistics.fmean(s for s, _ in found), statistics.fmean(b for _, b in found) / 1000
        line = f"| {k} | {name} | {score:.1f} | {min(s for s, _ in found):.1f} | {size:.1f} |"
        if name != "hueclid":
            gains = [mine - other for (mine, _), (other, _) in zip(ours, found, strict=True)]
            least = min(gains)
            wins = sum(gain >= 0 for gain in gains)
            line += f" {statistics.fmean(gains):+.1f} | {wins} of {len(gains)} |"
            line += f" {least:+.1f}, {names[gains.index(least)]} |"
        else:
            line += " | | |"
        lines.append(line)
    return "\n".join(
        [
            f"## {title}",
            "",
            "| colors | by | SSIMULACRA2, mean | least | PNG kB | hueclid is nearer by | nearer or equal | least |",
            "|--:|---|--:|--:|--:|--:|--:|---|",
            *lines,
        ]
    )


def room(rows: dict[tuple[int, str], list[tuple[float, int]]]) -> str:
    """Return the table of how much pngquant leaves to gain, and how much of that is gained."""
    lines = []
    for k in COLORS:
        pairs = [(mine, other) for (mine, _), (other, _) in zip(rows[k, "hueclid"], rows[k, "pngquant"], strict=True)]
        for low, high in itertools.pairwise(STEPS):
            gains = [(mine - other, 100 - other) for mine, other in pairs if low <= other < high]
            if gains:
                mean, left = (statistics.fmean(numbers) for numbers in zip(*gains, strict=True))
                least = min(gain for gain, _ in gains)
                scores = f"below {high}" if low < 0 else f"{low} to {high}"
                lines.append(f"| {k} | {scores} | {len(gains)} | {mean:+.1f} | {least:+.1f} | {mean / left:.0%} |")
    return "\n".join(
        [
            "## By what pngquant leaves to gain",
            "",
            "Of all that is missing to 100, which stands for equal pictures, the last column is gained.",
            "",
            "| colors | pngquant's score | icons | hueclid is nearer by | least | of what is missing |",
            "|--:|---|--:|--:|--:|--:|",
            *lines,
        ]
    )


def sheet(paths: Sequence[Path], target: Path, colors: int = 32) -> None:
    """Draw icons at twice their size on white, grey and blue: the original, ours, pngquant's; 128 pixels of each."""
    rows = []
    for path in paths:
        made = results(path, colors)
        row = [hueclid.read(data) for data in (path.read_bytes(), made["hueclid"], made["pngquant"])]
        rows.append(np.hstack([twice(pixels, PAGES[page]) for page in ("white", "grey", "blue") for pixels in row]))
    Image.fromarray(np.vstack(rows)).save(target)


def twice(pixels: Pixels, page: tuple[int, int, int]) -> Pixels:
    """Return the lower middle of an icon, where shadows are, on a page, each pixel as four."""
    side = min(128, *pixels.shape[:2])
    top, left = pixels.shape[0] - side, (pixels.shape[1] - side) // 2
    laid = hueclid.reduce_alpha(pixels[top : top + side, left : left + side], matte=page)[..., :3]
    tile = np.full((256, 256, 3), page, np.uint8)
    tile[: 2 * side, : 2 * side] = laid.repeat(2, 0).repeat(2, 1)
    return tile


def header() -> str:
    """Return what a reader must know to believe the tables."""
    version = subprocess.run(["pngquant", "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    pages = ", ".join(f"{name} {rgb}" for name, rgb in PAGES.items())
    return (
        "# Icons\n\n"
        f"Made by `bench/icons.py` on {date.today():%Y-%m-%d}, of the icons that `bench/icons_set.py` picks from "
        "Debian's themes: 64 to 256 pixels wide, at least 8 % of what is visible translucent. hueclid "
        f"{hueclid.__version__} with its defaults; pngquant {version}. Both original and result are laid over "
        f"{pages}, and the worst score counts. `ICONS_CEILING.md` says how much nearer they could be."
    )


if __name__ == "__main__":
    main()
