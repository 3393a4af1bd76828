"""The smallest file: how much of the picture goes for bytes, and how many colors there are, chosen together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from .choose import Target, out_of_reach
from .errors import TargetError
from .indexed import Indexed
from .look import Look
from .lossy import as_dear
from .options import LOSSY, THREADS
from .pixels import Pixels

TRIALS: Final = 8
"""Results that are made to come near to a target."""

_FIRST: Final = 30.0
_FULL: Final = LOSSY.high  # of the dial that goes on, beyond it, with fewer and fewer colors
_END: Final = 2 * _FULL
_STEP: Final = 0.5  # of the dial, that is not worth another trial
_BYTES_NEAR: Final = 0.97  # of a budget that are near enough to it
_WAY_NEAR: Final = 0.05  # decibels
_WAY: Final = 0.03  # decibels for a step of the dial, about, on photographs
_LOG_BYTES: Final = 0.02  # of the bytes for a step


@dataclass
class Smallest:
    """Results of one image, made with more or less loss.

    Attributes:
        pixels: the image.
        look: how it is mapped.
        most: so many colors are allowed; with a loss up to 256.
        least: so many there must be.
        reduce: solves and maps the image with a number of colors and a loss.
        size: bytes of the file of a result.
        flat: whether the picture has flat areas, so that fewer colors are worth a look.
        loses: whether there may be a loss; else only colors go.
        threads: how many to use, 0 for all cores; never changes a result.
    """

    pixels: Pixels
    look: Look
    most: int
    least: int
    reduce: Callable[[int, float], Indexed]
    size: Callable[[Indexed], int]
    flat: bool
    loses: bool = True
    threads: int = THREADS.default
    _made: dict[tuple[int, float], Indexed] = field(default_factory=dict, init=False)

    def at(self, lossy: float) -> Indexed:
        """Return the result of a loss, 0 to 100: of photographs that of the most colors.

        Where there are flat areas, of half as many colors, and half of those, as long as that is worth it: errors, in
        bits as `Look.cost` has them, and bits of the file together become fewer.
        """
        best = self._make(self.most, lossy)
        if not self.flat or not lossy:
            return best
        lowest, colors = self._bits(best, lossy), len(best.palette)
        while colors > max(self.least, 2):
            colors = max(colors // 2, self.least, 2)
            # A bit is worth as much as it was, though the dial of fewer colors means more.
            fewer = self._make(colors, as_dear(lossy, self.most, colors))
            if (bits := self._bits(fewer, lossy)) > lowest:
                break
            lowest, best = bits, fewer
        return best

    def within(self, max_bytes: int) -> Indexed:
        """Return the best result of at most so many bytes: of 3 % less at least, unless nothing is between.

        Raises:
            TargetError: the smallest result has more.
        """
        most = self._colors()

        def excess(dial: float) -> float:
            return math.log(self.size(self._turned(dial, most)) / max_bytes)

        dial = _root(excess, -_LOG_BYTES, near=-math.log(_BYTES_NEAR))
        if dial is None:
            size = self.size(self._turned(_END, most))
            raise TargetError(
                f"{size:,} bytes are the smallest file where {max_bytes:,} were allowed; allow more bytes"
            )
        return self._turned(dial, most)

    def reaching(self, target: Target, floor: Target | None = None) -> Indexed:
        """Return the smallest result that reaches a target, or if none does the best one, if it reaches `floor`.

        Raises:
            TargetError: no result reaches it, or the image is too small to be measured.
        """
        measured = target.measurer(self.pixels, threads=self.threads)
        for most in sorted({self._colors(), self.most}):

            def way(dial: float, most: int = most) -> float:
                return max(miss.way for miss in measured(self._turned(dial, most)))

            dial = _root(way, _WAY, near=_WAY_NEAR)
            if dial is not None:
                return self._turned(dial, most)
        best = self._turned(0, self.most)
        misses = (floor or target).measurer(self.pixels, threads=self.threads)(best)
        if floor is None or any(miss.way > 0 for miss in misses):
            raise TargetError(out_of_reach(len(best.palette), misses))
        return best

    def _colors(self) -> int:
        """Return how many colors to begin with."""
        return len(self.at(_FIRST).palette) if self.flat and self.loses else self.most

    def _turned(self, dial: float, most: int) -> Indexed:
        """Return the result where the dial says: 0 to 100 is the loss, 100 to 200 takes colors away."""
        share = max(dial - _FULL, 0) / (_END - _FULL) if self.loses else dial / _END
        fewest = min(max(self.least, 2), most)
        colors = max(round(most ** (1 - share) * fewest**share), fewest)
        return self._make(colors, min(dial, _FULL) if self.loses else 0.0)

    def _make(self, colors: int, lossy: float) -> Indexed:
        if (colors, lossy) not in self._made:
            self._made[colors, lossy] = self.reduce(colors, lossy)
        return self._made[colors, lossy]

    def _bits(self, indexed: Indexed, lossy: float) -> float:
        return 8 * self.size(indexed) + self.look.cost(self.pixels, indexed, lossy, self.most, threads=self.threads)


def _root(excess: Callable[[float], float], slope: float, *, near: float) -> float | None:
    """Return where on the dial, 0 to 200, `excess` is 0 or a little less: down to `-near`, if that needs few trials.

    Args:
        excess: rises, or falls, all along the dial.
        slope: about how steeply.
        near: what is near enough.

    Returns:
        The place, whose excess is 0 or less; None where there is none.
    """
    good_end, bad_end = (0.0, _END) if slope > 0 else (_END, 0.0)
    known: dict[float, float] = {}
    dial = _FIRST
    for trial in range(TRIALS):
        known[dial] = excess(dial)
        if -near <= known[dial] <= 0 or (dial == bad_end and known[dial] <= 0):
            break
        if dial == good_end and known[dial] > 0:
            return None
        good = max((x for x in known if known[x] <= 0), key=known.__getitem__, default=None)
        bad = min((x for x in known if known[x] > 0), key=lambda x: abs(x - (good or 0.0)), default=None)
        if good is not None and bad is not None:
            if abs(good - bad) < _STEP:
                break
            low, high = (max(known[x], -10.0) if known[x] <= 0 else min(known[x], 10.0) for x in (good, bad))
            aim = -0.4 * near
            share = (aim - low) / (high - low) if low < aim else 0.5
            dial = good + (bad - good) * min(max(share, 0.08), 0.92)
        else:
            # No bracket yet: twice as far as the slope says, and at last to the end.
            reach = (-0.4 * near - known[dial]) / slope
            dial += math.copysign(max(abs(reach) * (1 + 0.5 * trial), 4.0), reach)
            dial = min(max(dial, 0.0), _END) if trial < 3 else (good_end if good is None else bad_end)
    reached = (x for x in known if known[x] <= 0)
    best = max(reached, key=lambda x: (known[x], -abs(x - bad_end)), default=None)
    if best is None and excess(good_end) <= 0:
        return good_end
    return best
