"""How many colors: the knee of the error curve, or the fewest that reach a target."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from . import _core
from .errors import TargetError
from .histogram import Histogram, as_histogram
from .indexed import Indexed
from .options import MAX_DELTA_E, MAX_ERROR, MIN_PSNR, MIN_SSIMULACRA2, PINNED, SPACE, THREADS, Space
from .pixels import Pixels
from .quality import Original, psnr

KNEE_LIMIT = 256
"""The knee is looked for among 1 to so many colors."""

_FIRST = 16
_POINTS = 6.0  # of SSIMULACRA2 for a decibel less error, about, on photographs
_LEAST = 1e-12  # of the error of one color: as good as none


def knee(histogram: Histogram, *, space: Space = SPACE.default, threads: int = THREADS.default) -> int:
    """Return the number of colors, 1 to 256, beyond which more of them bring little.

    The knee, as V. Satopää et al. define it ("Finding a 'Kneedle' in a haystack: detecting knee points in system
    behavior", 2011), of the root mean squared error over the number of colors from 1 to 256: where the curve is
    farthest below the straight line between its ends. The errors are those of groups that are cut in two again and
    again (X. Wu, 1992), from which k-means takes off only some percent, so that one pass gives all 256.

    Args:
        histogram: the colors; not empty.
        space: where distances are measured: "oklab", "srgb", "linear" or "lab".
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: an option is of a wrong type.
        ValueError: an option is out of range, or the histogram is empty.

    >>> import numpy as np
    >>> knee(Histogram.count(np.array([[0, 120, 250]] * 9, dtype=np.uint8)))
    3
    """
    histogram = as_histogram(histogram, "knee")
    errors = _model(histogram, KNEE_LIMIT, SPACE.check(space), THREADS.check(threads))
    if errors[0] == 0:
        return 1
    falls = 1 - np.sqrt(np.pad(errors, (0, KNEE_LIMIT - len(errors))) / errors[0])
    return 1 + int(np.argmax(falls / falls[-1] - np.linspace(0, 1, KNEE_LIMIT)))


def room(histogram: Histogram, pinned: object) -> int:
    """Return how many colors hold all pinned ones, and the transparent one if some pixels are; 0 of none.

    Args:
        histogram: the colors; not empty.
        pinned: as `Palette.solve` takes them.

    Raises:
        TypeError: they are no series of colors.
        ValueError: two are equal, or one is no color.
    """
    colors = PINNED.check(pinned)
    clear = len(colors) > 1 and not histogram.colors[0, 3] and (0, 0, 0, 0) not in colors
    return len(colors) + clear


@dataclass(frozen=True)
class Target:
    """What a result has to reach; None asks for nothing.

    Attributes:
        max_error: the largest `Palette.error` allowed: of the palette, before any dithering.
        min_psnr: decibels that the result, as it is mapped and dithered, has at least.
        min_ssimulacra2: its SSIMULACRA2 score at least, 0 to 100; the image must be of 8 x 8 pixels or more.
        max_delta_e: the largest mean CIEDE2000 difference.

    Raises:
        TypeError: one is no number.
        ValueError: one is out of range.
    """

    max_error: float | None = MAX_ERROR.default
    min_psnr: float | None = MIN_PSNR.default
    min_ssimulacra2: float | None = MIN_SSIMULACRA2.default
    max_delta_e: float | None = MAX_DELTA_E.default

    def __post_init__(self) -> None:
        MAX_ERROR.check(self.max_error)
        MIN_PSNR.check(self.min_psnr)
        MIN_SSIMULACRA2.check(self.min_ssimulacra2)
        MAX_DELTA_E.check(self.max_delta_e)

    def __bool__(self) -> bool:
        return self != Target()

    def measurer(self, pixels: Pixels, *, threads: int = THREADS.default) -> Callable[[Indexed], list[Miss]]:
        """Return what measures results of an image: for each goal the way to it, 0 or less where it is reached."""
        prepared = self.min_ssimulacra2 is not None or self.max_delta_e is not None
        original = Original(pixels, threads=threads) if prepared else None
        return partial(self._misses, pixels, original, threads)

    def _misses(self, pixels: Pixels, original: Original | None, threads: int, indexed: Indexed) -> list[Miss]:
        misses = []
        if self.max_error is not None:
            error = indexed.palette.error
            way = _decibels(error) - _decibels(self.max_error) if error else -math.inf
            way = min(way, 0.0) if error <= self.max_error else max(way, _LEAST)  # logarithms round
            misses.append(Miss("error", error, self.max_error, way))
        if self.min_psnr is not None:
            decibels = psnr(pixels, indexed, threads=threads)
            misses.append(Miss("psnr", decibels, self.min_psnr, self.min_psnr - decibels))
        if self.min_ssimulacra2 is not None and original is not None:
            score = original.ssimulacra2(indexed)
            if math.isnan(score):
                raise TargetError(
                    "SSIMULACRA2 takes images of at least 8 x 8 pixels, "
                    f"got {pixels.shape[1]} x {pixels.shape[0]}; ask for a PSNR instead"
                )
            way = (self.min_ssimulacra2 - score) / _POINTS
            misses.append(Miss("ssimulacra2", score, self.min_ssimulacra2, way))
        if self.max_delta_e is not None and original is not None:
            difference = original.measure(indexed).delta_e
            way = 2 * (_decibels(difference) - _decibels(self.max_delta_e)) if difference else -math.inf
            misses.append(Miss("delta_e", difference, self.max_delta_e, way))
        return misses


@dataclass(frozen=True)
class Miss:
    """How far a result is from a goal: what was measured, what was asked for, and the way between in decibels."""

    name: str
    got: float
    asked: float
    way: float


def fewest(
    pixels: Pixels,
    histogram: Histogram,
    target: Target,
    most: int,
    reduce: Callable[[int], Indexed],
    *,
    least: int = 0,
    space: Space = SPACE.default,
    threads: int = THREADS.default,
) -> Indexed:
    """Return the result of the fewest colors that reaches a target.

    Each number of colors that is tried is really solved, mapped and measured. Which to try comes from a model, the
    errors of groups cut in two again and again, fitted to what was measured so far: a handful instead of one solution
    for each number of colors. The number found reaches the target, and one less was tried and does not; as results of a
    search need not get better with every color, a still smaller number may reach it by chance.

    Args:
        pixels: the image.
        histogram: its colors.
        target: what to reach.
        most: so many colors are allowed.
        reduce: solves and maps the image with a number of colors, `least` to `most`.
        least: so many colors there must be, at most `most`.
        space: the working space of `reduce`.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TargetError: `most` colors do not reach it, or the image is too small to be measured.
    """
    most = min(most, len(histogram) + least)
    errors = _model(histogram, most, space, threads)
    model = [-_decibels(max(error, _LEAST * errors[0])) for error in errors.tolist()]
    model += [model[-1]] * (most - len(model))
    ways: dict[int, float] = {}
    below, above = max(least, 1) - 1, most + 1
    found: Indexed | None = None
    measured = target.measurer(pixels, threads=threads)
    colors = min(max(_FIRST, least), most)
    while above - below > 1:
        indexed = reduce(colors)
        misses = measured(indexed)
        ways[colors] = max(miss.way for miss in misses)
        if ways[colors] <= 0:
            above, found = colors, indexed
        else:
            below = colors
        if below == most:
            raise TargetError(out_of_reach(most, misses))
        colors = _next(model, ways, below, above)
    assert found is not None
    return found


def _next(model: list[float], ways: dict[int, float], below: int, above: int) -> int:
    """Return a number of colors between two: where the way should be 0, by a line through two that were measured.

    The longer the tries stay on one side, the farther it goes beyond, so that the two come together.
    """
    finite = {colors: way for colors, way in ways.items() if math.isfinite(way)}
    if not finite:
        return max(below + 1, math.isqrt(below * above))
    known = sorted(finite, key=lambda colors: abs(finite[colors]))
    first, second = (below, above) if below in finite and above in finite else (known[0], known[-1])
    rise, fall = model[second - 1] - model[first - 1], finite[first] - finite[second]
    slope = fall / rise if rise * fall > 0 else 1.0
    wanted: int = 1 + bisect_left(model, model[known[0] - 1] + finite[known[0]] / slope)
    reached = [way <= 0 for way in reversed(ways.values())]
    alike = reached.index(not reached[0]) if (not reached[0]) in reached else len(reached)
    beyond = 2**alike - 2
    wanted += -beyond if reached[0] else beyond
    return min(max(wanted, below + 1), above - 1)


def _model(histogram: Histogram, most: int, space: Space, threads: int) -> np.typing.NDArray[np.float64]:
    """Return the squared errors of 1, 2, ... and at most `most` groups; 0 of as many as there are colors."""
    errors = _core.divisive_errors(histogram.colors, histogram.weights, most, space, threads)
    errors[len(histogram) - 1 :] = 0  # what is left of colors that are nearly alike is rounding
    return errors


def _decibels(error: float) -> float:
    return 10 * math.log10(error) if error else -math.inf


def out_of_reach(most: int, misses: list[Miss]) -> str:
    """Return in words what `most` colors do not reach."""
    missed = [f"{miss.name} {miss.got:.6g} where {miss.asked:.6g} was asked for" for miss in misses if miss.way > 0]
    return f"{most} colors reach {' and '.join(missed)}; allow more colors, or ask for less"
