"""What more time would bring of icons: how near the best palette and entries could be, beside what is made by default.

    python bench/icons_ceiling.py --icons FOLDER [--every 5]

Of every so many icons many results are made, in all ways that suit, and each is polished; the best is polished again
and again; then entries that serve few pixels go to where most is lost, at random, and what comes nearer is kept. Writes
a Markdown table.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from icons import Pixels, pngquant, worst

import hueclid
from hueclid import Indexed, Palette

COLORS = (256, 64, 16)
WAYS = tuple(itertools.product(("oklab", "lab", "srgb"), ("none", "floyd-steinberg"), ("masking", "uniform"), (0, 2)))
ROUNDS = 12
AGAIN = 4
EXCHANGES = 24
AT_ONCE = 3
"""Entries that are exchanged."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--icons", type=Path, required=True, metavar="FOLDER", help="measure icons in it")
    parser.add_argument("--every", type=int, default=5, help="one in so many")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("ICONS_CEILING.md"))
    options = parser.parse_args()
    paths = sorted(options.icons.glob("*.png"))[options.every // 2 :: options.every]
    lines = []
    for k in COLORS:
        rows = []
        for path in paths:
            icon = hueclid.read(path)
            if len(hueclid.Histogram.count(icon)) > k:
                rows.append([worst(icon, hueclid.read(pngquant(path, k, ()))), *steps(icon, k)])
                print(path.stem, k, [f"{score:.2f}" for score in rows[-1]], flush=True)
        means = np.mean(rows, axis=0)
        more = " | ".join(f"{score:.1f} ({score - means[0]:+.1f})" for score in means[1:])
        lines.append(f"| {k} | {len(rows)} | {means[0]:.1f} | {more} |")
    options.output.write_text(page(lines, options.every), encoding="utf-8")
    print(f"wrote {options.output}")


def steps(icon: Pixels, colors: int) -> Iterator[float]:
    """Yield the score of the default, and the best after each kind of effort."""
    yield worst(icon, hueclid.quantize(icon, colors).to_pixels())
    best, score = hueclid.quantize(icon, colors), -np.inf

    def weigh(other: Indexed) -> None:
        nonlocal best, score
        other = other.polished(icon, rounds=ROUNDS)
        if (found := worst(icon, other.to_pixels())) > score:
            best, score = other, found

    weigh(best)
    for space, dither, importance, fit in WAYS:
        options: dict[str, Any] = {"space": space, "dither": dither, "importance": importance, "fit": fit}
        made = hueclid.quantize(icon, colors, effort="fast", **options)
        # Pixels are polished in the same space whichever it was.
        weigh(Indexed(Palette.from_colors(made.palette.colors), made.indices))
    yield score
    for _ in range(AGAIN):
        weigh(best)
    yield score
    random = np.random.default_rng(0)
    for _ in range(EXCHANGES):
        weigh(exchanged(icon, best, random))
    yield score


def exchanged(icon: Pixels, indexed: Indexed, random: np.random.Generator) -> Indexed:
    """Return entries that serve few pixels moved to colors of pixels that are far from theirs."""
    colors, indices = indexed.palette.colors.copy(), indexed.indices.copy()
    used = np.bincount(indices.ravel(), minlength=len(colors))
    rare = np.where(colors[:, 3] > 0, 1 / (used + 5), 0)
    moved = random.choice(len(colors), AT_ONCE, replace=False, p=rare / rare.sum())
    lost = np.square(premultiplied(icon) - premultiplied(indexed.to_pixels())).sum(axis=-1).ravel()
    chosen = icon.reshape(-1, 4)[random.choice(len(lost), AT_ONCE, p=lost / lost.sum())]
    free = ~(chosen[:, None] == colors).all(axis=-1).any(axis=1) & (chosen[:, 3] > 0)
    _, first = np.unique(chosen, axis=0, return_index=True)
    kept = [i for i in first if free[i]]
    colors[moved[kept]] = chosen[kept]
    palette = Palette.from_colors(colors)
    near = Indexed.map(icon, palette, dither="none", seen=True)
    changed = np.isin(indices, moved[kept]) | np.isin(near.indices, moved[kept])
    indices[changed] = near.indices[changed]
    return Indexed(palette, indices)


def premultiplied(pixels: Pixels) -> npt.NDArray[np.float64]:
    """Return colors times alpha, and alpha."""
    alpha = pixels[..., 3:] / 255
    return np.concatenate([pixels[..., :3] * alpha, pixels[..., 3:]], axis=-1)


def page(lines: list[str], every: int) -> str:
    """Return the table and what it means."""
    return "\n".join(
        [
            "# Icons: what more time would bring",
            "",
            f"Made by `bench/icons_ceiling.py` on {date.today():%Y-%m-%d}, one in {every} of the icons of `ICONS.md`.",
            "Mean scores on the worst of four pages, and how far they are above pngquant's.",
            "",
            "- **Default**: what `quantize` makes.",
            f"- **Starts**: the nearest of {len(WAYS)} results, of three spaces, dithered and not, busy places",
            f"  counting less or not, fitted or not, each polished for {ROUNDS} rounds.",
            f"- **Again**: that one polished {AGAIN} times more.",
            f"- **Exchanges**: {EXCHANGES} times {AT_ONCE} entries that serve little moved to where most is lost, at",
            "  random, polished, and kept if nearer.",
            "",
            "| colors | icons | pngquant | default | starts | again | exchanges |",
            "|--:|--:|--:|--:|--:|--:|--:|",
            *lines,
            "",
        ]
    )


if __name__ == "__main__":
    main()
