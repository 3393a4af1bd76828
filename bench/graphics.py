"""Flat graphics to measure on: charts, text, windows, pixel art, icons, drawn here, the same every time.

    python bench/graphics.py draw FOLDER
    python bench/graphics.py judge FOLDER [-k 256 -k 64 -k 16] [--limit 5]

`draw` writes the opaque drawings, made with matplotlib, Pillow and scikit-image's CC0 photographs. `judge` prints, for
hueclid and libimagequant with its dithering, SSIMULACRA2 (100 is equal) and the share of pixels that are exact.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from drawings import PICTURES, kind
from PIL import Image


def libimagequant(image: npt.NDArray[np.uint8], colors: int) -> npt.NDArray[np.uint8]:
    """Reduce by libimagequant, best quality, with its full dithering; `(H, W, 3)`."""
    import imagequant

    height, width, _ = image.shape
    rgba = np.dstack([image, np.full((height, width), 255, np.uint8)]).tobytes()
    indices, palette = imagequant.quantize_raw_rgba_bytes(rgba, width, height, 1.0, colors)
    return np.array(palette, np.uint8).reshape(-1, 4)[np.frombuffer(indices, np.uint8), :3].reshape(image.shape)


def judge(folder: Path, colors: list[int], limit: int | None) -> None:
    """Print a row for each picture and number of colors."""
    import hueclid

    wins, rows = 0, []
    print(f"{'picture':22}{'K':>4} | hueclid: S2, exact | libimagequant: S2, exact | more")
    for path in sorted(folder.glob("*.png"))[:limit]:
        image = np.asarray(Image.open(path).convert("RGB"))
        for k in colors:
            ours = hueclid.quantize(image, k).to_pixels()[..., :3]
            theirs = libimagequant(image, k)
            scores = [hueclid.measure(image, result).ssimulacra2 for result in (ours, theirs)]
            exact = [float((image == result).all(axis=-1).mean()) for result in (ours, theirs)]
            rows.append((*scores, *exact))
            wins += scores[0] >= scores[1]
            more = scores[0] - scores[1]
            print(
                f"{path.stem:22}{k:4} | {scores[0]:6.2f} {exact[0]:6.1%} | "
                f"{scores[1]:6.2f} {exact[1]:6.1%} | {more:+6.2f}"
            )
    means = np.mean(rows, axis=0)
    print(
        f"mean | {means[0]:.2f} {means[2]:.1%} | {means[1]:.2f} {means[3]:.1%} | at least equal {wins} of {len(rows)}"
    )


def main() -> None:
    """Draw or judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["draw", "judge"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-k", type=int, action="append", help="numbers of colors: 256, 64 and 16")
    parser.add_argument("--limit", type=int, help="this many pictures only")
    arguments = parser.parse_args()
    if arguments.what == "draw":
        arguments.folder.mkdir(parents=True, exist_ok=True)
        opaque = [name for name in PICTURES if kind(name) != "icon"]
        for name in opaque[: arguments.limit]:
            PICTURES[name]().save(arguments.folder / f"{name}.png")
    else:
        judge(arguments.folder, arguments.k or [256, 64, 16], arguments.limit)


if __name__ == "__main__":
    main()
