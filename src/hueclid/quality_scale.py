"""A scale of quality from 0 to 100, on which photographs and graphics, and pngquant's users, find their way."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from .choose import Target, fewest
from .errors import TargetError
from .histogram import Histogram
from .indexed import Indexed
from .options import SPACE, THREADS, Space
from .pixels import Pixels
from .quality import Original, psnr

TABLE: Final = (
    (0, 0.0, 0.0),
    (10, 42.0, 29.0),
    (20, 48.0, 31.0),
    (30, 54.0, 32.0),
    (40, 60.0, 33.0),
    (50, 65.0, 34.0),
    (60, 69.0, 35.0),
    (70, 73.0, 37.0),
    (80, 79.0, 40.0),
    (90, 86.0, 43.0),
    (95, 90.0, 47.0),
    (100, 100.0, 150.0),
)
"""Qualities, each with the SSIMULACRA2 score it means, and the PSNR in decibels for images too small to have a score.

They are those that results of pngquant 2.17 had, in the median, where it told that quality: of 10 photographs and 32
charts, icons, drawings, pages and screens, with 15 limits each. Between two of them lies a straight line. 100 is exact:
no picture of fewer than a million pixels has a PSNR of 150 dB, unless it is infinite.
"""

_SMALLEST: Final = 8  # side in pixels of an image that has a score


def target(quality: float, pixels: Pixels) -> Target:
    """Return what a result of a quality has to reach.

    Args:
        quality: 0 to 100.
        pixels: the image.

    Raises:
        ValueError: it is out of range.

    >>> import numpy as np
    >>> target(75, np.zeros((9, 9), np.uint8)).min_ssimulacra2
    76.0
    """
    if not 0 <= quality <= 100:
        raise ValueError(f"quality must be a number from 0 to 100, got {quality!r}")
    if min(pixels.shape[:2]) < _SMALLEST:
        return Target(min_psnr=_between(quality, 0, 2))
    return Target(min_ssimulacra2=_between(quality, 0, 1))


def measure(pixels: Pixels, result: Indexed, *, threads: int = THREADS.default) -> float:
    """Return the quality of a result, 0 to 100.

    Args:
        pixels: the image.
        result: what became of it.
        threads: how many to use, 0 for all cores; never changes the result.
    """
    if min(pixels.shape[:2]) < _SMALLEST:
        return _between(psnr(pixels, result, threads=threads), 2, 0)
    return _between(Original(pixels, threads=threads).ssimulacra2(result), 1, 0)


def parse(text: str) -> tuple[int, int]:
    """Return the lowest and the highest quality that a text means: "60-80", "-80", "60-", or "80", for 72-80.

    Raises:
        ValueError: it is none of these, a number is over 100, or the lowest over the highest.

    >>> parse("60-80"), parse("-80"), parse("60-"), parse("80")
    ((60, 80), (0, 80), (60, 100), (72, 80))
    """
    match = re.fullmatch(r"(\d{1,3})?(?:(-)(\d{1,3})?)?", text, re.ASCII)
    if match and (match[1] or match[3]):
        first, dash, last = match.groups()
        high = int(last or (100 if dash else first))
        low = int(first or 0) if dash else high * 9 // 10
        if low <= high <= 100:
            return low, high
    raise ValueError(f"quality must be min-max, min-, -max or max, with numbers from 0 to 100, got {text!r}")


def as_range(quality: str | float | None) -> tuple[float, float] | None:
    """Return the lowest and the highest quality that a user means; None where there is none.

    Raises:
        TypeError: it is no text and no number.
        ValueError: it is out of range, or not to be read.

    >>> as_range("60-80"), as_range(80), as_range(None)
    ((60, 80), (72, 80), None)
    """
    if quality is None or isinstance(quality, str):
        return None if quality is None else parse(quality)
    if isinstance(quality, bool) or not isinstance(quality, (int, float)):
        raise TypeError(f"quality must be a number from 0 to 100, or such as '60-80', got {quality!r}")
    if not 0 <= quality <= 100:
        raise ValueError(f"quality must be a number from 0 to 100, got {quality!r}")
    return 9 * quality // 10, quality


def within(
    pixels: Pixels,
    histogram: Histogram,
    low: float,
    high: float,
    most: int,
    reduce: Callable[[int], Indexed],
    *,
    least: int = 0,
    space: Space = SPACE.default,
    threads: int = THREADS.default,
) -> Indexed:
    """Return the result of the fewest colors that reaches a quality, or that of the most colors.

    Args:
        pixels: the image.
        histogram: its colors.
        low: the result has at least this quality, 0 to 100; 0 is no bound.
        high: the quality to reach, `low` to 100.
        most: so many colors are allowed.
        reduce: solves and maps the image with a number of colors, `least` to `most`.
        least: so many colors there must be.
        space: the working space of `reduce`.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TargetError: `most` colors do not reach `low`.
    """
    goal = target(high, pixels)
    try:
        return fewest(pixels, histogram, goal, most, reduce, least=least, space=space, threads=threads)
    except TargetError:
        result = reduce(most)
    if low and (got := measure(pixels, result, threads=threads)) < low:
        raise TargetError(
            f"{len(result.palette)} colors reach a quality of {math.floor(got)} where {low:g} was asked for; "
            "allow more colors, or ask for less"
        )
    return result


def _between(value: float, given: int, wanted: int) -> float:
    """Return what the table says in one column where it has `value` in another; its ends hold beyond them."""
    value = min(max(value, TABLE[0][given]), TABLE[-1][given])
    upper = min(bisect_right([row[given] for row in TABLE], value), len(TABLE) - 1)
    below, above = TABLE[upper - 1], TABLE[upper]
    share = (value - below[given]) / (above[given] - below[given])
    return below[wanted] + share * (above[wanted] - below[wanted])
