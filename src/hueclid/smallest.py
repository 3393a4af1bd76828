"""The smallest file: how much of the picture goes for bytes, and how many colors there are, chosen together."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np

from .choose import Miss, Target, out_of_reach
from .errors import TargetError
from .false_position import Search
from .indexed import Indexed
from .look import Look
from .lossy import SAFE_FLAT, as_dear
from .options import LOSSY, THREADS
from .pixels import Pixels
from .quality import Original
from .suited import suited
from .tries import kind_of

TRIALS: Final = 8
"""Results that are made to come near to a target."""

_FIRST: Final = 30.0
_FULL: Final = LOSSY.high  # of the dial that goes on, beyond it, with fewer and fewer colors
_END: Final = 2 * _FULL
_BYTES_NEAR: Final = 0.97  # of a budget that are near enough to it
_BYTES_MOST: Final = 1.0  # the logarithm of bytes by a budget, beyond which none is the more
_ALIKE: Final = 0.93  # of a number of colors: with so many the loss alone decides
_WAY_NEAR: Final = 0.05  # decibels
_WAY_MOST: Final = 10.0  # beyond which it is as far
_WAY: Final = 0.03  # decibels for a step of the dial, about, on photographs
_WAY_OF_COLORS: Final = 2.0  # decibels for half of the colors
_TRIALS_OF_FEWER: Final = 6
_PLACES: Final = 4  # for each half of the colors
_ROUNDED: Final = 0.01  # about the blurred error of greys that are rounded to 8 bits
_LOG_BYTES: Final = 0.02  # of the bytes for a step, on photographs
_LOG_BYTES_FLAT: Final = 0.01  # the same of drawings


@dataclass
class Smallest:
    """Results of one image, made with more or less loss.

    Attributes:
        pixels: the image.
        look: how it is mapped.
        most: so many colors are allowed; with a loss up to 256.
        least: so many there must be.
        reduce: solves and maps the image with a number of colors and a loss.
        plain: solves with a number of colors, and gives pixels the nearest.
        drawn: the same, where edges of drawings count as much as all else; None where the look does not allow it.
        size: bytes of the file of a result.
        flat: whether the picture has flat areas, so that fewer colors are worth a look.
        distinct: colors of the image; results of as many are exact at any loss.
        loses: whether there may be a loss; else only colors go.
        threads: how many to use, 0 for all cores; never changes a result.
    """

    pixels: Pixels
    look: Look
    most: int
    least: int
    reduce: Callable[[int, float], Indexed]
    plain: Callable[[int], Indexed]
    drawn: Callable[[int], Indexed] | None
    size: Callable[[Indexed], int]
    flat: bool
    distinct: int
    loses: bool = True
    threads: int = THREADS.default
    _made: dict[tuple[int, float], Indexed] = field(default_factory=dict, init=False)
    _sizes: dict[int, int] = field(default_factory=dict, init=False)

    def at(self, lossy: float) -> Indexed:
        """Return the result of a loss, 0 to 100: of photographs that of the most colors.

        Where there are flat areas, of as many as suit the loss. Of a picture with as many colors as photographs have
        these are all at little loss.
        """
        rich = kind_of(self.pixels, self.distinct, flat=self.flat, thorough=True).rich
        if not self.flat or lossy <= (SAFE_FLAT if rich else 0):
            return self._make(self.most, lossy)
        if rich:
            return self._halved(lossy)
        # A bit is worth as much as it was, though the dial of fewer colors means more.
        colors = self._suited(self.most, lossy)
        return self._make(colors, as_dear(lossy, self.most, colors))

    def within(self, max_bytes: int) -> Indexed:
        """Return the best result of at most so many bytes: of 3 % less at least, unless nothing is between.

        Raises:
            TargetError: the smallest result has more.
        """
        place = self._dial()
        self._make(*place(_FIRST))
        trials = TRIALS - len(self._made) + 1  # which begin with that one

        def excess(colors: int, lossy: float) -> float:
            return math.log(self._size(self._make(colors, lossy)) / max_bytes)

        def alike(good: float, bad: float) -> bool:
            (fewer, lossy), (more, _) = place(good), place(bad)
            return bool(lossy) and fewer < more and fewer >= min(_ALIKE * more, more - 1)

        slope = _LOG_BYTES_FLAT if self.flat else _LOG_BYTES
        search = Search(_END, 0.0, slope, -math.log(_BYTES_NEAR), _BYTES_MOST, trials, jumps=True)
        dial = search.root(lambda dial: excess(*place(dial)), _FIRST, alike)
        if dial is None:
            size = self._size(self._make(*place(_END)))
            raise TargetError(
                f"{size:,} bytes are the smallest file where {max_bytes:,} were allowed; allow more bytes"
            )
        colors, lossy = place(dial)
        left = TRIALS - len(self._made)
        if lossy and left and excess(colors, lossy) < -search.near:
            # Where a color more makes files larger by far, less loss of these colors is between.
            search = replace(search, good=lossy, slope=_LOG_BYTES, trials=left + 1)
            lossy = search.root(partial(excess, colors), lossy) or lossy
        return self._make(colors, lossy)

    def reaching(self, target: Target, floor: Target | None = None) -> Indexed:
        """Return the smallest result that reaches a target, or if none does the best one, if it reaches `floor`.

        Raises:
            TargetError: no result reaches it, or the image is too small to be measured.
        """
        measured = target.measurer(self.pixels, threads=self.threads)
        place = self._dial()

        def turned(dial: float) -> Indexed:
            return self._make(*place(dial))

        def way(dial: float) -> float:
            return max(miss.way for miss in measured(turned(dial)))

        dial = Search(0.0, _END, _WAY, _WAY_NEAR, _WAY_MOST, TRIALS).root(way, _FIRST)
        if dial is not None:
            found = turned(dial)
            return found if target.min_ssimulacra2 is None else self._or_fewer(found, measured)
        best = turned(0)
        misses = (floor or target).measurer(self.pixels, threads=self.threads)(best)
        if floor is None or any(miss.way > 0 for miss in misses):
            raise TargetError(out_of_reach(len(best.palette), misses))
        return best

    def _or_fewer(self, found: Indexed, measured: Callable[[Indexed], Sequence[Miss]]) -> Indexed:
        """Return a result, or one of fewer colors that reaches as much without a loss, if its file is smaller."""
        kind = kind_of(self.pixels, self.distinct, flat=self.flat, thorough=False)
        least, most = max(self.least, 2), min(self.most, self.distinct - 1)
        if least >= most or not (kind.small or (kind.drawn and self.drawn)):
            return found
        others = self._polished if kind.small else self._nearest
        return min([found, *others(found, measured, range(least, most + 1))], key=self._size)

    def _polished(
        self, found: Indexed, measured: Callable[[Indexed], Sequence[Miss]], numbers: range
    ) -> Iterator[Indexed]:
        """Yield results that reach as much: those of small pictures are polished, which a result at a loss is not."""
        # Polishing takes long, but what is nearest without it has about as many bytes.
        fit = bisect_right(numbers, self._size(found), key=lambda number: self.size(self.plain(number)))
        if not fit:
            return

        def way(log: float) -> float:
            return max(miss.way for miss in measured(self._make(round(2**log), 0.0)))

        ends = math.log2(numbers[fit - 1]), math.log2(numbers[0])
        log = Search(*ends, _WAY_OF_COLORS, _WAY_NEAR, _WAY_MOST, _TRIALS_OF_FEWER).root(way, ends[0])
        if log is not None:
            yield self._make(round(2**log), 0.0)

    def _nearest(
        self, found: Indexed, measured: Callable[[Indexed], Sequence[Miss]], numbers: range
    ) -> Iterator[Indexed]:
        """Yield a result of the nearest entries that reaches as much, of hardly more colors than it needs.

        Letters and lines come back alike wherever they are, and bits that a loss saves elsewhere cost more there. As
        scores hardly tell bands, it has none that the one found has not, or rounding to 8 bits makes.
        """
        drawn = self.drawn
        assert drawn is not None
        original = Original(self.pixels, threads=self.threads)
        most_blurred = max(original.measure(found).blurred_error, _ROUNDED)
        results: dict[int, Indexed] = {}

        def reaches(number: int) -> bool:
            result = results[number] = drawn(number)
            near = all(miss.way <= 0 for miss in measured(result))
            return near and original.measure(result).blurred_error <= most_blurred

        steps = round(_PLACES * math.log2(numbers[-1] / numbers[0])) + 1
        places = sorted({round(number) for number in np.geomspace(numbers[0], numbers[-1], steps)})
        at = bisect_left(places, True, key=reaches)
        if at < len(places):
            yield results[places[at]]

    @property
    def _most_lossy(self) -> int:
        """So many colors there are at most where there is a loss."""
        return max(min(self.most, self.distinct - 1), self.least, 1)

    def _dial(self) -> Callable[[float], tuple[int, float]]:
        """Return what makes colors and a loss from a dial: the picture as it is at 0, the smallest file at 200.

        Up to 100 the loss grows, from there on colors go. Where there are flat areas colors go on the way to `_FIRST`
        as that loss suits them, and all others from 70 on: drawings fall to pieces at losses above 60, and look better
        with fewer colors.
        """
        # Of the dial, the loss and the number of colors.
        stops: list[tuple[float, float, int]]
        most = self._most_lossy
        if not self.loses:
            stops = [(0.0, 0.0, self.most), (_END, 0.0, 2)]
        elif self.flat:
            fit = self._suited(most, _FIRST)
            first = as_dear(_FIRST, self.most, fit)
            every = min(self.most, self.distinct)
            stops = [(0.0, 0.0, every), (_FIRST, first, fit), (70.0, 60.0, fit)]
            stops += [(140.0, 70.0, round(math.sqrt(2 * fit))), (_END, _FULL, 2)]
        else:
            stops = [(0.0, 0.0, self.most), (_FULL, _FULL, most), (_END, _FULL, 2)]
        places, losses, colors = zip(*stops, strict=True)
        logs = np.log2(np.clip(colors, max(self.least, 1), self.most))

        def place(dial: float) -> tuple[int, float]:
            lossy = float(np.interp(dial, places, losses))
            many = round(2 ** np.interp(dial, places, logs))
            return (min(many, most) if lossy else many), lossy

        return place

    def _suited(self, most: int, lossy: float) -> int:
        """Return how many colors suit a loss, up to so many."""

        def bits(numbers: Sequence[int]) -> list[float]:
            results = [self.plain(number) for number in numbers]
            return self.look.foretold(self.pixels, results, lossy, self.most, threads=self.threads)

        return suited(bits, most, min(max(self.least, 1), most))

    def _halved(self, lossy: float) -> Indexed:
        """Return the result of all colors, or of half as many, and half of those, as long as that is worth it.

        What is dithered all over is not foretold from nearest entries.
        """
        best = self._make(self.most, lossy)
        lowest, colors = self._bits(best, lossy), len(best.palette)
        while colors > max(self.least, 2):
            colors = max(colors // 2, self.least, 2)
            fewer = self._make(colors, as_dear(lossy, self.most, colors))
            if (bits := self._bits(fewer, lossy)) > lowest:
                break
            lowest, best = bits, fewer
        return best

    def _make(self, colors: int, lossy: float) -> Indexed:
        if (colors, lossy) not in self._made:
            self._made[colors, lossy] = self.reduce(colors, lossy)
        return self._made[colors, lossy]

    def _size(self, indexed: Indexed) -> int:
        """Return the bytes of a result that was made, which are counted once."""
        if id(indexed) not in self._sizes:
            self._sizes[id(indexed)] = self.size(indexed)
        return self._sizes[id(indexed)]

    def _bits(self, indexed: Indexed, lossy: float) -> float:
        """Return the bits of the file and of the errors of a result."""
        return 8 * self._size(indexed) + self.look.cost(self.pixels, indexed, lossy, self.most, threads=self.threads)
