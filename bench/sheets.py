"""Crops of results side by side, where they differ most from each other: for looking.

    python bench/sheets.py --images FOLDER --into FOLDER [-k 64] [--only girl,macaws] [--crops 3] [--ours "default"]

Writes a sheet for each image and number of colors: a row for each crop, a column for the original and each contestant,
at 100 %, and another at 200 %, pixels doubled.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from compare import SUFFIXES, load
from judge import blurred
from peers import Image, version
from quality import PEERS, Contestant, ours, recolored

CROP = (160, 120)
SHOWN = ("imagequant", "pngquant", "quantette")
MARGIN, LABEL = 6, 16
PAPER, INK = (255, 255, 255), (0, 0, 0)

Map = npt.NDArray[np.float64]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--into", type=Path, required=True, metavar="FOLDER", help="where the sheets go; made if missing"
    )
    parser.add_argument("-k", dest="colors", type=int, action="append", help="colors; repeat (256, 64, 16)")
    parser.add_argument("--only", default="", help="only images whose names hold one of these words, with commas")
    parser.add_argument("--crops", type=int, default=3, help="crops of each image (3)")
    parser.add_argument("--ours", action="append", metavar='"NAME: OPTION=VALUE, ..."', help="as quality.py (default)")
    parser.add_argument("--peers", default=",".join(SHOWN), help=f"their names, with commas ({','.join(SHOWN)})")
    options = parser.parse_args()
    paths = sorted(path for path in options.images.iterdir() if path.suffix.lower() in SUFFIXES)
    paths = [path for path in paths if any(word in path.stem for word in options.only.split(","))]
    if not paths:
        sys.exit(f"no such images in {options.images}; it must hold {', '.join(sorted(SUFFIXES))}")
    wanted = [name.strip() for name in options.peers.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in {peer.name for peer in PEERS}]:
        sys.exit(f"no peer is named {unknown[0]}; there are {', '.join(peer.name for peer in PEERS)}")
    chosen = [peer for peer in PEERS if peer.name in wanted]
    for peer in [peer for peer in chosen if version(peer.package) is None]:
        print(f"{peer.package} is not installed: the column of {peer.name} is left out")
        chosen.remove(peer)
    chosen += [ours(words) for words in options.ours or ["default"]]
    options.into.mkdir(parents=True, exist_ok=True)
    for path in paths:
        for k in options.colors or [256, 64, 16]:
            for scale, sheet in sheets(load(path), k, chosen, options.crops).items():
                target = options.into / f"{path.stem}-k{k}-{100 * scale}.png"
                sheet.save(target)
                print(target, flush=True)


def sheets(image: Image, k: int, chosen: Sequence[Contestant], crops: int) -> dict[int, PIL.Image.Image]:
    """Return the sheets of one image, by how many times as large as it they are."""
    columns = {"original": image} | {each.name: recolored(each, image, k) for each in chosen}
    seen = blurred(image)
    errors = [np.square(seen - blurred(result)).sum(axis=2) for result in list(columns.values())[1:]]
    corners = places(np.ptp(errors, axis=0) if len(errors) > 1 else errors[0], crops)
    return {scale: draw(columns, corners, scale) for scale in (1, 2)}


def places(differences: Map, crops: int) -> list[tuple[int, int]]:
    """Return the left upper corners of the crops that hold most of the differences, none over another."""
    width, height = (min(side, most) for side, most in zip(CROP, differences.shape[::-1], strict=True))
    sums = np.pad(differences.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    held = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    corners: list[tuple[int, int]] = []
    while len(corners) < crops and held.max() >= 0:
        y, x = (int(place) for place in np.unravel_index(held.argmax(), held.shape))
        corners.append((x, y))
        held[max(0, y - height + 1) : y + height, max(0, x - width + 1) : x + width] = -1
    return corners


def draw(columns: dict[str, Image], corners: Sequence[tuple[int, int]], scale: int) -> PIL.Image.Image:
    """Return a sheet: labels, then a row for each crop."""
    width, height = CROP[0] * scale, CROP[1] * scale
    size = (MARGIN + len(columns) * (width + MARGIN), LABEL + MARGIN + len(corners) * (height + MARGIN))
    sheet = PIL.Image.new("RGB", size, PAPER)
    pen, font = PIL.ImageDraw.Draw(sheet), PIL.ImageFont.load_default()
    for column, (name, pixels) in enumerate(columns.items()):
        left = MARGIN + column * (width + MARGIN)
        pen.text((left, MARGIN // 2), name, INK, font)
        for row, (x, y) in enumerate(corners):
            crop = PIL.Image.fromarray(pixels[y : y + CROP[1], x : x + CROP[0]])
            large = crop.resize((crop.width * scale, crop.height * scale), PIL.Image.Resampling.NEAREST)
            sheet.paste(large, (left, LABEL + MARGIN + row * (height + MARGIN)))
    return sheet


if __name__ == "__main__":
    main()
