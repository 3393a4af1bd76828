"""Where a function that is dear to ask comes down to 0, found with few trials."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_STEP: Final = 0.25  # between places, that is not worth another trial
_AIM: Final = 0.4  # of what is near enough, below 0
_FLAT: Final = 0.125  # of the usual slope, the least that is believed
_STEEP: Final = 4.0  # times the usual slope, the most
_LEAST: Final = 0.02  # of all that is between the ends, for a step where nothing is known beyond
_FAR: Final = 0.25  # of it, that is not gone at once where nothing is known
_REACH: Final = (1.0, 1.25, 2.0)  # times what the slope says, for the first steps
_EDGE: Final = 0.04  # of what is left between two places, for a step from either
_EDGE_JUMPING: Final = (0.08, 0.3)  # the same of what may jump, and there where the same side was met before


@dataclass(frozen=True)
class Search:
    """How 0 is looked for between two ends.

    Attributes:
        good: the end where the function is 0 or less, if it is anywhere.
        bad: the other end, to which it rises, by and large.
        slope: about how steeply, above 0.
        near: what is near enough below 0.
        most: values beyond it, up or down, count as no more.
        trials: so many places are asked for, at least 2, and at most one more.
        jumps: whether the function may jump, as files do where a color goes.
    """

    good: float
    bad: float
    slope: float
    near: float
    most: float
    trials: int
    jumps: bool = False

    def root(
        self,
        excess: Callable[[float], float],
        first: float,
        alike: Callable[[float, float], bool] = lambda *_: False,
    ) -> float | None:
        """Return where `excess` is 0 or a little less: down to `-near`, if that needs few trials.

        Between a place that is too much and one that is not, false position is followed, with half the value of an end
        that stood twice (M. Dowell and P. Jarratt, "A modified regula falsi method for computing the root of an
        equation", 1971). Where the function may jump, such an end is left by a good part of what is between, as it
        says little.

        Args:
            excess: the function.
            first: the place to begin with, from `good` to `bad`.
            alike: whether nothing is to be looked for between a place whose excess is not above 0 and one where it is.

        Returns:
            The place, whose excess is 0 or less: of those that were tried the one where it is most, of equals the one
            nearest to `bad`. None where there is none.
        """
        known: dict[float, float] = {}
        ends: dict[bool, tuple[float, float]] = {}
        before: bool | None = None
        place, slope = first, self.slope
        for trial in range(max(self.trials, 2)):
            value = known[place] = excess(place)
            if -self.near <= value <= 0 or (place == self.bad and value <= 0):
                break
            if place == self.good and value > 0:
                return None
            side = value > 0
            if side in ends and len(ends) == 1:
                slope = self._slope(ends[side], (place, value))
            last = ends.get(not side)
            ends[side] = place, min(max(value, -self.most), self.most)
            if last is None:
                place = self._beyond(place, value, slope, trial)
            else:
                if side is before:
                    ends[not side] = last[0], self._aim + (last[1] - self._aim) / 2
                (low, _), (high, _) = ends[False], ends[True]
                if abs(low - high) < _STEP or alike(low, high):
                    break
                edge = _EDGE_JUMPING[side is before] if self.jumps else _EDGE
                place = self._between(ends[False], ends[True], edge)
            before = side
        fits = [at for at, value in known.items() if value <= 0]
        if not fits:
            return self.good if self.good not in known and excess(self.good) <= 0 else None
        return max(fits, key=lambda at: (known[at], -abs(at - self.bad)))

    @property
    def _aim(self) -> float:
        return -_AIM * self.near

    def _between(self, low: tuple[float, float], high: tuple[float, float], edge: float) -> float:
        share = (self._aim - low[1]) / (high[1] - low[1]) if low[1] < self._aim else 0.5
        return low[0] + (high[0] - low[0]) * min(max(share, edge), 1 - edge)

    def _slope(self, last: tuple[float, float], now: tuple[float, float]) -> float:
        risen = (now[1] - last[1]) / abs(now[0] - last[0]) * (1 if self._is_onward(last[0], now[0]) else -1)
        return min(max(risen, _FLAT * self.slope), _STEEP * self.slope)

    def _is_onward(self, last: float, now: float) -> bool:
        return abs(now - self.bad) < abs(last - self.bad)

    def _beyond(self, place: float, value: float, slope: float, trial: int) -> float:
        """Return the next place where all were on one side: farther than the slope says, at last the end."""
        end = self.good if value > 0 else self.bad
        far, all_ = abs(end - place), abs(self.good - self.bad)
        if trial >= len(_REACH):
            return end
        reach = max(abs((self._aim - value) / slope) * _REACH[trial], _LEAST * all_)
        # What jumps may do so at once: at most half the way, unless that is short.
        step = min(reach, far / 2 if self.jumps and far >= _FAR * all_ else far)
        return place + math.copysign(step, end - place)
