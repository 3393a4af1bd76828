"""How many colors suit a picture with flat areas, foretold before any result is made with the file in mind."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

_BETWEEN: Final = math.sqrt(2)
_AT_ONCE: Final = 5
"""Numbers that are looked at side by side."""


def suited(bits: Callable[[Sequence[int]], Sequence[float]], most: int, least: int) -> int:
    """Return how many colors cost fewest bits: `most`, or half as many, and so on, or what is between two of these.

    Still fewer are looked at only where the fewest so far are best.

    Args:
        bits: of the file and of the errors, for some numbers of colors.
        most: so many there are at most.
        least: so many there must be, 1 to `most`.

    >>> suited(lambda numbers: [abs(number - 23) for number in numbers], 256, 2)
    23
    """
    known: dict[int, float] = {}
    halves = _halves(most, least)
    for first in range(0, len(halves), _AT_ONCE):
        some = halves[first : first + _AT_ONCE]
        known.update(zip(some, bits(some), strict=True))
        if known[some[-1]] > min(known.values()):
            break
    best = min(known, key=lambda number: known[number])
    between = {round(best * step) for step in (_BETWEEN, 1 / _BETWEEN)}
    some = sorted(number for number in between - known.keys() if least <= number <= most)
    known.update(zip(some, bits(some) if some else [], strict=True))
    return min(known, key=lambda number: known[number])


def _halves(most: int, least: int) -> list[int]:
    halves = [most]
    while halves[-1] > max(least, 2):
        halves.append(max(halves[-1] // 2, least, 2))
    return halves
