"""What each number of colors costs and brings: error, PSNR and bytes over K."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .atomic import write_bytes
from .choose import knee
from .codec import ImageLike, encode, read
from .goal import Goal
from .histogram import Histogram
from .indexed import Indexed
from .look import Look
from .lossy import check_lossy, loses
from .options import (
    ACCENTS,
    COLORS,
    DIRECT_SEARCH,
    DITHER,
    DITHER_STRENGTH,
    EFFORT,
    FIT,
    FLAT,
    IMPORTANCE,
    METHOD,
    OPTIMIZE,
    SPACE,
    THREADS,
    Dither,
    Effort,
    FlatColors,
    Importance,
    Optimize,
    Space,
)
from .palette import Palette
from .quality import psnr

COLORS_OF_A_CURVE = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""The numbers of colors of a curve, where none are given: steps of half an octave."""


@dataclass(frozen=True)
class Row:
    """One number of colors.

    Attributes:
        colors: of the palette.
        error: `Palette.error`, of the palette as it is in the result, before dithering.
        psnr: of the result, dithered as asked, in decibels; infinite when exact. Of a histogram: without dithering.
        bytes: of the result as PNG; None of a histogram, and for more than 256 colors.
    """

    colors: int
    error: float
    psnr: float
    bytes: int | None


@dataclass(frozen=True)
class Curve(Sequence[Row]):
    """A table of numbers of colors, ascending.

    Attributes:
        rows: one for each number of colors.
        knee: the number of colors beyond which more bring little, as `hueclid.knee` finds it.
    """

    rows: tuple[Row, ...]
    knee: int

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __str__(self) -> str:
        """Return the rows as a table, the knee marked."""
        lines = [f"{'colors':>6}  {'error':>12}  {'psnr':>7}  {'bytes':>11}"]
        for row in self.rows:
            nearness = "exact" if math.isinf(row.psnr) else f"{row.psnr:.2f}"
            size = "" if row.bytes is None else f"{row.bytes:,}"
            mark = "  knee" if row.colors == self.knee else ""
            lines.append(f"{row.colors:>6}  {row.error:>12.6g}  {nearness:>7}  {size:>11}{mark}".rstrip())
        return "\n".join(lines)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> int:
        """Draw the curve into a file, SVG or PNG by the suffix of its name; return the number of bytes.

        Args:
            path: where to; the file is replaced whole or not at all.
            overwrite: whether a file that exists may be replaced.

        Raises:
            ValueError: the suffix is neither .svg nor .png.
            WriteError: the file can't be written.
        """
        from . import chart

        suffix = os.path.splitext(os.fspath(path))[1].lower()
        if suffix not in (".svg", ".png"):
            raise ValueError(f"a curve is drawn as .svg or .png, got {os.fspath(path)}; end the name with one of them")
        data = chart.svg(self).encode() if suffix == ".svg" else chart.png(self)
        return write_bytes(data, path, overwrite=overwrite)


def curve(
    image: ImageLike | Histogram,
    colors: Iterable[int] | None = None,
    *,
    space: Space = SPACE.default,
    effort: Effort = EFFORT.default,
    importance: Importance | ImageLike | npt.NDArray[np.bool_] | None = IMPORTANCE.default,
    accents: float = ACCENTS.default,
    flat: FlatColors | None = FLAT.default,
    dither: Dither = DITHER.default,
    dither_strength: float = DITHER_STRENGTH.default,
    fit: int | None = FIT.default,
    direct_search: int | None = DIRECT_SEARCH.default,
    lossy: float = 0.0,
    optimize: Optimize = OPTIMIZE.default,
    threads: int = THREADS.default,
    **search: Any,
) -> Curve:
    """Reduce an image to several numbers of colors and tell what each costs and brings.

    Every row is that of a full solution, as `quantize` gives it; rows stop at the number of colors that the image has.

    Args:
        image: what `quantize` takes, or a histogram, which knows neither bytes nor dithering.
        colors: how many to keep, each 1 to 65,536; None: steps of half an octave from 1 to 256, and the knee.
        space: where distances are measured: "oklab", "srgb", "linear" or "lab".
        effort: "fast", "balanced" or "best".
        importance: how much each pixel counts, as `quantize` takes it; of no use to a histogram.
        accents: how much rare colors are raised, 0 to 1; of no use to a histogram.
        flat: whether colors of flat areas are "exact" or "mean", as `quantize` takes it; of no use to a histogram.
        dither: "none", or a name as `Indexed.map` knows them.
        dither_strength: how much of an error counts, 0 to 1.
        fit: rounds of fitting the palette, 0 to 100, as `quantize` takes it.
        direct_search: passes of direct search, 0 to 100, as `quantize` takes it.
        lossy: how much of the picture may go for fewer bytes, 0 to 100, as `Indexed.map` takes it; of no use to a
            histogram, nor to rows of more than 256 colors.
        optimize: how hard the PNGs are packed that are counted: "fast", "default" or "max".
        threads: how many to use, 0 for all cores; never changes the result.
        search: further keywords of `Palette.solve`.

    Raises:
        ReadError: the image can't be read.
        TypeError: the image or an option is of a wrong type.
        ValueError: an option is out of range, no number of colors is given, or the histogram is empty.

    >>> import numpy as np
    >>> steps = curve(np.array([[0, 4, 250]], dtype=np.uint8), [1, 2, 3], space="srgb")
    >>> [(row.colors, round(row.error)) for row in steps]
    [(1, 123033), (2, 24), (3, 0)]
    """
    mapping = {"dither": dither, "dither_strength": dither_strength}
    check_lossy(lossy, dither, 1)
    method = search.get("method", METHOD.default)
    look = Look(space, effort, method, importance, accents, flat, fit, direct_search, mapping)
    if isinstance(image, Histogram):
        pixels, histogram, anchors = None, image, None
    else:
        pixels = read(image)
        histogram = look.count(pixels, threads=threads)
        anchors = look.anchors(pixels, threads=threads)
    best = knee(histogram, space=space, threads=threads)
    if colors is not None and not isinstance(colors, Iterable):
        raise TypeError(f"colors must be several numbers, such as range(2, 9), got {colors!r}")
    wanted = {COLORS.check(k) for k in ((*COLORS_OF_A_CURVE, best) if colors is None else colors)}
    if not wanted:
        raise ValueError("a curve takes one number of colors or more, got none")
    options = {"anchors": anchors, "threads": threads, **search}

    def solve(way: Look, counted: Histogram, k: int) -> Palette:
        return Palette.solve(counted, k, space=way.space, effort=way.effort_of_search(k), **options)

    rows = []
    for k in sorted({min(k, len(histogram)) for k in wanted}):
        if pixels is None:
            palette = Palette.solve(histogram, k, space=space, effort=effort, **options)
            column = histogram.colors[:, None]
            mapped = Indexed.map(column, palette, dither="none", threads=threads)
            rows.append(Row(k, palette.error, psnr(column, mapped, weights=histogram.weights, threads=threads), None))
            continue
        goal = Goal(lossy=lossy if loses(dither, k) else 0.0)
        indexed = goal.reach(
            pixels,
            histogram,
            look,
            solve,
            k,
            lambda indexed: len(encode(indexed, "png", optimize=optimize, draft=True)),
            flat=anchors is not None and len(anchors) > 0,
            loses=loses(dither, k),
            tries=search.get("time_limit") is None,
            threads=threads,
        )
        size = len(encode(indexed, "png", optimize=optimize)) if k <= 256 else None
        rows.append(Row(k, indexed.palette.error, psnr(pixels, indexed, threads=threads), size))
    return Curve(tuple(rows), best)
