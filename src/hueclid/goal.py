"""What a result is to be: so many colors, a target that it reaches, a number of bytes that it fits into."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final, Literal

from . import quality_scale
from .choose import Target, fewest, knee, out_of_reach
from .errors import TargetError
from .histogram import Histogram
from .indexed import Indexed
from .look import Look
from .lossy import LOSSY_COLORS, unasked
from .options import COLORS_OR_AUTO, LOSSY, LOSSY_FOR, MAX_BYTES, THREADS, LossyFor
from .palette import Palette
from .pixels import Pixels
from .quality import Original
from .smallest import Smallest
from .tries import LEAST_SCORED, even, nearest

_TINY: Final = 1 << 14
"""Pixels of a picture so small that its file is little but palette: a loss may cost more than it saves."""
_SAVED: Final = 0.02
"""The part of the bytes that a loss nobody asked for has to save there for a point of SSIMULACRA2."""


@dataclass(frozen=True)
class Goal:
    """What is asked for, besides a number of colors.

    Attributes:
        target: what a result has to reach.
        quality: the lowest quality allowed and the one to reach, 0 to 100, as `quality_scale` has them.
        max_bytes: of the largest file allowed.
        lossy: how much of the picture may go for fewer bytes, 0 to 100; "auto": as much as the others allow, and
            without any what hardly shows. None: "auto" with `quality` or `max_bytes`, else 0.

    Raises:
        TypeError: one is of a wrong type.
        ValueError: one is out of range, or contradicts another.
    """

    target: Target = Target()  # noqa: RUF009 it is immutable
    quality: tuple[float, float] | None = None
    max_bytes: int | None = MAX_BYTES.default
    lossy: float | Literal["auto"] | None = LOSSY.default

    def __post_init__(self) -> None:
        LOSSY.check(self.lossy)
        MAX_BYTES.check(self.max_bytes)
        if self.lossy is None:
            object.__setattr__(self, "lossy", LOSSY.word if self._bounded else 0.0)
        if self._bounded and self.lossy != LOSSY.word:
            name = "max_bytes" if self.quality is None else "quality"
            raise ValueError(f"lossy must be 'auto' with {name}, got {self.lossy}; leave one of them out")

    def __bool__(self) -> bool:
        return self.searches or bool(self.target)

    @property
    def _bounded(self) -> bool:
        return self.quality is not None or self.max_bytes is not None

    @property
    def searches(self) -> bool:
        """Whether the loss is looked for."""
        return self.lossy == LOSSY.word and (self._bounded or bool(self.target))

    def reach(
        self,
        pixels: Pixels,
        histogram: Histogram,
        look: Look,
        solve: Callable[[Look, Histogram, int], Palette],
        colors: int | Literal["auto"],
        size: Callable[[Indexed], int],
        *,
        least: int = 0,
        flat: bool = False,
        loses: bool = True,
        tries: bool = True,
        lossy_for: LossyFor = LOSSY_FOR.default,
        threads: int = THREADS.default,
        on_rows: Callable[[int], None] | None = None,
    ) -> Indexed:
        """Return the result.

        Args:
            pixels: the image.
            histogram: its colors, as the look counts them.
            look: how it is mapped.
            solve: solves for a palette of a number of colors, of those that a look has counted.
            colors: the most there may be; "auto": the knee of the error curve.
            size: bytes of the file of a result.
            least: so many colors there must be.
            flat: whether the picture has flat areas.
            tries: whether other looks are tried, where `tries.nearest` finds them worth it.
            loses: whether the look and the format go with a loss.
            lossy_for: the format whose files are to be small.
            threads: how many to use, 0 for all cores; never changes the result.
            on_rows: told how far a mapping at a loss is, as by `Indexed.map`.

        Raises:
            TargetError: no result is what is asked for.
        """
        space = look.space
        most = max(knee(histogram, space=space, threads=threads), least) if isinstance(colors, str) else colors
        least = min(least, most)
        safe = loses and look.perceptual and most <= LOSSY_COLORS
        lossy = self._loss(unasked(most, flat=flat) if safe else 0.0)

        def solved_for(way: Look, colors: int) -> Palette:
            counted = histogram if way is look else way.count(pixels, threads=threads)
            visible = way.visible(counted, colors)
            palette = solve(way, visible, colors)
            return palette if visible is counted else palette.recounted(pixels, threads=threads)

        solved = cache(partial(solved_for, look))

        def reduce(colors: int, lossy: float = lossy) -> Indexed:
            if lossy or len(histogram) <= colors or not tries:
                palette = solved(colors)
                return look.map(pixels, palette, lossy=lossy, lossy_for=lossy_for, threads=threads, on_rows=on_rows)
            return nearest(pixels, colors, look, tried, distinct=len(histogram), flat=flat, threads=threads)

        def tried(way: Look, colors: int) -> Indexed:
            return way.map(pixels, solved(colors) if way is look else solved_for(way, colors), threads=threads)

        def plain(colors: int) -> Indexed:
            return Indexed.map(pixels, solved(colors), dither="none", threads=threads)

        way = even(look)
        drawn = partial(tried, way) if way and tries else None
        trials = Smallest(pixels, look, most, least, reduce, plain, drawn, size, flat, len(histogram), loses, threads)
        if self.searches:
            return self._smallest(pixels, trials, threads)
        if self.target:
            return fewest(pixels, histogram, self.target, most, reduce, least=least, space=space, threads=threads)
        # An image of no more colors comes back exact.
        if not lossy or len(histogram) <= most:
            return reduce(most, 0.0)
        indexed = trials.at(lossy)
        if isinstance(self.lossy, str) and pixels.shape[0] * pixels.shape[1] <= _TINY:
            unharmed = reduce(most, 0.0)
            return indexed if _pays(indexed, unharmed, pixels, size, threads) else unharmed
        return indexed

    def _loss(self, unasked: float) -> float:
        """Return the loss where it is not looked for; results that are to be near in numbers lose nothing unasked."""
        return unasked if self.lossy is None or isinstance(self.lossy, str) else self.lossy

    def _smallest(self, pixels: Pixels, trials: Smallest, threads: int) -> Indexed:
        target, floor = self.target, None
        if self.quality is not None:
            lowest, wanted = self.quality
            floor = quality_scale.target(lowest, pixels)
            target = quality_scale.target(wanted, pixels)
        if self.max_bytes is None:
            return trials.reaching(target, floor)
        indexed = trials.within(self.max_bytes)
        required = floor or target
        misses = required.measurer(pixels, threads=threads)(indexed) if required else []
        if any(miss.way > 0 for miss in misses):
            raise TargetError(f"within {self.max_bytes:,} bytes, {out_of_reach(len(indexed.palette), misses)}")
        return indexed


def _pays(indexed: Indexed, unharmed: Indexed, pixels: Pixels, size: Callable[[Indexed], int], threads: int) -> bool:
    """Return whether a loss saves enough for what it costs the eye."""
    saved = math.log(size(unharmed) / size(indexed))
    if min(pixels.shape[:2]) < LEAST_SCORED:
        return saved > 0
    original = Original(pixels, threads=threads)
    return saved >= _SAVED * (original.ssimulacra2(unharmed) - original.ssimulacra2(indexed))


def check_search(colors: object, goal: Goal) -> None:
    """Refuse to look for a number of colors twice.

    Raises:
        ValueError: `colors` is "auto", and the goal says how many there are.
    """
    if colors == COLORS_OR_AUTO.word and goal:
        raise ValueError(
            "colors must be the most there may be where a target is given, got 'auto'; leave one of them out"
        )
