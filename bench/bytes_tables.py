"""The tables of `bytes.py`."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from bytes_curve import Picture, least
from bytes_peers import BASELINE, DEFAULT, EXACT, RECIPES
from PIL import Image

import hueclid

LEVELS = ("100", "70", "30")


def tables(pictures: Sequence[Picture]) -> str:
    """Return the whole page."""
    kinds: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        kinds[picture.kind].append(picture)
    kinds["all"] = list(pictures)
    parts = [header(pictures), baseline(kinds), defaults(kinds), peers(kinds), each(pictures)]
    return "\n\n".join(part for part in parts if part) + "\n"


def ratio(picture: Picture, maker: str, setting: str) -> tuple[float, bool] | None:
    """Return our bytes by a peer's at equal or better looks, and whether we get there.

    Where we don't, those of the picture itself count, losslessly packed: it looks at least as good as anything.
    """
    point, exact = picture.peer(maker, setting), picture.peer(EXACT, "")
    if point is None:
        return None
    found = least(picture.curves.values(), point.scores)
    if found is not None:
        return found / point.bytes, True
    return (exact.bytes / point.bytes, False) if exact else None


def ratios(pictures: Sequence[Picture], maker: str, setting: str) -> dict[str, tuple[float, bool]]:
    """Return the ratios of all pictures that have one, by their names."""
    found = {picture.path.stem: ratio(picture, maker, setting) for picture in pictures}
    return {name: pair for name, pair in found.items() if pair}


def cells(found: dict[str, tuple[float, bool]]) -> str:
    """Return the cells of a table: the geometric mean, of how many pictures we get there, the worst."""
    if not found:
        return " | | |"
    mean = statistics.geometric_mean(share for share, _ in found.values())
    worst = max(found, key=lambda name: found[name])
    return f" {mean:.3f} | {sum(there for _, there in found.values())}/{len(found)} | {found[worst][0]:.2f} {worst} |"


def baseline(kinds: dict[str, list[Picture]]) -> str:
    """Return the table beside the peer that counts, a group of columns for each level."""
    rows = [
        f"| {kind} |" + "".join(cells(ratios(some, BASELINE, level)) for level in LEVELS)
        for kind, some in kinds.items()
    ]
    heads = "".join(f" at {level} | reached | worst |" for level in LEVELS)
    return "\n".join(
        [f"## Bytes by those of `{BASELINE}`", "", f"| kind |{heads}", "|---|" + "--:|--:|---|" * 3, *rows]
    )


def defaults(kinds: dict[str, list[Picture]]) -> str:
    """Return the table of the defaults of both; nothing where the peer's were not made."""
    rows = []
    for kind, some in kinds.items():
        pairs = [(picture.curves["defaults"][0], picture.peer(DEFAULT, "100"), picture) for picture in some]
        found = [(mine, other, picture) for mine, other, picture in pairs if other]
        if found:
            share = statistics.geometric_mean(mine.bytes / other.bytes for mine, other, _ in found)
            largest = max(mine.bytes / other.bytes for mine, other, _ in found)
            gains = {p.path.stem: mine.scores.ssimulacra2 - other.scores.ssimulacra2 for mine, other, p in found}
            lowest = min(gains, key=lambda name: gains[name])
            mean = statistics.fmean(gains.values())
            rows.append(f"| {kind} | {share:.3f} | {largest:.2f} | {mean:+.2f} | {gains[lowest]:+.2f} {lowest} |")
    if not rows:
        return ""
    return "\n".join(
        [
            f"## Defaults, beside those of `{DEFAULT}`",
            "",
            "| kind | bytes | largest | SSIMULACRA2, mean gain | least gain |",
            "|---|--:|--:|--:|---|",
            *rows,
        ]
    )


def peers(kinds: dict[str, list[Picture]]) -> str:
    """Return the table of all recipes: means alone, a column for each kind."""
    rows = []
    for recipe in (recipe for recipe in RECIPES if recipe.name != EXACT):
        for setting in recipe.settings:
            found = [ratios(some, recipe.name, setting) for some in kinds.values()]
            means = [f"{statistics.geometric_mean(s for s, _ in some.values()):.2f}" if some else "" for some in found]
            if any(means):
                rows.append(f"| {recipe.name} | {setting} | {' | '.join(means)} |")
    heads = f"| recipe | setting | {' | '.join(kinds)} |"
    return "\n".join(["## Bytes by those of every recipe", "", heads, "|---|--:|" + "--:|" * len(kinds), *rows])


def each(pictures: Sequence[Picture]) -> str:
    """Return the ratios of every picture, none left out; in brackets where we don't get there."""
    rows = []
    for picture in pictures:
        found = [ratio(picture, BASELINE, level) for level in LEVELS]
        texts = ["" if not pair else f"{pair[0]:.3f}" if pair[1] else f"({pair[0]:.2f})" for pair in found]
        rows.append(f"| {picture.kind} | {picture.path.stem} | {' | '.join(texts)} |")
    heads = f"| kind | picture | {' | '.join(LEVELS)} |"
    return "\n".join([f"## Every picture, by `{BASELINE}`", "", heads, "|---|---|--:|--:|--:|", *rows])


def size(picture: Picture) -> tuple[int, int]:
    """Return width and height."""
    with Image.open(picture.path) as image:
        return image.size


def header(pictures: Sequence[Picture]) -> str:
    """Return what a reader must know to believe the tables."""
    counts = Counter(picture.kind for picture in pictures)
    width, height = (max(sides) for sides in zip(*(size(picture) for picture in pictures), strict=True))
    return f"""# Bytes at equal looks

Made by `bench/bytes.py` on {date.today():%Y-%m-%d} with hueclid {hueclid.__version__}, of {len(pictures)} pictures
of at most {width} x {height} pixels: {", ".join(f"{count} {kind}" for kind, count in counts.items())}.

Our bytes divided by the peer's, where our file is at least as good by all three of SSIMULACRA2, a multi-scale SSIM in
Oklab that ranks files much as dssim does, and the blurred error, which tells banding. Our curves are interpolated
between the points that were made; a peer's file that is worse than our smallest is matched with our smallest.
**Reached**: pictures on which we get there. On the others the bytes of the picture itself count, losslessly packed.
Means are geometric, over all pictures; below 1 is smaller than the peer."""
