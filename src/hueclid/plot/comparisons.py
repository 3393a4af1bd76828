"""Comparisons: an original and what became of it, under one's fingers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..codec import encode_png
from ..indexed import Indexed
from ..options import OPTIMIZE, THREADS, Optimize
from ..pixels import Pixels, as_pixels
from ..quality import Original
from .pages import image_url, page


@dataclass(frozen=True, eq=False)
class Result:
    """One result, and its place in the table of all.

    Attributes:
        indexed: what became of the original.
        row: what the row is called, plain text, such as "oklab, none"; empty when there is only one.
        column: what the column is called, plain text, such as "16 colors".
    """

    indexed: Indexed
    row: str
    column: str


def comparison(
    pixels: Pixels,
    results: Sequence[Result],
    *,
    title: str = "",
    bytes_in: int | None = None,
    optimize: Optimize = OPTIMIZE.default,
    threads: int = THREADS.default,
) -> bytes:
    """Make a page to look at results beside their original: to swipe and flip between them, down to single pixels.

    The page holds the original as PNG and each result as the PNG that `Indexed.save` writes, with its size, PSNR,
    SSIMULACRA2 and palette.

    Args:
        pixels: the original, `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        results: one or more, all of its size; a row and a column name each only once.
        title: plain text, such as the name of the file.
        bytes_in: size of the original's file, where there is one.
        optimize: how hard to pack a result's PNG, "fast", "default" or "max"; never changes a pixel.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        ValueError: there are no results, their size differs from the original's, or two have the same place.
    """
    pixels = as_pixels(pixels)
    places = [(result.row, result.column) for result in results]
    if not results or len(set(places)) < len(places):
        raise ValueError(f"a comparison takes one or more results, each in a place of its own, got {places}")
    original = Original(pixels, threads=threads)
    data: dict[str, Any] = {
        "title": title or "Comparison",
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "original": {"image": image_url(encode_png(pixels)), "bytes": bytes_in},
        "rows": list(dict.fromkeys(row for row, _ in places)),
        "columns": list(dict.fromkeys(column for _, column in places)),
        "results": [_entry(original, result, optimize) for result in results],
    }
    return page("compare", title or "Comparison", data)


def _entry(original: Original, result: Result, optimize: Optimize) -> dict[str, Any]:
    """Return what the page tells of a result; a number that is not finite becomes null."""
    quality = original.measure(result.indexed)
    png = encode_png(result.indexed, optimize=optimize)
    palette = result.indexed.palette
    used = np.bincount(result.indexed.indices.ravel(), minlength=len(palette))
    return {
        "row": result.row,
        "column": result.column,
        "image": image_url(png),
        "bytes": len(png),
        "psnr": quality.psnr if math.isfinite(quality.psnr) else None,
        "ssimulacra2": quality.ssimulacra2 if math.isfinite(quality.ssimulacra2) else None,
        "exact": quality.mse == 0,
        "colors": palette.colors.tolist(),
        "weights": used.tolist(),
    }
