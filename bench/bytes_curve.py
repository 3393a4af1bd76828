"""Bytes at equal or better looks: where a curve of ours reaches what a peer's file shows."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bytes_judge import Scores


class Point(NamedTuple):
    """A file: whose it is, at which setting, how large, how near."""

    maker: str
    setting: str
    bytes: int
    scores: Scores


@dataclass(frozen=True)
class Picture:
    """A picture of the set, and all that was made of it: the peers' files, and ours by the names of the curves."""

    path: Path
    kind: str
    peers: list[Point]
    curves: dict[str, list[Point]]

    def peer(self, maker: str, setting: str) -> Point | None:
        """Return a peer's file; None where it made none."""
        return next((point for point in self.peers if point[:2] == (maker, setting)), None)


def write(points: Sequence[Point], path: Path) -> None:
    """Write points as CSV, whole or not at all."""
    whole = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["maker", "setting", "bytes", *Scores._fields])
        rows.writerows([point.maker, point.setting, point.bytes, *point.scores] for point in points)
    whole.replace(path)


def read(path: Path) -> list[Point]:
    """Read what `write` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        Point(row["maker"], row["setting"], int(row["bytes"]), Scores(*(float(row[name]) for name in Scores._fields)))
        for row in rows
    ]


def equal(curve: Sequence[Point], scores: Scores) -> float | None:
    """Return the bytes at which a curve is at least as good by all three; None where it never is.

    For each score the curve, from its smallest file on, is the best so far, and between two points the logarithm of the
    bytes is linear in the score; the largest of the three counts. A result worse than our smallest file is matched with
    that file, which is to our disadvantage.
    """
    found = [_reach([(p.bytes, p.scores.goods()[i]) for p in curve], scores.goods()[i]) for i in range(3)]
    return None if None in found else max(size for size in found if size is not None)


def least(curves: Iterable[Sequence[Point]], scores: Scores) -> float | None:
    """Return the fewest bytes at which one of the curves is at least as good; None where none is."""
    return min((size for curve in curves if (size := equal(curve, scores)) is not None), default=None)


def _reach(points: list[tuple[int, float]], wanted: float) -> float | None:
    before: tuple[int, float] | None = None
    for size, good in sorted(points):
        if good >= wanted:
            if before is None:
                return size
            share = (wanted - before[1]) / (good - before[1])
            return math.exp(math.log(before[0]) + share * (math.log(size) - math.log(before[0])))
        if before is None or good > before[1]:
            before = (size, good)
    return None
