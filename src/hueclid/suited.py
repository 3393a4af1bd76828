"""How many colors suit a picture with flat areas, foretold before any result is made with the file in mind."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

_BETWEEN: Final = math.sqrt(2)
_AT_FIRST: Final = slice(1, 4)
"""Which halves are looked at first, side by side: of 256 these suit most pictures."""


def suited(bits: Callable[[Sequence[int]], Sequence[float]], most: int, least: int) -> int:
    """Return how many colors cost fewest bits: `most`, or half as many, and so on, or what is between two of these.

    More and fewer are looked at only where the most or the fewest so far are best.

    Args:
        bits: of the file and of the errors, for some numbers of colors.
        most: so many there are at most.
        least: so many there must be, 1 to `most`; a single color is nothing to look at, so 2 of more at least.

    >>> suited(lambda numbers: [abs(number - 23) for number in numbers], 256, 2)
    23
    """
    known: dict[int, float] = {}

    def look(numbers: Sequence[int]) -> int:
        known.update(zip(numbers, bits(numbers) if numbers else [], strict=True))
        return min(known, key=lambda number: known[number])

    halves = _halves(most, least)
    best = look(halves[_AT_FIRST] or halves)
    while beside := [number for number in _beside(halves, best) if number not in known]:
        best = look(beside)
    between = {round(best * step) for step in (_BETWEEN, 1 / _BETWEEN)}
    return look(sorted(number for number in between - known.keys() if halves[-1] <= number <= most))


def _beside(halves: list[int], number: int) -> list[int]:
    at = halves.index(number)
    return halves[max(at - 1, 0) : at + 2]


def _halves(most: int, least: int) -> list[int]:
    halves = [most]
    while halves[-1] > max(least, 2):
        halves.append(max(halves[-1] // 2, least, 2))
    return halves
